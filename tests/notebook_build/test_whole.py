"""Up to date means whole: whatever happens to a file of a build is seen, and nothing that is kept
beside it can make another page."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import (
    PILOTS,
    ROOT,
    SMALL,
    SMALL_WAVE,
    Built,
    done_in,
    files_of,
    run_command,
    run_process,
)

from analysis.publish.inputs import last_report
from analysis.publish.rendering import done, take
from notebook_build import MANIFEST, holds, manifests, remove
from notebook_build.build import Build, Extras, build
from notebook_build.project import BuildError, Project


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0\0")


def change_a_byte(path: Path) -> None:
    """Size and time stay."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def one_more(path: Path) -> None:
    path.with_name("one-more.html").write_bytes(b"")


# damaged and mended again, in one process
whole = pytest.mark.xdist_group("whole")
DAMAGES = [cut, append, change_a_byte, Path.unlink, folder, link, loop, pipe, one_more]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, built_pilots: Built) -> Path:
    """A copy that tests may damage, if they mend it."""
    place = tmp_path_factory.mktemp("whole") / "copy"
    return Path(shutil.copytree(built_pilots.root, place, symlinks=True))


def built(report: Path) -> Path:
    return report / "build" / SMALL / f"{SMALL_WAVE}+notebook=pilot"


@whole
def test_a_changed_byte_in_any_file_of_a_build_is_seen(report: Path) -> None:
    ((place, manifest),) = manifests([built(report)])
    assert holds(place, manifest, manifest["inputs"])
    files = [place / name for name in manifest["outputs"]]
    assert {p.name for p in files} > {
        "index.html",
        "claims.json",
        "pilot-birch.ipynb",
        "codings.csv",
    }
    for path in files:
        before, times = path.read_bytes(), path.stat()
        if before:
            change_a_byte(path)
            assert not holds(place, manifest, manifest["inputs"]), path
            path.write_bytes(before)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert last_report(report, {"NOTEBOOK": "pilot"}) == (place / "index.html", False)


@whole
@pytest.mark.parametrize("damage", DAMAGES)
def test_any_damage_to_a_build_is_seen(
    report: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    ((place, manifest),) = manifests([built(report)])
    names = ("claims.json", "notebooks/pilot-birch.ipynb", "zh/evidence.html", "data/codings.csv")
    for name in names:
        shutil.copytree(place, tmp_path / "copy")
        assert holds(tmp_path / "copy", manifest, manifest["inputs"])
        damage(tmp_path / "copy" / name)
        assert not holds(tmp_path / "copy", manifest, manifest["inputs"]), name
        shutil.rmtree(tmp_path / "copy")


@whole
@pytest.mark.parametrize("damage", [each for each in DAMAGES if each is not one_more])
def test_a_damaged_manifest_is_none(
    report: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    place = tmp_path / "copy"
    place.mkdir()
    shutil.copyfile(built(report) / MANIFEST, place / MANIFEST)
    assert len(list(manifests([place]))) == 1
    damage(place / MANIFEST)
    assert list(manifests([place])) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "[" * 100_000, "1", "null", '"x"', '{"sha256": 5}', '{"sha256": ""}', "\udcff"],
)
def test_what_is_no_manifest_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode(errors="surrogateescape"))
    assert list(manifests([tmp_path])) == []


@pytest.mark.slow
@whole
def test_what_is_damaged_is_made_again_to_the_same_bytes(report: Path, tmp_path: Path) -> None:
    root = shutil.copytree(report, tmp_path / "copy", symlinks=True)
    place = built(root)
    kept, first = place.with_name(f".{place.name}.pages"), files_of(place)
    # as if it had not been copied: what is kept counts where it was made alone
    assert "nothing to do" in run_process(root, "report", NOTEBOOK="pilot").stderr
    cut(place / "claims.json")
    append(place / "notebooks" / "pilot-birch.ipynb")
    folder(place / "zh" / "evidence.html")
    for damaged in (kept / "en" / "out" / "evidence.html", kept / "zh" / "source" / "evidence.md"):
        change_a_byte(damaged)
    for font in kept.glob("*.ttf"):
        change_a_byte(font)
    # left by a build that was killed, and what is no build
    shutil.copytree(place, place.with_name(f".{place.name}.making"))
    place.with_name(f".{place.name}.last").write_text("x", encoding="utf-8")
    again = run_command(root, "report", NOTEBOOK="pilot")
    assert again.returncode == 0, again.stderr
    assert done_in(again.stderr) == ["pilot-birch"]
    assert files_of(place) == first
    assert not list(place.parent.glob(".*.[ml]a*"))


