"""Exact tests of a factor of two levels, each with the smallest p attainable at its margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.methods.checks import binary, same_length
from analysis.methods.result import ONE_GROUP, NotEstimable

Alternative = Literal["two-sided", "greater", "less"]
# two tables of equal probability stay equal in floating point, as in R's fisher.test
RELATIVE = 1e-7
# up to this many relabelings are all enumerated; beyond, a seeded sample
ENUMERATED = 200_000
SAMPLED = 10_000


@dataclass(frozen=True)
class ExactTest:
    """A p-value with the smallest that any table with the same margins could give."""

    p_value: float
    p_smallest: float
    alternative: Alternative
    test: str


@dataclass(frozen=True)
class Adjusted:
    """A smallest p adjusted for a search: `count` of `of` relabelings do at least as well.

    `error` is the Monte Carlo standard error, 0 where all relabelings were enumerated.
    """

    p_value: float
    p_least: float
    count: int
    of: int
    error: float


def fisher(table: ArrayLike, alternative: Alternative = "two-sided") -> ExactTest:
    """Return Fisher's exact test of a 2 x 2 table of counts; rows are the groups.

    Two-sided adds the tables that are no more probable than the one seen (as R). `greater`: the
    first row's share of the first column is larger. A zero margin gives p = 1.

    Raises:
        ValueError: not 2 x 2 whole non-negative counts, or another alternative.

    Source:
        Fisher (1935), The Design of Experiments, section 21; R's `fisher.test`.
    """
    counts = np.asarray(table)
    if counts.shape != (2, 2) or counts.dtype.kind not in "iuf" or np.any(counts != counts // 1):
        raise ValueError(f"table: {table!r}; allowed: 2 x 2 whole counts")
    if (counts < 0).any():
        raise ValueError(f"table: {table!r}; allowed: counts of 0 or more")
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative: {alternative!r}; allowed: two-sided, greater, less")
    (a, b), (c, d) = counts.astype(int).tolist()
    by_cell = _p_by_cell(a + b, c + d, a + c, alternative)
    return ExactTest(by_cell[a - max(0, a + c - (c + d))], min(by_cell), alternative, "Fisher")


@lru_cache(maxsize=65_536)
def _p_by_cell(first: int, second: int, events: int, alternative: Alternative) -> tuple[float, ...]:
    """Return the p-value for each attainable first cell, from the smallest cell on."""
    cells = range(max(0, events - second), min(first, events) + 1)
    ways = [comb(first, k) * comb(second, events - k) for k in cells]
    total = comb(first + second, events)
    if alternative == "greater":
        return tuple(sum(ways[i:]) / total for i in range(len(ways)))
    if alternative == "less":
        return tuple(sum(ways[: i + 1]) / total for i in range(len(ways)))
    return tuple(
        min(1.0, sum(w for w in ways if w <= seen * (1 + RELATIVE)) / total) for seen in ways
    )


def fisher_of(
    outcome: ArrayLike, factor: ArrayLike, alternative: Alternative = "two-sided"
) -> ExactTest | NotEstimable:
    """Return Fisher's test of a known outcome against a known factor, vectors of 1 and 0."""
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor", missing=False)
    same_length(y, x, "outcome, factor")
    if x.min() == x.max() or y.min() == y.max():
        return ONE_GROUP
    return fisher(cross_table(y, x), alternative)


def cross_table(outcome: NDArray[np.float64], factor: NDArray[np.float64]) -> list[list[int]]:
    """Return counts: rows factor 1 and 0, columns outcome 1 and 0."""
    return [[int(((factor == f) & (outcome == o)).sum()) for o in (1.0, 0.0)] for f in (1.0, 0.0)]


def two_way_groupings(labels: Sequence[str]) -> list[tuple[frozenset[str], NDArray[np.float64]]]:
    """Return each way to split the distinct labels into two groups, once.

    Returns pairs: the labels of the group that does not hold the first label, and its vector of 1
    and 0, shape (units,).
    """
    distinct = sorted(set(labels))
    found = []
    for size in range(1, len(distinct)):
        for chosen in combinations(distinct[1:], size):
            vector = np.array([float(label in chosen) for label in labels])
            found.append((frozenset(chosen), vector))
    return found


def adjusted(
    outcome: ArrayLike, groupings: Sequence[ArrayLike], seed: int = 0
) -> Adjusted | NotEstimable:
    """Return the smallest Fisher p over a family of groupings, adjusted for having searched.

    The events are relabeled over the units; a relabeling counts if its own smallest p is no larger
    than the smallest p seen. All relabelings up to 200,000, else a seeded sample of 10,000 with
    p = (b + 1) / (m + 1).

    Source:
        Westfall & Young (1993), Resampling-Based Multiple Testing, section 2.3 (min-p).
    """
    y = binary(outcome, "outcome", missing=False)
    family = [binary(g, f"groupings[{i}]", missing=False) for i, g in enumerate(groupings)]
    for vector in family:
        same_length(y, vector, "outcome, groupings")
    family = [vector for vector in family if vector.min() < vector.max()]
    events, n = int(y.sum()), len(y)
    if not family or events in (0, n):
        return ONE_GROUP
    groups = np.array(family)
    seen = float(_least_p(y[None, :], groups, events)[0])
    total = comb(n, events)
    if total <= ENUMERATED:
        rows = np.array(list(combinations(range(n), events)))
    else:
        random = np.random.default_rng(seed)
        rows = np.array([random.permutation(n)[:events] for _ in range(SAMPLED)])
    labels = np.zeros((len(rows), n))
    np.put_along_axis(labels, rows, 1.0, axis=1)
    hits = int((_least_p(labels, groups, events) <= seen * (1 + RELATIVE)).sum())
    if total <= ENUMERATED:
        return Adjusted(hits / total, seen, hits, total, 0.0)
    p = (hits + 1) / (SAMPLED + 1)
    return Adjusted(p, seen, hits, SAMPLED, float(np.sqrt(p * (1 - p) / SAMPLED)))


def _least_p(
    labels: NDArray[np.float64], groups: NDArray[np.float64], events: int
) -> NDArray[np.float64]:
    """Return the smallest Fisher p over the groups for each row of labels, shape (rows,)."""
    cells = (labels @ groups.T).astype(int)
    n, least = labels.shape[1], np.ones(len(labels))
    for column, size in enumerate(groups.sum(axis=1).astype(int).tolist()):
        by_cell = np.array(_p_by_cell(size, n - size, events, "two-sided"))
        least = np.minimum(least, by_cell[cells[:, column] - max(0, events - (n - size))])
    return least
