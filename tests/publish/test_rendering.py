"""Rendering what has changed gives what rendering everything gives, and is done where it is safe."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from support import SMALL, SMALL_WAVE, files_of, run_command

from analysis.publish.rendering import Renderer, done, frame_of, take

NAME = f"{SMALL_WAVE}+notebook=pilot"


def build(repository: Path) -> None:
    done = run_command(repository, "report", NOTEBOOK="pilot")
    assert done.returncode == 0, done.stderr


def kept(repository: Path) -> Path:
    return repository / "build" / SMALL / f".{NAME}.pages"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.slow
def test_pages_that_could_not_be_rendered_leave_nothing_to_build_on(pilots: Path) -> None:
    small, first = pilots, files_of(pilots / "build" / SMALL / NAME)
    text = small / "report" / "text" / "zh" / "evidence.md"
    before = text.read_text(encoding="utf-8")
    text.write_text(before + "\n[nowhere](#no-such-page.no-such-cell)\n", encoding="utf-8")
    done = run_command(small, "report", NOTEBOOK="pilot")
    assert done.returncode == 1
    assert "the pages in zh were not built" in done.stderr
    # one line, the rest in the log
    (line,) = [each for each in done.stderr.splitlines() if "no-such-page.no-such-cell" in each]
    log = small / "build" / SMALL / f"{NAME}.failed" / "log.txt"
    assert line.endswith(f"; see {log}")
    assert "no-such-page.no-such-cell" in log.read_text(encoding="utf-8")
    assert files_of(small / "build" / SMALL / NAME) == first
    assert not (kept(small) / "zh" / "frame").exists()
    text.write_text(before + "\nOne more line.\n", encoding="utf-8")
    build(small)
    assert "One more line." in files_of(small / "build" / SMALL / NAME)["zh/evidence.html"].decode()


def page(place: Path, *cells: tuple[str, str, str]) -> None:
    content = {
        "cells": [
            {"cell_type": kind, "id": name, "metadata": {"anchors": [name]}, "source": source}
            for kind, name, source in cells
        ]
    }
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    place = tmp_path / "pages"
    page(place / "notebooks" / "one.ipynb", ("markdown", "title", "# One"), ("code", "a", "1"))
    (place / "method.md").write_text("# Method\n\nText.\n\n## Limits {#limits}\n", encoding="utf-8")
    listed = "# Notebooks\n\nText.\n\n```{toctree}\n:hidden:\n\nnotebooks/one\n```\n"
    (place / "notebooks.md").write_text(listed, encoding="utf-8")
    (place / "conf.py").write_text("x = 1\n", encoding="utf-8")
    return place


def reworded(pages: Path) -> None:
    page(pages / "notebooks" / "one.ipynb", ("markdown", "title", "# One"), ("code", "a", "2"))
    replace(pages / "method.md", "Text.", "Other text.")
    replace(pages / "notebooks.md", "Text.", 'A figure.\n<svg><g id="mark"></g></svg>')


def renamed_cell(pages: Path) -> None:
    page(pages / "notebooks" / "one.ipynb", ("markdown", "title", "# One"), ("code", "b", "1"))


def other_heading(pages: Path) -> None:
    page(pages / "notebooks" / "one.ipynb", ("markdown", "title", "# Two"), ("code", "a", "1"))


def other_anchor(pages: Path) -> None:
    replace(pages / "method.md", "{#limits}", "{#edges}")


def other_list(pages: Path) -> None:
    replace(pages / "notebooks.md", "notebooks/one", "method\nnotebooks/one")


def other_settings(pages: Path) -> None:
    replace(pages / "conf.py", "1", "2")


def one_more(pages: Path) -> None:
    (pages / "more.md").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [renamed_cell, other_heading, other_anchor, other_list, other_settings, one_more],
)
def test_what_other_pages_can_show_changes_the_frame(
    pages: Path, change: Callable[[Path], None]
) -> None:
    before = frame_of(pages)
    change(pages)
    assert frame_of(pages) != before


def test_other_words_alone_do_not(pages: Path) -> None:
    before = frame_of(pages)
    reworded(pages)
    assert frame_of(pages) == before


def test_only_pages_with_other_words_are_written_over(pages: Path, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    again, third = tmp_path / "again", tmp_path / "third"
    for copy in (again, third):
        shutil.copytree(pages, copy)
    take(place, pages)
    (place / "out").mkdir()
    index = place / "out" / "searchindex.js"
    index.write_text('Search.setIndex({"terms":{"gone":[],"here":1},"titleterms":{}})')
    done(place, tmp_path / "site")
    index = tmp_path / "site" / "searchindex.js"
    assert index.read_text() == 'Search.setIndex({"terms":{"here":1},"titleterms":{}})'
    files = {p: p.stat().st_mtime_ns for p in (place / "source").rglob("*") if p.is_file()}
    replace(again / "method.md", "Text.", "Other text.")
    take(place, again)
    assert [p.name for p, then in files.items() if p.stat().st_mtime_ns != then] == ["method.md"]
    # it was not finished: the next one begins from nothing
    leftover = place / "out" / "leftover"
    leftover.touch()
    take(place, third)
    assert not leftover.exists()


def newest_child() -> psutil.Process:
    """A browser of other tests may be a child, too, and numbers of processes begin anew."""
    return max(psutil.Process().children(), key=psutil.Process.create_time)


def test_a_renderer_ends_with_its_block_and_a_lost_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    with Renderer() as renderer:
        process = newest_child()
    assert not psutil.pid_exists(process.pid)
    with Renderer() as renderer:
        process = newest_child()
        os.kill(process.pid, signal.SIGKILL)
        renderer.begin(tmp_path)
        (ended,) = renderer.ended()
    lost = "the process that runs Sphinx ended (exit status -9)"
    assert ended == (tmp_path, 1, lost)
    begun = time.monotonic()
    with Renderer() as renderer:
        renderer.begin(tmp_path)
        ((_, status, said),) = renderer.ended()
    assert status != 0
    assert "conf.py" in said
    assert time.monotonic() - begun < 60


def hanging(place: Path) -> Path:
    (place / "source").mkdir(parents=True)
    program = "import time\nopen('../begun', 'w').close()\ntime.sleep(600)\n"
    (place / "source" / "conf.py").write_text(program, encoding="utf-8")
    return place


def test_pages_that_never_end_are_given_up(tmp_path: Path) -> None:
    with Renderer(0.5) as renderer:
        renderer.begin(hanging(tmp_path))
        ((_, status, said),) = renderer.ended()
    assert (status, said) == (1, "not done within 0 s; a longer TIMEOUT allows more")


KILLED = """
import os, signal, sys, time
from pathlib import Path
from analysis.publish.rendering import Renderer
with Renderer() as renderer:
    renderer.begin(Path(sys.argv[1]))
    while not os.path.exists(sys.argv[1] + "/begun"):
        time.sleep(0.01)
    print(renderer._process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they end by themselves")
def test_nothing_is_written_once_the_driver_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(hanging(tmp_path))], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    renderer = psutil.Process(int(process.stdout.readline()))
    works = [renderer, *renderer.children()]
    assert len(works) == 2
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(works, timeout=20)
    assert not alive
