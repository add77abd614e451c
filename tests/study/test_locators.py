"""Locators: a passage is found by paragraph and span, and is the one that was coded."""

import pytest
from support import ROOT, STUDY, WAVE

from analysis.study.evidence import check_locators, normal_form, passage, span_hash
from analysis.study.files import records
from analysis.study.load import load_study


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


def test_the_committed_locators_hold_in_the_text_where_it_is_given() -> None:
    path = ROOT / "data" / STUDY / "sources" / "S00.txt"
    if not path.is_file():
        pytest.skip(f"the text is not given: put it at data/{STUDY}/sources/S00.txt")
    text = path.read_bytes().decode("utf-8")
    for name in ("codings.csv", "projects.csv"):
        table = load_study(STUDY, WAVE).tables[name]
        assert check_locators(records(table[table["source_id"] == "S00"]), text) == []
