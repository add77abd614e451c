"""Boschloo's unconditional exact test of two groups of fixed sizes."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import binom

from analysis.methods.result import ONE_GROUP, NotEstimable
from analysis.methods.tables import RELATIVE, Alternative, ExactTest, alternative_checked, counts

LARGEST = 200
# shares of the event at which the tail is computed before its highest peaks are refined
GRID = np.linspace(0.0, 1.0, 1001)
PEAKS = 6


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
    p_value = _supremum(ordering <= ordering[a, c] * (1 + RELATIVE))
    p_smallest = _supremum(ordering <= ordering.min() * (1 + RELATIVE))
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


def _supremum(region: NDArray[np.bool_]) -> float:
    """Return the largest probability of a set of tables over the common share of the event."""
    first, second = region.shape[0] - 1, region.shape[1] - 1
    inside = region.astype(float)

    def probability(share: NDArray[np.float64] | float) -> NDArray[np.float64]:
        shares = np.atleast_1d(share)[:, None]
        of_first = binom.pmf(np.arange(first + 1), first, shares)
        of_second = binom.pmf(np.arange(second + 1), second, shares)
        summed: NDArray[np.float64] = ((of_first @ inside) * of_second).sum(axis=1)
        return summed

    on_grid = probability(GRID)
    best = float(on_grid.max())
    for i in np.argsort(on_grid)[::-1][:PEAKS].tolist():
        around = (float(GRID[max(0, i - 1)]), float(GRID[min(len(GRID) - 1, i + 1)]))
        peak = minimize_scalar(
            lambda share: -float(probability(share)[0]),
            bounds=around,
            method="bounded",
            options={"xatol": 1e-10},
        )
        best = max(best, -float(peak.fun))
    return min(1.0, best)
