"""The folder of a build: made aside, moved into place whole, one at a time."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.study.errors import StudyError


class BuildError(Exception):
    """A report could not be made; the last good one stays."""


class WorkersError(StudyError):
    """Nobody can run notebooks where they were meant to; the message says why and what mends it."""


def folder_name(wave: str, notebook: str | None, changed: Mapping[str, Any]) -> str:
    """Return the name of a build's folder: the wave, and what differs from the default."""
    parts = [f"{name}={value}".lower() for name, value in sorted(changed.items())]
    if notebook is not None:
        parts.insert(0, f"notebook={notebook}")
    safe = re.sub(r"[^a-z0-9=_,.-]", "_", ",".join(parts))
    return f"{wave}+{safe}" if parts else wave


@contextmanager
def locked(target: Path, say: Any) -> Iterator[None]:
    """Hold the lock of one build folder; wait for another holder, saying who it is.

    The lock is the operating system's: it ends with the process, whatever ended that.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting: process {file.read().strip() or '?'} builds {target.name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Give a folder to build in; it replaces `target` whole if the block ends well.

    If the block fails or is interrupted the folder is removed and `target` stays as it was.
    """
    making, last = (
        target.with_name(f".{target.name}.making"),
        target.with_name(f".{target.name}.last"),
    )
    if last.exists() and not target.exists():
        last.rename(target)
    for left in (making, last):
        shutil.rmtree(left, ignore_errors=True)
    try:
        making.mkdir(parents=True)
        yield making
        if target.exists():
            target.rename(last)
        making.rename(target)
    finally:
        if last.exists() and not target.exists():
            last.rename(target)
        for left in (making, last):
            shutil.rmtree(left, ignore_errors=True)


def keep_failed(target: Path, notebooks: Mapping[str, Path], log: str) -> Path:
    """Keep the notebooks of failed runs and a log in `<target>.failed/`; return that folder."""
    folder = target.with_name(f"{target.name}.failed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, path in notebooks.items():
        if path.is_file():
            shutil.copyfile(path, folder / f"{name}.ipynb")
    (folder / "log.txt").write_text(log, encoding="utf-8")
    return folder
