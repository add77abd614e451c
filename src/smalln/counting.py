"""Units counted by factor and outcome: all that bounds and exact tests need to know of them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smalln.checks import KNOWN, SHORT

Floats = NDArray[np.float64]
# units by factor (0, 1, unknown), within it by outcome (0, 1, unknown)
Counts = tuple[int, ...]


def counted(y: Floats, x: Floats) -> Counts:
    """Return how many units have each pair of values; `y` outcome, `x` factor, shape (units,)."""
    of_x, of_y = (_kept(v.tobytes()) if v.nbytes <= SHORT else _digits(v) for v in (x, y))
    codes = (3 * of_x + of_y).tobytes()
    return tuple(map(codes.count, range(9)))


def _digits(vector: Floats) -> NDArray[np.int8]:
    """Return 0, 1, and 2 for unknown."""
    return np.where(np.isnan(vector), 2, vector).astype(np.int8)


@lru_cache(KNOWN)
def _kept(vector: bytes) -> NDArray[np.int8]:
    return _digits(np.frombuffer(vector))
