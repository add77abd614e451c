"""The text of a simulated notice, and where in it each value stands.

The notice is written as real ones are: what holds for all, then units under progress by batch, then
the list of slow units with the causes. It grows phrase by phrase, so that the place of each value
(paragraph and span) is known and a coder's row can point to it.
"""

from dataclasses import dataclass, field

from simulated_study import TEXTS
from simulated_study.true_effects import Unit


@dataclass(frozen=True)
class Place:
    """A passage: paragraph, span and key term."""

    paragraph: str
    span: str
    term: str

    def cells(self) -> dict[str, str]:
        """Return the cells of a coded row that say where its value stands."""
        return {"paragraph": self.paragraph, "span": self.span, "term": self.term[:8]}


NOWHERE = Place("", "", "")


@dataclass
class Notice:
    """A text that grows paragraph by paragraph, and where in it each phrase came to stand.

    `of`: place of what is said of a unit, by (unit, thing); `everywhere`: of what is said of the
    whole programme. `listed`: the paragraph that opens the list of slow units. `example`: the unit
    whose high goals are told as the example of a group, or empty.
    """

    paragraphs: list[str] = field(default_factory=list)
    of: dict[tuple[str, str], Place] = field(default_factory=dict)
    everywhere: dict[str, Place] = field(default_factory=dict)
    listed: int = 0
    example: str = ""

    def add(self, *phrases: str) -> list[Place]:
        """Add a paragraph of phrases; return the place of each."""
        number, start, places = str(len(self.paragraphs) + 1), 0, []
        for phrase in phrases:
            bare = phrase.rstrip(TEXTS["marks"])
            places.append(Place(number, f"{start}:{start + len(bare)}", bare))
            start += len(phrase)
        self.paragraphs.append("".join(phrases))
        return places

    def describe(self, unit: Unit, said: dict[str, str], name: str) -> None:
        """Add the paragraph of a unit and note where each thing stands; `name`: its own place."""
        head = TEXTS["pilot"].format(name=unit.name("short", "zh"))
        for thing, place in zip([name, *said], self.add(head, *said.values()), strict=True):
            self.of[unit.id, thing] = place

    @property
    def text(self) -> str:
        """Return the text, a paragraph a line."""
        return "\n".join(self.paragraphs) + "\n"


def write_notice(units: list[Unit], counts: dict[str, dict[str, str]]) -> Notice:
    """Write the notice on some units; `counts`: by unit, what else it says and in which words."""
    notice, stages = Notice(), TEXTS["stages"]
    for paragraph in TEXTS["opening"]:
        notice.add(paragraph)
    notice.everywhere["top_level_plan"] = notice.add(*TEXTS["general"])[1]
    for batch, words in TEXTS["batches"].items():
        notice.everywhere[f"batch {batch}"] = notice.add(words["head"])[0]
        for unit in (u for u in units if u.batch == batch and u.advancing):
            if unit.other_stage is None:
                said = {"stage": stages[unit.stage], **_clauses(unit)}
            else:
                said = {"other_stage": stages[unit.other_stage]}
            notice.describe(unit, {**said, **counts[unit.id]}, "described")
    notice.listed = len(notice.paragraphs) + 1
    notice.add(TEXTS["slow"])
    for unit in (u for u in units if u.slow):
        more = {} if unit.advancing else counts[unit.id]
        said = {**_clauses(unit), "stage": stages[unit.stage], **more}
        notice.describe(unit, said, "listed")
    for name, (_, sentence, term) in TEXTS["about_all"].items():
        start, whole = sentence.index(term), notice.add(sentence)[0]
        notice.everywhere[name] = Place(whole.paragraph, f"{start}:{start + len(term)}", term)
    told_of = (u.id for u in units if u.slow and "targets_too_high" in u.mentioned)
    notice.example = next(told_of, "")
    return notice


def _clauses(unit: Unit) -> dict[str, str]:
    words = TEXTS["causes"]
    return {cause: words[cause]["yes" if there else "no"] for cause, there in unit.told.items()}
