"""From a claim to all that it rests on: sentence, cell, functions, coded rows, passages.

Read from the last build with the standard library alone, so that the answer comes at once.
"""

import ast
import csv
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.study import StudyError
from analysis.study.evidence import ONE_LINE, passage

Entry = Mapping[str, Any]
NUMBERS = ("value", "interval", "n", "of", "unit", "p_value", "p_smallest", "test")


def explain(root: Path, study: str, wave: str, claim: str) -> str:
    """Return the chain of a claim of the last default build, as text for a terminal.

    Raises:
        StudyError: there is no build yet, or no such claim in it; the message names near ones.
    """
    entry = _entry(root / "build" / study / wave / "claims.json", claim)
    said = [f"{language}: {text}" for language, text in entry["text"].items()]
    shown = ", ".join(f"{name} {entry[name]}" for name in NUMBERS if entry[name] is not None)
    given = " ".join(f"{name}={value}" for name, value in entry["parameters"].items())
    notebook = root / "notebooks" / f"{entry['notebook']}.ipynb"
    content = json.loads(notebook.read_bytes()) if notebook.is_file() else {"cells": []}
    cells = {cell["id"]: "".join(cell["source"]) for cell in content["cells"]}
    code = cells.get(entry["cell"], "(gone)").splitlines()
    lengths = [lines_of_code(root / f["file"], f["line"]) for f in entry["functions"]]
    functions = [
        f"{f['name']}  {f['file']}:{f['line']}  {length} lines"
        for f, length in zip(entry["functions"], lengths, strict=True)
    ]
    sections = {
        entry["id"]: [*said, shown, f"grade: {entry['grade']}"],
        f"Cell {entry['cell']} of notebooks/{notebook.name}, with {given}:": [
            f"| {line}" for line in code
        ],
        "Computed by:": functions,
        "Rests on:": _rows(root / "data" / study, entry),
        "What would overturn it:": _overturned(entry),
    }
    parts = [
        "\n".join([title, *(f"  {line.translate(ONE_LINE)}" for line in lines), ""])
        for title, lines in sections.items()
    ]
    parts.append(
        f"To audit this number: {sum(lengths)} lines of project code "
        "(bookkeeping and display apart)."
    )
    # a function begins on another line than when the claim was computed
    if not all(lengths):
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


def _entry(ledger: Path, claim: str) -> Entry:
    if not ledger.is_file():
        raise StudyError(f"{ledger.parent.name}: no build to explain from; run: make report")
    entries: dict[str, Entry] = {e["id"]: e for e in json.loads(ledger.read_bytes())}
    if claim not in entries:
        near = ", ".join(difflib.get_close_matches(claim, entries, 3, 0.4)) or "none like it"
        raise StudyError(f"{claim}: no such claim in {ledger.name}; near: {near}")
    return entries[claim]


@cache
def _functions(path: Path) -> dict[int, ast.FunctionDef]:
    """Return the functions of a module by the line on which they, or their decorators, begin.

    None of a module that is gone since, or that is being written and cannot be read.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError):
        return {}
    every = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {min([n.lineno, *(d.lineno for d in n.decorator_list)]): n for n in every}


def lines_of_code(path: Path, line: int) -> int:
    """Return how many lines of code the function that begins on a line has; 0 if none does.

    Blank lines, comments and the docstring do not count.
    """
    node = _functions(path).get(line)
    if node is None:
        return 0
    left = path.read_text(encoding="utf-8").splitlines()[line - 1 : node.end_lineno]
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        del left[first.lineno - line : (first.end_lineno or first.lineno) - line + 1]
    return sum(bool(text.strip()) and not text.strip().startswith("#") for text in left)


def _rows(folder: Path, entry: Entry) -> Iterator[str]:
    for row in entry["evidence"]:
        if row.get("key"):
            yield f"{row['file']}:{row['line'] or '*'} {row['key']} = {row['value'] or 'not given'}"
            continue
        held = _table(folder / row["file"]).get(row["line"], {})
        place = f", paragraph {row['paragraph']}" if row["paragraph"] else ""
        term = f", term {held['term']}" if held.get("term") else ""
        settled = f", settled: {held['settled_by']}" if held.get("settled_by") else ""
        use = " (filled by an assumption)" if row["assumed"] else ""
        yield (
            f"{row['file']}:{row['line']} {row['pilot_id']} {row['variable']} = "
            f"{row['value'] or 'unknown'}{use}, {row['status']}{place}{term}{settled}"
        )
        if row["span"]:
            text, quoted = folder / "sources" / f"{row['source_id']}.txt", "(text not supplied)"
            if text.is_file():
                quoted = passage(text.read_bytes().decode(), row["paragraph"], row["span"])
            yield f"    {quoted}"


@cache
def _table(path: Path) -> dict[int, dict[str, str]]:
    """Return the rows of a table by the line on which they start."""
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


def _overturned(entry: Entry) -> Iterator[str]:
    if entry["flips"] is None:
        yield entry["varied"]["en"] if entry["varied"] else "no comparison: nothing to overturn"
        return
    yield f"recodings: {entry['flips']}"
    for change in entry["flips_by"]["changes"] if entry["flips_by"] else ():
        yield f"{change['pilot_id']} {change['variable']} -> {change['to'] or 'silent'}"
