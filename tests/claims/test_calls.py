"""The functions that a thread calls are all noted, whatever other threads do, on every Python."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from cProfile import Profile
from pathlib import Path

import pytest
from support import ROOT, SMALL, SMALL_WAVE, Built, run_command

from analysis.claims.calls import Calls
from analysis.publish.parameters import things
from analysis.study.load import load_study

MODULE = ROOT / "src" / "analysis" / "claims" / "calls.py"
# three pieces of a file, one thread that calls and others that return from calls all the time
BUSY = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
from calls import Calls

source = "".join(f"def f{n}(): return {n}\\n" for n in range(150))
place = {}
exec(compile(source, "/computing/one.py", "exec"), place)
elsewhere = {}
exec(compile("def other(): return 0\\ndef apart(): return 1", "/computing/two.py", "exec"), elsewhere)
stop = False

def work():
    while not stop:
        elsewhere["other"]()
        sorted(range(50), key=lambda n: -n)

sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
try:
    for again in range(3):
        calls, inner = Calls(("/computing",)), Calls(("/computing",))
        calls.begin()
        for n in range(75):
            place[f"f{n}"]()
        calls.end()
        inner.begin()
        elsewhere["apart"]()
        inner.end()
        calls.begin()
        for n in range(75, 150):
            place[f"f{n}"]()
            time.sleep(0)
        calls.end()
        place["f0"]()
        print(len(calls.codes), sorted(c.co_name for c in calls.codes if "f" != c.co_name[0]),
              [c.co_name for c in inner.codes])
finally:
    stop = True
"""


def runs(python: str) -> bool:
    """Whether a Python is there and runs: a shim of a version that is not chosen does not."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", [sys.executable, "python3.11", "python3.12", "python3.13"])
def test_no_call_is_lost_and_none_of_another_thread_noted(python: str) -> None:
    found = python if os.path.isabs(python) else shutil.which(python)
    if found is None or not runs(found):
        pytest.skip(f"no {python} on the PATH that runs")
    done = subprocess.run(
        [found, "-c", BUSY, str(MODULE.parent)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["150 [] ['apart']"] * 3


def compiled(tmp_path: Path, source: str) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(compile(textwrap.dedent(source), str(tmp_path / "one.py"), "exec"), space)
    return space


def test_what_goes_on_counts_and_what_is_called_twice_counts_once(tmp_path: Path) -> None:
    space = compiled(tmp_path, "def two():\n    yield 1\n    yield 2\ndef one(): return 1")
    first, second = Calls((str(tmp_path),)), Calls((str(tmp_path),))
    going = space["two"]()  # type: ignore[operator]
    next(going)
    first.begin()
    next(going)
    first.end()
    second.begin()
    for _ in range(3):
        space["one"]()  # type: ignore[operator]
    second.end()
    second.end()
    assert [code.co_name for code in first.codes] == ["two"]
    assert [code.co_name for code in second.codes] == ["one"]


def test_another_profiler_within_is_no_error(tmp_path: Path) -> None:
    space, calls = compiled(tmp_path, "def one(): return 1"), Calls((str(tmp_path),))
    calls.begin()
    space["one"]()  # type: ignore[operator]
    profile = Profile()
    profile.runcall(space["one"])
    calls.end()
    assert [code.co_name for code in calls.codes] == ["one"]
    assert profile.getstats()


@pytest.mark.slow
def test_runs_on_a_busy_machine_are_the_same_to_the_byte(small: Path, built_three: Built) -> None:
    """Against those of a report; that two reports are the same: `test_compare`."""
    grid = small / "grid.yaml"
    factors = things(load_study(SMALL, SMALL_WAVE, small), "factor")[:2]
    grid.write_text(f"notebook: factor\ngrid: {{factor: [{', '.join(factors)}]}}", encoding="utf-8")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        done = run_command(small, "sweep", str(grid))
    finally:
        for one in busy:
            one.kill()
            one.wait()
    assert done.returncode == 0, done.stderr
    folder = small / "build" / SMALL / "sweeps" / "grid"
    claims = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    assert len(claims) > 4
    assert claims == [built_three.claims[each["id"]] for each in claims]
    made = list((folder / "notebooks").glob("*.ipynb"))
    assert len(made) == len(factors)
    for path in made:
        assert path.read_bytes() == (built_three.folder / "notebooks" / path.name).read_bytes()
