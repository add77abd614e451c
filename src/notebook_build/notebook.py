"""One notebook: executed by papermill, free of what differs between two runs, or taken over.

A run can be sent to another process or machine. It takes the notebook from the project where it is
made and gives the executed one back as bytes: whoever asked for it writes it, so a run that is made
twice leaves nothing twice. Equal runs give equal bytes. Only here papermill is called.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from notebook_build.faults import fault
from notebook_build.kernels import end_of, stopped, watched
from notebook_build.project import Project, Read, Run, set_up

INJECTED = "injected-parameters"
# what papermill puts above a cell that failed
ERROR_MARK = "papermill-error-cell-tag"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# papermill writes the notebook at its end, failed or not; in between it is not read
WITHOUT = dict.fromkeys(("progress_bar", "log_output", "record_timing",
                         "request_save_on_cell_execute", "autosave_cell_every"), False)  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """Return a notebook of format 4 as it lies on disk: text may stand in lines."""
    return dict(json.loads(path.read_bytes()))


def text(lines: str | list[str]) -> str:
    """Return a text that may stand in lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def tags(cell: dict[str, Any]) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", []))


def write(notebook: dict[str, Any], path: Path) -> None:
    """Write a notebook with the bytes that nbformat gives it."""
    content = nbformat.v4.writes(nbformat.from_dict(notebook))
    path.write_text(f"{content}\n", encoding="utf-8", newline="\n")


def stable(notebook: Any) -> None:
    """Drop metadata that differs between two savings or runs; tags of cells stay."""
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        names = tags(cell)
        cell["metadata"] = {"tags": names} if names else {}


def take_over(executed: Path, source: Path, target: Path) -> None:
    """Write an executed notebook with its outputs, and the prose as it is in `source` now."""
    old, new = read(executed), read(source)
    if _prose(old) == _prose(new):
        shutil.copyfile(executed, target)
        return
    outputs = {cell["id"]: cell for cell in old["cells"] if cell["cell_type"] == "code"}
    cells = []
    for cell in new["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        cells.append({**outputs[cell["id"]], "metadata": cell["metadata"]})
        if "parameters" in tags(cell) and INJECTED in outputs:
            cells.append(outputs[INJECTED])
    new["cells"] = cells
    stable(new)
    write(new, target)


def _prose(notebook: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return all of a notebook's cells but what was run: id, text, tags."""
    return [
        (c["id"], "" if c["cell_type"] == "code" else text(c["source"]), tags(c))
        for c in notebook["cells"]
        if c["id"] != INJECTED
    ]


def clean(notebook: dict[str, Any], mime: str) -> tuple[tuple[str, ...], tuple[Read, ...]]:
    """Take out of an executed notebook what differs from run to run, warnings, and what was read.

    Returns the warnings, and what its cells told of their reading in outputs of the type `mime`.
    """
    warnings, reads = list[str](), set[Read]()
    notebook["cells"] = [c for c in notebook["cells"] if ERROR_MARK not in tags(c)]
    for cell in notebook["cells"]:
        if INJECTED in tags(cell):
            cell["id"] = INJECTED
        if cell["cell_type"] == "code":
            outputs, cell["outputs"], last = cell["outputs"], [], dict[str, Any]()
            for output in outputs:
                if output.get("name") == "stderr":
                    warnings.append(text(output["text"]).strip())
                elif mime in output.get("data", {}):
                    reads |= {tuple(each) for each in output["data"][mime]}
                elif output.get("name") == "stdout" and last.get("name") == "stdout":
                    # how much is sent at once is a matter of time
                    last["text"] = text(last["text"]) + text(output["text"])
                else:
                    cell["outputs"].append(last := output)
    stable(notebook)
    return tuple(warnings), tuple(sorted(reads))


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


# how a run ended, and the executed notebook; None if it did not get so far
Done = tuple[RunResult, bytes | None]


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


def run_one(task: Task, project: Project) -> Done:
    """Execute a notebook of a project to its end or its failure."""
    set_up(project, task.personal)
    begun, content = time.monotonic(), None
    warnings: tuple[str, ...] = ()
    reads: tuple[Read, ...] = ()
    with TemporaryDirectory() as folder:
        target = Path(folder) / "executed.ipynb"
        cell, frames = _execute(task, project, target)
        # of a run that failed it may be cut
        if target.is_file() and (frames is None or cell is not None):
            notebook = read(target)
            warnings, reads = clean(notebook, project.reads)
            write(notebook, target)
            content = target.read_bytes()
    seconds = time.monotonic() - begun
    return RunResult(task.run, seconds, cell, frames, warnings, reads), content


def _refuse_exit(execute_reply: Any, **_: Any) -> None:
    # papermill takes it for a good end, though the cells below have no outputs
    reply = execute_reply["content"]
    asked = [each["source"] for each in reply.get("payload", ())]
    if reply.get("ename") == "SystemExit" or "ask_exit" in asked:
        raise EOFError("the cell ends the notebook (sys.exit, exit or quit); take that out")


def _execute(task: Task, project: Project, target: Path) -> tuple[str | None, str | None]:
    """Execute a notebook into `target`; return the cell, if known, and the frames of a failure.

    papermill must not be told a folder: it would change that of the whole process.
    """
    doing: str | None = None
    kernels: list[AsyncKernelManager]
    # what a cell gave may still be on its way when it has ended, as long as a cell may take
    client: dict[str, Any] = {"shutdown_kernel": "immediate", "iopub_timeout": task.timeout}
    if project.extension:
        client["extra_arguments"] = [f"--IPKernelApp.extra_extensions={project.extension}"]

    def begin(cell: Any, **_: Any) -> None:
        nonlocal doing
        doing = INJECTED if INJECTED in tags(cell) else str(cell.id)

    for attempt in (1, 2):
        doing, kernels = None, []
        client["kernel_manager_class"] = watched(kernels)
        try:
            papermill.execute_notebook(
                str(project.notebook(task.run.notebook)),
                str(target),
                parameters=dict(task.run.parameters),
                kernel_name=task.kernel,
                language="python",
                **WITHOUT,
                # kernels listen on loopback sockets, encrypted where they can: nobody else reads
                # them; they are ended with all that they started, once what cells gave is here
                config=Config(
                    KernelManager={"transport_encryption": "auto"},
                    NotebookClient=client,
                    ForkedProvisioner={"alone": attempt == 2},
                ),
                execution_timeout=task.timeout,
                on_cell_start=begin,
                on_cell_executed=_refuse_exit,
            )
        except EOFError as error:
            return doing, str(error)
        except PapermillExecutionError as error:
            # the first two entries are a rule and a heading; then frames, then the message
            frames = click.unstyle("\n".join(error.traceback[2:][-3:]))
            return doing, frames or f"{error.ename}: {error.evalue}"
        # after the last cell nbclient takes for granted that there is one to name
        except (CellTimeoutError, AssertionError):
            more = f"TIMEOUT={2 * task.timeout} allows more"
            return doing, f"the cell did not end within {task.timeout} s; {more}"
        except (RuntimeError, OSError) as error:
            if doing and (ended := end_of(kernels[-1], by_others=attempt == 2)):
                return doing, f"the kernel died in this cell: {ended}"
            # a port can have been taken, the warm parent ended by another run: try once more
            if attempt == 1 and task.build not in stopped:
                continue
            # what the machine refused belongs to no cell, and the notebook may be cut
            cell = None if isinstance(error, OSError) else doing
            return cell, fault(error) or f"{type(error).__name__}: {error}"
        break
    return None, None
