"""A build: what has not changed is taken over, the rest is run, and the folder moved into place."""

import fcntl
import math
import os
import platform
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from notebook_build import MANIFEST, python_version, remove, write_manifest
from notebook_build.execute import How, execute
from notebook_build.faults import failed, logged
from notebook_build.notebook import RunResult, take_over
from notebook_build.progress import Progress, say
from notebook_build.project import BuildError, InputError, Project, Run
from notebook_build.reuse import Earlier, EarlierRun, Keys, entries, finished, unchanged


class NotebookError(BuildError):
    """Notebooks failed; the message names each with its cell, last frames, and where they lie."""


@dataclass(frozen=True)
class Build:
    """A build: its folder (aside while it is made), how runs ended, the seconds of its parts."""

    folder: Path
    results: list[RunResult]
    seconds: dict[str, float]

    @property
    def failed(self) -> list[RunResult]:
        """Return the runs that failed."""
        return [result for result in self.results if result.failed]

    @property
    def made(self) -> list[RunResult]:
        """Return the runs that were made, not taken over."""
        return [result for result in self.results if not result.reused]


@dataclass(frozen=True)
class Extras:
    """What a build has beside its notebooks.

    Attributes:
        finish: makes whatever else stands in the folder, once all runs have ended well.
        part: what the manifest calls `finish`, whose progress is then shown; "" if it is quick.
        kind: what the message calls the build if some have not.
        say_failed: gives another message: of the build, the log, the folder with both, and whether
            there is a last good build.
        find: finds an earlier run, where not only builds beside this one are looked at.
        asked: what was asked for, in the words by which a later build knows this one again.
        inputs: gives the hash of every file that the build depends on, by path; None for the
            project's own.
        versions: names of the libraries whose version the manifest states.
    """

    finish: Callable[[Build], None] = lambda _: None
    part: str = ""
    kind: str = "build"
    say_failed: Callable[[Build, str, Path, bool], str] | None = None
    find: Callable[[Run, Keys], EarlierRun | None] | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    inputs: Callable[[], Mapping[str, str]] | None = None
    versions: tuple[str, ...] = ()


def build(
    project: Project,
    runs: list[Run],
    target: Path,
    how: How | None = None,
    extras: Extras | None = None,
) -> Build:
    """Build `target`, with `notebooks/<page>.ipynb` of each run.

    Raises:
        NotebookError: notebooks failed; the others are finished and the last good build stays.
        WorkersError: there is nobody who could run them.
        BuildError: a file that the build depends on was changed meanwhile.
        InputError: two runs have one page, or what stands at `target` is no build.
    """
    if twice := [page for page, number in Counter(r.page for r in runs).items() if number > 1]:
        raise InputError(f"page {twice[0]!r}: of two runs; give each run a page of its own")
    there = [*target.iterdir()] if target.is_dir() else [target] * target.exists()
    holds_root = Path(os.path.realpath(project.root)).is_relative_to(os.path.realpath(target))
    if holds_root or (there and target / MANIFEST not in there):
        raise InputError(f"{target}: no build stands there; move that away, or name another folder")
    how, extras = how or How(), extras or Extras()
    # before there is a lock to wait for: whoever asks has read the files already
    before = (inputs := extras.inputs or project.input_hashes)()
    with logged(target), locked(target):
        steady = unchanged(target, before, inputs)
        return _build(project, runs, target, how, extras, before, steady)


def _build(
    project: Project,
    runs: list[Run],
    target: Path,
    how: How,
    extras: Extras,
    before: Mapping[str, str],
    steady: AbstractContextManager[None],
) -> Build:
    """Build while the lock is held; who waited for it takes over what the other one ran."""
    keys, earlier = Keys(project), Earlier.of(target)
    find = extras.find or earlier.find
    pages = earlier.parts.get(extras.part, 0.0) if extras.part else None
    progress = Progress(earlier.seconds, pages, how.verbose)
    with aside(target) as folder, steady, progress:
        begun, notebooks = time.monotonic(), folder / "notebooks"
        making, ahead = Build(folder, [], {}), list[Run]()
        notebooks.mkdir()
        for run in runs:
            if (earlier_run := find(run, keys)) is None:
                ahead.append(run)
            else:
                executed = notebooks / f"{run.page}.ipynb"
                take_over(earlier_run.path, project.notebook(run.notebook), executed)
                result = RunResult(run, earlier_run.seconds, read=earlier_run.read, reused=True)
                making.results.append(result)
        # what takes longest would, begun last, be waited for by idle cores; of what never ran, what
        # is run once looks at more than what is run for each thing
        often, last = Counter(run.notebook for run in runs), earlier.seconds
        ahead.sort(key=lambda run: (-last.get(run.page, math.inf), often[run.notebook]))
        _run(ahead, keys, how, target, making, progress)
        if making.failed:
            raise NotebookError(_failure(target, making, extras))
        making.seconds["notebooks"] = time.monotonic() - begun
        begun = time.monotonic()
        with progress.rendering() if extras.part else nullcontext():
            extras.finish(making)
        if extras.part:
            making.seconds[extras.part] = time.monotonic() - begun
        versions = {name: version(name) for name in extras.versions}
        content = {
            "asked": dict(extras.asked),
            "inputs": before,
            "versions": {"python": python_version(), **versions},
            "runs": entries(keys, making.results),
            "seconds": {part: round(value, 2) for part, value in making.seconds.items()},
            "machine": _machine(),
        }
        write_manifest(folder, content)
    remove(finished(target))
    return replace(making, folder=target)


