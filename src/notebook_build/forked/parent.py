"""The program of the warm parent: imports libraries once, forks a kernel on each request.

It is run by its path, not as a module of a package: so it holds nothing of the project whose
kernels it forks, and a kernel imports the project's code as it is on disk. It has one thread, no
zmq context and no event loop; whatever else a fork would carry over is made new in the kernel.
"""

import contextlib
import ctypes
import errno
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import threading
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
LIBC = ctypes.CDLL(None)
# bytes of a message and descriptors that go with it: more than any has
LONGEST, MOST = 2**20, 8
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def send(link: socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Send one message, which the socket keeps whole, and copies of `descriptors` with it."""
    socket.send_fds(link, [json.dumps(message).encode()], descriptors)


def receive(link: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive one message with its descriptors.

    Raises:
        ConnectionError: the other side is gone.
    """
    body, descriptors, _, _ = socket.recv_fds(link, LONGEST, MOST)
    if not body:
        raise ConnectionResetError
    return json.loads(body), descriptors


def threads() -> int:
    """Return how many threads this process has, those outside Python included."""
    return len(os.listdir("/proc/self/task"))


def children() -> set[int]:
    """Return the processes right below this one; none where they are not listed."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as listed:
        return {int(pid) for pid in listed.read().split()}
    return set()


def preload(names: list[str], driver: int) -> str | None:
    """Import what kernels will use; return why forking would not be safe afterwards, or None.

    `driver`: the process whose kernels they are; without it nothing more is imported.
    """
    # ipykernel and matplotlib read these when imported: as a kernel of this parent would
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    # a debugger that a kernel imports says at a terminal that it may miss a breakpoint
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    if not os.environ.get("MPLBACKEND"):
        os.environ["MPLBACKEND"] = INLINE
    # what is imported stays; kernels look only at what they make themselves
    gc.disable()
    for name in names:
        if os.getppid() != driver:
            return "the driver has ended"
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"{name} cannot be imported ({error})"
        if threads() > 1 or children():
            return f"{name} starts a thread or process when imported, and a fork has neither"
        # either would lose every figure of every kernel, without an error
        if "matplotlib_inline.backend_inline" in sys.modules:
            return f"{name} imports matplotlib_inline, which must find its own kernel"
        matplotlib = sys.modules.get("matplotlib")
        if matplotlib and matplotlib.rcParams["backend"] != os.environ["MPLBACKEND"]:
            return f"{name} chooses a matplotlib backend"
    gc.freeze()
    gc.enable()
    return None


class Server:
    """Forks on request until the driver is gone, then ends what it forked."""

    def __init__(self, control: socket.socket, driver: int) -> None:
        self.control, self.driver = control, driver
        self.kernels: dict[int, int] = {}
        self.retired = False
        self.wake, self._waken = os.pipe()
        for end in (self.wake, self._waken):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._waken)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # as if the driver were gone
        signal.signal(signal.SIGTERM, lambda *_: control.shutdown(socket.SHUT_RD))
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def serve(self) -> tuple[dict[str, Any], list[int]] | None:
        """Serve; return a request and its descriptors in a fork, None in the parent at its end."""
        # a copy of the socket in another process can hide the driver's end: its pid tells too
        while os.getppid() == self.driver and (self.kernels or not self.retired):
            control = self.control.fileno()
            readable, _, _ = select.select([control, self.wake], [], [], 1.0)
            if self.wake in readable:
                os.read(self.wake, 4096)
                self._reap(os.WNOHANG)
            if control in readable:
                try:
                    request, descriptors = receive(self.control)
                    if "retire" in request:
                        self.retired = True
                    elif self._fork(descriptors):
                        return request, descriptors
                except ConnectionError:
                    break
        # none of them ended by itself: closed pipes say so
        while self.kernels:
            os.close(self.kernels.popitem()[1])
        self._reap(0)
        return None

    def _fork(self, descriptors: list[int]) -> bool:
        if threads() > 1:
            send(self.control, {"refused": "the warm parent has more than one thread"})
            return False
        pipe, *streams = descriptors
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            for inherited in (self.wake, self._waken, *self.kernels.values()):
                os.close(inherited)
            self.control.close()
            return True
        self.kernels[pid] = pipe
        for stream in streams:
            os.close(stream)
        send(self.control, {"pid": pid})
        return False

    def _reap(self, options: int) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                # what an ended kernel left, in any session; one that lives keeps it
                for left in children() - self.kernels.keys():
                    os.kill(left, signal.SIGKILL)
                pid, status = os.waitpid(-1, options)
                if not pid:
                    break
                if pipe := self.kernels.pop(pid, 0):
                    # a driver that is gone, or let go of the kernel, does not listen
                    with contextlib.suppress(BrokenPipeError):
                        os.write(pipe, b"exit %d\n" % os.waitstatus_to_exitcode(status))
                    os.close(pipe)


def _told(failed: threading.ExceptHookArgs, quiet: threading.Thread | None) -> None:
    taken = getattr(failed.exc_value, "errno", 0) == errno.EADDRINUSE
    if not (taken and failed.thread is quiet):
        threading.__excepthook__(failed)


def become_kernel(
    arguments: list[str], env: dict[str, str], descriptors: list[int], parent: int
) -> None:
    """Give a fork what a process of its own would have, and run an IPython kernel in it.

    That is as `python -m ipykernel_launcher` does; it is told when the kernel's sockets are bound.
    """
    # the kernel of the operating system ends this process when the parent ends
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()
    pipe, *streams = descriptors
    for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), *streams)):
        os.dup2(stream, number)
        os.close(stream)
    if sys.__stdout__ is not None:
        sys.__stdout__.reconfigure(line_buffering=os.isatty(1))
    # libraries set variables when they are imported
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(parent))
    # Python's own generator seeds itself after a fork; numpy's global one does not
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [(launcher and launcher.origin) or "ipykernel_launcher", *arguments]
    app: Any = IPKernelApp.instance()
    # a taken port of the heartbeat ends its thread, and nobody listens to it
    threading.excepthook = lambda failed: _told(failed, app.heartbeat)
    try:
        app.initialize(arguments)
    except Exception as error:
        # no word of a port that is taken: others are tried
        if getattr(error, "errno", 0) == errno.EADDRINUSE:
            os._exit(errno.EADDRINUSE)
        raise
    os.write(pipe, b"ready\n")
    os.close(pipe)
    app.start()


def main() -> None:
    """Run the warm parent: arguments are the driver's pid, a socket's number, what to import."""
    driver, number, *names = sys.argv[1:]
    control, env = socket.socket(fileno=int(number)), dict(os.environ)
    # Python put the folder of this program there
    del sys.path[0]
    parent, refused = os.getpid(), preload(names, int(driver))
    mend = f'{refused}; take it out of "preload" in kernel.json'
    # the driver may have ended meanwhile, its earlier words unread or not
    with contextlib.suppress(ConnectionError):
        send(control, {"refused": mend} if refused else {})
    if not refused and (asked := Server(control, int(driver)).serve()):
        request, descriptors = asked
        become_kernel(request["arguments"], env | request["env"], descriptors, parent)


if __name__ == "__main__":
    main()
