"""Where a case runs and what it costs: a copy of the repository, a command, seconds and memory."""

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "benchmarks"
STUDY, WAVE = "jilin-2016", "2016-01"
# seconds between two looks at the memory of all processes; five looks a second would cost what is
# measured up to a tenth of its time
PAUSE = 1.0


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of a case, and the most memory of all its processes at once, in MB.

    Memory is the sum of each process's share (PSS), so that what forked ones have in common counts
    once. It is 0 where the operating system does not tell (not Linux).
    """

    wall: float
    cpu: float
    memory: float


def copy(place: Path) -> Path:
    """Copy what a report is made of; nothing that was built."""
    for name in ("data", "locale", "notebooks", "report"):
        shutil.copytree(ROOT / name, place / name)
    (place / "src").symlink_to(ROOT / "src")
    return place


def call(command: list[str], folder: Path, **environment: str) -> None:
    """Run a command to its end; stop with what it said if it fails."""
    asked = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK", "SOURCES", "KERNEL", "TIMEOUT")
    kept = {k: v for k, v in os.environ.items() if k not in asked}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stderr[-3000:]}")


def measured(case: Callable[[Path], None], place: Path) -> Cost:
    """Run a case and return what it cost, its processes included."""
    peak, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(PAUSE):
            peak[0] = max(peak[0], sum(map(_share, _below(os.getpid()))))

    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    looking = threading.Thread(target=look)
    looking.start()
    try:
        case(place)
    finally:
        done.set()
        looking.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - begun, cpu, peak[0] / 1024)


def parts(place: Path, cost: Cost) -> dict[str, float]:
    """Return the wall seconds of the parts of the report that a case has just built in a place.

    `start`: all that is neither notebooks at work nor pages being made after the last of them.
    """
    path = place / "build" / STUDY / WAVE / "manifest.json"
    seconds = json.loads(path.read_text(encoding="utf-8"))["seconds"]
    return {"start": cost.wall - sum(seconds.values()), **seconds}


def _below(pid: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_below(child)]
    return found


def _share(pid: int) -> float:
    """Return a process's share of memory in kB; 0 once it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:"), 0.0)
