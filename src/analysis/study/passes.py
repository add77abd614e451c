"""Coding passes as they came, one folder each, checked against their hashes; codings by them.

Each pass alone, and each alternative value of a cell, is another coding that could be defended.
`ratings`, `alternatives` and `doubtful` are methods of `Study`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pandera.pandas as pa
from pydantic import RootModel

from analysis.study import StudyError
from analysis.study.files import Record, bad_cell, read_table, read_yaml, records
from analysis.study.forms import Day, Declared, Level
from analysis.study.guard import is_checked, reading
from analysis.study.read_log import ReadLog
from analysis.study.schemas import Schemas

if TYPE_CHECKING:
    from analysis.study.study import Cell, Study

CellKey = tuple[str, str, str]
SUMS, ALTERNATIVES = "SHA256SUMS", "alternatives.csv"
# an alternative coding may leave a pilot out instead of giving it another value
EXCLUDED = "excluded"


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
    codings: Mapping[CellKey, Sequence[Record]] = field(repr=False)
    projects: Sequence[Record] = field(repr=False)

    def told(self, key: CellKey) -> str:
        """Return what it says of a cell, for a message."""
        told = []
        for row in self.codings.get(key, ()):
            place = f", paragraph {row['paragraph']}, span {row['span']}" if row["span"] else ""
            told.append(f"{row['value'] or 'silent'} ({row['status']}{place})")
        return " and ".join(told) or "no row"


@dataclass(frozen=True)
class AlternativeCoding:
    """One coding: `settled`, a pass alone, or one alternative value.

    `name`: of the pass, or the line of `alternatives.csv`. `changes`: cells with another value than
    the settled one, None for silent. `left_out`: pilots that this coding excludes.
    """

    kind: Literal["settled", "pass", "alternative"]
    name: str
    changes: Mapping[Cell, str | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passes:
    """The files of `passes/` of one study, each cell checked when it is read; the passes once."""

    folder: Path
    schemas: Schemas = field(repr=False)

    @cached_property
    def every(self) -> list[Pass]:
        """Return every pass, by name; spellings are mapped to the codebook's before anything else.

        A StudyError says of no pass, a changed or unlisted file, or a cell that is not allowed.
        """
        self._note(SUMS)
        check_sums(self.folder)
        passes, checked = [], is_checked(self.folder.parent)
        # a folder without its pass.yaml is refused, not passed over
        for name in sorted({path.parent.name for path in self.folder.glob("*/*.*")}):
            self._note(f"{name}/pass.yaml")
            read_yaml(self.folder / name / "pass.yaml", f"passes/{name}/pass.yaml").model(Described)
            cells: dict[CellKey, list[Record]] = {}
            for row in self.codings(f"{name}/codings.csv", "pass codings", checked):
                cells.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
            schema = self.schemas.of("pass projects")
            passes.append(Pass(name, cells, self.table(f"{name}/projects.csv", schema, checked)))
        if not passes:
            raise StudyError("passes/: no pass there (a folder with pass.yaml and codings.csv)")
        return passes

    def codings(self, name: str, kind: str, checked: bool = False) -> list[Record]:
        """Read a file of codings, spellings mapped, values checked against the codebook."""
        rows, problems = self.table(name, self.schemas.of(kind), checked), []
        self._note("spelling.yaml")
        path, spelling = self.folder / "spelling.yaml", {}
        if path.is_file():
            spelling = read_yaml(path, "passes/spelling.yaml").model(Spelling).root
        for row in rows:
            value = spelling.get(row["variable"], {}).get(row["value"], row["value"])
            variable = self.schemas.codebook.variables[row["variable"]]
            if allowed := variable.allowed(row["status"], str(value)):
                problems.append(bad_cell(f"passes/{name}", row, "value", allowed))
            row["value"] = value
        if problems:
            raise StudyError("\n".join(problems))
        return rows

    def alternatives(self) -> list[Record]:
        """Read other values that a cell could defensibly have; none where there is no such file."""
        if not (self.folder / ALTERNATIVES).is_file():
            self._note(ALTERNATIVES)
            return []
        rows, problems = self.table(ALTERNATIVES, self.schemas.of(ALTERNATIVES)), []
        outcomes, main = self.schemas.declared.outcomes, self.schemas.declared.main_outcome
        for row in rows:
            status, value = row["alternative_status"], row["alternative_value"]
            allowed = self.schemas.codebook.variables[row["variable"]].allowed(status, value)
            if allowed and not (value == EXCLUDED and row["variable"] == outcomes[main].variable):
                place = f"passes/{ALTERNATIVES}"
                problems.append(bad_cell(place, row, "alternative_value", allowed))
        if problems:
            raise StudyError("\n".join(problems))
        return rows

    def table(self, name: str, schema: pa.DataFrameSchema, checked: bool = False) -> list[Record]:
        """Read a table of `passes/`; `checked` as of `read_table`."""
        self._note(name)
        return records(read_table(self.folder / name, f"passes/{name}", schema, checked))

    def _note(self, name: str) -> None:
        ReadLog.read(("file", f"passes/{name}"))


def check_sums(folder: Path) -> None:
    """Refuse passes of which a file is missing, was changed or is not listed in `SHA256SUMS`."""
    path = folder / SUMS
    if not path.is_file():
        raise StudyError(f"passes/{SUMS}: missing; restore it from git")
    listed, problems = set(), []
    with reading():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            digest, _, name = line.partition("  ")
            file = folder / name
            listed.add(name)
            if not name:
                allowed = "a SHA-256, two blanks, a file"
                problems.append(f"passes/{SUMS}: line {number}: value {line!r}; allowed: {allowed}")
            elif not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                said = "missing or changed since it came; restore it from git"
                problems.append(f"passes/{name}: {said}")
    for file in sorted(folder.glob("*/*.csv")):
        if (name := file.relative_to(folder).as_posix()) not in listed:
            problems.append(
                f"passes/{name}: not in passes/{SUMS}; add it there: sha256sum {name} >> {SUMS}"
            )
    if problems:
        raise StudyError("\n".join(problems))


def of_study(study: Study) -> Passes:
    """Return the passes of a loaded study; a StudyError says which cell of its wave one lacks."""
    if "passes" not in study.cache:
        schemas = Schemas(study.declared, study.codebook, study.every)
        read = Passes(study.folder / "passes", schemas)
        cells = [(study.wave, p, v) for v in study.coded_variables() for p in study.every]
        if left := [
            f"passes/{each.name}/codings.csv: {pilot}, {variable}: no row; write one, silent if "
            "need be"
            for each in read.every
            for _, pilot, variable in (cell for cell in cells if cell not in each.codings)
        ]:
            raise StudyError("\n".join(left))
        study.cache["passes"] = read
    passes: Passes = study.cache["passes"]
    return passes


def ratings(study: Study, variables: Iterable[str] | None = None) -> pd.DataFrame:
    """Return what each coder gave each cell, silence as `silent`: cells by coders.

    Index: (variable, pilot), for every variable that the passes coded unless told. Asks for the
    settled cells.

    Raises:
        StudyError: as of `of_study`, or a pass is missing or was changed.
    """
    names = list(variables) if variables is not None else study.coded_variables()
    study.statuses(names)
    cells = [(variable, pilot) for variable in names for pilot in study.every]
    given: dict[str, list[str]] = {}
    for each in of_study(study).every:
        told = given[each.name] = []
        for variable, pilot in cells:
            rows = each.codings[study.wave, pilot, variable]
            values = sorted(row["value"] for row in rows if row["status"] != "silent")
            told.append(" and ".join(values) or "silent")
    index = pd.MultiIndex.from_tuples(cells, names=["variable", "pilot"])
    return pd.DataFrame(given, index=index, dtype=object).rename_axis(columns="coder")


def alternatives(study: Study, variables: Collection[str] | None = None) -> list[AlternativeCoding]:
    """Return the settled coding, each pass alone, and the settled one with each alternative.

    Each has `kind`, `name`, `changes` (for `with_changes`) and `left_out`. `variables`: compare the
    passes with the settled coding in these only; None: in all that they coded.

    Raises:
        StudyError: see `Passes.every`; an alternative that is not allowed.
    """
    passes, found = of_study(study), [AlternativeCoding("settled", "settled")]
    compared = [v for v in study.coded_variables() if variables is None or v in variables]
    for each in passes.every:
        found.append(AlternativeCoding("pass", each.name, _differences(study, each, compared)))
    for row in passes.alternatives():
        if row["wave"] == study.wave:
            name, pilot, value = str(row["line"]), row["pilot_id"], row["alternative_value"]
            out = (pilot,) if value == EXCLUDED else ()
            changes = {} if out else {(pilot, row["variable"]): value or None}
            found.append(AlternativeCoding("alternative", name, changes, out))
    return found


def _differences(study: Study, one: Pass, variables: Iterable[str]) -> dict[Cell, str | None]:
    """Return the cells to which a pass gives another usable value than the settled one."""
    differing: dict[Cell, str | None] = {}
    for variable in variables:
        for pilot in study.every:
            usable = [
                row["value"]
                for row in one.codings.get((study.wave, pilot, variable), ())
                if study.scope_of(row) in ("own", "example")
            ]
            if sorted(usable) != study.settled_values(pilot, variable):
                # two statements without a rule that settles them: unknown
                differing[pilot, variable] = usable[0] if len(usable) == 1 else None
    return differing


def doubtful(study: Study, variable: str) -> dict[str, tuple[str, ...]]:
    """Return the pilots whose cell no pass coded with high confidence, with possible values.

    The values: those settled or standing beside, and the alternatives. Asks for these cells.
    """
    passes, possible = of_study(study), {}
    coders, rows = passes.every, passes.alternatives()
    for pilot in study.every:
        cell = (study.wave, pilot, variable)
        if any(row["confidence"] == "high" for each in coders for row in each.codings[cell]):
            continue
        others = [
            row["alternative_value"]
            for row in rows
            if (row["wave"], row["pilot_id"], row["variable"]) == cell
        ]
        values = sorted({*study.settled_values(pilot, variable), *others} - {""})
        if len(values) > 1:
            possible[pilot] = tuple(values)
    study.levels(variable, possible)
    return possible
