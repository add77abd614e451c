"""Notebooks as they are kept: no outputs, no volatile metadata, the same bytes each time."""

from pathlib import Path
from typing import Any

import nbformat

from analysis.study.errors import StudyError

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def stable(notebook: Any) -> None:
    """Drop metadata that differs between two savings or runs; tags of cells stay."""
    notebook["metadata"] = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags")
        cell["metadata"] = nbformat.from_dict({"tags": tags} if tags else {})


def tidy(path: Path) -> bool:
    """Strip a saved notebook in place; return whether its bytes changed.

    Raises:
        StudyError: the file is no notebook; it stays as it is.
    """
    try:
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        what = str(error).splitlines()[0][:120]
        raise StudyError(
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
