"""What tests of forked kernels use: cells run on a kernel, drivers of their own, what they left."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from support import ROOT

from notebook_build.forked.provisioner import ForkedProvisioner

SPEC = ROOT / "src" / "notebook_build" / "forked" / "kernel.json"


# the same kernel without the libraries: for what does not depend on them
LIGHT = "forked-light"


def install_light(folder: Path) -> None:
    """Install it for this process, and for those that it starts."""
    content = json.loads(SPEC.read_text(encoding="utf-8"))
    content["metadata"]["kernel_provisioner"]["config"]["preload"] = ["ipykernel.kernelapp"]
    (folder / "kernels" / LIGHT).mkdir(parents=True)
    (folder / "kernels" / LIGHT / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)


def environment(**changes: str) -> dict[str, str]:
    """The environment without the name of the test, which ipykernel takes for a reason not to
    capture descriptors."""
    own = ("PYTEST_CURRENT_TEST", "MPLBACKEND", "FORKED_PRELOAD")
    kept = {k: v for k, v in os.environ.items() if k not in own}
    return {**kept, **changes}


def run(*cells: str, kernel: str = LIGHT, timeout: int = 60, **start: Any) -> list[list[Any]]:
    """Run cells on a new kernel; return the outputs of each."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, kernel_name=kernel, timeout=timeout)
    client.execute(env=start.pop("env", environment()), **start)
    return [cell.outputs for cell in notebook.cells]


def printed(*cells: str, **options: Any) -> str:
    """What the last of the cells prints."""
    return "".join(o.text for o in run(*cells, **options)[-1] if o.output_type == "stream")


def manager(name: str = LIGHT) -> KernelManager:
    return KernelManager(kernel_name=name)


def changed(folder: Path, **changes: Any) -> KernelManager:
    """A manager of a kernel whose kernelspec is a changed one."""
    content = json.loads(SPEC.read_text(encoding="utf-8"))
    content["metadata"]["kernel_provisioner"]["config"].update(changes.pop("config", {}))
    content.update(changes)
    (folder / "changed").mkdir()
    (folder / "changed" / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
    return KernelManager(kernel_name="changed", kernel_spec_manager=specs)


@contextmanager
def started(
    found: KernelManager | None = None, **start: Any
) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A kernel that answers, and a client of it; ended afterwards."""
    found = found or manager()
    found.start_kernel(env=environment(), **start)
    client = found.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield found, client
    finally:
        client.stop_channels()
        found.shutdown_kernel(now=True)


def ask(client: BlockingKernelClient, code: str) -> str:
    """What a cell prints on a running kernel."""
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        said.append(message["content"].get("text", ""))

    client.execute_interactive(code, output_hook=hear, timeout=60)
    return "".join(said).strip()


def process_of(found: KernelManager) -> psutil.Process:
    assert isinstance(found.provisioner, ForkedProvisioner)
    assert found.provisioner.pid is not None
    return psutil.Process(found.provisioner.pid)


def until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether a condition comes true in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


DRIVER = """
import json, sys, time
import psutil
from kernels import ask, environment, manager
found = [manager() for _ in range(2)]
for m in found:
    m.start_kernel(env=environment())
client = found[0].client()
client.start_channels()
client.wait_for_ready(timeout=60)
ask(client, "import subprocess; child = subprocess.Popen(['sleep', '120'], start_new_session=True)")
# one in a cell that holds the interpreter, one idle
client.execute("sum(range(10**11))")
time.sleep(0.3)
below = psutil.Process().children(recursive=True)
print(json.dumps({
    "pids": [p.pid for p in below],
    "ports": [m.shell_port for m in found],
}), flush=True)
sys.stdin.read()
"""


@contextmanager
def driver() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any], list[psutil.Process]]]:
    """A driver process of its own with two kernels, one of them busy, and what is below it."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        env=environment(PYTHONPATH=str(ROOT / "tests")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    below: list[psutil.Process] = []
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        below = [psutil.Process(pid) for pid in told["pids"]]
        yield process, told, below
    finally:
        for one in below:
            if one.is_running():
                one.kill()
        process.kill()
        process.communicate()
