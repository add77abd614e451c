"""What a study declares in `study.yaml`, checked by pydantic; names by what `load` knows of."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from analysis.study import RolesName, WindowName, declared, forms
from analysis.study.factors import (
    Choices,
    Factor,
    FactorName,
    Kind,
    Outcome,
    PilotId,
    SourceId,
    VariableName,
)
from analysis.study.forms import Day, Declared, Level, Month, Name, Text, one_of, refuse

SaidOfAll = Annotated[str, one_of("said of all")]
BatchLevel = Annotated[Level, one_of("batches")]
OutcomeName = Annotated[str, one_of("outcomes")]
ValueFilled = Annotated[Text, forms.filled_with("value", "value:month")]
# what no wave may declare for itself: who settles passes asks all waves at once
OF_ALL_WAVES = ("study", "languages", "waves", "divisions_source", "divisions_unlisted")
# what parameters of notebooks choose from
CHOICES = {"windows": get_args(WindowName), "roles": get_args(RolesName)}


class Batch(Declared):
    """A designation batch: when it was announced, how large it was, who says so."""

    announced: Day
    size: Annotated[int, Field(ge=0, le=1_000_000)]
    source_id: SourceId


class Window(Declared):
    """Months between which a change counts; `since_designation` starts with each pilot's batch."""

    start: Month | Literal["designation"]
    end: Month | Literal["wave"]
    label: Text

    @field_validator("end")
    @classmethod
    def _not_before_start(cls, end: str, info: ValidationInfo) -> str:
        start, waves = info.data.get("start", "designation"), (info.context or {}).get("waves")
        if waves and start != "designation" and start > (max(waves) if end == "wave" else end):
            raise ValueError("a month that is not before the start")
        if waves and end != "wave" and end > max(waves):
            raise ValueError(f"a month up to the last wave, {max(waves)}")
        return end


class Wave(Declared):
    """One inspection: its month, the source that reports it, and what is declared of it alone.

    `differs`: parts of `study.yaml`, each put over what stands there for all waves.
    """

    month: Month
    source_id: SourceId
    differs: dict[str, Any] = Field(default={})

    @field_validator("differs")
    @classmethod
    def _parts(cls, differs: dict[str, Any]) -> dict[str, Any]:
        parts = [each for each in Declaration.model_fields if each not in OF_ALL_WAVES]
        refuse(((name,), name, ", ".join(parts)) for name in differs if name not in parts)
        return differs


class Within(Declared):
    """A factor compared only among pilots that are alike in another one."""

    factor: FactorName
    strata: FactorName


class Rivals(Declared):
    """What is set side by side, declared before it is computed.

    `family`: factors known for every pilot whose two-way groupings are searched together.
    """

    family: tuple[FactorName, ...] = ()
    within: Within | None = None


class GroupExample(Declared):
    """Pilots that a paragraph names as its example of a group."""

    paragraph: forms.Paragraph
    pilots: tuple[PilotId, ...]


class Elapsed(Declared):
    """The programme-wide statement by which slowness is judged, and the batches it speaks of.

    `label`, `other`: the words for these batches, and for the others.
    """

    variable: SaidOfAll
    batches: tuple[BatchLevel, ...]
    label: Text
    other: Text


class Requirement(Declared):
    """What the text requires: a programme variable, and the sentence it fills; of whom, by when.

    The sentence names `{value}`, with `{value:month}` where the value is a month; or `value` is the
    coded one that it says in words, and of another it is not said. `domains`: those of projects
    that it asks for, in its words.
    """

    variable: SaidOfAll
    text: ValueFilled
    who: Text = Text({})
    when: ValueFilled = Text({})
    value: str = ""
    domains: dict[Level, Text] = Field(default={})

    @model_validator(mode="after")
    def _rests_on_what_is_coded(self) -> Self:
        if not self.value and not all("{value" in said for said in self.text.root.values()):
            raise ValueError("a value that the text says in words, or {value} in the text")
        return self

    def says(self, coded: str) -> bool:
        """Return whether the sentence says what is coded."""
        return coded == self.value if self.value else bool(coded)


