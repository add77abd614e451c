"""Made-up programmes with a known effect and a notice that reports causes unevenly.

What a reader of the notice finds is compared with what is true. Seeded; all draws at once.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.stats import norm

from smalln.hypergeometric import p_by_cell
from smalln.inputs import Floats, number, one_line, whole
from smalln.result import NotEstimable

ALWAYS_EMPTY = NotEstimable("a group is empty in every draw, so there is nothing to compare")


@dataclass(frozen=True)
class Programme:
    """A programme: `n` units; `carried`: probability of the factor; `base`: of the event without
    it; `effect`: how much higher with it. `if_event`, `if_none`: probability that a factor that is
    there is mentioned, with the event and without; `invented`: that one that is not there is.

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
        # a number of a narrow type would overflow
        vars(self)["n"] = whole(self.n, "n", 2)
        for name in ("carried", "base", "if_event", "if_none", "invented"):
            number(getattr(self, name), name, 0, 1)
        effect = number(self.effect, "effect", -1, 1)
        if not 0 <= self.base + effect <= 1:
            allowed = "base + effect within 0 to 1"
            raise ValueError(f"effect: {one_line(self.effect)}; allowed: {allowed}")


class Draws(NamedTuple):
    """Counts of units with the event, mentioned, and with the factor."""

    n: int
    # shape (draws,); the rest (2, draws): among the units with the event, among the others
    events: Floats
    mentioned: Floats
    carried: Floats


def drawn_from(programme: Programme, draws: int, seed: int) -> Draws:
    """Return counts of `draws` programmes drawn with `seed`."""
    if not isinstance(programme, Programme):
        raise ValueError(f"programme: {one_line(programme)}; allowed: a Programme")
    random = np.random.default_rng(whole(seed, "seed"))
    shape = (whole(draws, "draws", 1), programme.n)
    factor = random.random(shape) < programme.carried
    event = random.random(shape) < programme.base + programme.effect * factor
    told = np.where(event, programme.if_event, programme.if_none)
    mentioned = random.random(shape) < np.where(factor, told, programme.invented)
    by_event = np.array([event, ~event])
    counts = ((part & by_event).sum(axis=2).astype(float) for part in (mentioned, factor))
    return Draws(programme.n, event.sum(axis=1).astype(float), *counts)


