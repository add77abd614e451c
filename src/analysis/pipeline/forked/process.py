"""The driver's hold on one forked kernel, with the manners of `subprocess.Popen`."""

import os
import select
import signal


class ForkedProcess:
    """A kernel that the warm parent forked; the parent reaps it and tells how it ended.

    One pipe carries two lines: `ready` from the kernel, when its sockets are bound, and `exit N`
    from the parent. A pipe that ends without `exit` means that the parent itself is gone, and its
    kernels with it.
    """

    # `LocalProvisioner` closes these; a forked kernel writes to the driver's own descriptors
    stdin = stdout = stderr = None

    def __init__(self, pid: int, told: int) -> None:
        """Take over `told`, the reading end of the pipe."""
        self.pid = pid
        self.returncode: int | None = None
        self._told = told
        self._heard = b""
        os.set_blocking(told, False)

    @property
    def ready(self) -> bool:
        """Return whether the kernel has bound its sockets, as far as `poll` has heard."""
        return self._heard.startswith(b"ready\n")

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while the kernel lives."""
        while self.returncode is None:
            try:
                more = os.read(self._told, 64)
            except BlockingIOError:
                break
            self._heard += more
            _, ended, status = self._heard.partition(b"exit ")
            if ended and status.endswith(b"\n"):
                self.returncode = int(status)
            elif not more:
                self.returncode = -signal.SIGKILL
            if self.returncode is not None:
                os.close(self._told)
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        while self.poll() is None:
            waiting = select.poll()
            waiting.register(self._told, select.POLLIN)
            waiting.poll()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end (SIGTERM)."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel (SIGKILL)."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        if self.returncode is None:
            os.close(self._told)
