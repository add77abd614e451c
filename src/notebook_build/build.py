"""A build: what has not changed is taken over, the rest is run, and the folder moved into place.

A build is made aside and replaces the last one whole, one at a time; a build that fails or is
interrupted leaves the last good one, and its finished runs to the next.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from notebook_build import up_to_date
from notebook_build.execute import How, execute
from notebook_build.notebook_file import take_over
from notebook_build.one_run import RunResult
from notebook_build.progress import Progress, say
from notebook_build.project import BuildError, Project, Run
from notebook_build.reuse import Earlier, EarlierRun, Keys, entries, finished, keep_finished


class NotebookError(BuildError):
    """Notebooks failed; the message names each with its cell, last frames, and where they lie."""


@dataclass(frozen=True)
class Making:
    """A build that is being made: its folder aside, its runs as they ended, the bar.

    The executed notebooks are `folder/notebooks/<page>.ipynb`.
    """

    folder: Path
    results: list[RunResult]
    progress: Progress

    @property
    def failed(self) -> list[RunResult]:
        """Return the runs that failed."""
        return [result for result in self.results if result.failed]


def _nothing_more(_: Making) -> Mapping[str, float]:
    return {}


def _say_failed(making: Making, log: str, folder: Path, last: bool) -> str:
    stays = "the last good build stays" if last else "there is no earlier build"
    return f"{log}\n\n{len(making.failed)} of {len(making.results)} failed; {stays}; see {folder}"


@dataclass(frozen=True)
class Extras:
    """What a build has beside its notebooks.

    Attributes:
        finish: makes whatever else stands in the folder, once all runs have ended well; returns the
            seconds of its parts.
        say_failed: gives the message if some have not: of the build, the log, the folder with both,
            and whether there is a last good build.
        pages: seconds that `finish` took the last time; None if it shows no progress.
        find: finds an earlier run, where not only builds beside this one are looked at.
        asked, inputs, versions: what the manifest says, see `up_to_date.write`; None for the
            project's inputs.
    """

    finish: Callable[[Making], Mapping[str, float]] = _nothing_more
    say_failed: Callable[[Making, str, Path, bool], str] = _say_failed
    pages: float | None = None
    find: Callable[[Run, Keys], EarlierRun | None] | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    inputs: Callable[[], Mapping[str, str]] | None = None
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Built:
    """A finished build: how each run ended, by page, and the seconds of its parts."""

    results: list[RunResult]
    seconds: Mapping[str, float]

    @property
    def made(self) -> list[RunResult]:
        """Return the runs that were made, not taken over."""
        return [result for result in self.results if not result.reused]


def build(
    project: Project,
    runs: list[Run],
    target: Path,
    how: How | None = None,
    extras: Extras | None = None,
) -> Built:
    """Build `target`, with `notebooks/<page>.ipynb` of each run.

    Raises:
        NotebookError: notebooks failed; the others are finished and the last good build stays.
        WorkersError: there is nobody who could run them.
    """
    how, extras = how or How(), extras or Extras()
    keys, earlier = Keys(project), Earlier.of(target)
    find = extras.find or earlier.find
    progress = Progress(earlier.seconds, extras.pages, how.verbose)
    with locked(target), aside(target) as folder, progress:
        begun = time.monotonic()
        making = Making(folder, [], progress)
        _take_over(runs, keys, find, making)
        _run_the_rest(runs, keys, how, target, making)
        if making.failed:
            raise NotebookError(_failure(target, making, extras))
        seconds = {"notebooks": time.monotonic() - begun, **extras.finish(making)}
        up_to_date.write(
            folder,
            asked=extras.asked,
            inputs=(extras.inputs or project.input_hashes)(),
            versions=extras.versions,
            runs=entries(keys, making.results),
            seconds=seconds,
        )
    shutil.rmtree(finished(target), ignore_errors=True)
    return Built(making.results, seconds)


def _take_over(
    runs: list[Run], keys: Keys, find: Callable[[Run, Keys], EarlierRun | None], making: Making
) -> None:
    """Take over the executed notebooks of runs that would give the same now."""
    (making.folder / "notebooks").mkdir()
    for run in runs:
        if earlier := find(run, keys):
            target = making.folder / "notebooks" / f"{run.page}.ipynb"
            take_over(earlier.path, keys.project.notebook(run.notebook), target)
            result = RunResult(run, earlier.seconds, read=earlier.read, reused=True)
            making.results.append(result)


def _run_the_rest(runs: list[Run], keys: Keys, how: How, target: Path, making: Making) -> None:
    """Run what was not taken over; what is finished when something fails or stops is kept."""
    done, progress = {result.run.page for result in making.results}, making.progress
    ahead = [run for run in runs if run.page not in done]

    def ended(result: RunResult) -> None:
        making.results.append(result)
        progress.ended(result.run.page, result.seconds, result.failed)

    well = False
    try:
        progress.begin([run.page for run in ahead])
        notebooks = making.folder / "notebooks"
        if ahead:
            execute(ahead, keys.project, notebooks, how, lambda r: progress.started(r.page), ended)
        well = not making.failed
    finally:
        making.results.sort(key=lambda result: result.run.page)
        if not well:
            keep_finished(target, making.folder, keys, making.results)
    for warning in sorted({w for result in making.results for w in result.warnings}):
        say(f"warning of a library: {warning}")


def _failure(target: Path, making: Making, extras: Extras) -> str:
    """Keep the notebooks of failed runs and a log in `<target>.failed/`; return the message."""
    log = "\n\n".join(
        f"{result.run.page}: cell {result.cell or 'none (the kernel did not start)'}"
        f"\n{result.frames}"
        for result in making.failed
    )
    folder = target.with_name(f"{target.name}.failed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for result in making.failed:
        name = f"{result.run.page}.ipynb"
        if (notebook := making.folder / "notebooks" / name).is_file():
            shutil.copyfile(notebook, folder / name)
    (folder / "log.txt").write_text(f"{log}\n", encoding="utf-8")
    return extras.say_failed(making, log, folder, target.exists())


@contextmanager
def locked(target: Path) -> Iterator[None]:
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
