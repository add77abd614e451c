"""Reading a CSV into a frame so that every complaint can name file, line, column and value."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis.study.guard import reading
from analysis.study.layout import StudyError

# a row by column, with the line of the file on which it starts under "line"
Record = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the rows of a table, each with its line."""
    found: list[Record] = frame.reset_index().to_dict("records")  # type: ignore[assignment]
    return found


def bad_cell(name: str, row: Mapping[str, Any], column: str, allowed: str) -> str:
    """Return the message that a cell does not hold what is allowed; columns joined by a comma."""
    value = ", ".join(row[each] for each in column.split(", "))
    return f"{name}: line {row['line']}: column {column}: value {value!r}; allowed: {allowed}"


def read_table(
    path: Path, name: str, schema: pa.DataFrameSchema, checked: bool = False
) -> pd.DataFrame:
    """Read `path` and check it against `schema`; `name` is how messages call it.

    `checked`: it is known that no cell breaks the schema. Every cell of the frame is text; its
    index, named `line`, is the line of the file on which a row starts.

    Raises:
        StudyError: missing file, not UTF-8, ragged rows, or any cell that breaks the schema;
            each problem on a line of its own: file, line, column, value, what is allowed.
    """
    if not path.is_file():
        raise StudyError(f"{name}: missing; put the file back")
    with reading():
        content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{name}: byte {error.start} is not UTF-8; save as UTF-8") from error
    columns = list(schema.columns)
    lines, rows = _rows(text, name, columns)
    index = pd.Index(lines, name="line", dtype="int64")
    frame = pd.DataFrame(rows, index=index, columns=columns, dtype=object)
    if not checked:
        found = [*_problems(frame, name, schema), *_repeated(frame, name, schema.unique or [])]
        if found:
            raise StudyError("\n".join(dict.fromkeys(found)))
    return frame


def _rows(text: str, name: str, columns: Sequence[str]) -> tuple[list[int], list[list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, rows, start = [], [], 2
    try:
        _check_header(next(reader, []), name, columns)
        for cells in reader:
            if len(cells) != len(columns):
                raise StudyError(
                    f"{name}: line {start}: {len(cells)} cells, allowed: {len(columns)} "
                    f"({','.join(columns)})"
                )
            lines.append(start)
            rows.append(cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{name}: line {reader.line_num}: not CSV: {error}") from error
    return lines, rows


def _check_header(header: list[str], name: str, columns: Sequence[str]) -> None:
    if header == list(columns):
        return
    wrong = [
        *(f"column {c!r} is too many" for c in header if c not in columns),
        *(f"column {c!r} is missing" for c in columns if c not in header),
    ]
    if header and header[0].startswith("\ufeff"):
        wrong = ["starts with a byte order mark; save as UTF-8 without it"]
    what = "; ".join(wrong or [f"columns in another order, or twice: {','.join(header)!r}"])
    raise StudyError(f"{name}: line 1: {what}; allowed: {','.join(columns)!r}")


def _problems(frame: pd.DataFrame, name: str, schema: pa.DataFrameSchema) -> list[str]:
    rows = records(frame)
    try:
        schema.validate(frame.reset_index(drop=True), lazy=True)
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


def _repeated(frame: pd.DataFrame, name: str, key: Sequence[str]) -> list[str]:
    """Return a complaint for each row whose key stands in an earlier one."""
    first: dict[tuple[str, ...], int] = {}
    complaints = []
    for row in records(frame) if key else ():
        line = first.setdefault(tuple(row[column] for column in key), row["line"])
        if line != row["line"]:
            complaints.append(bad_cell(name, row, ", ".join(key), f"each once (see line {line})"))
    return complaints
