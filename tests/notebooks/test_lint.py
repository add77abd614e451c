"""Notebooks as they are committed: clean, in both languages, one claim or exhibit a cell."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support import ROOT

from analysis.publish.parameters import NOTEBOOKS, cell_problems
from notebook_build.notebook_file import tidy

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CLAIM_LINES = 12


@pytest.fixture(params=PATHS, ids=[p.stem for p in PATHS])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def notebook(path: Path) -> Any:
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    return found


def code(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def test_every_declared_notebook_is_there_and_no_other() -> None:
    assert {p.stem for p in PATHS} == set(NOTEBOOKS)


def test_the_parameters_cell_is_the_declaration(path: Path) -> None:
    assert cell_problems(path) == []


def test_each_parameter_has_a_comment_with_what_is_allowed(notebook: Any) -> None:
    cell = next(c for c in code(notebook) if "parameters" in c.metadata.get("tags", []))
    for line in cell.source.splitlines():
        assert re.fullmatch(r"\w+ = .+  # .+: .+", line), line


def test_ids_are_unique_and_meaningful(notebook: Any) -> None:
    ids = [c.id for c in notebook.cells]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in ids)


def test_nothing_that_was_run_is_committed(path: Path, notebook: Any) -> None:
    assert all(c.outputs == [] and c.execution_count is None for c in code(notebook))
    before = path.read_bytes()
    assert not tidy(path)
    assert path.read_bytes() == before


def test_prose_stands_in_both_languages_side_by_side(notebook: Any) -> None:
    prose = [c for c in notebook.cells if c.cell_type == "markdown"]
    assert prose
    for english, chinese in zip(prose[::2], prose[1::2], strict=True):
        assert (english.metadata.tags, chinese.metadata.tags) == (["en"], ["zh"])
        assert english.id.removesuffix("-en") == chinese.id.removesuffix("-zh")
        assert english.source.count("#") == chinese.source.count("#")
        assert re.search(r"[\u4e00-\u9fff]", chinese.source)
        assert not re.search(r"[\u4e00-\u9fff]", english.source)


def test_claim_cells_are_short(notebook: Any) -> None:
    long = {
        c.id: len(c.source.splitlines())
        for c in code(notebook)
        if "Claim(" in c.source and len(c.source.splitlines()) > CLAIM_LINES
    }
    assert not long


def test_no_try_no_silenced_warning_no_magic_no_file(notebook: Any) -> None:
    for cell in code(notebook):
        assert not re.search(r"(?m)^\s*[%!]|get_ipython", cell.source), cell.id
        tree = ast.parse(cell.source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"open", "read_csv", "read_text", "filterwarnings", "simplefilter"}, (
            cell.id
        )
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), cell.id


def test_data_comes_through_the_study_alone(notebook: Any) -> None:
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom):
                first, _, rest = str(node.module).partition(".")
                allowed = first == "smalln" or rest.split(".")[0] in ("study", "exhibits")
                assert allowed, cell.id
            assert not isinstance(node, ast.Import), cell.id


def test_no_notebook_names_a_pilot_or_branches_on_a_factor(path: Path, notebook: Any) -> None:
    from analysis.study.load import load

    study = load("jilin-2016", "2016-01")
    own = {*study.pilots, *study.declared.factors}
    for cell in code(notebook):
        if "parameters" not in cell.metadata.get("tags", []):
            literals = {
                node.value
                for node in ast.walk(ast.parse(cell.source))
                if isinstance(node, ast.Constant)
            }
            assert not literals & own, (path.stem, cell.id)


def test_each_cell_ends_with_what_it_shows(notebook: Any) -> None:
    for cell in code(notebook):
        if "parameters" not in cell.metadata.get("tags", []) and cell.id != "setup":
            assert isinstance(ast.parse(cell.source).body[-1], ast.Expr), cell.id
