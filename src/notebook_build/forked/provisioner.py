"""The kernel provisioner: what `jupyter_client` calls to start, watch and end a forked kernel."""

import asyncio
import errno
import os
import select
import signal
import sys
import time
import warnings
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, List, Unicode

from . import GoneError, RefusedError, begin

MODULE = ["-m", "ipykernel_launcher"]
# a dead-lock of OpenBLAS and OpenMP after a fork is known: neither may have threads
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
# seconds from the fork until the kernel's sockets are bound, on a busy machine
READY_WITHIN = 60.0


class ForkedProcess:
    """A kernel that the warm parent forked; the parent reaps it and tells how it ended.

    `pipe`, its reading end, carries two lines: `ready` from the kernel, when its sockets are bound,
    and `exit N` from the parent. If it ends without, the parent is gone with its kernels.
    """

    # `LocalProvisioner` closes these; a forked kernel writes to the driver's own descriptors
    stdin = stdout = stderr = None

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        # whether it ended because the parent did
        self.lost = False
        self._pipe = pipe
        self._heard = b""
        os.set_blocking(pipe, False)

    @property
    def ready(self) -> bool:
        """Return whether the kernel has bound its sockets, as far as `poll` has heard."""
        return self._heard.startswith(b"ready\n")

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while the kernel lives."""
        while self.returncode is None:
            try:
                more = os.read(self._pipe, 64)
            except BlockingIOError:
                break
            self._heard += more
            _, ended, status = self._heard.partition(b"exit ")
            if ended and status.endswith(b"\n"):
                self.returncode = int(status)
            elif not more:
                self.returncode, self.lost = -signal.SIGKILL, True
            if self.returncode is not None:
                os.close(self._pipe)
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        heard = select.poll()
        heard.register(self._pipe, select.POLLIN)
        while (status := self.poll()) is None:
            heard.poll()
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel (SIGKILL)."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        if self.returncode is None:
            os.close(self._pipe)


class ForkedProvisioner(LocalProvisioner):
    """Forks kernels from a warm parent; starts a plain one where a fork is not safe."""

    process: Any = None

    preload = List(
        Unicode(),
        config=True,
        help="Modules that the warm parent imports: libraries, never code that is being worked on.",
    )

    alone = Bool(help="Whether a kernel has a warm parent of its own.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel.

        Args:
            cmd: command of the kernelspec, its placeholders filled.
            **kwargs: `env`, `cwd` and whatever else `subprocess.Popen` would be given.

        Raises:
            RuntimeError: the kernel ended, twice, before it could be reached.
        """
        # elsewhere libraries of the operating system start threads of their own
        if sys.platform == "linux":
            try:
                _check(cmd, kwargs)
                return await self._launch_forked(cmd, kwargs)
            except RefusedError as refused:
                warnings.warn(
                    f"kernelspec {self.kernel_spec.resource_dir}: not forked, a plain kernel is "
                    f"used: {refused}",
                    RuntimeWarning,
                    stacklevel=2,
                )
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel, but no interrupt if it is ended in any case.

        It would log one as an error that meets it tidying up after its last cell.
        """
        if signum != signal.SIGINT or not getattr(self.parent, "shutting_down", False):
            await super().send_signal(signum)

    async def _launch_forked(self, cmd: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        self.cwd, restarted = kwargs.get("cwd") or os.getcwd(), self.pid is not None
        alone = {"FORKED_ALONE": str(self.kernel_id)} if self.alone else {}
        env, process = {**kwargs["env"], **alone}, None
        for _ in range(2):
            try:
                parent = begin(cmd[0], self.preload, env, str(self.cwd))
                process = ForkedProcess(*parent.fork(cmd[3:], env))
            except GoneError:
                continue
            self.process, self.pid, self.pgid = process, process.pid, process.pid
            ends = time.monotonic() + READY_WITHIN
            while process.poll() is None and time.monotonic() < ends:
                if process.ready:
                    return self.connection_info
                await asyncio.sleep(0.01)
            process.kill()
            # another process can have taken a port; clients of a restarted kernel know the old ones
            if not restarted and self.parent is not None:
                self.ports_cached = False
                self.parent.cleanup_connection_file()
                await self.pre_launch(env=env)
        self.process = None
        if process is None:
            raise RefusedError("the warm parent ended twice while it was asked for a kernel")
        status, taken = process.wait(), "another process has taken one of its ports"
        why = taken if status == errno.EADDRINUSE else "its own message is on standard error"
        raise RuntimeError(
            f"kernel {self.kernel_id} ended before it could be reached"
            f" (exit status {status}); {why}"
        )


def _check(cmd: list[str], kwargs: dict[str, Any]) -> None:
    """Refuse what a fork cannot give: the error names what asks for a process of its own."""
    if cmd[1:3] != MODULE:
        raise RefusedError(f"its command is not python {' '.join(MODULE)}")
    for name in ONE_THREAD:
        if kwargs["env"].get(name) != "1":
            raise RefusedError(f'{name} must be 1; put it into "env" of kernel.json')
    served = {"env", "cwd", "extra_arguments", "kernel_id"}
    asked = {k for k, v in kwargs.items() if v is not None and v is not False} - served
    if asked:
        raise RefusedError(f"the caller asks for {', '.join(sorted(asked))}")
