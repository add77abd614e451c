"""The workers of a dask scheduler as those who run notebooks: found, checked, watched, let go.

The one module that imports `distributed`; it is imported only when EXECUTOR=dask. The scheduler and
its workers import it too, so they are started from checkouts of this repository.
"""

import logging
import threading
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, get_worker
from distributed.versions import VersionMismatchWarning
from jupyter_client.kernelspec import KernelSpecManager

from notebook_build import hashes, python_version
from notebook_build.kernels import stop
from notebook_build.notebook import Done, RunResult, Task, run_one
from notebook_build.project import BuildError, Project, Run, WorkersError

# seconds: to reach the scheduler, to find a first worker, to have one back when all are lost
CONNECT = 10
ALONE = 60
# seconds between two looks at whether there is still somebody who works
LOOK = 2.0
# seconds that an interrupt waits for workers to end their kernels
GOODBYE = 5
START = "start one in a checkout of this repository: .venv/bin/dask worker"
# what turns a notebook into an executed one, and what carries runs to workers
LIBRARIES = (
    "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill", "nbformat",
    "nbclient", "ipykernel", "ipython", "jupyter-client", "pandera", "pydantic", "pyyaml",
    "dask", "distributed", "cloudpickle", "msgpack",
)  # fmt: skip
# the process keeps the code that it began with; kernels, started for each run, do not
PACKAGE, RUNNER = Path(__file__).resolve().parent, ("**/*.py",)
_began_with = hashes(PACKAGE, RUNNER)


@dataclass(frozen=True)
class Fingerprint:
    """What the outputs of a process depend on: equal fingerprints give equal outputs.

    `files`: hashes of data, notebooks, code and lock. `versions`: of Python and libraries.
    `renewed`: whether the code that runs notebooks is another on the disk than in the process.
    """

    files: Mapping[str, str]
    versions: Mapping[str, str]
    kernel: str
    renewed: bool


# of this process at each build: a worker's files are looked at once for a build
_checked: dict[str, Fingerprint] = {}


def fingerprint(project: Project, kernel: str) -> Fingerprint:
    """Return the fingerprint of this process for the runs of a project."""
    runner = hashes(PACKAGE, RUNNER)
    code = hashes(project.checkout, ("src/**/*", *project.always))
    files = project.input_hashes() | code
    files |= {f"notebook_build/{name}": content for name, content in runner.items()}
    found = {name: next(iter(distributions(name=name)), None) for name in LIBRARIES}
    versions = {name: each.version if each else "missing" for name, each in found.items()}
    versions["Python"] = python_version()
    installed = kernel if kernel in KernelSpecManager().find_kernel_specs() else "none"
    return Fingerprint(dict(sorted(files.items())), versions, installed, runner != _began_with)


def difference(here: Fingerprint, there: Fingerprint) -> str | None:
    """Return how another process differs from this one and what mends it there, or None."""
    mend = "make its environment from the same requirements.lock: make environment"
    restart = "bring its checkout to the same state and restart it"
    for ours, theirs in ((here.versions, there.versions), (here.files, there.files)):
        names = sorted(n for n in {*ours, *theirs} if ours.get(n) != theirs.get(n))
        if names:
            name, more = names[0], f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            if ours is here.files:
                return f"its {name} differs from the one here{more}; {restart}"
            return f"its {name} is {theirs.get(name)}, not {ours.get(name)}{more}; {mend}"
    if there.kernel != here.kernel:
        return f"its kernelspec is {there.kernel}, here it is {here.kernel}; run make environment"
    if there.renewed:
        return "it began with other code than its checkout has now; restart it"
    return None


