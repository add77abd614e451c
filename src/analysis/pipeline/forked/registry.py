"""The warm parents of this process: one is started at the first kernel, all end with the driver."""

import atexit
import os
import sys
import threading

from .process import ForkedProcess
from .warm import GoneError, RefusedError, Start, WarmParent


class Parents:
    """The warm parent of this process, and earlier ones that still have kernels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[WarmParent] = []

    def get(self, start: Start) -> WarmParent:
        """Return the parent with this start; another takes its place, an idle one ends."""
        with self._lock:
            for earlier in self._all[:-1]:
                if earlier.ended:
                    self._all.remove(earlier)
                    earlier.close()
            last = self._all[-1] if self._all else None
            # one that refused would refuse again
            if last is None or last.start != start or (last.ended and last.refused is None):
                if last is not None:
                    last.retire()
                last = WarmParent(start)
                self._all.append(last)
            return last

    def close(self) -> None:
        """End every one, and their kernels."""
        while self._all:
            self._all.pop().close()

    def forget(self) -> None:
        """Let go of every one in a copy of the driver."""
        for parent in self._all:
            parent.forget()


_parents = Parents()


def begin(python: str, preload: list[str], env: dict[str, str], folder: str) -> None:
    """Start the warm parent of kernels that will be asked for; arguments as of `fork`.

    It imports while the caller goes on. A kernel that needs another start gets another parent.

    Raises:
        OSError: there is no such interpreter or folder.
    """
    _parents.get(Start.of(python, preload, env, folder))


def fork(
    python: str, preload: list[str], arguments: list[str], env: dict[str, str], folder: str
) -> ForkedProcess:
    """Fork a kernel from this process's warm parent, which is started where there is none.

    Args:
        python: the interpreter.
        preload: modules that the parent imports.
        arguments: what follows `-m ipykernel_launcher`.
        env: the kernel's whole environment.
        folder: where it starts.

    Raises:
        OSError: there is no such interpreter or folder.
        RefusedError: a fork is not possible or not safe.
        RuntimeError: somebody ended the warm parent while it started.
    """
    start = Start.of(python, preload, env, folder)
    for _ in range(2):
        try:
            return _parents.get(start).fork(arguments, env)
        except GoneError:
            continue
    raise RefusedError("the warm parent ended twice while it was asked for a kernel")


def close_all() -> None:
    """End the warm parents of this process, and their kernels."""
    _parents.close()


def _forget_all() -> None:
    global _parents
    _parents.forget()
    _parents = Parents()


atexit.register(close_all)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_all)
