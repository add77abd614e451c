"""Forked kernels: Jupyter kernels that start from a process which has imported its libraries.

Whoever names the kernel `forked` (`kernel.json`) uses them; `jupyter_client` calls `provisioner`.
Here is the driver's side of the warm parent (`parent`), which forks them: it is started at the
first kernel, or early by `begin`, and ends with the driver. Nothing of the rest is imported.
"""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from .parent import receive, send

PROGRAM = Path(__file__).with_name("parent.py")
# a variable with further modules that kernels of this environment start with, separated by blanks
PRELOAD = "FORKED_PRELOAD"
# how the variables begin that name one kernel
NAMES = "JPY_"
# seconds: imports on a busy machine, not a kernel's work
ANSWERS_WITHIN = 120.0


class RefusedError(Exception):
    """A fork is not possible or not safe; the message says why, and what mends it."""


class GoneError(Exception):
    """The warm parent has ended."""


class WarmParent:
    """A process that has imported modules which kernels use, and forks them.

    `refused`: why it cannot, once it has been waited for.
    """

    def __init__(
        self, python: str, modules: Sequence[str], env: Mapping[str, str], folder: str
    ) -> None:
        self.start = (python, modules, env, folder)
        self.refused: str | None = None
        self._answered = False
        self._lock = threading.Lock()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(ANSWERS_WITHIN)
        with theirs:
            number = str(theirs.fileno())
            self.process = subprocess.Popen(
                [python, str(PROGRAM), str(os.getpid()), number, *modules],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                # what libraries print while they are imported belongs to no notebook
                stdout=_usable(2),
                stderr=_usable(2),
                env=env,
                cwd=folder,
                # a ^C at the terminal is the driver's to handle
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it has imported everything.

        Raises:
            RuntimeError: somebody asked it to end (SIGTERM) before that.
        """
        if self._answered:
            return
        try:
            self.refused = receive(self.control)[0].get("refused")
        except OSError:
            self.refused = "the warm parent ended while it imported; its own message stands above"
        self._answered = True
        if self.refused is not None:
            self.close()
            if self.process.returncode == -signal.SIGTERM:
                # on purpose: a plain kernel in its place would not be wanted either
                self.refused = None
                raise RuntimeError("the warm parent was ended while it imported")

    @property
    def ended(self) -> bool:
        """Return whether the process has ended."""
        return self.process.poll() is not None

    def fork(self, arguments: list[str], env: dict[str, str]) -> tuple[int, int]:
        """Fork a kernel with this command line and environment; return its pid and a pipe.

        The pipe, its reading end, is that of `provisioner.ForkedProcess`. Of the environment only
        what names this kernel is sent: the parent was started with the rest.

        Raises:
            RefusedError: forking is not safe.
            GoneError: the parent has ended.
            RuntimeError: as `wait`.
        """
        with self._lock:
            self.wait()
            if self.refused is not None:
                raise RefusedError(self.refused)
            ours, theirs = os.pipe()
            streams = [_usable(number) for number in (1, 2)]
            try:
                own = {name: env[name] for name in env if name.startswith(NAMES)}
                send(self.control, {"arguments": arguments, "env": own}, (theirs, *streams))
                answer, _ = receive(self.control)
                if "pid" not in answer:
                    raise RefusedError(answer["refused"])
                return answer["pid"], ours
            except BaseException as error:
                os.close(ours)
                if not isinstance(error, RefusedError):
                    # half an exchange cannot be taken up again
                    self.close()
                if isinstance(error, OSError):
                    raise GoneError from error
                raise
            finally:
                for end in (theirs, *(s for s in streams if s > 2)):
                    os.close(end)

    def retire(self) -> None:
        """Let it end by itself, as soon as its kernels have ended."""
        with self._lock, contextlib.suppress(OSError):
            send(self.control, {"retire": True})

    def close(self) -> None:
        """End it and its kernels."""
        self.control.close()
        if not self._answered:
            # it has no kernels, and would first import to the end
            self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _usable(number: int) -> int:
    """Return a standard descriptor, or one of the null device if the driver has closed it."""
    try:
        os.fstat(number)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
    return number


# the warm parent of this process, last, and earlier ones that still have kernels
_parents: list[WarmParent] = []
_lock = threading.Lock()


def begin(python: str, preload: list[str], env: dict[str, str], folder: str) -> WarmParent:
    """Return this process's warm parent of kernels that start so; it is started if there is none.

    It imports `preload`, and what the variable `FORKED_PRELOAD` names, while the caller goes on.

    Python and libraries read the environment and files of the folder when they start or are
    imported (`PYTHONPATH`, `MPLBACKEND`, `matplotlibrc`), and a fork cannot change what they read:
    so a kernel with another of them, but for the variables that name one kernel, gets another
    parent; the last one ends once it is idle. Who has code that is being worked on imported
    beforehand puts its state into the environment.

    Raises:
        OSError: there is no such interpreter or folder.
    """
    modules = [*preload, *env.get(PRELOAD, "").split()]
    read = {name: value for name, value in env.items() if not name.startswith(NAMES)}
    start = (python, modules, read, folder)
    with _lock:
        for earlier in _parents[:-1]:
            if earlier.ended:
                _parents.remove(earlier)
                earlier.close()
        last = _parents[-1] if _parents else None
        # one that refused would refuse again
        if last is None or last.start != start or (last.ended and last.refused is None):
            if last is not None:
                last.retire()
            last = WarmParent(*start)
            _parents.append(last)
        return last


def close_all() -> None:
    """End the warm parents of this process, and their kernels."""
    while _parents:
        _parents.pop().close()


def _forget_all() -> None:
    """Let go of them in a copy of the driver, which must not hide the driver's end."""
    global _lock
    for parent in _parents:
        parent.control.close()
    _parents.clear()
    _lock = threading.Lock()


atexit.register(close_all)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_all)
