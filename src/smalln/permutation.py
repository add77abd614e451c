"""Permutation tests of an ordinal or numeric outcome between two groups."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from smalln.checks import binary, finite, one_of, same_length
from smalln.relabeling import Floats, p_value, slack, sums_of_chosen
from smalln.result import NO_VARIATION, ONE_GROUP, NotEstimable
from smalln.tables import Alternative, alternative_checked

Statistic = Literal["rank_sum", "mean_difference"]


@dataclass(frozen=True)
class Permutation:
    """A permutation test: `count` of `of` relabelings are at least as extreme.

    `statistic`: rank sum of the group 1, or its mean minus that of group 0. `error`: Monte Carlo
    standard error, 0 where all relabelings were enumerated.
    """

    p_value: float
    p_smallest: float
    statistic: float
    alternative: Alternative
    count: int
    of: int
    error: float
    test: str


def permutation(
    outcome: ArrayLike,
    groups: ArrayLike,
    statistic: Statistic = "rank_sum",
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> Permutation | NotEstimable:
    """Return the permutation test of an ordinal or numeric outcome between two groups.

    `outcome`: shape (units,), numbers; ties get mid-ranks under `rank_sum`. `groups`: shape
    (units,), 1 or 0. Two-sided counts relabelings whose statistic is at least as far from its mean;
    `greater`: the group 1 has the larger values. All relabelings up to 200,000, else 10,000 drawn
    with `seed`, where p = (b + 1) / (m + 1). `p_smallest`: given the group sizes and the outcome's
    values with their ties.

    Raises:
        ValueError: shapes, values that are no numbers, another statistic or alternative.

    Source:
        Hollander, Wolfe and Chicken (2014), Nonparametric Statistical Methods, section 4.1; R's
        `coin::wilcox_test(distribution = "exact")`.
    """
    y, x = finite(outcome, "outcome"), binary(groups, "groups", missing=False)
    same_length(y, x, "outcome, groups")
    alternative_checked(alternative)
    one_of(statistic, "statistic", get_args(Statistic))
    if x.min() == x.max():
        return ONE_GROUP
    if y.min() == y.max():
        return NO_VARIATION
    scores = rankdata(y) if statistic == "rank_sum" else y - y.mean()
    size, sign = int(x.sum()), 1
    centre = size * scores.mean()
    seen = float(scores[x == 1].sum() - centre)
    # the smaller group is dealt; the larger one's sum moves the other way
    dealt = min(size, len(y) - size)
    if dealt < size:
        sign = -1
    sums, complete = sums_of_chosen(scores, dealt, seed)
    far = _extremeness(sign * (sums - dealt * scores.mean()), alternative)
    own, most = float(_extremeness(np.array([seen]), alternative)[0]), float(far.max())
    count, least = (int((far >= s - slack(abs(s), scores)).sum()) for s in (own, most))
    of = len(sums)
    shown = seen + centre if statistic == "rank_sum" else seen / size + seen / (len(y) - size)
    p, error = p_value(count, of, complete)
    smallest = least / of if complete else 1 / (of + 1)
    return Permutation(p, smallest, float(shown), alternative, count, of, error, statistic)


def _extremeness(sums: Floats, alternative: Alternative) -> Floats:
    if alternative == "two-sided":
        return np.abs(sums)
    return sums if alternative == "greater" else -sums
