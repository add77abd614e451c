"""Whether coded rows agree with the codebook and with each other."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analysis.study.codebook import Codebook, Variable
from analysis.study.columns import MONTH
from analysis.study.table import Row, Table
from analysis.study.vocabulary import KEPT_BESIDE, PROGRAMME

Cell = tuple[str, str]
# what a value that is no level looks like, by the kind of its variable
SHAPES = {
    "count": (r"\d+", "a whole number"),
    "money": (r"\d+(\.\d+)?", "a number"),
    "month": (MONTH, "YYYY-MM"),
    "text": (r"[\s\S]+", "text"),
}


def allowed_value(status: str, value: str, variable: Variable) -> str | None:
    """Return what is allowed in place of `value`; None if the value is all right."""
    if status == "silent":
        return "empty, since the status is silent" if value else None
    if variable.kind == "levels":
        return None if value in variable.levels else ", ".join(variable.levels)
    shape, words = SHAPES[variable.kind]
    if re.fullmatch(shape, value, re.ASCII):
        return None
    return f"{words} ({variable.unit})" if variable.unit else words


def problems(
    table: Table, wave: str, codebook: Codebook, pilots: Sequence[str], text: str
) -> Iterator[str]:
    """Complain of rows of one wave; `text` is the source id of its text."""
    rows = [row for row in table.rows if row["wave"] == wave]
    for row in rows:
        for column, allowed in _of_row(row, codebook.variables[row["variable"]], text):
            yield table.complaint(row, column, allowed)
    cells: dict[Cell, list[Row]] = {}
    for row in rows:
        cells.setdefault((row["pilot_id"], row["variable"]), []).append(row)
    for held in cells.values():
        yield from _of_cell(table, held)
    yield from _missing(table, cells, codebook, pilots)


def _of_row(row: Mapping[str, str], variable: Variable, text: str) -> Iterable[tuple[str, str]]:
    allowed = allowed_value(row["status"], row["value"], variable)
    if allowed is not None:
        yield "value", allowed
    if (row["pilot_id"] == PROGRAMME) != (variable.room == "programme"):
        about_all = variable.room == "programme"
        yield "pilot_id", PROGRAMME if about_all else "a pilot: this is said of single pilots"
    if row["settled_by"].startswith(KEPT_BESIDE) and row["status"] != "contradictory":
        yield "status", f"contradictory, since settled_by begins with {KEPT_BESIDE!r}"
    if row["status"] == "silent":
        for column in ("source_id", "paragraph", "span", "span_sha256", "term"):
            if row[column]:
                yield column, "empty, since the status is silent"
        return
    if not row["source_id"]:
        yield "source_id", "a source, unless the status is silent"
    # what follows from the absence of a passage has none, and is coded after the passes only
    absent = variable.coded == "additions" and row["status"] == "implied"
    if row["source_id"] == text and not row["span"] and not absent:
        yield "span", "start:end, since the value comes from the coded text"
    if bool(row["span"]) != bool(row["span_sha256"]):
        yield "span_sha256", "the hash of the span, exactly where there is a span"


def _of_cell(table: Table, rows: list[Row]) -> Iterator[str]:
    """Complain of a cell with several rows that are not one contradiction, settled."""
    contradictory = [row for row in rows if row["status"] == "contradictory"]
    if not contradictory:
        for row in rows[1:]:
            allowed = f"one row, unless contradictory (see line {rows[0].line})"
            yield table.complaint(row, "pilot_id, variable", allowed)
        return
    for row in rows:
        if row not in contradictory:
            allowed = f"contradictory, as in line {contradictory[0].line}"
            yield table.complaint(row, "status", allowed)
    if len({row["value"] for row in rows}) < len(rows) or len(rows) < 2:
        allowed = "a row for each of two or more values, since it is contradictory"
        yield table.complaint(rows[-1], "value", allowed)
    settled = [row for row in rows if not row["settled_by"].startswith(KEPT_BESIDE)]
    if len(settled) != 1:
        allowed = f"one settled row a cell; the settled_by of the others begins {KEPT_BESIDE!r}"
        yield table.complaint(rows[-1], "settled_by", allowed)


def _missing(
    table: Table, cells: Mapping[Cell, list[Row]], codebook: Codebook, pilots: Sequence[str]
) -> Iterator[str]:
    for name, variable in codebook.variables.items():
        wanted = pilots if variable.coded == "passes" else ()
        for pilot in (PROGRAMME,) if variable.room == "programme" else wanted:
            if (pilot, name) not in cells:
                yield (
                    f"{table.name}: no row of column pilot_id {pilot!r} with column variable "
                    f"{name!r}; allowed: one row, with status silent if need be"
                )
