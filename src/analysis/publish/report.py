"""Building a report: check, plan, execute, collect, render, move into place."""

import ast
import symtable
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from analysis.publish import executed, parameters
from analysis.publish.claim_pages import chains_of, shown_on, write_claim_pages, write_exhibits
from analysis.publish.compare import say_moves
from analysis.publish.exports import write_data, write_workbook
from analysis.publish.inputs import inputs, project_with_data, say_left_aside
from analysis.publish.pages import Pages
from analysis.publish.rendering import WITHIN, Renderer
from analysis.publish.site import rendered
from analysis.publish.take_along import write_briefs
from analysis.study import StudyError, chosen_study, gate, study_folder
from analysis.study.evidence import check_locators
from analysis.study.guard import declare_checked, read_bytes
from analysis.study.load import load_study
from analysis.study.study import Study
from notebook_build.build import Build, Extras, build
from notebook_build.execute import How
from notebook_build.notebook import read, tags, text
from notebook_build.progress import say
from notebook_build.project import Run
from notebook_build.source import WRITTEN, parsed

LIBRARIES = (
    "analysis", "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill", "sphinx",
)  # fmt: skip

# of the one cell below which papermill writes what a run is given
TAG = "parameters"


def report(root: Path, asked: Mapping[str, str], how: How) -> Path:
    """Build the report that was asked for and return the path of its first page.

    `asked`: each of `inputs.ASKED` as it was typed, by which a later build knows this one again.

    Raises:
        StudyError: bad parameters or data, before anything runs.
        NotebookError: a notebook failed; the last good report stays.
    """
    notebooks = parameters.select(asked["NOTEBOOK"] or None)
    changed = parameters.check(parameters.parse(asked["PARAMS"]), notebooks)
    study = opened(root, asked["STUDY"], asked["WAVE"], notebooks)
    runs, texts = plan(study, notebooks, changed), read_texts(study, asked["SOURCES"])
    name = folder_name(study.wave, asked["NOTEBOOK"], changed)
    target = root / "build" / study.name / name

    def finish(making: Build) -> None:
        folder = making.folder / "notebooks"
        notebooks = {run.page: read(folder / f"{run.page}.ipynb") for run in runs}
        claims = executed.claims((run, notebooks[run.page]) for run in runs)
        by_id = {claim["id"]: claim for claim in claims}
        pages = [Pages(lang, study, by_id, notebooks, texts, changed) for lang in study.languages]
        kept = target.with_name(f".{name}.pages")
        with rendered(making.folder, kept, pages, renderer, runs, not asked["NOTEBOOK"]):
            executed.write_claims(making.folder / "claims.json", claims)
            data = making.folder / "data"
            write_data(notebooks, data, study.tables)
            shown = [shown_on(kept / each.language / "source") for each in pages]
            chains = chains_of(pages[0])
            write_exhibits(data / "claims.csv", chains, shown[0])
            for each, on in zip(pages, shown, strict=True):
                write_claim_pages(making.folder, each, chains, on)
                write_workbook(making.folder / f"tables-{each.language}.xlsx", each, runs, kept)
        if not asked["NOTEBOOK"]:
            write_briefs(making.folder, pages, kept)
        say_moves(target, making.folder)

    extras = Extras(
        finish=finish,
        part="rendering",
        kind="report",
        asked=asked,
        inputs=partial(inputs, root, study.name, asked["SOURCES"]),
        versions=LIBRARIES,
    )
    with Renderer(max(WITHIN, 5 * how.timeout)) as renderer:
        built = build(project_with_data(study, root), runs, target, how, extras)
    slowest = max(built.made, key=lambda result: result.seconds, default=None)
    longest = f" (longest {slowest.run.page} {slowest.seconds:.0f} s)" if slowest else ""
    say(
        f"{len(built.made)} of {len(built.results)} notebooks run in "
        f"{built.seconds['notebooks']:.0f} s{longest}, pages {built.seconds['rendering']:.0f} s"
    )
    return target / "index.html"


def opened(root: Path, named: str, wave: str, notebooks: list[str]) -> Study:
    """Return a study, loaded and checked, once the notebooks that will run are looked at.

    `named`, `wave`: as they were asked for; "" for the only study, and for its last wave.
    """
    name = chosen_study(named)
    check_cells(root, notebooks)
    declare_checked(study_folder(name, root))
    study = load_study(name, wave, root)
    gate.check(study)
    say_left_aside(root, name)
    return study


