"""A specification curve as a whole, tested by dealing the outcome anew to all specifications."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from smalln.hypergeometric import RELATIVE, p_by_size
from smalln.inputs import Floats
from smalln.min_p import arrangements, p_value

LEVEL = 0.05
# a p below this would have no finite z
LEAST = 1e-300
# estimates and p-values held at once
BATCH = 4_000_000


@dataclass(frozen=True)
class Statistic:
    """A statistic of the whole curve, its relabeling p, and the smallest p that there could be.

    `p_smallest`: None where relabelings are drawn, since 1 / (m + 1) is the floor of drawing alone.

    >>> Statistic(0.5, 0.04, 0.01).p_value
    0.04
    """

    value: float
    p_value: float
    p_smallest: float | None


@dataclass(frozen=True)
class Joint:
    """A specification curve as a whole.

    `median`: of the estimates. `dominant`: share of specifications with p < .05 and the sign that
    most estimates have. `stouffer`: sum of signed z over the root of their number. `error`: the
    largest Monte Carlo standard error of the three p, 0 where all `of` relabelings were enumerated.

    >>> from smalln import Specification, multiverse
    >>> curve = multiverse([Specification({"factor": "a"}, [1, 1, 0, 0], [1, 1, 0, 0])])
    >>> found = curve.joint()  # of 6 relabelings two are as far from 0, in median and in Z
    >>> found.of, round(found.median.p_value, 3)
    (6, 0.333)
    """

    median: Statistic
    dominant: Statistic
    stouffer: Statistic = field(repr=False)
    specifications: int
    of: int
    error: float


class Analysis(NamedTuple):
    """A specification as vectors of shape (units,): 1, 0, in a factor also NaN."""

    # 0 for units that are not in the analysis
    outcome: Floats
    units: Floats
    factor: Floats


def joint(analyses: Sequence[Analysis], seed: int) -> Joint:
    """Return the joint test, by relabeling, of analyses without unknown cells."""
    outcomes, units, factors = (np.array(part) for part in zip(*analyses, strict=True))
    versions, which = np.unique(np.hstack([outcomes, units]), axis=0, return_inverse=True)
    # a row a unit: its outcome and whether it is in, under each version; equal rows are one kind
    by_unit = np.hstack([part.T for part in np.hsplit(versions, 2)])
    _, example, kind = np.unique(by_unit, axis=0, return_index=True, return_inverse=True)
    kinds, complete = arrangements(kind.ravel().astype(float), seed)
    # whose whole row each unit's factors get, first as it is
    dealt = example[np.vstack([kind.ravel(), kinds.astype(int)])]
    size = max(1, BATCH // len(factors))
    statistics = np.concatenate(
        [
            _statistics(dealt[start : start + size], versions, which.ravel(), factors)
            for start in range(0, len(dealt), size)
        ]
    )
    tested, of = list[tuple[Statistic, float]](), len(kinds)
    for seen, others in zip(statistics[0].tolist(), np.abs(statistics[1:]).T, strict=True):
        hits, least = (
            int((others >= far - RELATIVE * max(far, 1e-9)).sum())
            for far in (abs(seen), float(others.max()))
        )
        p, error = p_value(hits, of, complete)
        tested.append((Statistic(seen, p, least / of if complete else None), error))
    (median, first), (dominant, second), (stouffer, third) = tested
    return Joint(median, dominant, stouffer, len(factors), of, max(first, second, third))


def _statistics(
    dealt: NDArray[np.intp],
    versions: Floats,
    which: NDArray[np.intp],
    factors: Floats,
) -> Floats:
    """Return for each relabeling the median, the share of small p with the commoner sign, and Z."""
    estimate, sums = np.empty((len(which), len(dealt))), np.zeros((4, len(dealt)))
    for number, version in enumerate(versions):
        outcome, units = np.split(version, 2)
        own = np.flatnonzero(which == number)
        events, n = int(outcome.sum()), int(units.sum())
        first, both = (factors[own] @ part[dealt].T for part in (units, outcome))
        # all that counts of an analysis is the table of its counts: where it stands among all
        at = (first * (events + 1) + both).astype(np.intp)
        sizes, cells = np.arange(n + 1)[:, None], np.arange(events + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            difference = cells / sizes - (events - cells) / (n - sizes)
        # a relabeling that leaves a group empty shows no difference
        difference[[0, n]] = 0.0
        estimate[own], sign = difference.take(at), np.sign(difference)
        filled = np.flatnonzero(np.bincount(first.astype(np.intp).ravel())).tolist()
        p = p_by_size(n, events, filled)
        small, z = p < LEVEL, sign * norm.isf(np.clip(p, LEAST, 1.0) / 2)
        for total, each in zip(
            sums, (sign, small & (sign > 0), small & (sign < 0), z), strict=True
        ):
            total += each.astype(float).take(at).sum(axis=0)
    balance, positive, negative, stouffer = sums
    either = np.where(balance < 0, negative, np.maximum(positive, negative))
    dominant, k = np.where(balance > 0, positive, either), len(which)
    return np.column_stack([np.median(estimate, axis=0), dominant / k, stouffer / sqrt(k)])
