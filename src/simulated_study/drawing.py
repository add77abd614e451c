"""The units of a simulated programme, drawn: what they are, what is true, what is reported."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.study.errors import StudyError
from simulated_study.assumed import CAUSES, Assumptions

# type of unit: share of the programme, words
TYPES: Mapping[str, tuple[float, str, str]] = {
    "prefecture_city": (0.22, "simulated prefecture-level city", "模拟地级市"),
    "county_city": (0.24, "simulated county-level city", "模拟县级市"),
    "county": (0.2, "simulated county", "模拟县"),
    "district": (0.12, "simulated district", "模拟区"),
    "zone": (0.16, "simulated zone", "模拟开发区"),
    "town": (0.06, "simulated town", "模拟镇"),
}
CITIES = ("prefecture_city", "county_city")
BATCHES = {"1": 0.31, "2": 0.36, "3": 0.33}
# units under one city above
UNDER = 5


@dataclass(frozen=True)
class Unit:
    """One unit. `carried`: which causes it has; `mentioned`: which the notice tells of it.

    `advancing`: described under progress; a slow unit that is described there too has two stages.
    """

    id: str
    number: str
    level: str
    parent: str
    batch: str
    carried: dict[str, bool]
    chance: float
    slow: bool
    mentioned: tuple[str, ...]
    stage: int
    advancing: bool
    other_stage: int | None

    @property
    def city(self) -> bool:
        """Return whether the unit is a city."""
        return self.level in CITIES

    @property
    def short(self) -> tuple[str, str]:
        """Return the short name, English and Chinese."""
        return f"Pilot {self.number}", f"试点{self.number}"

    @property
    def long(self) -> tuple[str, str]:
        """Return the long name, English and Chinese."""
        _, english, chinese = TYPES[self.level]
        return f"Pilot {self.number}, {english}", f"{chinese}试点{self.number}"


def draw(pilots: int, seed: int, assumed: Assumptions) -> list[Unit]:
    """Draw the units of a programme, in the order of its notice: by batch.

    Raises:
        StudyError: the draw leaves nothing to report on: nobody is slow, or everybody.
    """
    random = np.random.default_rng([seed, pilots])
    types = _dealt(random, pilots, {name: share for name, (share, _, _) in TYPES.items()})
    batches = sorted(_dealt(random, pilots, BATCHES))
    width = max(3, len(str(pilots)))
    units = [
        _unit(random, f"{i:0{width}d}", types[i - 1], batches[i - 1], pilots, assumed)
        for i in range(1, pilots + 1)
    ]
    slow = sum(unit.slow for unit in units)
    told = [c for unit in units if unit.slow for c in unit.mentioned]
    if slow in (0, pilots) or not told:
        what = "nobody is slow" if not slow else "everybody is slow" if told else "no cause is told"
        raise StudyError(f"simulate: seed {seed}, {pilots} pilots: {what}; take another seed")
    return units


def _dealt(random: np.random.Generator, pilots: int, shares: Mapping[str, float]) -> list[str]:
    """Return one name a pilot, each about as often as its share, in random order."""
    ends = np.cumsum(list(shares.values())) / sum(shares.values())
    places = (np.arange(pilots) + 0.5) / pilots
    names = list(shares)
    dealt = [names[int(i)] for i in np.searchsorted(ends, places)]
    return [dealt[int(i)] for i in random.permutation(pilots)]


def _unit(
    random: np.random.Generator,
    number: str,
    level: str,
    batch: str,
    pilots: int,
    assumed: Assumptions,
) -> Unit:
    carried = {cause: bool(random.random() < assumed.carried) for cause in CAUSES}
    chance = assumed.chance(city=level in CITIES, carried=carried)
    slow = bool(random.random() < chance)
    told = assumed.if_slow if slow else assumed.if_not_slow
    mentioned = tuple(c for c in CAUSES if bool(random.random() < told) and carried[c])
    stage = int(random.choice(6, p=_STAGES[slow]))
    both = bool(random.random() < 0.15)
    other = int(random.choice([2, 3])) if both and slow and stage < 2 else None
    above = int(random.integers(1, max(2, pilots // UNDER) + 1))
    parent = "province" if level == "prefecture_city" else f"city_{above:03d}"
    return Unit(
        f"p{number}",
        number,
        level,
        parent,
        batch,
        carried,
        chance,
        slow,
        mentioned,
        stage,
        not slow or other is not None,
        other,
    )


# how far units are: of the slow and of the others, by stage
_STAGES = {
    True: [0.55, 0.2, 0.25, 0.0, 0.0, 0.0],
    False: [0.0, 0.1, 0.15, 0.35, 0.3, 0.1],
}
