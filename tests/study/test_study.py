"""A study answers in pandas: what is known, under each reading, and what was read for it."""

import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import seaborn as sns
import statsmodels.formula.api as smf
from study.tools import edit, replace
from support import ROOT, STUDY, WAVE

from analysis import open_study
from analysis.claims.grades import judged, measured
from analysis.claims.words import say
from analysis.study import StudyError, read_log
from analysis.study.load import load_study
from analysis.study.read_log import Read
from analysis.study.study import Study
from smalln import Comparison, compare


@pytest.fixture
def study() -> Study:
    return load_study(STUDY, WAVE)


def where(series: "pd.Series[Any]", value: float) -> set[str]:
    return set(series.index[series == value])


def counts(series: "pd.Series[Any]") -> tuple[int, int, int]:
    """How many are 1, 0, unknown."""
    return int((series == 1).sum()), int((series == 0).sum()), int(series.isna().sum())


def test_a_package_that_is_only_imported_is_light() -> None:
    code = "import sys, analysis; assert not {'pandas', 'pydantic', 'yaml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_study_is_opened_by_name_and_taken_as_it_is() -> None:
    study = open_study(STUDY, WAVE)
    assert open_study(study, "") is study
    assert repr(study) == (
        "<Study jilin-2016, wave 2016-01: 13 pilots; target_ambition, leadership_change, "
        "fiscal_capacity, superior_takeover, unit_type, exposure, funding>"
    )


def test_values_are_floats_by_pilot_in_the_order_of_the_notice(study: Study) -> None:
    outcome, factor = study.outcome(), study.factor("leadership_change")
    assert outcome.dtype == factor.dtype == np.float64
    assert outcome.index.equals(study.pilots)
    assert (outcome.index.name, outcome.name) == ("pilot", "named_slow")
    assert factor.name == "leadership_change"
    assert counts(outcome) == (5, 8, 0)
    assert list(study.outcome(["jingyue", "panshi"]).index) == ["panshi", "jingyue"]


def test_levels_are_ordered_as_in_the_codebook(study: Study) -> None:
    levels = study.levels("level")
    assert levels.cat.ordered
    assert levels.cat.categories[0] == "prefecture_city"
    assert levels["soudengzhan"] == levels.max() == "town"
    assert study.levels("batch").isna().sum() == 3


def test_a_frame_works_in_one_line_with_each_library(study: Study) -> None:
    pilots = study.frame("named_slow", "unit_type", "stage", "level", "projects_planned")
    assert list(pilots.dtypes.astype(str)) == ["float64"] * 3 + ["category", "float64"]
    fit = smf.logit("named_slow ~ unit_type + stage", pilots).fit_regularized(disp=0)
    assert fit.nobs == 13
    assert smf.ols("named_slow ~ exposure", study.frame("named_slow", "exposure")).fit().nobs == 10
    assert sns.stripplot(pilots, x="stage", y="level").get_xlabel() == "stage"
    shares = pilots.groupby("unit_type")["named_slow"].mean()
    assert shares.to_dict() == {0.0: 0.0, 1.0: 5 / 7}
    assert len(pilots.groupby("level", observed=True).size()) == 6


def test_a_frame_reads_factors_as_told_and_names_what_there_is_not(study: Study) -> None:
    pilots = study.frame("leadership_change", "exposure", silence="absent", window="fixed")
    assert counts(pilots["leadership_change"]) == (6, 7, 0)
    assert list(study.frame("stage", pilots=["panshi"]).index) == ["panshi"]
    with pytest.raises(
        StudyError, match=r"no 'luck'; declared: named_slow, stage, target_ambition"
    ):
        study.frame("luck")
    with pytest.raises(TypeError, match="'silense'"):
        study.frame("stage", silense="absent")
    assert list(study.outcome("panshi").index) == ["panshi"]


