"""What a claim rests on, from its sentence to the passages: a plain structure, shown by others.

Read from ledger, notebooks, code and tables with the standard library alone, so that a terminal has
it at once; `explain` shows it there, `claim_pages` on a page.
"""

import ast
import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.study import CODINGS
from analysis.study.evidence import passage

Entry = Mapping[str, Any]
# what a function was called for: the value of a claim, or alone its grade and what overturns it
USES = ("value", "grade")
# what of a claim is its result
FIELDS = ("grade", "value", "interval", "n", "of", "p_value", "flips")
NUMBERS = ("value", "interval", "n", "of", "unit", "p_value", "p_smallest", "test")
# facts from elsewhere; a row is the figure as its source has it unless its `basis` says more
FACTS = ("context.csv", "leaders.csv", "rates.csv", "events.csv")
TAKEN_OVER = "taken_over"


def chain(root: Path, study: str, entry: Entry, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return an entry of the ledger with all that it rests on.

    To the fields of the ledger come: `numbers`, those that it has; `code`, the lines of its cell;
    `functions` with `text` and `lines` of code (0: no function begins there any more); `lines`, the
    sum of these for the value, and for the grade alone; `rows` (see `_rows`); `sources`, the rows
    of `sources.csv` that these name; `ends`, where the chain ends.
    `texts`: of sources at hand, by id.
    """
    folder = root / "data" / study
    rows = list(_rows(folder, entry, texts))
    named = {name for row in rows for name in (row["source_id"] or "").split(";")}
    sources = [row for row in table(folder / "sources.csv").values() if row["source_id"] in named]
    functions = [{**f, **_function(root / f["file"], f["line"])} for f in entry["functions"]]
    return {
        **entry,
        "numbers": {name: entry[name] for name in NUMBERS if entry[name] is not None},
        "code": _cells(root / "notebooks" / f"{entry['notebook']}.ipynb").get(entry["cell"]),
        "functions": functions,
        "lines": {use: sum(f["lines"] for f in functions if f["for"] == use) for use in USES},
        "rows": rows,
        "sources": sources,
        "ends": sorted({row["end"] for row in rows}) or ["method"],
    }


def _rows(folder: Path, entry: Entry, texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield each row of the evidence with what its table holds (`held`) and where it ends (`end`).

    `end`: `passage` (given as `passage`), `text` (not supplied), `silent`, `source` (coded from
    another one), `fact` (given with its `basis`), `missing` or `declared`. Of a coding also
    `others`: what passes and alternatives say of its cell.
    """
    for row in entry["evidence"]:
        path = folder / row["file"]
        held = table(path).get(row["line"], {}) if path.suffix == ".csv" else {}
        found: dict[str, Any] = {
            "held": held,
            "others": [],
            "passage": None,
            "basis": None,
            "end": "declared",
        }
        if row["file"] == CODINGS:
            found["others"] = other_codings(folder, row["wave"], row["pilot_id"], row["variable"])
        if row["file"] in FACTS:
            missing = held.get("status") == "missing"
            basis = "missing" if missing else held.get("basis") or TAKEN_OVER
            found |= {"basis": basis, "end": "missing" if missing else "fact"}
        elif row["status"] == "silent":
            found["end"] = "silent"
        elif row["span"] and row["source_id"] in texts:
            said = passage(texts[row["source_id"]], row["paragraph"], row["span"])
            found |= {"passage": said, "end": "passage"}
        elif row["span"]:
            found["end"] = "text"
        elif row["source_id"]:
            found["end"] = "source"
        yield {**row, **found}


@cache
def other_codings(folder: Path, wave: str, pilot: str, variable: str) -> list[dict[str, str]]:
    """Return what was also said of a cell: by a pass that differs, by `alternatives.csv`.

    Each has `by` (the name of the pass, or the line there), `value`, `status` and `reason`.
    """
    cell = (wave, pilot, variable)
    told = _by_cell(folder / CODINGS).get(cell, [])
    settled = sorted((row["value"], row["status"]) for row in told)
    found = []
    for path in sorted((folder / "passes").glob("*/codings.csv")):
        rows = _by_cell(path).get(cell, [])
        spelled = any(row["settled_by"] == "rule: spelling" for row in told)
        if not spelled and sorted((row["value"], row["status"]) for row in rows) != settled:
            by = {"by": f"pass {path.parent.name}", "reason": ""}
            found += [{**by, "value": row["value"], "status": row["status"]} for row in rows]
    for line, row in table(folder / "passes" / "alternatives.csv").items():
        if (row["wave"], row["pilot_id"], row["variable"]) == cell:
            value = {name: row[f"alternative_{name}"] for name in ("value", "status")}
            found.append({"by": f"alternatives.csv:{line}", "reason": row["reason"], **value})
    return found


@cache
def table(path: Path) -> dict[int, dict[str, str]]:
    """Return the rows of a table by the line on which they start; none where it is gone."""
    rows: dict[int, dict[str, str]] = {}
    if not path.is_file():
        return rows
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        start = 2
        for row in reader:
            rows[start] = row
            start = reader.line_num + 1
    return rows


@cache
def _by_cell(path: Path) -> dict[tuple[str, ...], list[dict[str, str]]]:
    cells: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in table(path).values():
        cells.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
    return cells


@cache
def _cells(notebook: Path) -> dict[str, list[str]]:
    """Return the lines of each cell of a notebook by its id."""
    content = json.loads(notebook.read_bytes()) if notebook.is_file() else {"cells": []}
    return {cell["id"]: "".join(cell["source"]).splitlines() for cell in content["cells"]}


@cache
def _functions(path: Path) -> tuple[dict[int, ast.FunctionDef], list[str]]:
    """Return the functions of a module by the line on which they, or their decorators, begin.

    And its lines. None of a module that is gone since, or that is being written and cannot be read.
    """
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (OSError, SyntaxError):
        return {}, []
    every = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    begins = {min([n.lineno, *(d.lineno for d in n.decorator_list)]): n for n in every}
    return begins, source.splitlines()


@cache
def _function(path: Path, line: int) -> dict[str, Any]:
    """Return `text` and `lines` of code of the function that begins on a line; 0 if none does.

    Blank lines, comments and the docstring are no code.
    """
    functions, source = _functions(path)
    node = functions.get(line)
    if node is None:
        return {"text": "", "lines": 0}
    text = source[line - 1 : node.end_lineno]
    left, first = list(text), node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        del left[first.lineno - line : (first.end_lineno or first.lineno) - line + 1]
    count = sum(bool(each.strip()) and not each.strip().startswith("#") for each in left)
    return {"text": "\n".join(text), "lines": count}