class Caution(Declared):
    """What is to be said of a pilot wherever its value is, while what it `rests_on` is coded so."""

    pilot: PilotId
    variable: VariableName
    text: Text
    rests_on: Kind | None = None


class OnPages(Declared):
    """Words by which pages speak of this study alone; what rests on one left out falls away.

    `document`, `document_title`, `issuers`: the coded text, in words and by name, and whose it is;
    `seen_as`: what was at hand of it. `inspectors`, `office`: whom to ask. `reason`, `pattern`: the
    factors that the first page speaks of, as given in the text and as seen afterwards.
    """

    document: Text | None = None
    document_title: Text | None = None
    issuers: Text | None = None
    seen_as: Text | None = None
    inspectors: Text | None = None
    office: Text | None = None
    reason: Annotated[str, one_of("named causes")] | None = None
    pattern: FactorName | None = None


class Declaration(Declared):
    """All of `study.yaml`. `simulated`: pilots and values are made up, and every page says so.

    `languages`: those of every text, name and note of the study; left out, those of the title.
    """

    languages: tuple[forms.Language, ...]
    study: str
    title: Text
    province: Text
    waves: dict[Month, Wave]
    outcomes: dict[Name, Outcome]
    main_outcome: Annotated[OutcomeName, one_of("outcomes with an event")]
    stage_outcome: Annotated[OutcomeName, one_of("outcomes with numbered levels")] = ""
    factors: dict[Name, Factor]
    windows: dict[Name, Window] = Field(default={})
    roles: dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(default={})
    divisions_source: SourceId = ""
    divisions_unlisted: dict[PilotId, SourceId] = Field(default={})
    batch_variable: VariableName = ""
    batches: dict[BatchLevel, Batch] = Field(default={})
    elapsed: Elapsed | None = None
    constants: tuple[SaidOfAll, ...] = ()
    causes: tuple[VariableName, ...] = ()
    rivals: Rivals = Rivals()
    multiverse: Choices
    requirements: tuple[Requirement, ...] = ()
    both_lists: VariableName = ""
    cautions: tuple[Caution, ...] = ()
    general_passages: tuple[forms.Paragraph, ...] = ()
    group_examples: tuple[GroupExample, ...] = ()
    reviewed_by_person: bool = False
    simulated: bool = False
    pages: OnPages = OnPages()

    @model_validator(mode="before")
    @classmethod
    def _spoken(cls, content: Any) -> Any:
        title = content.get("title") if isinstance(content, dict) else None
        return {"languages": list(title), **content} if isinstance(title, dict) else content

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        both = sorted(self.factors.keys() & self.outcomes.keys())
        refuse((("factors", name), name, "a name that no outcome has") for name in both)
        waves, allowed = self.waves.items(), f"a day up to the last wave, {max(self.waves)}"
        spells = self.windows or self.roles or any(f.spells for f in self.factors.values())
        chosen = ((kind, name) for kind, names in CHOICES.items() for name in names if spells)
        refuse((each, None, "") for each in chosen if each[1] not in getattr(self, each[0]))
        dated = [window.start == "designation" for window in self.windows.values()]
        dated += [factor.dated for factor in self.factors.values()]
        lacks = {"batches": any(dated) and not self.batches}
        lacks["batch_variable"] = bool(self.batches) and not self.batch_variable
        refuse(((name,), None, "") for name, lacking in lacks.items() if lacking)
        refuse((("waves", n, "month"), w.month, n) for n, w in waves if w.month != n)
        refuse(
            (("batches", level, "announced"), batch.announced, allowed)
            for level, batch in self.batches.items()
            if batch.announced[:7] > max(self.waves)
        )
        return self

    def window(self, name: str) -> Window:
        """Return a declared window; a StudyError lists those that exist."""
        return declared(self.windows, name, "study.yaml: windows")

    def posts(self, name: str) -> tuple[str, ...]:
        """Return the posts of declared `roles`; a StudyError lists those that exist."""
        return declared(self.roles, name, "study.yaml: roles")
