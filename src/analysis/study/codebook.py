"""The codebook of a study: its variables, levels and words, checked by pydantic."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel

# YAML reads 1 as a number; every level of a codebook is text
Level = Annotated[str, BeforeValidator(str)]


class Declared(BaseModel):
    """Base: nothing undeclared, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(RootModel[dict[str, str]]):
    """One text of a study in each of its languages. Keys: `en`, `zh`, ..."""

    model_config = ConfigDict(frozen=True)

    def in_language(self, language: str) -> str:
        """Return the text in a language that the study declares; a text left out is empty."""
        return self.root[language] if self.root else ""

    __getitem__ = in_language

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that it is given in."""
        return tuple(self.root)

    @property
    def en(self) -> str:
        """Return the English text."""
        return self.in_language("en")

    @property
    def zh(self) -> str:
        """Return the Chinese text."""
        return self.in_language("zh")

    def __hash__(self) -> int:
        return hash(tuple(self.root.items()))


@dataclass(frozen=True)
class Names:
    """Names of pilots as a sentence lists them; of many, only the first. `total`: how many."""

    names: tuple[Text, ...]
    total: int


class Variable(Declared):
    """A variable of the codebook: labels, levels or unit, rule, and when it was coded."""

    label: Text
    kind: Literal["levels", "count", "money", "month", "text"]
    room: Literal["outcome", "factor", "structure", "addition", "programme"]
    coded: Literal["passes", "additions"]
    rule: Text | None = None
    unit: str | None = None
    levels: dict[Level, Text] = {}
    cues: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Return whether it holds numbers, or levels that are."""
        return self.kind in ("count", "money") or (
            self.kind == "levels" and all(level.isdecimal() for level in self.levels)
        )


class Notes(Declared):
    """Sentences that stand as the note of a row for which no coder wrote one.

    `silent`: with {label}; `coded`, `coded_elsewhere` (not from a passage), in a language that
    nobody put a coder's note into: with {label}, {value}, {paragraph}; `project`, and
    `project_without_domain`: with {paragraph}, {domain}, {status}, {basis}.
    """

    silent: Text
    coded: Text
    coded_elsewhere: Text
    project: Text
    project_without_domain: Text


class Codebook(Declared):
    """All variables, in the order of the codebook, and the words for projects.

    `project_domains`, `project_statuses`: those that there are, if it lists them.
    """

    version: Level
    variables: dict[str, Variable]
    project_domains: dict[Level, Text] = {}
    project_statuses: dict[Level, Text] = {}
    project_bases: dict[Level, Text] = {}
    notes: Notes | None = None
