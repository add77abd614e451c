"""The codebook of a study: its variables, figures, levels; what a study is called in words.

The functions are methods of `Study`: `study.label("unit_type", 1)`. Nothing here computes.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.study import StudyError, declared
from analysis.study.forms import SHAPES, Declared, Level, Name, Text, filled_with, one_of, refuse

if TYPE_CHECKING:
    from analysis.study.study import Study

# pilots up to which a sentence names them all, and how many it names of more
MOST_NAMED, FIRST_NAMED = 15, 8


@dataclass(frozen=True)
class PilotNames:
    """Names of pilots as a sentence lists them; of many, only the first. `total`: how many."""

    names: tuple[Text, ...] = field(repr=False)
    total: int

    def __str__(self) -> str:
        more = self.total - len(self.names)
        return ", ".join(map(str, self.names)) + (f" and {more} more" if more else "")


class Variable(Declared):
    """A variable of the codebook: labels, levels or unit, rule, and when it was coded.

    `part_of`: variables of whose value this one counts a part. `project_statuses`: of the named
    projects that it counts. `project_domain`: of which it says whether one is named. `facts_at`:
    the level of figures of the unit that it names. `words`: for what a text says, where it does.
    """

    label: Text
    kind: Literal["levels", "count", "money", "month", "text"]
    room: Literal["outcome", "factor", "structure", "addition", "programme"]
    coded: Literal["passes", "additions"]
    rule: Text | None = None
    unit: str | None = None
    part_of: tuple[Annotated[str, one_of("variables with numbers")], ...] = ()
    project_statuses: tuple[Annotated[str, one_of("project statuses")], ...] = ()
    project_domain: Annotated[str, one_of("project domains")] | None = None
    facts_at: Annotated[Level, one_of("levels of facts")] | None = None
    levels: dict[Level, Text] = Field(default={})
    words: dict[Level, Text] = Field(default={})
    cues: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _levels_where_listed(self) -> Self:
        if (self.kind == "levels") != bool(self.levels):
            refuse([(("kind",), self.kind, "levels, exactly where levels are listed")])
        if (self.part_of and not self.numeric) or (self.project_statuses and self.kind != "count"):
            refuse([(("kind",), self.kind, "count (or money), as a part of what is counted")])
        return self

    @property
    def numeric(self) -> bool:
        """Return whether it holds numbers, or levels that are."""
        return self.kind in ("count", "money") or (
            self.kind == "levels" and all(level.isdecimal() for level in self.levels)
        )

    def allowed(self, status: str, value: str) -> str | None:
        """Return what is allowed in place of a coded value; None if the value is all right."""
        if status == "silent":
            return "empty, since the status is silent" if value else None
        if self.kind == "levels":
            return None if value in self.levels else ", ".join(self.levels)
        shape, words = SHAPES[self.kind]
        if re.fullmatch(shape, value, re.ASCII):
            return None
        return words.format(unit=f" ({self.unit})" if self.unit else "")


class Unit(Declared):
    """A unit of sums: what one is `worth` in the smallest of its kind, the words around a number.

    `tens`: by how many tens a language divides, where it counts in another unit than the source.
    """

    of: Literal["money", "persons", "share", "records"]
    worth: Annotated[float, Field(gt=0)]
    words: Annotated[Text, filled_with("", needed=True)]
    tens: dict[Level, int] = Field(default={})


class Measure(Declared):
    """A variable of `context.csv`: its label, the unit of its values, what they may be at all."""

    label: Text = Text({})
    unit: Level
    least: float = -math.inf
    most: float = math.inf
    whole: bool = False
    # the variable of the codings that says the same, where both have it from the text
    coded: Annotated[str, one_of("variables with numbers")] | None = None

    def allowed(self, value: str) -> str | None:
        """Return what is allowed in place of a value; None if it is all right."""
        if self.least <= float(value) <= self.most and not (self.whole and "." in value):
            return None
        return f"a {'whole ' * self.whole}number from {self.least:g} to {self.most:g}"


_Coded = Annotated[Text, filled_with("label", "value", "paragraph")]
_Project = Annotated[Text, filled_with("paragraph", "domain", "status", "basis")]


class Notes(Declared):
    """Sentences that stand as the note of a row for which no coder wrote one.

    `silent`: with {label}; `coded`, `coded_elsewhere` (not from a passage), in a language that
    nobody put a coder's note into: with {label}, {value}, {paragraph}; `project`, and
    `project_without_domain`: with {paragraph}, {domain}, {status}, {basis}.
    """

    silent: Annotated[Text, filled_with("label")]
    coded: _Coded
    coded_elsewhere: _Coded
    project: _Project
    project_without_domain: _Project


FactColumn = Literal["pilot_id", "unit", "level", "role", "population", "event"]
SourceColumn = Literal["issuer", "date", "address", "terms", "how"]


class Codebook(Declared):
    """All variables, in the order of the codebook, and the words for projects and facts.

    `units`: those of sums. `figures`: the variables of `context.csv`. `project_domains`,
    `project_statuses`: those that there are, if it lists them. `facts`: words for what else the
    tables of facts hold, by column; a column that it lists holds nothing else. `sources`: for what
    the table of sources says.
    """

    version: Level
    variables: dict[Name, Variable]
    units: dict[Level, Unit] = Field(default={})
    figures: dict[Name, Measure] = Field(default={})
    project_domains: dict[Level, Text] = Field(default={})
    project_statuses: dict[Level, Text] = Field(default={})
    project_bases: dict[Level, Text] = Field(default={})
    facts: dict[FactColumn, dict[Level, Text]] = Field(default={})
    sources: dict[SourceColumn, dict[Level, Text]] = Field(default={})
    notes: Notes | None = None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def check_recodings(study: Study, changes: Mapping[tuple[str, str], str | None]) -> None:
    """Refuse recodings, (pilot, variable) -> level, to what there is not; None is silent."""
    for (pilot, variable), level in changes.items():
        study.in_order([pilot])
        allowed = study.variable(variable).allowed("stated", str(level))
        if level is not None and allowed:
            raise StudyError(f"{pilot}, {variable}: recoded to {level!r}; allowed: {allowed}")


def names(study: Study, pilots: Iterable[str]) -> PilotNames:
    """Return the short names of pilots as one list for a sentence; of many, the first few."""
    chosen = list(pilots)
    first = chosen if len(chosen) <= MOST_NAMED else chosen[:FIRST_NAMED]
    return PilotNames(tuple(pilot_name(study, pilot) for pilot in first), len(chosen))


def pilot_name(study: Study, pilot: str, *, long: bool = False) -> Text:
    """Return a pilot's name in every language; a StudyError lists the pilots that there are."""
    study.in_order([pilot])
    (row,) = study.read_rows("pilots.csv", pilot)
    length = "long" if long else "short"
    return Text({each: row[f"{length}_{each}"] for each in study.languages})


