"""Where runs are executed: in threads of this process, or by the workers of a dask scheduler."""

import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from analysis.pipeline.build import WorkersError
from analysis.pipeline.one_run import Done, Task, run_one, stop
from analysis.pipeline.plan import Run

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

    def __init__(self, executor: Executor, started: Callable[[Run], None]) -> None:
        self._executor, self._started = executor, started
        self._working: set[str] = set()

    def submit(self, task: Task) -> Future[Done]:
        """Have a run made by the next thread that is free."""
        return self._executor.submit(self._one, task)

    def _one(self, task: Task) -> Done:
        self._working.add(task.run.page)
        try:
            self._started(task.run)
            return run_one(task)
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
def opened(where: Where, tasks: list[Task], started: Callable[[Run], None]) -> Iterator[Pool]:
    """Give who runs the tasks of one build; an interrupt or a failure ends what they began.

    Raises:
        WorkersError: there is nobody, or somebody whose outputs would differ.
    """
    if not tasks:
        yield Threads(ThreadPoolExecutor(1), started)
    elif where.executor == "local":
        with _threads(tasks[0].build, started) as threads:
            yield threads
    else:
        try:
            from analysis.pipeline.dask_workers import connected
        except ImportError as error:
            raise WorkersError(
                f"EXECUTOR=dask: {error.name} is not installed in {sys.prefix}; install it: "
                f"{sys.executable} -m pip install -e '.[dask]'"
            ) from error
        with connected(where.scheduler, tasks, started) as workers:
            yield workers


@contextmanager
def _threads(build: str, started: Callable[[Run], None]) -> Iterator[Threads]:
    executor = ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 2)
    threads = Threads(executor, started)
    try:
        yield threads
    except BaseException:
        threads.end(build)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
