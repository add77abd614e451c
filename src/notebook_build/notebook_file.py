"""Notebooks as the JSON that they are on disk: without outputs, executed, or taken over.

Whatever differs between two runs or savings (times, paths, random ids) is dropped, so that equal
runs give equal bytes.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from notebook_build.project import InputError, Read

INJECTED = "injected-parameters"
# what papermill puts above a cell that failed
ERROR_MARK = "papermill-error-cell-tag"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def read(path: Path) -> dict[str, Any]:
    """Return a notebook of format 4 as it lies on disk: text may stand in lines."""
    notebook: dict[str, Any] = json.loads(path.read_bytes())
    return notebook


def write(notebook: dict[str, Any], path: Path) -> None:
    """Write a notebook with the bytes that nbformat gives it."""
    for cell in notebook["cells"]:
        cell["source"] = text(cell["source"]).splitlines(keepends=True)
    content = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(content + "\n", encoding="utf-8", newline="\n")


def text(lines: str | list[str]) -> str:
    """Return a text that may stand in lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def tags(cell: dict[str, Any]) -> list[str]:
    """Return the tags of a cell."""
    names: list[str] = cell.get("metadata", {}).get("tags", [])
    return names


def stable(notebook: Any) -> None:
    """Drop metadata that differs between two savings or runs; tags of cells stay."""
    notebook["metadata"] = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    for cell in notebook["cells"]:
        names = cell["metadata"].get("tags")
        cell["metadata"] = nbformat.from_dict({"tags": names} if names else {})


def tidy(path: Path) -> bool:
    """Strip a saved notebook of outputs in place; return whether its bytes changed.

    Raises:
        InputError: the file is no notebook; it stays as it is.
    """
    try:
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        what = str(error).splitlines()[0][:120]
        raise InputError(
            f"{path.name}: not a notebook ({what}); restore it from git, or save it again"
        ) from error
    stable(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    after: str = nbformat.writes(notebook)
    after = after if after.endswith("\n") else after + "\n"
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


@dataclass(frozen=True)
class Executed:
    """What an executed notebook says beside its outputs: the cell that failed, warnings, reads."""

    failing_cell: str | None = None
    warnings: tuple[str, ...] = ()
    read: tuple[Read, ...] = ()


def clean(path: Path, mime: str) -> Executed:
    """Rewrite an executed notebook without times, paths and random ids, if it is there.

    `mime`: type of the outputs in which cells tell what they read; "" if they tell nothing.
    """
    if not path.is_file():
        return Executed()
    notebook, warnings = read(path), list[str]()
    notebook["cells"] = [c for c in notebook["cells"] if ERROR_MARK not in tags(c)]
    for cell in notebook["cells"]:
        if INJECTED in tags(cell):
            cell["id"] = INJECTED
        errors = [o for o in cell.get("outputs", []) if o.get("name") == "stderr"]
        warnings += [text(output["text"]).strip() for output in errors]
        if cell["cell_type"] == "code":
            cell["outputs"] = [o for o in cell["outputs"] if o.get("name") != "stderr"]
    reads = read_of(notebook, mime)
    stable(notebook)
    write(notebook, path)
    return Executed(_failing_cell(notebook), tuple(warnings), reads)


def read_of(notebook: dict[str, Any], mime: str) -> tuple[Read, ...]:
    """Take out of an executed notebook what its cells told of their reading; return it."""
    reads: set[Read] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        for output in cell["outputs"]:
            told: Iterable[Iterable[str]] = output.get("data", {}).get(mime, ())
            reads |= {tuple(each) for each in told}
        cell["outputs"] = [o for o in cell["outputs"] if mime not in o.get("data", {})]
    return tuple(sorted(reads))


def _failing_cell(notebook: dict[str, Any]) -> str | None:
    for cell in notebook["cells"]:
        if any(output.get("output_type") == "error" for output in cell.get("outputs", [])):
            return str(cell["id"])
    return None


def take_over(executed: Path, source: Path, target: Path) -> None:
    """Write an executed notebook with its outputs, and the prose as it is in `source` now."""
    old, new = read(executed), read(source)
    if _prose(old) == _prose(new):
        shutil.copyfile(executed, target)
        return
    outputs = {cell["id"]: cell for cell in old["cells"] if cell["cell_type"] == "code"}
    cells = []
    for cell in new["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        cells.append(outputs[cell["id"]])
        outputs[cell["id"]]["metadata"] = cell["metadata"]
        if "parameters" in tags(cell) and INJECTED in outputs:
            cells.append(outputs[INJECTED])
    new["cells"] = cells
    stable(new)
    write(new, target)


def _prose(notebook: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return all of a notebook's cells but what was run: id, text, tags."""
    return [
        (c["id"], "" if c["cell_type"] == "code" else text(c["source"]), tags(c))
        for c in notebook["cells"]
        if c["id"] != INJECTED
    ]
