"""What can be said of a difference of shares when cells are unknown: sharp worst-case bounds.

Convention: the outcome's share where the factor is 1 minus its share where it is 0. A completion
gives every unknown cell a value; one that leaves a group empty has no difference and is excluded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.methods.checks import binary, same_length
from analysis.methods.exact import cross_table, fisher
from analysis.methods.result import ONE_GROUP, NotEstimable

TOLERANCE = 1e-12
NO_COMPLETION = ONE_GROUP


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value over all completions; `unknown` cells were open."""

    lower: float
    upper: float
    unknown: int

    @property
    def ends(self) -> tuple[float, float]:
        """Return both ends."""
        return self.lower, self.upper


@dataclass(frozen=True)
class Settling:
    """The fewest answers that fix the sign of the difference, whatever the others are.

    `answers` of `unknown` cells, of which `among_events` belong to units with the outcome, all
    answering `answer`; the bounds that are then left.
    """

    answers: int
    unknown: int
    among_events: int
    among_others: int
    answer: int
    lower: float
    upper: float


# counts of units by (factor, outcome); each of 1, 0, NaN
_Counts = dict[tuple[str, str], int]


def risk_difference(outcome: ArrayLike, factor: ArrayLike) -> Bounds | NotEstimable:
    """Return sharp bounds of the difference of shares; outcome and factor may hold NaN.

    Both vectors have shape (units,) and hold 1, 0 or NaN. The extremes are reached by giving all
    unknown units of one kind the same value but for what keeps both groups non-empty, so counts
    decide: the work does not grow with the number of completions.

    Raises:
        ValueError: another shape or another value.

    Source:
        Manski (2003), Partial Identification of Probability Distributions, chapters 1 and 3.
    """
    y, x = binary(outcome, "outcome"), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    counts = _counted(y, x)
    extremes = [_extreme(counts, sign) for sign in (-1, 1)]
    if extremes[0] is None or extremes[1] is None:
        return NO_COMPLETION
    return Bounds(extremes[0], extremes[1], int(np.isnan(y).sum() + np.isnan(x).sum()))


def _counted(y: np.ndarray, x: np.ndarray) -> _Counts:
    code = np.where(np.isnan(x), 2, x).astype(int) * 3 + np.where(np.isnan(y), 2, y).astype(int)
    found = np.bincount(code, minlength=9).tolist()
    return {(f, o): found[i * 3 + j] for i, f in enumerate("01?") for j, o in enumerate("01?")}


def _extreme(counts: _Counts, sign: int) -> float | None:
    """Return the largest (sign 1) or smallest (sign -1) difference over all completions.

    Unknown outcomes take the helpful value within whichever group their unit is in. A unit whose
    factor is unknown helps where its outcome is wanted: events in the group that should be high,
    the others in the low one; a unit with both unknown helps in either. A group that would stay
    empty takes one unit, the one that costs least: all few ways are tried.
    """
    high, low = ("1", "0") if sign > 0 else ("0", "1")
    good, bad, either = counts["?", "1"], counts["?", "0"], counts["?", "?"]
    high_events = counts[high, "1"] + counts[high, "?"]
    high_size = high_events + counts[high, "0"]
    low_events = counts[low, "1"]
    low_size = low_events + counts[low, "0"] + counts[low, "?"]
    best: float | None = None
    for good_low, bad_high, either_low in _placements(good, bad, either):
        h_events = high_events + good - good_low + either - either_low
        h_size = high_size + good - good_low + bad_high + either - either_low
        l_events = low_events + good_low
        l_size = low_size + good_low + bad - bad_high + either_low
        if h_size and l_size:
            value = h_events / h_size - l_events / l_size
            best = value if best is None else max(best, value)
    return None if best is None else sign * best


