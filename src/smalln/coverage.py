"""How often worst-case bounds, and intervals around them, hold the truth in made-up programmes."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.stats import norm

from smalln.checks import number
from smalln.programmes import (
    ALWAYS_EMPTY,
    Draws,
    Floats,
    Programme,
    difference_of,
    drawn_from,
)
from smalln.result import NotEstimable


@dataclass(frozen=True)
class Coverage:
    """How often bounds hold the difference of the units at hand, and intervals the true effect.

    `at_hand`: worst-case bounds against the difference among these very units. `interval`:
    Imbens-Manski intervals around them against the effect. `width`: mean width of the bounds.
    """

    at_hand: float
    interval: float
    width: float


def coverage(
    programme: Programme,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    full_reporting: bool = False,
) -> Coverage | NotEstimable:
    """Return how often worst-case bounds hold, where only mentions are known and silence is open.

    `full_reporting`: the bounds assume that a cause present in a unit with the event is mentioned,
    which is true of the programme only if its `if_event` is 1. Draws in which the factor leaves a
    group empty have no difference and are left out.

    Raises:
        ValueError: draws below 1, a level outside (.5, 1): below, the interval would be narrower
            than the bounds.

    Source:
        Imbens and Manski (2004), Econometrica 72:1845, equation 6.
    """
    level = number(level, "level", 0.5, 1, ends=False)
    drawn = drawn_from(programme, draws, seed)
    truth = difference_of(drawn, drawn.carried_events, drawn.carried_others)
    (lower, lower_se), (upper, upper_se) = (
        _extreme(programme.n, drawn, sign, full_reporting) for sign in (-1, 1)
    )
    here = ~np.isnan(truth) & ~np.isnan(lower)
    if not here.any():
        return ALWAYS_EMPTY
    held = (lower - 1e-9 <= truth) & (truth <= upper + 1e-9)
    factors = _imbens_manski((upper - lower)[here], np.maximum(lower_se, upper_se)[here], level)
    low, high = lower[here] - factors * lower_se[here], upper[here] + factors * upper_se[here]
    inside = (low <= programme.effect) & (programme.effect <= high)
    return Coverage(
        float(held[here].mean()), float(inside.mean()), float((upper - lower)[here].mean())
    )


def _extreme(n: int, drawn: Draws, sign: int, full_reporting: bool) -> tuple[Floats, Floats]:
    """Return the largest (sign 1) or smallest difference of each draw, and its standard error."""
    open_e, open_o = drawn.events - drawn.mentioned_events, drawn.others - drawn.mentioned_others
    if full_reporting:
        open_e = np.zeros_like(open_e)
    eager, late = (open_e, open_o) if sign > 0 else (open_o, open_e)
    best, error = np.full(len(open_e), np.nan), np.full(len(open_e), np.nan)
    for ones in range(n + 1):
        first = np.minimum(eager, ones)
        second = ones - first
        e, o = (first, second) if sign > 0 else (second, first)
        ones_e, ones_o = drawn.mentioned_events + e, drawn.mentioned_others + o
        value = difference_of(drawn, ones_e, ones_o)
        value[second > late] = np.nan
        better = ~np.isnan(value) & (np.isnan(best) | (sign * (value - best) > 1e-12))
        best = np.where(better, value, best)
        error = np.where(better, _standard_error(drawn, ones_e, ones_o), error)
    return best, error


def _standard_error(drawn: Draws, ones_e: Floats, ones_o: Floats) -> Floats:
    n1 = ones_e + ones_o
    n0 = drawn.events + drawn.others - n1
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p0 = ones_e / n1, (drawn.events - ones_e) / n0
        found: Floats = np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return found


def _imbens_manski(width: Floats, se: Floats, level: float) -> Floats:
    """Return how many standard errors to add so that a point, not the whole set, is held.

    0 where the standard error is 0.
    """
    scaled = width / np.where(se > 0, se, 1.0)
    top = float(norm.ppf(0.5 + level / 2)) + 1e-9

    def gap(c: Floats, wide: Floats) -> Floats:
        beyond: Floats = norm.cdf(c + wide) - norm.cdf(-c) - level
        return beyond

    ends = np.zeros(len(scaled)), np.full(len(scaled), top)
    found: Floats = find_root(gap, ends, args=(scaled,)).x
    return np.where(se > 0, found, 0.0)
