"""All runs of a build, as many at once as there is room for: by threads here or dask workers."""

import os
import re
import resource
import sys
import time
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from jupyter_client.kernelspec import KernelSpecManager

from notebook_build.kernels import stop
from notebook_build.notebook import Done, RunResult, Task, run_one
from notebook_build.project import FILES, BuildError, InputError, Project, Run, WorkersError

# kernels that a run may use, and the kernelspec of each; outputs are the same to the byte
KERNELS = {"forked": "forked", "plain": "python3"}
# a library that starts threads of its own makes a fork unsafe elsewhere
DEFAULT_KERNEL = "forked" if sys.platform == "linux" else "plain"
# seconds that a cell may take
TIMEOUT = 120
# seconds between two looks for processes to end
AGAIN = 0.1
ADDRESS = re.compile(r"(?:tcp|tls)://\S+:\d{1,5}")


@dataclass(frozen=True)
class How:
    """How runs are executed.

    `kernel`: a key of `KERNELS`; `timeout`: seconds that a cell may take; `scheduler`: address of
    the dask scheduler whose workers run them, "" for threads of this process; `verbose`: write a
    line for each run at a terminal too.
    """

    kernel: str = DEFAULT_KERNEL
    timeout: int = TIMEOUT
    scheduler: str = ""
    verbose: bool = False

    @classmethod
    def of(
        cls, kernel: str, timeout: str, executor: str, scheduler: str, verbose: bool = False
    ) -> "How":
        """Return what was asked for in these words; "" for a default.

        Raises:
            InputError: no such kernel or executor, no time, or a scheduler missing or too much.
        """
        if kernel and kernel not in KERNELS:
            raise InputError(f"KERNEL: no kernel {kernel!r}; kernels: {', '.join(KERNELS)}")
        if timeout and not re.fullmatch(r"[1-9]\d{0,5}", timeout, re.ASCII):
            raise InputError(f"TIMEOUT: {timeout!r}; allowed: whole seconds from 1 to 999999")
        if executor not in ("", "local", "dask"):
            raise InputError(f"EXECUTOR: no executor {executor!r}; executors: local, dask")
        if executor != "dask" and scheduler:
            raise InputError(f"SCHEDULER: {scheduler!r} is for EXECUTOR=dask; set both or neither")
        if executor == "dask" and not ADDRESS.fullmatch(scheduler):
            raise InputError(
                f"SCHEDULER: {scheduler!r}; EXECUTOR=dask needs the address that `dask scheduler` "
                "prints, as tcp://host:8786"
            )
        return cls(kernel or DEFAULT_KERNEL, int(timeout or TIMEOUT), scheduler, verbose)


def execute(
    runs: list[Run],
    project: Project,
    out: Path,
    how: How,
    started: Callable[[Run], None],
    ended: Callable[[RunResult], None],
) -> None:
    """Execute all runs, as many at once as there is room for; a failing one does not stop the rest.

    Executed notebooks go to `out/<page>.ipynb`, by this process alone. An interrupt ends kernels.

    Raises:
        BuildError: no such kernel is installed, all workers were lost, or too few open files are
            allowed.
        WorkersError: there is nobody who could run them, or somebody whose outputs would differ.
    """
    if 0 <= (allowed := resource.getrlimit(resource.RLIMIT_NOFILE)[1]) < FILES:
        raise BuildError(
            f"open files: {allowed} allowed, {FILES} needed; allow more (ulimit -n 4096)"
        )
    spec, build = KERNELS[how.kernel], uuid4().hex
    if spec not in KernelSpecManager().find_kernel_specs():
        raise BuildError(
            f"KERNEL={how.kernel}: no kernelspec {spec!r} in {sys.prefix}; install it: "
            f"{sys.executable} -m pip install --no-deps --no-build-isolation -e ."
        )
    personal = project.personal_variables()
    tasks = [Task(run, spec, how.timeout, build, personal) for run in runs]
    if not how.scheduler:
        done = _by_threads(tasks, project, started)
    else:
        try:
            from notebook_build.dask_workers import by_workers
        except ImportError as error:
            raise WorkersError(
                f"EXECUTOR=dask: {error.name} is not installed in {sys.prefix}; install it: "
                f"{sys.executable} -m pip install -e '.[dask]'"
            ) from error
        done = by_workers(how.scheduler, tasks, project, started)
    # closed early, it ends what was begun
    with closing(done) as results:
        for result, notebook in results:
            if notebook is not None:
                (out / f"{result.run.page}.ipynb").write_bytes(notebook)
            ended(result)


def _by_threads(
    tasks: list[Task], project: Project, started: Callable[[Run], None]
) -> Generator[Done, None, None]:
    working: set[str] = set()

    def one(task: Task) -> Done:
        working.add(task.run.page)
        try:
            started(task.run)
            return run_one(task, project)
        finally:
            working.discard(task.run.page)

    # two more than cores: a kernel is waited for at both ends
    with ThreadPoolExecutor((os.cpu_count() or 1) + 2) as threads:
        try:
            for future in as_completed([threads.submit(one, task) for task in tasks]):
                yield future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            # no kernel is used any more: why one could not be forked is of no interest
            warnings.simplefilter("ignore", RuntimeWarning)
            # kernels that are only being started too
            while working:
                stop(tasks[0].build)
                time.sleep(AGAIN)
            raise
