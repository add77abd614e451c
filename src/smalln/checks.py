"""Checks of arguments: each complaint names the argument and the value."""

from collections.abc import Iterable, Sized
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# bytes of a vector short enough to be known again: searches check the same ones over and over
SHORT, KNOWN = 800, 4096


def binary(values: ArrayLike, name: str, missing: bool = True) -> Floats:
    """Return a float vector of 1, 0 and (if `missing`) NaN.

    Raises:
        ValueError: another shape or another value.
    """
    if hasattr(values, "__array__") and not isinstance(values, np.ma.MaskedArray):
        given = np.asarray(values)
        short = given.dtype == float and given.ndim == 1 and 0 < given.nbytes <= SHORT
        if short and _is_binary(given.tobytes(), missing):
            return given + 0.0
    array = _vector(values, name)
    fine = _fine(array)
    if not fine.all():
        odd = array[~fine][0]
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


def finite(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of numbers, none missing.

    Raises:
        ValueError: another shape or another value.
    """
    array = _vector(values, name)
    if not np.isfinite(array).all():
        at = int(np.isfinite(array).argmin())
        raise ValueError(f"{name}: {array[at]!r} at position {at}; allowed: numbers")
    return array


def numbers(values: ArrayLike, name: str) -> Floats:
    """Return a float vector of numbers, NaN where one is missing.

    Raises:
        ValueError: another shape, or a value that is infinite.
    """
    array = _vector(values, name)
    if np.isinf(array).any():
        raise ValueError(f"{name}: an infinite value; allowed: numbers, NaN")
    return array


def number(value: Any, name: str, low: float, high: float, ends: bool = True) -> float:
    """Return a number between `low` and `high`; `ends`: these are allowed too.

    Raises:
        ValueError: no number, or outside.
    """
    given = isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool
    )
    inside = given and (low <= value <= high if ends else low < value < high)
    if not inside:
        words = f"{low:g} to {high:g}" if ends else f"between {low:g} and {high:g}"
        raise ValueError(f"{name}: {value!r}; allowed: {words}")
    return float(value)


def whole(value: Any, name: str, least: int = 0) -> int:
    """Return a whole number from `least` on.

    Raises:
        ValueError: no whole number, or below.
    """
    given = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not given or value < least:
        raise ValueError(f"{name}: {value!r}; allowed: a whole number from {least}")
    return int(value)


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


def one_of(value: Any, name: str, allowed: Iterable[str]) -> str:
    """Return a text that is one of those allowed.

    Raises:
        ValueError: it is none of them.
    """
    listed = list(allowed)
    if not isinstance(value, str) or value not in listed:
        raise ValueError(f"{name}: {value!r}; allowed: {', '.join(listed)}")
    return value


def listed(values: Any, name: str, of: str) -> list[Any]:
    """Return what an iterable that is no text holds, as a list; `of` says what it should hold.

    Raises:
        ValueError: no such iterable.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ValueError(f"{name}: {values!r}; allowed: a sequence of {of}")
    return list(values)


def same_length(first: Sized, second: Sized, names: str) -> None:
    """Raise ValueError if two vectors differ in length."""
    if len(first) != len(second):
        raise ValueError(f"{names}: lengths {len(first)} and {len(second)}; allowed: equal")


def _vector(values: ArrayLike, name: str) -> Floats:
    try:
        # a masked value is a missing one
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(values.astype(float), np.nan)
        given = np.asarray(values)
        # text that looks like a number, and dates, are no numbers
        kinds = {type(v) for v in given.ravel().tolist()} if given.dtype == object else set()
        if given.dtype.kind not in "biufO" or kinds & {str, bytes}:
            raise TypeError(given.dtype)
        # adding 0 makes -0 the same as 0
        array: Floats = given.astype(float) + 0.0
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: not numbers: {_short(values)}") from error
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape}; allowed: one dimension, at least one value")
    return array


def _short(values: Any) -> str:
    try:
        shown = repr(values)
    except ValueError:
        return type(values).__name__
    return shown if len(shown) <= 200 else f"{shown[:200]}..."
