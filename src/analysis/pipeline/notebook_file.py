"""Notebooks as the JSON that they are on disk: papermill has validated what is read here."""

import json
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """Return a notebook of format 4 as it lies on disk: text may stand in lines."""
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


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
    found: list[str] = cell.get("metadata", {}).get("tags", [])
    return found
