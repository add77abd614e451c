"""Forked kernels: each gives what a plain kernel gives, as a process of its own, and leaves nothing."""

import ast
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.connect import LocalPortCache
from jupyter_client.kernelspec import KernelSpecManager
from kernels import (
    LIGHT,
    ask,
    changed,
    driver,
    environment,
    install_light,
    manager,
    printed,
    process_of,
    run,
    started,
    until,
)
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook
from support import ROOT, refused_command

from notebook_build import forked
from notebook_build.forked import provisioner

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
ROOM = Path(provisioner.__file__).parent
OURS = ("analysis", "notebook_build", "smalln", "simulated_study")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
    # a plain kernel in the place of a forked one would pass most of these tests
    pytest.mark.filterwarnings("error:.*not forked:RuntimeWarning"),
    # looks at the processes and the memory that it has, and waits for moments: one after another
    pytest.mark.xdist_group("timed"),
]

FIGURES = (
    "import pandas as pd, seaborn as sns, matplotlib.pyplot as plt",
    "frame = pd.DataFrame({'x': range(9), 'y': [n * n for n in range(9)]}); frame",
    "plt.plot(frame.x, frame.y);",
    "import statsmodels.api as sm\nsm.OLS(frame.y, sm.add_constant(frame.x)).fit().params",
    "sns.scatterplot(frame, x='x', y='y')\nplt.show()\nplt.hist(frame.y)",
)


@pytest.fixture(scope="module", autouse=True)
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", "")
        install_light(tmp_path_factory.mktemp("kernels"))
        yield
    forked.close_all()


def parents() -> list[psutil.Process]:
    """The warm parents of this process."""
    alive = [p for p in psutil.Process().children() if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in alive if str(ROOM / "parent.py") in p.cmdline()]


# what a notebook shows


@pytest.mark.slow
def test_figures_are_all_there_and_equal_to_the_byte() -> None:
    forks, plain = run(*FIGURES, kernel="forked"), run(*FIGURES, kernel="python3")
    images = [
        o.data["image/png"]
        for outputs in forks
        for o in outputs
        if "image/png" in o.get("data", {})
    ]
    assert len(images) == 3
    assert forks == plain


