"""Boschloo's unconditional exact test of two groups of fixed sizes."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

from smalln.result import ONE_GROUP, NotEstimable
from smalln.tables import RELATIVE, Alternative, ExactTest, alternative_checked, counts

LARGEST = 200
# shares of the event at which the tail is computed before its highest peaks are refined
# Fisher's p of two tables are the same: R compares them at 12 digits
SAME = 1e-11
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
    """
    (a, b), (c, d) = counts(table, 2)
    alternative_checked(alternative)
    first, second = a + b, c + d
    if not first or not second:
        return ONE_GROUP
    if max(first, second) > LARGEST:
        return NotEstimable(
            f"a group of {max(first, second)} is above {LARGEST}: use Fisher's test, which comes "
            "close at that size",
            f"一组有{max(first, second)}个单位，超过{LARGEST}：请用Fisher检验，此时两者相近",
        )
    ordering = _fisher_p(first, second, alternative)
    p_value, p_smallest = (
        _p_at(first, second, alternative, float(limit))
        for limit in (ordering[a, c], ordering.min())
    )
    return ExactTest(p_value, p_smallest, alternative, "Boschloo")


@lru_cache(maxsize=64)
def _fisher_p(first: int, second: int, alternative: Alternative) -> NDArray[np.float64]:
    """Return Fisher's p of every table, shape (first + 1, second + 1): events in each group."""
    p = np.ones((first + 1, second + 1))
    ways = [_log_ways(size) for size in (first, second)]
    for events in range(first + second + 1):
        cells = np.arange(max(0, events - second), min(first, events) + 1)
        logs = ways[0][cells] + ways[1][events - cells]
        weights = np.exp(logs - logs.max())
        p[cells, events - cells] = _tails(weights, alternative) / weights.sum()
    return p


def _log_ways(size: int) -> NDArray[np.float64]:
    k = np.arange(size + 1)
    logs: NDArray[np.float64] = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    return logs


def _tails(weights: NDArray[np.float64], alternative: Alternative) -> NDArray[np.float64]:
    if alternative == "greater":
        return np.cumsum(weights[::-1])[::-1]
    if alternative == "less":
        return np.cumsum(weights)
    ordered = np.sort(weights)
    ends = np.searchsorted(ordered, weights * (1 + RELATIVE), side="right")
    found: NDArray[np.float64] = np.cumsum(ordered)[ends - 1]
    return found


def _binomial(size: int, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of 0 to `size` events, along a last axis, at each share."""
    k, share = np.arange(size + 1), shares[..., None]
    found: NDArray[np.float64] = np.exp(
        _log_ways(size) + xlogy(k, share) + xlog1py(size - k, -share)
    )
    return found


@lru_cache(maxsize=64)
def _on_grid(size: int) -> NDArray[np.float64]:
    return _binomial(size, GRID)


@lru_cache(maxsize=65_536)
def _p_at(first: int, second: int, alternative: Alternative, limit: float) -> float:
    """Return the p of the tables whose Fisher p is at most `limit`."""
    return _supremum(_fisher_p(first, second, alternative) <= limit * (1 + SAME))


def _supremum(region: NDArray[np.bool_]) -> float:
    """Return the largest probability of a set of tables over the common share of the event.

    The highest peaks on the grid are enlarged until nothing changes any more.
    """
    sizes, inside = (region.shape[0] - 1, region.shape[1] - 1), region.astype(float)

    def probability(
        of_first: NDArray[np.float64], of_second: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        summed: NDArray[np.float64] = ((of_first @ inside) * of_second).sum(axis=-1)
        return summed

    found, step = probability(*map(_on_grid, sizes)), GRID[1]
    peaks = np.flatnonzero((found >= np.roll(found, 1)) & (found >= np.roll(found, -1)))
    centres = GRID[peaks[np.argsort(found[peaks])[::-1][:PEAKS]]]
    best = float(found.max())
    while step > FINEST:
        shares = np.clip(centres[:, None] + step * WITHIN, 0.0, 1.0)
        found = probability(*(_binomial(size, shares) for size in sizes))
        centres = shares[np.arange(len(shares)), found.argmax(axis=1)]
        best, step = max(best, float(found.max())), step * (WITHIN[1] - WITHIN[0])
    return min(1.0, best)
