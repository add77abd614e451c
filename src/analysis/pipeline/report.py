"""Building a report: check, execute, collect, render, move into place."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.pipeline import ledger, manifest
from analysis.pipeline.build import BuildError, aside, folder_name, keep_failed, locked
from analysis.pipeline.current import ASKED
from analysis.pipeline.execute import DEFAULT_KERNEL, TIMEOUT, execute
from analysis.pipeline.executors import HERE, Where
from analysis.pipeline.keys import Keys
from analysis.pipeline.one_run import Outcome
from analysis.pipeline.parameters import check, parse
from analysis.pipeline.passages import Passages
from analysis.pipeline.plan import Run, plan, select
from analysis.pipeline.progress import Progress, say
from analysis.pipeline.rendering import Renderer
from analysis.pipeline.reuse import Earlier, Kept, take_over
from analysis.pipeline.site import Site
from analysis.study.checked import declare
from analysis.study.declaration import read_declaration
from analysis.study.load import load
from analysis.study.root import study_folder
from analysis.study.versions import versions


class NotebookError(BuildError):
    """Notebooks failed; the message names each with its cell, last frames, and where they lie."""


@dataclass(frozen=True)
class Request:
    """What to build: study and wave, changed parameters as text, one notebook or all.

    `kernel`: how kernels start; `timeout`: seconds that a cell may take; `where`: who runs them.
    """

    root: Path
    study: str
    wave: str
    params: str = ""
    notebook: str | None = None
    sources: Path | None = None
    verbose: bool = False
    kernel: str = DEFAULT_KERNEL
    timeout: int = TIMEOUT
    where: Where = HERE
    # the variables as they were typed, by which a later build knows this one again
    asked: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(ASKED, ""))


def report(request: Request) -> Path:
    """Build a report and return the path of its first page.

    Raises:
        StudyError: bad parameters or data, before anything runs.
        NotebookError: a notebook failed; the last good report stays.
    """
    notebooks = select(request.notebook)
    changed = check(parse(request.params), notebooks)
    declare(study_folder(request.study, request.root))
    study = load(request.study, request.wave, request.root)
    # what notebooks read of the passes is checked before any of them runs
    versions(study)
    runs, keys = plan(study, notebooks, changed), Keys(request.root, study)
    name = folder_name(request.wave, request.notebook, changed)
    target = request.root / "build" / request.study / name
    passages = Passages.read(
        study, request.sources, study_folder(study.name, request.root) / "sources"
    )
    kept, earlier = target.with_name(f".{name}.pages"), Earlier.of(target)
    with (
        locked(target, say),
        aside(target) as making,
        Renderer() as renderer,
        Progress(earlier.seconds, earlier.rendering, request.verbose) as progress,
    ):
        begun = time.monotonic()
        outcomes, reused = executed(runs, keys, request, target, making, earlier.find, progress)
        _stop_if_failed(outcomes, target, making)
        ran = time.monotonic()
        progress.rendering()
        entries = ledger.claims(runs, making / "notebooks")
        site = Site.begin(
            making,
            kept,
            renderer,
            study=study,
            claims=entries,
            changed=changed,
            whole=request.notebook is None,
            passages=passages,
        )
        # while Sphinx works
        ledger.write_claims(making / "claims.json", entries)
        tables = {name: study.folder / name for name in study.tables}
        ledger.write_data(runs, making / "notebooks", making / "data", tables)
        made_of = manifest.runs_of(keys, outcomes)
        site.end()
        progress.rendered()
        rendered = time.monotonic()
        seconds = {"notebooks": ran - begun, "rendering": rendered - ran}
        manifest.write(making, keys, request.asked, made_of, seconds)
    shutil.rmtree(manifest.finished(target), ignore_errors=True)
    made = [o for o in outcomes if o.run not in reused]
    slowest = max(made, key=lambda o: o.seconds, default=None)
    longest = f" (longest {slowest.run.page} {slowest.seconds:.0f} s)" if slowest else ""
    say(
        f"{len(made)} of {len(runs)} notebooks run in {seconds['notebooks']:.0f} s{longest}, "
        f"pages {seconds['rendering']:.0f} s"
    )
    return target / "index.html"


def executed(
    runs: list[Run],
    keys: Keys,
    request: Request,
    target: Path,
    making: Path,
    find: Callable[[Run, Keys], Kept | None],
    progress: Progress,
) -> tuple[list[Outcome], list[Run]]:
    """Take over what has not changed, run the rest; return all outcomes and which were taken over.

    `find` gives the executed notebook of an earlier build, if its run would give the same now.
    What is finished when something fails or stops is kept for the next build.
    """
    (making / "notebooks").mkdir()
    kept, finished = list[Outcome](), list[Outcome]()
    for run in runs:
        if found := find(run, keys):
            source = request.root / "notebooks" / f"{run.notebook}.ipynb"
            take_over(found.path, source, making / "notebooks" / f"{run.page}.ipynb")
            kept.append(Outcome(run, found.seconds, read=found.read))
    reused = [outcome.run for outcome in kept]
    try:
        ahead = [run for run in runs if run not in reused]
        progress.begin([run.page for run in ahead])
        made = _run(ahead, request, making, finished, progress)
        if any(outcome.failed for outcome in made):
            manifest.keep_finished(target, making, keys, [*kept, *finished])
    except BaseException:
        manifest.keep_finished(target, making, keys, [*kept, *finished])
        raise
    return sorted([*kept, *made], key=lambda o: o.run.page), reused


def _run(
    runs: list[Run], request: Request, making: Path, finished: list[Outcome], progress: Progress
) -> list[Outcome]:
    """Execute runs and return how they ended; each is added to `finished` as it ends."""
    if not runs:
        return []

    def ended(outcome: Outcome) -> None:
        finished.append(outcome)
        progress.ended(outcome.run.page, outcome.seconds, outcome.failed)

    outcomes = execute(
        runs,
        making / "notebooks",
        request.root,
        lambda run: progress.started(run.page),
        ended,
        request.kernel,
        request.timeout,
        request.where,
    )
    for warning in sorted({w for o in outcomes for w in o.warnings}):
        say(f"warning of a library: {warning}")
    return outcomes


def _stop_if_failed(outcomes: list[Outcome], target: Path, making: Path) -> None:
    failed = [o for o in outcomes if o.failed]
    if not failed:
        return
    log = "\n\n".join(
        f"{o.run.page}: cell {o.cell or 'none (the kernel did not start)'}\n{o.frames}"
        for o in failed
    )
    kept = {o.run.page: making / "notebooks" / f"{o.run.page}.ipynb" for o in failed}
    folder = keep_failed(target, kept, log + "\n")
    last = "the last good report stays" if target.exists() else "there is no earlier report"
    raise NotebookError(f"{log}\n\n{len(failed)} of {len(outcomes)} failed; {last}; see {folder}")


def newest_wave(root: Path, study: str) -> str:
    """Return the last wave that a study declares."""
    path = study_folder(study, root) / "study.yaml"
    waves: dict[str, Any] = read_declaration(path, f"data/{study}/study.yaml").waves
    return max(waves)
