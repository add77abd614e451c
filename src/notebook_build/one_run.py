"""One run: the only module that calls papermill. A run can be sent to another process or machine.

It takes the notebook from the project where it runs and gives the executed one back as bytes:
whoever asked for it writes it, so a run that is made twice leaves nothing twice.
"""

import os
import re
import signal
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import papermill
from nbclient.exceptions import CellTimeoutError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from notebook_build.notebook_file import clean
from notebook_build.project import Project, Read, Run, set_up

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# builds that were interrupted: their runs are not tried again
_stopped: set[str] = set()


@dataclass(frozen=True)
class RunResult:
    """How a run ended: seconds, and if it failed the cell and the last frames.

    `reused`: it was not made, but taken over from an earlier build.
    """

    run: Run
    seconds: float
    cell: str | None = None
    frames: str | None = None
    warnings: tuple[str, ...] = ()
    read: tuple[Read, ...] = ()
    reused: bool = False

    @property
    def failed(self) -> bool:
        """Return whether the run failed."""
        return self.frames is not None


@dataclass(frozen=True)
class Task:
    """All that a run needs beside the project: it can be sent anywhere.

    `kernel` is a kernelspec, `timeout` the seconds that a cell may take, `build` names who asks,
    `personal` are the variables of `Project.personal` that are set there.
    """

    run: Run
    kernel: str
    timeout: int
    build: str
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How a run ended, and the executed notebook; None if it did not get so far."""

    result: RunResult
    notebook: bytes | None


def run_one(task: Task, project: Project) -> Done:
    """Execute a notebook of a project to its end or its failure."""
    set_up(project, task.personal)
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        target = Path(folder) / "executed.ipynb"
        failure = _executed(task, project, target)
        executed = clean(target, project.reads)
        content = target.read_bytes() if target.is_file() else None
    seconds, warnings = time.monotonic() - begun, executed.warnings
    if failure is None:
        return Done(RunResult(task.run, seconds, None, None, warnings, executed.read), content)
    cell, frames = failure
    cell = cell or executed.failing_cell
    return Done(RunResult(task.run, seconds, cell, frames, warnings), content)


def stop(build: str, *, only_kernels: bool = False) -> None:
    """End the processes that this one started: kernels, and the warm parent of forked ones.

    The runs of `build` then end by themselves; those of another build are tried once more. Where
    the operating system does not list processes (not Linux) each run ends with its notebook
    instead. `only_kernels` spares what is neither: a worker may do other people's work too.
    """
    _stopped.add(build)
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text(encoding="ascii").split():
            with suppress(OSError):
                if not only_kernels or _is_kernel(Path("/proc") / pid):
                    os.kill(int(pid), signal.SIGTERM)


def _is_kernel(process: Path) -> bool:
    command = (process / "cmdline").read_bytes()
    return b"ipykernel_launcher" in command or b"forked/parent.py" in command


def _executed(task: Task, project: Project, target: Path) -> tuple[str | None, str] | None:
    """Execute a notebook into `target`; return the cell if it is known and the frames of a failure.

    papermill must not be told a folder: it would change that of the whole process.
    """
    doing = {"cell": ""}

    def at(cell: Any, **_: Any) -> None:
        doing["cell"] = str(cell.id)

    for attempt in (1, 2):
        try:
            papermill.execute_notebook(
                str(project.notebook(task.run.notebook)),
                str(target),
                parameters=dict(task.run.parameters),
                kernel_name=task.kernel,
                language="python",
                progress_bar=False,
                log_output=False,
                record_timing=False,
                # papermill writes the notebook at its end, failed or not; in between it is not read
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                config=_how_kernels_start(project.extension),
                execution_timeout=task.timeout,
                on_cell_start=at,
            )
        except PapermillExecutionError as error:
            # the first two entries are a rule and a heading; then frames, then the message
            return None, COLOUR.sub("", "\n".join(error.traceback[2:][-3:]))
        except CellTimeoutError:
            more = f"TIMEOUT={2 * task.timeout} allows more"
            return doing["cell"], f"the cell did not end within {task.timeout} s; {more}"
        except (RuntimeError, OSError, TimeoutError) as error:
            # a port of a starting kernel can be taken by another process: try once more
            if attempt == 1 and task.build not in _stopped:
                continue
            return None, "".join(traceback.format_exception(error)[-3:])
        break
    return None


def _how_kernels_start(extension: str) -> Config:
    """Return how every kernel is started, forked or plain, with an extension from its start on.

    It listens on loopback sockets, encrypted where it can, so that nobody else reads them.
    """
    # with all that it started; what its cells gave has been received
    client: dict[str, Any] = {"shutdown_kernel": "immediate"}
    if extension:
        client["extra_arguments"] = [f"--IPKernelApp.extra_extensions={extension}"]
    manager = {"transport_encryption": "auto"}
    return Config({"KernelManager": manager, "NotebookClient": client})
