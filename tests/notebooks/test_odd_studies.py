"""Studies of other shapes: no sentence counts none of none, or says of one what is said of several."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from foreign_studies import WAVE, harbours
from ledger import ledger
from support import ROOT, SMALL, SMALL_WAVE
from variants import Change, changed

from analysis.claims import flips
from analysis.study.load import load_study
from analysis.study.study import Study

SILLY = re.compile(
    r"\b0 of 0\b|\b1 (pilots|factors|causes|reasons|values|groupings|are)\b|\bthe 0 (pilots|named)"
    r"|= <|\bput (there: )?none\b|\b[2-9] cell holds"
)


@pytest.fixture(autouse=True)
def unsearched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No recodings are searched: none of this is about them."""
    monkeypatch.setattr(flips, "flips_of", lambda *_: None)


def three(root: Path, **levels: str | None) -> Study:
    """The three made-up pilots, some variables the same for all of them."""
    shutil.copytree(ROOT / "tests" / "fixtures" / SMALL, root / "data" / SMALL)
    study = load_study(SMALL, SMALL_WAVE, root)
    return changed(study, [Change(p, v, to) for v, to in levels.items() for p in study.pilots])


def of_harbours(root: Path, units: int, every: int) -> Study:
    harbours(root, "odd", units, every)
    return load_study("odd", WAVE, root)


@pytest.mark.parametrize(
    "study",
    [
        lambda root: three(root),
        lambda root: three(root, named_slow="no"),
        lambda root: three(root, named_slow="yes"),
        lambda root: three(root, leadership_change=None, fiscal_shortfall=None, batch=None),
        lambda root: of_harbours(root, 1, 1),
        lambda root: of_harbours(root, 1, 2),
        lambda root: of_harbours(root, 2, 2),
    ],
    ids=["three", "none-named", "all-named", "silent", "one-named", "one-not-named", "two"],
)
def test_no_claim_is_silly(tmp_path: Path, study: Callable[[Path], Study]) -> None:
    said = {name: each["text"]["en"] for name, each in ledger(study(tmp_path)).items()}
    assert said
    assert not {name: text for name, text in said.items() if SILLY.search(text)}


def test_all_named_leave_no_others(tmp_path: Path) -> None:
    claim = ledger(three(tmp_path, named_slow="yes"), ["progress"])["progress.slow-pilots"]
    assert claim["text"]["en"] == "Pilots named as slow: 3 of 3 (Birch, Cedar and Alder)."
