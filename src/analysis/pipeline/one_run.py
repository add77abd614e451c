"""One run: the only module that calls papermill. A run can be sent to another process or machine.

It takes the notebook from the repository where it runs and gives the executed one back as bytes:
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

from analysis.exhibits.bundle import READ
from analysis.pipeline import notebook_file
from analysis.pipeline.environment import set_up
from analysis.pipeline.plan import Run
from analysis.pipeline.reuse import INJECTED, read_of
from analysis.pipeline.tidy import stable
from analysis.study.noted import Read
from analysis.study.root import root

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# how every kernel is started, forked or plain: guarded from its first cell on; it listens on
# loopback sockets, encrypted where it can, so that nobody else reads them
STARTED = Config(
    {
        "KernelManager": {"transport_encryption": "auto"},
        "NotebookClient": {
            # with all that it started; what its cells gave has been received
            "shutdown_kernel": "immediate",
            "extra_arguments": ["--IPKernelApp.extra_extensions=analysis.study.guard"],
        },
    }
)
# builds that were interrupted: their runs are not tried again
_stopped: set[str] = set()


@dataclass(frozen=True)
class Outcome:
    """How a run ended: seconds, and if it failed the cell and the last frames."""

    run: Run
    seconds: float
    cell: str | None = None
    frames: str | None = None
    warnings: tuple[str, ...] = ()
    read: tuple[Read, ...] = ()

    @property
    def failed(self) -> bool:
        """Return whether the run failed."""
        return self.frames is not None


@dataclass(frozen=True)
class Task:
    """All that a run needs beside the repository: it can be sent anywhere.

    `kernel` is a kernelspec, `timeout` the seconds that a cell may take, `build` names who asks,
    `shown` are the variables of `environment.SHOWN` that are set there.
    """

    run: Run
    kernel: str
    timeout: int
    build: str
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How a run ended, and the executed notebook; None if it did not get so far."""

    outcome: Outcome
    notebook: bytes | None


def run_one(task: Task) -> Done:
    """Execute a notebook of the repository that this process works in, to its end or its failure.

    Raises:
        StudyError: this process does not find the repository.
    """
    place = root()
    set_up(place, task.shown)
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        target = Path(folder) / "executed.ipynb"
        failure = _executed(task, place / "notebooks" / f"{task.run.notebook}.ipynb", target)
        notebook, warnings, read = _clean(target)
        content = target.read_bytes() if target.is_file() else None
    seconds = time.monotonic() - begun
    if failure is None:
        return Done(Outcome(task.run, seconds, warnings=warnings, read=read), content)
    cell, frames = failure
    outcome = Outcome(task.run, seconds, cell or _failing_cell(notebook), frames, warnings)
    return Done(outcome, content)


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


def _executed(task: Task, source: Path, target: Path) -> tuple[str | None, str] | None:
    """Execute `source` into `target`; return the cell if it is known and the frames of a failure.

    papermill must not be told a folder: it would change that of the whole process.
    """
    doing = {"cell": ""}

    def at(cell: Any, **_: Any) -> None:
        doing["cell"] = str(cell.id)

    for attempt in (1, 2):
        try:
            papermill.execute_notebook(
                str(source),
                str(target),
                parameters=dict(task.run.parameters),
                kernel_name=task.kernel,
                progress_bar=False,
                log_output=False,
                record_timing=False,
                # papermill writes the notebook at its end, failed or not; in between it is not read
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                config=STARTED,
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


def _failing_cell(notebook: Any) -> str | None:
    for cell in notebook["cells"] if notebook else ():
        if any(o.get("output_type") == "error" for o in cell.get("outputs", [])):
            return str(cell["id"])
    return None


def _clean(path: Path) -> tuple[Any, tuple[str, ...], tuple[Read, ...]]:
    """Rewrite an executed notebook without times, paths and random ids.

    Returns the notebook, its warnings, and what it read of the study.
    """
    if not path.is_file():
        return None, (), ()
    notebook = notebook_file.read(path)
    warnings = []
    notebook["cells"] = [
        c for c in notebook["cells"] if "papermill-error-cell-tag" not in notebook_file.tags(c)
    ]
    for cell in notebook["cells"]:
        if INJECTED in notebook_file.tags(cell):
            cell["id"] = INJECTED
        kept = []
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                warnings.append(notebook_file.text(output["text"]).strip())
            else:
                kept.append(output)
        if cell["cell_type"] == "code":
            cell["outputs"] = kept
    read = read_of(notebook, READ)
    stable(notebook)
    notebook_file.write(notebook, path)
    return notebook, tuple(warnings), read
