"""What is coded is counted, every row that moves a claim is listed, and typed words follow what is coded."""

from pathlib import Path

import pandas as pd
import pytest
from foreign_studies import CLINICS, clinics
from ledger import Entry, claims_of, ledger, runs
from mutated import copy_of, lists, moved
from support import ROOT, STUDY, WAVE

from analysis.claims import flips
from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.study import UNREAD, Study

FOLDER = ROOT / "data" / STUDY
PANSHI = "progress.same-parent-panshi"


@pytest.fixture(autouse=True)
def unsearched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No recodings are searched: none of this is a comparison."""
    monkeypatch.setattr(flips, "flips_of", lambda *_: None)


def rewritten(root: Path, table: str, where: dict[str, str], change: dict[str, str]) -> int:
    """Have the rows of a table that hold this hold something else; return the line of the last."""
    path = root / "data" / STUDY / table
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows = (frame[list(where)] == pd.Series(where)).all(axis=1)
    assert rows.any()
    frame.loc[rows, list(change)] = list(change.values())
    frame.to_csv(path, index=False, lineterminator="\n")
    return int(frame.index[rows][-1]) + 2


def of_factor(study: Study, notebook: str, factor: str) -> dict[str, Entry]:
    """Return the claims of one factor's page."""
    wanted = (
        r for r in runs(study) if (r.notebook, r.parameters.get("factor")) == (notebook, factor)
    )
    return claims_of(study, next(wanted))


@pytest.mark.parametrize(
    ("variable", "pilot", "change"),
    [
        # whose project went to the city above, and which city it is; what the other has in trial
        ("superior_takeover", "jilin_htz", {"value": "no"}),
        ("parent", "jilin_htz", {"value": "changchun"}),
        ("parent", "panshi", {"value": "changchun"}),
        ("projects_in_trial", "panshi", {"value": "6"}),
        ("named_slow", "panshi", {"value": "yes"}),
    ],
)
def test_every_row_that_moves_a_pilot_beside_another_is_listed(
    tmp_path: Path, variable: str, pilot: str, change: dict[str, str]
) -> None:
    root = copy_of(FOLDER, tmp_path)
    before = ledger(load_study(STUDY, WAVE, root), ("progress",))
    assert before[PANSHI]["grade"] == "counted"
    where = {"pilot_id": pilot, "variable": variable}
    line = rewritten(root, "codings.csv", where, change)
    assert PANSHI in moved(before, ledger(load_study(STUDY, WAVE, root), ("progress",)))
    assert lists(before[PANSHI], ("codings.csv", line))


def test_what_is_mentioned_is_counted_and_what_rests_on_silence_read_as_no_is_not() -> None:
    found = ledger(load_study(STUDY, WAVE), ("silence", "configurations"))
    grades = {name: claim["grade"] for name, claim in found.items()}
    mentions = {n: g for n, g in grades.items() if n.startswith("silence.reporting-")}
    assert set(mentions.values()) == {"counted"}
    # a base rate that is borrowed from other units lifts nothing
    assert grades["silence.chance-fiscal_capacity"] == "counted"
    assert grades["silence.chance-leadership_change"] == "not_identified"
    read_as_no = {n: g for n, g in grades.items() if n.startswith("silence.silence-as-no")}
    assert {*read_as_no.values(), grades["configurations.one-cell"]} == {"not_identified"}


def test_causes_in_no_formula_are_not_said_to_leave_one(tmp_path: Path) -> None:
    clinics(tmp_path, silent=True)
    found = ledger(load_study(CLINICS, "2021-03", tmp_path), ("configurations",))
    claim = found["configurations.one-cell"]
    assert claim["n"] is None
    assert "such cases take no cause out of the shortest formulas" in claim["text"]["en"]


def test_what_rests_on_a_source_nobody_read_is_not_said_by_the_text(tmp_path: Path) -> None:
    root = copy_of(FOLDER, tmp_path)
    rewritten(root, "sources.csv", {"source_id": "S43"}, {"how": UNREAD})
    claim = of_factor(load_study(STUDY, WAVE, root), "factor", "unit_type")
    observed = claim["factor-unit_type.observed"]
    # the names say of twelve on which side they are; the list of the last one was not read
    assert (observed["n"], observed["of"]) == (12, 13)
    assert observed["text"]["en"].endswith("For 1 more: general knowledge, unsourced.")


@pytest.mark.slow
def test_whether_somebody_read_a_source_moves_what_lists_it_alone(tmp_path: Path) -> None:
    root, names = copy_of(FOLDER, tmp_path), ("overview", "known", "factor", "progress", "rivals")
    before = ledger(load_study(STUDY, WAVE, root), names)
    line = rewritten(root, "sources.csv", {"source_id": "S43"}, {"how": UNREAD})
    after = ledger(load_study(STUDY, WAVE, root), names)
    listing = {name for name, claim in before.items() if lists(claim, ("sources.csv", line))}
    changed = set(moved(before, after))
    assert "factor-unit_type.difference" in changed
    assert changed <= listing


def test_words_of_requirements_and_cautions_follow_what_is_coded(tmp_path: Path) -> None:
    """No sentence that is typed in `study.yaml` outlives the coded value that it says."""
    root = copy_of(FOLDER, tmp_path)
    study = load_study(STUDY, WAVE, root)
    before = ledger(study, ("progress",))
    said = before["progress.required"]["text"]["en"]
    texts = {each.variable: each.text.root["en"] for each in study.declared.requirements}
    typed = {name: text for name, text in texts.items() if "{value" not in text}
    assert len(typed) == 6
    assert all(text in said for text in typed.values())
    for name in typed:
        rewritten(root, "codings.csv", {"pilot_id": "all", "variable": name}, {"value": "other"})
    rewritten(root, "codings.csv", {"variable": "mend_by"}, {"value": "2016-09"})
    for pilot in ("yushu", "jiangyuan"):
        where = {"pilot_id": pilot, "variable": "stage", "value": "3"}
        line = rewritten(root, "codings.csv", where, {"value": "2"})
        assert lists(before["progress.expected"], ("codings.csv", line)) == (pilot == "yushu")
    after = ledger(load_study(STUDY, WAVE, root), ("progress",))
    assert (before["progress.required"]["n"], after["progress.required"]["n"]) == (7, 1)
    assert not [name for name in typed if texts[name] in after["progress.required"]["text"]["en"]]
    assert "September 2016" in after["progress.required"]["text"]["en"]
    cautions = {each.pilot: each.text.root["en"] for each in study.declared.cautions}
    for name, pilot in (("expected", "yushu"), ("two-statements-jiangyuan", "jiangyuan")):
        assert cautions[pilot] in before[f"progress.{name}"]["text"]["en"]
        assert cautions[pilot] not in after[f"progress.{name}"]["text"]["en"]


def test_a_typed_sentence_names_the_coded_value_that_it_says(tmp_path: Path) -> None:
    root = copy_of(FOLDER, tmp_path)
    path = root / "data" / STUDY / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    value: monthly\n", ""), encoding="utf-8")
    with pytest.raises(StudyError, match=r"requirements\.3.*, or \{value\} in the text"):
        load_study(STUDY, WAVE, root)
