"""What a caller hands over: single arguments, and vectors (lists, Series, columns) as arrays.

Missing values may be NaN, None, `pandas.NA` or masked; booleans count as 1 and 0. What is not
allowed is refused by a ValueError of one line that names it, and says what is.
"""

from collections.abc import Collection, Iterable, Sized
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# of units in a cell of a table, or in a group
LARGEST = 10**12
# beyond these the ends of an interval are its middle or its limits to within rounding
LOWEST, HIGHEST = 1e-6, 1 - 1e-9
LONGEST = 200


def number(value: Any, name: str, low: float, high: float, ends: bool = True) -> float:
    """Return a number between `low` and `high`; `ends`: these are allowed too."""
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    inside = real and (low <= value <= high if ends else low < value < high)
    if not inside:
        words = f"{low:g} to {high:g}" if ends else f"between {low:g} and {high:g}"
        hint = f"; {'95 % is 0.95' if low >= 0.5 else '5 % is 0.05'}" if name == "level" else ""
        raise ValueError(f"{name}: {one_line(value)}; allowed: {words}{hint}")
    return float(value)


def confidence(level: float) -> float:
    """Return a level of confidence, from 0.000001 to 0.999999999."""
    if not isinstance(level, float | np.floating) or not LOWEST <= level <= HIGHEST:
        allowed = f"a number from {LOWEST:.6f} to {HIGHEST:.9f}"
        raise ValueError(f"level: {one_line(level)}; allowed: {allowed}; 95 % is 0.95")
    return float(level)


def whole(value: Any, name: str, least: int = 0) -> int:
    """Return a whole number from `least` on."""
    integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not integer or value < least:
        raise ValueError(f"{name}: {one_line(value)}; allowed: a whole number from {least}")
    return int(value)


def one_of(value: Any, name: str, allowed: Iterable[str]) -> str:
    """Return a text that is one of those allowed."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{name}: {one_line(value)}; allowed: {', '.join(names)}")
    return value


def listed(values: Any, name: str, of: str) -> list[Any]:
    """Return what an iterable that is no text holds, a frame its columns; `of`: what it holds."""
    no_sequence = isinstance(values, str | bytes) or not isinstance(values, Iterable)
    if no_sequence or getattr(values, "ndim", 1) == 0:
        raise ValueError(f"{name}: {one_line(values)}; allowed: a sequence of {of}")
    if isinstance(values, pd.DataFrame):
        return [column for _, column in values.items()]
    return list(values)


def one_line(value: Any) -> str:
    """Return how a value prints, in one line that is not too long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:
        return type(value).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def binary(values: ArrayLike, name: str, missing: bool = True) -> Floats:
    """Return a float vector of 1, 0 and (if `missing`) NaN."""
    array = _vector(values, name)
    for place, value in enumerate(array.tolist()):
        if value not in (0, 1) and not (missing and value != value):
            allowed = "1, 0, NaN" if missing else "1, 0"
            raise ValueError(f"{name}: value {value!r} at position {place}; allowed: {allowed}")
    return array


