"""From a claim to all that it rests on: sentence, cell, functions, coded rows, passages.

Read from the last build with the standard library alone, so that the answer comes at once.
"""

import ast
import csv
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis.study import StudyError
from analysis.study.evidence import passage

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A function of the project: where it stands, and how many lines of code it has.

    `lines` leaves out blank lines, comments and the docstring.
    """

    name: str
    file: str
    line: int
    lines: int


def explain(root: Path, study: str, wave: str, claim: str) -> str:
    """Return the chain of a claim of the last default build, as text for a terminal.

    Raises:
        StudyError: there is no build yet, or no such claim in it; the message names near ones.
    """
    entry = _entry(root / "build" / study / wave / "claims.json", claim)
    functions = reading(root, entry)
    parts = [
        _sentence(entry),
        _cell(root, entry),
        *_section("Computed by", map(_function, functions)),
        *_section("Rests on", _rows(root, study, entry)),
        *_section("What would overturn it", _overturned(entry)),
        f"To audit this number: {sum(f.lines for f in functions)} lines of project code "
        "(bookkeeping and display apart).",
    ]
    # a function begins on another line than when the claim was computed
    if not all(function.lines for function in functions):
        parts.insert(0, "The code has changed since this report was built: run make report.\n")
    return "\n".join(parts)


def last_wave(root: Path, study: str) -> str:
    """Return the wave of the newest default report of a study that there is.

    Raises:
        StudyError: none was built yet.
    """
    built = [p.parent.name for p in (root / "build" / study).glob("*/claims.json")]
    waves = [name for name in built if re.fullmatch(r"\d{4}-\d{2}", name)]
    if not waves:
        raise StudyError(f"{study}: no report to explain from; run: make report")
    return max(waves)


def reading(root: Path, entry: Entry) -> list[Function]:
    """Return the functions that a claim was computed with, with their lengths."""
    return [
        Function(f["name"], f["file"], f["line"], _length(root / f["file"], f["line"]))
        for f in entry["functions"]
    ]


def _entry(ledger: Path, claim: str) -> Entry:
    if not ledger.is_file():
        raise StudyError(f"{ledger.parent.name}: no build to explain from; run: make report")
    entries: dict[str, Entry] = {e["id"]: e for e in json.loads(ledger.read_bytes())}
    if claim not in entries:
        near = ", ".join(difflib.get_close_matches(claim, entries, 3, 0.4)) or "none like it"
        raise StudyError(f"{claim}: no such claim in {ledger.name}; near: {near}")
    return entries[claim]


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {line}" for line in lines)
    yield ""


def _sentence(entry: Entry) -> str:
    numbers = {
        name: entry[name]
        for name in ("value", "interval", "n", "of", "unit", "p_value", "p_smallest", "test")
        if entry[name] is not None
    }
    said = "\n".join(f"  {language}: {text}" for language, text in entry["text"].items())
    shown = ", ".join(f"{name} {value}" for name, value in numbers.items())
    return f"{entry['id']}\n{said}\n  {shown}\n  grade: {entry['grade']}\n"


def _cell(root: Path, entry: Entry) -> str:
    path = root / "notebooks" / f"{entry['notebook']}.ipynb"
    cells = json.loads(path.read_bytes())["cells"]
    source = next(("".join(c["source"]) for c in cells if c["id"] == entry["cell"]), "(gone)")
    code = "\n".join(f"  | {line}" for line in source.splitlines())
    given = " ".join(f"{name}={value}" for name, value in entry["parameters"].items())
    return f"Cell {entry['cell']} of notebooks/{entry['notebook']}.ipynb, with {given}:\n{code}\n"


def _function(function: Function) -> str:
    return f"{function.name}  {function.file}:{function.line}  {function.lines} lines"


@cache
def _functions(path: Path) -> dict[int, ast.FunctionDef]:
    """Return the functions of a module by the line on which they, or their decorators, begin."""
    tree = ast.parse(path.read_bytes())
    every = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {min([n.lineno, *(d.lineno for d in n.decorator_list)]): n for n in every}


def _length(path: Path, line: int) -> int:
    node = _functions(path).get(line)
    if node is None:
        return 0
    left = path.read_text(encoding="utf-8").splitlines()[line - 1 : node.end_lineno]
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        del left[first.lineno - line : (first.end_lineno or first.lineno) - line + 1]
    return sum(bool(text.strip()) and not text.strip().startswith("#") for text in left)


def _rows(root: Path, study: str, entry: Entry) -> Iterator[str]:
    folder = root / "data" / study
    for row in entry["evidence"]:
        held = _table(folder / row["file"]).get(row["line"], {})
        place = f", paragraph {row['paragraph']}" if row["paragraph"] else ""
        term = f", term {held['term']}" if held.get("term") else ""
        settled = f", settled: {held['settled_by']}" if held.get("settled_by") else ""
        use = " (filled by an assumption)" if row["assumed"] else ""
        yield (
            f"{row['file']}:{row['line']} {row['pilot_id']} {row['variable']} = "
            f"{row['value'] or 'unknown'}{use}, {row['status']}{place}{term}{settled}"
        )
        yield from _passage(folder, row)


@cache
def _table(path: Path) -> dict[int, dict[str, str]]:
    """Return the rows of a table by the line on which they start."""
    rows: dict[int, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        names, start = next(reader), 2
        for cells in reader:
            rows[start] = dict(zip(names, cells, strict=False))
            start = reader.line_num + 1
    return rows


def _passage(folder: Path, row: Entry) -> Iterator[str]:
    if not row["span"]:
        return
    text = folder / "sources" / f"{row['source_id']}.txt"
    if not text.is_file():
        yield "    (text not supplied)"
        return
    yield f"    {passage(text.read_text(encoding='utf-8'), row['paragraph'], row['span'])}"


def _overturned(entry: Entry) -> Iterator[str]:
    if entry["flips"] is None:
        yield entry["varied"]["en"] if entry["varied"] else "no comparison: nothing to overturn"
        return
    yield f"recodings: {entry['flips']}"
    for change in entry["flips_by"]["changes"] if entry["flips_by"] else ():
        yield f"{change['pilot_id']} {change['variable']} -> {change['to']}"
