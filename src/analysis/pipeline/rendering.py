"""The driver's side of rendering: one process that imports Sphinx early, and builds when told."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "analysis.pipeline.sphinx_program"


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
