"""What pages say beside numbers: what the text requires, what to ask next, by which words."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from analysis.study.forms import Declared, Level, Paragraph, Text, filled_with, one_of

SaidOfAll = Annotated[str, one_of("said of all")]
FactorName = Annotated[str, one_of("factors")]
VariableName = Annotated[str, one_of("variables")]
LevelBeside = Annotated[Level, one_of("levels", "variable")]
PilotId = Annotated[str, one_of("pilots")]
BatchLevel = Annotated[Level, one_of("batches")]


class GroupExample(Declared):
    """Pilots that a paragraph names as its example of a group."""

    paragraph: Paragraph
    pilots: tuple[PilotId, ...]


class Kind(Declared):
    """The units that have one of some levels of a variable."""

    variable: VariableName
    values: tuple[LevelBeside, ...]


class Elapsed(Declared):
    """The programme-wide statement by which slowness is judged, and the batches it speaks of.

    `label`, `other`: the words for these batches, and for the others.
    """

    variable: SaidOfAll
    batches: tuple[BatchLevel, ...]
    label: Text
    other: Text


ValueFilled = Annotated[Text, filled_with("value", "value:month")]


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


class Caution(Declared):
    """What is to be said of a pilot wherever its value is, while what it `rests_on` is coded so."""

    pilot: PilotId
    variable: VariableName
    text: Text
    rests_on: Kind | None = None


class Pages(Declared):
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
