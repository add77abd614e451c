"""A smallest p over a family of groupings, adjusted for having searched (min-p)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from analysis.methods.checks import binary, finite, same_length
from analysis.methods.permutation import Statistic
from analysis.methods.relabeling import Floats, arrangements, p_value
from analysis.methods.result import NO_VARIATION, ONE_GROUP, NotEstimable
from analysis.methods.tables import RELATIVE, p_by_cell


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
    distinct = sorted(set(labels))
    found = []
    for size in range(1, len(distinct)):
        for chosen in combinations(distinct[1:], size):
            vector = np.array([float(label in chosen) for label in labels])
            found.append((frozenset(chosen), vector))
    return found


def adjusted(
    outcome: ArrayLike,
    groupings: Sequence[ArrayLike],
    statistic: Literal["fisher"] | Statistic = "fisher",
    seed: int = 0,
) -> Adjusted | NotEstimable:
    """Return the smallest p over a family of groupings, adjusted for having searched (min-p).

    `outcome`: shape (units,), 1 or 0 under `fisher`, else numbers. `groupings`: each shape
    (units,), 1 or 0; one with an empty group is left out. The outcome is relabeled over the units,
    the same relabeling for all groupings; one counts if its smallest p is no larger than the
    smallest p seen. All relabelings up to 200,000, else 10,000 drawn with `seed`. It corrects for
    the choice among these groupings, not for having chosen the family after seeing the outcome.

    Raises:
        ValueError: shapes, values, another statistic.

    Source:
        Westfall and Young (1993), Resampling-Based Multiple Testing, section 2.3 (min-p).
    """
    if statistic not in ("fisher", *get_args(Statistic)):
        raise ValueError(f"statistic: {statistic!r}; allowed: fisher, rank_sum, mean_difference")
    counted = statistic == "fisher"
    y = binary(outcome, "outcome", missing=False) if counted else finite(outcome, "outcome")
    family = [binary(g, f"groupings[{i}]", missing=False) for i, g in enumerate(groupings)]
    for vector in family:
        same_length(y, vector, "outcome, groupings")
    family = [vector for vector in family if vector.min() < vector.max()]
    if not family:
        return ONE_GROUP
    if y.min() == y.max():
        return NO_VARIATION
    dealt, complete = arrangements(y, seed)
    groups = np.array(family)
    if counted:
        p_all = _fisher_p(np.vstack([y, dealt]), groups, int(y.sum()))
    else:
        scores = dict(zip(y.tolist(), rankdata(y).tolist(), strict=True))
        p_all = _rank_p(y, dealt, groups, scores if statistic == "rank_sum" else None)
    seen, least = p_all[0], p_all[1:].min(axis=1)
    hits = [int((least <= p * (1 + RELATIVE)).sum()) for p in (seen.min(), *seen)]
    found = [p_value(hit, len(least), complete) for hit in hits]
    return Adjusted(
        found[0][0],
        float(seen.min()),
        hits[0],
        len(least),
        found[0][1],
        tuple(seen.tolist()),
        tuple(p for p, _ in found[1:]),
    )


def _fisher_p(labels: Floats, groups: Floats, events: int) -> Floats:
    """Return Fisher's p of each row of labels with each grouping, shape (rows, groupings)."""
    cells, n = (labels @ groups.T).astype(int), labels.shape[1]
    p = np.empty(cells.shape)
    for column, size in enumerate(groups.sum(axis=1).astype(int).tolist()):
        by_cell = np.array(p_by_cell(size, n - size, events, "two-sided"))
        p[:, column] = by_cell[cells[:, column] - max(0, events - (n - size))]
    return p


def _rank_p(y: Floats, dealt: Floats, groups: Floats, ranks: dict[float, float] | None) -> Floats:
    """Return the share of relabelings at least as far from the mean, first row: what was seen."""
    labels = np.vstack([y, dealt])
    if ranks is not None:
        labels = np.vectorize(ranks.__getitem__)(labels)
    far = np.abs(labels @ groups.T - groups.sum(axis=1) * labels[0].mean())
    p = np.empty(far.shape)
    for column in range(far.shape[1]):
        ordered = np.sort(far[1:, column])
        slack = RELATIVE * max(float(ordered[-1]), 1.0)
        below = np.searchsorted(ordered, far[:, column] - slack, side="left")
        p[:, column] = (len(ordered) - below) / len(ordered)
    return p
