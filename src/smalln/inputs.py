"""What a caller hands over, as arrays: lists, arrays, Series, columns of frames; refusals name it.

Missing values may be NaN, None, `pandas.NA` or masked; booleans count as 1 and 0. Where two
arguments carry an index, they are put in one order by its labels. pandas is never imported here: an
argument can only be of pandas if somebody has.
"""

import sys
from collections.abc import Sized
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.arguments import is_pandas, one_line

Floats = NDArray[np.float64]
# bytes of a vector short enough to be known again: searches check the same ones over and over
SHORT, KNOWN = 800, 4096
# of units in a cell of a table
LARGEST = 10**12


def binary(values: ArrayLike, name: str, missing: bool = True) -> Floats:
    """Return a float vector of 1, 0 and (if `missing`) NaN.

    Raises:
        ValueError: another shape or another value.
    """
    if hasattr(values, "__array__") and not isinstance(values, np.ma.MaskedArray):
        array = np.asarray(values)
        short = array.dtype == float and array.ndim == 1 and 0 < array.nbytes <= SHORT
        if short and _is_binary(array.tobytes(), missing):
            return array + 0.0
    array = _vector(values, name)
    fine = _fine(array)
    if not fine.all():
        odd = float(array[~fine][0])
        raise ValueError(f"{name}: value {odd!r}; allowed: 1, 0" + (", NaN" if missing else ""))
    if not missing and np.isnan(array).any():
        raise ValueError(f"{name}: NaN at position {int(np.isnan(array).argmax())}; allowed: 1, 0")
    return array


@lru_cache(KNOWN)
def _is_binary(vector: bytes, missing: bool) -> bool:
    array = np.frombuffer(vector)
    return bool(_fine(array).all()) and (missing or not np.isnan(array).any())


def _fine(array: Floats) -> NDArray[np.bool_]:
    fine: NDArray[np.bool_] = (array == 0) | (array == 1) | np.isnan(array)
    return fine


def digits(vector: Floats) -> NDArray[np.int8]:
    """Return 0, 1, and 2 for unknown, of a vector as `binary` gives it."""
    return _digits(vector.tobytes()) if vector.nbytes <= SHORT else _as_digits(vector)


@lru_cache(KNOWN)
def _digits(vector: bytes) -> NDArray[np.int8]:
    return _as_digits(np.frombuffer(vector))


def _as_digits(vector: Floats) -> NDArray[np.int8]:
    return np.where(np.isnan(vector), 2, vector).astype(np.int8)


