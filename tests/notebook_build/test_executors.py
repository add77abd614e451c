"""Runs on workers: the same bytes as here, none lost or doubled, whoever dies; and who is refused."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from clusters import Cluster, cluster
from kernels import until
from support import (
    PILOTS,
    ROOT,
    SMALL,
    SMALL_WAVE,
    STUDY,
    WAVE,
    Built,
    done_in,
    edit_cell,
    files_of,
    refused_command,
    run_process,
)

from analysis.publish.inputs import project_of
from notebook_build import dask_workers
from notebook_build.dask_workers import Fingerprint, by_workers, difference, fingerprint
from notebook_build.execute import How, execute
from notebook_build.notebook import Task
from notebook_build.project import InputError, Project, Run, WorkersError

# one cluster at a time
pytestmark = pytest.mark.xdist_group("timed")
BUILT = f"{SMALL_WAVE}+notebook=pilot"
TASK = Task(Run("pilot", "pilot-x", {"study": STUDY, "wave": WAVE}), "python3", 60, "a build")
HERE_IS = Project(ROOT, inputs=("data/*/*.csv",), code=ROOT)


def break_cell(repository: Path, source: str) -> None:
    """Put code before what the cell `stage` of `pilot` does."""
    edit_cell(repository, "pilot", "stage", lambda own: f"{source}\n{own}")


def few(repository: Path) -> Path:
    """A grid of all pilots: three runs and no pages."""
    path = repository.parent / "few.yaml"
    path.write_text(f"notebook: pilot\ngrid: {{pilot: [{', '.join(PILOTS)}]}}\n", encoding="utf-8")
    return path


# the command, less patient with a cluster that has lost all its workers
DRIVER = """
from notebook_build import dask_workers
from analysis.__main__ import main
dask_workers.ALONE = 5
main()
"""


def driver(repository: Path, found: Cluster, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, *(command or ("sweep", str(few(repository))))],
        env={
            **os.environ,
            "ANALYSIS_ROOT": str(repository),
            **found.asked,
        },
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def hanging(repository: Path, marker: Path, pilot: str = PILOTS[-1]) -> str:
    """Have the first run of a pilot hang after it has written whose kernel it is; return by what."""
    added = (
        f'import os; from pathlib import Path; marker = Path("{marker}")\n'
        f'if pilot == "{pilot}" and not marker.exists():\n'
        "    import time; marker.write_text(str(os.getppid())); time.sleep(300)"
    )
    break_cell(repository, added)
    return added


def worker_of(marker: Path) -> int:
    """The worker whose warm parent forked the kernel that hangs."""
    assert until(lambda: marker.is_file() and marker.read_text() != "", 120), "no run hangs"
    return psutil.Process(int(marker.read_text())).ppid()


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_no_run_and_doubles_none(
    small: Path, tmp_path: Path, built_pilots: Built
) -> None:
    marker = tmp_path / "marker"
    added = hanging(small, marker)
    with cluster(small, tmp_path / "cluster", workers=2) as found:
        process = driver(small, found, "report", "--notebook", "pilot")
        try:
            (killed,) = [w for w in found.workers if w.pid == worker_of(marker)]
            killed.kill()
            out, said = process.communicate(timeout=240)
        finally:
            process.kill()
        assert process.returncode == 0, said
    assert Counter(done_in(said)) == dict.fromkeys((r["page"] for r in runs(small)), 1)
    assert len(runs(small)) == 3
    assert Path(out.strip()).is_file()
    # what was built here, by threads, from a cell that cannot hang
    here, there = files_of(built_pilots.folder), files_of(small / "build" / SMALL / BUILT)
    notebooks = [name for name in here if name.endswith(".ipynb")]
    assert notebooks == [f"notebooks/pilot-{pilot}.ipynb" for pilot in sorted(PILOTS)]
    for name in notebooks:
        with_it, without = (json.loads(each[name]) for each in (there, here))
        for cell in with_it["cells"]:
            own = "".join(cell["source"]).removeprefix(f"{added}\n")
            cell["source"] = own.splitlines(keepends=True)
        assert with_it == without, name
    assert here["claims.json"] == there["claims.json"]
    ids = [entry["id"] for entry in json.loads(there["claims.json"])]
    assert len(ids) == len(set(ids)) > 3


def runs(repository: Path) -> list[dict[str, object]]:
    path = repository / "build" / SMALL / BUILT / "manifest.json"
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return found


def ended(process: psutil.Process) -> bool:
    """Whether it has ended; a warm parent is not waited for before the next kernel is asked for."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
