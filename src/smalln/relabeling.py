"""Relabelings: the outcome is dealt anew to the units, in all ways or in a seeded sample."""

from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from smalln.arguments import whole
from smalln.inputs import Floats

# up to this many relabelings are all enumerated; beyond, a seeded sample
ENUMERATED = 200_000
SAMPLED = 10_000


def p_value(count: int, of: int, complete: bool) -> tuple[float, float]:
    """Return a p-value and its Monte Carlo standard error."""
    if complete:
        return count / of, 0.0
    p = (count + 1) / (of + 1)
    return p, float(np.sqrt(p * (1 - p) / of))


def arrangements(y: Floats, seed: int) -> tuple[Floats, bool]:
    """Return relabeled outcomes, shape (relabelings, units), and whether these are all."""
    values, times = np.unique(y, return_counts=True)
    total = factorial(len(y))
    for repeated in times.tolist():
        total //= factorial(repeated)
    if total > ENUMERATED:
        random = np.random.default_rng(whole(seed, "seed"))
        return np.array([random.permutation(y) for _ in range(SAMPLED)]), False
    dealt, free = np.full((1, len(y)), values[0]), np.ones((1, len(y)), dtype=bool)
    for value, repeated in zip(values[1:], times[1:].tolist(), strict=True):
        dealt, free = _deal(dealt, free, float(value), repeated)
    return dealt, True


def _deal(
    dealt: Floats, free: NDArray[np.bool_], value: float, times: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give `times` free places of each row the value, in every way."""
    width = int(free[0].sum())
    ways = np.array(list(combinations(range(width), times)), dtype=np.intp)
    places = np.nonzero(free)[1].reshape(len(free), width)[:, ways]
    rows, columns = np.repeat(dealt, len(ways), axis=0), places.reshape(-1, times)
    left = np.repeat(free, len(ways), axis=0)
    np.put_along_axis(rows, columns, value, axis=1)
    np.put_along_axis(left, columns, False, axis=1)
    return rows, left
