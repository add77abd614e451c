"""Values that cannot be are refused when a study is loaded, with file, place and what is allowed."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from study.tools import Find, Row, cell, edit, refused, rows_of, write_rows
from support import ROOT, SMALL, SMALL_WAVE, STUDY, WAVE, refused_command

from analysis import open_study
from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.settle import settle

DIGITS = "9" * 400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The study of three made-up pilots, to be broken."""
    return Path(shutil.copytree(ROOT / "tests" / "fixtures" / SMALL, tmp_path / "data" / SMALL))


def said_of(folder: Path) -> list[str]:
    return refused(folder.parents[1], SMALL, SMALL_WAVE)


def of(variable: str, pilot: str = "birch") -> Find:
    return lambda row: (row["pilot_id"], row["variable"]) == (pilot, variable)


def first(_row: Row) -> bool:
    return True


REVENUE, PEOPLE, SHARE = of("gpb_revenue"), of("registered_population"), of("private_share")


@pytest.mark.parametrize(
    ("file", "find", "cells", "column", "allowed"),
    [
        ("context.csv", REVENUE, {"unit": "10k CNYs"}, "unit", "10k CNY, as in codebook.yaml: figures"),
        ("context.csv", REVENUE, {"unit": "10k persons"}, "unit", "10k CNY, as in"),
        ("context.csv", REVENUE, {"value": "-2202"}, "value", "a number from 0.01"),
        ("context.csv", REVENUE, {"value": "0"}, "value", "a number from 0.01"),
        ("context.csv", REVENUE, {"value": DIGITS}, "value", "a number of at most 15 digits"),
        ("context.csv", REVENUE, {"value": "inf"}, "value", "a number of at most 15 digits"),
        ("context.csv", REVENUE, {"value": "nan"}, "value", "a number of at most 15 digits"),
        ("context.csv", REVENUE, {"variable": "gpb_revenu"}, "variable", "batch, gdp, gpb_revenue, plan_investment"),
        ("context.csv", PEOPLE, {"level": "parent_prefectur"}, "level", "own, parent_prefecture"),
        ("context.csv", SHARE, {"value": "1.2"}, "value", "a number from 0 to 1"),
        ("context.csv", REVENUE, {"year": "0"}, "year", "a year from 1900 to 2099"),
        ("context.csv", REVENUE, {"year": "9999"}, "year", "a year from 1900 to 2099"),
        ("rates.csv", first, {"count": "0", "of": "0"}, "of", "a whole number from 1"),
        ("rates.csv", first, {"count": "7"}, "count", "a count not above its of"),
        ("rates.csv", first, {"count": "2.5"}, "count", "a whole number"),
        ("rates.csv", first, {"event": "new_goverment_head"}, "event", "new_government_head"),
        ("rates.csv", first, {"population": "provnce"}, "population", "province, nation"),
        ("rates.csv", first, {"window_start": "2017-05"}, "window_start", "2017-03, 2017-04"),
        ("rates.csv", first, {"window_end": "2020-04"}, "window_end", "2020-05, 2020-06"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"end": "2014-13"}, "end", "YYYY-MM, or empty"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"end": "9999-12"}, "end", "1900 to 2099"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"end": "2020-03-05"}, "end", "YYYY-MM, or empty"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"end": "2014-12"}, "end", "not before the start"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"end": "2020-04"}, "start", "does not overlap another"),
        ("leaders.csv", lambda r: r["holder_id"] == "H003", {"seen_last": "2019-01"}, "seen_last", "not before seen_first or start"),
        ("leaders.csv", lambda r: r["holder_id"] == "H002", {"status": "missing"}, "start", "exactly where the status is not"),
        ("codings.csv", cell("cedar", "projects_in_trial"), {"value": "9"}, "value", "at most 8, as in line"),
        ("codings.csv", cell("cedar", "key_projects"), {"value": "-8"}, "value", "a whole number (projects)"),
        ("codings.csv", cell("cedar", "key_projects"), {"value": DIGITS}, "value", "at most 15 digits"),
        ("codings.csv", cell("all", "mend_by"), {"value": "0000-05"}, "value", "YYYY-MM"),
        ("codings.csv", first, {"paragraph": "9" * 5000}, "paragraph", "a paragraph number"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(
    folder: Path, file: str, find: Find, cells: dict[str, str], column: str, allowed: str
) -> None:
    line = edit(folder / file, find, **cells)
    place = f"data/{SMALL}/{file}: line "
    found = [m for m in said_of(folder) if f": column {column}" in m and m.startswith(place)]
    # of two spells that overlap either is named
    assert any(f"line {n}: " in m and allowed in m for m in found for n in (line, line + 1))


@pytest.mark.parametrize(
    "date", ["2014-02-31", "1900-02-29", "2015-02-29", "2014-06-31", "2014-13", "0000-01", "2018-05..2018-04"]
)  # fmt: skip
def test_a_day_that_never_was_is_refused(folder: Path, date: str) -> None:
    path = folder / "events.csv"
    head = path.read_text(encoding="utf-8")
    told = "birch,{},something,something,S01,verified\n"
    path.write_text(head + told.format("2016-02-29") + told.format(date), encoding="utf-8")
    (said,) = said_of(folder)
    assert said.startswith(
        f"data/{SMALL}/events.csv: line 3: column date: value {date!r}; allowed: a day"
    )


def put(content: Any, place: str, value: Any) -> None:
    *parents, last = place.split(".")
    for part in parents:
        content = content[int(part) if isinstance(content, list) else part]
    if isinstance(content, list):
        last = int(last)  # type: ignore[assignment]
    if value is ...:
        del content[last]
    else:
        content[last] = value


RATIO = "factors.fiscal_capacity.ratio"


@pytest.mark.parametrize(
    ("file", "place", "value", "allowed"),
    [
        ("study.yaml", f"{RATIO}.years", [], "one or more"),
        ("study.yaml", f"{RATIO}.years", [2018, 2018], "each once"),
        ("study.yaml", f"{RATIO}.year", 2016, "2017, 2018, 2019"),
        ("study.yaml", f"{RATIO}.year", 10**400, "less than or equal to 2099"),
        ("study.yaml", f"{RATIO}.denominator", "gdp", "a figure in 10k persons, persons"),
        ("study.yaml", f"{RATIO}.numerator", "registered_population", "a figure in 100m CNY, 10k CNY, CNY"),
        ("study.yaml", f"{RATIO}.said_with", {"en": "{fat:0}", "zh": "x"}, "{fact}, {fact:0}"),
        ("study.yaml", "batches.1.size", -5, "greater than or equal to 0"),
        ("study.yaml", "batches.1.size", True, "valid integer"),
        ("study.yaml", "batches.1.announced", "2014-02-31", "a day of 1900 to 2099"),
        ("study.yaml", "batches.1.announced", "2020-07-01", "a day up to the last wave, 2020-06"),
        ("study.yaml", "windows.fixed.end", "2020-07", "a month up to the last wave, 2020-06"),
        ("study.yaml", "windows.fixed", ..., "windows.fixed: missing"),
        ("study.yaml", "roles.notice", [], "at least 1 item"),
        ("study.yaml", "waves", {}, "one or more"),
        ("study.yaml", "waves.2020-06.month", "2020-05", "2020-06"),
        ("study.yaml", "causes", ["leadership_change", "leadership_change"], "each once"),
        ("study.yaml", "main_outcome", "stage", "named_slow"),
        ("study.yaml", "stage_outcome", "named_slow", "stage"),
        ("study.yaml", "multiverse.outcomes.stage_1.stage_at_most", 99, "0, 1, 2, 3, 4, 5"),
        ("study.yaml", "province.en", " ", "text"),
        ("study.yaml", "factors.__import__('os')", {}, "small letters, digits and _"),
        ("codebook.yaml", "figures.gdp.least", ".nan", "a valid number"),
        ("codebook.yaml", "figures.registered_population.least", 0, "a figure whose least is above 0"),
        ("codebook.yaml", "variables.projects_in_trial.part_of.0", "projects", "projects_started, stage"),
        ("codebook.yaml", "variables.projects_in_trial.part_of.0", "level", "projects_started, stage"),
        ("codebook.yaml", "variables.level.project_statuses", ["trial"], "count (or money)"),
        ("codebook.yaml", "variables.level.facts_at", "parent_prefectur", "own, parent_prefecture"),
        ("codebook.yaml", "figures.gdp.coded", "level", "projects_started, stage"),
        ("codebook.yaml", "units.CNY.words", {"en": "CNY", "zh": "{}元"}, "{}, once"),
        ("study.yaml", f"{RATIO}.said_with", {"en": "{fact!r}", "zh": "x"}, "{fact}, {fact:0}"),
    ],
)  # fmt: skip
def test_what_is_declared_can_be(
    folder: Path, file: str, place: str, value: Any, allowed: str
) -> None:
    path = folder / file
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    put(content, place, value)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    said = "\n".join(said_of(folder))
    assert allowed in said
    assert said.startswith(f"data/{SMALL}/")


@pytest.mark.parametrize("words", ["project_statuses", "project_bases"])
def test_words_that_notes_of_projects_need_are_asked_for(folder: Path, words: str) -> None:
    path = folder / "codebook.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content[words] = {}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(StudyError, match=f"codebook.yaml: {words}: no '[a-z]+'; declared: none"):
        settle(folder)


def test_no_factor_has_the_name_of_an_outcome(folder: Path) -> None:
    """Labels are asked for by name, and would be those of the other."""
    path = folder / "study.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["factors"]["stage"] = content["factors"]["unit_type"]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert "factors.stage: value 'stage'; allowed: a name that no outcome has" in said_of(folder)[0]


def test_a_study_is_opened_at_its_last_wave_unless_told() -> None:
    assert open_study(STUDY).wave == WAVE


def test_a_bare_day_is_text_and_checked_as_one(folder: Path) -> None:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("'2018-02-10'", "2018-02-10"), encoding="utf-8")
    assert (
        load_study(SMALL, SMALL_WAVE, folder.parents[1]).declared.batches["2"].announced
        == "2018-02-10"
    )
    path.write_text(text.replace("'2018-02-10'", "2018-02-31"), encoding="utf-8")
    assert "batches.2.announced: value '2018-02-31'; allowed: a day of" in said_of(folder)[0]