def pilot_names(study: Study) -> pd.Series[str]:
    """Return every pilot's short name in the language shown, by pilot: for axes and `.map`."""
    shown = language(study)
    words = [pilot_name(study, pilot).in_language(shown) for pilot in study.pilots]
    return pd.Series(words, index=study.pilots, name="name", dtype=object)


def label(study: Study, name: str, value: Any = None) -> Text:
    """Return the words of an outcome, a factor or a variable; with `value`, of that value.

    Raises:
        StudyError: no such thing, or no such value; the message lists those that exist.
    """
    words, values = _words(study, name)
    if value is None:
        return words
    by_text = {_as_text(each): text for each, text in values.items()}
    return declared(by_text, _as_text(value), f"values of {name}")


def labels(study: Study, name: str) -> dict[Any, str]:
    """Return the words of each value in the language shown, by the value and by it as text.

    For `.map`, axes and legends: `study.labels("stage")[2.0]`.
    """
    shown, (_, values) = language(study), _words(study, name)
    told = {value: words.in_language(shown) for value, words in values.items()}
    return {**told, **{_as_text(value): words for value, words in told.items()}}


def _words(study: Study, name: str) -> tuple[Text, dict[Any, Text]]:
    """Return the label of an outcome, else a factor or variable, and those of its values."""
    outcome, factor = study.declared.outcomes.get(name), study.declared.factors.get(name)
    if outcome and outcome.event:
        return outcome.label, {1.0: outcome.label, 0.0: outcome.other}
    if factor and not outcome:
        return factor.label, {1.0: factor.coded.yes_label, 0.0: factor.coded.no_label}
    variable = study.variable(outcome.variable if outcome else name)
    levels = variable.levels.items()
    if outcome and variable.numeric:
        return outcome.label, {float(level): words for level, words in levels}
    return variable.label, dict(levels)


def language(study: Study) -> str:
    """Return the language shown: `ANALYSIS_LANGUAGE`, else the first that is declared."""
    wanted = os.environ.get("ANALYSIS_LANGUAGE", "")
    return wanted if wanted in study.languages else study.languages[0]
