"""Coding passes as they came: one folder each, never edited, checked against their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pandera.pandas as pa
from pydantic import RootModel

from analysis.study import StudyError
from analysis.study.codebook import Codebook, Day, Declared, Level
from analysis.study.declaration import Declaration
from analysis.study.files import Record, bad_cell, read_table, read_yaml, records
from analysis.study.guard import is_checked, reading
from analysis.study.read_log import ReadLog
from analysis.study.schemas import Schemas

if TYPE_CHECKING:
    from analysis.study.study import Study

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
    codings: Mapping[CellKey, tuple[Record, ...]]
    projects: tuple[Record, ...]

    def rows(self) -> tuple[Record, ...]:
        """Return all rows, of codings and projects."""
        return (*(row for rows in self.codings.values() for row in rows), *self.projects)


@dataclass(frozen=True)
class Passes:
    """The files of `passes/` of one study, each cell checked when it is read; the passes once.

    `log`: where the files read are noted as what a run depends on.
    """

    folder: Path
    declared: Declaration
    codebook: Codebook
    pilots: tuple[str, ...]
    log: ReadLog = field(default_factory=ReadLog)

    def all(self) -> list[Pass]:
        """Read every pass, by name; spellings are mapped to the codebook's before anything else.

        Raises:
            StudyError: no pass, a changed or unlisted file, or a cell that is not allowed.
        """
        return list(self._every)

    @cached_property
    def _every(self) -> list[Pass]:
        self._note(SUMS)
        check_sums(self.folder)
        names = sorted(p.parent.name for p in self.folder.glob("*/pass.yaml"))
        if not names:
            raise StudyError("passes/: no pass there (a folder with pass.yaml and codings.csv)")
        return [self._pass(name) for name in names]

    def codings(self, name: str) -> list[Record]:
        """Read rulings or additions."""
        return self._coded(name, ruled=True)

    def projects(self, name: str) -> list[Record]:
        """Read the settled projects."""
        return self.table(name, self.schemas.of("ruled projects"))

    def alternatives(self) -> list[Record]:
        """Read other values that a cell could defensibly have; none where there is no such file."""
        self._note("alternatives.csv")
        if not (self.folder / "alternatives.csv").is_file():
            return []
        return self.table("alternatives.csv", self.schemas.of("alternatives.csv"))

    def table(self, name: str, schema: pa.DataFrameSchema, checked: bool = False) -> list[Record]:
        """Read a table of `passes/`; `checked` as of `read_table`."""
        self._note(name)
        return records(read_table(self.folder / name, f"passes/{name}", schema, checked))

    def _note(self, name: str) -> None:
        self.log.read(("file", f"passes/{name}"))

    @cached_property
    def schemas(self) -> Schemas:
        """Return the schemas of the study's tables."""
        return Schemas(self.declared, self.codebook, self.pilots)

    @cached_property
    def _checked(self) -> bool:
        return is_checked(self.folder.parent)

    def _pass(self, name: str) -> Pass:
        self._note(f"{name}/pass.yaml")
        described = read_yaml(self.folder / name / "pass.yaml", f"passes/{name}/pass.yaml")
        cells: dict[CellKey, tuple[Record, ...]] = {}
        for row in self._coded(f"{name}/codings.csv", ruled=False):
            key = (row["wave"], row["pilot_id"], row["variable"])
            cells[key] = (*cells.get(key, ()), row)
        schema = self.schemas.of("pass projects")
        projects = self.table(f"{name}/projects.csv", schema, self._checked)
        return Pass(name, described.model(Described), cells, tuple(projects))

    def _coded(self, name: str, *, ruled: bool) -> list[Record]:
        """Read a file of codings, spellings mapped, values checked against the codebook."""
        schema = self.schemas.of("ruled codings" if ruled else "pass codings")
        # a build checks the passes, not how they were settled
        rows = self.table(name, schema, self._checked and not ruled)
        spelling, problems = self._spelling(), []
        for row in rows:
            written = dict(row)
            row["value"] = spelling.get(row["variable"], {}).get(row["value"], row["value"])
            variable = self.codebook.variables[row["variable"]]
            if allowed := variable.allowed(row["status"], row["value"]):
                problems.append(bad_cell(f"passes/{name}", written, "value", allowed))
        if problems:
            raise StudyError("\n".join(problems))
        return rows

    def _spelling(self) -> dict[str, dict[Level, Level]]:
        path = self.folder / "spelling.yaml"
        self._note("spelling.yaml")
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
    with reading():
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
    with reading():
        return hashlib.sha256(path.read_bytes()).hexdigest()


def value_of(rows: Sequence[Record]) -> str:
    """Return a cell's value as one text: `silent`, or its values joined where two are given."""
    values = sorted(row["value"] for row in rows if row["status"] != "silent")
    return " and ".join(values) if values else "silent"


def of_study(study: Study) -> Passes:
    """Return the passes of a loaded study; what is read of them is noted in its log."""
    if "passes" not in study.cache:
        pilots, folder = tuple(study.pilots), study.folder / "passes"
        study.cache["passes"] = Passes(folder, study.declared, study.codebook, pilots, study.log)
    passes: Passes = study.cache["passes"]
    return passes


def ratings(study: Study, variables: Sequence[str]) -> pd.DataFrame:
    """Return what each coder gave each cell of some variables: see `Study.ratings`."""
    coders = of_study(study).all()
    cells = [(variable, pilot) for variable in variables for pilot in study.pilots]
    left = [
        f"passes/{each.name}/codings.csv: {pilot}, {variable}: no row; write one, silent if need be"
        for each in coders
        for variable, pilot in cells
        if (study.wave, pilot, variable) not in each.codings
    ]
    if left:
        raise StudyError("\n".join(left))
    given = {
        each.name: [value_of(each.codings[study.wave, p, v]) for v, p in cells] for each in coders
    }
    index = pd.MultiIndex.from_tuples(cells, names=["variable", "pilot"])
    return pd.DataFrame(given, index=index, dtype=object).rename_axis(columns="coder")
