"""Coding passes as they came, one folder each, checked against their hashes.

`coders` is a method of `Study`; other codings by the passes: `alternatives`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import pandera.pandas as pa
from pydantic import RootModel

from analysis.study import ANY, CODINGS, KEYS, StudyError, complain
from analysis.study.files import Record, bad_cell, by_columns, read_table, read_yaml, records
from analysis.study.forms import Day, Declared, Level, unnoted
from analysis.study.guard import check_sums, is_checked
from analysis.study.read_log import ReadLog
from analysis.study.schemas import Schemas

if TYPE_CHECKING:
    from analysis.study.study import Study

CellKey = tuple[str, ...]
# where a study keeps its passes, once read
READ_IN = ("rows", "passes")
ALTERNATIVES, SPELLING = "passes/alternatives.csv", "spelling.yaml"
# what is written after the passes came, so that no sum is kept of it
AFTER = ("additions.csv", "rulings.csv", "rulings_projects.csv", "spans.csv", "alternatives.csv")
# an alternative coding may leave a pilot out instead of giving it another value
EXCLUDED = "excluded"


class Described(Declared):
    """What `pass.yaml` says of a pass: who coded, when, by which version of the codebook.

    `coder`: the same in every pass of one coder. `register`: a table that says it, coded by nobody.
    """

    coder: str
    kind: Literal["model", "person", "register"]
    date: Day
    codebook: Level


class Coders(NamedTuple):
    """Who coded how often: the passes, and of what kind the coders were."""

    passes: int
    models: int
    persons: int


class Spelling(RootModel[dict[str, dict[Level, Level]]]):
    """Spellings of the passes -> the codebook's, by variable."""


@dataclass(frozen=True)
class Pass:
    """One coder's complete set: rows by (wave, pilot, variable), and the project rows."""

    name: str
    described: Described
    codings: Mapping[CellKey, Sequence[Record]] = field(repr=False)
    projects: Sequence[Record] = field(repr=False)

    @cached_property
    def waves(self) -> set[str]:
        """The waves that it coded: of the others it says nothing."""
        return {key[0] for key in self.codings}

    def told(self, key: CellKey) -> str:
        """Return what it says of a cell, for a message."""
        told = []
        for row in self.codings.get(key, ()):
            place = f", paragraph {row['paragraph']}, span {row['span']}" if row["span"] else ""
            told.append(f"{row['value'] or 'silent'} ({row['status']}{place})")
        return " and ".join(told) or "no row"


