"""Programmes made up with a known effect and a notice that reports causes unevenly.

Each unit has the factor with one probability, the event with another that depends on it; a factor
that is there is mentioned with probability `if_event` where the event is, `if_none` where not. What
a reader then finds is compared with what is true. Seeded; all draws at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smalln.checks import number, whole
from smalln.result import NotEstimable

Floats = NDArray[np.float64]
ALWAYS_EMPTY = NotEstimable(
    "a group is empty in every draw, so there is nothing to compare",
    "每次抽取都有一组为空，无从比较",
)


@dataclass(frozen=True)
class Programme:
    """A programme: `n` units; `carried`: probability of the factor; `base`: of the event without
    it; `effect`: how much higher with it. `if_event`, `if_none`: probability that a factor that is
    there is mentioned; `invented`: that one that is not there is.
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
            raise ValueError(f"effect: {self.effect!r}; allowed: base + effect within 0 to 1")


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
        raise ValueError(f"programme: {programme!r}; allowed: a Programme")
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
        found: Floats = ones_e / (ones_e + ones_o) - (drawn.events - ones_e) / (
            drawn.events + drawn.others - ones_e - ones_o
        )
    found[~np.isfinite(found)] = np.nan
    return found
