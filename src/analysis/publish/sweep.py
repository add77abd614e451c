"""A sweep: one notebook over a grid of parameters, and one table of all its claims."""

import os
import shutil
import sys
from dataclasses import replace
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from analysis.publish import executed, parameters
from analysis.publish.exports import write_csv
from analysis.publish.inputs import inputs, project_with_data
from analysis.publish.report import LIBRARIES, opened
from analysis.study import StudyError
from analysis.study.files import YamlFile, read_yaml
from analysis.study.forms import Declared
from analysis.study.study import Study
from notebook_build.build import Build, Extras, build
from notebook_build.execute import How
from notebook_build.notebook import read
from notebook_build.progress import say
from notebook_build.project import Run
from notebook_build.reuse import Earlier, EarlierRun, Keys

TABLE = "results.csv"
NUMBERS = ("value", "low", "high", "n", "of", "unit", "p_value", "p_smallest", "test", "grade")
# runs that a sweep makes without being asked twice
MOST = 1000


class Grid(Declared):
    """The content of a grid's file: one notebook and the values of its parameters."""

    notebook: str
    study: str = ""
    wave: str = ""
    grid: dict[str, list[Any]] = Field(min_length=1)


def read_grid(path: Path) -> tuple[Grid, YamlFile]:
    """Read a grid and check all of it that no study is needed for; return it with its file.

    A StudyError names file, line, place, and what is allowed.
    """
    if not os.path.lexists(path):
        raise StudyError(f"{path}: no such file; name the YAML file with the grid")
    file = read_yaml(path, path.name)
    grid = file.model(Grid)
    (notebook,) = parameters.select(grid.notebook, file.at("notebook"))
    for name, values in grid.grid.items():
        seen: list[Any] = []
        for number, value in enumerate(values):
            at, meant = file.at("grid", name, number), value
            if not isinstance(value, str):
                raise StudyError(f"{at}: value {str(value)[:60]}; allowed: a word or a number")
            if name != parameters.NOTEBOOKS[notebook].each:
                meant = parameters.typed({name: value}, [notebook], file.at("grid", name))[name]
            if meant in seen:
                raise StudyError(f"{at}: value {value!r} stands twice; allowed: once")
            seen.append(meant)
        if not values:
            raise StudyError(f"{file.at('grid', name)}: no value; allowed: a list of one or more")
    return grid, file


def runs_of(grid: Grid, file: YamlFile, study: Study, most: int = MOST) -> list[Run]:
    """Return the run of each combination of values; what is not in the grid has its default.

    Raises:
        StudyError: the notebook runs for no such factor or pilot, values do not go together, or
            these are more than `most` runs.
    """
    notebook, values = grid.notebook, grid.grid
    each = parameters.NOTEBOOKS[notebook].each
    for number, thing in enumerate(values.get(each, [])):
        parameters.check_thing(study, notebook, thing, file.at("grid", each, number))
    values = ({each: list(parameters.things(study, notebook))} if each else {}) | values
    if (number := prod(map(len, values.values()))) > most:
        raise StudyError(
            f"{file.at('grid')}: {number:,} runs; allowed: {most:,}; take values out, or say that "
            "all are meant: make sweep YES=1, or --yes"
        )
    runs = []
    for combination in product(*values.values()):
        options = dict(zip(values, combination, strict=True))
        thing = options.pop(each, "")
        changed = parameters.check(options, [notebook], file.at("grid"))
        run = parameters.run_of(study, notebook, thing, changed)
        differs = [f"{n}={changed[n]}" for n in parameters.settable(notebook) if n in changed]
        page = parameters.file_name(",".join([run.page, *differs]))
        runs.append(replace(run, page=page))
    return runs


def sweep(root: Path, path: Path, how: How, *, yes: bool = False) -> Path:
    """Run a grid and return the path of its table; nothing that an earlier build made runs again.

    `yes`: however many runs these are.

    The table stands in `build/<study>/sweeps/<name of the grid's file>/`, beside the claims with
    their evidence and the executed notebooks; it replaces the last one whole.

    Raises:
        StudyError: bad values or data, before anything runs.
        NotebookError: a notebook failed; the others are finished and the last table stays.
    """
    grid, file = read_grid(path)
    study = opened(root, grid.study, grid.wave, [grid.notebook])
    runs = runs_of(grid, file, study, sys.maxsize if yes else MOST)
    reports = root / "build" / study.name
    target = reports / "sweeps" / parameters.file_name(path.stem)
    sweeps, built = Earlier.of(target), Earlier.of(reports / study.wave)

    def find(run: Run, keys: Keys) -> EarlierRun | None:
        # in a report the page does not name the parameters that differ
        return sweeps.find(run, keys) or built.find(replace(run, page=run.page.split(",")[0]), keys)

    def finish(making: Build) -> None:
        notebooks, seconds = making.folder / "notebooks", making.seconds["notebooks"]
        claims = executed.claims((run, read(notebooks / f"{run.page}.ipynb")) for run in runs)
        executed.write_claims(making.folder / "claims.json", claims)
        rows = _write_table(making.folder / TABLE, runs, notebooks, study.languages)
        shutil.copyfile(path, making.folder / "grid.yaml")
        say(f"{len(making.made)} of {len(runs)} notebooks run in {seconds:.0f} s; {rows} rows")

    def say_failed(making: Build, log: str, folder: Path, last: bool) -> str:
        failed = {result.run.page for result in making.failed}
        well = [run for run in runs if run.page not in failed]
        _write_table(folder / TABLE, well, making.folder / "notebooks", study.languages)
        stays = "the last table stays" if last else "there is no earlier table"
        return (
            f"{log}\n\n{len(failed)} of {len(runs)} failed; {stays}; "
            f"failed notebooks and a table of the others: {folder}"
        )

    extras = Extras(
        finish=finish,
        say_failed=say_failed,
        find=find,
        asked={"SOURCES": ""},
        inputs=partial(inputs, root, study.name, ""),
        versions=LIBRARIES,
    )
    build(project_with_data(study, root), runs, target, how, extras)
    return target / TABLE


def _write_table(path: Path, runs: list[Run], notebooks: Path, languages: tuple[str, ...]) -> int:
    """Write the table of the runs' claims and return its number of rows.

    Columns: the run's page, its parameters, the claim's id within its page, `NUMBERS`, its flips
    and its sentence in each language; `low` and `high` are the ends of its interval. Rows in the
    order of the runs, claims by id. A run without a claim has one row in which the claim is empty.
    """
    rows: list[dict[str, Any]] = []
    for run in runs:
        about = {"run": run.page, **run.parameters}
        claims = executed.claims([(run, read(notebooks / f"{run.page}.ipynb"))])
        for claim in claims:
            low, high = claim["interval"] or (None, None)
            texts = {f"text_{language}": text for language, text in claim["text"].items()}
            name = claim["id"].removeprefix(f"{run.page}.")
            rows.append({**claim, **about, "claim": name, "low": low, "high": high, **texts})
        rows += [] if claims else [about]
    said = [f"text_{language}" for language in languages]
    columns = ["run", *(runs[0].parameters if runs else ()), "claim", *NUMBERS, "flips", *said]
    write_csv(path, pd.DataFrame(rows, columns=columns, dtype=object))
    return len(rows)
