"""Boschloo's unconditional exact test of two groups of fixed sizes."""

from functools import lru_cache
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlog1py, xlogy

from smalln.arguments import one_of
from smalln.exact_tables import ExactTest
from smalln.hypergeometric import Alternative, p_by_cell
from smalln.inputs import Floats, table_of_counts
from smalln.result import ONE_GROUP, NotEstimable

# units of a group
LARGEST = 200
# Fisher's p of two tables are the same: R compares them at 12 digits
SAME = 1e-11
# shares of the event at which the tail is computed before its highest peaks are refined
GRID = np.linspace(0.0, 1.0, 1001)
PEAKS = 6
# places around a peak, in steps; the shares that are tried last lie this close together
WITHIN = np.linspace(-1.0, 1.0, 21)
FINEST = 1e-9


def boschloo(table: ArrayLike, alternative: Alternative = "two-sided") -> ExactTest | NotEstimable:
    """Return Boschloo's test of a 2 x 2 table whose rows are groups of fixed sizes.

    Tables are ordered by Fisher's p for the same alternative (two-sided: by its two-sided p, as R's
    `Exact`; not doubled). The p-value is the largest probability, over a share of the event common
    to both groups, of a table with a Fisher p no larger than the one seen. `p_smallest` is the
    smallest p of any table with these group sizes.

    Raises:
        ValueError: not 2 x 2 whole non-negative counts, or another alternative.

    Source:
        Boschloo (1970), Statistica Neerlandica 24:1; R's `Exact::exact.test(method="boschloo")`.

    >>> test = boschloo([[2, 0], [0, 2]])  # two of 16 outcomes are as far apart, at a share of 1/2
    >>> round(test.p_value, 6)
    0.125
    """
    (a, b), (c, d) = table_of_counts(table, 2)
    one_of(alternative, "alternative", get_args(Alternative))
    first, second = a + b, c + d
    if not first or not second:
        return ONE_GROUP
    if max(first, second) > LARGEST:
        return NotEstimable(
            "a group of {size} is above {most}: use Fisher's test, which comes close at that size",
            {"size": max(first, second), "most": LARGEST},
        )
    ordering = _fisher_p(first, second, alternative)
    seen, least = float(ordering[a, c]), float(ordering.min())
    p_value, p_smallest = (_p_at(first, second, alternative, limit) for limit in (seen, least))
    return ExactTest(p_value, p_smallest, alternative, "Boschloo")


@lru_cache(maxsize=64)
def _fisher_p(first: int, second: int, alternative: Alternative) -> Floats:
    """Return Fisher's p of every table, shape (first + 1, second + 1): events in each group."""
    p = np.ones((first + 1, second + 1))
    for events in range(first + second + 1):
        cells = np.arange(max(0, events - second), min(first, events) + 1)
        p[cells, events - cells] = p_by_cell(first, second, events, alternative)
    return p


def _binomial(size: int, shares: Floats) -> Floats:
    """Return the probability of 0 to `size` events, along a last axis, at each share."""
    k, share = np.arange(size + 1), shares[..., None]
    ways = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    return np.exp(ways + xlogy(k, share) + xlog1py(size - k, -share))


@lru_cache(maxsize=64)
def _on_grid(size: int) -> Floats:
    return _binomial(size, GRID)


@lru_cache(maxsize=65_536)
def _p_at(first: int, second: int, alternative: Alternative, limit: float) -> float:
    """Return the largest probability, over shares of the event, of a Fisher p of at most `limit`.

    The highest peaks on the grid are enlarged until nothing changes any more.
    """
    inside = (_fisher_p(first, second, alternative) <= limit * (1 + SAME)).astype(float)
    chances, step = ((_on_grid(first) @ inside) * _on_grid(second)).sum(axis=-1), GRID[1]
    peaks = np.flatnonzero((chances >= np.roll(chances, 1)) & (chances >= np.roll(chances, -1)))
    centres = GRID[peaks[np.argsort(chances[peaks])[::-1][:PEAKS]]]
    best = float(chances.max())
    while step > FINEST:
        shares = np.clip(centres[:, None] + step * WITHIN, 0.0, 1.0)
        chances = ((_binomial(first, shares) @ inside) * _binomial(second, shares)).sum(axis=-1)
        centres = shares[np.arange(len(shares)), chances.argmax(axis=1)]
        best, step = max(best, float(chances.max())), step * (WITHIN[1] - WITHIN[0])
    return min(1.0, best)
