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
from functools import partial
from typing import Any

from distributed import Client, KilledWorker, get_worker
from distributed.versions import VersionMismatchWarning

from notebook_build.one_run import Done, RunResult, Task, run_one, stop
from notebook_build.project import BuildError, Project, Run, WorkersError
from notebook_build.worker_fingerprint import Fingerprint, difference, fingerprint

# seconds: to reach the scheduler, to find a first worker, to have one back when all are lost
CONNECT = 10
ALONE = 60
# seconds that an interrupt waits for workers to end their kernels
GOODBYE = 5
START = "start one in a checkout of this repository: .venv/bin/dask worker"
# the fingerprint here at each build: a worker's files are looked at once for a build
_checked: dict[str, str] = {}


class _OtherError(Exception):
    """A worker differs from who asked; the driver asks it how, to say so."""


class Workers:
    """The workers of one scheduler, seen from the process that builds."""

    def __init__(
        self, client: Client, address: str, here: Fingerprint, locate: Callable[[], Project]
    ) -> None:
        self._client, self._address, self._here, self._locate = client, address, here, locate
        self._executor: Any = client.get_executor(pure=False)
        self._seen = time.monotonic()

    def submit(self, task: Task) -> Future[Done]:
        """Have a run made by some worker; if that dies, by another."""
        future: Future[Done] = self._executor.submit(
            run_there, task, self._locate, self._here.digest
        )
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
            return Done(RunResult(task.run, 0.0, frames=frames), None)
        except CancelledError as error:
            raise BuildError(
                f"the scheduler at {self._address} was lost; start it again, then the same command:"
                " finished runs are kept"
            ) from error
        except _OtherError as error:
            check(self._client, self._address, self._here, self._locate, task)
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
def connected(
    address: str, tasks: list[Task], project: Project, started: Callable[[Run], None]
) -> Iterator[Workers]:
    """Give the workers of a scheduler, each checked to be like this process.

    If the block fails or is interrupted, what is not begun is cancelled and kernels are ended.

    Raises:
        WorkersError: no scheduler, no worker, or one that differs.
    """
    runs, build = {task.run.page: task.run for task in tasks}, tasks[0].build
    here = fingerprint(project, tasks[0].kernel)
    locate = project.elsewhere or partial(replace, project, data_key=None)
    # what it logs, with its frames, is said by the errors here in a line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    client = _client(address)
    try:
        check(client, address, here, locate, tasks[0])
        client.subscribe_topic(build, lambda event: started(runs[event[1]["page"]]))
        workers = Workers(client, address, here, locate)
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
    answers = list[Client | Exception]()
    _in_time(lambda: answers.append(_try(address)), CONNECT + 1)
    client = answers[0] if answers else TimeoutError("what listens there says nothing")
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


def check(
    client: Client, address: str, here: Fingerprint, locate: Callable[[], Project], task: Task
) -> None:
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
    answers: dict[str, Any] = client.run(fingerprint_there, locate, task.kernel, on_error="return")
    answers = {f"worker {name}": answers[name] for name in sorted(answers)}
    try:
        there = client.run_on_scheduler(fingerprint_there, locate, task.kernel)
        # it hands runs on and makes none: its files may be others
        answers["the scheduler"] = replace(there, files=here.files, kernel=here.kernel)
    except Exception as error:  # noqa: BLE001
        answers["the scheduler"] = error
    lines = [f"{name}: {said}" for name, there in answers.items() if (said := _said(here, there))]
    if lines:
        raise WorkersError("\n".join(lines))


def _said(here: Fingerprint, there: Fingerprint | Exception) -> str | None:
    if isinstance(there, Fingerprint):
        return difference(here, there)
    mend = "start it in a checkout of this repository, with its .venv"
    return f"{type(there).__name__}: {there}; {mend}"


def fingerprint_there(locate: Callable[[], Project], kernel: str) -> Fingerprint:
    """Return the fingerprint of the process that this is called in."""
    return fingerprint(locate(), kernel)


def run_there(task: Task, locate: Callable[[], Project], wanted: str) -> Done:
    """Execute a run in a worker that is like the process that asked: its fingerprint is `wanted`.

    Raises:
        _OtherError: it is not; the message is its address.
    """
    worker, project = get_worker(), locate()
    if task.build not in _checked:
        _checked[task.build] = fingerprint(project, task.kernel).digest
    if _checked[task.build] != wanted:
        raise _OtherError(worker.address)
    worker.log_event(task.build, {"page": task.run.page})
    return run_one(task, project)


def _in_time(action: Callable[[], Any], seconds: float = GOODBYE) -> None:
    """Do what a lost scheduler may never answer, in a thread that is not waited for long."""

    def doing() -> None:
        with suppress(Exception):
            action()

    thread = threading.Thread(target=doing, daemon=True)
    thread.start()
    thread.join(seconds)
