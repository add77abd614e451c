"""The commands: `python -m analysis report`, `explain`, `sweep`, `settle`, `simulate` and more."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from analysis.study import StudyError, chosen_study, root, study_folder
from notebook_build import interrupts
from notebook_build.faults import fault
from notebook_build.project import BuildError, InputError


def _option(name: str, words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return an option that may also stand in the environment, as make passes it on."""
    return click.option(f"--{name}", envvar=name.upper(), default="", help=words)


_study = _option("study", "folder under data/")
_wave = _option("wave", "inspection round, YYYY-MM; default: the last")


@contextmanager
def _said() -> Iterator[None]:
    """Say in one message what went wrong, or that it was interrupted, and end with a status.

    What a command needs is imported before: see `interrupts`.
    """
    with interrupts.raised():
        try:
            yield
        except Exception as error:
            said = str(error) if isinstance(error, StudyError | BuildError) else fault(error)
            if said is None:
                raise
            click.echo("; ".join([said, *getattr(error, "__notes__", [])]), err=True)
            sys.exit(2 if isinstance(error, StudyError | InputError) else 1)


def _how_runs_go(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how and where notebooks are run."""
    for option in (
        click.option("--verbose", envvar="VERBOSE", is_flag=True, help="show every step"),
        _option("scheduler", "tcp://host:8786, of dask"),
        _option("executor", "local (default) or dask"),
        _option("timeout", "seconds a cell may take"),
        _option("kernel", "how kernels start, same outputs: forked (default on Linux) or plain"),
    ):
        command = option(command)
    return command


@click.group()
def main() -> None:
    """Why pilots lag: reports, sweeps, settled codings, simulated studies, tidy notebooks."""


def _what_is_asked(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which report is meant, and how it is built."""
    for option in (
        _how_runs_go,
        _option("sources", "folder with the sources' texts"),
        _option("params", '"name=value name=value"'),
        _wave,
        _study,
    ):
        command = option(command)
    return command


def _finished(options: dict[str, Any]) -> Path:
    """Return the folder of the report that was asked for, built if it is not up to date."""
    from analysis.publish.inputs import ASKED, last_report

    asked = {name: options.pop(name.lower(), "") for name in ASKED}
    first, _ = last_report(root(), asked)
    if first is None:
        from analysis.publish.report import report
        from notebook_build.execute import How

        first = report(root(), asked, How.of(**options))
    return first.parent


@main.command("report")
@_option("notebook", "only this notebook's pages")
@_what_is_asked
def report_command(**options: Any) -> None:
    """Build the report of a study and print the path of its first page."""
    from analysis.publish.inputs import ASKED
    from analysis.publish.report import report
    from notebook_build.execute import How

    with _said():
        asked = {name: options.pop(name.lower()) for name in ASKED}
        click.echo(report(root(), asked, How.of(**options)))


@main.command("pdf")
@_what_is_asked
def pdf_command(**options: Any) -> None:
    """Print brief and report as PDFs with Chromium; print their paths."""
    from analysis.publish.printing import chromium, print_report

    with _said():
        chromium()
        for path in print_report(_finished(options)):
            click.echo(path)


@main.command("zip")
@_what_is_asked
def zip_command(**options: Any) -> None:
    """Pack the report into one ZIP to be passed on; print its path."""
    from analysis.publish.take_along import pack

    with _said():
        click.echo(pack(_finished(options)))


@main.command("sweep")
@click.argument("grid", envvar="GRID", required=False, type=click.Path(path_type=Path))
@click.option("--yes", envvar="YES", is_flag=True, help="even if these are over 1,000 runs")
@_how_runs_go
def sweep_command(grid: Path | None, yes: bool, **how: Any) -> None:
    """Run a notebook over a grid of parameters and print the path of the table of results."""
    from analysis.publish.sweep import sweep
    from notebook_build.execute import How

    with _said():
        if grid is None:
            raise StudyError("GRID: missing; name the YAML file with the values, see README.md")
        click.echo(sweep(root(), grid, How.of(**how), yes=yes))


@main.command("settle")
@_study
@click.option("--source", default=None, type=click.Path(path_type=Path), help="text of the notice")
def settle_command(study: str, source: Path | None) -> None:
    """Settle the coding passes of a study into codings.csv and projects.csv."""
    from analysis.study.settle import settle

    with _said():
        ways, projects = settle(study_folder(chosen_study(study)), source)
        told = ", ".join(f"{way} {number}" for way, number in ways.items())
        click.echo(f"{sum(ways.values())} codings ({told}), {projects} projects")


@main.command("simulate")
@click.argument("name")
@click.option("--pilots", type=int, default=13, show_default=True, help="how many pilots")
@click.option("--seed", type=int, default=1, show_default=True, help="a whole number from 0")
def simulate_command(name: str, pilots: int, seed: int) -> None:
    """Write a made-up study with known effects into data/NAME."""
    from simulated_study.simulate import simulate

    with _said():
        click.echo(simulate(root(), name, pilots, seed))


@main.command("explain")
@click.argument("claim")
@_option("sources", "folder with the sources' texts")
@_study
@_wave
def explain_command(claim: str, sources: str, study: str, wave: str) -> None:
    """Print all that a claim of the last report rests on, from its sentence to the passages."""
    from analysis.publish.explain import explain, last_wave

    with _said():
        place, name = root(), chosen_study(study)
        texts = Path(sources) if sources else None
        click.echo(explain(place, name, wave or last_wave(place, name), claim, texts))


@main.command("words")
def words_command() -> None:
    """Bring the catalogues of translations up to date with code and notebooks."""
    from analysis.claims.catalogue import languages, problems, update
    from analysis.publish.cells import check_cells
    from analysis.publish.parameters import NOTEBOOKS

    with _said():
        check_cells(root(), NOTEBOOKS)
        for language in languages()[1:]:
            update(root(), language)
            wrong = problems(root(), language)
            click.echo("\n".join([*wrong, f"{language}: {len(wrong)} messages to look at"]))


@main.command("tidy")
def tidy_command() -> None:
    """Strip outputs and volatile metadata from the notebooks; give back ids that git knows."""
    from analysis.publish.parameters import NOTEBOOKS
    from notebook_build.source import in_git, tidy

    with _said():
        for path in sorted((root() / "notebooks").glob("*.ipynb")):
            if path.stem not in NOTEBOOKS:
                click.echo(f"{path.name}: left as it is, not declared in publish/parameters.py")
                continue
            last = in_git(path)
            done = "tidied" if tidy(path, last) else "nothing to do"
            click.echo(f"{path.name}: {done}{'' if last else '; not in git: ids of cells stay'}")
