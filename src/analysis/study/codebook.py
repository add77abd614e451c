"""The codebook of a study: its variables, levels and words; what a study is called in words.

Also what the codebook and `study.yaml` are made of: texts, months, levels, names of other things.
The functions are methods of `Study`: `study.label("unit_type", 1)`. Nothing here computes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    RootModel,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from analysis.study import declared

if TYPE_CHECKING:
    from analysis.study.study import Study

# pilots up to which a sentence names them all, and how many it names of more
MOST_NAMED, FIRST_NAMED = 15, 8
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
DAY = rf"{MONTH}-(0[1-9]|[12]\d|3[01])"
# what a value that is no level looks like, by the kind of its variable
SHAPES = {
    "count": (r"\d{1,15}", "a whole number"),
    "money": (r"\d{1,15}(\.\d{1,15})?", "a number"),
    "month": (MONTH, "YYYY-MM"),
    "text": (r"[\s\S]+", "text"),
}


def _whole(pattern: str, shape: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(shape)
        return value

    return AfterValidator(check)


def one_of(kind: str, beside: str = "") -> AfterValidator:
    """Return the check that a name is one of a kind of things that the context of a check knows.

    `beside`: of those alone that belong to what this other field of the model names. A kind that
    the context lacks is not checked.
    """

    def check(name: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get(kind)
        if known is not None and beside:
            known = known.get(info.data.get(beside), ())
        if known is not None and name not in known:
            raise ValueError(", ".join(known) or "none there")
        return name

    return AfterValidator(check)


# YAML reads 1 as a number; every level of a codebook is text
Level = Annotated[str, BeforeValidator(str)]
Month = Annotated[str, BeforeValidator(str), _whole(MONTH, "YYYY-MM")]
Day = Annotated[str, BeforeValidator(str), _whole(DAY, "YYYY-MM-DD")]
# what stands in the names of pages and files
Name = Annotated[str, _whole("[a-z][a-z0-9_]{0,59}", "small letters, digits and _, at most 60")]
Language = Annotated[str, _whole("[a-z]{2,3}(_[A-Za-z]+)*", "a language as en, zh or pt_BR")]


def refuse(wrong: Iterable[tuple[tuple[str | int, ...], str | None, str]]) -> None:
    """Refuse what a validator found inside of its model: place, value (None: missing), allowed."""
    errors = []
    for place, value, allowed in wrong:
        said = PydanticCustomError("wrong", "{allowed}", {"allowed": allowed})
        told = "missing" if value is None else said
        errors.append(InitErrorDetails(type=told, loc=place, input=value))
    if errors:
        raise ValidationError.from_exception_data("", errors)


class Declared(BaseModel):
    """Base: nothing undeclared, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(RootModel[dict[str, str]]):
    """One text of a study in each of its languages. Keys: `en`, `zh`, ..."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _in_every_language(self, info: ValidationInfo) -> Self:
        wanted = (info.context or {}).get("languages", self.root)
        missing, more = set(wanted) - set(self.root), set(self.root) - set(wanted)
        allowed = ", ".join(wanted)
        refuse(
            [((each,), None, allowed) for each in sorted(missing)]
            + [((each,), each, allowed) for each in sorted(more)]
        )
        return self

    def in_language(self, language: str) -> str:
        """Return the text in a language that the study declares; a text left out is empty."""
        return self.root[language] if self.root else ""

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

    @model_validator(mode="after")
    def _levels_where_listed(self) -> Self:
        if (self.kind == "levels") != bool(self.levels):
            refuse([(("kind",), self.kind, "levels, exactly where levels are listed")])
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
        return f"{words} ({self.unit})" if self.unit else words


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
    """All variables, in the order of the codebook, and the words for projects and facts.

    `project_domains`, `project_statuses`: those that there are, if it lists them. `facts`: words
    for what the tables of facts from other sources hold, by column.
    """

    version: Level
    variables: dict[str, Variable]
    project_domains: dict[Level, Text] = {}
    project_statuses: dict[Level, Text] = {}
    project_bases: dict[Level, Text] = {}
    facts: dict[str, dict[Level, Text]] = {}
    notes: Notes | None = None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def names(study: Study, pilots: Iterable[str]) -> Names:
    """Return the short names of pilots as one list for a sentence; of many, the first few."""
    chosen = list(pilots)
    first = chosen if len(chosen) <= MOST_NAMED else chosen[:FIRST_NAMED]
    return Names(tuple(pilot_name(study, pilot) for pilot in first), len(chosen))


def pilot_name(study: Study, pilot: str, *, long: bool = False) -> Text:
    """Return a pilot's name in every language."""
    (row,) = study.read_rows("pilots.csv", pilot)
    length = "long" if long else "short"
    return Text({each: row[f"{length}_{each}"] for each in study.languages})


def pilot_names(study: Study, *, long: bool = False) -> pd.Series[str]:
    """Return every pilot's name in the language shown, by pilot: for axes and `.map`."""
    shown = language(study)
    words = [pilot_name(study, p, long=long).in_language(shown) for p in study.pilots]
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