def test_an_outcome_beside_the_main_one_is_1_and_0_where_it_has_an_event(repository: Path) -> None:
    declared = repository / "data" / STUDY / "study.yaml"
    started = """outcomes:
  begun:
    variable: stage
    event: ["3", "4", "5"]
    label: {en: work is seen, zh: 已见建设}
    other: {en: no work is seen, zh: 未见建设}
"""
    replace(declared, "outcomes:\n", started)
    frame = load_study(STUDY, WAVE, repository).frame("begun", "stage", "named_slow")
    assert frame["begun"].equals((frame["stage"] >= 3).astype(float).where(frame["stage"].notna()))


def test_the_bounds_of_the_issue(study: Study) -> None:
    """Shares of named pilots with and without a change of leaders: from -0.73 to 1."""
    found = compare(study.outcome(), study.factor("leadership_change"))
    assert isinstance(found, Comparison)
    assert found.ends == pytest.approx((-8 / 11, 1.0))


def test_silence_is_unknown_unless_a_regime_says_otherwise(study: Study) -> None:
    name = "leadership_change"
    assert counts(study.factor(name)) == (3, 0, 10)
    assert counts(study.factor(name, silence="absent")) == (3, 10, 0)
    # the two silent ones among the five named
    assert counts(study.factor(name, silence="absent_if_slow")) == (3, 2, 8)


def test_of_no_pilots_there_are_no_values(study: Study) -> None:
    """As where a variable that another page compares within is silent on all."""
    assert all(study.factor(name, pilots=[]).empty for name in study.declared.factors)


def test_facts_turn_silence_into_yes_and_never_into_no(study: Study) -> None:
    alone = study.factor("leadership_change")
    for window, yes in (("since_designation", 5), ("fixed", 6)):
        dated = study.factor("leadership_change", window=window)
        assert counts(dated)[:2] == (yes, 0)
        assert where(alone, 1) <= where(dated, 1)


def test_facts_are_filled_in_before_the_regime(study: Study) -> None:
    dated = study.factor("leadership_change", window="fixed", silence="absent")
    assert counts(dated) == (6, 7, 0)


def test_a_group_counts_only_for_its_example(study: Study) -> None:
    assert where(study.factor("target_ambition"), 1) == {"soudengzhan"}
    assert counts(study.factor("target_ambition", group="none")) == (0, 0, 13)


def test_recollections_stay_out_unless_asked_for_and_are_assumptions(study: Study) -> None:
    assert counts(study.factor("exposure"))[2] == 3
    assert counts(study.factor("exposure", use_unverified=True))[2] == 0
    recalled = [r for r in study.log.evidence() if r.file == "context.csv"]
    assert recalled
    assert all(r.assumed and not r.known for r in recalled)
    batches = study.levels("batch", use_unverified=True)
    assert batches.notna().all()


@pytest.mark.parametrize("readings", [("absent", "unknown"), ("unknown", "absent")])
def test_what_an_assumption_filled_once_stays_assumed_in_whatever_order(
    study: Study, readings: tuple[Any, Any]
) -> None:
    study.log.clear()
    for reading in readings:
        study.factor("leadership_change", silence=reading)
    rows = [r for r in study.log.evidence() if r.variable == "leadership_change"]
    assert {(r.known, r.assumed) for r in rows} == {(True, False), (False, True)}
    assert sum(r.assumed for r in rows) == counts(study.factor("leadership_change"))[2]


@pytest.mark.parametrize(
    ("pilot", "variable", "level", "said"),
    [
        ("siping", "leadership_change", "maybe", "allowed: yes, no"),
        ("siping", "leadership_change", True, "allowed: yes, no"),
        ("sipin", "leadership_change", "yes", "pilots.csv: no 'sipin'"),
        ("siping", "leaders", "yes", "variables: no 'leaders'"),
    ],
)
def test_a_recoding_to_what_there_is_not_is_refused(
    study: Study, pilot: str, variable: str, level: Any, said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        study.with_changes({(pilot, variable): level})


def test_what_there_is_not_is_refused_and_not_empty(study: Study) -> None:
    asked = (
        study.facts, study.having, study.contradictions, study.doubtful, study.pilot_name,
        lambda name: study.alternatives([name]),
    )  # fmt: skip
    for ask in asked:
        with pytest.raises(StudyError, match="no 'nowhere'; declared: "):
            ask("nowhere")


def test_words_are_text_where_somebody_prints_them(study: Study) -> None:
    assert f"{study.label('leadership_change')}" == "change of leaders"
    assert str(study.names(["panshi", "siping"])) == "Panshi, Siping"


@pytest.mark.parametrize("how", ["Not read: a list", " not  read", "not readable, but seen"])
def test_what_was_not_read_is_told_however_it_is_spaced(tmp_path: Path, how: str) -> None:
    folder = Path(shutil.copytree(ROOT / "data" / STUDY, tmp_path / "data" / STUDY))
    edit(folder / "sources.csv", lambda row: row["source_id"] == "S43", how=how)
    study = load_study(STUDY, WAVE, tmp_path)
    assert ("S43" in study.unread) == ("readable" not in how)


def test_what_a_source_that_nobody_read_says_is_unverified(tmp_path: Path) -> None:
    """It is unknown, and assumed if asked for; what the text itself settles stays known."""
    folder = Path(shutil.copytree(ROOT / "data" / STUDY, tmp_path / "data" / STUDY))
    listed = "S43"
    edit(folder / "sources.csv", lambda row: row["source_id"] == listed, how="not read: a list")
    study = load_study(STUDY, WAVE, tmp_path)
    x = study.factor("unit_type")
    assert set(x.index[x.isna()]) == {"liaoyuan"}
    found = compare(study.outcome(), x)
    assert isinstance(found, Comparison)
    assert found.ends == pytest.approx((5 / 8, 5 / 7))
    known = {row.pilot: row.known for row in study.log.evidence() if row.variable != "named_slow"}
    assert {pilot for pilot in known if not known[pilot]} == {"liaoyuan"}
    assert judged(measured(found), False, False)[0] == "bounded"
    assert study.levels("level").isna().sum() == 6
    study.log.clear()
    assert study.factor("unit_type", use_unverified=True).notna().all()
    (row,) = (row for row in study.log.evidence() if row.pilot == "liaoyuan")
    assert (row.known, row.assumed) == (False, True)
    # a pass that says the same verifies nothing
    assert not [c for a in study.alternatives(["level"]) for c in a.changes if c[1] == "level"]


def test_a_name_in_the_text_settles_the_side_and_never_against_the_level(study: Study) -> None:
    city = {"panshi", "siping", "yushu", "tonghua", "linjiang"}
    study.factor("unit_type")
    rows = [row for row in study.log.evidence() if row.variable == "called_city"]
    assert {row.pilot for row in rows if row.known} == city
    other = study.with_changes({("panshi", "level"): "zone"})
    assert other.factor("unit_type")["panshi"] == 1
    # another grouping of the levels asks the levels alone
    study.log.clear()
    study.factor("unit_type", grouping="zones")
    assert not [row for row in study.log.evidence() if row.variable == "called_city"]


def test_a_parents_figure_stands_in_only_when_asked_for_and_is_marked(study: Study) -> None:
    own = study.facts("gpb_revenue", 2014)
    study.log.clear()
    both = study.facts("gpb_revenue", 2014, use_parent_figures=True)
    assert set(both.index[both["own"]]) == set(own.index)
    assert {r.pilot for r in study.log.evidence() if r.assumed} == set(both.index) - set(own.index)


def test_a_ratio_leaves_out_figures_of_another_kind(study: Study) -> None:
    plans = study.ratio("target_ambition")
    assert list(plans.index) == ["liaoyuan"]
    assert plans.at["liaoyuan", "ratio"] == pytest.approx(183.34 * 10_000 / 268_211)
    assert plans.at["liaoyuan", "unit"] == "years_of_revenue"
    with pytest.raises(StudyError, match="unit_type declares no ratio; those that do: target_amb"):
        study.ratio("unit_type")


def test_a_figure_below_the_median_fills_what_the_text_leaves_open(study: Study) -> None:
    """Of the three cities with a figure of their own, one lies below the median of the three."""
    own = study.factor("fiscal_capacity", use_ratio=True)
    assert where(own, 1) == {"siping", "soudengzhan"}
    assert where(own, 0) == {"liaoyuan", "tonghua"}
    both = study.factor("fiscal_capacity", use_ratio=True, use_parent_figures=True)
    assert counts(both)[2] == 0
    assert len([r for r in study.log.evidence() if r.assumed and r.file == "codings.csv"]) == 9


def test_open_lists_contradictions_and_general_passages(study: Study) -> None:
    assert counts(study.outcome(open_list=True)) == (5, 3, 5)
    (row,) = study.contradictions().itertuples(index=False)
    assert tuple(row) == ("jiangyuan", "stage", "0", "3")
    assert study.value("jiangyuan", "stage") == "0"
    assert study.statuses(["called_city"])["called_city"].notna().sum() == 5
    statuses = study.statuses().stack()
    general = statuses.index[statuses == "general"]
    assert len(general) == 7
    # shown, and never a value
    assert all(study.value(*cell) is None for cell in general)


def test_dated_changes_are_yes_no_or_unknown(study: Study) -> None:
    assert list(study.changed_not_named("fixed")) == ["liaoyuan", "siping", "tonghua"]
    # any other that is not named could be one of them: nothing is open, it is a count
    assert {r.pilot for r in study.log.evidence() if not r.key} == set(study.pilots)
    assert all(r.known and not r.assumed for r in study.log.evidence())


def test_a_parents_leaders_are_never_a_pilots(study: Study) -> None:
    assert study.tables["leaders.csv"]["pilot_id"].str.startswith("PARENT_").any()
    changed = study.changed("fixed")
    assert changed.index.equals(study.pilots)
    assert not [r for r in study.log.evidence() if r.pilot.startswith("PARENT_")]


def test_the_wider_reading_is_kept_apart(study: Study) -> None:
    notice, wider = study.changed("fixed", "notice"), study.changed("fixed", "wider")
    assert {r.variable for r in study.log.evidence()} == {"government_head", "party_secretary"}
    assert set(wider.dropna()) <= {0.0, 1.0}
    assert where(notice, 1) <= where(wider, 1)
    # a second post can only add changes, and takes away a known "no"
    assert len(where(wider, 0)) <= len(where(notice, 0))


def test_months_from_designation_to_the_inspection(study: Study) -> None:
    months = study.months_exposed()
    assert (months["liaoyuan"], months["siping"], months["jiangyuan"]) == (36, 29, 9)
    assert math.isnan(months["soudengzhan"])


def test_passes_stand_side_by_side(study: Study) -> None:
    ratings = study.ratings()
    assert ratings.shape == (26 * 13, 3)
    assert list(ratings.columns) == ["a", "b", "c"]
    assert ratings.loc[("stage", "panshi")].to_list() == ["4", "4", "4"]
    assert study.doubtful("stage") == {
        "dongfeng": ("1", "2"),
        "linjiang": ("3", "4"),
        "jiangyuan": ("0", "3"),
    }
    differing = {c.name: dict(c.changes) for c in study.alternatives() if c.kind == "pass"}
    assert differing == {"a": {}, "b": {("panshi", "projects_started"): "7"}, "c": {}}


def test_words_come_in_the_language_shown(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    assert study.labels("stage")[2.0] == "Building"
    assert pd.Series([0.0, 5.0]).map(study.labels("stage")).to_list() == [
        "No substantive progress, or halted",
        "Operating",
    ]
    assert study.levels("stage").map(study.labels("stage")).iloc[0] == "Partly built"
    assert study.labels("unit_type")[0.0] == "cities (prefecture- and county-level)"
    assert study.labels("named_slow")[1.0] == "named as slow"
    assert study.label("named_slow").in_language("en") == "named as slow"
    assert study.outcome().map(study.labels("named_slow")).iloc[0] == "not named as slow"
    assert study.label("level", "town").in_language("zh") == "镇"
    assert study.pilot_names()["jilin_htz"] == "Jilin City High-tech Zone"
    monkeypatch.setenv("ANALYSIS_LANGUAGE", "zh")
    assert study.pilot_names()["panshi"] == "磐石市"
    assert study.labels("stage")[2.0] == "在建"
    with pytest.raises(StudyError, match="values of stage: no '7'; declared: 0, 1"):
        study.label("stage", 7.0)


def test_a_list_of_names_is_cut_where_it_is_long(study: Study) -> None:
    names = study.names(["liaoyuan", "panshi", "siping"])
    assert say(names, "en") == "Liaoyuan, Panshi and Siping"
    assert say(names, "zh") == "辽源市、磐石市和四平市"
    assert say(study.names([]), "en") == "none"
    many = study.names([*study.pilots, *study.pilots[:3]])
    assert say(many, "en").endswith("Linjiang and 8 more")


def test_the_evidence_is_what_was_asked(study: Study) -> None:
    study.outcome(["panshi"])
    line = study.codings("panshi", "named_slow").index[0]
    row, source = study.log.evidence()
    assert row == Read("codings.csv", line, "panshi", "named_slow", True)
    # whether somebody read the text decides, too
    assert (source.file, source.key) == ("sources.csv", "S00")
    study.log.clear()
    assert study.log.evidence() == []
    study.factor("leadership_change", silence="absent")
    assert sum(r.assumed for r in study.log.evidence()) == 10


def test_recodings_leave_the_study_as_it_was(study: Study) -> None:
    changed = study.with_changes({("panshi", "named_slow"): "yes"})
    assert counts(changed.outcome()) == (6, 7, 0)
    assert counts(study.outcome()) == (5, 8, 0)
    assert not changed.log.evidence() == study.log.evidence() == []
    silent = study.with_changes({("panshi", "named_slow"): None}, log=study.log)
    assert silent.outcome().isna()["panshi"]
    assert not all(r.known for r in study.log.evidence())


def test_a_search_gives_arrays_and_whoever_changes_an_answer_changes_no_other(study: Study) -> None:
    searched = study.with_changes({("panshi", "named_slow"): "yes"}, search=True)
    outcome: Any = searched.outcome()
    assert type(outcome) is np.ndarray
    assert outcome.sum() == 6
    outcome[:] = 0.0
    assert searched.outcome().sum() == 6
    assert searched.log.all_known
    searched.factor(name="leadership_change", silence="absent")
    assert searched.log.any_assumed
    assert searched.frame("named_slow", "level")["level"].cat.ordered
    asked = {"silence": "absent", "window": "fixed"}
    for changed in ({("panshi", "named_slow"): "yes"}, {("panshi", "stage"): "0"}, {}):
        fresh = study.with_changes(changed).frame("named_slow", "leadership_change", **asked)
        for _ in range(2):
            again = study.with_changes(changed, search=True)
            frame = again.frame("named_slow", "leadership_change", **asked)
            pd.testing.assert_frame_equal(frame, fresh)
            assert again.log.any_assumed
            frame["named_slow"] = 0.0
    series = study.with_changes({}, search=True, arrays=False).outcome()
    series["panshi"] = 1.0
    assert study.with_changes({}, search=True, arrays=False).outcome()["panshi"] == 0.0


QUESTIONS = {
    "outcome": lambda s: s.outcome(version="evidence"),
    "factor": lambda s: s.factor(
        "leadership_change", window="since_designation", silence="absent_if_slow"
    ),
    "figures": lambda s: s.factor("fiscal_capacity", use_ratio=True, use_parent_figures=True),
    "unverified": lambda s: s.factor("exposure", use_unverified=True),
    "facts": lambda s: s.facts("gdp", 2014),
    "changed": lambda s: s.changed("fixed"),
    "rates": lambda s: s.rates("new_government_head", "fixed"),
    "projects": lambda s: s.projects("panshi"),
    "names": lambda s: s.pilot_name("panshi").in_language("en"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_was_not_read_may_change(study: Study, name: str) -> None:
    """An answer rests on the rows in the data key alone: all others may hold anything."""
    read_log.forget_reads()
    before = QUESTIONS[name](study)
    reads = set(study.log.new_reads())
    assert reads
    tables = dict(study.tables)
    for table, keys in read_log.KEYS.items():
        frame = study.tables[table].copy()
        unread = [("row", table, *row) not in reads for row in frame[list(keys)].itertuples(False)]
        # which of two contradictory rows is the settled one is in every key
        frame.loc[unread, frame.columns.difference([*keys, "settled_by"])] = "999"
        tables[table] = frame
    other = Study(study.name, study.wave, study.declared, study.codebook, tables, study.folder)
    assert repr(QUESTIONS[name](other)) == repr(before)


def test_a_base_rate_rests_on_the_rows_of_its_window_alone(study: Study) -> None:
    read_log.forget_reads()
    study.log.clear()
    found = study.rates("new_government_head", "fixed")
    table = study.tables["rates.csv"]
    own = table.index[(table["window_start"] == "2013-02") & (table["window_end"] == "2015-12")]
    assert 0 < len(own) < len(table)
    assert len(found) == len(own)
    rows = [read.line for read in study.log.evidence() if read.file == "rates.csv"]
    assert rows == list(own)
    keys = [part[-2:] for part in study.log.new_reads() if part[:2] == ("row", "rates.csv")]
    assert keys == [("2013-02", "2015-12")] * len(own)


def test_an_unknown_thing_is_named(study: Study) -> None:
    for ask, said in (
        (lambda: study.outcome(["atlantis"]), "pilots.csv: no 'atlantis'; declared: liaoyuan"),
        (lambda: study.factor("luck"), "no 'luck'; declared: target_ambition"),
        (lambda: study.outcome(version="late"), "multiverse: outcomes: no 'late'"),
        (lambda: study.factor("funding", grouping="city"), "groupings: funding: no 'city'"),
        (lambda: study.factor("exposure", window="never"), "windows: no 'never'"),
        (lambda: study.factor("exposure", window="fixed", roles="uncles"), "roles: no 'uncles'"),
        (lambda: study.value("liaoyuan", "stages"), "codebook.yaml: variables: no 'stages'"),
        (lambda: study.value("atlantis", "stage"), "pilots.csv: no 'atlantis'"),
        (lambda: study.outcome(version="main", open_list=True), "open_list=True: ask for one"),
        (lambda: study.factor("funding", level="no", grouping="city"), "grouping='city': ask for"),
        (lambda: study.numbers("level"), "level: kind levels holds no numbers"),
        (lambda: study.levels("mood"), "codebook.yaml: variables: no 'mood'"),
        (lambda: study.changed("never"), "windows: no 'never'; declared: since_designation"),
        (lambda: study.changed("fixed", "uncles"), "roles: no 'uncles'; declared: notice, wider"),
        (lambda: study.programme("stage"), "variables of the whole programme: no 'stage'"),
    ):
        with pytest.raises(StudyError, match=said):
            ask()


def test_help_and_completion_say_what_there_is(study: Study) -> None:
    public = [name for name in dir(study) if not name.startswith("_")]
    asked = [name for name in public if callable(getattr(Study, name, None))]
    assert {"outcome", "factor", "frame", "facts", "ratings", "labels"} <= set(asked)
    assert all(getattr(Study, name).__doc__ for name in asked)
    assert "silence" in str(Study.factor.__doc__)
