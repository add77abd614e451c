"""How often tests and intervals are wrong, by enumeration of all outcomes.

No outcome is sampled; a permutation test of more than 200,000 relabelings draws them, as it does.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import inf, nan, prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smalln.exact_tables import ExactTest, boschloo, fisher, stratified
from smalln.hypergeometric import binomial
from smalln.inputs import LOWEST, Floats, listed, number, whole
from smalln.intervals import Interval, risk_difference_interval, risk_ratio_interval, share_interval
from smalln.many_groups import freeman_halton
from smalln.min_p import Adjusted, adjusted, two_way_groupings
from smalln.permutation_tests import Permutation, permutation, rank_sum
from smalln.result import NotEstimable

TwoByTwo = list[list[int]]
Answer = ExactTest | Permutation | Adjusted | NotEstimable
Sizes = tuple[int, ...]


def _of_units(test: Callable[[Floats, NDArray[np.intp]], Answer]) -> Callable[[TwoByTwo], Answer]:
    """Return a test of a table from one of each unit's outcome and group."""

    def of_table(table: TwoByTwo) -> Answer:
        outcome = np.concatenate([np.repeat([1.0, 0.0], row) for row in table])
        return test(outcome, np.repeat(np.arange(len(table)), np.sum(table, axis=1)))

    return of_table


# every exact test, as a function of a table of groups
TESTS: dict[str, Callable[[TwoByTwo], Answer]] = {
    "fisher": fisher,
    "boschloo": boschloo,
    "freeman_halton": freeman_halton,
    "rank_sum": _of_units(lambda y, group: rank_sum(y, group == 0)),
    "mean_difference": _of_units(lambda y, group: permutation(y, group == 0)),
    "stratified": _of_units(lambda y, group: stratified(y, group % 2 == 0, group >= 2)),
    "min_p": _of_units(
        lambda y, group: adjusted(y, [of for _, of in two_way_groupings(list(map(str, group)))])
    ),
}
# tests to which it does not matter which group comes first
UNORDERED = ("freeman_halton", "min_p")
# intervals of one group and of two, by method
INTERVALS: dict[str, Callable[..., Interval | NotEstimable]] = {
    "clopper-pearson": share_interval,
    "wilson": share_interval,
    "newcombe": risk_difference_interval,
    "miettinen-nurminen": risk_difference_interval,
    "koopman": risk_ratio_interval,
}
ENDS_TOLERANCE = 1e-9
# places along a line of pairs of shares
LINE = np.linspace(0.0, 1.0, 1001)
# true shares over which errors are looked at: of a share, of groups, of each group of a pair
MANY_SHARES = np.linspace(0.0, 1.0, 2001)
FEW_SHARES, SHARES_OF_PAIRS = MANY_SHARES[::20], np.linspace(0.0, 1.0, 41)
# outcomes that are enumerated, times units: each is tested anew, and their number grows with a
# power of the units
MOST_TESTED = 10_000


def type_one_error(test: str, sizes: Sequence[int], shares: Floats, level: float) -> Floats:
    """Return how often a two-sided test gives p <= `level` where all groups share the events.

    `test`: a key of `TESTS`; `sizes`: of its groups (of `stratified` 1 and 0 in the first stratum,
    1 and 0 in the second); `shares`: true common shares, shape (k,); the result has the same.

    >>> type_one_error("fisher", [3, 3], np.array([0.5]), 0.1).round(4).tolist()
    [0.0312]
    """
    rejected = np.zeros([n + 1 for n in sizes])

    @cache
    def rejects(*table: tuple[int, int]) -> bool:
        answer = TESTS[test]([list(row) for row in table])
        return not isinstance(answer, NotEstimable) and answer.p_value <= level * (1 + 1e-9)

    for events in np.ndindex(rejected.shape):
        rows = [(e, n - e) for e, n in zip(events, sizes, strict=True)]
        rejected[events] = rejects(*(sorted(rows) if test in UNORDERED else rows))
    error = []
    for chances in zip(*(binomial(n, shares) for n in sizes), strict=True):
        left = rejected
        for chance in chances:
            left = np.tensordot(chance, left, axes=(0, 0))
        error.append(float(left))
    return np.array(error)


