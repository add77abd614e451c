"""A run reads data through the study alone, and what a build has checked is not checked again.

An audit hook sees every file that Python opens; opening another file of the repository fails. It
does not see what a library opens by itself in machine code, nor what another process opens: the
lint keeps such libraries out of the package. A study that a build has checked is known by content.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.study import root

# set for every kernel of a build; a person's own session is not guarded
VARIABLE = "ANALYSIS_RUN"
# an output of a cell that is no exhibit: what a run read of the study, for the build to keep
READ = "application/vnd.analysis.read+json"
# set by who checks a study, for the processes that it starts: the content checked
CHECKED = "ANALYSIS_CHECKED"
_root: str | None = None
_reading = 0
_checked_here = False


def in_a_run() -> bool:
    """Return whether this process runs a notebook for a build."""
    return os.environ.get(VARIABLE) == "1"


def guard(repository: Path) -> None:
    """From now on refuse to open data, notebooks or pages of the repository past the study."""
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


@contextmanager
def reading() -> Iterator[None]:
    """Mark that the study itself opens files: the guard lets these pass."""
    global _reading
    _reading += 1
    try:
        yield
    finally:
        _reading -= 1


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or _root is None or _reading:
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


def declare_checked(folder: Path) -> None:
    """Tell processes that are started from here on that the study in `folder` is being checked.

    Called before the check, by who starts none of them unless it found nothing: what is read after
    the content was looked at can only make a process check for itself.
    """
    global _checked_here
    os.environ[CHECKED], _checked_here = content_of(folder), True


def is_checked(folder: Path) -> bool:
    """Return whether somebody who started this process checked the study as it is now."""
    if _checked_here or CHECKED not in os.environ:
        return False
    return os.environ[CHECKED] == content_of(folder)


def content_of(folder: Path) -> str:
    """Return one hash of all files of a study but the texts of its sources."""
    whole = hashlib.sha256()
    with reading():
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and "sources" not in name.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                whole.update(f"{name.as_posix()}\0{content}\n".encode())
    return whole.hexdigest()
