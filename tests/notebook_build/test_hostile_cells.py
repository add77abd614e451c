"""A cell can end its kernel, and what is beside it: the run is named with the reason, and no other."""

import os
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from kernels import LIGHT, install_light, until
from nbformat.v4 import new_code_cell, new_notebook

from notebook_build import forked
from notebook_build.kernels import stop
from notebook_build.notebook import RunResult, Task, run_one
from notebook_build.project import Project, Run

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
    pytest.mark.xdist_group("timed"),
]


@pytest.fixture(scope="module", autouse=True)
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = dict(os.environ)
    install_light(tmp_path_factory.mktemp("kernels"))
    yield
    forked.close_all()
    os.environ.clear()
    os.environ.update(before)


def run_cell(
    folder: Path, source: str, kernel: str = LIGHT, timeout: int = 60, build: str = "a build"
) -> RunResult:
    """How a run ends whose second cell, `hostile`, is this."""
    (folder / "notebooks").mkdir(exist_ok=True)
    # each begun is written down: a run that is tried again begins twice
    begun = f"open({str(folder / 'begun')!r}, 'a').write('x')"
    sources = {"before": begun, "hostile": textwrap.dedent(source), "after": "print('after')"}
    cells = [new_code_cell(text, id=name) for name, text in sources.items()]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    nbformat.write(notebook, folder / "notebooks" / "one.ipynb")
    task = Task(Run("one", "one", {}), kernel, timeout, build)
    return run_one(task, Project(folder))[0]


DEATHS = {
    "os.kill(os.getpid(), 9)": "signal 9 (SIGKILL)",
    "os.killpg(0, 9)": "signal 9 (SIGKILL)",
    "import ctypes; ctypes.string_at(0)": "signal 11 (SIGSEGV)",
    "os.abort()": "signal 6 (SIGABRT)",
    "os._exit(3)": "status 3",
    "os._exit(0)": "status 0",
    "os.closerange(0, 1000)": "s",
    "import threading, time; threading.Timer(.1, os._exit, [7]).start(); time.sleep(9)": "status 7",
}


# of a plain kernel one of each kind: what ends it is told by jupyter_client alone
@pytest.mark.parametrize(
    ("kernel", "cell"),
    [
        *((LIGHT, cell) for cell in DEATHS),
        *(
            ("python3", f"os.{cell}")
            for cell in ("killpg(0, 9)", "_exit(3)", "closerange(0, 1000)")
        ),
    ],
)
def test_a_cell_that_ends_its_kernel_is_named_with_how_and_not_run_again(
    tmp_path: Path, cell: str, kernel: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run_cell(tmp_path, f"import os; {cell}", kernel)
    assert result.frames is not None
    assert result.frames.startswith(f"the kernel died in this cell: {DEATHS[cell]}")
    assert (tmp_path / "begun").read_text(encoding="utf-8") == "x"
    assert "Kernel died while" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "cell", ["quit()", "exit()", "import sys; sys.exit()", "raise SystemExit(2)"]
)
def test_a_cell_that_leaves_the_notebook_is_named_though_papermill_takes_it_for_its_end(
    tmp_path: Path, cell: str
) -> None:
    result = run_cell(tmp_path, cell)
    assert result.cell == "hostile"
    assert "the cell ends the notebook" in str(result.frames)


