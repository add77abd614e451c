"""Tests that deal the outcome anew to the units: in all ways, or in a seeded sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, gcd
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from smalln.hypergeometric import RELATIVE, Alternative
from smalln.inputs import (
    Floats,
    aligned,
    binary,
    categories_of,
    finite,
    one_of,
    ordinal,
    same_length,
    whole,
)
from smalln.min_p import ENUMERATED, SAMPLED, p_value
from smalln.result import NO_VARIATION, ONE_GROUP, NotEstimable

# of a sum of floats, relative to its largest part
ROUNDING = 1e-14
# so that sums stay numbers
LARGEST = 1e100
# bytes that counting rank sums may move: a few seconds
MOST_MOVED = 2 * 10**10


@dataclass(frozen=True)
class Permutation:
    """A permutation test: `count` of `of` relabelings are at least as extreme.

    `statistic`: rank sum of the group 1, or its mean minus that of group 0. `p_smallest`: None
    where relabelings are drawn, since 1 / (m + 1) is the floor of drawing alone. `error`: Monte
    Carlo standard error, 0 where all were counted. `test`: `rank_sum` or `mean_difference`.

    >>> found = permutation([1, 2, 9], [0, 0, 1])
    >>> found.count, found.of, found.error
    (1, 3, 0.0)
    """

    p_value: float
    p_smallest: float | None
    statistic: float
    alternative: Alternative
    count: int
    of: int
    error: float
    test: str


def rank_sum(
    outcome: ArrayLike, groups: ArrayLike, alternative: Alternative = "two-sided", seed: int = 0
) -> Permutation | NotEstimable:
    """Return the exact rank sum test (Wilcoxon, Mann-Whitney) of two groups, with ties.

    `outcome`: shape (units,), numbers or ordered categories; ties get mid-ranks. `groups`: shape
    (units,), 1 or 0. Two-sided counts choices of the group whose rank sum is at least as far from
    its mean; `greater`: the group 1 has the larger values. Exact for some 200 units in two halves
    and for thousands against a few; beyond, 10,000 relabelings drawn with `seed`, where
    p = (b + 1) / (m + 1). `p_smallest`: given the group sizes and the outcome's ties.

    Raises:
        ValueError: shapes, labels, values that have no order, another alternative.

    Source:
        Hollander, Wolfe and Chicken (2014), Nonparametric Statistical Methods, section 4.1; R's
        `coin::wilcox_test(distribution = "exact")`.

    >>> found = rank_sum([1, 2, 2, 5, 7], [0, 0, 0, 1, 1])
    >>> found.statistic, found.count, found.of  # ranks 4 + 5; as low as that: 1 + 2.5 is less far
    (9.0, 1, 10)
    """
    y, x = _checked(ordinal(outcome, "outcome"), groups, alternative, seed)
    if isinstance(y, NotEstimable):
        return y
    ranks = rankdata(y)
    # mid-ranks are halves
    doubled = np.sort(2 * ranks).astype(int).tolist()
    n, size, seen = len(y), int(x.sum()), int(2 * ranks[x == 1].sum())
    sums = _sums_of_ranks(tuple(doubled), size)
    if sums is None:
        return _by_relabeling(ranks, x, alternative, seed, "rank_sum")
    mean = size * (n + 1)
    far = [(_extremeness(doubled_sum - mean, alternative), ways) for doubled_sum, ways in sums]
    own, most, of = _extremeness(seen - mean, alternative), max(far)[0], comb(n, size)
    count, least = (sum(ways for each, ways in far if each >= end) for end in (own, most))
    return Permutation(count / of, least / of, seen / 2, alternative, count, of, 0.0, "rank_sum")


@lru_cache(maxsize=4096)
def _sums_of_ranks(doubled: tuple[int, ...], size: int) -> list[tuple[int, int]] | None:
    """Return each sum of `size` doubled ranks and the number of ways to it; None if too many."""
    # the ways to all sums of k ranks are the digits of one whole number: to add a rank is a shift
    n, smaller = len(doubled), min(size, len(doubled) - size)
    least, unit = doubled[0], gcd(*(rank - doubled[0] for rank in doubled))
    steps = [(rank - least) // unit for rank in doubled]
    bytes_each, largest = comb(n, smaller).bit_length() // 8 + 1, sum(steps[n - smaller :])
    if n * smaller * bytes_each * largest > MOST_MOVED:
        return None
    ways = [1] + [0] * smaller
    for i, step in enumerate(steps):
        for k in range(min(i + 1, smaller), 0, -1):
            ways[k] += ways[k - 1] << (8 * bytes_each * step)
    digits = ways[smaller].to_bytes(bytes_each * (largest + 1), "little")
    counts = [
        int.from_bytes(digits[at : at + bytes_each], "little")
        for at in range(0, len(digits), bytes_each)
    ]
    total = sum(doubled)
    # where the larger group has the 1s, its sum is what the smaller one leaves
    sums = ((smaller * least + unit * at, times) for at, times in enumerate(counts) if times)
    return [(s if smaller == size else total - s, times) for s, times in sums]


def permutation(
    outcome: ArrayLike, groups: ArrayLike, alternative: Alternative = "two-sided", seed: int = 0
) -> Permutation | NotEstimable:
    """Return the permutation test of a difference of means between two groups.

    `outcome`: shape (units,), numbers. `groups`: shape (units,), 1 or 0. Two-sided counts
    relabelings whose difference is at least as far from 0; `greater`: the group 1 has the larger
    mean. All relabelings up to 200,000, else 10,000 drawn with `seed`, where p = (b + 1) / (m + 1).
    `p_smallest`: given the group sizes and the outcome's values.

    Raises:
        ValueError: shapes, labels, values that are no numbers or beyond 1e100, another alternative.

    Source:
        Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4:119.

    >>> found = permutation([1, 2, 3, 10], [0, 0, 1, 1])
    >>> found.statistic, found.count, found.of  # 6.5 less 1.5; its mirror 1.5 less 6.5
    (5.0, 2, 6)
    """
    if categories_of(outcome) is not None:
        raise ValueError("outcome: categories; allowed: numbers; rank_sum takes categories")
    y, x = _checked(outcome, groups, alternative, seed)
    if isinstance(y, NotEstimable):
        return y
    if (largest := float(np.abs(y).max())) > LARGEST:
        raise ValueError(f"outcome: largest value {largest!r}; allowed: up to {LARGEST}")
    return _by_relabeling(y - y.mean(), x, alternative, seed, "mean_difference")


def _checked(
    outcome: ArrayLike, groups: ArrayLike, alternative: str, seed: int
) -> tuple[Floats | NotEstimable, Floats]:
    outcome, groups = aligned(outcome=outcome, groups=groups)
    y, x = finite(outcome, "outcome"), binary(groups, "groups", missing=False)
    same_length(y, x, "outcome, groups")
    one_of(alternative, "alternative", get_args(Alternative))
    whole(seed, "seed")
    if x.min() == x.max():
        return ONE_GROUP, x
    return NO_VARIATION if y.min() == y.max() else y, x


def _by_relabeling(
    scores: Floats, x: Floats, alternative: Alternative, seed: int, test: str
) -> Permutation:
    n, size = len(scores), int(x.sum())
    centre = size * scores.mean()
    seen = float(scores[x == 1].sum() - centre)
    # the smaller group is dealt; the larger one's sum moves the other way
    dealt = min(size, n - size)
    complete = comb(n, dealt) <= ENUMERATED
    if complete:
        sums = scores[_all_subsets(n, dealt)].sum(axis=1)
    else:
        # summed one by one: no draw is kept
        random = np.random.default_rng(seed)
        draws = (scores[random.permutation(n)[:dealt]].sum() for _ in range(SAMPLED))
        sums = np.fromiter(draws, dtype=float)
    away = (1 if dealt == size else -1) * (sums - dealt * scores.mean())
    far, own = _extremeness(away, alternative), _extremeness(seen, alternative)
    # ties are within a share of the statistic, as in R, and the rounding of sums of such scores
    rounding = ROUNDING * n * float(np.abs(scores).max())
    count, least = (
        int((far >= s - (RELATIVE * abs(s) + rounding)).sum()) for s in (own, far.max())
    )
    of = len(sums)
    statistic = seen + centre if test == "rank_sum" else seen / size + seen / (n - size)
    p, error = p_value(count, of, complete)
    smallest = least / of if complete else None
    return Permutation(p, smallest, float(statistic), alternative, count, of, error, test)


def _extremeness(away: Any, alternative: Alternative) -> Any:
    return {"two-sided": abs(away), "greater": away, "less": -away}[alternative]


@lru_cache(maxsize=16)
def _all_subsets(n: int, size: int) -> NDArray[np.intp]:
    return np.array(list(combinations(range(n), size)), dtype=np.intp)
