"""A sweep: one notebook over a grid of parameters, and one table of all its claims."""

import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from analysis.pipeline import ledger, manifest
from analysis.pipeline.build import aside, keep_failed, locked
from analysis.pipeline.keys import Keys, digest
from analysis.pipeline.one_run import Outcome
from analysis.pipeline.parameters import NOTEBOOKS, ParameterError, check, meant, settable, typed
from analysis.pipeline.plan import Run, select, things
from analysis.pipeline.progress import Progress, say
from analysis.pipeline.report import NotebookError, Request, executed
from analysis.pipeline.results import TABLE, write_results
from analysis.pipeline.reuse import Earlier, Kept
from analysis.study.load import load
from analysis.study.reader import Study
from analysis.study.yaml_file import YamlFile, read_yaml

# characters that a page's name may have; file systems allow 255
LONGEST = 180


class _Declared(BaseModel):
    """The content of a grid's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notebook: str
    study: str = ""
    wave: str = ""
    grid: dict[str, list[Any]] = Field(min_length=1)


@dataclass(frozen=True)
class Grid:
    """A grid as it was read: its file, its name, one notebook and the values of its parameters."""

    path: Path
    name: str
    notebook: str
    study: str
    wave: str
    values: dict[str, list[str]]
    file: YamlFile


def read_grid(path: Path) -> Grid:
    """Read a grid and check all of it that no study is needed for.

    Raises:
        StudyError: not such a file; names file, line, place, and what is allowed.
    """
    if not path.is_file():
        raise ParameterError(f"{path}: no such file; name the YAML file with the grid")
    file = read_yaml(path, path.name)
    declared = file.model(_Declared)
    (notebook,) = select(declared.notebook)
    own = NOTEBOOKS[notebook]
    for name, values in declared.grid.items():
        for number, value in enumerate(values):
            at = file.at("grid", name, number)
            if not isinstance(value, str | int | float):
                raise ParameterError(f"{at}: value {value!r}; allowed: a word or a number")
            if name != own.each:
                typed({name: str(value)}, [notebook], file.at("grid", name))
            if value in values[:number]:
                raise ParameterError(f"{at}: value {value!r} stands twice; allowed: once")
        if not values:
            raise ParameterError(
                f"{file.at('grid', name)}: no value; allowed: a list of one or more"
            )
    texts = {name: [str(value) for value in values] for name, values in declared.grid.items()}
    name = re.sub(r"[^A-Za-z0-9_-]", "_", path.stem)
    return Grid(path, name, notebook, declared.study, declared.wave, texts, file)


def runs_of(grid: Grid, study: Study) -> list[Run]:
    """Return the run of each combination of values; what is not in the grid has its default.

    Raises:
        ParameterError: the study has no such factor or pilot, or values do not go together.
    """
    own, known = NOTEBOOKS[grid.notebook], things(study, grid.notebook)
    for number, thing in enumerate(grid.values.get(own.each, [])):
        if thing not in known:
            raise ParameterError(
                f"{grid.file.at('grid', own.each, number)}: no {own.each} {thing!r} in "
                f"{study.name}{meant(thing, known)} ({own.over}: {', '.join(known)})"
            )
    values = ({own.each: list(known)} if own.each else {}) | grid.values
    runs = []
    for combination in product(*values.values()):
        given = dict(zip(values, combination, strict=True))
        each = {own.each: given.pop(own.each)} if own.each else {}
        changed = check(given, [grid.notebook], grid.file.at("grid"))
        parameters = own.model_validate(
            {"study": study.name, "wave": study.wave, **each, **changed}
        ).model_dump()
        differs = [f"{name}={changed[name]}" for name in settable(grid.notebook) if name in changed]
        page = ",".join(["-".join([grid.notebook, *each.values()]), *differs])
        if len(page) > LONGEST:
            page = f"{page[:LONGEST]}-{digest(page)[:12]}"
        runs.append(Run(grid.notebook, page, parameters))
    return runs


def sweep(grid: Grid, request: Request) -> Path:
    """Run a grid and return the path of its table; nothing that an earlier build made runs again.

    The table stands in `build/<study>/sweeps/<name of the grid's file>/`, beside the claims with
    their evidence and the executed notebooks; it replaces the last one whole.

    Raises:
        StudyError: bad values or data, before anything runs.
        NotebookError: a notebook failed; the others are finished and the last table stays.
    """
    study = load(request.study, request.wave, request.root)
    runs, keys = runs_of(grid, study), Keys(request.root, study)
    reports = request.root / "build" / request.study
    target = reports / "sweeps" / grid.name
    sweeps, built = Earlier.of(target), Earlier.of(reports / request.wave)
    find, progress = _finder(sweeps, built), Progress(sweeps.seconds, verbose=request.verbose)
    with locked(target, say), aside(target) as making, progress:
        begun = time.monotonic()
        outcomes, reused = executed(runs, keys, request, target, making, find, progress)
        _stop_if_failed(runs, outcomes, target, making)
        ledger.write_claims(making / "claims.json", ledger.claims(runs, making / "notebooks"))
        rows = write_results(making / TABLE, runs, making / "notebooks")
        shutil.copyfile(grid.path, making / "grid.yaml")
        seconds = time.monotonic() - begun
        made_of = manifest.runs_of(keys, outcomes)
        manifest.write(making, keys, {"SOURCES": ""}, made_of, {"notebooks": seconds})
    shutil.rmtree(manifest.finished(target), ignore_errors=True)
    made = len(runs) - len(reused)
    say(f"{made} of {len(runs)} notebooks run in {seconds:.0f} s; {rows} rows")
    return target / TABLE


def _finder(sweeps: Earlier, built: Earlier) -> Callable[[Run, Keys], Kept | None]:
    """Return what finds an executed notebook in earlier sweeps, and in reports of this study."""

    def find(run: Run, keys: Keys) -> Kept | None:
        # in a report the page does not name the parameters that differ
        return sweeps.find(run, keys) or built.find(replace(run, page=run.page.split(",")[0]), keys)

    return find


def _stop_if_failed(runs: list[Run], outcomes: list[Outcome], target: Path, making: Path) -> None:
    failed = {o.run.page: o for o in outcomes if o.failed}
    if not failed:
        return
    notebooks = making / "notebooks"
    log = "\n\n".join(_lines(failed.values()))
    folder = keep_failed(target, {page: notebooks / f"{page}.ipynb" for page in failed}, f"{log}\n")
    write_results(folder / TABLE, [run for run in runs if run.page not in failed], notebooks)
    last = "the last table stays" if target.exists() else "there is no earlier table"
    raise NotebookError(
        f"{log}\n\n{len(failed)} of {len(runs)} failed; {last}; "
        f"failed notebooks and a table of the others: {folder}"
    )


def _lines(failed: Iterable[Outcome]) -> Iterator[str]:
    for outcome in failed:
        cell = outcome.cell or "none (the kernel did not start)"
        yield f"{outcome.run.page}: cell {cell}\n{outcome.frames}"
