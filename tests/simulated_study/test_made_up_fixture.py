"""The study of three made-up pilots: something in it for each notebook, settled from its passes."""

from pathlib import Path

import pytest
from support import PILOTS, SMALL, SMALL_WAVE, Built

from analysis.publish.parameters import NOTEBOOKS
from analysis.publish.report import plan
from analysis.study.load import load_study
from analysis.study.settle import settle


def test_it_has_something_for_each_notebook(small: Path) -> None:
    study = load_study(SMALL, SMALL_WAVE, small)
    assert tuple(study.pilots) == PILOTS
    runs = plan(study, list(NOTEBOOKS), {})
    assert {run.notebook for run in runs} == set(NOTEBOOKS)


def test_it_is_what_its_passes_settle_to(small: Path) -> None:
    folder = small / "data" / SMALL
    before = {path: path.read_bytes() for path in folder.glob("*.csv")}
    settle(folder)
    assert {path: path.read_bytes() for path in folder.glob("*.csv")} == before


@pytest.mark.slow
def test_its_whole_report_is_built(built_three: Built) -> None:
    assert "19 of 19 notebooks run" in built_three.said
    assert "since the last report" not in built_three.said
    folder = built_three.folder
    for lang in ("en", "zh"):
        pages = {path.stem for path in (folder / lang / "notebooks").glob("*.html")}
        assert {path.stem for path in (folder / "notebooks").glob("*.ipynb")} <= pages