def numbers(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of numbers, NaN where one is missing.

    Raises:
        ValueError: another shape, or a value that is infinite.
    """
    array = _vector(values, name)
    if np.isinf(array).any():
        raise ValueError(f"{name}: an infinite value; allowed: numbers, NaN")
    return array


def finite(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of numbers, none missing.

    Raises:
        ValueError: another shape or another value.
    """
    array = _vector(values, name)
    if not np.isfinite(array).all():
        at = int(np.isfinite(array).argmin())
        raise ValueError(f"{name}: {float(array[at])!r} at position {at}; allowed: numbers")
    return array


def ordinal(values: Any, name: str) -> Any:
    """Return the places of ordered categories, from 0, NaN where missing; anything else as it is.

    Raises:
        ValueError: categories without an order that are no numbers.
    """
    categories = categories_of(values)
    if categories is None:
        return values
    categorical = getattr(values, "cat", values)
    if not categorical.ordered:
        if np.asarray(categories).dtype.kind in "biuf":
            return np.asarray(values, dtype=float)
        raise ValueError(f"{name}: categories without an order; allowed: ordered ones, numbers")
    codes = np.asarray(categorical.codes, dtype=float)
    places = np.where(codes < 0, np.nan, codes)
    index = index_of(values)
    return places if index is None else type(values)(places, index=index)


def categories_of(values: Any) -> list[Any] | None:
    """Return the categories of a categorical Series or array, None of anything else."""
    categories = getattr(getattr(values, "dtype", None), "categories", None)
    return None if categories is None else list(categories)


def shares(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of shares, from 0 to 1.

    Raises:
        ValueError: another shape or another value.
    """
    array = finite(values, name)
    odd = array[(array < 0) | (array > 1)]
    if odd.size:
        raise ValueError(f"{name}: value {float(odd[0])!r}; allowed: 0 to 1")
    return array


def same_length(first: Sized, second: Sized, names: str) -> None:
    """Raise ValueError if two vectors differ in length."""
    if len(first) != len(second):
        raise ValueError(f"{names}: lengths {len(first)} and {len(second)}; allowed: equal")


def pair(
    outcome: ArrayLike, factor: ArrayLike, unknown_outcome: bool = True, unknown_factor: bool = True
) -> tuple[Floats, Floats]:
    """Return outcome and factor as vectors of 1, 0 and, where allowed, NaN, unit by unit.

    Raises:
        ValueError: other values, lengths or labels.
    """
    if type(outcome) is not np.ndarray or type(factor) is not np.ndarray:
        outcome, factor = aligned(outcome=outcome, factor=factor)
    y, x = binary(outcome, "outcome", unknown_outcome), binary(factor, "factor", unknown_factor)
    same_length(y, x, "outcome, factor")
    return y, x


def aligned(**arguments: Any) -> list[Any]:
    """Return arguments in the order of the first one that carries an index, by its labels.

    Lists and arrays carry none and stay as they are: their places are the units.

    Raises:
        ValueError: labels that differ, or that stand twice in another order.
    """
    values = list(arguments.values())
    if "pandas" not in sys.modules or all(type(v) in (np.ndarray, list, tuple) for v in values):
        return values
    own: dict[str, Any] = {}
    for name, value in arguments.items():
        index = index_of(value)
        if index is not None:
            own[name] = index
    if len(own) < 2:
        return values
    first, order = next(iter(own.items()))
    return [
        in_order(value, order, f"{first}, {name}") if name in own else value
        for name, value in arguments.items()
    ]


def in_order(values: Any, order: Any, names: str) -> Any:
    """Return a Series or frame with its rows in the order of an index.

    Raises:
        ValueError: labels that differ, or that stand twice in another order.
    """
    index = index_of(values)
    if index is None or index.equals(order):
        return values
    if not (index.is_unique and order.is_unique):
        raise ValueError(f"{names}: a label stands twice; allowed: one order, or each label once")
    if len(index) != len(order):
        sizes = f"{len(order)} and {len(index)}"
        raise ValueError(f"{names}: lengths {sizes}; allowed: the same labels of the index in both")
    missing = order.difference(index, sort=False)
    if len(missing):
        label = one_line(missing[0])
        raise ValueError(f"{names}: {label} is in one alone; allowed: the same labels in both")
    return values.reindex(order)


def table_of_counts(table: ArrayLike, groups: int | None = None) -> list[list[int]]:
    """Return a table of two columns as whole numbers; `groups`: its rows, else two or more.

    Raises:
        ValueError: another shape, or anything but whole counts of 0 or more.
    """
    try:
        cells = np.asarray(table)
        if cells.dtype == object:
            cells = cells.astype(float)
    except (TypeError, ValueError, OverflowError):
        cells = np.array(np.nan)
    shaped = cells.ndim == 2 and cells.shape[1] == 2 and cells.dtype.kind in "iuf"
    fine = shaped and (cells.shape[0] == groups if groups else cells.shape[0] >= 2)
    # NaN is none of these
    if not fine or not ((cells >= 0) & (cells == np.floor(cells)) & (cells <= LARGEST)).all():
        allowed = f"{groups or 'two or more'} rows x 2 columns of whole counts, 0 to {LARGEST:.0e}"
        raise ValueError(f"table: {one_line(table)}; allowed: {allowed}")
    return [[int(cell) for cell in row] for row in cells.tolist()]


def index_of(values: Any) -> Any:
    """Return the index of a Series or frame, None of anything else."""
    return values.index if is_pandas(values, "Series", "DataFrame") else None


def _vector(values: Any, name: str) -> Floats:
    try:
        array = _as_floats(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: not numbers: {one_line(values)}") from error
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape}; allowed: one dimension, at least one value")
    return array


def _as_floats(values: Any) -> Floats:
    # a masked value is a missing one
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    elif type(values) is not np.ndarray and getattr(values, "dtype", None) is not None:
        missing = getattr(type(values.dtype), "na_value", None)
        if missing is not None and values.dtype.kind in "biuf":
            # a nullable type of pandas; numpy's own have no value for what is missing
            values = values.to_numpy(dtype=float, na_value=np.nan)
    array = np.asarray(values)
    if array.dtype == object:
        array = _without_nothing(array)
    # text that looks like a number, and dates, are no numbers
    if array.dtype.kind not in "biufO":
        raise TypeError(array.dtype)
    # adding 0 makes -0 the same as 0
    floats: Floats = array.astype(float) + 0.0
    return floats


def _without_nothing(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of objects with NaN for None and `pandas.NA`."""
    nothing = getattr(sys.modules.get("pandas"), "NA", None)
    items = array.ravel().tolist()
    if any(isinstance(item, str | bytes) for item in items):
        raise TypeError("text")
    plain = [np.nan if item is None or item is nothing else item for item in items]
    filled = np.empty(len(items), dtype=object)
    filled[:] = plain
    return filled.reshape(array.shape)
