"""All runs of a build, as many at once as there is room for: by threads here or dask workers."""

import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from jupyter_client.kernelspec import KernelSpecManager

from notebook_build.one_run import Done, RunResult, Task, run_one, stop
from notebook_build.project import BuildError, Project, Run, WorkersError

# kernels that a run may use, and the kernelspec of each; outputs are the same to the byte
KERNELS = {"forked": "forked", "plain": "python3"}
# a library that starts threads of its own makes a fork unsafe elsewhere
DEFAULT_KERNEL = "forked" if sys.platform == "linux" else "plain"
# seconds that a cell may take
TIMEOUT = 120
# seconds between two looks at whether there is still somebody who works
LOOK = 2.0
EXECUTORS = ("local", "dask")
# seconds between two looks for processes to end
AGAIN = 0.1
ADDRESS = re.compile(r"(?:tcp|tls)://\S+:\d{1,5}")


@dataclass(frozen=True)
class Where:
    """Where runs are executed: an executor's name, and the address of a scheduler for `dask`."""

    executor: str = "local"
    scheduler: str = ""

    @classmethod
    def of(cls, executor: str, scheduler: str) -> "Where":
        """Return the place that was asked for in these words; "" for the default.

        Raises:
            WorkersError: there is no such executor, or its scheduler is missing or too much.
        """
        name = executor or "local"
        if name not in EXECUTORS:
            raise WorkersError(f"EXECUTOR: no executor {name!r}; executors: {', '.join(EXECUTORS)}")
        if name == "local" and scheduler:
            raise WorkersError(
                f"SCHEDULER: {scheduler!r} is for EXECUTOR=dask; set both or neither"
            )
        if name == "dask" and not ADDRESS.fullmatch(scheduler):
            raise WorkersError(
                f"SCHEDULER: {scheduler!r}; EXECUTOR=dask needs the address that `dask scheduler` "
                "prints, as tcp://host:8786"
            )
        return cls(name, scheduler)


HERE = Where()


@dataclass(frozen=True)
class How:
    """How runs are executed.

    `kernel`: a key of `KERNELS`; `timeout`: seconds that a cell may take; `where`: which processes
    run them; `verbose`: write a line for each run at a terminal too.
    """

    kernel: str = DEFAULT_KERNEL
    timeout: int = TIMEOUT
    where: Where = HERE
    verbose: bool = False


class Pool(Protocol):
    """What a build asks of those who run its notebooks."""

    def submit(self, task: Task) -> Future[Done]:
        """Have a run made."""

    def result(self, future: Future[Done], task: Task) -> Done:
        """Return how a run ended; `future` is over."""

    def look(self) -> None:
        """See whether somebody is still there who works; raise a BuildError if not."""


class Threads:
    """Threads of this process, two more than cores: a kernel is waited for at both ends."""

    def __init__(
        self, executor: Executor, project: Project, started: Callable[[Run], None]
    ) -> None:
        self._executor, self._project, self._started = executor, project, started
        self._working: set[str] = set()

    def submit(self, task: Task) -> Future[Done]:
        """Have a run made by the next thread that is free."""
        return self._executor.submit(self._one, task)

    def _one(self, task: Task) -> Done:
        self._working.add(task.run.page)
        try:
            self._started(task.run)
            return run_one(task, self._project)
        finally:
            self._working.discard(task.run.page)

    def end(self, build: str) -> None:
        """End the runs of a build now: also kernels that are only being started."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        # no kernel is used any more: why one could not be forked is of no interest
        warnings.simplefilter("ignore", RuntimeWarning)
        while self._working:
            stop(build)
            time.sleep(AGAIN)

    def result(self, future: Future[Done], task: Task) -> Done:
        """Return how a run ended."""
        return future.result()

    def look(self) -> None:
        """Threads stay as long as this process does."""


@contextmanager
def opened(
    where: Where, tasks: list[Task], project: Project, started: Callable[[Run], None]
) -> Iterator[Pool]:
    """Give who runs the tasks of one build; an interrupt or a failure ends what they began.

    Raises:
        WorkersError: there is nobody, or somebody whose outputs would differ.
    """
    if where.executor == "local":
        with _threads(tasks[0].build, project, started) as threads:
            yield threads
    else:
        try:
            from notebook_build.dask_workers import connected
        except ImportError as error:
            raise WorkersError(
                f"EXECUTOR=dask: {error.name} is not installed in {sys.prefix}; install it: "
                f"{sys.executable} -m pip install -e '.[dask]'"
            ) from error
        with connected(where.scheduler, tasks, project, started) as workers:
            yield workers


@contextmanager
def _threads(build: str, project: Project, started: Callable[[Run], None]) -> Iterator[Threads]:
    executor = ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 2)
    threads = Threads(executor, project, started)
    try:
        yield threads
    except BaseException:
        threads.end(build)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def execute(
    runs: list[Run],
    project: Project,
    out: Path,
    how: How,
    started: Callable[[Run], None],
    ended: Callable[[RunResult], None],
) -> list[RunResult]:
    """Execute all runs, as many at once as there are cores; a failing run does not stop the rest.

    Executed notebooks go to `out/<page>.ipynb`, written by this process alone. An interrupt ends
    the kernels.

    Raises:
        BuildError: the kernel is not installed, or all workers were lost.
        WorkersError: there is nobody who could run them.
    """
    spec, results, build = _installed(how.kernel), list[RunResult](), uuid4().hex
    personal = project.personal_variables()
    tasks = [Task(run, spec, how.timeout, build, personal) for run in runs]
    if not tasks:
        return []
    with opened(how.where, tasks, project, started) as pool:
        waiting = {pool.submit(task): task for task in tasks}
        while waiting:
            for future in wait(waiting, timeout=LOOK, return_when=FIRST_COMPLETED).done:
                done = pool.result(future, waiting.pop(future))
                if done.notebook is not None:
                    (out / f"{done.result.run.page}.ipynb").write_bytes(done.notebook)
                results.append(done.result)
                ended(done.result)
            pool.look()
    return sorted(results, key=lambda result: result.run.page)


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