def ends_of(method: str, sizes: Sequence[int], level: float) -> Floats:
    """Return the ends of an interval for each outcome of one group or two, shape (2, outcomes).

    Where there is no interval (a ratio of no events) it has no ends, and holds everything.

    >>> ends_of("clopper-pearson", [1], 0.95).round(3).tolist()  # of no event of 1, of 1 of 1
    [[0.0, 0.025], [0.975, 1.0]]
    """
    outcomes = (
        [part for pair in zip(events, sizes, strict=True) for part in pair]
        for events in np.ndindex(*(n + 1 for n in sizes))
    )
    every = [INTERVALS[method](*counts, method, level) for counts in outcomes]
    return np.array(
        [(-inf, inf) if isinstance(i, NotEstimable) else (i.lower, i.upper) for i in every]
    ).T


def interval_coverage(method: str, sizes: Sequence[int], ends: Floats, shares: Floats) -> Floats:
    """Return how often an interval of one group, or of two, holds the truth, at true shares.

    `ends`: as of `ends_of`; `shares`: shape (k,). Shape (k,), of two groups (k, k): first share,
    second share; without a second share of 0 for a ratio, which is none there.

    >>> ends = ends_of("clopper-pearson", [5], 0.95)
    >>> interval_coverage("clopper-pearson", [5], ends, np.array([0.5])).round(9).tolist()
    [1.0]
    """
    chances = binomial(sizes[0], shares)
    if len(sizes) == 1:
        return np.asarray((chances * _held(ends, shares)).sum(axis=1))
    ratio = method == "koopman"
    second = shares[shares > 0] if ratio else shares
    of_second, rows = binomial(sizes[1], second), []
    for share, chance in zip(shares.tolist(), chances, strict=True):
        held = _held(ends, share / second if ratio else share - second)
        held = held.reshape(-1, *(n + 1 for n in sizes))
        rows.append(np.einsum("i,sij,sj->s", chance, held, of_second))
    return np.array(rows)


def least_coverage(method: str, sizes: Sequence[int], ends: Floats) -> float:
    """Return the infimum of the coverage over all true shares, of one group or of two.

    Coverage falls where the truth passes an interval's end (`ends_of`), so it is looked at there,
    on both sides, as a limit: at each end of a share's intervals, along the lines of pairs of
    shares whose difference or ratio is an end. Compare Wang (2014), Statistica Sinica 24:1389.

    >>> round(least_coverage("wilson", [13], ends_of("wilson", [13], 0.95)), 4)
    0.8357
    """
    one, ratio = len(sizes) == 1, method == "koopman"
    least, (lower, upper) = 1.0, ends
    for end in np.unique(ends).tolist():
        if not (0 < end < inf if ratio else (0 if one else -1) < end < 1):
            continue
        second = LINE * min(1.0, 1 / end) if ratio else max(0.0, -end) + LINE * (1 - abs(end))
        first = np.array([end]) if one else second * end if ratio else second + end
        chances = binomial(sizes[0], first)
        if not one:
            chances = chances[:, :, None] * binomial(sizes[1], second)[:, None, :]
        sides = (lower < end) & (end <= upper), (lower <= end) & (end < upper)
        held = chances.reshape(len(first), -1) @ np.transpose(sides)
        least = min(least, float(held.min()))
    return least


