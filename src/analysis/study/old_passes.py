"""Coding passes as they came: one folder each, never edited, checked against their hashes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandera.pandas as pa
from pydantic import RootModel

from analysis.study import noted, schema_passes
from analysis.study.checked import is_checked
from analysis.study.codebook import Codebook, Declared, Level
from analysis.study.coded_rows import allowed_value
from analysis.study.declaration import Day, Declaration
from analysis.study.errors import StudyError
from analysis.study.table import Row, Table, bad_cell, read
from analysis.study.yaml_file import read_yaml

CellKey = tuple[str, str, str]
SUMS = "SHA256SUMS"


class Described(Declared):
    """What `pass.yaml` says of a pass: who coded, when, by which version of the codebook."""

    coder: str
    kind: Literal["model", "person"]
    date: Day
    codebook: Level


class Spelling(RootModel[dict[str, dict[Level, Level]]]):
    """Spellings of the passes -> the codebook's, by variable."""


@dataclass(frozen=True)
class Pass:
    """One coder's complete set: rows by (wave, pilot, variable), and the project rows."""

    name: str
    described: Described
    codings: Mapping[CellKey, tuple[Row, ...]]
    projects: tuple[Row, ...]

    def rows(self) -> tuple[Row, ...]:
        """Return all rows, of codings and projects."""
        return (*(row for rows in self.codings.values() for row in rows), *self.projects)


@dataclass(frozen=True)
class Reader:
    """Reads the files of `passes/` for one study, each cell checked."""

    folder: Path
    declared: Declaration
    codebook: Codebook
    pilots: tuple[str, ...]

    def passes(self) -> list[Pass]:
        """Read every pass, by name; spellings are mapped to the codebook's before anything else.

        Raises:
            StudyError: no pass, a changed or unlisted file, or a cell that is not allowed.
        """
        check_sums(self.folder)
        names = sorted(p.parent.name for p in self.folder.glob("*/pass.yaml"))
        if not names:
            raise StudyError("passes/: no pass there (a folder with pass.yaml and codings.csv)")
        return [self._pass(name) for name in names]

    @cached_property
    def _checked(self) -> bool:
        return is_checked(self.folder.parent)

    def codings(self, name: str) -> tuple[Row, ...]:
        """Read rulings or additions."""
        return self._coded(name, ruled=True).rows

    def projects(self, name: str) -> tuple[Row, ...]:
        """Read the settled projects."""
        checked = schema_passes.projects(self.declared, self.codebook, self.pilots, ruled=True)
        return self.table(name, checked).rows

    def table(self, name: str, schema: pa.DataFrameSchema, checked: bool = False) -> Table:
        """Read a table of `passes/`; `checked` as of `table.read`."""
        return read(self.folder / name, f"passes/{name}", schema, checked)

    def _pass(self, name: str) -> Pass:
        described = read_yaml(self.folder / name / "pass.yaml", f"passes/{name}/pass.yaml")
        cells: dict[CellKey, tuple[Row, ...]] = {}
        for row in self._coded(f"{name}/codings.csv", ruled=False).rows:
            key = (row["wave"], row["pilot_id"], row["variable"])
            cells[key] = (*cells.get(key, ()), row)
        checked = schema_passes.projects(self.declared, self.codebook, self.pilots, ruled=False)
        projects = self.table(f"{name}/projects.csv", checked, self._checked).rows
        return Pass(name, described.model(Described), cells, projects)

    def _coded(self, name: str, *, ruled: bool) -> Table:
        """Read a file of codings, spellings mapped, values checked against the codebook."""
        checked = schema_passes.codings(self.declared, self.codebook, self.pilots, ruled=ruled)
        # a build checks the passes, not how they were settled
        table = self.table(name, checked, self._checked and not ruled)
        spelling = self._spelling()
        problems, rows = [], []
        for given in table.rows:
            value = spelling.get(given["variable"], {}).get(given["value"], given["value"])
            row = Row(given.line, {**given, "value": value})
            variable = self.codebook.variables[row["variable"]]
            if allowed := allowed_value(row["status"], value, variable):
                problems.append(bad_cell(table.name, given, "value", allowed))
            rows.append(row)
        if problems:
            raise StudyError("\n".join(problems))
        return Table(table.name, table.columns, tuple(rows), table.sha256)

    def _spelling(self) -> dict[str, dict[Level, Level]]:
        path = self.folder / "spelling.yaml"
        noted.note_file("passes/spelling.yaml")
        if not path.is_file():
            return {}
        return read_yaml(path, "passes/spelling.yaml").model(Spelling).root


def check_sums(folder: Path) -> None:
    """Check every file of a pass against `passes/SHA256SUMS`.

    Raises:
        StudyError: a file is missing, was changed or is not listed; passes are kept as they came.
    """
    path = folder / SUMS
    if not path.is_file():
        raise StudyError(f"passes/{SUMS}: missing; restore it from git")
    listed, problems = set(), []
    noted.note_file(f"passes/{SUMS}")
    with noted.reading():
        lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        digest, _, name = line.partition("  ")
        file = folder / name
        listed.add(name)
        if not name:
            allowed = "a SHA-256, two blanks, a file"
            problems.append(f"passes/{SUMS}: line {number}: value {line!r}; allowed: {allowed}")
        elif not file.is_file() or _sha256(file) != digest:
            problems.append(f"passes/{name}: missing or changed since it came; restore it from git")
    for file in sorted(folder.glob("*/*.csv")):
        if (name := file.relative_to(folder).as_posix()) not in listed:
            problems.append(
                f"passes/{name}: not in passes/{SUMS}; add it there: sha256sum {name} >> {SUMS}"
            )
    if problems:
        raise StudyError("\n".join(problems))


def _sha256(path: Path) -> str:
    with noted.reading():
        return hashlib.sha256(path.read_bytes()).hexdigest()


def value_of(rows: tuple[Row, ...]) -> str:
    """Return a cell's value as one text: `silent`, or its values joined where two are given."""
    values = sorted(row["value"] for row in rows if row["status"] != "silent")
    return " and ".join(values) if values else "silent"
