"""Executing notebooks: the only module that calls papermill."""

import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpecManager
from nbclient.exceptions import CellTimeoutError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis.exhibits.bundle import READ
from analysis.pipeline.build import BuildError
from analysis.pipeline.plan import Run
from analysis.pipeline.reuse import INJECTED, read_of
from analysis.pipeline.tidy import stable
from analysis.study.guard import VARIABLE
from analysis.study.noted import Read

# kernels that a run may use, and the kernelspec of each; outputs are the same to the byte
KERNELS = {"forked": "forked", "plain": "python3"}
# a library that starts threads of its own makes a fork unsafe elsewhere
DEFAULT_KERNEL = "forked" if sys.platform == "linux" else "plain"
# seconds that a cell may take
TIMEOUT = 120
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# kernels listen on loopback sockets: encrypted where the kernel can, so that nobody else reads them
ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


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


def execute(
    runs: list[Run],
    notebooks: Path,
    out: Path,
    root: Path,
    started: Callable[[Run], None],
    ended: Callable[[Outcome], None],
    kernel: str = DEFAULT_KERNEL,
    timeout: int = TIMEOUT,
) -> list[Outcome]:
    """Execute all runs, as many at once as there are cores; a failing run does not stop the rest.

    Executed notebooks go to `out/<page>.ipynb`. `root` is what kernels take as the repository;
    `kernel` is a key of `KERNELS`; a cell that takes longer than `timeout` seconds fails. An
    interrupt ends the kernels at once.

    Raises:
        BuildError: the kernel is not installed.
    """
    spec = _installed(kernel)
    os.environ["ANALYSIS_ROOT"] = str(root)
    os.environ[VARIABLE] = "1"
    os.environ.setdefault("MPLBACKEND", "agg")
    # forked kernels need it; with it plain ones add up in the same order, on any number of cores
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    outcomes, stop = [], threading.Event()
    one = partial(_one, spec=spec, notebooks=notebooks, out=out, timeout=timeout, stop=stop)
    # one more than there are cores: a kernel that starts or ends is waited for
    pool: Executor = ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1)
    try:
        waiting = [pool.submit(one, run, started=started) for run in runs]
        for done in as_completed(waiting):
            outcomes.append(done.result())
            ended(outcomes[-1])
    except BaseException:
        stop.set()
        _end_kernels()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return sorted(outcomes, key=lambda o: o.run.page)


def _installed(kernel: str) -> str:
    """Return the kernelspec of a kernel, checked to be there.

    Raises:
        BuildError: it is not.
    """
    spec = KERNELS[kernel]
    if spec not in KernelSpecManager().find_kernel_specs():
        raise BuildError(
            f"KERNEL={kernel}: no kernelspec {spec!r} in {sys.prefix}; install it: "
            f"{sys.executable} -m pip install --no-deps --no-build-isolation -e ."
        )
    return spec


def _end_kernels() -> None:
    """End the processes that this one started: kernels, and the warm parent of forked ones.

    Their runs then end by themselves. Where the operating system does not list them (not Linux)
    each run ends with its notebook instead.
    """
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text(encoding="ascii").split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)


def _one(
    run: Run,
    *,
    spec: str,
    notebooks: Path,
    out: Path,
    started: Callable[[Run], None],
    timeout: int,
    stop: threading.Event,
) -> Outcome:
    started(run)
    begun, target = time.monotonic(), out / f"{run.page}.ipynb"
    doing = {"cell": ""}
    failure: tuple[str | None, str] | None = None

    def at(cell: Any, **_: Any) -> None:
        doing["cell"] = str(cell.id)

    for attempt in (1, 2):
        try:
            papermill.execute_notebook(
                str(notebooks / f"{run.notebook}.ipynb"),
                str(target),
                parameters=dict(run.parameters),
                kernel_name=spec,
                progress_bar=False,
                log_output=False,
                record_timing=False,
                # papermill writes the notebook at its end, failed or not; in between it is not read
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                config=ENCRYPTED,
                execution_timeout=timeout,
                on_cell_start=at,
            )
        except PapermillExecutionError as error:
            # the first two entries are a rule and a heading; then frames, then the message
            failure = (None, COLOUR.sub("", "\n".join(error.traceback[2:][-3:])))
        except CellTimeoutError:
            said = f"the cell did not end within {timeout} s; TIMEOUT={2 * timeout} allows more"
            failure = (doing["cell"], said)
        except (RuntimeError, OSError, TimeoutError) as error:
            # a port of a starting kernel can be taken by another process: try once more
            if attempt == 1 and not stop.is_set():
                continue
            failure = (None, "".join(traceback.format_exception(error)[-3:]))
        break
    notebook, warnings, read = _clean(target)
    seconds = time.monotonic() - begun
    if failure is None:
        return Outcome(run, seconds, warnings=warnings, read=read)
    return Outcome(run, seconds, failure[0] or _failing_cell(notebook), failure[1], warnings)


def _failing_cell(notebook: Any) -> str | None:
    for cell in notebook.cells if notebook else ():
        if any(o.get("output_type") == "error" for o in cell.get("outputs", [])):
            return str(cell.id)
    return None


def _clean(path: Path) -> tuple[Any, tuple[str, ...], tuple[Read, ...]]:
    """Rewrite an executed notebook without times, paths and random ids.

    Returns the notebook, its warnings, and what it read of the study.
    """
    if not path.is_file():
        return None, (), ()
    notebook = nbformat.read(path, as_version=4)
    warnings = []
    notebook.cells = [
        c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        if INJECTED in cell.metadata.get("tags", []):
            cell["id"] = INJECTED
        kept = []
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                warnings.append(output["text"].strip())
            else:
                kept.append(output)
        if cell.cell_type == "code":
            cell["outputs"] = kept
    read = read_of(notebook, READ)
    stable(notebook)
    nbformat.write(notebook, path)
    return notebook, tuple(warnings), read
