"""Exact tests, each with the smallest p attainable.

Tables have groups as rows and (event, no event) as columns. `greater` means that the first row's
share of events is larger. Two-sided tests add up everything no more probable than what was seen;
ties are judged with a relative tolerance of 1e-7, as R does.
"""

from collections import Counter
from math import comb

from numpy.typing import ArrayLike

from smalln.boschloo import boschloo as boschloo
from smalln.checks import binary, same_length
from smalln.min_p import Adjusted as Adjusted
from smalln.min_p import adjusted as adjusted
from smalln.min_p import two_way_groupings as two_way_groupings
from smalln.permutation import Permutation as Permutation
from smalln.permutation import permutation as permutation
from smalln.result import ONE_GROUP, NotEstimable
from smalln.stratified import stratified as stratified
from smalln.stratified import stratified_range as stratified_range
from smalln.tables import (
    TIE,
    Alternative,
    alternative_checked,
    counts,
    p_by_cell,
)
from smalln.tables import (
    ExactTest as ExactTest,
)
from smalln.tables import (
    cross_table as cross_table,
)

# partial tables that Freeman-Halton keeps at once
KEPT = 500_000


def fisher(table: ArrayLike, alternative: Alternative = "two-sided") -> ExactTest:
    """Return Fisher's exact test of a 2 x 2 table of counts; rows are the groups.

    Two-sided adds the tables that are no more probable than the one seen (as R). `greater`: the
    first row's share of the first column is larger. A zero margin gives p = 1. `p_smallest` is the
    smallest p of any table with both margins.

    Raises:
        ValueError: not 2 x 2 whole non-negative counts, or another alternative.

    Source:
        Fisher (1935), The Design of Experiments, section 21; R's `fisher.test`.
    """
    (a, b), (c, d) = counts(table, 2)
    alternative_checked(alternative)
    by_cell = p_by_cell(a + b, c + d, a + c, alternative)
    return ExactTest(by_cell[a - max(0, a + c - (c + d))], min(by_cell), alternative, "Fisher")


def fisher_of(
    outcome: ArrayLike, factor: ArrayLike, alternative: Alternative = "two-sided"
) -> ExactTest | NotEstimable:
    """Return Fisher's test of a known outcome against a known factor, vectors of 1 and 0.

    Raises:
        ValueError: other values or lengths.
    """
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor", missing=False)
    same_length(y, x, "outcome, factor")
    if x.min() == x.max() or y.min() == y.max():
        return ONE_GROUP
    return fisher(cross_table(y, x), alternative)


def freeman_halton(table: ArrayLike) -> ExactTest | NotEstimable:
    """Return the exact test of an r x 2 table of counts: Fisher's test for more than two groups.

    Adds all tables with both margins that are no more probable than the one seen. `p_smallest` is
    the smallest p of any table with both margins. With one column or all rows but one empty p = 1.

    Raises:
        ValueError: not r x 2 whole non-negative counts.

    Source:
        Freeman and Halton (1951), Biometrika 38:141; R's `fisher.test` for r x c tables.
    """
    rows = counts(table)
    sizes, events = [a + b for a, b in rows], sum(a for a, _ in rows)
    seen = 1
    for (a, _), size in zip(rows, sizes, strict=True):
        seen *= comb(size, a)
    found = _weights(sizes, events)
    if found is None:
        return NotEstimable(
            f"more than {KEPT} kinds of partial tables; use permutation, which samples",
            f"部分表的种类超过{KEPT}，请改用可抽样的置换检验",
        )
    total = comb(sum(sizes), events)
    p_value, p_smallest = (_tail(found, weight) / total for weight in (seen, min(found)))
    return ExactTest(p_value, p_smallest, "two-sided", "Freeman-Halton")


def _tail(weights: Counter[int], seen: int) -> int:
    """Return the weight of all tables no more probable than `seen`; whole numbers throughout."""
    limit = seen * (TIE + 1)
    return sum(weight * times for weight, times in weights.items() if weight * TIE <= limit)


def _weights(sizes: list[int], events: int) -> Counter[int] | None:
    """Return how often each weight (number of arrangements of a table) occurs; None if too many."""
    partial: dict[int, Counter[int]] = {0: Counter({1: 1})}
    left = sum(sizes)
    for size in sizes:
        left -= size
        grown: dict[int, Counter[int]] = {}
        for so_far, weights in partial.items():
            # what is left must be able to hold the remaining events
            for a in range(max(0, events - so_far - left), min(size, events - so_far) + 1):
                ways, target = comb(size, a), grown.setdefault(so_far + a, Counter())
                for weight, times in weights.items():
                    target[weight * ways] += times
        if sum(map(len, grown.values())) > KEPT:
            return None
        partial = grown
    return partial[events]
