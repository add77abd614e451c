"""Sharp bounds over every way to fill unknown cells, in closed form.

A completion gives every unknown cell a value. One that leaves a group empty has no difference and
no ratio: it is excluded and counted. Differences are the outcome's share where the factor is 1
minus its share where it is 0; ratios are the first over the second.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.checks import binary, listed, number, same_length
from smalln.counting import Counts, counted
from smalln.result import ONE_GROUP, NotEstimable

Floats = NDArray[np.float64]
TOLERANCE = 1e-12
# searches ask for the bounds of thousands of recodings that give few tables of counts
TABLES = 4096


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value over all completions.

    `unknown` cells were open; `excluded` ways to fill the factor leave a group empty.
    """

    lower: float
    upper: float
    unknown: int
    excluded: int = 0

    @property
    def ends(self) -> tuple[float, float]:
        """Return both ends."""
        return self.lower, self.upper


@dataclass(frozen=True)
class Extremes:
    """For each number of unknown factor cells read as 1: sizes of groups, extreme events in them.

    `high` and `low`: most events where the factor is 1 with fewest where it is 0, and the reverse.
    Both are reached at once, since a unit helps the same way in either group.
    """

    size_1: Floats
    size_0: Floats
    high: tuple[Floats, Floats]
    low: tuple[Floats, Floats]
    excluded: int = 0

    def where(self, filled: NDArray[np.bool_]) -> "Extremes | NotEstimable":
        """Return what is left of the ways to fill if some leave a group empty that must not be."""
        return _left(self, filled)


def _left(found: Extremes, filled: NDArray[np.bool_]) -> Extremes | NotEstimable:
    if not filled.any():
        return ONE_GROUP
    (a, b), (c, d) = found.high, found.low
    size_1, size_0, a, b, c, d = (part[filled] for part in (found.size_1, found.size_0, a, b, c, d))
    return Extremes(size_1, size_0, (a, b), (c, d), int((~filled).sum()))


def risk_difference(
    outcome: ArrayLike,
    factor: ArrayLike,
    *,
    full_reporting: bool = False,
    base_rate: tuple[float, float] | None = None,
) -> Bounds | NotEstimable:
    """Return sharp bounds of the difference of shares; outcome and factor may hold NaN.

    Both vectors have shape (units,) and hold 1, 0 or NaN. Assumptions narrow the bounds:
    `full_reporting`: a cause present in a unit with the event is reported, so its silence is no;
    `base_rate` (a, b): between ceil(a U) and floor(b U) of all U unknown factor cells are 1.

    Raises:
        ValueError: another shape or value; a base rate that is no range within [0, 1].

    Source:
        Manski (2003), Partial Identification of Probability Distributions, chapters 1 and 3;
        Horowitz and Manski (2000), JASA 95:77 (missing covariates).
    """
    counts = counted(*checked(outcome, factor, full_reporting))
    allowed = _allowed(sum(counts[6:]), base_rate)
    if isinstance(allowed, NotEstimable):
        return allowed
    return _difference(counts, allowed, full_reporting)


@lru_cache(TABLES)
def _difference(
    counts: Counts, allowed: tuple[int, int], full_reporting: bool
) -> Bounds | NotEstimable:
    # no public function is called here: a claim is told which it reached, kept or not
    found = _both_groups(_extremes(counts, allowed, full_reporting))
    if isinstance(found, NotEstimable):
        return found
    upper, lower = (
        events[0] / found.size_1 - events[1] / found.size_0 for events in (found.high, found.low)
    )
    return Bounds(float(lower.min()), float(upper.max()), _unknown(counts), found.excluded)


def _both_groups(found: Extremes) -> Extremes | NotEstimable:
    return _left(found, (found.size_1 > 0) & (found.size_0 > 0))


