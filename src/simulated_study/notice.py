"""A simulated notice: what it says, in which words, and where in it each value stands.

As in real ones: what holds for all, units under progress by batch, slow units with the causes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.study import PROGRAMME
from simulated_study import TEXTS
from simulated_study.true_effects import Unit

# cells of a coded row that say where its value stands: paragraph, span and key term
Place = dict[str, str]
NOWHERE: Place = {"paragraph": "", "span": "", "term": ""}
# of units, what is said beside stage and causes: variable -> value
Counts = Mapping[str, Mapping[str, str]]


@dataclass
class Notice:
    """A text that grows phrase by phrase, and where each came to stand, for a row to point to it.

    `places`: by unit, or `PROGRAMME`, and what is said of it. `example`: the unit whose high goals
    are told as the example of a group, or empty.
    """

    paragraphs: list[str] = field(default_factory=list)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    example: str = ""

    def add(self, who: str, phrases: Mapping[str, str]) -> None:
        """Add a paragraph about a unit or the programme. Keys: what each phrase says of it."""
        number, start = str(len(self.paragraphs) + 1), 0
        for thing, phrase in phrases.items():
            bare = phrase.rstrip(TEXTS["marks"])
            span = f"{start}:{start + len(bare)}"
            term = re.sub(r"^.*?(\d+\.)", r"\1", bare)[:8] if len(bare) > 8 else bare
            self.places[who, thing] = {"paragraph": number, "span": span, "term": term}
            start += len(phrase)
        self.paragraphs.append("".join(phrases.values()))

    def paragraph(self, who: str, thing: str) -> int:
        """Return the number of the paragraph in which something is said."""
        return int(self.places[who, thing]["paragraph"])


def write_notice(units: list[Unit], counts: Counts) -> Notice:
    """Write the notice on some units; `counts`: what else it says of each."""
    notice, stages = Notice(), TEXTS["stages"]

    def describe(unit: Unit, where: str, said: dict[str, str]) -> None:
        head = TEXTS["pilot"].format(name=unit.name("short", "zh"))
        notice.add(unit.id, {where: head, **said})

    for paragraph in TEXTS["opening"]:
        notice.add(PROGRAMME, {"": paragraph})
    notice.add(PROGRAMME, dict(zip(("", "top_level_plan"), TEXTS["general"], strict=True)))
    for batch, words in TEXTS["batches"].items():
        notice.add(PROGRAMME, {f"batch {batch}": words["head"]})
        for unit in (u for u in units if u.batch == batch and u.advancing):
            if unit.other_stage is None:
                said = {"stage": stages[unit.stage], **_causes(unit)}
            else:
                said = {"other_stage": stages[unit.other_stage]}
            describe(unit, "described", said | _counted(unit, counts[unit.id]))
    notice.add(PROGRAMME, {"slow": TEXTS["slow"]})
    for unit in (u for u in units if u.slow):
        more = {} if unit.advancing else _counted(unit, counts[unit.id])
        describe(unit, "listed", {**_causes(unit), "stage": stages[unit.stage], **more})
    for name, (_, sentence, term) in TEXTS["about_all"].items():
        before, _, after = sentence.partition(term)
        notice.add(PROGRAMME, {"": before, name: term, "rest": after})
    high = (unit.id for unit in units if unit.slow and "targets_too_high" in unit.mentioned)
    notice.example = next(high, "")
    return notice


def _causes(unit: Unit) -> dict[str, str]:
    return {cause: TEXTS["causes"][cause] for cause in unit.told}


def _counted(unit: Unit, counts: Mapping[str, str]) -> dict[str, str]:
    phrases = {}
    for variable, value in counts.items():
        kind, _, domain = variable.partition("domain_")
        words = TEXTS["counts"][kind or "project"]
        pattern = words[value] if isinstance(words, dict) else words
        phrases[variable] = pattern.format(value=project(unit, domain, "zh") if domain else value)
    return phrases


def project(unit: Unit, domain: str, language: str) -> str:
    """Return the name of a unit's project, in `en` or `zh`."""
    return str(TEXTS["projects"][domain][language]).format(pilot=unit.name("short", language))


def draw_counts(units: list[Unit], seed: int) -> Counts:
    """Draw what the notice says of each unit beside stage and causes: counts, money, projects.

    Few units have each of them, as in a real notice, so that most cells are silent.
    """
    random = np.random.default_rng([seed, len(units), 1])
    by_unit = {}

    def happens(share: float) -> bool:
        return random.random() < share

    for unit in units:
        counts: dict[str, object] = {}
        if happens(0.15):
            planned = int(random.integers(20, 200))
            started = int(planned * random.uniform(0.1, 0.9))
            completed = int(started * random.uniform(0, 0.8)) if unit.stage >= 3 else 0
            counts |= {"projects_planned": planned, "projects_started": started}
            counts["projects_completed"] = completed
        if happens(0.25):
            key = int(random.integers(3, 12))
            trial = random.integers(key // 2 + 1, key + 1) if unit.stage >= 4 else 0
            counts |= {"key_projects": key, "projects_in_trial": trial}
        if happens(0.15):
            plan = round(random.uniform(1, 200), 2)
            counts["investment_planned"] = plan
            counts["investment_completed"] = round(plan * random.uniform(0.05, 0.9), 2)
        if happens(0.15):
            counts["expected_completion"] = "2020-12"
        if happens(0.25):
            sources = list(TEXTS["counts"]["funding"])
            counts["funding"] = sources[random.integers(len(sources))]
        if happens(0.2):
            counts["enterprise_partner"] = "yes"
        if happens(0.1):
            counts["departments_connected"] = random.integers(3, 40)
        if happens(0.1):
            counts["data_records"] = random.integers(5, 900)
        if happens(0.3):
            counts["shared_platform"] = "yes" if unit.stage >= 3 else "no"
        if unit.stage >= 2:
            counts |= {f"domain_{name}": "yes" for name in TEXTS["projects"] if happens(0.5)}
        by_unit[unit.id] = {variable: str(value) for variable, value in counts.items()}
    return by_unit
