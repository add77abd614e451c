"""Notebooks run in a fresh kernel from their own folder, with no preparation."""

import os

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT

from analysis.claims.cell import MIME

# all but those that take long
NAMES = (
    "coding", "progress", "factor", "known", "silence", "changes", "ratios", "exposure", "rivals",
    "configurations", "pilot",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opened_in_jupyterlab_runs_top_to_bottom(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANALYSIS_ROOT", raising=False)
    monkeypatch.setenv("ANALYSIS_LANGUAGE", "zh")
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    folder = str(ROOT / "notebooks")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    shown = [
        output.data
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]
    assert len(shown) >= 2
    # shown in the language asked for, kept in both; a cell without claims shows nothing
    assert all(data["text/html"] == data[MIME]["zh"] for data in shown)
    assert all(data[MIME]["zh"] != data[MIME]["en"] for data in shown if data[MIME]["en"])
    assert os.environ["ANALYSIS_LANGUAGE"] == "zh"


@pytest.mark.parametrize("name", ["progress", "coding", "silence"])
def test_claim_cells_give_the_same_in_any_order(name: str) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    first = [c for c in code if c.id in ("parameters", "setup")]
    rest = [c for c in code if c.id not in ("parameters", "setup")]
    found = []
    for order in (rest, rest[::-1]):
        ordered = nbformat.from_dict(dict(notebook))
        ordered.cells = [nbformat.from_dict(dict(c)) for c in [*first, *order]]
        NotebookClient(
            ordered, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}}
        ).execute()
        claims = {
            c.id: output.data[MIME]["claims"]
            for c in ordered.cells
            for output in c.outputs
            if "claims" in output.get("data", {}).get(MIME, {})
        }
        found.append(claims)
    assert found[0]
    assert found[0] == found[1]