def _difference(drawn: Draws, ones: Floats) -> tuple[Floats, Floats]:
    """Return differences, NaN where a group is empty, and errors, if so many have the factor."""
    n1 = ones.sum(axis=0)
    n0 = drawn.n - n1
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p0 = ones[0] / n1, (drawn.events - ones[0]) / n0
        difference, error = p1 - p0, np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return np.where(np.isfinite(difference), difference, np.nan), error


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
        ValueError: draws below 1, a level outside (.5, 1): below, intervals would be within bounds.

    Source:
        Imbens and Manski (2004), Econometrica 72:1845, equation 6.

    >>> coverage(Programme(13, 0.3, 0.2, 0.4), draws=50).at_hand  # the bounds hold it always
    1.0
    """
    level = number(level, "level", 0.5, 1, ends=False)
    drawn = drawn_from(programme, draws, seed)
    truth, _ = _difference(drawn, drawn.carried)
    (lower, lower_se), (upper, upper_se) = (
        _extreme(drawn, sign, full_reporting) for sign in (-1, 1)
    )
    here = ~np.isnan(truth) & ~np.isnan(lower)
    if not here.any():
        return ALWAYS_EMPTY
    held = (lower - 1e-9 <= truth) & (truth <= upper + 1e-9)
    width = (upper - lower)[here]
    factors = _imbens_manski(width, np.maximum(lower_se, upper_se)[here], level)
    low, high = lower[here] - factors * lower_se[here], upper[here] + factors * upper_se[here]
    inside = (low <= programme.effect) & (programme.effect <= high)
    return Coverage(float(held[here].mean()), float(inside.mean()), float(width.mean()))


def _extreme(drawn: Draws, sign: int, full_reporting: bool) -> tuple[Floats, Floats]:
    """Return the largest (sign 1) or smallest (-1) difference of each draw, and its error."""
    silent = np.array([drawn.events, drawn.n - drawn.events]) - drawn.mentioned
    if full_reporting:
        silent[0] = 0.0
    # for the largest those with the event are read as 1 first, for the smallest the others
    eager, late = silent[::sign]
    best, error = np.full((2, len(eager)), np.nan)
    for ones in range(drawn.n + 1):
        first = np.minimum(eager, ones)
        read = np.array([first, ones - first])[::sign]
        value, its_error = _difference(drawn, drawn.mentioned + read)
        value[ones - first > late] = np.nan
        better = ~np.isnan(value) & (np.isnan(best) | (sign * (value - best) > 1e-12))
        best, error = np.where(better, value, best), np.where(better, its_error, error)
    return best, error


def _imbens_manski(width: Floats, se: Floats, level: float) -> Floats:
    """Return how many standard errors to add so that a point, not the whole set, is held."""
    wide, top = width / np.where(se > 0, se, 1.0), float(norm.ppf(0.5 + level / 2)) + 1e-9

    def gap(c: Floats, wide: Floats) -> Floats:
        return np.asarray(norm.cdf(c + wide) - norm.cdf(-c) - level)

    ends = np.zeros(len(wide)), np.full(len(wide), top)
    roots: Floats = find_root(gap, ends, args=(wide,)).x
    return np.where(se > 0, roots, 0.0)


@dataclass(frozen=True)
class Reading:
    """How a way of reading does over many draws.

    `power`: share with p <= .05 of those in which both groups are filled. Among these `sign_error`:
    share with the wrong sign; `exaggeration`: mean size over the true size (NaN without an effect,
    or without such draws). `filled`: share of draws with both groups filled.

    >>> Reading(power=0.1, sign_error=0.02, exaggeration=2.5, filled=1.0).power
    0.1
    """

    power: float
    sign_error: float
    exaggeration: float
    filled: float


def silence_as_no(programme: Programme, draws: int = 2000, seed: int = 0) -> Reading | NotEstimable:
    """Return how reading silence as no does: what is not mentioned is taken to be absent.

    Raises:
        ValueError: no programme, draws below 1.

    Source:
        Gelman and Carlin (2014), Perspectives on Psychological Science 9:641.

    >>> nobody_has_it = Programme(13, carried=0.0, base=0.2, effect=0.0)
    >>> str(silence_as_no(nobody_has_it))
    'a group is empty in every draw, so there is nothing to compare'
    """
    drawn = drawn_from(programme, draws, seed)
    return _read(programme, drawn, drawn.mentioned)


def asking_all(programme: Programme, draws: int = 2000, seed: int = 0) -> Reading | NotEstimable:
    """Return how the same comparison does if every unit is asked.

    Raises:
        ValueError: no programme, draws below 1.

    >>> certain = Programme(40, carried=0.5, base=0.0, effect=1.0)
    >>> asking_all(certain, draws=50).power  # all with it have the event, none without
    1.0
    """
    drawn = drawn_from(programme, draws, seed)
    return _read(programme, drawn, drawn.carried)


def _read(programme: Programme, drawn: Draws, ones: Floats) -> Reading | NotEstimable:
    estimate, _ = _difference(drawn, ones)
    filled = ~np.isnan(estimate)
    if not filled.any():
        return ALWAYS_EMPTY
    tables = np.vstack([drawn.events, ones])[:, filled].astype(int).T.tolist()
    p = np.array([p_by_cell(a + b, programme.n - a - b, e, "two-sided")[a] for e, a, b in tables])
    small = estimate[filled][p <= 0.05]
    wrong = exaggerated = float("nan")
    if small.size and programme.effect != 0:
        wrong = float((np.sign(small) != np.sign(programme.effect)).mean())
        exaggerated = float(np.abs(small).mean() / abs(programme.effect))
    return Reading(float((p <= 0.05).mean()), wrong, exaggerated, float(filled.mean()))
