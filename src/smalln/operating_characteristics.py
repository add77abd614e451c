"""How often tests and intervals are wrong, by enumeration of all outcomes: nothing is sampled."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import inf, nan, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from smalln.exact_tables import ExactTest, boschloo, fisher, stratified
from smalln.inputs import Floats, listed, number, one_of, whole
from smalln.inputs import shares as shares_checked
from smalln.intervals import Interval, risk_difference_interval, risk_ratio_interval, share_interval
from smalln.many_groups import freeman_halton
from smalln.min_p import Adjusted, adjusted, two_way_groupings
from smalln.permutation_tests import Permutation, permutation, rank_sum
from smalln.result import NotEstimable

Table = list[list[int]]
Answer = ExactTest | Permutation | Adjusted | NotEstimable
Sizes = tuple[int, ...]


def _of_units(test: Callable[[Floats, NDArray[np.intp]], Answer]) -> Callable[[Table], Answer]:
    """Return a test of a table from one of each unit's outcome and group."""

    def of_table(table: Table) -> Answer:
        outcome = np.concatenate([np.repeat([1.0, 0.0], row) for row in table])
        return test(outcome, np.repeat(np.arange(len(table)), np.sum(table, axis=1)))

    return of_table


# every exact test, as a function of a table of groups
TESTS: dict[str, Callable[[Table], Answer]] = {
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
# fewest and most groups, where a test takes other than two
GROUPS = {"freeman_halton": (2, 12), "min_p": (2, 12), "stratified": (4, 4)}
# tests to which it does not matter which group comes first
UNORDERED = ("freeman_halton", "min_p")
DIFFERENCES = ("miettinen-nurminen", "newcombe")
ENDS_TOLERANCE = 1e-9
SHARE_INTERVALS = ("clopper-pearson", "wilson")
# places along a line of pairs of shares
LINE = np.linspace(0.0, 1.0, 1001)
# true shares over which errors are looked at: of a share, of groups, of each group of a pair
MANY_SHARES = np.linspace(0.0, 1.0, 2001)
FEW_SHARES, SHARES_OF_PAIRS = MANY_SHARES[::20], np.linspace(0.0, 1.0, 41)
# outcomes that are enumerated, times units: each is tested anew, and their number grows with a
# power of the units
MOST_TESTED = 10_000


def type_one_error(
    test: str, sizes: Sequence[int], shares: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return how often a two-sided test rejects where all groups have the same share of events.

    `test`: a key of `TESTS`; `sizes`: of the groups (two of them, but for `freeman_halton` and
    `min_p`; four for `stratified`: 1 and 0 in the first stratum, 1 and 0 in the second); `shares`:
    true common shares. Columns: `share`, `error`: the probability of p <= level.

    Raises:
        ValueError: another test, another number of groups, sizes below 1, shares or level outside
            their range.

    >>> type_one_error("fisher", [3, 3], [0.5], level=0.1).error.round(4).tolist()
    [0.0312]
    """
    one_of(test, "test", TESTS)
    true = _shares(shares, level)
    of = [whole(n, "n", 1) for n in listed(sizes, "sizes", "whole numbers")]
    least, most = GROUPS.get(test, (2, 2))
    if not least <= len(of) <= most:
        raise ValueError(f"sizes: {len(of)} groups; allowed: {least} to {most} for {test}")
    rejected = np.zeros([n + 1 for n in of])

    @cache
    def rejects(*table: tuple[int, int]) -> bool:
        answer = TESTS[test]([list(row) for row in table])
        return not isinstance(answer, NotEstimable) and answer.p_value <= level * (1 + 1e-9)

    for events in np.ndindex(rejected.shape):
        rows = [(e, n - e) for e, n in zip(events, of, strict=True)]
        rejected[events] = rejects(*(sorted(rows) if test in UNORDERED else rows))
    error = []
    for chances in zip(*(_chances(n, true) for n in of), strict=True):
        left = rejected
        for chance in chances:
            left = np.tensordot(chance, left, axes=(0, 0))
        error.append(float(left))
    return pd.DataFrame({"share": true, "error": error})


def share_coverage(method: str, n: int, shares: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Return how often an interval of a share holds the true one.

    `method`: as of `share_interval`. Columns: `share`, `coverage`.

    Raises:
        ValueError: another method, n below 1, shares or level outside their range.

    >>> share_coverage("clopper-pearson", 5, [0.5]).coverage.round(9).tolist()  # it always holds .5
    [1.0]
    """
    true = _shares(shares, level)
    held = _held(_of_share(method, [n], level), true)
    coverage = (_chances(n, true) * held).sum(axis=1)
    return pd.DataFrame({"share": true, "coverage": coverage})


def pair_coverage(
    method: str, n1: int, n2: int, shares: ArrayLike, level: float = 0.95
) -> pd.DataFrame:
    """Return how often an interval of two groups holds the truth, for every pair of true shares.

    `method`: `miettinen-nurminen` or `newcombe` (difference), or `koopman` (ratio; where nobody has
    the event there is no interval, which counts as holding; pairs with a second share of 0 are left
    out). Columns: `first`, `second`, `coverage`.

    Raises:
        ValueError: another method, sizes below 1, shares or level outside their range.

    >>> pair_coverage("newcombe", 2, 2, [0.0, 1.0]).coverage.tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    true, every = _shares(shares, level), _of_pair(method, [n1, n2], level)
    second = true[true > 0] if method == "koopman" else true
    chances, rows = _chances(n2, second), []
    for p1, chance in zip(true.tolist(), _chances(n1, true), strict=True):
        truth = p1 / second if method == "koopman" else p1 - second
        held = _held(every, truth).reshape(-1, n1 + 1, n2 + 1)
        share = np.einsum("i,sij,sj->s", chance, held, chances)
        rows += [(p1, p2, of) for p2, of in zip(second.tolist(), share.tolist(), strict=True)]
    return pd.DataFrame(rows, columns=["first", "second", "coverage"])


def least_coverage(method: str, sizes: Sequence[int], level: float = 0.95) -> float:
    """Return the infimum of the coverage over all true shares, of one group or of two.

    Coverage falls where the truth passes an interval's end, so it is looked at there, on both
    sides, as a limit: at each end of a share's intervals, along the lines of pairs of shares whose
    difference or ratio is an end. Compare Wang (2014), Statistica Sinica 24:1389.

    >>> round(least_coverage("wilson", [13]), 4)
    0.8357
    """
    one, ratio = len(sizes) == 1, method == "koopman"
    every = (_of_share if one else _of_pair)(method, sizes, level)
    least, (lower, upper) = 1.0, _ends(every)
    for end in np.unique([lower, upper]).tolist():
        if not (0 < end < inf if ratio else (0 if one else -1) < end < 1):
            continue
        second = LINE * min(1.0, 1 / end) if ratio else max(0.0, -end) + LINE * (1 - abs(end))
        first = np.array([end]) if one else second * end if ratio else second + end
        chances = _chances(sizes[0], first)
        if not one:
            chances = chances[:, :, None] * _chances(sizes[1], second)[:, None, :]
        sides = (lower < end) & (end <= upper), (lower <= end) & (end < upper)
        held = chances.reshape(len(first), -1) @ np.transpose(sides)
        least = min(least, float(held.min()))
    return least


def _of_share(method: str, sizes: Sequence[int], level: float) -> list[Interval | NotEstimable]:
    n = whole(sizes[0], "n", 1)
    return [share_interval(x, n, method, level) for x in range(n + 1)]  # type: ignore[arg-type]


def _of_pair(method: str, sizes: Sequence[int], level: float) -> list[Interval | NotEstimable]:
    one_of(method, "method", (*DIFFERENCES, "koopman"))
    n1, n2 = (whole(n, "n", 1) for n in sizes)
    return [
        risk_ratio_interval(i, n1, j, n2, level=level)
        if method == "koopman"
        else risk_difference_interval(i, n1, j, n2, method, level)  # type: ignore[arg-type]
        for i, j in np.ndindex(n1 + 1, n2 + 1)
    ]


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
        ValueError: sizes that are no whole numbers, a level outside its range.

    >>> error_rates([6, 7], [6, 7], [3, 3, 3, 4]).loc[["fisher", "wilson"], "keeps"].tolist()
    [True, False]
    """
    number(level, "level", 0, 1, ends=False)
    sizes = (
        tuple(whole(n, name) for n in listed(of, name, "whole numbers"))
        for name, of in (("pair", pair), ("groups", groups), ("strata", strata))
    )
    return _error_rates(*sizes, level).copy()


@lru_cache(maxsize=8)
def _error_rates(pair: Sizes, groups: Sizes, strata: Sizes, level: float) -> pd.DataFrame:
    found, too_many = dict[str, pd.Series](), pd.Series([nan])
    of_test = {"freeman_halton": groups, "min_p": groups, "stratified": strata}
    for test in TESTS:
        of = of_test.get(test, pair)
        if of and min(of) > 0:
            few = _few(of)
            found[test] = type_one_error(test, of, FEW_SHARES, level).error if few else too_many
    for method in SHARE_INTERVALS:
        found[method] = share_coverage(method, sum(pair), MANY_SHARES, 1 - level).coverage
    for method in (*DIFFERENCES[::-1], "koopman"):
        found[method] = too_many
        if min(pair) > 0 and _few(pair):
            rates = pair_coverage(method, pair[0], pair[1], SHARES_OF_PAIRS, 1 - level)
            found[method] = rates.coverage
    rows = []
    for method, each in found.items():
        kind = "test" if method in TESTS else "interval"
        worst = float(each.max() if kind == "test" else each.min())
        if kind == "interval" and each is not too_many:
            of = (sum(pair),) if method in SHARE_INTERVALS else pair
            worst = min(worst, least_coverage(method, of, 1 - level))
        keeps = worst <= level if kind == "test" else worst >= 1 - level
        kept = None if each is too_many else keeps
        rows.append((method, kind, worst, float(each.mean()), kept))
    columns = ["method", "kind", "worst", "mean", "keeps"]
    return pd.DataFrame(rows, columns=columns).astype({"keeps": object}).set_index("method")


def _few(sizes: Sizes) -> bool:
    """Return whether the outcomes of groups of these sizes can be enumerated."""
    return prod(size + 1 for size in sizes) * sum(sizes) <= MOST_TESTED


def smallest_p(n: int, events: int) -> pd.Series:
    """Return the smallest two-sided Fisher p by the number of units with a factor, up to half.

    `events` of the `n` units have the outcome. Index `units`: how many have the factor; as many
    without it give the same.

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


def _held(intervals: Sequence[Interval | NotEstimable], truth: Floats) -> Floats:
    """Return 1 for a truth (a row) that an interval holds; what is none holds everything."""
    lower, upper = _ends(intervals)
    held = (lower - ENDS_TOLERANCE <= truth[:, None]) & (truth[:, None] <= upper + ENDS_TOLERANCE)
    return np.asarray(held, dtype=float)


def _ends(intervals: Sequence[Interval | NotEstimable]) -> Floats:
    """Return lower and upper ends, shape (2, intervals)."""
    ends = [(-inf, inf) if isinstance(i, NotEstimable) else (i.lower, i.upper) for i in intervals]
    return np.array(ends).T


def _chances(n: int, shares: Floats) -> Floats:
    return np.asarray(binom.pmf(np.arange(n + 1), n, shares[:, None]))


def _shares(shares: ArrayLike, level: float) -> Floats:
    number(level, "level", 0, 1, ends=False)
    return shares_checked(shares, "shares")
