"""The codebook of a study: its variables, levels and words, checked by pydantic."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from analysis.study.errors import StudyError
from analysis.study.yaml_file import read_yaml

# YAML reads 1 as a number; every level of a codebook is text
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
    """All variables, in the order of the codebook; the domains of projects, if it lists them."""

    version: Level
    variables: dict[str, Variable]
    project_domains: dict[Level, Text] = {}


def read_codebook(path: Path, shown: str) -> Codebook:
    """Read and check `codebook.yaml`.

    Raises:
        StudyError: each problem on a line: file, line, place, value, what is allowed.
    """
    file = read_yaml(path, shown)
    codebook = file.model(Codebook)
    problems = [
        f"{file.at('variables', name, 'kind')}: value {variable.kind!r}; "
        "allowed: levels, exactly where levels are listed"
        for name, variable in codebook.variables.items()
        if (variable.kind == "levels") != bool(variable.levels)
    ]
    if problems:
        raise StudyError("\n".join(problems))
    return codebook
