"""What the text says of all pilots and requires of them, and what a report asks next."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from analysis.study.forms import Declared, Level, Text, filled_with, one_of

SaidOfAll = Annotated[str, one_of("said of all")]
BatchLevel = Annotated[Level, one_of("batches")]


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

    The sentence names `{value}`, with `{value:month}` where the value is a month. `domains`: those
    of projects that it asks for, in its words.
    """

    variable: SaidOfAll
    text: ValueFilled
    who: Text = Text({})
    when: ValueFilled = Text({})
    domains: dict[Level, Text] = Field(default={})


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