def error_rates(
    pair: Sequence[int], groups: Sequence[int], strata: Sequence[int], level: float = 0.05
) -> pd.DataFrame:
    """Return how often each test and interval is wrong at given group sizes, worst and on average.

    `pair`: sizes of two groups; `groups`: of several, for `freeman_halton` and `min_p`; `strata`:
    of two groups in each of two strata, as of `type_one_error`. Index `method`: the tests, of which
    those with an empty group are left out, then intervals of one share (of the pair's units) and of
    a pair. Columns: `kind` (test, interval); `worst`: the highest type I error on a grid of 101
    true shares, or the infimum of the coverage (see `least_coverage`); `mean`: of either, on a
    grid; `keeps`: whether the worst is on the right side of `level`.
    NaN and None where the outcomes are too many to enumerate.

    Raises:
        ValueError: sizes that are no whole numbers or too many or few, a level outside its range.

    >>> error_rates([6, 7], [6, 7], [3, 3, 3, 4]).loc[["fisher", "wilson"], "keeps"].tolist()
    [True, False]
    """
    level = number(level, "level", LOWEST, 1 - LOWEST)
    sizes = [
        tuple(whole(n, name) for n in listed(of, name, "whole numbers"))
        for name, of in (("pair", pair), ("groups", groups), ("strata", strata))
    ]
    two, several, four = map(len, sizes)
    if two != 2 or several == 1 or four not in (0, 4):
        allowed = "2, none or 2 or more, none or 4"
        raise ValueError(f"pair, groups, strata: sizes {sizes}; allowed: {allowed}")
    return _error_rates(*sizes, level).copy()


@lru_cache(maxsize=8)
def _error_rates(pair: Sizes, groups: Sizes, strata: Sizes, level: float) -> pd.DataFrame:
    of_test = {"freeman_halton": groups, "min_p": groups, "stratified": strata}
    rows, most = list[tuple[str, str, float, float, bool | None]](), level + ENDS_TOLERANCE
    for test in TESTS:
        of = of_test.get(test, pair)
        if of and min(of) > 0:
            few = _few(of)
            error = type_one_error(test, of, FEW_SHARES, level) if few else np.array([nan])
            keeps = bool(error.max() <= most) if few else None
            rows.append((test, "test", float(error.max()), float(error.mean()), keeps))
    for method, interval in INTERVALS.items():
        one = interval is share_interval
        of, shares = ((sum(pair),), MANY_SHARES) if one else (pair, SHARES_OF_PAIRS)
        if one or (min(pair) > 0 and _few(pair)):
            ends = ends_of(method, of, 1 - level)
            held = interval_coverage(method, of, ends, shares)
            worst = min(float(held.min()), least_coverage(method, of, ends))
            rows.append((method, "interval", worst, float(held.mean()), worst >= 1 - most))
        else:
            rows.append((method, "interval", nan, nan, None))
    columns = ["method", "kind", "worst", "mean", "keeps"]
    return pd.DataFrame(rows, columns=columns).astype({"keeps": object}).set_index("method")


def _few(sizes: Sizes) -> bool:
    """Return whether the outcomes of groups of these sizes can be enumerated."""
    return prod(size + 1 for size in sizes) * sum(sizes) <= MOST_TESTED


def smallest_p(n: int, events: int) -> pd.Series:
    """Return the smallest two-sided Fisher p by the number of units with a factor, up to half.

    `events` of the `n` units have the outcome. Index `units`: how many have the factor or have not.

    Raises:
        ValueError: no whole numbers with events of n.

    >>> smallest_p(13, 5).round(3).head(3).tolist()
    [0.385, 0.128, 0.035]
    """
    n, events = whole(n, "n", 2), whole(events, "events")
    if events > n:
        raise ValueError(f"events: {events}; allowed: at most n, {n}")
    smallest = {}
    for units in range(1, n // 2 + 1):
        both = min(units, events)
        table = [[both, units - both], [events - both, n - events - (units - both)]]
        smallest[units] = fisher(table).p_smallest
    return pd.Series(smallest, name="p").rename_axis("units")


def _held(ends: Floats, truth: Floats) -> Floats:
    """Return 1 for each truth (a row) that an interval holds (a column)."""
    lower, upper = ends
    held = (lower - ENDS_TOLERANCE <= truth[:, None]) & (truth[:, None] <= upper + ENDS_TOLERANCE)
    return np.asarray(held, dtype=float)
