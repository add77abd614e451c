"""What a simulated notice says of a unit beside stage and causes: counts, money, named projects.

Few units have each of them, as in a real notice, so that most cells of these variables are silent.
"""

from dataclasses import dataclass, field

import numpy as np

from simulated_study import TEXTS
from simulated_study.true_effects import Unit

# domains of projects with a coded variable of their own
CODED_DOMAINS = ("health", "transport", "education")
# by stage of the unit: status of its projects
PROJECT_STATUS = ("planned", "planned", "started", "built", "trial", "operating")


@dataclass
class Said:
    """What is said of a unit: variable -> value, variable -> phrase; its projects by domain."""

    values: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)
    projects: tuple[str, ...] = ()

    def say(self, variable: str, value: object) -> None:
        """Give a variable its value, and the words for it."""
        self.values[variable], words = str(value), TEXTS["counts"][variable]
        pattern = words[value] if isinstance(words, dict) else words
        self.phrases[variable] = pattern.format(value=value)


def project(unit: Unit, domain: str, language: str) -> str:
    """Return the name of a unit's project, in `en` or `zh`."""
    return str(TEXTS["projects"][domain][language]).format(pilot=unit.name("short", language))


def draw_counts(units: list[Unit], seed: int) -> dict[str, Said]:
    """Draw what the notice says of each unit beside stage and causes. Keys: units."""
    random = np.random.default_rng([seed, len(units), 1])
    return {unit.id: _of(random, unit) for unit in units}


def _of(random: np.random.Generator, unit: Unit) -> Said:
    said = Said()

    def happens(share: float) -> bool:
        return bool(random.random() < share)

    if happens(0.15):
        planned = int(random.integers(20, 200))
        started = int(planned * random.uniform(0.1, 0.9))
        said.say("projects_planned", planned)
        said.say("projects_started", started)
        done = int(started * random.uniform(0, 0.8)) if unit.stage >= 3 else 0
        said.say("projects_completed", done)
    if happens(0.25):
        key = int(random.integers(3, 12))
        said.say("key_projects", key)
        trial = int(random.integers(key // 2 + 1, key + 1)) if unit.stage >= 4 else 0
        said.say("projects_in_trial", trial)
    if happens(0.15):
        plan = round(float(random.uniform(1, 200)), 2)
        said.say("investment_planned", plan)
        said.say("investment_completed", round(plan * float(random.uniform(0.05, 0.9)), 2))
    if happens(0.15):
        said.say("expected_completion", "2020-12")
    if happens(0.25):
        sources = list(TEXTS["counts"]["funding"])
        said.say("funding", sources[int(random.integers(len(sources)))])
    if happens(0.2):
        said.say("enterprise_partner", "yes")
    if happens(0.1):
        said.say("departments_connected", int(random.integers(3, 40)))
    if happens(0.1):
        said.say("data_records", int(random.integers(5, 900)))
    if happens(0.3):
        said.say("shared_platform", "yes" if unit.stage >= 3 else "no")
    said.projects = tuple(d for d in TEXTS["projects"] if happens(0.5)) if unit.stage >= 2 else ()
    for domain in said.projects:
        words = TEXTS["counts"]["project"].format(value=project(unit, domain, "zh"))
        said.phrases[f"domain_{domain}"] = words
        if domain in CODED_DOMAINS:
            said.values[f"domain_{domain}"] = "yes"
    return said
