"""The workers of a dask scheduler as those who run notebooks: found, checked, watched, let go.

The one module that imports `distributed`; it is imported only when EXECUTOR=dask. The scheduler and
its workers import it too, so they are started from checkouts of this repository.
"""

import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from distributed import Client, KilledWorker, get_worker
from distributed.versions import VersionMismatchWarning

from analysis.pipeline.build import BuildError, WorkersError
from analysis.pipeline.likeness import Likeness, difference, likeness
from analysis.pipeline.one_run import Done, Outcome, Task, run_one, stop
from analysis.pipeline.plan import Run

# seconds: to reach the scheduler, to find a first worker, to have one back when all are lost
CONNECT = 10
ALONE = 60
# seconds that an interrupt waits for workers to end their kernels
GOODBYE = 5
START = "start one in a checkout of this repository: .venv/bin/dask worker"
# what each build was found to be here: a worker's files are looked at once for a build
_checked: dict[str, str] = {}


class _OtherError(Exception):
    """A worker differs from who asked; the driver asks it how, to say so."""


class Workers:
    """The workers of one scheduler, seen from the process that builds."""

    def __init__(self, client: Client, address: str, here: Likeness) -> None:
        self._client, self._address, self._here = client, address, here
        self._executor: Any = client.get_executor(pure=False)
        self._seen = time.monotonic()

    def submit(self, task: Task) -> Future[Done]:
        """Have a run made by some worker; if that dies, by another."""
        future: Future[Done] = self._executor.submit(run_there, task, self._here.digest)
        return future

    def result(self, future: Future[Done], task: Task) -> Done:
        """Return how a run ended; a run that several workers died of has failed.

        Raises:
            WorkersError: a worker came that differs.
            BuildError: the scheduler is gone.
        """
        try:
            return future.result()
        except KilledWorker as error:
            frames = (
                f"workers that died while they ran it: {error.allowed_failures + 1}, the last "
                f"{error.last_worker.address}; its log says more (memory?)"
            )
            return Done(Outcome(task.run, 0.0, frames=frames), None)
        except CancelledError as error:
            raise BuildError(
                f"the scheduler at {self._address} was lost; start it again, then the same command:"
                " finished runs are kept"
            ) from error
        except _OtherError as error:
            check(self._client, self._address, self._here, task)
            raise WorkersError(
                f"worker {error} differed from here; start the same command again"
            ) from error

    def cancel(self) -> None:
        """Take back what is not begun."""
        self._executor.shutdown(wait=False)

    def look(self) -> None:
        """See whether there is a worker.

        Raises:
            BuildError: for a while there has been none.
        """
        # a scheduler that does not answer is found by its futures
        with suppress(OSError):
            if self._client.scheduler_info(n_workers=1)["workers"]:
                self._seen = time.monotonic()
        if time.monotonic() - self._seen > ALONE:
            raise BuildError(
                f"no worker has been left at {self._address} for {ALONE} s; {START} "
                f"{self._address}, then the same command: finished runs are kept"
            )


@contextmanager
def connected(address: str, tasks: list[Task], started: Callable[[Run], None]) -> Iterator[Workers]:
    """Give the workers of a scheduler, each checked to be like this process.

    If the block fails or is interrupted, what is not begun is cancelled and kernels are ended.

    Raises:
        WorkersError: no scheduler, no worker, or one that differs.
    """
    runs, build = {task.run.page: task.run for task in tasks}, tasks[0].build
    here = likeness(tasks[0].run.parameters["study"], tasks[0].kernel)
    # what it logs, with its frames, is said by the errors here in a line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    client = _client(address)
    try:
        check(client, address, here, tasks[0])
        client.subscribe_topic(build, lambda event: started(runs[event[1]["page"]]))
        workers = Workers(client, address, here)
        try:
            yield workers
        except BaseException:
            _in_time(workers.cancel)
            _in_time(lambda: client.run(stop, build, only_kernels=True, on_error="ignore"))
            raise
    finally:
        client.close(timeout=GOODBYE)


def _client(address: str) -> Client:
    # dask's own limit does not hold for what accepts a connection and then says nothing
    found = list[Client | Exception]()
    _in_time(lambda: found.append(_try(address)), CONNECT + 1)
    client = found[0] if found else TimeoutError("what listens there says nothing")
    if isinstance(client, Exception):
        raise WorkersError(
            f"SCHEDULER: no dask scheduler answers at {address} within {CONNECT} s "
            f"({str(client).splitlines()[0]}); start it in a checkout of this repository: "
            ".venv/bin/dask scheduler"
        ) from client
    return client


def _try(address: str) -> Client | Exception:
    try:
        with warnings.catch_warnings():
            # `check` says it in one line
            warnings.simplefilter("ignore", VersionMismatchWarning)
            return Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        return error


def check(client: Client, address: str, here: Likeness, task: Task) -> None:
    """Ask scheduler and workers whether their runs would give what runs here give.

    Raises:
        WorkersError: there is no worker, or one differs; each is named with how and the mend.
    """
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as error:
        raise WorkersError(
            f"SCHEDULER: {address} had no worker within {CONNECT} s; {START} {address}"
        ) from error
    asked = (task.run.parameters["study"], task.kernel)
    found: dict[str, Any] = client.run(likeness, *asked, on_error="return")
    found = {f"worker {name}": found[name] for name in sorted(found)}
    try:
        there = client.run_on_scheduler(likeness, *asked)
        # it hands runs on and makes none: its files may be others
        found["the scheduler"] = replace(there, files=here.files, kernel=here.kernel)
    except Exception as error:  # noqa: BLE001
        found["the scheduler"] = error
    lines = [f"{name}: {said}" for name, there in found.items() if (said := _said(here, there))]
    if lines:
        raise WorkersError("\n".join(lines))


def _said(here: Likeness, there: Likeness | Exception) -> str | None:
    if isinstance(there, Likeness):
        return difference(here, there)
    mend = "start it in a checkout of this repository, with its .venv"
    return f"{type(there).__name__}: {there}; {mend}"


def run_there(task: Task, like: str) -> Done:
    """Execute a run in a worker that is like the process that asked.

    Raises:
        _OtherError: it is not; the message is its address.
    """
    worker = get_worker()
    if task.build not in _checked:
        _checked[task.build] = likeness(task.run.parameters["study"], task.kernel).digest
    if _checked[task.build] != like:
        raise _OtherError(worker.address)
    worker.log_event(task.build, {"page": task.run.page})
    return run_one(task)


def _in_time(action: Callable[[], Any], seconds: float = GOODBYE) -> None:
    """Do what a lost scheduler may never answer, in a thread that is not waited for long."""

    def doing() -> None:
        with suppress(Exception):
            action()

    thread = threading.Thread(target=doing, daemon=True)
    thread.start()
    thread.join(seconds)