@pytest.mark.slow
def test_unmodified_papermill_uses_it(tmp_path: Path) -> None:
    cells = (*FIGURES, "import os, time; os.system('echo from below Python'); time.sleep(.5)")
    notebook = new_notebook(cells=[new_code_cell(c, id=f"c{n}") for n, c in enumerate(cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    outputs = []
    for kernel in ("forked", "python3"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "papermill",
                "-k",
                kernel,
                "--no-progress-bar",
                "in.ipynb",
                kernel,
            ],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "plain kernel" not in done.stderr
        # the driver's own output, where ipykernel echoes it
        assert done.stdout == "from below Python\n"
        executed = nbformat.read(tmp_path / kernel, as_version=4)
        outputs.append([c.outputs for c in executed.cells])
    assert outputs[0] == outputs[1]


def test_what_is_written_to_descriptors_reaches_the_notebook() -> None:
    # ipykernel reads the descriptors in a thread: what that has not read when a cell ends goes to
    # the next cell or, after the last, nowhere, in either kernel
    read = "; import time; time.sleep(.5)"
    cells = (
        "import os, subprocess, sys\nprint('x' * 10)",
        # more than a pipe holds, from below Python
        "_ = os.system('seq 100000')" + read,
        "_ = os.write(2, b'y' * 300_000)" + read,
        "_ = subprocess.run(['sh', '-c', 'echo to the second >&2'])" + read,
    )
    texts = []
    for kernel in (LIGHT, "python3"):
        texts.append(
            ["".join(o.get("text", "") for o in outputs) for outputs in run(*cells, kernel=kernel)]
        )
    assert texts[0] == texts[1]
    assert len("".join(texts[0])) > 800_000


# a fresh process each


def test_a_kernel_starts_like_a_fresh_process(tmp_path: Path) -> None:
    look = textwrap.dedent("""
        import json, os, signal, sys, threading
        print(json.dumps({
            "path": sys.path,
            "program": sys.argv[0],
            "folder": os.getcwd(),
            "leads its session": os.getsid(0) == os.getpid() == os.getpgrp(),
            "own parent": os.environ["JPY_PARENT_PID"] == str(os.getppid()),
            "variables": sorted(k for k in os.environ if not k.startswith("JPY_")),
            "signals": [str(signal.getsignal(n)) for n in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)],
            "wakes": signal.set_wakeup_fd(-1) >= 0,
            "descriptors": len(os.listdir("/proc/self/fd")),
            "threads": sorted(t.name.split("-")[0] for t in threading.enumerate()),
            "all threads": len(os.listdir("/proc/self/task")),
            "input": sys.__stdin__.read(),
            "umask": os.umask(0),
        }))
    """)
    forks, plain = (
        json.loads(printed(look, kernel=k, cwd=str(tmp_path), env=environment(**ONE_THREAD)))
        for k in (LIGHT, "python3")
    )
    assert forks == plain
    assert forks["folder"] == str(tmp_path)


def test_the_environment_is_that_of_the_request_not_of_the_parent(tmp_path: Path) -> None:
    (tmp_path / "only_here.py").write_text("found = 'found'", encoding="utf-8")
    show = "import os, time; print(os.environ.get('ONE'), time.strftime('%Z', time.localtime(0)))"
    assert printed(show, env=environment(ONE="1", TZ="UTC")) == "1 UTC\n"
    assert printed(show, env=environment(ONE="2", TZ="Asia/Shanghai")) == "2 CST\n"
    assert printed(show, env=environment(TZ="UTC")) == "None UTC\n"
    path = environment(PYTHONPATH=str(tmp_path))
    assert printed("import only_here; print(only_here.found)", env=path) == "found\n"
    # what was set for one is in none of the others, and idle parents do not add up
    assert until(lambda: len(parents()) == 1)


def test_a_backend_asked_for_by_the_environment_is_used() -> None:
    show = "import matplotlib; print(matplotlib.get_backend())"
    assert printed(show, kernel="forked", env=environment(MPLBACKEND="svg")) == "svg\n"
    assert "inline" in printed(show, kernel="forked")


def test_code_is_read_anew_from_disk(tmp_path: Path) -> None:
    for value in ("first", "second"):
        (tmp_path / "being_written.py").write_text(f"value = {value!r}", encoding="utf-8")
        cell = "import being_written; print(being_written.value)"
        assert printed(cell, cwd=str(tmp_path)) == f"{value}\n"


def test_kernels_do_not_start_with_code_of_the_project() -> None:
    shown = (
        "import sys; print(*(m for m in sys.modules if m.split('.')[0] in ('analysis', 'parent')))"
    )
    assert printed(shown) == "\n"


def test_what_a_variable_names_is_imported_beforehand_and_anew_when_its_hash_changes(
    tmp_path: Path,
) -> None:
    show = (
        "import sys; early = 'being_kept' in sys.modules; import being_kept;"
        " print(early, being_kept.value)"
    )
    for value in ("first", "second"):
        (tmp_path / "being_kept.py").write_text(f"value = {value!r}", encoding="utf-8")
        more = {"PYTHONPATH": str(tmp_path), "FORKED_PRELOAD": "being_kept", "HASH": value}
        for _ in range(2):
            assert printed(show, env=environment(**more)) == f"True {value}\n"
    assert printed(show, env=environment(PYTHONPATH=str(tmp_path))) == "False second\n"


def test_a_parent_begun_before_its_first_kernel_is_the_one_that_forks_it(tmp_path: Path) -> None:
    env = environment(**ONE_THREAD, BEGUN="1")
    forked.begin(sys.executable, ["ipykernel.kernelapp"], env, str(tmp_path))
    (begun,) = [p for p in parents() if p.environ().get("BEGUN")]
    shown = printed("import os; print(os.getppid())", env=env, cwd=str(tmp_path))
    assert int(shown) == begun.pid


def test_a_parent_that_still_imports_is_ended_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time; time.sleep(90)", encoding="utf-8")
    env, begun = environment(PYTHONPATH=str(tmp_path)), time.monotonic()
    parent = forked.WarmParent(sys.executable, ["slow_to_import"], env, str(tmp_path))
    assert not parent.ended
    parent.close()
    assert parent.ended
    assert time.monotonic() - begun < 60


def test_a_parent_that_is_not_asked_for_a_kernel_ends_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    parent = forked.WarmParent(sys.executable, ["json"], environment(), str(tmp_path))
    # it has answered, and nobody reads the answer
    assert select.select([parent.control], [], [], 60)[0]
    parent.control.close()
    assert parent.process.wait(60) == 0
    parent.close()
    assert capfd.readouterr().err == ""


# in the midst of its answer: what the driver has not read is lost, and the rest has no reader
ANSWERS = """
import sys
sys.path.insert(0, {0!r})
import parent
def send(*_):
    raise {1}
parent.send = send
sys.argv = ["parent.py", *sys.argv[1:], "json"]
parent.main()
"""


@pytest.mark.parametrize("error", ["BrokenPipeError", "ConnectionResetError"])
def test_a_driver_that_ends_before_the_first_answer_is_no_error(error: str) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                ANSWERS.format(str(ROOM), error),
                str(os.getpid()),
                str(theirs.fileno()),
            ],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.PIPE,
            text=True,
        )
    ours.close()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


ENDS_EARLY = """
import sys
from notebook_build import forked
modules = ["being_imported", "not_wanted"]
forked.WarmParent(sys.executable, modules, {{"PYTHONPATH": "{0}"}}, "{0}")
sys.stdin.read()
"""


def test_a_parent_whose_driver_ends_imports_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "being_imported.py").write_text(
        "import os, time\nopen('begun', 'w').close()\nparent = os.getppid()\n"
        "while os.getppid() == parent:\n    time.sleep(0.01)",
        encoding="utf-8",
    )
    (tmp_path / "not_wanted.py").write_text("open('imported', 'w').close()", encoding="utf-8")
    driver = subprocess.Popen(
        [sys.executable, "-c", ENDS_EARLY.format(tmp_path)],
        stdin=subprocess.PIPE,
    )
    assert until((tmp_path / "begun").exists, 60)
    below = psutil.Process(driver.pid).children()
    driver.kill()
    driver.communicate()
    assert len(below) == 1
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive
    assert not (tmp_path / "imported").exists()


