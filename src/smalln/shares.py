"""Shares, and the difference of two, of values of which some may be unknown."""

import numpy as np
from numpy.typing import ArrayLike

from smalln.checks import binary, same_length
from smalln.completions import Bounds, checked, extremes, unknown_cells
from smalln.result import NotEstimable


def share_where(
    values: ArrayLike,
    where: ArrayLike,
    level: int = 1,
    *,
    full_reporting: bool = False,
    base_rate: tuple[float, float] | None = None,
) -> Bounds | NotEstimable:
    """Return bounds of the share of 1 in `values` among units whose `where` is `level`.

    Both vectors have shape (units,) and hold 1, 0 or NaN. So `share_where(outcome, factor)` is the
    outcome's share where the factor is 1, `share_where(factor, outcome)` the factor's where the
    outcome is 1. The assumptions narrow the former; they are those of `risk_difference`.

    Raises:
        ValueError: another shape or value, a level that is neither 1 nor 0, or a base rate that is
            no range within [0, 1].
    """
    v, w = checked(values, where, full_reporting)
    if level not in (0, 1):
        raise ValueError(f"level: {level!r}; allowed: 1, 0")
    found = extremes(v, w, base_rate, full_reporting)
    if not isinstance(found, NotEstimable):
        found = found.where((found.size_1 if level == 1 else found.size_0) > 0)
    if isinstance(found, NotEstimable):
        return found
    # where the factor is 1 most events come with `high`, where it is 0 with `low`
    most, fewest, size = (
        (found.high[0], found.low[0], found.size_1)
        if level == 1
        else (found.low[1], found.high[1], found.size_0)
    )
    ends = float((fewest / size).min()), float((most / size).max())
    return Bounds(*ends, unknown_cells(v, w), found.excluded)


def share(values: ArrayLike) -> Bounds:
    """Return bounds of the share of 1 among units of which some are unknown (NaN).

    Raises:
        ValueError: another shape or value.
    """
    v = binary(values, "values")
    ones, unknown = int((v == 1).sum()), int(np.isnan(v).sum())
    return Bounds(ones / len(v), (ones + unknown) / len(v), unknown)


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
