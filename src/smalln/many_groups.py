"""Fisher's exact test for more than two groups: in whole numbers, and for many units by halves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from math import comb, exp, inf, log, prod

import numpy as np
from numpy.typing import ArrayLike

from smalln.exact_tables import ExactTest
from smalln.hypergeometric import LEAST, RELATIVE, TIE, log_binomial, log_chance
from smalln.inputs import Floats, table_of_counts
from smalln.result import NotEstimable

# kinds of partial tables that are kept at once in whole numbers; beyond, halves are joined
KEPT = 200_000
# numbers of events in a group beyond which whole numbers grow too long, and halves take too long
MOST_WHOLE, MOST_EVENTS = 1_000, 300_000
# partial tables of one half of the groups, with any number of events
MOST_TABLES = 60_000_000
# logarithms of chances that differ by less are of the same kind of table
MERGED = 1e-11
# less than this share of the chance of the table seen, a cell changes no digit of p
NEGLIGIBLE = 1e-17
# groups of which every corner (all or no events in all groups but one) is looked at
MOST_CORNERS = 12
Half = tuple[Floats, Floats]


def freeman_halton(table: ArrayLike) -> ExactTest | NotEstimable:
    """Return the exact test of an r x 2 table of counts: Fisher's test for more than two groups.

    Adds all tables with both margins that are no more probable than the one seen. `p_smallest` is
    the smallest p of any table with both margins. With one column or all rows but one empty p = 1.
    In whole numbers where the kinds of partial tables are few; else from two halves of the groups,
    in floats with about nine digits: five groups of a thousand units take seconds.

    Raises:
        ValueError: not r x 2 whole non-negative counts.

    Source:
        Freeman and Halton (1951), Biometrika 38:141; R's `fisher.test` for r x c tables. Kinds of
        partial tables are merged as in Mehta and Patel (1983), JASA 78:427.

    >>> test = freeman_halton([[2, 0], [0, 2], [0, 2]])
    >>> test.p_value == 3 / 15  # one of the three groups has both events: 3 of C(6, 2) = 15
    True
    """
    rows = table_of_counts(table)
    if 2 * sum(a for a, _ in rows) > sum(map(sum, rows)):
        # either column gives the same test; the rarer one has fewer cells
        rows = [row[::-1] for row in rows]
    sizes, events = [a + b for a, b in rows], sum(a for a, _ in rows)
    weights = _weights(sizes, events) if min(max(sizes), events) <= MOST_WHOLE else None
    if weights is None:
        return _by_halves([row for row in rows if sum(row)])
    total, seen = comb(sum(sizes), events), prod(comb(a + b, a) for a, b in rows)
    # whole numbers until the division
    p, p_smallest = (
        sum(w * times for w, times in weights.items() if w * TIE <= limit * (TIE + 1)) / total
        for limit in (seen, min(weights))
    )
    return ExactTest(max(LEAST, p), max(LEAST, p_smallest), "two-sided", "Freeman-Halton")


def _weights(sizes: list[int], events: int) -> Counter[int] | None:
    """Return how often each weight (number of arrangements of a table) occurs; None if too many."""
    partial: dict[int, Counter[int]] = {0: Counter({1: 1})}
    left = sum(sizes)
    for size in sizes:
        left -= size
        grown: dict[int, Counter[int]] = {}
        kinds, binomials = 0, [comb(size, a) for a in range(min(size, events) + 1)]
        for so_far, weights in partial.items():
            # what is left must be able to hold the remaining events
            cells = range(max(0, events - so_far - left), min(size, events - so_far) + 1)
            kinds += len(cells) * len(weights)
            if kinds > 2 * KEPT:
                return None
            for a in cells:
                ways, target = binomials[a], grown.setdefault(so_far + a, Counter())
                for weight, times in weights.items():
                    target[weight * ways] += times
        if sum(map(len, grown.values())) > KEPT:
            return None
        partial = grown
    return partial[events]


def _by_halves(rows: Sequence[Sequence[int]]) -> ExactTest | NotEstimable:
    """Return the test with the tables of one half of the groups held against those of the other."""
    sizes, events = [sum(row) for row in rows], sum(row[0] for row in rows)
    n = sum(sizes)
    refusal = NotEstimable(
        "too many kinds of tables of {groups} groups and {units} units to count; join groups, "
        "or use scipy.stats.chi2_contingency, which comes close at that size",
        {"groups": len(sizes), "units": n},
    )
    if sum(min(size, events, n - size) for size in sizes) > MOST_EVENTS:
        return refusal
    constant = float(log_binomial(n, events, events, n))
    seen = float(sum(log_binomial(a + b, a, events, n) for a, b in rows))
    least = seen - constant + log(NEGLIGIBLE)
    *groups, widest = sorted((_cells(size, n, events, least) for size in sizes), key=len)
    few, many = _partial(groups[::-2]), _partial(groups[-2::-2])
    most = _count(many, widest) if many else MOST_TABLES + 1
    if not few or most > MOST_TABLES or len(sizes) > MOST_CORNERS:
        return refusal
    # relative to the chance of the table seen
    total = 0.0
    for so_far, (kinds, times) in _grown(many, widest):
        if events - so_far in few:
            others, of_others = few[events - so_far]
            below = np.append(-inf, np.logaddexp.accumulate(others + np.log(of_others)))
            at = np.searchsorted(others, seen + RELATIVE - kinds, side="right")
            total += float((times * np.exp(kinds + below[at] - seen)).sum())
    value = min(0.0, log(total) + seen - constant)
    p, p_smallest = (max(LEAST, exp(v)) for v in (value, _smallest(sizes, events) - constant))
    return ExactTest(p, min(p, p_smallest), "two-sided", "Freeman-Halton", value / log(10))


def _cells(size: int, n: int, events: int, least: float) -> dict[int, float]:
    """Return the log chances of the numbers of events in a group that are not too rare to count."""
    cells = np.arange(max(0, events - (n - size)), min(size, events) + 1)
    cells = cells[log_chance(size, n - size, events, cells) >= least]
    logs = log_binomial(size, cells, events, n)
    return dict(zip(cells.tolist(), logs.tolist(), strict=True))


def _partial(groups: Sequence[dict[int, float]]) -> dict[int, Half]:
    """Return the kinds of tables of some groups by events in them, in order; none if too many."""
    partial: dict[int, Half] = {0: (np.zeros(1), np.ones(1))}
    for group in groups:
        if _count(partial, group) > MOST_TABLES:
            return {}
        grown = {}
        for so_far, (kinds, times) in _grown(partial, group):
            order = np.argsort(kinds)
            kinds, times = kinds[order], times[order]
            # those of the same chance once
            starts = np.flatnonzero(np.diff(kinds, prepend=-inf) > MERGED)
            grown[so_far] = kinds[starts], np.add.reduceat(times, starts)
        partial = grown
    return partial


def _count(partial: dict[int, Half], group: dict[int, float]) -> int:
    """Return how many tables there are with one more group; a row of them takes as long as 30."""
    return sum(30 + len(kinds) for kinds, _ in partial.values()) * len(group)


def _grown(partial: dict[int, Half], group: dict[int, float]) -> Iterator[tuple[int, Half]]:
    """Yield the tables with one more group, by events: log chances, and how often each occurs."""
    for so_far in range(min(partial) + min(group), max(partial) + max(group) + 1):
        fewer = group if len(group) < len(partial) else [so_far - at for at in reversed(partial)]
        parts = [
            (partial[so_far - a][0] + group[a], partial[so_far - a][1])
            for a in fewer
            if a in group and so_far - a in partial
        ]
        kinds, times = (np.concatenate(side) for side in zip(*parts, strict=True))
        yield so_far, (kinds, times)


def _smallest(sizes: Sequence[int], events: int) -> float:
    """Return the log mass of the rarest tables: all or no events in all groups but one."""
    # nothing else is as rare, since chances fall away from the middle ever faster
    corners = set()
    for free, size in enumerate(sizes):
        for corner in product(*((0, other) for other in (*sizes[:free], *sizes[free + 1 :]))):
            left = events - sum(corner)
            if 0 <= left <= size:
                corners.add((*corner[:free], left, *corner[free:]))
    logs = log_binomial(sizes, sorted(corners), events, sum(sizes)).sum(axis=1)
    return float(np.logaddexp.reduce(logs[logs <= logs.min() + RELATIVE]))