def test_the_room_imports_nothing_of_the_project() -> None:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not [a.name for a in node.names if a.name.startswith(OURS)], path
            elif isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path
                assert node.level or not str(node.module).startswith(OURS), path


def test_what_one_kernel_changes_no_other_sees() -> None:
    change = "import pandas, os; pandas.set_option('display.max_rows', 7); pandas.mine = 1; os.chdir('/')"
    look = "import pandas; print(pandas.get_option('display.max_rows'), hasattr(pandas, 'mine'))"
    run(change, kernel="forked")
    assert printed(look, kernel="forked") == printed(look, kernel="python3")


def test_chance_is_not_shared() -> None:
    draw = "import random, uuid, numpy; print(numpy.random.random(), random.random(), uuid.uuid4())"
    drawn = [printed(draw, kernel="forked").split() for _ in range(3)]
    assert all(len(set(values)) == 3 for values in zip(*drawn, strict=True))


def test_linear_algebra_has_one_thread_and_does_not_lock() -> None:
    with started(manager("forked")) as (found, client):
        before = process_of(found).num_threads()
        cell = "import numpy as np; a = np.ones((900, 900)); print((a @ a).sum(), np.linalg.svd(a)[1][0])"
        assert ask(client, cell).startswith("729000000.0 ")
        assert process_of(found).num_threads() == before
        (parent,) = parents()
        assert parent.num_threads() == 1


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_a_cell_may_use_threads_and_processes(way: str, tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("def double(n):\n    return 2 * n", encoding="utf-8")
    cell = textwrap.dedent(f"""
        import multiprocessing, numpy as np
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        from work import double
        with ProcessPoolExecutor(2, multiprocessing.get_context({way!r})) as pool:
            print(list(pool.map(double, range(3))))
        with ThreadPoolExecutor(2) as pool:
            print(list(pool.map(lambda n: (np.ones((n, n)) @ np.ones((n, n))).trace().item(), (1, 300))))
    """)
    # Python 3.12 warns of any fork of a process with threads, and every kernel has them
    said = printed("import warnings; warnings.simplefilter('ignore')", cell, cwd=str(tmp_path))
    assert said == "[0, 2, 4]\n[1.0, 90000.0]\n"


def test_several_at_once_from_one_parent() -> None:
    said: list[str] = []
    env = environment()

    def one(number: int) -> None:
        cell = f"print({number}, os.getppid(), len(os.listdir('/proc/self/fd')))"
        said.append(printed("import os, time; time.sleep(1)", cell, env=env))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(line.split()[0] for line in said) == [str(n) for n in range(6)]
    # one parent, and no kernel holds descriptors of the others
    assert len({tuple(line.split()[1:]) for line in said}) == 1


# interrupts, ends, restarts


def test_an_interrupt_ends_the_cell_not_the_kernel() -> None:
    with started() as (found, client):
        cell = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
        # else the kernel would drop the next request with this one
        client.execute(cell, stop_on_error=False)
        heard = ""
        while "begun" not in heard:
            heard += client.get_iopub_msg(timeout=30)["content"].get("text", "")
        found.interrupt_kernel()
        reply = client.get_shell_msg(timeout=30)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert ask(client, "print(6 * 7)") == "42"


def test_a_cell_that_takes_too_long_ends_with_its_kernel(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(CellTimeoutError):
        run(
            f"import os; open({str(note)!r}, 'w').write(str(os.getpid()))\nwhile True: pass",
            timeout=2,
        )
    pid = int(note.read_text(encoding="utf-8"))
    assert until(lambda: not psutil.pid_exists(pid))
    assert printed("print(1)") == "1\n"


@pytest.mark.parametrize(("cell", "status"), [("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3)])
def test_a_kernel_that_dies_is_noticed_with_its_status(cell: str, status: int) -> None:
    with started() as (other, client), contextlib.ExitStack() as stack:
        found, dying = stack.enter_context(started())
        process = found.provisioner.process  # type: ignore[union-attr]
        dying.execute(f"import os; {cell}")
        assert until(lambda: process.poll() is not None)
        assert process.returncode == status
        assert not found.is_alive()
        # the parent and its other kernels go on
        assert other.is_alive()
        assert ask(client, "print(1)") == "1"
    with pytest.raises(DeadKernelError):
        run(f"import os; {cell}")


def test_a_kernel_can_be_restarted() -> None:
    with started() as (found, client):
        before, port = process_of(found).pid, found.shell_port
        ask(client, "x = 1")
        found.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert ask(client, "print('x' in dir())") == "False"
        assert process_of(found).pid != before
        assert found.shell_port == port
        assert not psutil.pid_exists(before)


def test_when_the_parent_is_killed_its_kernels_end_and_another_takes_its_place() -> None:
    with started() as (found, client):
        # inside a long call that never lets another thread of the kernel run
        client.execute("sum(range(10**11))")
        kernel, (parent,) = process_of(found), parents()
        parent.kill()
        assert until(lambda: not found.is_alive())
        assert until(lambda: not kernel.is_running())
    assert printed("print(1)") == "1\n"
    assert [p.pid for p in parents()] != [parent.pid]


@pytest.mark.parametrize(
    "sent",
    [
        signal.SIGKILL,
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(None, marks=pytest.mark.slow),
    ],
)
def test_a_driver_that_ends_leaves_no_process_and_no_socket(sent: signal.Signals | None) -> None:
    with driver() as (process, told, below):
        # the warm parent, two kernels, and what one of them started
        assert len(below) == 4
        if sent is not None:
            process.send_signal(sent)
        process.communicate(timeout=30)
        _, alive = psutil.wait_procs(below, timeout=15)
        assert not alive
        for port in told["ports"]:
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_copy_of_the_driver_does_not_keep_the_parent_alive() -> None:
    script = textwrap.dedent("""
        import os, sys, time
        from kernels import environment, manager
        found = manager()
        found.start_kernel(env=environment())
        if os.fork() == 0:
            # outlives the driver, and may fork kernels of its own
            time.sleep(60)
        print(found.provisioner.pid, os.getpid(), flush=True)
        os.kill(os.getpid(), 9)
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment(PYTHONPATH=str(ROOT / "tests")),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        kernel = psutil.Process(int(process.stdout.readline().split()[0]))
        process.wait(30)
        assert until(lambda: not kernel.is_running())
    finally:
        # the copy is in a group that this test made
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def test_kernels_listen_on_loopback_only_and_encrypt() -> None:
    found = manager()
    found.transport_encryption = "required"
    with started(found) as (_, client):
        listening = [
            c.laddr.ip for c in process_of(found).net_connections() if c.status == "LISTEN"
        ]
        assert len(listening) >= 5
        assert set(listening) == {"127.0.0.1"}
        assert found.curve_publickey
        assert ask(client, "print(1)") == "1"


def test_a_port_that_another_process_took_is_replaced_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports, free = [port], LocalPortCache.find_available_port

        def find(self: LocalPortCache, ip: str) -> int:
            return ports.pop() if ports else free(self, ip)

        monkeypatch.setattr(LocalPortCache, "find_available_port", find)
        with started() as (found, client):
            assert found.shell_port != port
            assert ask(client, "print(1)") == "1"
    said = capfd.readouterr().err
    assert "already in use" not in said
    assert "Traceback" not in said


def test_a_taken_port_of_the_heartbeat_is_not_told(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread ends, and nobody listens to it; its traceback stood in reports of busy machines."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port, free = taken.getsockname()[1], LocalPortCache.find_available_port
        asked: list[int] = []

        def find(self: LocalPortCache, ip: str) -> int:
            asked.append(port if len(asked) == 3 else free(self, ip))
            return asked[-1]

        monkeypatch.setattr(LocalPortCache, "find_available_port", find)
        with started() as (found, client):
            assert found.hb_port == port
            assert ask(client, "print(1)") == "1"
    assert "Heartbeat" not in capfd.readouterr().err


def test_a_port_that_stays_taken_is_said() -> None:
    with started() as (found, client), socket.socket() as taken:
        assert ask(client, "print(1)") == "1"
        port, found.shell_port = found.shell_port, 0
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found.shell_port = taken.getsockname()[1]
        found.cleanup_connection_file()
        with pytest.raises(RuntimeError, match="another process has taken one of its ports"):
            found.restart_kernel(now=True)
        found.shell_port = port


def test_a_kernel_that_cannot_start_is_an_error_that_says_so() -> None:
    with pytest.raises(FileNotFoundError, match="/nowhere/at/all"):
        manager().start_kernel(env=environment(), cwd="/nowhere/at/all")
    with pytest.raises(RuntimeError, match=r"ended before it could be reached \(exit status 1\)"):
        manager().start_kernel(
            env=environment(), extra_arguments=["--IPKernelApp.kernel_class=nowhere.Kernel"]
        )
    assert printed("print(1)") == "1\n"


# where a fork is not safe


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import matplotlib_inline.backend_inline", "imports matplotlib_inline"),
        ("import matplotlib; matplotlib.use('svg')", "chooses a matplotlib backend"),
        (
            "import threading, time; threading.Thread(target=time.sleep, args=(30,), daemon=True).start()",
            "starts a thread",
        ),
        ("import nowhere_to_be_found", "cannot be imported"),
        ("raise SystemExit", "ended while it imported"),
    ],
)
def test_what_must_not_be_imported_beforehand_is_named(
    source: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "preloaded.py").write_text(source, encoding="utf-8")
    env = environment(PYTHONPATH=str(tmp_path), **ONE_THREAD)
    parent = forked.WarmParent(sys.executable, ["preloaded"], env, str(tmp_path))
    parent.wait()
    assert reason in str(parent.refused)
    assert parent.ended
    with pytest.raises(forked.RefusedError, match=reason):
        parent.fork([], environment())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"config": {"preload": ["nowhere_to_be_found"]}}, "cannot be imported"),
        (
            {"env": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}},
            "OMP_NUM_THREADS must be 1",
        ),
        (
            {"env": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": ""}},
            "OPENBLAS_NUM_THREADS must be 1",
        ),
        (
            {
                "argv": [
                    "python",
                    "-X",
                    "utf8",
                    "-m",
                    "ipykernel_launcher",
                    "-f",
                    "{connection_file}",
                ]
            },
            "its command",
        ),
    ],
)
@pytest.mark.filterwarnings("default:.*not forked:RuntimeWarning")
def test_a_plain_kernel_is_used_where_a_fork_is_not_safe(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with (
        pytest.warns(RuntimeWarning, match=f"not forked, a plain kernel is used: .*{reason}"),
        started(changed(tmp_path, **changes)) as (_, client),
    ):
        assert ask(client, "import os; print(os.getppid())") == str(os.getpid())


def test_elsewhere_than_on_linux_a_plain_kernel_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioner.sys, "platform", "darwin")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with started() as (_, client):
            assert ask(client, "import os; print(os.getppid())") == str(os.getpid())


# the report


def test_an_unknown_kernel_is_named(repository: Path) -> None:
    said = refused_command(repository, "report", KERNEL="spooned")
    assert said.strip() == "KERNEL: no kernel 'spooned'; kernels: forked, plain"


def test_a_kernel_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from notebook_build.execute import How, execute
    from notebook_build.project import BuildError, Project

    monkeypatch.setattr(KernelSpecManager, "find_kernel_specs", lambda self: {"python3": ""})
    with pytest.raises(
        BuildError, match=r"KERNEL=forked: no kernelspec 'forked' in .*; install it"
    ):
        execute([], Project(tmp_path), tmp_path, How("forked"), lambda run: None, lambda end: None)


@pytest.mark.slow
def test_many_runs_leave_no_descriptor_and_no_memory() -> None:
    env, here = environment(), psutil.Process()
    measured: list[tuple[int, int, float, float]] = []

    def one(_: int) -> str:
        return printed(
            "import pandas; print(pandas.Series([1, 2]).sum())", kernel="forked", env=env
        )

    # several at once, as a build has them
    with ThreadPoolExecutor(3) as pool:
        for runs in (10, 30):
            assert set(pool.map(one, range(runs))) == {"3\n"}
            (parent,) = parents()
            assert until(lambda: not parents()[0].children())
            gc.collect()
            measured.append((here.num_fds(), parent.num_fds(), memory(here), memory(parent)))
    (fds, parent_fds, used, parent_used), (fds_2, parent_fds_2, used_2, parent_used_2) = measured
    assert parent_fds_2 == parent_fds
    assert parent_used_2 - parent_used < 2
    # nbclient and zmq are the driver's own; a leak of one descriptor a run would be 30
    assert fds_2 - fds <= 10
    assert used_2 - used < 15


def memory(process: psutil.Process) -> float:
    """Memory of this process alone that it wrote, in MB.

    Pages of libraries are left out: they count as its own once no other process uses them.
    """
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    (written,) = [line.split()[1] for line in lines if line.startswith("Private_Dirty:")]
    return int(written) / 2**10