def _placements(good: int, bad: int, either: int) -> Iterator[tuple[int, int, int]]:
    """Yield how many helpful units go to the wrong group; both-unknown units may split anywhere.

    The value is monotone in each number but for empty groups, so 0 or 1 misplaced suffices; for
    units unknown in both, the ends and one unit from each end suffice.
    """
    for good_low in {0, min(1, good)}:
        for bad_high in {0, min(1, bad)}:
            for either_low in {0, min(1, either), max(0, either - 1), either}:
                yield good_low, bad_high, either_low


def share(values: ArrayLike) -> Bounds:
    """Return bounds of the share of 1 among units of which some are unknown (NaN)."""
    v = binary(values, "values")
    ones, unknown = int((v == 1).sum()), int(np.isnan(v).sum())
    return Bounds(ones / len(v), (ones + unknown) / len(v), unknown)


def tipping(outcome: ArrayLike, factor: ArrayLike, unknown_if_event: int = 0) -> pd.DataFrame:
    """Return what k unreported 1s among the units without the event would do, for every k.

    Unknown factor cells of units with the event are all set to `unknown_if_event`; of the others,
    k are set to 1, the rest to 0. Columns: `k`, `difference`, `p_value` (Fisher, two-sided),
    `p_smallest`; a k that leaves a group empty has no row.

    Raises:
        ValueError: an unknown outcome, another value, or `unknown_if_event` not 0 or 1.
    """
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    if unknown_if_event not in (0, 1):
        raise ValueError(f"unknown_if_event: {unknown_if_event!r}; allowed: 0, 1")
    base = np.where(np.isnan(x) & (y == 1), float(unknown_if_event), x)
    open_cells = np.flatnonzero(np.isnan(base))
    rows = []
    for k in range(len(open_cells) + 1):
        filled = np.where(np.isnan(base), 0.0, base)
        filled[open_cells[:k]] = 1.0
        if filled.min() < filled.max():
            result = fisher(cross_table(y, filled))
            rows.append((k, difference(y, filled), result.p_value, result.p_smallest))
    return pd.DataFrame(rows, columns=["k", "difference", "p_value", "p_smallest"])


def difference(outcome: ArrayLike, factor: ArrayLike) -> float:
    """Return the difference of shares of known vectors.

    Raises:
        ValueError: an unknown value, or a group is empty.
    """
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor", missing=False)
    same_length(y, x, "outcome, factor")
    if x.min() == x.max():
        raise ValueError(f"factor: every value is {x[0]:g}; allowed: both 1 and 0")
    return float(y[x == 1].mean() - y[x == 0].mean())


def settling(
    outcome: ArrayLike, factor: ArrayLike, others_only: bool = False
) -> Settling | NotEstimable:
    """Return the fewest unknown factor cells whose answers would fix the sign of the difference.

    `others_only` asks only units without the event. The answers are the most helpful ones; the
    cells left open take their worst values. Answers of 0 among units without the event and 1 among
    those with it raise the difference, and the reverse lowers it; for one direction all helpful
    answers are tried by their numbers. Ties prefer the positive sign, then answers among units
    without the event.
    """
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    events, others = np.flatnonzero(np.isnan(x) & (y == 1)), np.flatnonzero(np.isnan(x) & (y == 0))
    unknown = len(events) + len(others)
    asked = events[:0] if others_only else events
    for answers in range(len(asked) + len(others) + 1):
        for sign in (1, -1):
            for among_events in range(max(0, answers - len(others)), min(answers, len(asked)) + 1):
                filled = x.copy()
                filled[events[:among_events]] = float(sign > 0)
                filled[others[: answers - among_events]] = float(sign < 0)
                found = risk_difference(y, filled)
                if isinstance(found, Bounds) and (
                    found.lower > TOLERANCE if sign > 0 else found.upper < -TOLERANCE
                ):
                    return Settling(
                        answers,
                        unknown,
                        among_events,
                        answers - among_events,
                        int(sign < 0),
                        found.lower,
                        found.upper,
                    )
    return NotEstimable(
        "no set of answers would fix the sign", "无论得到怎样的答复，都不能确定方向"
    )
