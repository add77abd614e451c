"""The example of the README: two notebooks of no study, run once, and again where changed; order."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from support import ROOT

from notebook_build import build as builds
from notebook_build.build import build
from notebook_build.notebook import RunResult
from notebook_build.project import InputError, Project, Run

EXAMPLE = re.search(
    r"```python\n(.*?)```",
    (ROOT / "src" / "notebook_build" / "README.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def notebook(path: Path, parameters: str, code: str) -> None:
    cell = new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell, new_code_cell(code, id="answer")]), path)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two notebooks, their data and a module of theirs."""
    for folder in ("data", "notebooks", "src"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "sales.csv").write_text("year,sold\n2015,3\n2016,4\n2016,5\n")
    (tmp_path / "src" / "doubling.py").write_text("def double(x):\n    return 2 * x\n")
    totals = (
        "import pandas as pd\nsales = pd.read_csv('data/sales.csv')\n"
        "sales.loc[sales.year == year, 'sold'].sum().item()"
    )
    trend = "import sys\nsys.path.insert(0, 'src')\nfrom doubling import double\ndouble(21)"
    notebook(tmp_path / "notebooks" / "totals.ipynb", "year = 2015", totals)
    notebook(tmp_path / "notebooks" / "trend.ipynb", "", trend)
    return tmp_path


def example(place: Path) -> dict[str, str]:
    """Run the example in a folder; return what it printed of each run."""
    assert EXAMPLE is not None
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLE.group(1)],
        cwd=place,
        env={name: value for name, value in os.environ.items() if name != "ANALYSIS_ROOT"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def answer(place: Path, page: str) -> str:
    path = place / "build" / "first" / "notebooks" / f"{page}.ipynb"
    last = json.loads(path.read_text(encoding="utf-8"))["cells"][-1]
    return "".join(last["outputs"][0]["data"]["text/plain"])


@pytest.mark.slow
def test_the_example_runs_its_notebooks_once_and_what_changed_alone(place: Path) -> None:
    assert EXAMPLE is not None
    assert len([line for line in EXAMPLE.group(1).splitlines() if line]) <= 10
    assert example(place) == {"totals-2016": "run", "trend": "run"}
    assert (answer(place, "totals-2016"), answer(place, "trend")) == ("9", "42")
    # nothing changed for the one; a module, for the notebook that imports it
    (place / "src" / "doubling.py").write_text("def double(x):\n    return 3 * x\n")
    assert example(place) == {"totals-2016": "taken over", "trend": "run"}
    assert answer(place, "trend") == "63"
    # a notebook, which fails: the last good build stays
    notebook(place / "notebooks" / "trend.ipynb", "", "1 / 0")
    with pytest.raises(AssertionError, match=r"trend: cell answer[\s\S]*last good build stays"):
        example(place)
    assert answer(place, "trend") == "63"
    # data, for all, as nothing is said of who reads them
    notebook(place / "notebooks" / "trend.ipynb", "", "6 * 7 + 1")
    (place / "data" / "sales.csv").write_text("year,sold\n2016,1\n")
    assert example(place) == {"totals-2016": "run", "trend": "run"}
    assert (answer(place, "totals-2016"), answer(place, "trend")) == ("1", "43")


@pytest.mark.parametrize("page", ["", "../other", "a/b", "a\nb"])
def test_a_page_is_a_file_of_the_build(page: str) -> None:
    with pytest.raises(InputError, match=r"^page .*; allowed: a name of a file"):
        Run("trend", page, {})


@pytest.mark.parametrize(
    "value", [(1, 2), date(2020, 1, 1), {1: 2}, [{"a": (1,)}], b"x", Path("x")]
)
def test_what_papermill_would_hand_on_as_something_else_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^trend: parameter 'x': .*; allowed: None, bool"):
        Run("trend", "trend", {"x": value})
    with pytest.raises(InputError, match="parameter 'x y'"):
        Run("trend", "trend", {"x y": 1})
    assert Run("trend", "一 b", {"x": [None, 1.5, {"a": ["é", True, 10**30, float("inf")]}]})


def test_two_runs_of_one_page_are_refused(place: Path) -> None:
    runs = [Run("totals", "totals", {"year": year}) for year in (2015, 2016)]
    with pytest.raises(InputError, match=r"^page 'totals': of two runs"):
        build(Project(place), runs, place / "build" / "first")


@pytest.mark.parametrize("target", ["", "notebooks", "data", "src/doubling.py", "link", "other"])
def test_what_no_build_made_is_not_replaced(place: Path, target: str) -> None:
    (place / "other" / "notebooks").mkdir(parents=True)
    (place / "link").symlink_to("data")
    before = {path: path.is_file() and path.read_bytes() for path in place.rglob("*")}
    with pytest.raises(InputError, match="no build stands there; move that away, or name another"):
        build(Project(place), [Run("trend", "trend", {})], place / target)
    assert before == {path: path.is_file() and path.read_bytes() for path in place.rglob("*")}


def pretend(monkeypatch: pytest.MonkeyPatch, begun: list[str]) -> None:
    """Have a build take each notebook for its own run; `begun`: the pages, in order."""

    def execute(runs: list[Run], project: Project, out: Path, *others: Any) -> None:
        for run in runs:
            begun.append(run.page)
            shutil.copyfile(project.notebook(run.notebook), out / f"{run.page}.ipynb")
            others[-1](RunResult(run, 1.0))

    monkeypatch.setattr("notebook_build.build.execute", execute)


def test_what_is_run_once_begins_before_what_is_run_for_each_thing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    pretend(monkeypatch, begun)
    runs = [Run("totals", f"totals-{year}", {"year": year}) for year in (2015, 2016)]
    build(Project(place), [*runs, Run("trend", "trend", {})], place / "build" / "first")
    assert begun == ["trend", "totals-2015", "totals-2016"]


def test_who_waited_for_another_build_takes_over_its_runs(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found: what was there was looked at before the lock was held, and everything ran twice."""
    begun: list[str] = []
    pretend(monkeypatch, begun)
    project, held = Project(place, inputs=("data/**/*",)), builds.locked

    def first() -> None:
        build(project, [Run("trend", "trend", {})], place / "build" / "reports")

    @contextmanager
    def waited(_: Path) -> Iterator[None]:
        monkeypatch.setattr(builds, "locked", held)
        first()
        yield

    monkeypatch.setattr(builds, "locked", waited)
    first()
    assert begun == ["trend"]
