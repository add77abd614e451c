"""The driver's side of rendering: one process that imports Sphinx early, and builds when told."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
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

    def build(self, jobs: Sequence[Job]) -> list[Rendered]:
        """Build all jobs, each in a process of its own; can be asked once.

        A process that ends without an answer gives each job a status of its own.
        """
        told = [{k: str(v.resolve()) for k, v in vars(job).items()} for job in jobs]
        answer, _ = self._process.communicate(json.dumps(told) + "\n")
        if not answer:
            lost = f"the process that runs Sphinx ended (exit status {self._process.returncode})"
            return [Rendered(1, lost) for _ in jobs]
        return [Rendered(each["status"], each["said"]) for each in json.loads(answer)]

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        """End it, with what it builds."""
        # it may have ended by itself
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()
