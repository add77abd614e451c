"""A specification curve as a whole, tested by dealing the outcome anew to all specifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from smalln.arguments import whole
from smalln.exact_tables import ExactTest
from smalln.hypergeometric import RELATIVE, p_by_cell
from smalln.inputs import Floats
from smalln.min_p import ENUMERATED, SAMPLED, arrangements, p_value
from smalln.unconditional import boschloo

Test = Literal["fisher", "boschloo"]
LEVEL = 0.05
# a p below this would have no finite z
LEAST = 1e-300
# estimates and p-values held at once
BATCH = 4_000_000


@dataclass(frozen=True)
class Statistic:
    """A statistic of the whole curve, its relabeling p, and the smallest p that there could be.

    >>> Statistic(0.5, 0.04, 0.01).p_value
    0.04
    """

    value: float
    p_value: float
    p_smallest: float


@dataclass(frozen=True)
class Joint:
    """A specification curve as a whole.

    `median`: of the estimates. `dominant`: share of specifications with p < .05 and the sign that
    most estimates have. `stouffer`: sum of signed z over the root of their number. `of`
    relabelings; `error`: Monte Carlo standard error of the largest p, 0 where all were enumerated.

    >>> from smalln import Specification, multiverse
    >>> curve = multiverse([Specification({"factor": "a"}, [1, 1, 0, 0], [1, 1, 0, 0])])
    >>> found = curve.joint()  # of 6 relabelings two are as far from 0, in median and in Z
    >>> found.of, round(found.median.p_value, 3)
    (6, 0.333)
    """

    median: Statistic
    dominant: Statistic
    stouffer: Statistic
    specifications: int
    of: int
    error: float


@dataclass(frozen=True)
class Curves:
    """Specifications without unknown cells: `outcomes`, `units` (1: in the analysis) and `factors`.

    Each has shape (specifications, units) and holds 1 or 0; outcomes are 0 where a unit is out.
    """

    outcomes: Floats
    units: Floats
    factors: Floats
    tests: Sequence[Test]


@lru_cache(maxsize=65536)
def p_of_cells(kind: Test, first: int, second: int, events: int) -> tuple[float, ...]:
    """Return the p of each attainable first cell, from the smallest on; NaN where there is none.

    `first`, `second`: sizes of the groups; `events`: in both together.
    """
    if kind == "fisher":
        return p_by_cell(first, second, events, "two-sided")
    p_values = []
    for cell in range(max(0, events - second), min(first, events) + 1):
        test = boschloo([[cell, first - cell], [events - cell, second - events + cell]])
        p_values.append(test.p_value if isinstance(test, ExactTest) else np.nan)
    return tuple(p_values)


def joint(curves: Curves, seed: int) -> Joint:
    """Return the joint test of a curve by relabeling.

    A relabeling deals the units' whole outcome rows, with whether a unit is in, to their factors.
    """
    rows = np.hstack([curves.outcomes, curves.units])
    versions, which = np.unique(rows, axis=0, return_inverse=True)
    # a row a unit: its outcome and whether it is in, under each version
    outcomes, units = np.hsplit(versions, 2)
    dealt, complete = _dealt(np.hstack([outcomes.T, units.T]), seed)
    size = max(1, BATCH // len(rows))
    parts = [
        _statistics(dealt[start : start + size], versions, which.ravel(), curves)
        for start in range(0, len(dealt), size)
    ]
    statistics = np.concatenate(parts)
    seen, others = statistics[0], np.abs(statistics[1:])
    tested = [_tested(float(s), o, complete) for s, o in zip(seen, others.T, strict=True)]
    (median, first), (dominant, second), (stouffer, third) = tested
    return Joint(median, dominant, stouffer, len(rows), len(others), max(first, second, third))


def _tested(seen: float, others: Floats, complete: bool) -> tuple[Statistic, float]:
    """Return a statistic with its p and smallest p, and the Monte Carlo error of the p."""
    hits, least = (
        int((others >= size - RELATIVE * max(size, 1e-9)).sum())
        for size in (abs(seen), float(others.max()))
    )
    p, error = p_value(hits, len(others), complete)
    smallest = least / len(others) if complete else 1 / (len(others) + 1)
    return Statistic(seen, p, smallest), error


def _dealt(rows: Floats, seed: int) -> tuple[NDArray[np.intp], bool]:
    """Return whose outcome row each unit gets, first as it is; and whether these are all.

    `rows`: shape (units, what is dealt). Units with equal rows are interchangeable.
    """
    _, label = np.unique(rows, axis=0, return_inverse=True)
    label = label.ravel()
    total = factorial(len(label))
    for times in np.bincount(label).tolist():
        total //= factorial(times)
    own = np.arange(len(label))[None, :]
    if total > ENUMERATED:
        random = np.random.default_rng(whole(seed, "seed"))
        drawn = np.array([random.permutation(len(label)) for _ in range(SAMPLED)])
        return np.vstack([own, drawn]), False
    kinds, _ = arrangements(label.astype(float), seed)
    example = np.array([int(np.flatnonzero(label == k)[0]) for k in range(label.max() + 1)])
    return np.vstack([own, example[kinds.astype(int)]]), True


def _statistics(
    dealt: NDArray[np.intp], versions: Floats, which: NDArray[np.intp], curves: Curves
) -> Floats:
    """Return for each relabeling the median, the share of small p with the commoner sign, and Z."""
    estimate, tests = np.empty((len(which), len(dealt))), np.array(curves.tests)
    balance, positive, negative, total = np.zeros((4, len(dealt)))
    for number, version in enumerate(versions):
        outcome, units = np.split(version, 2)
        own = np.flatnonzero(which == number)
        events, n = int(outcome.sum()), int(units.sum())
        first, cells = (curves.factors[own] @ part[dealt].T for part in (units, outcome))
        # all that counts of an analysis is the table of its counts: where it stands among all
        at = (first * (events + 1) + cells).astype(np.intp)
        difference = _differences(n, events)
        estimate[own], sign = difference.take(at), np.sign(difference)
        sizes = np.flatnonzero(np.bincount(first.astype(np.intp).ravel()))
        for test in np.unique(tests[own]).tolist():
            p = _p_table(test, sizes.tolist(), n, events)
            small, z = p < LEVEL, sign * norm.isf(np.clip(p, LEAST, 1.0) / 2)
            of_test = at[tests[own] == test]
            for sums, each in (
                (balance, sign),
                (positive, small & (sign > 0)),
                (negative, small & (sign < 0)),
                (total, z),
            ):
                sums += each.astype(float).take(of_test).sum(axis=0)
    dominant = np.where(balance > 0, positive, np.where(balance < 0, negative, 0.0))
    dominant = np.where(balance == 0, np.maximum(positive, negative), dominant)
    median, k = np.median(estimate, axis=0), len(which)
    return np.column_stack([median, dominant / k, total / sqrt(k)])


def _differences(n: int, events: int) -> Floats:
    """Return the difference by size of the first group (rows) and events in it; 0 where empty.

    A relabeling that leaves a group empty shows no difference.
    """
    first, cells = np.arange(n + 1)[:, None], np.arange(events + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        differences: Floats = cells / first - (events - cells) / (n - first)
    differences[[0, n]] = 0.0
    return differences


def _p_table(test: Test, sizes: Sequence[int], n: int, events: int) -> Floats:
    """Return p by size of the first group (rows) and events in it; 1 where a group is empty.

    Computed for `sizes` only.
    """
    table = np.ones((n + 1, events + 1))
    for size in sizes:
        if 0 < size < n:
            least = max(0, events - (n - size))
            p = p_of_cells(test, size, n - size, events)
            table[size, least : least + len(p)] = p
    return table