SESSIONS = {
    "a session": "child = subprocess.Popen(['sleep', '300'], start_new_session=True).pid",
    "a session, and the kernel dies": """
        child = subprocess.Popen(['sleep', '300'], start_new_session=True).pid
        os.kill(os.getpid(), 9)
    """,
    "a daemon": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                write(os.getpid())
                os.execvp("sleep", ["sleep", "300"])
            os._exit(0)
        os.wait()
        # on a busy machine its own child may not have begun
        written()
    """,
}


@pytest.mark.parametrize("cell", SESSIONS)
def test_what_a_cell_begins_in_a_session_of_its_own_ends_with_the_run(
    tmp_path: Path, cell: str
) -> None:
    note = tmp_path / "pid"
    writes = textwrap.dedent(f"""
        import os, subprocess, time
        def write(pid):
            open({str(note)!r}, "w").write(str(pid))
        def written():
            while not (os.path.isfile({str(note)!r}) and os.path.getsize({str(note)!r})):
                time.sleep(0.01)
    """)
    body = textwrap.dedent(SESSIONS[cell]).replace(".pid\n", ".pid; write(child)\n")
    run_cell(tmp_path, writes + body + ("" if "write(" in body else "\nwrite(child)"))
    pid = int(note.read_text(encoding="utf-8"))
    assert until(lambda: not psutil.pid_exists(pid))


def test_what_a_cell_began_in_a_session_of_its_own_ends_with_an_interrupted_build(
    tmp_path: Path,
) -> None:
    note = tmp_path / "pid"
    cell = f"""
        import subprocess, time
        pid = subprocess.Popen(['sleep', '300'], start_new_session=True).pid
        open({str(note)!r}, 'w').write(f"{{pid}}.")
        time.sleep(300)
    """
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(run_cell, tmp_path, cell, build="interrupted")
        assert until(lambda: note.is_file() and note.read_text(encoding="utf-8").endswith("."), 60)
        stop("interrupted")
        assert run.result().failed
    assert until(lambda: not psutil.pid_exists(int(note.read_text(encoding="utf-8")[:-1])))
    assert (tmp_path / "begun").read_text(encoding="utf-8") == "x"


def test_a_cell_that_ends_the_warm_parent_is_named_and_ends_no_other_run(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    with ThreadPoolExecutor(2) as pool:
        kills = "import os, time; time.sleep(1); os.kill(os.getppid(), 9); time.sleep(9)"
        bad = pool.submit(run_cell, tmp_path / "bad", kills)
        good = pool.submit(run_cell, tmp_path, "import time; time.sleep(4)")
        assert good.result().frames is None
        assert bad.result().cell == "hostile"
        assert "SIGKILL), with its warm parent; did a cell up to here end that?" in str(
            bad.result().frames
        )


@pytest.mark.parametrize("kernel", [LIGHT, pytest.param("python3", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "cell",
    [
        "while True: pass",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        # holds the interpreter in a thread, so that nothing more is answered
        "threading.Timer(.2, sum, [range(10**14)]).start(); time.sleep(.5)",
    ],
)
def test_a_cell_that_does_not_end_is_named_with_what_allows_more(
    tmp_path: Path, cell: str, kernel: str
) -> None:
    result = run_cell(tmp_path, f"import os, signal, threading, time\n{cell}", kernel, timeout=3)
    assert result.cell == "hostile"
    assert "did not end within 3 s; TIMEOUT=6 allows more" in str(result.frames)


@pytest.mark.parametrize(
    "cell",
    [
        "import os; [os.close(n) for n in (0, 1, 2)]",
        "import os; os.chdir('/'); os.environ.clear()",
        "import threading, time; threading.Thread(target=time.sleep, args=(999,)).start()",
        "import atexit, time; atexit.register(time.sleep, 999)",
        "import signal; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]",
        "for _ in range(100): print('x' * 1_000_000)",
        "%%bash\necho hello",
    ],
)
def test_a_cell_that_changes_its_process_alone_is_no_failure(tmp_path: Path, cell: str) -> None:
    assert run_cell(tmp_path, cell).frames is None


def test_a_cell_that_needs_more_memory_than_there_is_is_named(tmp_path: Path) -> None:
    # so little is left that not even the frames can be shown
    takes = """
        import resource
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 26),) * 2)
        taken = [bytearray(1 << size) for size in range(26, 9, -1) for _ in range(99)]
    """
    result = run_cell(tmp_path, takes)
    assert result.cell == "hostile"
    assert "MemoryError" in str(result.frames) or "died" in str(result.frames)


def test_a_cell_that_waits_for_somebody_to_type_is_named(tmp_path: Path) -> None:
    result = run_cell(tmp_path, "input('?')")
    assert result.cell == "hostile"
    assert "StdinNotImplementedError" in str(result.frames)
