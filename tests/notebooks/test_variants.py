"""Whatever one coded cell says, or does not, the pages are made, and no sentence keeps what was lost.

Each variable silent, and each of its levels, for one pilot: of the cells of the notebooks that read
it none may fail, and what a sentence says of the pilot in words of the old value has to change.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, SMALL, SMALL_WAVE, STUDY, WAVE

from analysis.publish.parameters import NOTEBOOKS
from analysis.study.load import load_study


def tried(root: Path, *arguments: str) -> list[str]:
    """Try changes of a study in a process of its own; return which."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "variants.py"), *arguments],
        env={**os.environ, "ANALYSIS_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["broken"] == []
    assert found["stale"] == []
    told: list[str] = found["tried"]
    return told


SINGLE = ("coding", "progress", "pilot")
OTHERS = [name for name in NOTEBOOKS if name not in SINGLE]


@pytest.mark.slow
def test_each_variable_silent_and_each_level_makes_the_pages_of_single_cells(small: Path) -> None:
    """One change at each pilot at a time, as in the next test."""
    told = tried(small, SMALL, SMALL_WAVE, "each", ",".join(SINGLE), "1", "3")
    study = load_study(SMALL, SMALL_WAVE, small)
    levels = sum(len(each.levels) for each in study.codebook.variables.values())
    # all levels that are not every pilot's, and each variable that somebody has
    assert len(told) > 0.9 * levels


@pytest.mark.slow
def test_each_variable_silent_and_each_level_makes_every_other_page(small: Path) -> None:
    assert tried(small, SMALL, SMALL_WAVE, "each", ",".join(OTHERS), "2", "3")


@pytest.mark.slow
def test_cells_of_the_study_itself_changed_make_every_page() -> None:
    """Of up to twelve pilots one cell at a time."""
    assert len(tried(ROOT, STUDY, WAVE, "24", ",".join(NOTEBOOKS), "3", "12")) == 24
