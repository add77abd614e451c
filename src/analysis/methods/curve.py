"""A specification curve as a whole, tested by dealing the outcome anew to all specifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from analysis.methods.boschloo import boschloo
from analysis.methods.relabeling import ENUMERATED, SAMPLED, arrangements, p_value
from analysis.methods.tables import RELATIVE, ExactTest, p_by_cell

Floats = NDArray[np.float64]
Test = Literal["fisher", "boschloo"]
LEVEL = 0.05
# estimates and p-values held at once
BATCH = 4_000_000


@dataclass(frozen=True)
class Joint:
    """A specification curve as a whole, each statistic with its relabeling p.

    `median`: of the estimates. `dominant`: share of specifications with the commoner sign and p <
    .05. `stouffer`: sum of signed z over the root of their number. `error`: Monte Carlo standard
    error of the largest p, 0 where all `of` relabelings were enumerated.
    """

    median: float
    median_p: float
    dominant: float
    dominant_p: float
    stouffer: float
    stouffer_p: float
    of: int
    error: float


@lru_cache(maxsize=4096)
def p_of_cells(test: Test, first: int, second: int, events: int) -> tuple[float, ...]:
    """Return the p of each attainable first cell, from the smallest on.

    `first`, `second`: sizes of the groups; `events`: in both together.
    """
    if test == "fisher":
        return p_by_cell(first, second, events, "two-sided")
    found = []
    for cell in range(max(0, events - second), min(first, events) + 1):
        p = boschloo([[cell, first - cell], [events - cell, second - events + cell]])
        found.append(p.p_value if isinstance(p, ExactTest) else np.nan)
    return tuple(found)


def joint(outcomes: Floats, factors: Floats, tests: Sequence[Test], seed: int) -> Joint:
    """Return the joint test of specifications without unknown cells.

    `outcomes`, `factors`: shape (specifications, units), 1 or 0, both values in each row.
    """
    versions, which = np.unique(outcomes, axis=0, return_inverse=True)
    dealt, complete = _dealt(versions.T, seed)
    size = max(1, BATCH // len(outcomes))
    parts = [
        _statistics(dealt[start : start + size], versions, which.ravel(), factors, tests)
        for start in range(0, len(dealt), size)
    ]
    statistics = np.concatenate(parts)
    seen, others = statistics[0], np.abs(statistics[1:])
    slack = RELATIVE * np.maximum(np.abs(seen), 1e-9)
    hits = (others >= np.abs(seen) - slack).sum(axis=0)
    found = [p_value(int(hit), len(others), complete) for hit in hits]
    (median, median_p), (dominant, dominant_p), (stouffer, stouffer_p) = (
        (float(value), p) for value, (p, _) in zip(seen, found, strict=True)
    )
    error = max(each for _, each in found)
    return Joint(median, median_p, dominant, dominant_p, stouffer, stouffer_p, len(others), error)


def _dealt(rows: Floats, seed: int) -> tuple[NDArray[np.intp], bool]:
    """Return whose outcome row each unit gets, first as it is; and whether these are all.

    `rows`: shape (units, versions). Units with equal rows are interchangeable.
    """
    _, label = np.unique(rows, axis=0, return_inverse=True)
    label = label.ravel()
    total = factorial(len(label))
    for times in np.bincount(label).tolist():
        total //= factorial(times)
    own = np.arange(len(label))[None, :]
    if total > ENUMERATED:
        random = np.random.default_rng(seed)
        drawn = np.array([random.permutation(len(label)) for _ in range(SAMPLED)])
        return np.vstack([own, drawn]), False
    kinds, _ = arrangements(label.astype(float), seed)
    example = np.array([int(np.flatnonzero(label == k)[0]) for k in range(label.max() + 1)])
    return np.vstack([own, example[kinds.astype(int)]]), True


def _statistics(
    dealt: NDArray[np.intp],
    versions: Floats,
    which: NDArray[np.intp],
    factors: Floats,
    tests: Sequence[Test],
) -> Floats:
    """Return for each relabeling the median, the share of small p with the commoner sign, and Z."""
    shape = (len(dealt), len(factors))
    estimate, score, small = np.empty(shape), np.empty(shape), np.empty(shape, dtype=bool)
    for number, version in enumerate(versions):
        own = np.flatnonzero(which == number)
        cells = (version[dealt] @ factors[own].T).astype(int)
        first, events, n = factors[own].sum(axis=1), int(version.sum()), len(version)
        estimate[:, own] = cells / first - (events - cells) / (n - first)
        for column, position in enumerate(own.tolist()):
            size = int(first[column])
            p = np.array(p_of_cells(tests[position], size, n - size, events))
            z = norm.isf(np.minimum(p, 1.0) / 2)
            place = cells[:, column] - max(0, events - (n - size))
            score[:, position], small[:, position] = z[place], (p < LEVEL)[place]
    sign = np.sign(estimate)
    positive, negative = (small & (sign > 0)).mean(axis=1), (small & (sign < 0)).mean(axis=1)
    stouffer = (sign * score).sum(axis=1) / sqrt(shape[1])
    return np.column_stack([np.median(estimate, axis=1), np.maximum(positive, negative), stouffer])
