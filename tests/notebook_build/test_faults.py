"""What goes wrong while a report is built: named, the rest finished, the last good report kept."""

import errno
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import SMALL, SMALL_WAVE, edit_cell, refused_command, run_command, run_process

from analysis.claims.cell import MIME
from analysis.publish.executed import claims
from notebook_build import MANIFEST, manifests
from notebook_build.build import aside
from notebook_build.faults import fault
from notebook_build.project import BuildError, Run
from notebook_build.source import tidy


def replace_cell(repository: Path, notebook: str, cell: str, source: str) -> None:
    edit_cell(repository, notebook, cell, lambda _: source)


def good_report(repository: Path, name: str) -> Path:
    folder = repository / "build" / SMALL / name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text("{}", encoding="utf-8")
    (folder / "index.html").write_text("the last good one", encoding="utf-8")
    return folder


def test_a_failing_notebook_is_named_and_the_rest_finish(small: Path) -> None:
    replace_cell(
        small,
        "pilot",
        "stage",
        'if pilot in ("birch", "cedar"):\n    1 / 0\nstudy.outcome([pilot])',
    )
    name = f"{SMALL_WAVE}+notebook=pilot"
    last = good_report(small, name)
    done = run_process(small, "report", NOTEBOOK="pilot")
    assert done.returncode == 1, done.stderr
    assert "pilot-birch: cell stage" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "2 of 3 failed; the last good report stays" in done.stderr
    assert "Traceback (most recent call last)" not in done.stderr
    assert done.stderr.count(": done in") == 1
    assert (last / "index.html").read_text(encoding="utf-8") == "the last good one"
    failed = small / "build" / SMALL / f"{name}.failed"
    assert str(failed) in done.stderr
    assert {p.name for p in failed.iterdir()} == {
        "log.txt",
        "pilot-birch.ipynb",
        "pilot-cedar.ipynb",
    }
    assert "1 / 0" in (failed / "log.txt").read_text(encoding="utf-8")


def test_a_wrong_alternative_is_refused_before_anything_runs(small: Path) -> None:
    path = small / "data" / SMALL / "passes" / "alternatives.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",stage,4,stated,3,", ",stage,4,stated,7,", 1), encoding="utf-8")
    said = refused_command(small, "report")
    assert "alternatives.csv: line 2: column alternative_value: value '7'" in said


def test_two_claims_with_one_id_are_refused() -> None:
    claim = {"suffix": "birch"}
    output = {"data": {MIME: {"claims": [claim, claim]}}}
    executed = {"cells": [{"id": "said-of-all", "outputs": [output]}]}
    with pytest.raises(BuildError, match=r"progress: .* two claims progress\.said-of-all-birch"):
        claims([(Run("progress", "progress", {}), executed)])


def test_a_page_that_names_no_claim_is_named(small: Path) -> None:
    page = small / "report" / "text" / "en" / "evidence.md"
    page.write_text(
        page.read_text(encoding="utf-8") + '\n{{ num("coding.nothing") }}\n', encoding="utf-8"
    )
    done = run_command(small, "report", NOTEBOOK="coding")
    assert done.returncode == 1
    assert "report/text/en/evidence.md: no claim 'coding.nothing'" in done.stderr
    assert "Traceback" not in done.stderr
    name = f"{SMALL_WAVE}+notebook=coding"
    beside = small / "build" / SMALL
    assert not (beside / name).exists()
    # what had been run is kept
    assert [p.name for p in beside.glob(f".{name}.finished/notebooks/*")] == ["coding"]


def _is_kernel(process: psutil.Process) -> bool:
    """Whether it is a kernel, be it only just begun: plain, or forked from a warm parent."""
    with suppress(psutil.NoSuchProcess):
        if any(part.endswith("ipykernel_launcher") for part in process.cmdline()):
            return True
        parent = process.parent()
        return parent is not None and any("forked/parent.py" in part for part in parent.cmdline())
    return False


HANGS = 'import time\nopen("{}", "w").close()\ntime.sleep(600)\nstudy.outcome([pilot])'


