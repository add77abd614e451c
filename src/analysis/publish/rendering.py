"""Rendering: one process that imports Sphinx while notebooks run, then builds each language.

Run as a program it is told in lines of JSON what to build, each in a process that it forks. When
there are no more lines it answers with a line for each as it ends: whether Sphinx built it and what
it said.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

PROGRAM = "analysis.publish.rendering"
# what a build of the pages would import, in each of its processes
BEFOREHAND = (
    "sphinx.cmd.build",
    "sphinx.search.en",
    "sphinx.search.zh",
    "myst_nb.sphinx_ext",
    "pydata_sphinx_theme",
    "pygments.formatters.html",
    "pygments.lexers.python",
)
# where a prose cell of a notebook begins, for `sphinx_hooks`
MARK = '<div data-cell="{}"></div>'


@dataclass(frozen=True)
class Job:
    """One language to build: where its pages are written, where Sphinx keeps what it has read."""

    source: Path
    doctrees: Path
    out: Path


@dataclass(frozen=True)
class Rendered:
    """How a job ended: Sphinx's exit status, not 0 if it failed or warned, and what it said."""

    status: int
    said: str


class Renderer:
    """A process that imports Sphinx; used as a context it ends with the block, whatever happens.

    It is its own group of processes: a ^C at the terminal is the driver's to handle.
    """

    def __init__(self) -> None:
        """Start it; it imports while the caller goes on."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._begun = 0

    def begin(self, job: Job) -> None:
        """Begin to build a job, in a process of its own; the caller goes on."""
        told = {k: str(v.resolve()) for k, v in vars(job).items()}
        # where it has ended `ended` says so
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps(told) + "\n")
            self._stdin.flush()
        self._begun += 1

    def ended(self) -> Iterator[tuple[int, Rendered]]:
        """Yield how each job ended, as they end, with its number in the order of `begin`.

        A process that ends without an answer gives each job left a status of its own.
        """
        with suppress(BrokenPipeError):
            self._stdin.close()
        left = set(range(self._begun))
        for line in self._stdout:
            answer = json.loads(line)
            left.remove(answer["job"])
            yield answer["job"], Rendered(answer["status"], answer["said"])
        status = self._process.wait() if left else 0
        for number in sorted(left):
            lost = f"the process that runs Sphinx ended (exit status {status})"
            yield number, Rendered(1, lost)

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        """End it, with what it builds."""
        # it may have ended by itself
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._stdin, self._stdout):
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()


def prepare() -> None:
    """Import what every build of pages needs, and read the dictionary that splits Chinese.

    It is read as it was installed: jieba's own cache lies where everybody may write, and one that
    is interrupted while it writes leaves a file behind.
    """
    from sphinx.application import builtin_extensions

    for name in (*BEFOREHAND, *builtin_extensions):
        importlib.import_module(name)
    from jieba import dt

    dt.FREQ, dt.total = dt.gen_pfdict(dt.get_dict_file())
    dt.initialized = True


def build(job: dict[str, str]) -> int:
    """Build one language and return Sphinx's exit status."""
    from sphinx.cmd.build import main

    os.chdir(job["source"])
    arguments = ["-q", "-W", "--keep-going", "-b", "html", "-d", job["doctrees"], ".", job["out"]]
    return main(arguments)


def begin(job: dict[str, str]) -> tuple[int, BinaryIO]:
    """Fork a process for a job; return its pid and the nameless file that it speaks into."""
    spoken = TemporaryFile()  # noqa: SIM115 - `results` reads it
    pid = os.fork()
    if pid == 0:
        os.dup2(spoken.fileno(), 1)
        os.dup2(spoken.fileno(), 2)
        status = 1
        try:
            status = build(job)
            sys.stdout.flush()
        finally:
            os._exit(status)
    return pid, spoken


def results(begun: list[tuple[int, BinaryIO]]) -> Iterator[dict[str, Any]]:
    """Wait for each process, as they end; yield its number in order, exit status, what it said."""
    places = {pid: (number, spoken) for number, (pid, spoken) in enumerate(begun)}
    while places:
        pid, status = os.wait()
        number, spoken = places.pop(pid)
        spoken.seek(0)
        said = spoken.read().decode(errors="replace")
        yield {"job": number, "status": os.waitstatus_to_exitcode(status), "said": said}


def main() -> None:
    """Run the program."""
    prepare()
    begun = [begin(json.loads(line)) for line in sys.stdin]
    for result in results(begun):
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
