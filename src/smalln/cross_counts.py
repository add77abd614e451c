"""Units counted by factor and outcome: all that bounds and exact tests need to know of them."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.inputs import KNOWN, SHORT, Floats, pair

# units by factor (0, 1, unknown), within it by outcome (0, 1, unknown)
Counts = tuple[int, ...]


def counted(y: Floats, x: Floats) -> Counts:
    """Return how many units have each pair of values; `y` outcome, `x` factor, shape (units,)."""
    digits = _digits if y.nbytes <= SHORT else _digits.__wrapped__
    codes = (3 * digits(x.tobytes()) + digits(y.tobytes())).tobytes()
    return tuple(map(codes.count, range(9)))


@lru_cache(KNOWN)
def _digits(vector: bytes) -> NDArray[np.int8]:
    """Return 0, 1, and 2 for unknown."""
    array = np.frombuffer(vector)
    return np.where(np.isnan(array), 2, array).astype(np.int8)


def cross_table(outcome: ArrayLike, factor: ArrayLike) -> list[list[int]]:
    """Return counts of the units known in both: rows factor 1 and 0, columns outcome 1 and 0.

    Raises:
        ValueError: values other than 1, 0 and NaN, other lengths or labels.

    >>> cross_table([1, 0, 1, 0, 1], [1, 1, 0, 0, None])
    [[1, 1], [1, 1]]
    """
    return table_of(counted(*pair(outcome, factor)))


def table_of(counts: Counts) -> list[list[int]]:
    """Return the cross table of the units known in both."""
    return [[counts[4], counts[3]], [counts[1], counts[0]]]
