"""Defensible choices of a study: other codings, other outcomes, other groupings, cut figures."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from study.tools import edit, replace, rows_of, seal
from support import STUDY, WAVE

from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.study import Study


@pytest.fixture
def study() -> Study:
    return load_study(STUDY, WAVE)


def where(series: "pd.Series[Any]", value: float) -> set[str]:
    return set(series.index[series == value])


def unknown(series: "pd.Series[Any]") -> set[str]:
    return set(series.index[series.isna()])


def slow(study: Study, version: str) -> set[str]:
    return where(study.outcome(version=version), 1)


def test_every_pass_and_every_alternative_is_a_coding_of_its_own(study: Study) -> None:
    found = study.alternatives()
    kinds = [v.kind for v in found]
    listed = rows_of(study.folder / "passes" / "alternatives.csv")
    assert kinds.count("settled") == 1
    assert kinds.count("pass") == 3
    assert kinds.count("alternative") == len(listed)
    assert len({(v.kind, v.name) for v in found}) == len(found)
    given = [v for v in found if v.kind == "alternative"]
    for version, row in zip(given, listed, strict=True):
        cell = (row["pilot_id"], row["variable"])
        if row["alternative_value"] == "excluded":
            assert version.left_out == (row["pilot_id"],)
        else:
            assert version.changes == {cell: row["alternative_value"] or None}


def test_the_settled_values_that_alternatives_stand_beside_are_the_settled_ones(
    study: Study,
) -> None:
    for row in rows_of(study.folder / "passes" / "alternatives.csv"):
        coded = study.codings(row["pilot_id"], row["variable"])["value"]
        assert row["settled_value"] == " and ".join(sorted(coded)), row


def test_a_pass_differs_only_where_its_usable_value_does(study: Study) -> None:
    """One pass counted projects in trial as started; its batches from a group sentence are unusable."""
    found = {v.name: dict(v.changes) for v in study.alternatives() if v.kind == "pass"}
    assert found == {"a": {}, "b": {("panshi", "projects_started"): "7"}, "c": {}}


def test_a_recoded_cell_can_be_silent(study: Study) -> None:
    silent = study.with_changes({("panshi", "named_slow"): None})
    assert unknown(silent.outcome()) == {"panshi"}
    assert silent.factor("leadership_change").equals(study.factor("leadership_change"))


def test_recodings_can_be_asked_on_the_same_log(study: Study) -> None:
    study.with_changes({("panshi", "stage"): "0"}).numbers("stage")
    assert not study.log.evidence()
    study.with_changes({("panshi", "stage"): "0"}, log=study.log).numbers("stage")
    assert {r.pilot for r in study.log.evidence() if not r.key} == set(study.pilots)


def test_stages_that_no_pass_was_sure_of(study: Study) -> None:
    assert study.doubtful("stage") == {
        "dongfeng": ("1", "2"),
        "linjiang": ("3", "4"),
        "jiangyuan": ("0", "3"),
    }
    assert study.doubtful("level") == {}


def test_outcomes_by_stage_and_by_which_statement_counts(study: Study) -> None:
    stalled = {"fusong", "jingyue", "jilin_htz"}
    assert slow(study, "named") == stalled | {"jiangyuan", "soudengzhan"}
    assert slow(study, "stage_0") == stalled | {"jiangyuan"}
    assert slow(study, "stage_0_other") == stalled
    assert slow(study, "stage_1_other") == stalled | {"dongfeng"}
    assert slow(study, "evidence") == stalled | {"dongfeng", "soudengzhan"}
    assert slow(study, "stage_2") == slow(study, "evidence") | {"jiangyuan"}
    not_yet = set(study.pilots) - {"panshi", "changchun_htz"}
    assert slow(study, "stage_3") == slow(study, "stage_3_other") == not_yet


def test_a_recoding_beats_the_other_statement(study: Study) -> None:
    changed = study.with_changes({("jiangyuan", "stage"): "0"})
    assert "jiangyuan" in slow(changed, "evidence")


def test_an_open_list_hides_some_or_all(study: Study) -> None:
    batches = {"liaoyuan", "panshi", "siping", "yushu", "changchun_htz"}
    assert unknown(study.outcome(version="open_list")) == batches
    assert len(unknown(study.outcome(version="open_all"))) == 8
    assert not where(study.outcome(version="open_all"), 0)


def test_an_unknown_version_or_grouping_is_named(study: Study) -> None:
    with pytest.raises(StudyError, match="multiverse: outcomes: no 'late'"):
        study.outcome(version="late")
    with pytest.raises(StudyError, match="groupings: unit_type: no 'size'"):
        study.factor("unit_type", grouping="size")
    with pytest.raises(StudyError, match="groupings: funding: no 'city'; declared: none"):
        study.factor("funding", grouping="city")


@pytest.mark.parametrize(
    ("grouping", "ones"),
    [("city", 7), ("prefecture", 10), ("city_or_county", 5), ("zones", 3), ("county_level", 4)],
)
def test_groupings_split_every_pilot(study: Study, grouping: str, ones: int) -> None:
    found = study.factor("unit_type", grouping=grouping)
    assert (len(where(found, 1)), unknown(found)) == (ones, set())


def test_a_figure_below_the_median_fills_what_the_text_leaves_open(study: Study) -> None:
    """Of the three cities with a figure of their own, one lies below the median of the three."""
    alone, own = (study.factor("fiscal_capacity", use_ratio=f) for f in (False, True))
    assert where(alone, 1) == {"soudengzhan"}
    assert where(own, 1) == {"siping", "soudengzhan"}
    assert where(own, 0) == {"liaoyuan", "tonghua"}


def test_a_parents_figure_is_an_assumption(study: Study) -> None:
    found = study.factor("fiscal_capacity", use_ratio=True, use_parent_figures=True)
    assert not unknown(found)
    evidence = study.log.evidence()
    assert len({r.pilot for r in evidence if r.assumed}) == 10
    known = {r.pilot: r.known for r in evidence if r.file == "codings.csv"}
    assert not known["panshi"]
    assert known["siping"]
    # what the text says is never overruled
    assert "soudengzhan" in where(found, 1)


def test_the_ratio_of_a_factor_without_a_cut_fills_nothing(study: Study) -> None:
    plain, asked = (study.factor("target_ambition", use_ratio=f) for f in (False, True))
    assert plain.equals(asked)
    assert unknown(asked)


ALTERNATIVES = "passes/alternatives.csv"


def alternative(repository: Path) -> Path:
    return repository / "data" / STUDY / ALTERNATIVES


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("alternative_value", "7", "0, 1, 2, 3, 4, 5"),
        ("alternative_value", "excluded", "0, 1, 2, 3, 4, 5"),
        ("pilot_id", "atlantis", "liaoyuan"),
        ("reason", "", "text"),
    ],
)
def test_a_wrong_alternative_is_named(
    repository: Path, column: str, value: str, allowed: str
) -> None:
    line = edit(
        alternative(repository),
        lambda row: (row["pilot_id"], row["variable"]) == ("soudengzhan", "stage"),
        **{column: value},
    )
    with pytest.raises(StudyError) as caught:
        load_study(STUDY, WAVE, repository).alternatives()
    said = str(caught.value)
    assert f"{ALTERNATIVES}: line {line}: column {column}: value {value!r}; allowed: " in said
    assert allowed in said


def test_levels_of_a_grouping_are_those_of_the_codebook(repository: Path) -> None:
    path = repository / "data" / STUDY / "study.yaml"
    line = replace(path, "        one: [zone]\n", "        one: [harbour]\n")
    with pytest.raises(StudyError, match=rf"study\.yaml: line {line}: .*value 'harbour'"):
        load_study(STUDY, WAVE, repository)


def test_a_level_stands_on_one_side_of_a_grouping(repository: Path) -> None:
    path = repository / "data" / STUDY / "study.yaml"
    replace(path, "        one: [zone]\n", "        one: [zone, county]\n")
    with pytest.raises(StudyError, match=r"zones.zero: value 'county'; allowed: on one side"):
        load_study(STUDY, WAVE, repository)


def test_a_pass_with_two_unsettled_values_leaves_the_cell_unknown(repository: Path) -> None:
    passes = repository / "data" / STUDY / "passes"
    path = passes / "a" / "codings.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, row in enumerate(rows) if row.startswith("2016-01,panshi,stage,"))
    rows[at : at + 1] = [
        rows[at].replace(",4,stated,", ",4,contradictory,", 1),
        rows[at].replace(",4,stated,", ",3,contradictory,", 1),
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    seal(passes)
    found = next(v for v in load_study(STUDY, WAVE, repository).alternatives() if v.name == "a")
    assert found.changes == {("panshi", "stage"): None}
