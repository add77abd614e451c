"""What tests of workers use: a scheduler and worker processes on loopback, ended by themselves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# seconds after which each process ends by itself, whatever became of the test
LIMIT = 400
PROGRAM = f"""
import runpy, signal, sys
signal.alarm({LIMIT})
name = sys.argv.pop(1)
sys.argv[0] = name
runpy.run_module(name, run_name="__main__")
"""


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, root: Path, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker with one thread whose repository is `root`."""
        number = str(len(self.workers))
        arguments = [self.address, "--no-nanny", "--nthreads", "1", "--name", number]
        worker = _start(
            self.folder / f"worker-{number}.log",
            ["distributed.cli.dask_worker", *arguments, "--local-directory", str(self.folder)],
            {"ANALYSIS_ROOT": str(root), **environment},
        )
        self.workers.append(worker)
        return worker

    @property
    def asked(self) -> dict[str, str]:
        """The variables by which a command uses it."""
        return {"EXECUTOR": "dask", "SCHEDULER": self.address}

    def log(self, number: int) -> str:
        """What a worker said."""
        return (self.folder / f"worker-{number}.log").read_text(encoding="utf-8")


def _start(log: Path, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments, *common],
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            cwd=log.parent,
        )


@contextmanager
def cluster(root: Path, folder: Path, workers: int, **environment: str) -> Iterator[Cluster]:
    """A scheduler with this environment and its workers in a repository; ended afterwards."""
    folder.mkdir()
    told = folder / "scheduler.json"
    scheduler = _start(
        folder / "scheduler.log",
        ["distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(told)],
        {"ANALYSIS_ROOT": str(root), **environment},
    )
    found = Cluster(folder, scheduler, "")
    try:
        found.address = _address(told)
        for _ in range(workers):
            found.add(root)
        yield found
    finally:
        for process in (*found.workers, scheduler):
            process.kill()
            process.wait()


def _address(told: Path) -> str:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if told.is_file() and (text := told.read_text(encoding="utf-8")):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise AssertionError((told.parent / "scheduler.log").read_text(encoding="utf-8"))
