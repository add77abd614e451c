"""What commands share: options that make passes on, and how a command ends."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from analysis.study import StudyError
from notebook_build import interrupts
from notebook_build.faults import fault
from notebook_build.project import BuildError, InputError


def option(name: str, words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return an option that may also stand in the environment, as make passes it on."""
    return click.option(f"--{name}", envvar=name.upper(), default="", help=words)


of_study = option("study", "folder under data/")
of_wave = option("wave", "inspection round, YYYY-MM; default: the last")


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
            sys.exit(2 if isinstance(error, StudyError | InputError) else 1)


def how_runs_go(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how and where notebooks are run."""
    for each in (
        click.option("--verbose", envvar="VERBOSE", is_flag=True, help="show every step"),
        option("scheduler", "tcp://host:8786, of dask"),
        option("executor", "local (default) or dask"),
        option("timeout", "seconds a cell may take"),
        option("kernel", "how kernels start, same outputs: forked (default on Linux) or plain"),
    ):
        command = each(command)
    return command


def what_is_asked(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which report is meant, and how it is built."""
    for each in (
        how_runs_go,
        option("sources", "folder with the sources' texts"),
        option("params", '"name=value name=value"'),
        of_wave,
        of_study,
    ):
        command = each(command)
    return command
