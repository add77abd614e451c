"""A notebook as it is kept: refused if it is damaged, tidied when an editor saved it."""

import difflib
import json
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat.validator import iter_validate

from notebook_build.notebook import stable, text
from notebook_build.project import InputError

# how like its old source a cell is that lost its id
LIKE = 0.6


def parsed(path: Path) -> dict[str, Any]:
    """Return a notebook of format 4; one of before 4.5 has no ids of cells.

    Raises:
        InputError: the file is no notebook; the message says why.
    """
    try:
        content = path.read_bytes().decode("utf-8")
        for number, line in enumerate(content.splitlines(), 1):
            if line.startswith(("<<<<<<< ", ">>>>>>> ")):
                raise ValueError(f"line {number}: a merge conflict")
        notebook: dict[str, Any] = json.loads(content)
        # neither NaN nor half a character could be written again
        json.dumps(notebook, allow_nan=False, ensure_ascii=False).encode()
        if error := next(iter_validate(notebook), None):
            raise ValueError(error.message)
        if notebook["nbformat"] != nbformat.current_nbformat:
            raise ValueError(f"of format {notebook['nbformat']}")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        empty = path.is_file() and not path.stat().st_size
        what = "empty" if empty else str(error).splitlines()[0][:120]
        raise InputError(
            f"notebooks/{path.name}: not a notebook ({what}); restore it from git, or save it again"
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
        path.write_bytes(after)
    return bool(after != before)


def _give_back_ids(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> None:
    """Give cells whose id is new the id of the old cell that they are, whole or nearly."""
    known, present = {cell["id"] for cell in old}, {cell["id"] for cell in new}
    lost = [cell for cell in old if cell["id"] not in present]
    for least in (1.0, LIKE):
        for cell in (cell for cell in new if cell["id"] not in known):
            near = {text(each["source"]): each for each in reversed(lost)
                    if each["cell_type"] == cell["cell_type"]}  # fmt: skip
            for found in difflib.get_close_matches(text(cell["source"]), near, 1, least):
                cell["id"] = near[found]["id"]
                lost.remove(near[found])
