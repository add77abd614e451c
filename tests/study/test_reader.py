"""The study's answers: factors under each reading, and the record of what was asked."""

import math

import pytest
from support import ROOT, STUDY, WAVE

from analysis.study import facts
from analysis.study.errors import StudyError
from analysis.study.evidence import check_locators, normal_form, passage, span_hash
from analysis.study.load import load
from analysis.study.reader import Study


@pytest.fixture
def study() -> Study:
    return load(STUDY, WAVE)


def test_silence_is_unknown_unless_a_regime_says_otherwise(study: Study) -> None:
    name = "leadership_change"
    unknown = study.factor(name)
    assert (unknown.count(1), unknown.count(0), unknown.count(None)) == (3, 0, 10)
    assert study.factor(name, silence="absent").count(0) == 10
    # the two silent ones among the five named
    assert study.factor(name, silence="absent_if_slow").count(0) == 2


def test_facts_turn_silence_into_yes_and_never_into_no(study: Study) -> None:
    alone = study.factor("leadership_change")
    for window, yes in (("since_designation", 5), ("fixed", 6)):
        found = study.factor("leadership_change", window=window)
        assert found.count(1) == yes
        assert found.count(0) == 0
        assert set(alone.where(1)) <= set(found.where(1))


def test_facts_are_filled_in_before_the_regime(study: Study) -> None:
    found = study.factor("leadership_change", window="fixed", silence="absent")
    assert (found.count(1), found.count(0)) == (6, 7)


def test_a_parents_leaders_are_never_a_pilots(study: Study) -> None:
    parents = [r for r in study.tables["leaders.csv"].rows if r["pilot_id"].startswith("PARENT_")]
    assert parents
    answered = study.changed("fixed")
    assert not [r for r in study.record.cells() if r.pilot.startswith("PARENT_")]
    assert set(answered) == set(study.pilots)


def test_the_wider_reading_is_kept_apart(study: Study) -> None:
    notice, wider = study.changed("fixed", "notice"), study.changed("fixed", "wider")
    asked_roles = {r.variable for r in study.record.cells()}
    assert asked_roles == {"government_head", "party_secretary"}
    assert all(wider[p] for p in study.pilots if notice[p])
    # a second post can only add changes, and takes away a known "no"
    assert sum(v is False for v in wider.values()) <= sum(v is False for v in notice.values())


def test_a_group_counts_only_for_its_example(study: Study) -> None:
    assert study.factor("target_ambition").where(1) == ("soudengzhan",)
    assert study.factor("target_ambition", group="none").count(None) == 13


def test_recalled_levels_stay_out_unless_asked_for(study: Study) -> None:
    assert study.factor("exposure").count(None) == 3
    found = study.factor("exposure", recalled=True)
    assert found.count(None) == 0
    recalled = [r for r in study.record.cells() if r.table == "context.csv"]
    assert recalled
    assert all(r.assumed and not r.known for r in recalled)


def test_a_parents_figure_stands_in_only_when_asked_for_and_is_marked(study: Study) -> None:
    own = study.facts("gpb_revenue", 2014)
    study.record.clear()
    both = study.facts("gpb_revenue", 2014, parent=True)
    assert len(both) > len(own)
    assert {r.pilot for r in study.record.cells() if r.assumed} == set(both) - set(own)


def test_figures_of_another_kind_are_no_ratio(study: Study) -> None:
    found = facts.ratios(
        study, "target_ambition", "plan-over-revenue", False, lambda n, _u: n, lambda v, _p: str(v)
    )
    assert [f.pilot for f in found] == ["liaoyuan"]
    assert found[0].value == pytest.approx(183.34 * 10_000 / 268_211)


def test_an_open_list_leaves_the_unnamed_of_its_batches_unknown(study: Study) -> None:
    found = study.outcome(open_list=True)
    assert (found.count(1), found.count(0), found.count(None)) == (5, 3, 5)


def test_a_contradictory_cell_uses_the_settled_value(study: Study) -> None:
    assert study.value("jiangyuan", "stage") == "0"
    assert study.contradictions()["jiangyuan", "stage"]["value"] == "3"


def test_general_passages_are_shown_but_never_a_value(study: Study) -> None:
    general = [k for k, v in study.statuses().items() if v == "general"]
    assert len(general) == 7
    assert all(study.value(*cell) is None for cell in general)


def test_the_record_is_what_was_asked(study: Study) -> None:
    study.outcome(["panshi"])
    asked = study.record.cells()
    assert [(r.table, r.pilot, r.variable, r.known) for r in asked] == [
        ("codings.csv", "panshi", "named_slow", True)
    ]
    study.record.clear()
    assert study.record.cells() == []
    study.factor("leadership_change", silence="absent")
    assert sum(r.assumed for r in study.record.cells()) == 10


def test_recoding_leaves_the_study_as_it_was(study: Study) -> None:
    changed = study.with_changes({("panshi", "named_slow"): "yes"})
    assert changed.outcome().count(1) == 6
    assert study.outcome().count(1) == 5
    assert changed.record is not study.record


def test_an_unknown_pilot_or_factor_is_named(study: Study) -> None:
    with pytest.raises(StudyError, match="no pilot"):
        study.outcome(["atlantis"])
    with pytest.raises(StudyError, match="no 'luck'; declared: target_ambition"):
        study.factor("luck")


def test_exposure_is_months_from_designation_to_the_inspection(study: Study) -> None:
    found = dict(zip(study.pilots, study.months_exposed(), strict=True))
    assert (found["liaoyuan"], found["siping"], found["jiangyuan"]) == (36, 29, 9)
    assert math.isnan(found["soudengzhan"])


def test_the_normal_form_of_a_passage_forgives_copies() -> None:
    assert normal_form("\ufeff“Ａ B”\u200b *c*\n") == '"AB"c'
    assert span_hash("x\n一二 三四", 2, "0:5") == span_hash("x\n*一二\u200b三四", 2, "1:6")


def test_a_shifted_span_a_wrong_term_and_a_missing_paragraph_are_found() -> None:
    text = "第一段\n甲乙丙丁"
    row = {
        "pilot_id": "p",
        "paragraph": "2",
        "span": "0:2",
        "span_sha256": span_hash(text, 2, "0:2"),
        "term": "甲",
    }
    assert check_locators([row], text) == []
    assert "another hash" in check_locators([{**row, "span": "1:3"}], text)[0]
    assert "not in the passage" in check_locators([{**row, "term": "丁"}], text)[0]
    assert "the text has 2" in check_locators([{**row, "paragraph": "9"}], text)[0]
    assert "leaves its 4" in check_locators([{**row, "span": "3:9"}], text)[0]
    assert passage(text, 2, "2:4") == "丙丁"


def test_the_committed_locators_hold_in_the_text_where_it_is_given(study: Study) -> None:
    path = ROOT / "data" / STUDY / "sources" / "S00.txt"
    if not path.is_file():
        pytest.skip(f"the text is not given: put it at data/{STUDY}/sources/S00.txt")
    text = path.read_bytes().decode("utf-8")
    for name in ("codings.csv", "projects.csv"):
        rows = [r for r in study.tables[name].rows if r["source_id"] == "S00"]
        assert check_locators(rows, text) == []