@whole
def test_a_build_that_was_left_unfinished_is_not_the_last_report(report: Path) -> None:
    place = built(report)
    aside = place.with_name(f".{place.name}.making")
    place.rename(aside)
    assert last_report(report, {"NOTEBOOK": "pilot"}) == (None, True)
    aside.rename(place)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["source/a.md", "doctrees/environment.pickle", "out/a.html"])
def test_what_sphinx_kept_counts_only_as_it_left_it(
    tmp_path: Path, damage: Callable[[Path], None], name: str
) -> None:
    kept = tmp_path / "kept"

    def pages() -> Path:
        place = tmp_path / "pages"
        place.mkdir()
        (place / "a.md").write_text("# A\n", encoding="utf-8")
        return place

    def finished() -> None:
        for file in ("doctrees/environment.pickle", "out/a.html"):
            (kept / file).parent.mkdir(exist_ok=True)
            (kept / file).write_bytes(b"made by Sphinx")
        index = kept / "out" / "searchindex.js"
        index.write_text('Search.setIndex({"terms":{},"titleterms":{}})', encoding="utf-8")
        remove(tmp_path / "site")
        done(kept, tmp_path / "site")

    take(kept, pages())
    finished()
    # taken in again as it is
    take(kept, pages())
    assert (kept / "out" / "a.html").is_file()
    finished()
    damage(kept / name)
    take(kept, pages())
    assert sorted(p.name for p in kept.iterdir()) == ["source"]
    # so does what was copied, perhaps from somebody else: a pickle of it would be run
    finished()
    shutil.copytree(kept, tmp_path / "copy")
    take(tmp_path / "copy", pages())
    assert not (tmp_path / "copy" / "doctrees").exists()


def test_files_that_change_while_they_are_read_make_no_build(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a", encoding="utf-8")
    project = Project(tmp_path, inputs=("*.csv",), code=ROOT)

    def finish(_: Build) -> None:
        (tmp_path / "rows.csv").write_text("b", encoding="utf-8")

    with pytest.raises(BuildError, match=r"^rows\.csv: changed while it was being read"):
        build(project, [], tmp_path / "build" / "first", extras=Extras(finish=finish))
    assert not (tmp_path / "build" / "first").exists()
    build(project, [], tmp_path / "build" / "first")
    assert (tmp_path / "build" / "first" / MANIFEST).is_file()


@pytest.mark.slow
@pytest.mark.xdist_group("timed")
def test_a_build_that_is_killed_loses_at_most_the_runs_in_flight(
    small: Path, tmp_path: Path
) -> None:
    """Killed as soon as a run is kept; the next one, which takes that over, while it renders."""
    name, every = f"{SMALL_WAVE}+notebook=pilot", {f"pilot-{pilot}" for pilot in PILOTS}
    beside = small / "build" / SMALL
    last, told = beside / name, tmp_path / "told"
    last.mkdir(parents=True)
    (last / "index.html").write_text("the last good one", encoding="utf-8")
    # without one it would be no build, and be left alone
    (last / MANIFEST).touch()

    def kept() -> set[str]:
        return {
            manifest["runs"][0]["page"]
            for _, manifest in manifests(beside.glob(f".{name}.finished/notebooks/*"))
        }

    def renders() -> bool:
        return (beside / f".{name}.pages" / "zh" / "doctrees").is_dir()

    before = set[str]()
    for reached in (kept, renders):
        with told.open("w", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "analysis", "report"],
                env={**os.environ, "ANALYSIS_ROOT": str(small), "NOTEBOOK": "pilot"},
                stderr=stderr,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        ends = time.monotonic() + 120
        while not reached() and process.poll() is None and time.monotonic() < ends:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert reached()
        assert (last / "index.html").read_text(encoding="utf-8") == "the last good one"
        if reached is kept:
            before = kept()
    assert set(done_in(told.read_text(encoding="utf-8"))) == every - before
    assert kept() == every
    again = run_command(small, "report", NOTEBOOK="pilot")
    assert again.returncode == 0, again.stderr
    assert done_in(again.stderr) == []
    assert sorted(p.name for p in beside.iterdir() if "making" in p.name) == []
    assert not (beside / f".{name}.finished").exists()
    claims = json.loads((last / "claims.json").read_text(encoding="utf-8"))
    assert len({claim["parameters"]["pilot"] for claim in claims}) == 3