def check_cells(root: Path, notebooks: Iterable[str]) -> None:
    """Refuse notebooks that are damaged, or that would not use what a run of them is given.

    papermill writes values below the one cell tagged `parameters`, whatever follows there. An
    InputError or StudyError names the notebook and the cell.
    """
    for notebook in notebooks:
        path = root / "notebooks" / f"{notebook}.ipynb"
        cells = parsed(path)["cells"]
        for problem in chain(_wrong_cells(cells), _wrong_parameters(cells, notebook)):
            raise StudyError(f"notebooks/{path.name}: {problem}")


def _wrong_cells(cells: list[dict[str, Any]]) -> Iterator[str]:
    ids = [cell.get("id", "") for cell in cells]
    for cell, name in zip(cells, ids, strict=True):
        # a claim has its cell's id, by which pages know it
        if not WRITTEN.fullmatch(name):
            yield (
                f"cell {name!r}: an editor made up this id, or left it out; `make tidy` gives back "
                "those that git knows; name a new cell for its claim"
            )
        if ids.count(name) > 1:
            yield f"cell {name}: two cells have this id; give one of them another"
        if odd := set(tags(cell)) - {TAG}:
            yield f"cell {name}: tag {min(odd)!r}; allowed: {TAG}; take it off"
        try:
            ast.parse(text(cell["source"]) if cell["cell_type"] == "code" else "")
        except (SyntaxError, ValueError) as error:
            yield f"cell {name}: not Python: {error}; correct it"


def _wrong_parameters(cells: list[dict[str, Any]], notebook: str) -> Iterator[str]:
    code = {cell["id"]: text(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
    tagged = [cell["id"] for cell in cells if TAG in tags(cell)]
    if len(tagged) != 1 or tagged[0] not in code:
        yield f"cells tagged `{TAG}`: {', '.join(tagged) or 'none'}; tag the one with the defaults"
        return
    each, default = parameters.NOTEBOOKS[notebook].each, parameters.settable(notebook)
    declared = {"study", "wave", *filter(None, [each]), *default}
    found = list(parameters.assigned(code.pop(tagged[0])))
    for name, value in found:
        if name in default and value != repr(default[name]):
            yield f"cell {tagged[0]}: {name} = {value}; allowed: the default, {default[name]!r}"
    if sorted(names := [name for name, _ in found]) != sorted(declared):
        listed = ", ".join(sorted(declared))
        yield f"cell {tagged[0]}: assigns {', '.join(names)}; allowed: each once of {listed}"
    for name, source in code.items():
        symbols = symtable.symtable(source, name, "exec").get_symbols()
        bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        # the study itself takes the place of its name
        if again := bound & (declared - {"study"}):
            yield (
                f"cell {name}: assigns {min(again)}, so that what a run is given would not be "
                f"used; assign it in the cell {tagged[0]} alone"
            )


def plan(study: Study, notebooks: list[str], changed: Mapping[str, Any]) -> list[Run]:
    """Return every run of the selected notebooks; `changed` parameters go where they exist."""
    return [
        parameters.run_of(study, notebook, thing, changed)
        for notebook in notebooks
        for thing in parameters.things(study, notebook)
    ]


def read_texts(study: Study, named: str) -> dict[str, str]:
    """Return the texts of a study's sources by id, checked against every locator.

    Read from `<source_id>.txt` in the folder named; where none is ("") in the study's own.

    Raises:
        StudyError: the folder named does not exist or holds no source of the study, or a locator
            does not hold in the text given.
    """
    known = {row["source_id"] for row in study.rows("sources.csv")}
    texts, folder = dict[str, str](), Path(named) if named else study.folder / "sources"
    for path in (path for path in sorted(folder.glob("*.txt")) if path.stem in known):
        try:
            texts[path.stem] = read_bytes(path, str(path)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise StudyError(f"{path}: byte {error.start} is not UTF-8; save as UTF-8") from error
    if named and not texts:
        raise StudyError(
            f"SOURCES: {named}: no text of a source there; name a folder with <source_id>.txt "
            "(the ids are in sources.csv)"
        )
    for source, name in ((s, n) for s in texts for n in ("codings.csv", "projects.csv")):
        rows = [row for row in study.rows(name) if row["source_id"] == source]
        if problems := check_locators(rows, texts[source]):
            listed = "\n".join(problems)
            raise StudyError(
                f"{source}.txt: not the text that {name} was coded from; use the file whose "
                f"SHA-256 is in sources.csv, or correct the rows:\n{listed}"
            )
    return texts


def folder_name(wave: str, notebook: str | None, changed: Mapping[str, Any]) -> str:
    """Return the name of a build's folder: the wave, and what differs from the default."""
    parts = [f"notebook={notebook}"] if notebook else []
    parts += [f"{name}={value}".lower() for name, value in sorted(changed.items())]
    return parameters.file_name(f"{wave}+{','.join(parts)}") if parts else wave