def test_a_batch_that_was_announced_after_the_wave_holds_no_pilot(folder: Path) -> None:
    path = folder / "study.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["waves"]["2021-06"] = {"month": "2021-06", "source_id": "S00"}
    content["batches"]["1"]["announced"] = "2020-12-01"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert "allowed: a batch announced before 2020-12-01" in said_of(folder)[0]


def test_a_sentence_lacks_no_figure_and_a_rate_no_population(folder: Path) -> None:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    shown = "      cut: below_median\n"
    path.write_text(
        text.replace(shown, f"{shown}      said_with_fact: private_share\n", 1), encoding="utf-8"
    )
    assert any("no verified row of private_share of cedar" in m for m in said_of(folder))
    path.write_text(text, encoding="utf-8")
    rates = folder / "rates.csv"
    write_rows(rates, rows_of(rates)[1:])
    assert said_of(folder) == [
        f"data/{SMALL}/rates.csv: new_government_head, 2017-04, 2020-05: no row of province; allowed: one"
    ]


def test_rates_stand_in_the_declared_order(folder: Path) -> None:
    rates = folder / "rates.csv"
    write_rows(rates, rows_of(rates)[::-1])
    found = load_study(SMALL, SMALL_WAVE, folder.parents[1]).rates("new_government_head", "fixed")
    assert list(found.index) == ["province", "nation"]


