"""Made-up programmes with a known effect and a notice that reports causes unevenly.

What worst-case bounds, and intervals around them, then hold of the truth. Each unit has the factor
with one probability, the event with another that depends on it; a factor that is there is mentioned
with probability `if_event` where the event is, `if_none` where not. What a reader then finds is
compared with what is true. Seeded; all draws at once.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.stats import norm

from smalln.arguments import number, one_line, whole
from smalln.inputs import Floats
from smalln.result import NotEstimable

ALWAYS_EMPTY = NotEstimable("a group is empty in every draw, so there is nothing to compare")


@dataclass(frozen=True)
class Programme:
    """A programme: `n` units; `carried`: probability of the factor; `base`: of the event without
    it; `effect`: how much higher with it. `if_event`, `if_none`: probability that a factor that is
    there is mentioned; `invented`: that one that is not there is.

    >>> Programme(13, carried=0.3, base=0.2, effect=0.4).n
    13
    """  # noqa: D205

    n: int
    carried: float
    base: float
    effect: float
    if_event: float = 1.0
    if_none: float = 0.0
    invented: float = 0.0

    def __post_init__(self) -> None:
        whole(self.n, "n", 2)
        for name in ("carried", "base", "if_event", "if_none", "invented"):
            number(getattr(self, name), name, 0, 1)
        effect = number(self.effect, "effect", -1, 1)
        if not 0 <= self.base + effect <= 1:
            allowed = "base + effect within 0 to 1"
            raise ValueError(f"effect: {one_line(self.effect)}; allowed: {allowed}")


@dataclass(frozen=True)
class Draws:
    """Counts a draw, shape (draws,): units with (mentioned, factor) by event or not."""

    events: Floats
    others: Floats
    mentioned_events: Floats
    mentioned_others: Floats
    carried_events: Floats
    carried_others: Floats


def drawn_from(programme: Programme, draws: int, seed: int) -> Draws:
    """Return counts of `draws` programmes drawn with `seed`.

    Raises:
        ValueError: draws below 1.
    """
    if not isinstance(programme, Programme):
        raise ValueError(f"programme: {one_line(programme)}; allowed: a Programme")
    random = np.random.default_rng(whole(seed, "seed"))
    shape = (whole(draws, "draws", 1), programme.n)
    factor = random.random(shape) < programme.carried
    event = random.random(shape) < programme.base + programme.effect * factor
    told = np.where(event, programme.if_event, programme.if_none)
    mentioned = random.random(shape) < np.where(factor, told, programme.invented)
    parts = [event, ~event, mentioned & event, mentioned & ~event, factor & event, factor & ~event]
    return Draws(*(part.sum(axis=1).astype(float) for part in parts))


def difference_of(drawn: Draws, ones_e: Floats, ones_o: Floats) -> Floats:
    """Return differences of shares if so many units with and without the event have the factor.

    NaN where that leaves a group empty.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        differences: Floats = ones_e / (ones_e + ones_o) - (drawn.events - ones_e) / (
            drawn.events + drawn.others - ones_e - ones_o
        )
    differences[~np.isfinite(differences)] = np.nan
    return differences


@dataclass(frozen=True)
class Coverage:
    """How often bounds hold the difference of the units at hand, and intervals the true effect.

    `at_hand`: worst-case bounds against the difference among these very units. `interval`:
    Imbens-Manski intervals around them against the effect. `width`: mean width of the bounds.

    >>> Coverage(at_hand=1.0, interval=0.96, width=0.8).at_hand
    1.0
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

    >>> coverage(Programme(13, 0.3, 0.2, 0.4), draws=50).at_hand  # the bounds hold it always
    1.0
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
        errors: Floats = np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return errors


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
    roots: Floats = find_root(gap, ends, args=(scaled,)).x
    return np.where(se > 0, roots, 0.0)
