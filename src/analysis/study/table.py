"""Reading a CSV so that every complaint can name file, line, column and value."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis.study.errors import StudyError


@dataclass(frozen=True)
class Row(Mapping[str, str]):
    """One row of a table: its cells as text, and the line of the file on which it starts."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True)
class Table:
    """A checked table: `name` is the path inside the study's folder."""

    name: str
    rows: tuple[Row, ...]
    sha256: str

    def frame(self) -> pd.DataFrame:
        """Return the cells as a frame of text, one row a line, in the file's order."""
        columns = list(self.rows[0]) if self.rows else []
        return pd.DataFrame([row.cells for row in self.rows], columns=columns, dtype=object)


def read(path: Path, name: str, schema: pa.DataFrameSchema) -> Table:
    """Read `path` and check it against `schema`; `name` is how messages call it.

    Raises:
        StudyError: missing file, not UTF-8, ragged rows, or any cell that breaks the schema;
            each problem on a line of its own: file, line, column, value, what is allowed.
    """
    if not path.is_file():
        raise StudyError(f"{name}: missing; the study cannot be read without it")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{name}: byte {error.start} is not UTF-8; save as UTF-8") from error
    rows = _rows(text, name, list(schema.columns))
    _check(rows, name, schema)
    return Table(name, rows, hashlib.sha256(content).hexdigest())


def _rows(text: str, name: str, columns: list[str]) -> tuple[Row, ...]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(reader, [])
        if header != columns:
            raise StudyError(
                f"{name}: line 1: columns are {','.join(header)!r}; allowed: {','.join(columns)!r}"
            )
        rows, start = [], 2
        for cells in reader:
            if len(cells) != len(columns):
                raise StudyError(
                    f"{name}: line {start}: {len(cells)} cells, allowed: {len(columns)} "
                    f"({','.join(columns)})"
                )
            rows.append(Row(start, dict(zip(columns, cells, strict=True))))
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{name}: line {reader.line_num}: not CSV: {error}") from error
    return tuple(rows)


def _check(rows: tuple[Row, ...], name: str, schema: pa.DataFrameSchema) -> None:
    frame = pd.DataFrame([row.cells for row in rows], columns=list(schema.columns), dtype=object)
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        messages = []
        for case in cases.itertuples():
            place = rows[int(case.index)].line if pd.notna(case.index) else "all"
            messages.append(
                f"{name}: line {place}: column {case.column}: value {case.failure_case!r}; "
                f"allowed: {case.check}"
            )
        raise StudyError("\n".join(dict.fromkeys(messages))) from error
