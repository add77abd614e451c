"""A smallest p over a family of groupings, adjusted for having searched (min-p), by relabeling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import factorial, prod

import numpy as np
import numpy.typing as npt

from smalln.hypergeometric import RELATIVE, p_by_size
from smalln.inputs import Floats, listed, one_line, vectors, whole
from smalln.result import NO_VARIATION, ONE_GROUP, NotEstimable

# up to this many relabelings are all enumerated; beyond, a seeded sample
ENUMERATED = 200_000
SAMPLED = 10_000
MOST_UNITS = 5_000
TOO_MANY_UNITS = NotEstimable("more than 5,000 units are not dealt anew; take a random part")


@dataclass(frozen=True)
class Adjusted:
    """A smallest p adjusted for a search: `count` of `of` relabelings do at least as well.

    `p_least`: the smallest p seen. `each` and `adjusted`: for each grouping its own p and its
    single-step adjusted p. `error`: Monte Carlo standard error, 0 where all were enumerated.

    >>> adjusted([1, 0, 0], [[1, 0, 0]]).count  # the event falls to the group in 1 of 3 ways
    1
    """

    p_value: float
    p_least: float
    count: int
    of: int
    error: float
    each: tuple[float, ...] = field(repr=False)
    adjusted: tuple[float, ...] = field(repr=False)


def two_way_groupings(labels: Sequence[str]) -> list[tuple[frozenset[str], Floats]]:
    """Return each way to split the distinct labels into two groups, once.

    Pairs: labels of the group without the first label, and its vector of 1 and 0, shape (units,).

    Raises:
        ValueError: no texts.

    >>> [sorted(group) for group, _ in two_way_groupings(["a", "b", "c", "b"])]
    [['b'], ['c'], ['b', 'c']]
    """
    of_units = listed(labels, "labels", "texts")
    for i, label in enumerate(of_units):
        if not isinstance(label, str):
            raise ValueError(f"labels[{i}]: {one_line(label)}; allowed: a text")
    distinct = sorted(set(of_units))
    return [
        (frozenset(chosen), np.array([float(label in chosen) for label in of_units]))
        for size in range(1, len(distinct))
        for chosen in combinations(distinct[1:], size)
    ]


def adjusted(
    outcome: npt.ArrayLike, groupings: Sequence[npt.ArrayLike], seed: int = 0
) -> Adjusted | NotEstimable:
    """Return the smallest Fisher p over a family of groupings, adjusted for having searched.

    `outcome`: shape (units,), 1 or 0. `groupings`: each shape (units,), 1 or 0, or a frame with a
    column each; one with an empty group is left out, its p is 1.

    The outcome of up to 5,000 units is relabeled over them, the same relabeling for all groupings;
    one counts if its smallest p is no larger than the smallest p seen. All relabelings up to
    200,000, else 10,000 drawn with `seed`. It corrects for the choice within this family, not for
    having chosen the family after seeing the outcome.

    Raises:
        ValueError: shapes, values, labels that differ.

    Source:
        Westfall and Young (1993), Resampling-Based Multiple Testing, section 2.3 (min-p).

    >>> found = adjusted([1, 1, 0, 0], [[1, 1, 0, 0], [1, 0, 1, 0]])
    >>> found.p_least == 1 / 3, found.p_value == 2 / 3  # 4 of 6 relabelings split one of the two
    (True, True)
    """
    columns = listed(groupings, "groupings", "vectors of 1 and 0")
    named = {f"groupings[{i}]": column for i, column in enumerate(columns)}
    y, *family = vectors(outcome=outcome, **named)
    whole(seed, "seed")
    split = [i for i, vector in enumerate(family) if vector.min() < vector.max()]
    if not split:
        return ONE_GROUP
    if y.min() == y.max():
        return NO_VARIATION
    if len(y) > MOST_UNITS:
        return TOO_MANY_UNITS
    groups, events = np.array([family[i] for i in split]), int(y.sum())
    seen = _fisher_p(y[None, :], groups, events)[0]
    least, complete = _least_fisher(groups.tobytes(), groups.shape, events, seed)
    hits = [int((least <= p * (1 + RELATIVE)).sum()) for p in (seen.min(), *seen)]
    (p, error), *others = (p_value(hit, len(least), complete) for hit in hits)
    # a grouping that was left out explains nothing
    each, single = np.ones(len(family)), np.ones(len(family))
    each[split], single[split] = seen, [other for other, _ in others]
    ends = float(seen.min()), hits[0], len(least), error
    return Adjusted(p, *ends, tuple(each.tolist()), tuple(single.tolist()))


@lru_cache(maxsize=64)
def _least_fisher(
    groups: bytes, shape: tuple[int, int], events: int, seed: int
) -> tuple[Floats, bool]:
    """Return the smallest Fisher p of each relabeling of so many events; whether these are all."""
    y = np.repeat([1.0, 0.0], [events, shape[1] - events])
    dealt, complete = arrangements(y, seed)
    family = np.frombuffer(groups).reshape(shape)
    return _fisher_p(dealt, family, events).min(axis=1), complete


def _fisher_p(labels: Floats, groups: Floats, events: int) -> Floats:
    """Return Fisher's p of each row of labels with each grouping, shape (rows, groupings)."""
    cells, sizes = (labels @ groups.T).astype(int), groups.sum(axis=1).astype(int)
    every = p_by_size(labels.shape[1], events, set(sizes.tolist()))
    return np.asarray(every[sizes, cells])


def p_value(count: int, of: int, complete: bool) -> tuple[float, float]:
    """Return a p-value and its Monte Carlo standard error."""
    if complete:
        return count / of, 0.0
    p = (count + 1) / (of + 1)
    return p, float(np.sqrt(p * (1 - p) / of))


def arrangements(y: Floats, seed: int) -> tuple[Floats, bool]:
    """Return relabeled outcomes, shape (relabelings, units), and whether these are all."""
    values, times = np.unique(y, return_counts=True)
    if factorial(len(y)) // prod(map(factorial, times.tolist())) > ENUMERATED:
        random = np.random.default_rng(seed)
        return np.array([random.permutation(y) for _ in range(SAMPLED)]), False
    dealt, free = np.full((1, len(y)), values[0]), np.ones((1, len(y)), dtype=bool)
    for value, repeated in zip(values[1:].tolist(), times[1:].tolist(), strict=True):
        # so many free places of each row get the value, in every way
        width = int(free[0].sum())
        ways = np.array(list(combinations(range(width), repeated)), dtype=np.intp)
        places = np.nonzero(free)[1].reshape(len(free), width)[:, ways].reshape(-1, repeated)
        dealt, free = (np.repeat(part, len(ways), axis=0) for part in (dealt, free))
        np.put_along_axis(dealt, places, value, axis=1)
        np.put_along_axis(free, places, False, axis=1)
    return dealt, True
