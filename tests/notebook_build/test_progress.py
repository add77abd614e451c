"""What a person sees while a build goes on: one bar at a terminal, lines elsewhere."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from notebook_build import progress as of
from notebook_build.progress import Progress


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(of, "time", moved)
    return moved


def test_what_is_left_is_what_runs_took_before_shared_among_those_at_work(clock: Clock) -> None:
    with Progress({"a": 10.0, "b": 20.0, "c": 6.0}, pages=4.0) as progress:
        progress.begin(["a", "b", "c"])
        progress.started("a")
        progress.started("b")
        # the longest is waited for: 20, more than (10 + 20 + 6) / 2
        assert progress.left() == pytest.approx(20 + 4)
        clock.now += 14
        # the first is late: nothing of it counts
        assert progress.left() == pytest.approx((0 + 6 + 6) / 2 + 4)
        progress.ended("a", 8.0, failed=False)
        progress.started("c")
        clock.now += 30
        # longer than before: nothing is known of what is left of it
        assert progress.left() == pytest.approx(4)
        for run in ("b", "c"):
            progress.ended(run, 30.0, failed=False)
        with progress.rendering():
            clock.now += 1
            assert progress.left() == pytest.approx(3)


def test_one_long_run_is_waited_for_and_a_new_one_counts_as_the_usual(clock: Clock) -> None:
    with Progress({"a": 1.0, "b": 40.0}) as progress:
        progress.begin(["a", "b", "new"])
        for run in ("a", "b", "new"):
            progress.started(run)
        assert progress.left() == pytest.approx(40)
        progress.ended("b", 40.0, failed=False)
        assert progress.left() == pytest.approx(20.5)


def test_nothing_known_is_not_made_up(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress({}) as progress:
        progress.begin(["a", "b"])
        progress.started("a")
        assert progress.left() is None
        progress.ended("a", 2.5, failed=False)
        progress.started("b")
        progress.ended("b", 0.5, failed=True)
    assert capsys.readouterr().err.splitlines() == [
        "a: done in 2.5 s (1 of 2 steps, about 2 s left)",
        "b: failed after 0.5 s (2 of 2 steps)",
    ]


@pytest.mark.slow
def test_at_a_terminal_one_bar_goes_from_the_first_notebook_to_the_pages(small: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "analysis", "report"],
        env={**os.environ, "ANALYSIS_ROOT": str(small), "NOTEBOOK": "rivals"},
        stderr=theirs,
        stdout=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        seen, ends = bytearray(), time.monotonic() + 120
        while time.monotonic() < ends:
            try:
                more = os.read(ours, 4096)
            except OSError:
                break
            seen += more
        process.wait(30)
    os.close(ours)
    shown = seen.decode()
    assert process.returncode == 0, shown
    assert re.search(r"0 of 2 steps, \d+ s.*: rivals", shown)
    assert re.search(r"1 of 2 steps, \d+ s.*: pages", shown)
    assert "2 of 2 steps" in shown
    assert "rivals: done in" not in shown
    # the bar is taken away, one line stays
    assert shown.rstrip().splitlines()[-1].strip().startswith("1 of 1 notebooks run in")
