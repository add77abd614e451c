"""Checks of arguments: each complaint names the argument and the value."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def binary(values: ArrayLike, name: str, missing: bool = True) -> Floats:
    """Return a float vector of 1, 0 and (if `missing`) NaN.

    Raises:
        ValueError: another shape or another value.
    """
    array = _vector(values, name)
    odd = array[~((array == 0) | (array == 1) | np.isnan(array))]
    if odd.size:
        raise ValueError(f"{name}: value {odd[0]!r}; allowed: 1, 0" + (", NaN" if missing else ""))
    if not missing and np.isnan(array).any():
        raise ValueError(f"{name}: NaN at position {int(np.isnan(array).argmax())}; allowed: 1, 0")
    return array


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


def same_length(first: Floats, second: Floats, names: str) -> None:
    """Raise ValueError if two vectors differ in length."""
    if len(first) != len(second):
        raise ValueError(f"{names}: lengths {len(first)} and {len(second)}; allowed: equal")


def _vector(values: ArrayLike, name: str) -> Floats:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: not numbers: {values!r}") from error
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape}; allowed: one dimension, at least one value")
    return array