@dataclass(frozen=True)
class Passes:
    """The files of `passes/` of one study, each cell checked when it is read; the passes once.

    `wave`: take only the passes that coded it; "" for all.
    """

    folder: Path
    schemas: Schemas = field(repr=False)
    wave: str = ""

    @cached_property
    def every(self) -> list[Pass]:
        """Return every pass, by name; spellings are mapped to the codebook's before anything else.

        A StudyError says of no pass, a changed or unlisted file, or a cell that is not allowed.
        """
        ReadLog.read(("passes", ANY))
        notes = (f"notes_{language}.csv" for language in self.schemas.declared.languages[1:])
        passes = []
        for name in check_sums(self.folder, (*AFTER, SPELLING, *notes)):
            ReadLog.read(("file", f"passes/{name}/pass.yaml"))
            file = read_yaml(self.folder / name / "pass.yaml", f"passes/{name}/pass.yaml")
            described = file.model(Described)
            codings = self.codings(f"{name}/codings.csv", "pass codings")
            projects = self.table(f"{name}/projects.csv", self.schemas.of("pass projects"))
            passes.append(Pass(name, described, by_columns(codings, KEYS[CODINGS]), projects))
        none = (each.name for each in passes if not each.waves)
        complain(f"passes/{name}/codings.csv: no row; allowed: those of a wave" for name in none)
        if not (coded := [each for each in passes if self.wave in ("", *each.waves)]):
            of = f" that codes wave {self.wave}" if self.wave else ""
            raise StudyError(f"passes/: no pass there{of} (a folder with pass.yaml, codings.csv)")
        _complete(coded, sorted({key for each in coded for key in each.codings}))
        return coded

    def codings(self, name: str, kind: str) -> list[Record]:
        """Read a file of codings, spellings mapped, values checked against the codebook."""
        rows, problems = self.table(name, self.schemas.of(kind)), []
        for row in rows:
            value = self.spelling.get(row["variable"], {}).get(row["value"], row["value"])
            if allowed := self._allowed(row["variable"], row["status"], str(value)):
                problems.append(bad_cell(f"passes/{name}", row, "value", allowed))
            row["value"] = value
        complain(problems)
        return rows

    def _allowed(self, variable: str, status: str, value: str) -> str | None:
        return self.schemas.codebook.variables[variable].allowed(status, value)

    @cached_property
    def spelling(self) -> dict[str, dict[str, str]]:
        """Read how the passes spell what the codebook lacks: if lost, their values are refused."""
        if not os.path.lexists(self.folder / SPELLING):
            return {}
        file = read_yaml(self.folder / SPELLING, f"passes/{SPELLING}")
        spelling, variables = file.model(Spelling).root, self.schemas.codebook.variables
        for name, value in ((n, value) for n, values in spelling.items() for value in values):
            if name not in variables or not variables[name].allowed("stated", value):
                allowed = "of a variable of the codebook, a spelling that it lacks"
                raise StudyError(f"{file.at(name, value)}: value {value!r}; allowed: {allowed}")
        return spelling

    @cached_property
    def alternatives(self) -> list[Record]:
        """Read other values that a cell could defensibly have: without any, a header alone."""
        name = ALTERNATIVES.removeprefix("passes/")
        rows, problems = self.table(name, self.schemas.of(name)), []
        main = self.schemas.declared.outcomes[self.schemas.declared.main_outcome].variable
        for row in rows:
            value = row["alternative_value"]
            allowed = self._allowed(row["variable"], row["alternative_status"], value)
            if allowed and (value, row["variable"]) != (EXCLUDED, main):
                problems.append(bad_cell(ALTERNATIVES, row, "alternative_value", allowed))
        complain(problems)
        return rows

    def table(self, name: str, schema: pa.DataFrameSchema) -> list[Record]:
        """Read a table of `passes/`; what a build has checked is not checked again."""
        return records(read_table(self.folder / name, f"passes/{name}", schema))

    def rows(self, table: str) -> Iterable[Record]:
        """Return the rows of `alternatives`, or of a pass's codings; none if there is no pass."""
        named = (each for each in self.every if table == f"passes/{each.name}/codings.csv")
        coded = chain(*(rows for each in named for rows in each.codings.values()))
        return self.alternatives if table == ALTERNATIVES else coded


def of_study(study: Study) -> Passes:
    """Return the passes of a loaded study; a StudyError says which cell of its wave one lacks."""
    if READ_IN not in study.cache:
        # what a check of all rows asks for is no evidence of a claim on some
        with unnoted():
            about = study.tables["pilots.csv"], study.tables["sources.csv"]
            checked = is_checked(study.folder)
            schemas = Schemas(study.declared, study.codebook, checked=checked).about(*about)
            read = Passes(study.folder / "passes", schemas, study.wave)
            # once for all cells: by no function that the first claim alone would seem to rest on
            coded = [n for n, v in study.codebook.variables.items() if v.coded == "passes"]
            _complete(read.every, [(study.wave, p, v) for v in coded for p in study.every])
            _ = read.alternatives
        study.cache[READ_IN] = read
    return cast(Passes, study.cache[READ_IN])


def _complete(passes: Iterable[Pass], cells: Collection[CellKey]) -> None:
    """Refuse passes of which one lacks a cell of a wave that it coded."""
    complain(
        f"passes/{each.name}/codings.csv: {wave}, {pilot}, {variable}: no row; write one, silent "
        "if need be"
        for each in passes
        for wave, pilot, variable in cells
        if wave in each.waves and (wave, pilot, variable) not in each.codings
    )


def coders(study: Study) -> Coders:
    """Return how many passes there are, by how many models and how many persons.

    Raises:
        StudyError: a pass is missing or was changed.
    """
    told = [each.described for each in of_study(study).every]
    models, persons = ({d.coder for d in told if d.kind == kind} for kind in ("model", "person"))
    return Coders(sum(d.kind != "register" for d in told), len(models), len(persons))
