"""Sharp bounds of a difference of shares over every way to fill unknown cells, in closed form.

Differences are the outcome's share where the factor is 1 minus its share where it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike

from smalln.inputs import Floats, listed, number, one_line, pair
from smalln.result import ONE_GROUP, NotEstimable

TOLERANCE = 1e-12
# units by factor (0, 1, unknown), within it by outcome (0, 1, unknown)
Counts = tuple[int, ...]
# searches ask for the bounds of thousands of recodings that give few tables of counts
TABLES = 4096


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value over all completions.

    `unknown` cells were open; `excluded` ways to fill the factor leave a group empty.

    >>> Bounds(-0.5, 1.0, unknown=3).ends
    (-0.5, 1.0)
    """

    lower: float
    upper: float
    unknown: int
    excluded: int = 0

    @property
    def ends(self) -> tuple[float, float]:
        """Return both ends."""
        return self.lower, self.upper


def risk_difference(
    outcome: ArrayLike,
    factor: ArrayLike,
    *,
    full_reporting: bool = False,
    base_rate: tuple[float, float] | None = None,
) -> Bounds | NotEstimable:
    """Return sharp bounds of the difference of shares; outcome and factor may hold unknowns.

    Both vectors have shape (units,) and hold 1, 0 or NaN. Assumptions narrow the bounds:
    `full_reporting`: a cause present in a unit with the event is reported, so its silence is no;
    `base_rate` (a, b): between ceil(a U) and floor(b U) of all U unknown factor cells are 1.

    Raises:
        ValueError: another shape or value; labels that differ; a base rate that is no range within
            [0, 1].

    Source:
        Manski (2003), Partial Identification of Probability Distributions, chapters 1 and 3;
        Horowitz and Manski (2000), JASA 95:77 (missing covariates).

    >>> risk_difference([1, 1, 0, 0], [1, None, 0, 0])  # 2 of 2 less 0 of 2, or 1 of 1 less 1 of 3
    Bounds(lower=0.6666666666666667, upper=1.0, unknown=1, excluded=0)
    """
    y, x = pair(outcome, factor)
    if full_reporting:
        x = np.where(np.isnan(x) & (y == 1), 0.0, x)
    counts = counted(y, x)
    if base_rate is None:
        return bounds_of(counts, full_reporting)
    ends = listed(base_rate, "base_rate", "two shares")
    if len(ends) != 2:
        raise ValueError(f"base_rate: {one_line(base_rate)}; allowed: two shares")
    low, high = (number(end, "base_rate", 0, 1) for end in ends)
    if low > high:
        raise ValueError(f"base_rate: {one_line(base_rate)}; allowed: 0 <= a <= b <= 1")
    unknown = sum(counts[6:])
    fewest, most = ceil(low * unknown - TOLERANCE), floor(high * unknown + TOLERANCE)
    if fewest > most:
        return NotEstimable(
            "no whole number of {unknown} cells is between {low:g} and {high:g} of them",
            {"unknown": unknown, "low": low, "high": high},
        )
    return bounds_of(counts, full_reporting, (fewest, most))


def counted(y: Floats, x: Floats) -> Counts:
    """Return how many units have each pair of values; `y` outcome, `x` factor, shape (units,)."""
    # the least of a value and 2 is 2 where it is unknown
    codes = (3 * np.fmin(x, 2) + np.fmin(y, 2)).astype(np.int8).tobytes()
    return tuple(map(codes.count, range(9)))


@lru_cache(TABLES)
def bounds_of(
    counts: Counts, full_reporting: bool = False, allowed: tuple[int, int] | None = None
) -> Bounds | NotEstimable:
    """Return the bounds from counts; `allowed`: fewest and most unknown factor cells that are 1.

    Given the number of unknown factor cells read as 1, most events where the factor is 1 and fewest
    where it is 0 are reached at once, since a unit helps the same way in either group: units with
    the event are read as 1 first, then those of unknown outcome, then those without it (for the
    reverse the other way round); unknown outcomes take the helpful value. Under full reporting a
    unit of unknown outcome and factor that is read as 1 has no event: no better than one without.
    """
    others_0, events_0, either_0, others_1, events_1, either_1, others, events, either = counts
    unknown = others + events + either
    fewest, most = allowed or (0, unknown)
    ones = np.arange(fewest, most + 1, dtype=float)
    size_1 = others_1 + events_1 + either_1 + ones
    size_0 = others_0 + events_0 + either_0 + unknown - ones
    filled = (size_1 > 0) & (size_0 > 0)
    if not filled.any():
        return ONE_GROUP
    eager_events = np.minimum(events, ones)
    eager_either = np.minimum(0 if full_reporting else either, ones - eager_events)
    late_either = np.minimum(either, np.maximum(0, ones - others))
    late_events = np.maximum(0, ones - others - either)
    high = (events_1 + either_1 + eager_events + eager_either, events_0 + events - eager_events)
    late = late_events + late_either
    low = (events_1 + late_events, events_0 + either_0 + events + either - late)
    upper, lower = (
        in_1[filled] / size_1[filled] - in_0[filled] / size_0[filled] for in_1, in_0 in (high, low)
    )
    cells = unknown + either_0 + either_1 + either
    return Bounds(float(lower.min()), float(upper.max()), cells, int((~filled).sum()))