def test_an_interrupt_ends_kernels_on_workers_and_leaves_the_workers(
    small: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    hanging(small, marker)
    with cluster(small, tmp_path / "cluster", workers=1) as found:
        process = driver(small, found)
        try:
            worker = psutil.Process(worker_of(marker))
            kernels = worker.children(recursive=True)
            assert kernels
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == 130
        assert "interrupted" in said
        assert "Traceback" not in said
        assert until(lambda: all(map(ended, kernels)), 20)
        assert found.workers[0].poll() is None
        # the same worker serves the next build, which takes over what was finished
        done = run_process(small, "sweep", str(few(small)), **found.asked)
    assert done.returncode == 0, done.stderr
    first, second = done_in(said), done_in(done.stderr)
    assert first
    assert f"pilot-{PILOTS[-1]}" in second
    assert sorted(first + second) == sorted(f"pilot-{pilot}" for pilot in PILOTS)


@pytest.mark.slow
def test_a_run_that_kills_its_workers_fails_and_the_rest_finish(
    small: Path, tmp_path: Path
) -> None:
    # the last one: a run that waits at a worker which dies is counted as one that kills, too
    break_cell(
        small,
        f'if pilot == "{PILOTS[-1]}":\n    import os, signal; os.kill(os.getppid(), signal.SIGKILL)',
    )
    limits = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(small, tmp_path / "cluster", workers=2, **limits) as found:
        # the parent of a plain kernel is the worker itself
        grid = str(few(small))
        done = run_process(small, "sweep", grid, KERNEL="plain", **found.asked)
    assert done.returncode == 1, done.stderr
    assert f"pilot-{PILOTS[-1]}: cell none" in done.stderr
    assert "workers that died while they ran it: 1, the last tcp://127.0.0.1:" in done.stderr
    assert "1 of 3 failed" in done.stderr
    assert done.stderr.count(": done in") == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_when_all_workers_or_the_scheduler_are_lost_finished_runs_are_kept(
    small: Path, tmp_path: Path, lost: str
) -> None:
    marker = tmp_path / "marker"
    hanging(small, marker, PILOTS[1])
    with cluster(small, tmp_path / "cluster", workers=1) as found:
        process = driver(small, found)
        try:
            worker_of(marker)
            (found.workers[0] if lost == "workers" else found.scheduler).kill()
            _, said = process.communicate(timeout=100)
        finally:
            process.kill()
    assert process.returncode == 1, said
    assert {"workers": "no worker has been left at", "scheduler": "was lost; start it again"}[
        lost
    ] in said
    assert "Traceback" not in said
    kept = small / "build" / SMALL / "sweeps" / ".few.finished" / "notebooks"
    assert sorted(folder.name for folder in kept.iterdir()) == done_in(said)
    assert done_in(said)


@pytest.mark.slow
def test_a_worker_with_another_checkout_is_refused_by_name_whenever_it_comes(
    small: Path, tmp_path: Path
) -> None:
    marker, other = tmp_path / "marker", tmp_path / "other"
    hanging(small, marker, PILOTS[1])
    shutil.copytree(small, other, symlinks=True)
    break_cell(other, "1 + 1")
    refusal = (
        r"worker tcp://127\.0\.0\.1:\d+: its notebooks/pilot\.ipynb differs from the one here; "
        r"bring its checkout to the same state and restart it\n"
    )
    with cluster(small, tmp_path / "cluster", workers=1) as found:
        process = driver(small, found)
        try:
            worker_of(marker)
            found.add(other)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == 2, said
        assert len(re.findall(refusal, said)) == 1
        assert "Traceback" not in said
        # it is there already when the next build begins
        done = run_process(small, "sweep", str(few(small)), **found.asked)
    assert done.returncode == 2, done.stderr
    assert re.fullmatch(refusal, done.stderr)
    assert not (small / "build" / SMALL / "sweeps" / "few").exists()


@pytest.mark.parametrize(
    ("executor", "scheduler", "said"),
    [
        ("dusk", "", "EXECUTOR: no executor 'dusk'; executors: local, dask"),
        ("", "tcp://x:1", "'tcp://x:1' is for EXECUTOR=dask; set both or neither"),
        ("dask", "", "SCHEDULER: ''; EXECUTOR=dask needs the address"),
        ("dask", "x:1", "as tcp://host:8786"),
    ],
)
def test_what_is_asked_for_wrongly_is_named(executor: str, scheduler: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        How.of("", "", executor, scheduler)


def test_bad_input_ends_with_2_and_one_message(small: Path) -> None:
    said = refused_command(small, "report", NOTEBOOK="coding", EXECUTOR="dask")
    assert said.startswith("SCHEDULER: ''; EXECUTOR=dask needs")
    assert said.count("\n") == 1


def test_local_is_the_default() -> None:
    assert How.of("", "", "", "") == How.of("", "", "local", "") == How()


@pytest.mark.parametrize("listens", [True, False])
def test_a_scheduler_that_does_not_answer_is_named_in_time(
    listens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "CONNECT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        with pytest.raises(WorkersError, match=rf"no dask scheduler answers at {address} .*start"):
            next(by_workers(address, [TASK], HERE_IS, lambda run: None))


@pytest.mark.slow
def test_a_scheduler_without_workers_is_named(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "CONNECT", 2)
    with (
        cluster(small, tmp_path / "cluster", workers=0) as found,
        pytest.raises(WorkersError, match=f"{found.address} had no worker within .*dask worker"),
    ):
        next(by_workers(found.address, [TASK], HERE_IS, lambda run: None))


def test_without_the_extra_its_installation_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "notebook_build.dask_workers")
    monkeypatch.setitem(sys.modules, "distributed", None)
    how = How(scheduler="tcp://127.0.0.1:1")
    with pytest.raises(WorkersError, match=r"distributed is not installed in .*'\.\[dask\]'"):
        execute([TASK.run], HERE_IS, tmp_path, how, lambda run: None, lambda result: None)


@pytest.mark.slow
def test_a_local_build_does_not_import_dask() -> None:
    code = (
        "import sys, analysis.publish.report, analysis.publish.sweep\n"
        "sys.exit(' '.join({'dask', 'distributed'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


LIKE = Fingerprint(
    {"a.py": "1", "b.csv": "2"}, {"Python": "3.11.4", "numpy": "2.0"}, "forked", False
)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (
            replace(LIKE, versions={**LIKE.versions, "Python": "3.12.1"}),
            "its Python is 3.12.1, not",
        ),
        (
            replace(LIKE, versions={**LIKE.versions, "numpy": "missing"}),
            "its numpy is missing, not",
        ),
        (
            replace(LIKE, files={**LIKE.files, "b.csv": "3"}),
            "its b.csv differs from the one here; ",
        ),
        (replace(LIKE, files={"a.py": "2"}), r"its a.py differs .* \(and 1 more\)"),
        (replace(LIKE, files={**LIKE.files, "c.py": "1"}), "its c.py differs"),
        (replace(LIKE, kernel="none"), "its kernelspec is none, here it is forked"),
        (replace(LIKE, renewed=True), "restart it"),
    ],
)
def test_how_a_worker_differs_is_said(there: Fingerprint, said: str) -> None:
    assert re.match(said, difference(LIKE, there) or "") or said in (difference(LIKE, there) or "")
    assert difference(LIKE, LIKE) is None
    assert there != LIKE


def test_a_fingerprint_has_what_runs_depend_on_and_no_texts(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_ROOT", str(repository))
    texts = repository / "data" / STUDY / "sources"
    texts.mkdir()
    (texts / "S00.txt").write_text("a text", encoding="utf-8")
    found = fingerprint(project_of(STUDY), "python3")
    assert {
        f"data/{STUDY}/codings.csv", "notebooks/pilot.ipynb", "requirements.lock",
        "src/notebook_build/notebook.py", "locale/zh/LC_MESSAGES/pilot.po",
    } <= set(found.files)  # fmt: skip
    assert not [name for name in found.files if "sources/S00" in name or "__pycache__" in name]
    assert "missing" not in found.versions.values()
    assert not found.renewed