def finite(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of numbers, none missing."""
    array = _vector(values, name)
    if not np.isfinite(array).all():
        at = int(np.isfinite(array).argmin())
        raise ValueError(f"{name}: {float(array[at])!r} at position {at}; allowed: numbers")
    return array


def shares(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of shares, from 0 to 1."""
    array = finite(values, name)
    odd = array[(array < 0) | (array > 1)]
    if odd.size:
        raise ValueError(f"{name}: value {float(odd[0])!r}; allowed: 0 to 1")
    return array


def ordinal(values: Any, name: str) -> Any:
    """Return the places of ordered categories, from 0, NaN where missing; anything else as it is.

    Categories without an order that are numbers are these numbers.
    """
    categories = categories_of(values)
    if categories is None:
        return values
    categorical = getattr(values, "cat", values)
    if categorical.ordered:
        values = categorical.rename_categories(range(len(categories)))
    elif np.asarray(categories).dtype.kind not in "biuf":
        raise ValueError(f"{name}: categories without an order; allowed: ordered ones, numbers")
    return values.astype(float)


def categories_of(values: Any) -> list[Any] | None:
    """Return the categories of a categorical Series or array, None of anything else."""
    categories = getattr(getattr(values, "dtype", None), "categories", None)
    return None if categories is None else list(categories)


def pair(outcome: ArrayLike, factor: ArrayLike, unknown_outcome: bool = True) -> list[Floats]:
    """Return outcome and factor as vectors of 1, 0 and NaN for unknown, unit by unit."""
    unknown = ("outcome", "factor") if unknown_outcome else ("factor",)
    return vectors(unknown, outcome=outcome, factor=factor)


def vectors(unknown: Collection[str] = (), /, **arguments: ArrayLike) -> list[Floats]:
    """Return arguments as vectors of 1 and 0, unit by unit; those named `unknown` may hold NaN."""
    pairs = zip(arguments, aligned(**arguments), strict=True)
    read = {name: binary(values, name, name in unknown) for name, values in pairs}
    (first, of_first), *others = read.items()
    for name, vector in others:
        same_length(of_first, vector, f"{first}, {name}")
    return list(read.values())


def same_length(first: Sized, second: Sized, names: str) -> None:
    """Refuse two vectors that differ in length."""
    if len(first) != len(second):
        raise ValueError(f"{names}: lengths {len(first)} and {len(second)}; allowed: equal")


def aligned(**arguments: Any) -> list[Any]:
    """Return arguments in the order of the first one that carries an index, by its labels.

    Lists and arrays carry none and stay as they are: their places are the units.
    """
    first = next((name for name, v in arguments.items() if index_of(v) is not None), None)
    if first is None:
        return list(arguments.values())
    order = index_of(arguments[first])
    return [in_order(values, order, f"{first}, {name}") for name, values in arguments.items()]


def index_of(values: Any) -> Any:
    """Return the index of a Series or frame, None of anything else."""
    return values.index if isinstance(values, pd.Series | pd.DataFrame) else None


def in_order(values: Any, order: pd.Index, names: str) -> Any:
    """Return a Series or frame with its rows in the order of an index, which has its labels."""
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
    """Return a table of two columns as whole numbers; `groups`: its rows, else two or more."""
    try:
        cells = _numbers(table)
    except (TypeError, ValueError, OverflowError):
        cells = np.array(np.nan)
    shaped = cells.ndim == 2 and cells.shape[1] == 2
    fine = shaped and (cells.shape[0] == groups if groups else cells.shape[0] >= 2)
    # NaN is none of these
    if not fine or not ((cells >= 0) & (cells == np.floor(cells)) & (cells <= LARGEST)).all():
        allowed = f"{groups or 'two or more'} rows x 2 columns of whole counts, 0 to {LARGEST:.0e}"
        raise ValueError(f"table: {one_line(table)}; allowed: {allowed}")
    return [[int(cell) for cell in row] for row in cells.tolist()]


def _numbers(values: Any) -> Floats:
    """Return an array of numbers, NaN where missing."""
    # a masked value is a missing one
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    # six times as quick as asking numpy for it
    array = values.to_numpy() if isinstance(values, pd.Series) else np.asarray(values)
    if array.dtype.kind == "O":
        if any(isinstance(item, str | bytes) or item is pd.NaT for item in array.flat):
            raise TypeError("text")
        array = np.where(pd.isna(array), np.nan, array)
    # text that looks like a number, and dates, are no numbers
    if array.dtype.kind not in "biufO":
        raise TypeError(array.dtype)
    # adding 0 makes -0 the same as 0
    return np.asarray(array.astype(float) + 0.0)


def _vector(values: Any, name: str) -> Floats:
    try:
        array = _numbers(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: not numbers: {one_line(values)}") from error
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape}; allowed: one dimension, at least one value")
    return array