def _run(
    runs: list[Run], keys: Keys, how: How, target: Path, making: Build, progress: Progress
) -> None:
    """Run what was not taken over, and keep each run that ends well."""

    def ended(result: RunResult) -> None:
        making.results.append(result)
        if not result.failed:
            _keep(target, making.folder, keys, result)
        progress.ended(result.run.page, result.seconds, result.failed)

    progress.begin([run.page for run in runs])
    if runs:
        notebooks = making.folder / "notebooks"
        execute(runs, keys.project, notebooks, how, lambda r: progress.started(r.page), ended)
    making.results.sort(key=lambda result: result.run.page)
    for warning in sorted({w for result in making.results for w in result.warnings}):
        say(f"warning of a library: {warning}")


def _keep(target: Path, making: Path, keys: Keys, result: RunResult) -> None:
    """Keep a finished run, as a build of its own, whatever ends the one that made it."""
    folder, name = finished(target) / "notebooks" / result.run.page, f"{result.run.page}.ipynb"
    remove(folder)
    (folder / "notebooks").mkdir(parents=True)
    shutil.copyfile(making / "notebooks" / name, folder / "notebooks" / name)
    write_manifest(folder, {"runs": entries(keys, [result]), "seconds": {}})


def _failure(target: Path, making: Build, extras: Extras) -> str:
    """Keep the notebooks of failed runs and a log in `<target>.failed/`; return the message."""
    log = "\n\n".join(
        f"{result.run.page}: cell {result.cell or 'none: before or after them'}\n{result.frames}"
        for result in making.failed
    )
    folder = failed(target)
    for result in making.failed:
        name = f"{result.run.page}.ipynb"
        if (notebook := making.folder / "notebooks" / name).is_file():
            shutil.copyfile(notebook, folder / name)
    (folder / "log.txt").write_text(f"{log}\n", encoding="utf-8")
    if extras.say_failed:
        return extras.say_failed(making, log, folder, target.exists())
    there, none = f"the last good {extras.kind} stays", f"there is no earlier {extras.kind}"
    stays = there if target.exists() else none
    return f"{log}\n\n{len(making.failed)} of {len(making.results)} failed; {stays}; see {folder}"


def _machine() -> dict[str, str | int | None]:
    """Return on what it was built; `megabytes`: the most memory that one of its processes had."""
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    unit = 2**20 if sys.platform == "darwin" else 2**10
    most = max(resource.getrusage(each).ru_maxrss for each in whose) // unit
    return {"system": platform.system(), "cores": os.cpu_count(), "megabytes": most}


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of one build folder; wait for another holder, saying who it is.

    The lock is the operating system's: it ends with the process, whatever ended that.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.with_name(f".{target.name}.lock")
    # for reading too: else a named pipe in its place would be waited for
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text(encoding="utf-8") or "?"
            say(f"waiting: process {holder} builds {target.name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        path.write_text(str(os.getpid()), encoding="utf-8")
        yield


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Give a folder to build in; it replaces `target` whole if the block ends well.

    If the block fails or is interrupted the folder is removed and `target` stays as it was.
    """
    making, last = (target.with_name(f".{target.name}.{which}") for which in ("making", "last"))

    def restore() -> None:
        if last.exists() and not target.exists():
            last.rename(target)
        for left in (making, last):
            remove(left)

    restore()
    try:
        making.mkdir(parents=True)
        yield making
        if os.path.lexists(target):
            target.rename(last)
        making.rename(target)
    finally:
        restore()
