"""Building a report: check, execute, collect, render, move into place."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from analysis.pipeline import ledger, manifest
from analysis.pipeline.build import BuildError, aside, folder_name, keep_failed, locked
from analysis.pipeline.execute import DEFAULT_KERNEL, Outcome, execute
from analysis.pipeline.parameters import check, parse
from analysis.pipeline.passages import Passages
from analysis.pipeline.plan import Run, plan, select
from analysis.pipeline.site import render
from analysis.study.declaration import read_declaration
from analysis.study.load import load
from analysis.study.root import study_folder


class NotebookError(BuildError):
    """Notebooks failed; the message names each with its cell, last frames, and where they lie."""


@dataclass(frozen=True)
class Request:
    """What to build: study and wave, changed parameters as text, one notebook or all, kernel."""

    root: Path
    study: str
    wave: str
    params: str = ""
    notebook: str | None = None
    sources: Path | None = None
    verbose: bool = False
    kernel: str = DEFAULT_KERNEL


def say(line: str) -> None:
    """Write one line for the person at the terminal."""
    tqdm.write(line, file=sys.stderr)


def report(request: Request) -> Path:
    """Build a report and return the path of its first page.

    Raises:
        StudyError: bad parameters or data, before anything runs.
        NotebookError: a notebook failed; the last good report stays.
    """
    notebooks = select(request.notebook)
    changed = check(parse(request.params), notebooks)
    study = load(request.study, request.wave, request.root)
    runs = plan(study, notebooks, changed)
    name = folder_name(request.wave, request.notebook, changed)
    target = request.root / "build" / request.study / name
    passages = Passages.read(
        study, request.sources, study_folder(study.name, request.root) / "sources"
    )
    with locked(target, say), aside(target) as making:
        begun = time.monotonic()
        outcomes = _run(runs, request, making)
        _stop_if_failed(outcomes, target, making)
        ran = time.monotonic()
        entries = ledger.claims(runs, making / "notebooks")
        ledger.write_claims(making / "claims.json", entries)
        folder = request.root / "data" / request.study
        tables = {n: folder / n for n in study.tables}
        ledger.write_data(runs, making / "notebooks", making / "data", tables)
        render(
            making,
            study=study,
            claims=entries,
            changed=changed,
            whole=request.notebook is None,
            passages=passages,
        )
        rendered = time.monotonic()
        seconds = {"notebooks": ran - begun, "rendering": rendered - ran}
        manifest.write(making, request.root, request.study, outcomes, seconds)
    slowest = max(outcomes, key=lambda o: o.seconds)
    say(
        f"{len(runs)} notebooks {seconds['notebooks']:.0f} s (longest {slowest.run.page} "
        f"{slowest.seconds:.0f} s), pages {seconds['rendering']:.0f} s"
    )
    return target / "index.html"


def _run(runs: list[Run], request: Request, making: Path) -> list[Outcome]:
    out = making / "notebooks"
    out.mkdir()
    working: dict[str, None] = {}
    interactive = sys.stderr.isatty()
    bar = tqdm(total=len(runs), unit="notebook", file=sys.stderr, disable=not interactive)

    def started(run: Run) -> None:
        working[run.page] = None
        bar.set_postfix_str(", ".join(working))

    def ended(outcome: Outcome) -> None:
        working.pop(outcome.run.page, None)
        bar.update()
        bar.set_postfix_str(", ".join(working))
        if request.verbose or not interactive:
            state = "failed" if outcome.failed else "done"
            say(f"{outcome.run.page}: {state} in {outcome.seconds:.1f} s")

    with bar:
        outcomes = execute(
            runs, request.root / "notebooks", out, request.root, started, ended, request.kernel
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
