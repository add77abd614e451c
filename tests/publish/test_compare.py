"""Two builds side by side, what is expected of claims, and whether two builds are the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import verify as verifying
from bs4 import BeautifulSoup
from support import ROOT, SMALL, SMALL_WAVE, copy_repository, refused_command, run_command

from analysis.publish.compare import EXPECTED, Compact, accept, compact, counted, moves, table
from analysis.study import StudyError
from notebook_build import write_whole

pytestmark = pytest.mark.xdist_group("three")
KEY = f"{SMALL}/{SMALL_WAVE}"


def claim(name: str, **more: Any) -> dict[str, Any]:
    fields = ("value", "interval", "n", "of", "p_value", "flips")
    base = {
        **dict.fromkeys(fields),
        "id": name,
        "grade": "counted",
        "text": {"zh": "甲", "en": "A."},
    }
    return {**base, **more}


def ledger_of(build: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((build / "claims.json").read_text(encoding="utf-8"))
    return found


def rewritten(build: Path, name: str, **changes: Any) -> None:
    """Change one claim of a build on disk."""
    entries = ledger_of(build)
    next(e for e in entries if e["id"] == name).update(changes)
    (build / "claims.json").write_text(json.dumps(entries), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"value": 0.8}, {"value": 0.6}, [("a.b", "value", "0.8", "0.6", "-0.2")]),
        # sums of floats that end differently
        ({"value": 0.1 + 0.2}, {"value": 0.3}, []),
        ({"value": None}, {"value": 1}, [("a.b", "value", "none", "1", "")]),
        ({"interval": [-1.0, 0.5]}, {"interval": [-1.0, 0.25]},
         [("a.b", "interval", "[-1, 0.5]", "[-1, 0.25]", "")]),
        ({"grade": "counted", "n": 1}, {"grade": "bounded", "n": 2},
         [("a.b", "grade", "counted", "bounded", ""), ("a.b", "n", "1", "2", "1")]),
        ({"flips": 3}, {"flips": ">3"}, [("a.b", "flips", "3", ">3", "")]),
        # the sentence counts where nothing else moved; what a terminal would obey is shown
        ({}, {"text": {"en": "B\x1b."}}, [("a.b", "sentence", "A.", "B[U+001B].", "")]),
        ({}, {"value": 1, "text": {"en": "B."}}, [("a.b", "value", "none", "1", "")]),
    ],
)  # fmt: skip
def test_what_moved_is_named_with_both_values(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    found = moves(compact([claim("a.b", **old)]), compact([claim("a.b", **new)]))
    assert found == expected


def test_new_gone_and_changed_grades_are_counted_apart() -> None:
    old = compact([claim("a"), claim("b"), claim("c")])
    new = compact([claim("b", grade="bounded"), claim("c", n=1), claim("d")])
    found = moves(old, new)
    assert [(m.claim, m.what) for m in found] == [
        ("a", "gone"), ("b", "grade"), ("c", "n"), ("d", "new"),
    ]  # fmt: skip
    assert counted(found) == "2 claims moved, 1 changed grade, 1 new, 1 gone"
    assert counted([]) == "0 claims moved"
    lines = table(found)
    assert lines[0].split() == ["claim", "what", "before", "after", "by"]
    assert len(lines) == 5
    assert table([]) == []


def test_compare_prints_a_table_and_writes_a_page_without_programs(three: Path) -> None:
    build = three / "build" / KEY
    other = Path(shutil.copytree(build, three / "build" / SMALL / "other"))
    rewritten(
        other, "progress.slow-pilots", n=2, grade="bounded", text={"en": "<script>x</script>"}
    )
    (three / "data" / SMALL / "x.txt").touch()
    page = three / "a new folder" / "page.html"
    done = run_command(three, "compare", str(build), str(other), "--page", str(page))
    assert done.returncode == 0, done.stderr
    total = len(ledger_of(build))
    assert done.stdout.startswith(f"1 claim moved, 1 changed grade; {total - 1} the same\n")
    assert "progress.slow-pilots  grade  counted  bounded" in done.stdout
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert not soup.find(["script", "link", "img"])
    assert "default-src 'none'" in str(soup.find("meta", {"http-equiv": True}))
    assert [str(each) in soup.get_text() for each in (build, other)] == [True, True]
    assert len(soup.select("tbody tr")) == 2
    assert "made from the same files" in soup.get_text()


def test_a_page_in_the_place_of_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", b"page")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_without_claims_is_refused(three: Path) -> None:
    build = str(three / "build" / KEY)
    assert "nowhere: no such folder; name a folder build/<study>/<wave>" in refused_command(
        three, "compare", build, "nowhere"
    )


@pytest.mark.slow
def test_a_report_says_what_moved_since_the_last_one(three: Path) -> None:
    """The last ledger is kept beside, and the report is the same to the byte as without it."""
    build = three / "build" / KEY
    before = verifying.contents(build)
    rewritten(build, "progress.slow-pilots", n=3)
    done = run_command(three, "report")
    assert done.returncode == 0, done.stderr
    assert "1 claim moved since the last report: progress.slow-pilots n 3 -> 1" in done.stderr
    assert verifying.contents(build) == before
    kept = build.with_name(f".{SMALL_WAVE}.before")
    assert f"compare '{kept}' '{build}'" in done.stderr
    done = run_command(three, "compare", str(kept), str(build))
    assert "progress.slow-pilots  n     3       1      -2" in done.stdout


def test_accepting_writes_both_files_whole_and_only_what_moved(three: Path) -> None:
    build, changes = three / "build" / KEY, three / "CHANGELOG.md"
    line = accept(three, SMALL, SMALL_WAVE, "it is the\nfirst time.")
    expected = json.loads((three / EXPECTED).read_text(encoding="utf-8"))
    assert expected == {KEY: json.loads(json.dumps(compact(ledger_of(build))))}
    assert "because it is the first time: `" in line
    assert (
        changes.read_text(encoding="utf-8")
        == f"# Changelog\n\n## Unreleased\n\n{line}\n- Earlier.\n"
    )
    assert accept(three, SMALL, SMALL_WAVE, "again").startswith("nothing to accept")
    assert not list(three.rglob("*.new"))


@pytest.mark.parametrize("what", ["reason", "heading", "expected", "stale"])
def test_what_cannot_be_accepted_is_refused_and_writes_nothing(three: Path, what: str) -> None:
    reason, path = "they moved", three / "CHANGELOG.md"
    if what == "reason":
        reason = " \n"
    elif what == "heading":
        path.write_text("# Changelog\n", encoding="utf-8")
    elif what == "expected":
        (three / EXPECTED).parent.mkdir(parents=True)
        (three / EXPECTED).write_text("{", encoding="utf-8")
    else:
        with (three / "data" / SMALL / "codings.csv").open("a", encoding="utf-8") as file:
            file.write("\n")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(StudyError, match=r"--because|Unreleased|restore it|make report"):
        accept(three, SMALL, SMALL_WAVE, reason)
    assert path.read_text(encoding="utf-8") == before
    assert what == "expected" or not (three / EXPECTED).exists()


@pytest.mark.parametrize("differs", ["", "byte", "claim", "manifest"])
def test_verify_names_what_differs_and_ends_with_1(
    three: Path, differs: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = three / "build" / KEY
    accept(three, SMALL, SMALL_WAVE, "first")
    second = Path(shutil.copytree(build, three / "second" / SMALL_WAVE))
    if differs == "byte":
        (second / "index.html").write_text("other", encoding="utf-8")
    elif differs == "claim":
        known: dict[str, Compact] = json.loads((three / EXPECTED).read_text(encoding="utf-8"))
        known[KEY]["progress.slow-pilots"]["n"] = 7
        (three / EXPECTED).write_text(json.dumps(known), encoding="utf-8")
    # timings apart the manifest counts
    told = json.loads((second / "manifest.json").read_text(encoding="utf-8"))
    told["seconds"] = told["machine"] = None
    if differs == "manifest":
        told["versions"]["numpy"] = "0"
    (second / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    folders = iter([build, second])
    monkeypatch.setattr(verifying, "built", lambda *_: next(folders))
    monkeypatch.setattr(verifying, "copied", lambda _, copy: copy)
    assert verifying.verify(three, SMALL, SMALL_WAVE) == bool(differs)
    said = capsys.readouterr().out
    assert ("the same to the byte" in said) == (differs in ("", "claim"))
    for part in {
        "": ["does not show", "are as in tests/expected"],
        "byte": ["differs between the two builds: index.html"],
        "claim": ["progress.slow-pilots  n     7       1      -6", "accept --because"],
        "manifest": ["differs between the two builds: manifest.json"],
    }[differs]:
        assert part in said


def clone_of(three: Path) -> Path:
    """A clone of what is committed with that report in it; a copy, if something is not yet."""
    made = ("data", "locale", "notebooks", "report", "src", "tests/fixtures")
    status = ["git", "status", "--porcelain", "--", *made]
    if subprocess.run(status, cwd=ROOT, capture_output=True, check=True).stdout:
        return three
    clone = three.with_name("a clone")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    shutil.rmtree(clone / "data")
    (clone / "data").mkdir()
    (clone / "tests" / "fixtures" / SMALL).rename(clone / "data" / SMALL)
    shutil.copytree(three / "build", clone / "build")
    # that report was built where there was none
    (clone / "requirements.lock").unlink()
    return clone


@pytest.mark.slow
def test_a_build_of_a_clone_agrees_with_the_last_and_a_moved_number_is_shown(
    three: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a clone without what git knows: other path, hash seed, time zone, locale, kernels.

    The first of the two builds is that which all tests share.
    """
    place, last, build = clone_of(three), three / "build" / KEY, verifying.built
    accept(place, SMALL, SMALL_WAVE, "first")
    known = json.loads((place / EXPECTED).read_text(encoding="utf-8"))
    known[KEY]["progress.slow-pilots"]["n"] = 7
    (place / EXPECTED).write_text(json.dumps(known), encoding="utf-8")
    first, second = verifying.BUILDS
    assert verifying.BUILDS[second]["KERNEL"] == "plain"
    copies: list[str] = []

    def built(copy: Path, study: str, wave: str) -> Path:
        # both copies lie there before the first of them is built
        assert {each.name for each in copy.parent.iterdir()} == {first, second}
        copies.append(copy.name)
        if copy.name == first:
            return last
        folder = build(copy, study, wave)
        before, told = (json.loads((f / "manifest.json").read_bytes()) for f in (last, folder))
        # that one was asked for without a name, and beside a lock, which is in the keys of runs
        assert told["asked"] == {**before["asked"], "STUDY": SMALL}
        told["asked"] = before["asked"]
        for run, earlier in zip(told["runs"], before["runs"], strict=True):
            assert len(run["key"]) == len(earlier["key"]) > 0
            run["key"] = earlier["key"]
        (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
        return folder

    monkeypatch.setattr(verifying, "built", built)
    assert verifying.verify(place, SMALL, "") == 1
    assert copies == [first, second]
    said = capsys.readouterr().out
    assert "the same to the byte" in said, said
    assert "progress.slow-pilots  n     7       1      -6" in said


def test_verify_is_a_command_that_names_what_it_cannot_find(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.verify"],
        cwd=ROOT,
        env={**os.environ, "ANALYSIS_ROOT": str(copy_repository(tmp_path / "copy", SMALL)),
             "STUDY": "nowhere", "WAVE": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr
