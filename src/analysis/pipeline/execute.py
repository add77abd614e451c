"""Executing notebooks: all runs of a build, as many at once as there is room for."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, wait
from pathlib import Path
from uuid import uuid4

from jupyter_client.kernelspec import KernelSpecManager

from analysis.pipeline.build import BuildError
from analysis.pipeline.environment import shown
from analysis.pipeline.executors import HERE, Where, opened
from analysis.pipeline.one_run import Outcome, Task
from analysis.pipeline.plan import Run

# kernels that a run may use, and the kernelspec of each; outputs are the same to the byte
KERNELS = {"forked": "forked", "plain": "python3"}
# a library that starts threads of its own makes a fork unsafe elsewhere
DEFAULT_KERNEL = "forked" if sys.platform == "linux" else "plain"
# seconds that a cell may take
TIMEOUT = 120
# seconds between two looks at whether there is still somebody who works
LOOK = 2.0


def execute(
    runs: list[Run],
    out: Path,
    root: Path,
    started: Callable[[Run], None],
    ended: Callable[[Outcome], None],
    kernel: str = DEFAULT_KERNEL,
    timeout: int = TIMEOUT,
    where: Where = HERE,
) -> list[Outcome]:
    """Execute all runs, as many at once as there are cores; a failing run does not stop the rest.

    Executed notebooks go to `out/<page>.ipynb`, written by this process alone. `root` is what
    kernels take as the repository; `kernel` is a key of `KERNELS`; a cell that takes longer than
    `timeout` seconds fails; `where` says which processes run them. An interrupt ends the kernels.

    Raises:
        BuildError: the kernel is not installed, or all workers were lost.
        WorkersError: there is nobody who could run them.
    """
    spec = _installed(kernel)
    os.environ["ANALYSIS_ROOT"] = str(root)
    outcomes, build = list[Outcome](), uuid4().hex
    tasks = [Task(run, spec, timeout, build, shown()) for run in runs]
    with opened(where, tasks, started) as pool:
        waiting = {pool.submit(task): task for task in tasks}
        while waiting:
            for future in wait(waiting, timeout=LOOK, return_when=FIRST_COMPLETED).done:
                done = pool.result(future, waiting.pop(future))
                if done.notebook is not None:
                    (out / f"{done.outcome.run.page}.ipynb").write_bytes(done.notebook)
                outcomes.append(done.outcome)
                ended(done.outcome)
            pool.look()
    return sorted(outcomes, key=lambda o: o.run.page)


def _installed(kernel: str) -> str:
    """Return the kernelspec of a kernel, checked to be there.

    Raises:
        BuildError: it is not.
    """
    spec = KERNELS[kernel]
    if spec not in KernelSpecManager().find_kernel_specs():
        raise BuildError(
            f"KERNEL={kernel}: no kernelspec {spec!r} in {sys.prefix}; install it: "
            f"{sys.executable} -m pip install --no-deps --no-build-isolation -e ."
        )
    return spec
