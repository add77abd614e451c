"""The commands: `python -m analysis report`, `explain`, `sweep`, `settle`, `simulate` and more.

Their options may also stand in the environment, as make passes them on. What a command needs is
imported when it runs: `explain` answers at once.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import click

from analysis.study import StudyError, chosen_study, root, study_folder
from notebook_build import interrupts
from notebook_build.faults import fault
from notebook_build.project import BuildError, InputError

Command = Callable[..., None]
Options = Callable[[Command], Command]


def option(name: str, words: str) -> Options:
    """Return an option that is a text, empty unless it is given."""
    return click.option(f"--{name}", envvar=name.upper(), default="", help=words)


def several(*options: Options) -> Options:
    """Return options as one, listed from the last to the first."""
    return lambda command: reduce(lambda given, each: each(given), options, command)


of_study = option("study", "folder under data/")
of_a_wave = several(option("wave", "inspection round, YYYY-MM; default: the last"), of_study)
how_runs_go = several(
    click.option("--verbose", envvar="VERBOSE", is_flag=True, help="show every step"),
    option("scheduler", "tcp://host:8786, of dask"),
    option("executor", "local (default) or dask"),
    option("timeout", "seconds a cell may take"),
    option("kernel", "how kernels start, same outputs: forked (default on Linux) or plain"),
)
what_is_asked = several(
    how_runs_go,
    option("sources", "folder with the sources' texts"),
    option("params", '"name=value name=value"'),
    of_a_wave,
)


@contextmanager
def said() -> Iterator[None]:
    """Say in one message what went wrong, or that it was interrupted, and end with a status.

    What a command needs is imported before: see `interrupts`.
    """
    with interrupts.raised():
        try:
            yield
        except Exception as error:
            told = str(error) if isinstance(error, StudyError | BuildError) else fault(error)
            if told is None:
                raise
            click.echo("; ".join([told, *getattr(error, "__notes__", [])]), err=True)
            if isinstance(error, BrokenPipeError):
                # else Python, at its end, writes there once more and complains
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(2 if isinstance(error, StudyError | InputError) else 1)


@click.group()
def main() -> None:
    """Why pilots lag: reports, sweeps, settled codings, simulated studies, tidy notebooks."""


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
@option("notebook", "only this notebook's pages")
@what_is_asked
def report_command(**options: Any) -> None:
    """Build the report of a study and print the path of its first page."""
    from analysis.publish.inputs import ASKED
    from analysis.publish.report import report
    from notebook_build.execute import How

    with said():
        asked = {name: options.pop(name.lower()) for name in ASKED}
        click.echo(report(root(), asked, How.of(**options)))


@main.command("pdf")
@what_is_asked
def pdf_command(**options: Any) -> None:
    """Print brief and report as PDFs with Chromium; print their paths."""
    from analysis.publish.take_along import chromium, print_report

    with said():
        chromium()
        for path in print_report(_finished(options)):
            click.echo(path)


@main.command("zip")
@what_is_asked
def zip_command(**options: Any) -> None:
    """Pack the report into one ZIP to be passed on; print its path."""
    from analysis.publish.take_along import pack

    with said():
        click.echo(pack(_finished(options)))


@main.command("sweep")
@click.argument("grid", envvar="GRID", required=False, type=click.Path(path_type=Path))
@click.option("--yes", envvar="YES", is_flag=True, help="even if these are over 1,000 runs")
@how_runs_go
def sweep_command(grid: Path | None, yes: bool, **how: Any) -> None:
    """Run a notebook over a grid of parameters and print the path of the table of results."""
    from analysis.publish.sweep import sweep
    from notebook_build.execute import How

    with said():
        if grid is None:
            raise StudyError("GRID: missing; name the YAML file with the values, see README.md")
        click.echo(sweep(root(), grid, How.of(**how), yes=yes))


@main.command("settle")
@of_study
@click.option("--source", default=None, type=click.Path(path_type=Path), help="text of the notice")
def settle_command(study: str, source: Path | None) -> None:
    """Settle the coding passes of a study into codings.csv and projects.csv."""
    from analysis.study.settle import settle

    with said():
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

    with said():
        click.echo(simulate(root(), name, pilots, seed))


@main.command("explain")
@click.argument("claim")
@option("sources", "folder with the sources' texts")
@of_a_wave
def explain_command(claim: str, sources: str, study: str, wave: str) -> None:
    """Print all that a claim of the last report rests on, from its sentence to the passages."""
    from analysis.publish.explain import explain

    with said():
        texts = Path(sources) if sources else None
        click.echo(explain(root(), *_last(study, wave), claim, texts))


@main.command("compare")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--page", type=click.Path(path_type=Path), help="write it as a page, too")
def compare_command(old: Path, new: Path, page: Path | None) -> None:
    """Tell which claims moved from one build's folder to another's, and by how much."""
    from analysis.publish.compare import compared, table, write_page

    with said():
        found = compared(old, new)
        first = f"{found['counted']}; {found['same']} the same"
        click.echo("\n".join([first, *table(found["moves"])]))
        if page:
            write_page(root(), page, found)


@main.command("accept")
@click.option("--because", default="", help="why claims moved, in a few words")
@of_a_wave
def accept_command(because: str, study: str, wave: str) -> None:
    """Have the claims of the last report expected from now on, with a line in CHANGELOG.md."""
    from analysis.publish.compare import accept

    with said():
        click.echo(accept(root(), *_last(study, wave), because))


@main.command("audit")
@of_a_wave
def audit_command(study: str, wave: str) -> None:
    """List what no person has looked at, what the first page uses first, and what changed since."""
    from analysis.publish.audit import audit

    with said():
        click.echo("\n".join(audit(root(), *_last(study, wave))))


@main.command("sign")
@click.argument("kind")
@click.argument("key")
@click.option("--verdict", default="", help="agree, 'with reservation' or disagree")
@click.option("--reviewer", default="", help="who looked at it: a person")
@click.option("--checked", default="", help="what was checked, in a few words")
@click.option("--date", default=lambda: date.today().isoformat(), help="default: today")
@of_a_wave
def sign_command(kind: str, key: str, study: str, wave: str, **given: str) -> None:
    """Show one function, cell, row or page; with a verdict, note that a person looked at it."""
    from analysis.publish.audit import Part, sign

    with said():
        for line in sign(root(), *_last(study, wave), Part(kind, key), given):
            click.echo(line)


def _last(study: str, wave: str) -> tuple[str, str]:
    """Return the study that is meant, and the wave, of which there is a report."""
    from analysis.publish.explain import last_wave

    name = chosen_study(study)
    study_folder(name)
    return name, wave or last_wave(root(), name)


@main.command("words")
def words_command() -> None:
    """Bring the catalogues of translations up to date with code and notebooks."""
    from analysis.claims.catalogue import languages, problems, update
    from analysis.publish.parameters import NOTEBOOKS
    from analysis.publish.report import check_cells

    with said():
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

    with said():
        for path in sorted((root() / "notebooks").glob("*.ipynb")):
            if path.stem not in NOTEBOOKS:
                click.echo(f"{path.name}: left as it is, not declared in publish/parameters.py")
                continue
            last = in_git(path)
            done = "tidied" if tidy(path, last) else "nothing to do"
            click.echo(f"{path.name}: {done}{'' if last else '; not in git: ids of cells stay'}")
