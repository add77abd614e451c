"""From a claim to all that it rests on, in the terminal."""

import json
import shutil
from pathlib import Path

import pytest
from support import ROOT, STUDY, WAVE

from analysis.publish.explain import explain, last_wave, lines_of_code
from analysis.study import StudyError

FILE = "src/analysis/publish/explain.py"
# where a function of 9 lines begins
LINE = (ROOT / FILE).read_text(encoding="utf-8").splitlines().index(
    "def lines_of_code(path: Path, line: int) -> int:"
) + 1


def entry(**more: object) -> dict[str, object]:
    base: dict[str, object] = {
        "id": "progress.slow-pilots", "notebook": "progress", "cell": "slow-pilots",
        "parameters": {"study": STUDY}, "value": 5, "interval": None, "n": 5, "of": 13,
        "unit": "count", "p_value": None, "p_smallest": None, "test": None, "grade": "counted",
        "text": {"en": "Five of 13.", "zh": "13个中有5个。"}, "flips": None, "flips_by": None,
        "varied": None,
        "functions": [{"name": "lines_of_code", "file": FILE, "line": LINE}],
        "evidence": [{
            "file": "codings.csv", "line": 2, "pilot_id": "liaoyuan", "variable": "named_slow",
            "value": "no", "status": "implied", "paragraph": 6, "span": "0:2", "source_id": "S00",
            "known": True, "assumed": False,
        }],
    }  # fmt: skip
    return {**base, **more}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("sources"))
    (tmp_path / "src").symlink_to(ROOT / "src")
    folder = tmp_path / "build" / STUDY / WAVE
    folder.mkdir(parents=True)
    (folder / "claims.json").write_text(json.dumps([entry()]), encoding="utf-8")
    return tmp_path


def test_the_chain_goes_from_the_sentence_to_the_row(built: Path) -> None:
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    for part in (
        "en: Five of 13.", "zh: 13个中有5个。", "n 5", "of 13", "grade: counted",
        "Cell slow-pilots of notebooks/progress.ipynb", "| ", f"lines_of_code  {FILE}:{LINE}  9 lines",
        "codings.csv:2 liaoyuan named_slow = no, implied, paragraph 6", "settled: unanimous",
        "(text not supplied)", "nothing to overturn",
    ):  # fmt: skip
        assert part in said, part
    assert said.splitlines()[-1].startswith("To audit this number: 9 lines of project code")


def test_what_a_terminal_would_obey_is_shown(built: Path) -> None:
    sources = built / "data" / STUDY / "sources"
    sources.mkdir()
    (sources / "S00.txt").write_text("\n" * 5 + "\x1b\r[2J", encoding="utf-8", newline="")
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert "\n      [U+001B] \n" in said
    assert not {"\x1b", "\r"} & set(said)


def test_the_passage_is_shown_where_the_text_is_at_hand(built: Path) -> None:
    sources = built / "data" / STUDY / "sources"
    sources.mkdir()
    (sources / "S00.txt").write_text("\n" * 5 + "一二三四", encoding="utf-8")
    assert "    一二" in explain(built, STUDY, WAVE, "progress.slow-pilots")


def test_the_cost_counts_code_alone() -> None:
    # the docstring and blank lines are read, but are no code; no function begins on the next line
    assert lines_of_code(ROOT / FILE, LINE) == 9
    assert lines_of_code(ROOT / FILE, LINE + 1) == 0


def test_what_would_overturn_a_comparison_is_listed(built: Path) -> None:
    by = {"changes": [{"pilot_id": "fusong", "variable": "stage", "to": "2"}], "turns": "sign"}
    ledger = built / "build" / STUDY / WAVE / "claims.json"
    ledger.write_text(json.dumps([entry(flips=1, flips_by=by)]), encoding="utf-8")
    assert "fusong stage -> 2" in explain(built, STUDY, WAVE, "progress.slow-pilots")


def test_an_unknown_claim_names_near_ones_and_no_build_says_what_to_run(built: Path) -> None:
    with pytest.raises(StudyError, match=r"near: progress\.slow-pilots"):
        explain(built, STUDY, WAVE, "progress.slow-pilot")
    assert last_wave(built, STUDY) == WAVE
    shutil.rmtree(built / "build")
    with pytest.raises(StudyError, match="make report"):
        last_wave(built, STUDY)


@pytest.mark.parametrize("file", [FILE, "src/gone.py", "notebooks/progress.ipynb"])
def test_code_that_changed_since_the_build_is_said(built: Path, file: str) -> None:
    """Another line, a module that is gone, one that cannot be read."""
    elsewhere = [{"name": "lines_of_code", "file": file, "line": LINE + 1}]
    ledger = built / "build" / STUDY / WAVE / "claims.json"
    ledger.write_text(json.dumps([entry(functions=elsewhere)]), encoding="utf-8")
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert said.startswith("The code has changed since this report was built: run make report.")


def test_what_is_gone_since_the_build_is_left_out(built: Path) -> None:
    (built / "notebooks" / "progress.ipynb").unlink()
    (built / "data" / STUDY / "codings.csv").unlink()
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert "| (gone)" in said
    assert "codings.csv:2 liaoyuan named_slow = no" in said