def test_a_pilot_that_is_coded_nowhere_is_refused_before_anything_runs(small: Path) -> None:
    folder = small / "data" / SMALL
    pilots = folder / "pilots.csv"
    row = {
        "pilot_id": "oak",
        "order": "4",
        **dict.fromkeys(("short_en", "short_zh", "long_en", "long_zh"), "Oak"),
    }
    write_rows(pilots, [*rows_of(pilots), row])
    said = refused_command(small, "report")
    assert "codings.csv: no row of column pilot_id 'oak' with column variable 'stage'" in said
    # coded in the settled rows alone: then the passes lack it
    codings = folder / "codings.csv"
    like = [{**r, "pilot_id": "oak"} for r in rows_of(codings) if r["pilot_id"] == "birch"]
    write_rows(codings, [*rows_of(codings), *like])
    said = refused_command(small, "report")
    assert "passes/a/codings.csv: 2020-06, oak, stage: no row; write one, silent if need be" in said


def test_no_pilot_at_all_is_refused(folder: Path) -> None:
    for name in (
        "pilots.csv",
        "codings.csv",
        "context.csv",
        "leaders.csv",
        "projects.csv",
        "events.csv",
    ):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("group_examples:\n- paragraph: 12\n  pilots:\n  - alder\n", "")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    assert said_of(folder) == [f"data/{SMALL}/pilots.csv: no row; allowed: one or more pilots"]


def test_a_silent_main_outcome_is_refused(folder: Path) -> None:
    empty = dict.fromkeys(("value", "source_id", "paragraph", "span", "span_sha256", "term"), "")
    edit(folder / "codings.csv", cell("birch", "named_slow"), status="silent", **empty)
    assert "allowed: stated or implied: the main outcome" in said_of(folder)[0]


def test_a_folder_of_a_pass_without_its_description_is_refused(folder: Path) -> None:
    (folder / "passes" / "a" / "pass.yaml").unlink()
    with pytest.raises(StudyError, match=r"passes/a/pass.yaml: missing; put the file back"):
        load_study(SMALL, SMALL_WAVE, folder.parents[1]).alternatives()
