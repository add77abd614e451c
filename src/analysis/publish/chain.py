"""What a claim rests on, from its sentence to the passages: a plain structure, shown by others.

Read from ledger, notebooks, code and tables with the standard library alone, so that a terminal has
it at once; `explain` shows it there, `claim_pages` on a page, and `audit` tells who looked at it.
"""

import ast
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from analysis.study import CODINGS, KEYS
from analysis.study.evidence import passage

Row = dict[str, str]
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
    sum of these for the value, and for the grade alone; `rows` (see `_row`); `sources`, the rows
    of `sources.csv` that these name; `ends`, where the chain ends.
    `texts`: of sources at hand, by id.
    """
    folder = root / "data" / study
    rows = [_row(folder, row, texts) for row in entry["evidence"]]
    named = {name for row in rows for name in (row["source_id"] or "").split(";")}
    sources = [row for row in table(folder / "sources.csv").values() if row["source_id"] in named]
    functions = [{**f, **_function(root / f["file"], f["line"])} for f in entry["functions"]]
    source = cells(root / "notebooks" / f"{entry['notebook']}.ipynb")
    return {
        **entry,
        "numbers": {name: entry[name] for name in NUMBERS if entry[name] is not None},
        "code": source.get(entry["cell"], "").splitlines(),
        "functions": functions,
        "lines": {use: sum(f["lines"] for f in functions if f["for"] == use) for use in USES},
        "rows": rows,
        "sources": sources,
        "ends": sorted({row["end"] for row in rows}) or ["method"],
    }


def _row(folder: Path, row: Entry, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of the evidence with what its table holds (`held`) and where it ends (`end`).

    `end`: `passage` (given as `passage`), `text` (not supplied), `silent`, `source` (coded from
    another one), `fact` (given with its `basis`), `missing` or `declared`. Of a coding also
    `others`: what passes and alternatives say of its cell.
    """
    file, said, basis, end = row["file"], None, None, "declared"
    held = table(folder / file).get(row["line"], {}) if file.endswith(".csv") else {}
    cell = (row["wave"], row["pilot_id"], row["variable"])
    others = other_codings(folder, *cell) if file == CODINGS else []
    if file in FACTS:
        end = "missing" if held.get("status") == "missing" else "fact"
        basis = "missing" if end == "missing" else held.get("basis") or TAKEN_OVER
    elif row["status"] == "silent":
        end = "silent"
    elif row["span"] and row["source_id"] in texts:
        end, said = "passage", passage(texts[row["source_id"]], row["paragraph"], row["span"])
    elif row["span"]:
        end = "text"
    elif row["source_id"]:
        end = "source"
    added = {"held": held, "others": others, "passage": said, "basis": basis, "end": end}
    return {**row, **added}


@cache
def other_codings(folder: Path, wave: str, pilot: str, variable: str) -> list[Row]:
    """Return what was also said of a cell: by a pass that differs, by `alternatives.csv`.

    Each has `by` (the name of the pass, or the line there), `value`, `status` and `reason`.
    """
    cell, others = f"{wave}/{pilot}/{variable}", []
    told = by_key(folder / CODINGS).get(cell, {}).values()
    spelled = any(row["settled_by"] == "rule: spelling" for row in told)
    for path in [] if spelled else sorted((folder / "passes").glob("*/codings.csv")):
        rows = by_key(path).get(cell, {}).values()
        if _said(rows) != _said(told):
            by = {"by": f"pass {path.parent.name}", "reason": ""}
            others += [{**by, "value": row["value"], "status": row["status"]} for row in rows]
    for line, row in by_key(folder / "passes" / "alternatives.csv").get(cell, {}).items():
        value = {name: row[f"alternative_{name}"] for name in ("value", "status")}
        others.append({"by": f"alternatives.csv:{line}", "reason": row["reason"], **value})
    return others


def _said(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return sorted((row["value"], row["status"]) for row in rows)


@cache
def table(path: Path) -> dict[int, Row]:
    """Return the rows of a table by the line on which they start; none where it is gone."""
    rows: dict[int, Row] = {}
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
def by_key(path: Path) -> dict[str, dict[int, Row]]:
    """Return the rows of a table by key (`2016-01/birch/stage`) and line; none where it is gone."""
    rows: dict[str, dict[int, Row]] = {}
    for line, row in table(path).items():
        key = "/".join(row[column] for column in KEYS.get(path.name) or [*row][:3])
        rows.setdefault(key, {})[line] = row
    return rows


@cache
def cells(notebook: Path) -> Row:
    """Return the code and prose of each cell of a notebook by its id; none where it is gone."""
    content = json.loads(notebook.read_bytes()) if notebook.is_file() else {"cells": []}
    return {cell["id"]: "".join(cell["source"]) for cell in content["cells"]}


@cache
def _module(path: Path) -> tuple[list[str], list[tuple[str, ast.stmt]]]:
    """Return the lines of a module, and its statements and those of classes, with dotted names.

    What is no definition has the name of its class and a dot, or none.
    """
    text = path.read_text(encoding="utf-8")
    statements = [(getattr(node, "name", ""), node) for node in ast.parse(text).body]
    for name, node in statements:
        if isinstance(node, ast.ClassDef):
            statements += [(f"{name}.{getattr(each, 'name', '')}", each) for each in node.body]
    return text.split("\n"), statements


def _begins(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _code(path: Path, node: ast.stmt) -> list[str]:
    """Return the lines of a statement and its decorators, blank ones and comments apart."""
    lines = _module(path)[0][_begins(node) - 1 : node.end_lineno]
    return [line.rstrip() for line in lines if line.strip() and not line.strip().startswith("#")]


@cache
def _function(path: Path, line: int) -> dict[str, Any]:
    """Return `text` and `lines` of code of the function that begins on a line; 0 if none does.

    Blank lines, comments and the docstring are no code. None does in a module that is gone since,
    or that is being written and cannot be read.
    """
    with suppress(OSError, SyntaxError):
        lines, statements = _module(path)
        for node in (node for _, node in statements if _begins(node) == line):
            if isinstance(node, ast.FunctionDef):
                told = ast.get_docstring(node, clean=False) is not None
                count = len(_code(path, node)) - (len(_code(path, node.body[0])) if told else 0)
                return {"text": "\n".join(lines[line - 1 : node.end_lineno]), "lines": count}
    return {"text": "", "lines": 0}


def function(root: Path, file: str, name: str) -> Iterator[str]:
    """Yield the lines of a function and of the constants that it uses, be they of other modules.

    A LookupError says that there is none of this dotted name.
    """
    nodes = [node for known, node in _module(root / file)[1] if known == name]
    if not nodes:
        raise LookupError(file, name)
    for node in nodes:
        yield from _code(root / file, node)
    yield from _constants(root / "src", root / file, _names(*nodes), set())


def _names(*nodes: ast.AST) -> set[str]:
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def _constants(
    source: Path, path: Path, names: set[str], seen: set[tuple[Path, str]]
) -> Iterator[str]:
    """Yield the lines of the constants among some names of a module, be they of other modules."""
    for name in sorted(name for name in names if name.isupper() and (path, name) not in seen):
        seen.add((path, name))
        for node in (node for known, node in _module(path)[1] if not known):
            if isinstance(node, ast.ImportFrom) and name in (each.name for each in node.names):
                place = source.joinpath(*(node.module or "").split("."))
                for home in (place.with_suffix(".py"), place / "__init__.py"):
                    if home.is_file():
                        yield from _constants(source, home, {name}, seen)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if name in _names(*targets):
                    yield from _code(path, node)
                    yield from _constants(source, path, _names(node), seen)
