"""Outcomes and factors as `study.yaml` declares them: what is to be explained, and what may."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from analysis.study import forms
from analysis.study.forms import Declared, Level, Name, Text, filled_with, one_of, refuse

FactorName = Annotated[str, one_of("factors")]
VariableName = Annotated[str, one_of("variables")]
LevelBeside = Annotated[Level, one_of("levels", "variable")]
PilotId = Annotated[str, one_of("pilots")]
SourceId = Annotated[str, one_of("sources")]
Fact = Annotated[str, one_of("facts")]
# of what sums are above and below the line of a ratio in each unit
RATIO_OF = {"years_of_revenue": ("money", "money"), "per_head": ("money", "persons")}


def _on_one_side(_: Any, zero: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    twice = sorted(set(zero) & set(info.data.get("one", ())))
    refuse(((), level, "on one side only") for level in twice)
    return zero


class Kind(Declared):
    """The units that have one of some levels of a variable."""

    variable: VariableName
    values: tuple[LevelBeside, ...]


class OpenList(Kind):
    """Where a list of pilots is open: those with these values may be members without a name.

    `paragraph`, `words`: of the passage that opens the list.
    """

    paragraph: forms.Paragraph
    words: Text


class Outcome(Declared):
    """What is to be explained; `event` levels count as 1. Without `event`: an ordered stage.

    `label` and `other`: the words for units with the event and for all others.
    """

    variable: VariableName
    label: Text
    event: tuple[LevelBeside, ...] = ()
    other: Text = Text({})
    open_list: OpenList | None = None


class Contrast(Declared):
    """The coded variable of a factor: `one` levels count as 1, `zero` levels as 0.

    An empty `zero` means every other level of the codebook. `zero_by_text`: another variable by
    which the text itself settles that a pilot counts as 0, where it does not give the level.
    """

    variable: VariableName
    one: tuple[LevelBeside, ...]
    zero: tuple[LevelBeside, ...] = ()
    zero_by_text: Kind | None = None
    yes_label: Text
    no_label: Text

    _one_side = field_validator("zero")(classmethod(_on_one_side))


class OtherKind(Declared):
    """A figure of another kind: shown beside the others, never pooled."""

    pilot: PilotId
    source_id: SourceId
    label: Text


class Ratio(Declared):
    """A ratio of two context variables in one year; `year` is the one in force.

    `cut`: where the figure may fill the factor's unknown cells, below the median counts as 1.
    `sentence`: what is said of a pilot, in other years `in_year`, in the end `said_with`.
    """

    id: str
    numerator: Fact
    denominator: Fact
    year: forms.Year
    years: tuple[forms.Year, ...]
    unit: Literal["years_of_revenue", "per_head"]
    label: Text
    sentence: Annotated[
        Text, filled_with("name", "top", "value:0", "value:1", "year", "years", "said")
    ]
    in_year: Annotated[Text, filled_with("year", "value:0", "value:1")]
    said_with: Annotated[Text, filled_with("fact", "fact:0", "fact:1")]
    said_with_fact: Fact | None = None
    numerator_fixed: bool = False
    cut: Literal["below_median"] | None = None
    other_kind: tuple[OtherKind, ...] = ()

    @model_validator(mode="after")
    def _can_be_divided(self, info: ValidationInfo) -> Self:
        known = info.context or {}
        figures, units = known.get("facts", {}), known.get("units", {})
        for side, kind in zip(("numerator", "denominator"), RATIO_OF[self.unit], strict=True):
            figure = figures.get(name := getattr(self, side))
            allowed = [name for name, unit in units.items() if unit.of == kind]
            if figure and figure.unit not in allowed:
                refuse([((side,), name, f"a figure in {', '.join(allowed)}")])
        if figure and figure.least <= 0:
            refuse([((side,), name, "a figure whose least is above 0")])
        if self.year not in self.years:
            refuse([(("year",), str(self.year), ", ".join(map(str, self.years)))])
        return self


class Spells(Declared):
    """A change of holder in one of the roles, from dated spells, inside a window.

    `said_of_rates`: how common it is here and in all the country, `n` of `of` and `a` of `b`.
    `rate_of`: the kind of units that the rates of the event speak of.
    """

    event: Annotated[str, one_of("events")]
    label: Text
    said_with: Text
    said_of_rates: Annotated[Text, filled_with("n", "of", "when", "a", "b")] | None = None
    rate_of: Kind | None = None


class Question(Declared):
    """What to ask next: of whom, and the document in which the answer probably stands.

    A plain text in `study.yaml` is a question to the inspectors.
    """

    text: Text
    to: Literal["inspectors", "office"] = "inspectors"
    document: Text = Text({})

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, content: Any) -> Any:
        plain = isinstance(content, dict) and not cls.model_fields.keys() & content
        return {"text": content} if plain else content

    def in_language(self, language: str) -> str:
        """Return the question in a language."""
        return self.text.in_language(language)


class Factor(Declared):
    """What may explain the outcome: how it is coded and which facts from elsewhere it draws on.

    `curve`: all declared analyses of it are shown side by side, on a page of their own.
    `same_parent`: what is said of units with the same parent as one that has it.
    """

    label: Text
    coded: Contrast
    question: Text
    named_cause: bool = False
    post_hoc: bool = False
    spells: Spells | None = None
    ratio: Ratio | None = None
    dated: bool = False
    same_parent: Text | None = None
    curve: bool = False
    limits: tuple[Text, ...] = ()
    ask: tuple[Question, ...]


class OutcomeVersion(Declared):
    """One way to say which pilots have the outcome.

    Without `stage_at_most`: the main outcome; `unknown` says which pilots without the event are
    read as unknown (those that its open list may hold, or all). With it: the stage reached is at
    most that; `statement` says which of two differing statements counts.
    """

    label: Text
    reason: Text
    unknown: Literal["none", "open_list", "all"] = "none"
    stage_at_most: Annotated[int, one_of("stages")] | None = None
    statement: Literal["settled", "other"] = "settled"


class Grouping(Declared):
    """One way to split a factor's levels into two groups: `one` counts as 1, `zero` as 0."""

    one: tuple[Level, ...]
    zero: tuple[Level, ...]
    label: Text
    reason: Text

    _one_side = field_validator("zero")(classmethod(_on_one_side))


class Choices(Declared):
    """The choices of a multiverse: versions of the outcome, and groupings of a factor's levels.

    `groupings`: factor -> name -> grouping; a factor without any keeps its declared contrast.
    """

    outcomes: dict[Name, OutcomeVersion]
    groupings: dict[FactorName, dict[Name, Grouping]] = Field(default={})

    @field_validator("groupings")
    @classmethod
    def _of_levels(cls, groupings: Any, info: ValidationInfo) -> Any:
        known = (info.context or {}).get("levels of factors", {})
        refuse(
            ((factor, name, side, i), level, ", ".join(known[factor]) or "none there")
            for factor, named in groupings.items()
            for name, split in named.items()
            for side, levels in (("one", split.one), ("zero", split.zero))
            for i, level in enumerate(levels)
            if factor in known and level not in known[factor]
        )
        return groupings
