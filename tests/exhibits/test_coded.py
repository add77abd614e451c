"""Coded rows in words: what a reader sees of a value, and how it is known."""

import numpy as np
import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.exhibits.coded import coded_rows, project_rows, status_words, value_words
from analysis.study import StudyError
from analysis.study.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDY, WAVE)


@pytest.mark.parametrize(
    ("variable", "value", "english", "chinese"),
    [
        ("stage", "3", "Partly built", "部分建成"),
        ("stage", 3.0, "Partly built", "部分建成"),
        ("investment_planned", "183.34", "CNY 18.334 billion", "183.34亿元"),
        ("investment_planned", 183.34, "CNY 18.334 billion", "183.34亿元"),
        ("mend_by", "2016-06", "June 2016", "2016年6月"),
        ("projects_planned", 219.0, "219", "219"),
        ("reporting", "monthly", "each month", "每月"),
        ("reporting", "as never coded", "as never coded", "as never coded"),
        ("stage", np.nan, "not reported", "未提及"),
        ("stage", "", "not reported", "未提及"),
        ("stage", None, "not reported", "未提及"),
    ],
)
def test_a_value_reads_as_its_label_sum_month_or_number(
    study: Study, variable: str, value: object, english: str, chinese: str
) -> None:
    words = value_words(study, variable, value)  # type: ignore[arg-type]
    assert [words.in_language(each) for each in ("en", "zh")] == [english, chinese]


def test_an_unknown_variable_is_named(study: Study) -> None:
    with pytest.raises(StudyError, match="no 'stages'"):
        value_words(study, "stages", "3")


def test_a_passage_on_nearly_all_pilots_says_so(study: Study) -> None:
    row = {"paragraph": "4", "source_id": "S00", "status": "group"}
    assert status_words(study, row).in_language("en") == "said in general"
    elsewhere = {"paragraph": "", "source_id": "S02", "status": "stated"}
    assert status_words(study, elsewhere).in_language("en") == "only from other sources"
    nowhere = elsewhere | {"source_id": "S42"}
    assert status_words(study, nowhere).in_language("en") == "general knowledge, unsourced"


def test_tables_show_every_row_that_is_not_silent(study: Study) -> None:
    said = coded_rows(study, "liaoyuan")
    every = coded_rows(study, "liaoyuan", silent=True)
    assert len(said) == (every["status"].map(lambda s: s.in_language("en")) != "not reported").sum()
    assert set(said.index) < set(every.index)
    stages = coded_rows(study, variable="stage")
    assert stages["pilot"].iloc[0] == study.pilot_name(study.pilots[0])


def test_projects_of_a_pilot_without_any_are_no_rows(study: Study) -> None:
    assert project_rows(study, "liaoyuan").empty
    assert len(project_rows(study, "linjiang")) == 12
