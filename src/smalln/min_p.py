"""A smallest p over a family of groupings, adjusted for having searched (min-p)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from smalln.checks import binary, finite, listed, one_of, same_length
from smalln.relabeling import Floats, arrangements, p_value, slack
from smalln.result import NO_VARIATION, ONE_GROUP, NotEstimable
from smalln.tables import RELATIVE, p_by_cell

Kind = Literal["fisher", "rank_sum", "mean_difference"]


@dataclass(frozen=True)
class Adjusted:
    """A smallest p adjusted for a search: `count` of `of` relabelings do at least as well.

    `p_least`: the smallest p seen. `each` and `adjusted`: for each grouping its own p and its
    single-step adjusted p. `error`: Monte Carlo standard error, 0 where all were enumerated.
    """

    p_value: float
    p_least: float
    count: int
    of: int
    error: float
    each: tuple[float, ...]
    adjusted: tuple[float, ...]


def two_way_groupings(labels: Sequence[str]) -> list[tuple[frozenset[str], Floats]]:
    """Return each way to split the distinct labels into two groups, once.

    Returns pairs: the labels of the group that does not hold the first label, and its vector of 1
    and 0, shape (units,).
    """
    given = listed(labels, "labels", "texts")
    for i, label in enumerate(given):
        if not isinstance(label, str):
            raise ValueError(f"labels[{i}]: {label!r}; allowed: a text")
    distinct = sorted(set(given))
    found = []
    for size in range(1, len(distinct)):
        for chosen in combinations(distinct[1:], size):
            vector = np.array([float(label in chosen) for label in given])
            found.append((frozenset(chosen), vector))
    return found


def adjusted(
    outcome: ArrayLike,
    groupings: Sequence[ArrayLike],
    statistic: Kind | Sequence[Kind] = "fisher",
    seed: int = 0,
) -> Adjusted | NotEstimable:
    """Return the smallest p over a family of groupings or tests, adjusted for having searched.

    `outcome`: shape (units,), 1 or 0 where a statistic is `fisher`, else numbers. `groupings`: each
    shape (units,), 1 or 0; one with an empty group is left out, its p is 1. `statistic`: one for
    all, or one for each grouping (a grouping may stand there twice, with two tests).

    The outcome is relabeled over the units, the same relabeling for all tests; one counts if its
    smallest p is no larger than the smallest p seen. All relabelings up to 200,000, else 10,000
    drawn with `seed`. It corrects for the choice within this family, not for having chosen the
    family after seeing the outcome.

    Raises:
        ValueError: shapes, values, another statistic, or not one for each grouping.

    Source:
        Westfall and Young (1993), Resampling-Based Multiple Testing, section 2.3 (min-p).
    """
    given = listed(groupings, "groupings", "vectors of 1 and 0")
    kinds = _kinds(statistic, len(given))
    counted = "fisher" in kinds
    y = binary(outcome, "outcome", missing=False) if counted else finite(outcome, "outcome")
    family = [binary(g, f"groupings[{i}]", missing=False) for i, g in enumerate(given)]
    for vector in family:
        same_length(y, vector, "outcome, groupings")
    kept = [i for i, vector in enumerate(family) if vector.min() < vector.max()]
    if not kept:
        return ONE_GROUP
    if y.min() == y.max():
        return NO_VARIATION
    groups, chosen = np.array([family[i] for i in kept]), [kinds[i] for i in kept]
    if set(chosen) == {"fisher"}:
        seen = _fisher_p(y[None, :], groups, int(y.sum()))[0]
        least, complete = _least_fisher(groups.tobytes(), groups.shape, int(y.sum()), seed)
    else:
        dealt, complete = arrangements(y, seed)
        p_all = _p_of_each(y, dealt, groups, chosen, complete)
        seen, least = p_all[0], p_all[1:].min(axis=1)
    hits = [int((least <= p * (1 + RELATIVE)).sum()) for p in (seen.min(), *seen)]
    (p, error), *others = (p_value(hit, len(least), complete) for hit in hits)
    # a grouping that was left out explains nothing
    each, single = np.ones(len(family)), np.ones(len(family))
    each[kept], single[kept] = seen, [other for other, _ in others]
    ends = float(seen.min()), hits[0], len(least), error
    return Adjusted(p, *ends, tuple(each.tolist()), tuple(single.tolist()))


def _kinds(statistic: Any, groupings: int) -> list[str]:
    """Return the statistic of each grouping."""
    if isinstance(statistic, str):
        return [one_of(statistic, "statistic", get_args(Kind))] * groupings
    kinds = listed(statistic, "statistic", "names, one for each grouping")
    if len(kinds) != groupings:
        allowed = f"one, or {groupings}, as groupings"
        raise ValueError(f"statistic: {len(kinds)} given; allowed: {allowed}")
    return [one_of(kind, "statistic", get_args(Kind)) for kind in kinds]


@lru_cache(maxsize=64)
def _least_fisher(
    groups: bytes, shape: tuple[int, int], events: int, seed: int
) -> tuple[Floats, bool]:
    """Return the smallest Fisher p of each relabeling of so many events; whether these are all."""
    y = np.repeat([1.0, 0.0], [events, shape[1] - events])
    dealt, complete = arrangements(y, seed)
    family = np.frombuffer(groups).reshape(shape)
    return _fisher_p(dealt, family, events).min(axis=1), complete


def _p_of_each(
    y: Floats, dealt: Floats, groups: Floats, kinds: Sequence[str], complete: bool
) -> Floats:
    """Return the p of each test, first row: what was seen; shape (1 + relabelings, tests)."""
    found = np.empty((1 + len(dealt), len(groups)))
    ranks = dict(zip(y.tolist(), rankdata(y).tolist(), strict=True))
    for kind in set(kinds):
        of_kind = np.array([k == kind for k in kinds])
        if kind == "fisher":
            found[:, of_kind] = _fisher_p(np.vstack([y, dealt]), groups[of_kind], int(y.sum()))
        else:
            scores = ranks if kind == "rank_sum" else None
            found[:, of_kind] = _rank_p(y, dealt, groups[of_kind], scores, complete)
    return found


def _fisher_p(labels: Floats, groups: Floats, events: int) -> Floats:
    """Return Fisher's p of each row of labels with each grouping, shape (rows, groupings)."""
    cells, n = (labels @ groups.T).astype(int), labels.shape[1]
    p = np.empty(cells.shape)
    for column, size in enumerate(groups.sum(axis=1).astype(int).tolist()):
        by_cell = np.array(p_by_cell(size, n - size, events, "two-sided"))
        p[:, column] = by_cell[cells[:, column] - max(0, events - (n - size))]
    return p


def _rank_p(
    y: Floats, dealt: Floats, groups: Floats, ranks: dict[float, float] | None, complete: bool
) -> Floats:
    """Return the share of relabelings at least as far from the mean, first row: what was seen.

    Where relabelings are a sample, what was seen counts as one of them.
    """
    labels = np.vstack([y, dealt])
    if ranks is not None:
        labels = np.vectorize(ranks.__getitem__)(labels)
    far = np.abs(labels @ groups.T - groups.sum(axis=1) * labels[0].mean())
    among = far[1:] if complete else far
    p = np.empty(far.shape)
    for column in range(far.shape[1]):
        ordered = np.sort(among[:, column])
        limits = far[:, column] - slack(far[:, column], labels[0])
        below = np.searchsorted(ordered, limits, side="left")
        p[:, column] = (len(ordered) - below) / len(ordered)
    return p
