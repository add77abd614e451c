"""A run reads data through the study's reader alone; opening another file of the repository fails.

An audit hook sees every file that Python opens. It does not see what a library opens by itself in
machine code, nor what another process opens: the lint keeps such libraries out of the package.
"""

import os
import sys
from pathlib import Path
from typing import Any

from analysis.study import noted
from analysis.study.root import root

# set for every kernel of a build; a person's own session is not guarded
VARIABLE = "ANALYSIS_RUN"
_root: str | None = None


def in_a_run() -> bool:
    """Return whether this process runs a notebook for a build."""
    return os.environ.get(VARIABLE) == "1"


def guard(repository: Path) -> None:
    """From now on refuse to open data, notebooks or pages of the repository past the reader."""
    global _root
    if _root is None:
        sys.addaudithook(_hook)
    _root = f"{repository.resolve()}{os.sep}"


def is_guarded() -> bool:
    """Return whether this process is guarded."""
    return _root is not None


def load_ipython_extension(_shell: Any) -> None:
    """Guard a kernel from its start, before any cell: builds start each kernel with this."""
    if in_a_run():
        guard(root())


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or _root is None or noted.is_reading():
        return
    name = arguments[0]
    if not isinstance(name, str | bytes):
        return
    path = os.path.abspath(os.fsdecode(name))
    if not path.startswith(_root):
        return
    inside = path[len(_root) :]
    # code, catalogues of words and the libraries of the environment are no data
    if inside.startswith(("src" + os.sep, "locale" + os.sep, ".venv")):
        return
    raise PermissionError(
        f"{inside} was opened past the study's reader; ask analysis.study for what it holds, so "
        "that a build knows what this run depends on"
    )
