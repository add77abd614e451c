"""The kernel provisioner: what `jupyter_client` calls to start, watch and end a forked kernel."""

import asyncio
import os
import signal
import sys
import time
import warnings
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from . import registry
from .process import ForkedProcess
from .warm import RefusedError

MODULE = ["-m", "ipykernel_launcher"]
# a dead-lock of OpenBLAS and OpenMP after a fork is known: neither may have threads
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
# seconds from the fork until the kernel's sockets are bound, on a busy machine
READY_WITHIN = 60.0
# seconds from the answer to a cell until the kernel is idle again
TIDIED_WITHIN = 0.05


class ForkedProvisioner(LocalProvisioner):
    """Forks kernels from a warm parent; starts a plain one where a fork is not safe."""

    process: Any = None

    preload = List(
        Unicode(),
        ["ipykernel.kernelapp", "pandas", "statsmodels.api", "seaborn", "matplotlib.pyplot"],
        config=True,
        help="Modules that the warm parent imports: libraries, never code that is being worked on.",
    )

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel.

        Args:
            cmd: command of the kernelspec, its placeholders filled.
            **kwargs: `env`, `cwd` and whatever else `subprocess.Popen` would be given.

        Raises:
            RuntimeError: the kernel ended, twice, before it could be reached.
        """
        # elsewhere libraries of the operating system start threads of their own
        if sys.platform != "linux":
            return await super().launch_kernel(cmd, **kwargs)
        try:
            _check(cmd, kwargs)
            return await self._launch_forked(cmd, kwargs)
        except RefusedError as refused:
            warnings.warn(
                f"kernelspec {self.kernel_spec.resource_dir}: not forked, a plain kernel is used:"
                f" {refused}",
                RuntimeWarning,
                stacklevel=2,
            )
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel.

        A client that shuts down interrupts first. A kernel whose last cell has just been answered
        is still tidying up then, and would log the interrupt as an error: it is given a moment.
        """
        if signum == signal.SIGINT and getattr(self.parent, "shutting_down", False):
            await asyncio.sleep(TIDIED_WITHIN)
        await super().send_signal(signum)

    async def _launch_forked(self, cmd: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        cwd, restarted = kwargs.get("cwd") or os.getcwd(), self.pid is not None
        self.cwd = cwd
        for _ in range(2):
            process = registry.fork(cmd[0], self.preload, cmd[3:], kwargs["env"], str(cwd))
            self.process, self.pid, self.pgid = process, process.pid, process.pid
            if await _bound(process):
                return self.connection_info
            process.kill()
            # another process can have taken a port; clients of a restarted kernel know the old ones
            if not restarted and self.parent is not None:
                self.ports_cached = False
                self.parent.cleanup_connection_file()
                await self.pre_launch(env=kwargs["env"])
        self.process = None
        raise RuntimeError(
            f"kernel {self.kernel_id} ended before it could be reached"
            f" (exit status {process.wait()}); its own message is on standard error"
        )


async def _bound(process: ForkedProcess) -> bool:
    ends = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < ends:
        if process.ready:
            return True
        await asyncio.sleep(0.01)
    return False


def _check(cmd: list[str], kwargs: dict[str, Any]) -> None:
    """Refuse what a fork cannot give.

    Raises:
        RefusedError: the message names what asks for a process of its own.
    """
    if cmd[1:3] != MODULE:
        raise RefusedError(f"its command is not python {' '.join(MODULE)}")
    for name in ONE_THREAD:
        if kwargs["env"].get(name) != "1":
            raise RefusedError(f'{name} must be 1; put it into "env" of kernel.json')
    served = {"env", "cwd", "extra_arguments", "kernel_id"}
    asked = {k for k, v in kwargs.items() if v is not None and v is not False} - served
    if asked:
        raise RefusedError(f"the caller asks for {', '.join(sorted(asked))}")
