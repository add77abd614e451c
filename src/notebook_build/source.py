"""A notebook as it is kept: refused if it is damaged, tidied when an editor saved it."""

import difflib
import json
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat.validator import iter_validate

from notebook_build import write_whole
from notebook_build.notebook import stable, text
from notebook_build.project import InputError

# ids of cells that people write; editors make up hex digits, capitals and signs
WRITTEN = re.compile("(?![0-9a-f]{8,}(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*")
# how like its old source a cell is that lost its id
LIKE = 0.6


def parsed(path: Path) -> dict[str, Any]:
    """Return a notebook of format 4; one of before 4.5 has no ids of cells.

    Raises:
        InputError: the file is no notebook; the message says why.
    """
    content = path.read_bytes() if path.is_file() else b""
    try:
        notebook: dict[str, Any] = json.loads(content.decode("utf-8"))
        # neither NaN nor half a character could be written again
        json.dumps(notebook, allow_nan=False, ensure_ascii=False).encode()
        minor = notebook["nbformat_minor"]
        if error := next(iter_validate(notebook, version=4, version_minor=minor), None):
            raise ValueError(error.message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        what = str(error).splitlines()[0][:120] if content else "missing or empty"
        raise InputError(
            f"notebooks/{path.name}: not a notebook ({what}); restore it from git, settle what a "
            "merge left in it, or save it again"
        ) from error
    return notebook


def in_git(path: Path) -> bytes | None:
    """Return a file as it was committed last; None where there is no git, or it was not."""
    command = ["git", "-C", str(path.parent), "show", f"HEAD:./{path.name}"]
    with suppress(OSError, subprocess.CalledProcessError):
        return subprocess.run(command, capture_output=True, check=True).stdout
    return None


def tidy(path: Path, last: bytes | None = None) -> bool:
    """Strip a saved notebook of outputs in place; return whether its bytes changed.

    `last`: the notebook as it was kept: cells like one of its cells get back the id it has there.

    Raises:
        InputError: the file is no notebook; it stays as it is.
    """
    notebook = nbformat.v4.upgrade(nbformat.from_dict(parsed(path)))
    # of one that was committed broken nothing is known
    with suppress(ValueError, LookupError, TypeError):
        _give_back_ids(notebook["cells"], json.loads(last or "{}")["cells"])
    stable(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    before, after = path.read_bytes(), (nbformat.writes(notebook) + "\n").encode()
    if after != before:
        write_whole(path, after)
    return bool(after != before)


def _give_back_ids(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> None:
    """Give cells whose id was made up the id of the old cell that they are, whole or nearly."""
    known, present = {cell["id"] for cell in old}, {cell["id"] for cell in new}
    lost = [cell for cell in old if cell["id"] not in present]
    for least in (1.0, LIKE):
        for cell in (c for c in new if not (c["id"] in known or WRITTEN.fullmatch(c["id"]))):
            near = {text(each["source"]): each for each in reversed(lost)
                    if each["cell_type"] == cell["cell_type"]}  # fmt: skip
            for found in difflib.get_close_matches(text(cell["source"]), near, 1, least):
                cell["id"] = near[found]["id"]
                lost.remove(near[found])
