"""Exact tests of a 2 x 2 table: Fisher's, Boschloo's, and Fisher's within strata."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, exp, log
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from smalln.hypergeometric import (
    LEAST,
    RELATIVE,
    WHOLE,
    Alternative,
    binomial,
    log_chance,
    log_p,
    p_by_cell,
)
from smalln.inputs import Floats, one_of, table_of_counts, vectors
from smalln.result import ONE_GROUP, NotEstimable

NO_STRATUM = NotEstimable("no stratum has both groups and both outcomes to compare")
# a p below it is told by its logarithm
TOLD = 1e-300
# unknown strata beyond which filling them in every way is refused
MOST_UNKNOWN = 16
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


@dataclass(frozen=True)
class ExactTest:
    """A p-value with the smallest that the test could give at the same margins or sizes.

    `log10_p`: of more than 400 units, the decimal logarithm of p, for digits that no float holds.

    >>> print(ExactTest(10 / 286, 10 / 286, "two-sided", "Fisher"))
    Fisher, two-sided: p = 0.035 (smallest attainable 0.035)
    """

    p_value: float
    p_smallest: float
    alternative: Alternative
    test: str
    log10_p: float | None = None

    def __str__(self) -> str:
        p, least = (
            f"{value:.3g}" if value >= TOLD else f"below {TOLD:g}"
            for value in (self.p_value, self.p_smallest)
        )
        p = p if p.startswith("below") else f"= {p}"
        return f"{self.test}, {self.alternative}: p {p} (smallest attainable {least})"


def fisher(table: ArrayLike, alternative: Alternative = "two-sided") -> ExactTest:
    """Return Fisher's exact test of a 2 x 2 table of counts; rows are the groups.

    Two-sided adds the tables that are no more probable than the one seen (as R). `greater`: the
    first row's share of the first column is larger. A zero margin gives p = 1. `p_smallest` is the
    smallest p of any table with both margins. Whole numbers up to 400 units; beyond, logarithms
    that hold ten digits of p at millions of units.

    Raises:
        ValueError: not 2 x 2 whole non-negative counts, or another alternative.

    Source:
        Fisher (1935), The Design of Experiments, section 21; R's `fisher.test`; for probabilities
        in logarithms Loader (2000), Fast and Accurate Computation of Binomial Probabilities.

    >>> fisher([[3, 0], [2, 8]]).p_value == 10 / 286  # C(5, 3) of C(13, 3) choices of three
    True
    >>> print(fisher([[4155, 4903], [805463, 8507517]]))
    Fisher, two-sided: p below 1e-300 (smallest attainable below 1e-300)
    """
    (a, b), (c, d) = table_of_counts(table, 2)
    one_of(alternative, "alternative", get_args(Alternative))
    first, second, events = a + b, c + d, a + c
    if first + second > WHOLE:
        return _fisher_of_many(a, first, second, events, alternative)
    by_cell = p_by_cell(first, second, events, alternative)
    return ExactTest(by_cell[a], min(by_cell.values()), alternative, "Fisher")


def _fisher_of_many(
    a: int, first: int, second: int, events: int, alternative: Alternative
) -> ExactTest:
    """Return the same by logarithms, where whole numbers would take long."""
    lowest, highest = max(0, events - second), min(first, events)
    if lowest == highest:
        return ExactTest(1.0, 1.0, alternative, "Fisher")
    cells = np.array([a, lowest, highest])
    logs = log_p(np.full(3, first), np.full(3, second), events, cells, alternative)
    p, *ends = (max(LEAST, exp(value)) for value in logs.tolist())
    return ExactTest(p, min(ends), alternative, "Fisher", float(logs[0]) / log(10))


def boschloo(table: ArrayLike, alternative: Alternative = "two-sided") -> ExactTest | NotEstimable:
    """Return Boschloo's test of a 2 x 2 table whose rows are groups of fixed sizes.

    Tables are ordered by p of `fisher` for the same alternative (two-sided: its two-sided p, as R's
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
    ordering = _fisher_of_all(first, second, alternative)
    seen, least = float(ordering[a, c]), float(ordering.min())
    p_value, p_smallest = (_p_at(first, second, alternative, limit) for limit in (seen, least))
    return ExactTest(p_value, p_smallest, alternative, "Boschloo")


@lru_cache(maxsize=64)
def _fisher_of_all(first: int, second: int, alternative: Alternative) -> Floats:
    """Return Fisher's p of every table, shape (first + 1, second + 1): events in each group."""
    p = np.ones((first + 1, second + 1))
    for events in range(first + second + 1):
        by_cell = p_by_cell(first, second, events, alternative)
        cells = np.array(list(by_cell))
        p[cells, events - cells] = list(by_cell.values())
    return p


@lru_cache(maxsize=65_536)
def _p_at(first: int, second: int, alternative: Alternative, limit: float) -> float:
    """Return the largest probability, over shares of the event, of a Fisher p up to `limit`."""
    # the highest peaks on the grid are enlarged until nothing changes any more
    inside = (_fisher_of_all(first, second, alternative) <= limit * (1 + SAME)).astype(float)
    on_grid, step = binomial(first, GRID) @ inside * binomial(second, GRID), GRID[1]
    chances = on_grid.sum(axis=-1)
    peaks = np.flatnonzero((chances >= np.roll(chances, 1)) & (chances >= np.roll(chances, -1)))
    centres = GRID[peaks[np.argsort(chances[peaks])[::-1][:PEAKS]]]
    best = float(chances.max())
    while step > FINEST:
        shares = np.clip(centres[:, None] + step * WITHIN, 0.0, 1.0)
        chances = ((binomial(first, shares) @ inside) * binomial(second, shares)).sum(axis=-1)
        centres = shares[np.arange(len(shares)), chances.argmax(axis=1)]
        best, step = max(best, float(chances.max())), step * (WITHIN[1] - WITHIN[0])
    return min(1.0, best)


@dataclass(frozen=True)
class StratifiedRange:
    """The smallest and largest p over the `ways` to fill unknown strata.

    `attainable`: the ends of the smallest p that each of these ways could give. `excluded` further
    ways leave nothing to compare within a stratum.

    >>> stratified_range([1, 0, 1, 0], [1, 0, 1, 0], [1, 1, 0, None]).ways
    2
    """

    lower: float
    upper: float
    attainable: tuple[float, float]
    ways: int
    excluded: int


def stratified(
    outcome: ArrayLike, factor: ArrayLike, strata: ArrayLike
) -> ExactTest | NotEstimable:
    """Return the exact test of an outcome against a factor within two strata.

    All three have shape (units,) and hold 1 or 0. The statistic is the number of units with factor
    and event; two-sided counts what is at least as far from its mean, dealing the outcome anew
    within each stratum. `p_smallest`: given the strata's margins.

    Raises:
        ValueError: other values, lengths or labels.

    Source:
        Mantel and Haenszel (1959), JNCI 22:719, in its exact form (Agresti 2013, section 7.3.5).

    >>> found = stratified([1, 0, 0, 1, 0, 0], [1, 0, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0])
    >>> found.p_value == 1 / 9  # the event falls to the factor in both strata: a third of a third
    True
    """
    y, x, groups = vectors(outcome=outcome, factor=factor, strata=strata)
    ways, start = np.array([1.0]), 0
    for stratum in (0.0, 1.0):
        inside = groups == stratum
        n, first, events = (int(part[inside].sum()) for part in (np.ones(len(y)), x, y))
        cells = np.arange(max(0, events - (n - first)), min(first, events) + 1)
        start += int(cells[0])
        if n <= WHOLE:
            tables = [comb(first, k) * comb(n - first, events - k) for k in cells.tolist()]
            ways = np.convolve(ways, np.array(tables, dtype=float))
        elif len(cells) > 1:
            # no float holds the ways of a thousand units
            ways = np.convolve(ways, np.exp(log_chance(first, n - first, events, cells)))
    if len(ways) == 1:
        return NO_STRATUM
    values = np.arange(start, start + len(ways))
    weight = ways / ways.sum()
    far = np.abs(values - (values * weight).sum())
    seen = far[int((y * x).sum()) - start]
    p_value, p_smallest = (
        min(1.0, max(LEAST, float(weight[far >= limit * (1 - RELATIVE)].sum())))
        for limit in (seen, far.max())
    )
    return ExactTest(p_value, p_smallest, "two-sided", "exact within strata")


def stratified_range(
    outcome: ArrayLike, factor: ArrayLike, strata: ArrayLike
) -> StratifiedRange | NotEstimable:
    """Return the smallest and largest p over all ways to fill unknown strata (NaN).

    Ways in which no stratum holds both groups and both outcomes are left out and counted.

    Raises:
        ValueError: other values, lengths or labels.

    >>> found = stratified_range([1, 0, 0, 1, 0, 0], [1, 0, 0, 1, 0, 0], [1, 1, 1, 0, 0, None])
    >>> found.lower == 1 / 9, found.upper == 1 / 8  # the last in a stratum of 3, or of 4
    (True, True)
    """
    y, x, groups = vectors(("strata",), outcome=outcome, factor=factor, strata=strata)
    open_cells = np.flatnonzero(np.isnan(groups))
    if len(open_cells) > MOST_UNKNOWN:
        too_many = {"n": len(open_cells), "most": MOST_UNKNOWN}
        return NotEstimable("{n} unknown strata are more than {most}", too_many)
    results = []
    for filling in product((0.0, 1.0), repeat=len(open_cells)):
        groups[open_cells] = filling
        results.append(stratified(y, x, groups))
    tests = [test for test in results if isinstance(test, ExactTest)]
    if not tests:
        return NO_STRATUM
    p, least = [test.p_value for test in tests], [test.p_smallest for test in tests]
    ends, left = (min(least), max(least)), len(results) - len(tests)
    return StratifiedRange(min(p), max(p), ends, len(tests), left)