@pytest.mark.xdist_group("timed")
@pytest.mark.parametrize(
    ("sent", "moment", "kernel"),
    [
        # that both signals do the same at any moment: `test_interrupts`
        pytest.param(signal.SIGINT, "importing", "forked", marks=pytest.mark.slow),
        # cells that hang are not waited for
        (signal.SIGTERM, "hanging", "forked"),
        pytest.param(signal.SIGINT, "hanging", "plain", marks=pytest.mark.slow),
        # kernels are only being started
        pytest.param(signal.SIGINT, "starting", "forked", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, "starting", "plain", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, "rendering", "forked", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_build_leaves_the_last_good_report_and_nothing_running(
    small: Path, tmp_path: Path, sent: signal.Signals, moment: str, kernel: str
) -> None:
    name = f"{SMALL_WAVE}+notebook=pilot"
    last = good_report(small, name)
    temporary, hangs = tmp_path / "temporary", tmp_path / "hangs"
    temporary.mkdir()
    if moment == "hanging":
        replace_cell(small, "pilot", "stage", HANGS.format(hangs))
    environment = {"ANALYSIS_ROOT": str(small), "NOTEBOOK": "pilot", "KERNEL": kernel}
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis", "report"],
        env={**os.environ, **environment, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    making = last.with_name(f".{name}.making")
    reached: dict[str, Callable[[], bool]] = {
        "importing": lambda: bool(children) and not making.is_dir(),
        "hanging": lambda: bool(children) and hangs.exists(),
        "starting": lambda: any(map(_is_kernel, children)),
        "rendering": lambda: any(making.glob("notebooks/*.ipynb")),
    }
    children: list[psutil.Process] = []
    try:
        ends = time.monotonic() + 60
        # looked at once: a process that was only just begun can be gone a moment later
        seen = False
        while not seen and time.monotonic() < ends:
            time.sleep(0.01)
            children = psutil.Process(process.pid).children(recursive=True)
            seen = reached[moment]()
        assert seen, f"{moment}: never seen"
        process.send_signal(sent)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, said
    assert "interrupted; the last good result stays" in said
    assert moment != "hanging" or "Traceback" not in said
    assert (last / "index.html").read_text(encoding="utf-8") == "the last good one"
    assert not making.exists()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert list(temporary.iterdir()) == []


# some modules swallow what is raised while they are imported, as this finder does
SWALLOWED = """
import os, signal, sys
from contextlib import suppress
from analysis.__main__ import main
class Swallows:
    def find_spec(self, name, *_):
        if name == "{module}":
            with suppress(BaseException):
                os.kill(os.getpid(), signal.{sent})
sys.meta_path.insert(0, Swallows())
sys.argv = ["analysis", "report"]
main()
"""


@pytest.mark.parametrize(
    ("module", "sent"),
    [
        # that both signals do the same: `test_interrupts`
        ("analysis.publish.inputs", "SIGINT"),
        ("click", "SIGTERM"),
        ("analysis.publish.report", "SIGINT"),
    ],
)
def test_an_interrupt_counts_though_an_import_would_swallow_it(
    small: Path, module: str, sent: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED.format(module=module, sent=sent)],
        env={**os.environ, "ANALYSIS_ROOT": str(small), "NOTEBOOK": "pilot"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "interrupted; the last good result stays, finished runs are kept\n"
    assert not (small / "build").exists()


@pytest.mark.xdist_group("timed")
def test_a_cell_that_hangs_ends_with_its_id(small: Path) -> None:
    """Of a forked kernel; of a plain one: `test_hostile_cells`."""
    replace_cell(
        small,
        "pilot",
        "stage",
        'if pilot == "cedar":\n    import time; time.sleep(600)\nstudy.outcome([pilot])',
    )
    done = run_process(small, "report", NOTEBOOK="pilot", TIMEOUT="5")
    assert done.returncode == 1
    assert "pilot-cedar: cell stage" in done.stderr
    assert "did not end within 5 s; TIMEOUT=10 allows more" in done.stderr
    assert "1 of 3 failed" in done.stderr
    assert done.stderr.count(": done in") == 2


@pytest.mark.parametrize("given", ["0", "-5", "2.5", "soon"])
def test_a_time_out_that_is_none_is_named(small: Path, given: str) -> None:
    said = refused_command(small, "report", NOTEBOOK="pilot", TIMEOUT=given)
    assert f"TIMEOUT: {given!r}; allowed: whole seconds" in said


def test_a_second_build_waits_and_says_for_whom(pilots: Path) -> None:
    name = f"{SMALL_WAVE}+notebook=pilot"
    folder, page = pilots / "build" / SMALL, pilots / "report" / "text" / "en" / "evidence.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    with (folder / f".{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "analysis", "report"],
            env={**os.environ, "ANALYSIS_ROOT": str(pilots), "NOTEBOOK": "pilot"},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "waiting: process 4711 builds" in process.stderr.readline()
        assert process.poll() is None
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert Path(said.strip()).is_file()
    assert "One more line." in (folder / name / "en" / "evidence.html").read_text(encoding="utf-8")


def test_a_build_that_fails_midway_restores_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "report"
    with aside(target) as making:
        (making / "x").write_text("first", encoding="utf-8")

    def fail() -> None:
        with aside(target) as making:
            (making / "x").write_text("second", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (target / "x").read_text(encoding="utf-8") == "first"
    # a build that was killed after the old report was put aside, before the new one was in place
    target.rename(tmp_path / ".report.last")
    with pytest.raises(RuntimeError):
        fail()
    assert (target / "x").read_text(encoding="utf-8") == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_an_interrupt_in_the_moment_the_folder_is_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir

    def interrupted(path: Path, *args: Any, **options: Any) -> None:
        real(path, *args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt), aside(tmp_path / "report"):
        pass
    assert not list(tmp_path.iterdir())


def test_tidy_strips_what_jupyterlab_saved_and_keeps_the_rest(small: Path) -> None:
    path = small / "notebooks" / "coding.ipynb"
    before = path.read_bytes()
    content = json.loads(before)
    content["metadata"]["language_info"] = {"name": "python", "version": "3.13.0"}
    for cell in content["cells"]:
        cell["metadata"]["trusted"] = True
        if cell["cell_type"] == "code":
            cell["execution_count"] = 7
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x"]}]
    path.write_text(json.dumps(content), encoding="utf-8")
    done = run_command(small, "tidy")
    assert "coding.ipynb: tidied" in done.stdout
    assert "pilot.ipynb: nothing to do" in done.stdout
    assert path.read_bytes() == before
    assert not tidy(path)


def test_what_is_no_notebook_is_named_by_tidy(small: Path) -> None:
    # the first: nothing is said of others before it
    first = min((small / "notebooks").glob("*.ipynb"))
    first.write_text("{", encoding="utf-8")
    assert first.name in refused_command(small, "tidy")


# root may read everything: without what allows it that it may not
AS_ANYBODY = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
needs_setpriv = pytest.mark.skipif(
    bool(AS_ANYBODY) and shutil.which("setpriv") is None, reason="root may read everything"
)


def report_as(
    repository: Path, *before: str, notebook: str = "coding", **options: Any
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "analysis", "report"],
        env={**os.environ, "ANALYSIS_ROOT": str(repository), "NOTEBOOK": notebook},
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        **{"cwd": repository, "stdout": subprocess.DEVNULL, **options},
    )


def assert_said(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line, without a traceback."""
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    for word in words:
        assert word in line


@needs_setpriv
@pytest.mark.parametrize("place", ["codings.csv", "passes"])
def test_what_may_not_be_read_is_named(small: Path, place: str) -> None:
    path = small / "data" / SMALL / place
    path.chmod(0)
    try:
        done = report_as(small, *AS_ANYBODY)
    finally:
        path.chmod(0o755)
    assert_said(done, str(path), "Permission denied; give yourself the right to read")


def a_file(path: Path) -> None:
    path.write_text("", encoding="utf-8")


def a_link(path: Path) -> None:
    path.symlink_to("nowhere")


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("other", [a_file, a_link, a_loop])
@pytest.mark.parametrize("place", ["build", f"build/{SMALL}"])
def test_what_stands_in_the_place_of_a_folder_is_named(
    small: Path, place: str, other: Callable[[Path], None]
) -> None:
    (small / place).parent.mkdir(exist_ok=True)
    other(small / place)
    (line,) = refused_command(small, "report", status=1, NOTEBOOK="coding").splitlines()
    assert str(small / "build") in line
    assert "move away what stands there, and run it" in line


@needs_setpriv
def test_a_build_folder_that_may_not_be_written_is_named(small: Path) -> None:
    (small / "build").mkdir(mode=0o555)
    assert_said(report_as(small, *AS_ANYBODY), str(small / "build"), "Permission denied; give")


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_named_and_what_was_run_is_kept(small: Path) -> None:
    (small / "build").mkdir()
    disk = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small / "build")]
    if subprocess.run(disk, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        done = report_as(small, notebook="rivals")
        assert done.returncode == 1
        ran, line = done.stderr.splitlines()
        assert ran.startswith("rivals: done in")
        assert "No space left on device; make room there, and run it again" in line
        # whole, to be taken over
        kept = (small / "build" / SMALL).glob(".*.finished/notebooks/*")
        assert [told["runs"][0]["page"] for _, told in manifests(kept)] == ["rivals"]
    finally:
        subprocess.run(["umount", str(small / "build")], check=True)


@pytest.mark.slow
def test_nobody_needs_to_read_what_is_said(small: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    def poor() -> None:
        """No stream, no working folder; few open files, of which a person may have more."""
        gone.rmdir()
        os.closerange(0, 3)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))

    done = report_as(small, cwd=gone, preexec_fn=poor)
    assert (done.returncode, done.stderr) == (0, "")
    for first, end in ((1, 2), (2, 3), (0, 3)):
        done = report_as(small, preexec_fn=partial(os.closerange, first, end))
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    read, unread = os.pipe()
    os.close(read)
    done = report_as(small, stdout=unread)
    assert done.stderr == "nothing to do: the report is up to date\n"
    page = small / "report" / "text" / "en" / "evidence.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    done = report_as(small, stdout=unread)
    os.close(unread)
    assert done.stderr.splitlines()[-1].startswith("this machine: Broken pipe; let what reads")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "build/ or the temporary folder .*make"),
        (OSError(errno.EMFILE, "Too many open files", "/a/b"), r"^/a/b: Too many .*\(ulimit -n"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), r"^this .*\(ulimit -u"),
        (MemoryError(), "^this machine: Cannot allocate memory; end other programs"),
        (RuntimeError("can't start new thread"), "^this machine: Cannot allocate memory"),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]), "^b: No .*make"),
        (shutil.SpecialFileError("`a` is a named pipe"), "`a` is a named pipe; see what"),
        (RuntimeError("x\nOSError: [Errno 30] Read-only file system: '/r'\n"), "^/r: Read-only"),
    ],
)
def test_what_the_machine_refuses_is_said_in_one_line(error: Exception, said: str) -> None:
    line = fault(error)
    assert line is not None
    assert re.search(said, line), line
    assert line.endswith(", and run it again")


def test_another_error_is_no_fault_of_the_machine() -> None:
    assert fault(ValueError("x")) is None


def test_too_few_open_files_are_named_before_a_kernel_waits_for_one(small: Path) -> None:
    """Found: with 30 a forked kernel printed a traceback and the build waited for ever."""
    done = limited(small, RLIMIT_NOFILE=(64, 64))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "open files: 64 allowed, 256 needed; allow more (ulimit -n 4096)\n"
    # what a person may raise is raised: `test_nobody_needs_to_read_what_is_said`


@pytest.mark.slow
def test_a_notebook_that_the_machine_cuts_is_no_traceback(small: Path) -> None:
    done = limited(small, RLIMIT_FSIZE=(20 * 1024, 20 * 1024))
    assert done.returncode == 1
    assert "File too large; make room there" in done.stderr
    assert "Traceback" not in done.stderr


def limited(root: Path, **limits: tuple[int, int]) -> subprocess.CompletedProcess[str]:
    """Build one page of a copy in a process of its own with these limits."""

    def limit() -> None:
        for name, values in limits.items():
            resource.setrlimit(getattr(resource, name), values)

    return subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        env={**os.environ, "ANALYSIS_ROOT": str(root), "NOTEBOOK": "progress"},
        cwd=root,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
