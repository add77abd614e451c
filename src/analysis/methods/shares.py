"""Shares, and the difference of two, of values of which some may be unknown."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.methods.checks import binary, same_length
from analysis.methods.completions import Bounds, checked, unknown_cells
from analysis.methods.result import ONE_GROUP, NotEstimable


def share_where(values: ArrayLike, where: ArrayLike, level: int = 1) -> Bounds | NotEstimable:
    """Return bounds of the share of 1 in `values` among units whose `where` is `level`.

    Both vectors have shape (units,) and hold 1, 0 or NaN. So `share_where(outcome, factor)` is the
    outcome's share where the factor is 1, `share_where(factor, outcome)` the factor's where the
    outcome is 1.

    Raises:
        ValueError: another shape or value, or a level that is neither 1 nor 0.
    """
    v, w = checked(values, where, False)
    if level not in (0, 1):
        raise ValueError(f"level: {level!r}; allowed: 1, 0")
    inside, maybe = v[w == level], v[np.isnan(w)]
    sure = [int((inside == 1).sum()), int((inside == 0).sum()), int(np.isnan(inside).sum())]
    # a unit that may be outside comes in only where it helps
    helpful = [int((maybe != 0).sum()), int((maybe != 1).sum())]
    if not len(inside) and not len(maybe):
        return ONE_GROUP
    ends = []
    for events, others, more in ((sure[0], sure[1], helpful[0]), (sure[1], sure[0], helpful[1])):
        size = events + others + sure[2] + more
        ends.append((events + sure[2] + more) / size if size else 0.0)
    return Bounds(1 - ends[1], ends[0], unknown_cells(v, w), int(not len(inside)))


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
