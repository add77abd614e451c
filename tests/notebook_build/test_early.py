"""What a build gets ready before it imports: the warm parent, and what each run need not check."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from support import ROOT, STUDY, WAVE, run_process

from analysis.publish.inputs import last_report, project_of
from analysis.publish.site import cut_font
from analysis.study import StudyError, guard
from analysis.study.load import load_study
from notebook_build import project

COUNTING = """
import atexit, sys
from notebook_build import forked
made, init = [], forked.WarmParent.__init__
def counted(self, *start):
    made.append("analysis.publish.report" in sys.modules)
    init(self, *start)
forked.WarmParent.__init__ = counted
atexit.register(lambda: print("parents begun after the driver imported:", made))
sys.argv = ["analysis", "report"]
from analysis.__main__ import main
main()
"""


def counting(repository: Path, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        env={**os.environ, "ANALYSIS_ROOT": str(repository), "NOTEBOOK": "rivals", **more},
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.splitlines()[-1].partition(": ")[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_one_parent_is_begun_before_the_driver_imports_and_forks_all_kernels(
    small: Path,
) -> None:
    assert counting(small) == "[False]"
    # words alone: no kernel, no parent
    page = small / "report" / "text" / "notebooks.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    assert last_report(small, {"NOTEBOOK": "rivals"}) == (None, False)
    assert counting(small) == "[]"
    assert last_report(small, {"NOTEBOOK": "progress"}) == (None, True)


def break_study(repository: Path) -> Path:
    folder = repository / "data" / STUDY
    path = folder / "leaders.csv"
    text = path.read_text(encoding="utf-8")
    assert ",government_head," in text
    path.write_text(text.replace(",government_head,", ",uncle,", 1), encoding="utf-8")
    return folder


def loads(repository: Path, known: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"from analysis.study.load import load_study; load_study({STUDY!r}, {WAVE!r})",
        ],
        env={**os.environ, "ANALYSIS_ROOT": str(repository), guard.CHECKED: known},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_study_is_checked_again_unless_it_is_what_was_checked_to_the_byte(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = guard.content_of(repository / "data" / STUDY)
    folder = break_study(repository)
    # only somebody who lies about having checked could make a process take it as it is
    assert loads(repository, guard.content_of(folder)).returncode == 0
    for known in (whole, ""):
        done = loads(repository, known)
        assert done.returncode == 1
        assert "value 'uncle'" in done.stderr
    # who declares it checks it
    monkeypatch.setenv(guard.CHECKED, "")
    monkeypatch.setattr(guard, "_checked_here", False)
    guard.declare_checked(folder)
    assert os.environ[guard.CHECKED] == guard.content_of(folder)
    with pytest.raises(StudyError, match="value 'uncle'"):
        load_study(STUDY, WAVE, repository)


def test_a_report_that_declares_its_study_checked_still_checks_it(repository: Path) -> None:
    break_study(repository)
    done = run_process(repository, "report", NOTEBOOK="rivals")
    assert done.returncode == 2
    assert "value 'uncle'" in done.stderr
    assert not (repository / "build" / STUDY).exists()


def test_code_has_another_hash_when_a_file_changes_in_any_way(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"

    def code() -> str:
        return project.state(tmp_path)

    path.write_text("a = 1", encoding="utf-8")
    first, times = code(), path.stat()
    assert code() == first
    path.write_text("a = 2", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert code() != first


def test_what_pandera_leaves_in_the_environment_is_no_part_of_a_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = project_of(STUDY, ROOT)
    for name in [*study.set_by_imports, *study.personal, "FORKED_PRELOAD", project.CODE]:
        monkeypatch.setenv(name, study.set_by_imports.get(name, "own"))
    for name in ("ANALYSIS_ROOT", "ANALYSIS_RUN", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "own")
    project.set_up(study, {"MPLBACKEND": "agg"})
    assert not set(study.set_by_imports) & set(os.environ)
    assert "ANALYSIS_LANGUAGE" not in os.environ
    assert os.environ["MPLBACKEND"] == "agg"
    assert "analysis.claims.claim" in os.environ["FORKED_PRELOAD"].split()


def test_a_font_has_what_its_sources_show_and_is_kept_for_the_same(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    def font(text: str) -> tuple[bytes, set[int]]:
        content = cut_font(set(text), tmp_path)
        return content, set(TTFont(BytesIO(content)).getBestCmap())

    first, held = font("试点")
    assert held >= set(map(ord, "试点"))
    assert ord("罕") not in held
    # for the same characters it is not cut again
    (cut,) = tmp_path.glob("*.ttf")
    times = cut.stat().st_mtime_ns
    assert font("点试")[0] == first
    assert cut.stat().st_mtime_ns == times
    for damaged in (first[:100], first[:-1] + b"x"):
        cut.write_bytes(damaged)
        assert font("试点")[0] == first
    cut.unlink()
    cut.symlink_to("nowhere")
    assert font("试点")[0] == first
    assert font("试点罕")[1] >= set(map(ord, "试点罕"))
    # one font is kept
    assert len(list(tmp_path.glob("*.ttf"))) == 1
