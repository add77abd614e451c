"""Reading a CSV so that every complaint can name file, line, column and value."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis.study import noted
from analysis.study.errors import StudyError


@dataclass(frozen=True)
class Row(Mapping[str, str]):
    """One row of a table: its cells as text, and the line of the file on which it starts.

    `place`: what is noted when a cell that says more than which row this is is read.
    """

    line: int
    cells: dict[str, str]
    place: noted.Read | None = None

    def __getitem__(self, column: str) -> str:
        if self.place is not None and column not in noted.KEYS[self.place[1]]:
            noted.note(self.place)
        return self.cells[column]

    def read(self) -> None:
        """Note that the row was read, by who knows from before what it holds."""
        if self.place is not None:
            noted.note(self.place)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True)
class Table:
    """A checked table: `name` is how messages call the file."""

    name: str
    columns: tuple[str, ...]
    every: tuple[Row, ...]
    sha256: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows; which there are is noted."""
        noted.note_table(self.name)
        return self.every

    def of(self, pilot: str) -> tuple[Row, ...]:
        """Return the rows of one pilot, in the file's order; which rows there are is noted."""
        noted.note_table(self.name)
        return tuple(self._by_pilot.get(pilot, ()))

    def at(self, line: int) -> Row:
        """Return the row that starts on a line."""
        return self._by_line[line]

    # looked up once for every pilot, or every row of a claim's evidence
    @cached_property
    def _by_pilot(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.every:
            found.setdefault(row.cells["pilot_id"], []).append(row)
        return found

    @cached_property
    def _by_line(self) -> dict[int, Row]:
        return {row.line: row for row in self.every}

    def frame(self) -> pd.DataFrame:
        """Return the cells as a frame of text, one row a line, in the file's order."""
        return _frame(self.rows, self.columns)

    def complaint(self, row: Row, column: str, allowed: str) -> str:
        """Return the message that a cell does not hold what is allowed."""
        return bad_cell(self.name, row, column, allowed)


def bad_cell(name: str, row: Row, column: str, allowed: str) -> str:
    """Return the message that a cell does not hold what is allowed; columns joined by a comma."""
    value = ", ".join(row[each] for each in column.split(", "))
    return f"{name}: line {row.line}: column {column}: value {value!r}; allowed: {allowed}"


def read(path: Path, name: str, schema: pa.DataFrameSchema, checked: bool = False) -> Table:
    """Read `path` and check it against `schema`; `name` is how messages call it.

    `checked`: it is known that no cell breaks the schema.

    Raises:
        StudyError: missing file, not UTF-8, ragged rows, or any cell that breaks the schema;
            each problem on a line of its own: file, line, column, value, what is allowed.
    """
    if not path.is_file():
        raise StudyError(f"{name}: missing; put the file back")
    with noted.reading():
        content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{name}: byte {error.start} is not UTF-8; save as UTF-8") from error
    columns = tuple(schema.columns)
    rows = _rows(text, name, columns)
    noted.note_file(name)
    if not checked:
        found = [*_problems(rows, name, schema), *_repeated(rows, name, schema.unique or [])]
        if found:
            raise StudyError("\n".join(dict.fromkeys(found)))
    return Table(name, columns, rows, hashlib.sha256(content).hexdigest())


def _rows(text: str, name: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, start = [], 2
    try:
        _check_header(next(reader, []), name, columns)
        for cells in reader:
            if len(cells) != len(columns):
                raise StudyError(
                    f"{name}: line {start}: {len(cells)} cells, allowed: {len(columns)} "
                    f"({','.join(columns)})"
                )
            given = dict(zip(columns, cells, strict=True))
            rows.append(Row(start, given, noted.place(name, given)))
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{name}: line {reader.line_num}: not CSV: {error}") from error
    return tuple(rows)


def _check_header(header: list[str], name: str, columns: tuple[str, ...]) -> None:
    if tuple(header) == columns:
        return
    found = [
        *(f"column {c!r} is too many" for c in header if c not in columns),
        *(f"column {c!r} is missing" for c in columns if c not in header),
    ]
    if header and header[0].startswith("\ufeff"):
        found = ["starts with a byte order mark; save as UTF-8 without it"]
    what = "; ".join(found or [f"columns in another order, or twice: {','.join(header)!r}"])
    raise StudyError(f"{name}: line 1: {what}; allowed: {','.join(columns)!r}")


def _frame(rows: Sequence[Row], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([row.cells for row in rows], columns=list(columns), dtype=object)


def _problems(rows: Sequence[Row], name: str, schema: pa.DataFrameSchema) -> list[str]:
    try:
        schema.validate(_frame(rows, list(schema.columns)), lazy=True)
    except pandera.errors.SchemaErrors as error:
        # a rule over rows fails in every column; it is about the one that it is named after
        about = {check.error: check.name for check in schema.checks}
        return [
            bad_cell(name, rows[int(case.index)], str(case.column), str(case.check))
            for case in error.failure_cases.itertuples()
            if about.get(case.check, case.column) == case.column
            and case.check != "multiple_fields_uniqueness"
        ]
    return []


def _repeated(rows: Sequence[Row], name: str, key: Sequence[str]) -> list[str]:
    """Return a complaint for each row whose key stands in an earlier one."""
    first: dict[tuple[str, ...], int] = {}
    found = []
    for row in rows if key else ():
        line = first.setdefault(tuple(row[column] for column in key), row.line)
        if line != row.line:
            found.append(bad_cell(name, row, ", ".join(key), f"each once (see line {line})"))
    return found
