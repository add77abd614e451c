"""Relabelings: the outcome is dealt anew to the units, in all ways or in a seeded sample."""

from functools import lru_cache
from itertools import combinations
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

from smalln.checks import whole
from smalln.tables import RELATIVE

Floats = NDArray[np.float64]
# up to this many relabelings are all enumerated; beyond, a seeded sample
ENUMERATED = 200_000
SAMPLED = 10_000
# of a sum of floats, relative to its largest part
ROUNDING = 1e-14


def slack(size: Floats | float, scores: Floats) -> Floats | float:
    """Return by how much statistics may differ and still be ties.

    A relative tolerance of the statistic, as in R, and the rounding of sums of such scores.
    """
    return RELATIVE * size + ROUNDING * len(scores) * float(np.abs(scores).max())


def p_value(count: int, of: int, complete: bool) -> tuple[float, float]:
    """Return a p-value and its Monte Carlo standard error."""
    if complete:
        return count / of, 0.0
    p = (count + 1) / (of + 1)
    return p, float(np.sqrt(p * (1 - p) / of))


def sums_of_chosen(scores: Floats, size: int, seed: int) -> tuple[Floats, bool]:
    """Return the sum of the scores of `size` units chosen in every way, and whether that is all.

    Beyond `ENUMERATED` ways a seeded sample is summed one by one: no draw is kept.
    """
    n = len(scores)
    if comb(n, size) <= ENUMERATED:
        return scores[_all_subsets(n, size)].sum(axis=1), True
    random = np.random.default_rng(whole(seed, "seed"))
    return np.array([scores[random.permutation(n)[:size]].sum() for _ in range(SAMPLED)]), False


@lru_cache(maxsize=16)
def _all_subsets(n: int, size: int) -> NDArray[np.intp]:
    return np.array(list(combinations(range(n), size)), dtype=np.intp)


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