def risk_ratio(
    outcome: ArrayLike,
    factor: ArrayLike,
    *,
    full_reporting: bool = False,
    base_rate: tuple[float, float] | None = None,
) -> Bounds | NotEstimable:
    """Return sharp bounds of the ratio of shares; arguments as of `risk_difference`.

    The ratio is infinite where only the second share is 0; completions in which both are 0 have
    none and are left out.

    Raises:
        ValueError: as `risk_difference`.
    """
    y, x = checked(outcome, factor, full_reporting)
    extreme = extremes(y, x, base_rate, full_reporting)
    found = extreme if isinstance(extreme, NotEstimable) else _both_groups(extreme)
    if isinstance(found, NotEstimable):
        return found
    (most_1, fewest_0), (fewest_1, most_0) = found.high, found.low
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = most_1 / found.size_1 / (fewest_0 / found.size_0)
        lower = fewest_1 / found.size_1 / (most_0 / found.size_0)
    # both shares 0 at the extreme: another way to fill may still give 0, or an infinite ratio
    upper = np.where((most_1 == 0) & (fewest_0 == 0) & (most_0 > 0), 0.0, upper)
    lower = np.where((fewest_1 == 0) & (most_0 == 0) & (most_1 > 0), np.inf, lower)
    if np.isnan(upper).all():
        return NotEstimable("no unit has the event, so there is no ratio", "没有事件，无法求比值")
    ends = float(np.nanmin(lower)), float(np.nanmax(upper))
    return Bounds(*ends, unknown_cells(y, x), found.excluded)


def checked(outcome: ArrayLike, factor: ArrayLike, full_reporting: bool) -> tuple[Floats, Floats]:
    """Return both vectors; under full reporting the silence of units with the event is no."""
    y, x = binary(outcome, "outcome"), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    return y, np.where(np.isnan(x) & (y == 1), 0.0, x) if full_reporting else x


def unknown_cells(y: Floats, x: Floats) -> int:
    """Return how many cells are unknown."""
    return _unknown(counted(y, x))


def _unknown(counts: Counts) -> int:
    return sum(counts[2::3]) + sum(counts[6:])


def extremes(
    y: Floats, x: Floats, base_rate: tuple[float, float] | None, full_reporting: bool = False
) -> Extremes | NotEstimable:
    """Return the extremes for every allowed number of unknown factor cells read as 1.

    Given that number, units with the event are read as 1 first, then those of unknown outcome, then
    those without it (for `low` the reverse); unknown outcomes take the helpful value. Under full
    reporting a unit of unknown outcome and factor cannot be read as 1 and have the event: for
    `high` it is then no better than one without it.
    """
    counts = counted(y, x)
    allowed = _allowed(sum(counts[6:]), base_rate)
    if isinstance(allowed, NotEstimable):
        return allowed
    return _extremes(counts, allowed, full_reporting)


def _extremes(counts: Counts, allowed: tuple[int, int], full_reporting: bool) -> Extremes:
    others_0, events_0, either_0, others_1, events_1, either_1, others, events, either = counts
    ones = np.arange(allowed[0], allowed[1] + 1, dtype=float)
    size_1 = others_1 + events_1 + either_1 + ones
    size_0 = others_0 + events_0 + either_0 + others + events + either - ones
    eager_events = np.minimum(events, ones)
    eager_either = np.minimum(0 if full_reporting else either, ones - eager_events)
    late_either = np.minimum(either, np.maximum(0, ones - others))
    late_events = np.maximum(0, ones - others - either)
    high = (events_1 + either_1 + eager_events + eager_either, events_0 + events - eager_events)
    low = (
        events_1 + late_events,
        events_0 + either_0 + events - late_events + either - late_either,
    )
    return Extremes(size_1, size_0, high, low)


def _allowed(unknown: int, base_rate: tuple[float, float] | None) -> tuple[int, int] | NotEstimable:
    """Return the fewest and most unknown cells that may be 1."""
    if base_rate is None:
        return 0, unknown
    ends = listed(base_rate, "base_rate", "two shares")
    if len(ends) != 2:
        raise ValueError(f"base_rate: {base_rate!r}; allowed: two shares")
    low, high = (number(end, "base_rate", 0, 1) for end in ends)
    if low > high:
        raise ValueError(f"base_rate: {base_rate!r}; allowed: 0 <= a <= b <= 1")
    fewest, most = ceil(low * unknown - TOLERANCE), floor(high * unknown + TOLERANCE)
    if fewest > most:
        return NotEstimable(
            f"no whole number of {unknown} cells is between {low:g} and {high:g} of them",
            f"{unknown}个不明情形中，没有整数个落在{low:g}至{high:g}之间",
        )
    return fewest, most
