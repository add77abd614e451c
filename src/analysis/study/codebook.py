"""The codebook of a study, and how its YAML files are read: checked by pydantic."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from analysis.study.errors import StudyError

T = TypeVar("T", bound=BaseModel)

# YAML reads 1 and yes as number and truth; every level of a codebook is text
Level = Annotated[str, BeforeValidator(str)]


class Declared(BaseModel):
    """Base: nothing undeclared, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Declared):
    """One text in both languages."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.zh


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


class Codebook(Declared):
    """All variables, in the order of the codebook."""

    version: Level
    variables: dict[str, Variable]


def read_yaml(path: Path, shown: str) -> Any:
    """Read a YAML file; `shown` is its name in messages.

    Raises:
        StudyError: missing or not YAML.
    """
    if not path.is_file():
        raise StudyError(f"{shown}: missing; put it back or check the name of the study")
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{shown}: not readable as YAML: {error}") from error


def checked(model: type[T], content: Any, shown: str) -> T:
    """Return content as a model.

    Raises:
        StudyError: each problem on a line: file, place in it, what is wrong, what was found.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{shown}: {'.'.join(str(part) for part in e['loc'])}: {e['msg']}, "
            f"found {str(e.get('input'))[:60]!r}"
            for e in error.errors()
        ]
        raise StudyError("\n".join(lines)) from error


def read_codebook(path: Path, shown: str) -> Codebook:
    """Read and check `codebook.yaml`."""
    return checked(Codebook, read_yaml(path, shown), shown)
