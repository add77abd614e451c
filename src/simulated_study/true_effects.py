"""What is true of a simulated programme: what makes a unit slow, and the units drawn by that.

What is not told is silent in the coding, yet known in `truth.csv`: that is the point of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from analysis.study import StudyError
from simulated_study import TEXTS

# the causes that a notice can name: the coded variable of each
CAUSES = ("targets_too_high", "leadership_change", "superior_takeover")
TYPES: Mapping[str, Mapping[str, Any]] = TEXTS["unit_types"]
# how far units are: of the slow and of the others, by stage
STAGES = {
    True: [0.55, 0.2, 0.25, 0.0, 0.0, 0.0],
    False: [0.0, 0.1, 0.15, 0.35, 0.3, 0.1],
}


@dataclass(frozen=True)
class Assumptions:
    """Probabilities from 0 to 1.

    A unit is slow with probability `base`, and so much more if it is no city, its goals are too
    high, its leaders changed, the city above took its projects over. `carried`: probability of each
    cause. A cause that is there is mentioned with `if_slow` or `if_not_slow`.
    """

    base: float = 0.1
    not_a_city: float = 0.2
    targets_too_high: float = 0.2
    leadership_change: float = 0.3
    superior_takeover: float = 0.2
    carried: float = 0.35
    if_slow: float = 0.9
    if_not_slow: float = 0.0


@dataclass(frozen=True)
class Unit:
    """One unit. `carried`: which causes it has; `mentioned`: which the notice tells of it.

    `told`: the variables that it is said to have with these. `advancing`: described under progress;
    a slow unit that is described there too has two stages.
    """

    id: str
    level: str
    parent: str
    batch: str
    carried: dict[str, bool]
    chance: float
    slow: bool
    mentioned: tuple[str, ...]
    told: tuple[str, ...]
    stage: int
    other_stage: int | None

    @property
    def advancing(self) -> bool:
        """Return whether the unit is described under progress."""
        return not self.slow or self.other_stage is not None

    @property
    def city(self) -> bool:
        """Return whether the unit is a city."""
        return bool(TYPES[self.level]["city"])

    def name(self, form: str, language: str) -> str:
        """Return the `short` or the `long` name in `en` or `zh`."""
        number, kind = self.id.removeprefix("p"), TYPES[self.level][language]
        return str(TEXTS["names"][form][language]).format(number=number, type=kind)


def draw(pilots: int, seed: int, assumed: Assumptions) -> list[Unit]:
    """Draw the units of a programme, in the order of its notice: by batch.

    Types of unit and batches are dealt in fixed shares; each unit's causes, whether it is slow, how
    far it is, and what is told of it are drawn.

    Raises:
        StudyError: the draw leaves nothing to report on: nobody is slow, or everybody.
    """
    random = np.random.default_rng([seed, pilots])
    levels = _dealt(random, pilots, TYPES)
    batches = sorted(_dealt(random, pilots, TEXTS["batches"]))
    width = max(3, len(str(pilots)))
    units = [
        _unit(random, f"p{number:0{width}d}", level, batch, pilots, assumed)
        for number, (level, batch) in enumerate(zip(levels, batches, strict=True), start=1)
    ]
    slow = [unit for unit in units if unit.slow]
    told = any(unit.mentioned for unit in slow)
    if len(slow) in (0, pilots) or not told:
        what = "nobody is slow" if not slow else "everybody is slow" if told else "no cause is told"
        raise StudyError(f"simulate: seed {seed}, {pilots} pilots: {what}; take another seed")
    return units


def _dealt(random: Generator, pilots: int, kinds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one of the kinds for each pilot, each about as often as its share, in random order."""
    shares = [kind["share"] for kind in kinds.values()]
    places = (np.arange(pilots) + 0.5) / pilots
    dealt = np.array(list(kinds))[np.searchsorted(np.cumsum(shares) / sum(shares), places)]
    return list(random.permutation(dealt).tolist())


def _unit(
    random: Generator, name: str, level: str, batch: str, pilots: int, assumed: Assumptions
) -> Unit:
    carried = {cause: random.random() < assumed.carried for cause in CAUSES}
    effects = float(sum(getattr(assumed, cause) for cause in CAUSES if carried[cause]))
    chance = assumed.base + (0 if TYPES[level]["city"] else assumed.not_a_city) + effects
    chance = min(1.0, max(0.0, chance))
    slow = random.random() < chance
    told = assumed.if_slow if slow else assumed.if_not_slow
    mentioned = tuple(c for c in CAUSES if random.random() < told and carried[c])
    # money is named wherever goals are: the two stand in one clause
    said = mentioned + ("fiscal_shortfall",) * ("targets_too_high" in mentioned)
    stage = int(random.choice(6, p=STAGES[slow]))
    both = random.random() < 0.15
    other = int(random.choice([2, 3])) if both and slow and stage < 2 else None
    # about five units under one city above
    above = int(random.integers(1, max(2, pilots // 5) + 1))
    parent = "province" if level == "prefecture_city" else f"city_{above:03d}"
    return Unit(name, level, parent, batch, carried, chance, slow, mentioned, said, stage, other)
