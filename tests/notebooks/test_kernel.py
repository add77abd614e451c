"""Notebooks run in a fresh kernel from their own folder, with no preparation."""

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT, SMALL, SMALL_WAVE, copy_repository

from analysis import open_study
from analysis.claims.cell import MIME
from analysis.publish.parameters import select
from analysis.publish.report import plan

# a forked kernel is as fresh: see `test_forked`
KERNEL = "forked" if sys.platform == "linux" else "python3"


def check_shown(cells: list[Any]) -> None:
    """Shown in the language asked for, kept in both; a cell without claims shows nothing."""
    shown = [
        output.data
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]
    assert len(shown) >= 2
    assert all(data["text/html"] == data[MIME]["zh"] for data in shown)
    assert all(data[MIME]["zh"] != data[MIME]["en"] for data in shown if data[MIME]["en"])


@pytest.mark.parametrize(
    ("name", "kernel"), [("coding", "python3"), ("factor", KERNEL), ("pilot", KERNEL)]
)
def test_a_notebook_opened_in_jupyterlab_runs_top_to_bottom(
    name: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, on the study that it names; the code of every notebook: the next test."""
    monkeypatch.delenv("ANALYSIS_ROOT", raising=False)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.setenv("ANALYSIS_LANGUAGE", "zh")
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=120, kernel_name=kernel, resources=folder).execute()
    check_shown(notebook.cells)
    assert os.environ["ANALYSIS_LANGUAGE"] == "zh"


QUICK = ("coding", "pilot")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with the small study, one for all: kernels of one environment have one warm parent."""
    return copy_repository(tmp_path_factory.mktemp("kernel") / "copy", SMALL)


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
        for name in sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb"))
    ],
)
def test_a_notebook_run_twice_in_one_kernel_says_the_same_and_nothing_of_it(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_ROOT", str(place))
    monkeypatch.setenv("ANALYSIS_LANGUAGE", "zh")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    runs = plan(open_study(SMALL, SMALL_WAVE), select(None), {})
    run = next((run for run in runs if run.notebook == name), None)
    if run is None:
        pytest.skip("this study has nothing for it")
    notebook = nbformat.read(place / "notebooks" / f"{name}.ipynb", as_version=4)
    given = "\n".join(f"{key} = {value!r}" for key, value in run.parameters.items())
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (parameters,) = (cell for cell in cells if cell.id == "parameters")
    parameters.source += f"\n{given}"
    again = [nbformat.from_dict({**cell, "id": f"{cell.id}-again"}) for cell in cells]
    notebook.cells = [*cells, *again]
    folder = {"metadata": {"path": str(place / "notebooks")}}
    NotebookClient(notebook, timeout=120, kernel_name=KERNEL, resources=folder).execute()
    said = [o for cell in notebook.cells for o in cell.outputs if o.get("name") == "stderr"]
    assert said == []
    check_shown(cells)
    for first, second in zip(cells, again, strict=True):
        shown = [[o.get("data") for o in cell.outputs] for cell in (first, second)]
        assert shown[0] == shown[1], first.id
