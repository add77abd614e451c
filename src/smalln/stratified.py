"""An exact test within strata: the outcome is dealt anew only among units of the same stratum."""

from dataclasses import dataclass
from itertools import product
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.checks import binary, same_length
from smalln.result import ONE_GROUP, NotEstimable
from smalln.tables import RELATIVE, ExactTest

Floats = NDArray[np.float64]
# unknown strata beyond which filling them in every way is refused
MOST_UNKNOWN = 16


@dataclass(frozen=True)
class StratifiedRange:
    """The smallest and largest p over the `ways` to fill unknown strata, and the least attainable.

    `excluded` further ways leave nothing to compare within a stratum.
    """

    lower: float
    upper: float
    p_smallest: float
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
        ValueError: other values or lengths.

    Source:
        Mantel and Haenszel (1959), JNCI 22:719, in its exact form (Agresti 2013, section 7.3.5).
    """
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor", missing=False)
    groups = binary(strata, "strata", missing=False)
    same_length(y, x, "outcome, factor")
    same_length(y, groups, "outcome, strata")
    ways, start = np.array([1.0]), 0
    for stratum in (0.0, 1.0):
        inside = groups == stratum
        n, first, events = (int(part[inside].sum()) for part in (np.ones(len(y)), x, y))
        cells = range(max(0, events - (n - first)), min(first, events) + 1)
        ways = np.convolve(ways, [comb(first, k) * comb(n - first, events - k) for k in cells])
        start += cells[0]
    if len(ways) == 1:
        return ONE_GROUP
    values = np.arange(start, start + len(ways))
    weight = ways / ways.sum()
    far = np.abs(values - (values * weight).sum())
    seen = far[int((y * x).sum()) - start]
    p_value, p_smallest = (
        float(weight[far >= limit * (1 - RELATIVE)].sum()) for limit in (seen, far.max())
    )
    return ExactTest(min(1.0, p_value), p_smallest, "two-sided", "exact within strata")


def stratified_range(
    outcome: ArrayLike, factor: ArrayLike, strata: ArrayLike
) -> StratifiedRange | NotEstimable:
    """Return the smallest and largest p over all ways to fill unknown strata (NaN).

    Ways in which no stratum holds both groups and both outcomes are left out and counted.

    Raises:
        ValueError: other values or lengths.
    """
    groups = binary(strata, "strata")
    open_cells = np.flatnonzero(np.isnan(groups))
    if len(open_cells) > MOST_UNKNOWN:
        return NotEstimable(
            f"{len(open_cells)} unknown strata are more than {MOST_UNKNOWN}",
            f"不明的分层有{len(open_cells)}个，超过{MOST_UNKNOWN}个",
        )
    found, excluded = [], 0
    for filling in product((0.0, 1.0), repeat=len(open_cells)):
        filled = groups.copy()
        filled[open_cells] = filling
        test = stratified(outcome, factor, filled)
        if isinstance(test, ExactTest):
            found.append(test)
        else:
            excluded += 1
    if not found:
        return ONE_GROUP
    p_values, smallest = [t.p_value for t in found], min(t.p_smallest for t in found)
    return StratifiedRange(min(p_values), max(p_values), smallest, len(found), excluded)
