"""The kernels of runs: how one ended that a cell ended, and the end of all that a build started."""

import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

# builds that were interrupted: their runs are not tried again
stopped: set[str] = set()
# papermill and nbclient log what they then raise, and whoever catches that says it once
logging.getLogger("papermill").addFilter(lambda record: record.levelno != logging.ERROR)


def watched(kernels: list[AsyncKernelManager]) -> type[AsyncKernelManager]:
    """Return the class of managers of kernels that are put into a list when they are made."""

    class Watched(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            kernels.append(self)

    return Watched


def end_of(kernel: AsyncKernelManager, *, by_others: bool) -> str | None:
    """Return how the process of a kernel ended, or None if it has not.

    `by_others`: also if somebody asked it to end (SIGTERM), or it ended with its warm parent.
    """
    process: Any = getattr(kernel.provisioner, "process", None)
    status, lost = process and process.poll(), getattr(process, "lost", False)
    if status is None or (not by_others and (lost or status == -signal.SIGTERM)):
        return None
    names = {each.value: each.name for each in signal.Signals}
    how = f"signal {-status} ({names.get(-status, '?')})" if status < 0 else f"status {status}"
    return f"{how}, with its warm parent; did a cell up to here end that?" if lost else how


def stop(build: str, *, only_kernels: bool = False) -> None:
    """End the processes that this one started: kernels, and the warm parent of forked ones.

    The runs of `build` then end by themselves; those of another build are tried once more. Where
    the operating system does not list processes (not Linux) each run ends with its notebook
    instead. `only_kernels` spares what is neither: a worker may do other people's work too.
    """
    stopped.add(build)
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text(encoding="ascii").split():
            with suppress(OSError):
                command = Path("/proc", pid, "cmdline").read_bytes()
                kernel = b"ipykernel_launcher" in command or b"forked/parent.py" in command
                if kernel or not only_kernels:
                    os.kill(int(pid), signal.SIGTERM)
