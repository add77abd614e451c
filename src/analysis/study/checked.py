"""A study that a build has checked is not checked again by each of its runs: known by content."""

import hashlib
import os
from pathlib import Path

from analysis.study import noted

# set by who checks, for the processes that it starts
VARIABLE = "ANALYSIS_CHECKED"
_declared_here = False


def declare(folder: Path) -> None:
    """Tell processes that are started from here on that the study in `folder` is being checked.

    Called before the check, by who starts none of them unless it found nothing: what is read after
    the content was looked at can only make a process check for itself.
    """
    global _declared_here
    os.environ[VARIABLE], _declared_here = digest(folder), True


def is_checked(folder: Path) -> bool:
    """Return whether somebody who started this process checked the study as it is now."""
    if _declared_here or VARIABLE not in os.environ:
        return False
    return os.environ[VARIABLE] == digest(folder)


def digest(folder: Path) -> str:
    """Return one hash of all files of a study but the texts of its sources."""
    found = hashlib.sha256()
    with noted.reading():
        files = {path: hashlib.sha256(path.read_bytes()) for path in _files(folder)}
    for path, content in files.items():
        name = path.relative_to(folder).as_posix()
        found.update(f"{name}\0{content.hexdigest()}\n".encode())
    return found.hexdigest()


def _files(folder: Path) -> list[Path]:
    inside = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in inside if "sources" not in path.relative_to(folder).parts]