def by_workers(
    address: str, tasks: list[Task], project: Project, started: Callable[[Run], None]
) -> Generator[Done, None, None]:
    """Yield how each run ended, made by workers of a scheduler that are all like this process.

    A run whose worker dies is made by another; one that several died of has failed. If it fails, is
    closed or interrupted, what is not begun is cancelled and kernels are ended.

    Raises:
        WorkersError: no scheduler, no worker, or one that differs, be it one that comes later.
        BuildError: the scheduler is gone, or for a while there has been no worker.
    """
    runs, build = {task.run.page: task.run for task in tasks}, tasks[0].build
    here = fingerprint(project, tasks[0].kernel)
    locate = project.elsewhere or partial(replace, project, data_key=None)
    # what it logs, with its frames, is said by the errors here in a line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    client = _client(address)
    try:
        _check(client, address, here, locate)
        client.subscribe_topic(build, lambda event: started(runs[event[1]["page"]]))
        executor: Any = client.get_executor(pure=False)
        try:
            waiting = {executor.submit(run_there, t, locate, here): t for t in tasks}
            seen = time.monotonic()
            while waiting:
                for future in wait(waiting, LOOK, FIRST_COMPLETED).done:
                    yield _result(future, waiting.pop(future), address)
                # a scheduler that does not answer is found by its futures
                with suppress(OSError):
                    if client.scheduler_info(n_workers=1)["workers"]:
                        seen = time.monotonic()
                if time.monotonic() - seen > ALONE:
                    raise BuildError(
                        f"no worker has been left at {address} for {ALONE} s; {START} {address}, "
                        "then the same command: finished runs are kept"
                    )
        except BaseException:
            with suppress(Exception):
                _in_time(lambda: executor.shutdown(wait=False))
            with suppress(Exception):
                _in_time(lambda: client.run(stop, build, only_kernels=True, on_error="ignore"))
            raise
    finally:
        client.close(timeout=GOODBYE)


def _result(future: Any, task: Task, address: str) -> Done:
    try:
        done: Done = future.result()
    except KilledWorker as error:
        frames = (
            f"workers that died while they ran it: {error.allowed_failures + 1}, the last "
            f"{error.last_worker.address}; its log says more (memory?)"
        )
        return RunResult(task.run, 0.0, frames=frames), None
    except CancelledError as error:
        raise BuildError(
            f"the scheduler at {address} was lost; start it again, then the same command:"
            " finished runs are kept"
        ) from error
    return done


def _client(address: str) -> Client:
    connect = partial(Client, address, timeout=CONNECT, set_as_default=False)
    try:
        with warnings.catch_warnings():
            # `_check` says it in one line
            warnings.simplefilter("ignore", VersionMismatchWarning)
            # dask's own limit does not hold for what accepts a connection and then says nothing
            client: Client = _in_time(connect, CONNECT + 1)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        why = (str(error) or "what listens there says nothing").splitlines()[0]
        raise WorkersError(
            f"SCHEDULER: no dask scheduler answers at {address} within {CONNECT} s ({why}); start "
            "it in a checkout of this repository: .venv/bin/dask scheduler"
        ) from error
    return client


def _check(client: Client, address: str, here: Fingerprint, locate: Callable[[], Project]) -> None:
    """Refuse workers and a scheduler that differ from here, each named with how and the mend."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as error:
        raise WorkersError(
            f"SCHEDULER: {address} had no worker within {CONNECT} s; {START} {address}"
        ) from error

    def ask() -> Fingerprint:
        return fingerprint(locate(), here.kernel)

    answers: dict[str, Any] = client.run(ask, on_error="return")
    answers = {f"worker {name}": answers[name] for name in sorted(answers)}
    try:
        there = client.run_on_scheduler(ask)
        # it hands runs on and makes none: its files may be others
        answers["the scheduler"] = replace(there, files=here.files, kernel=here.kernel)
    except Exception as error:  # noqa: BLE001
        answers["the scheduler"] = error
    lines = []
    for name, answer in answers.items():
        if isinstance(answer, Fingerprint):
            said = difference(here, answer)
        else:
            mend = "start it in a checkout of this repository, with its .venv"
            said = f"{type(answer).__name__}: {answer}; {mend}"
        if said:
            lines.append(f"{name}: {said}")
    if lines:
        raise WorkersError("\n".join(lines))


def run_there(task: Task, locate: Callable[[], Project], wanted: Fingerprint) -> Done:
    """Execute a run in a worker; refuse (`WorkersError`) one whose fingerprint is another."""
    worker, project = get_worker(), locate()
    if task.build not in _checked:
        _checked[task.build] = fingerprint(project, task.kernel)
    if _checked[task.build] != wanted:
        how = difference(wanted, _checked[task.build])
        said = f": {how}" if how else " differed from here; start the same command again"
        raise WorkersError(f"worker {worker.address}{said}")
    worker.log_event(task.build, {"page": task.run.page})
    return run_one(task, project)


def _in_time(action: Callable[[], Any], seconds: float = GOODBYE) -> Any:
    """Do what a lost scheduler may never answer, in a thread that is not waited for long."""
    answer: Future[Any] = Future()

    def doing() -> None:
        try:
            answer.set_result(action())
        except Exception as error:  # noqa: BLE001
            answer.set_exception(error)

    threading.Thread(target=doing, daemon=True).start()
    return answer.result(seconds)
