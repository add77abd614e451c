"""Whatever is wrong in a study's files is named: file, line, column, value, what is allowed."""

import re
from pathlib import Path

import pytest
from study.tools import Find, Row, cell, edit, refused, replace, rows_of, write_rows
from support import STUDY, WAVE

from analysis.study import StudyError
from analysis.study.load import load_study

SHOWN = f"data/{STUDY}"


def any_row(_row: Row) -> bool:
    return True


def silent(row: Row) -> bool:
    return row["status"] == "silent"


def spoken(row: Row) -> bool:
    return row["status"] == "stated" and row["span"] != ""


def with_end(row: Row) -> bool:
    return row["start"] != "" and row["end"] != ""


def verified(row: Row) -> bool:
    return row["status"] == "verified"


CODINGS = [
    (any_row, "wave", "2015-01", "2016-01"),
    (any_row, "pilot_id", "atlantis", "liaoyuan, panshi"),
    (any_row, "pilot_id", "", "liaoyuan, panshi"),
    (any_row, "variable", "mood", "named_slow, stage"),
    (any_row, "status", "guessed", "stated, implied, group, silent, contradictory"),
    (any_row, "status", "", "stated, implied, group, silent, contradictory"),
    (any_row, "source_id", "S99", "S00"),
    (any_row, "paragraph", "six", "a paragraph number, or empty"),
    (any_row, "paragraph", "0", "a paragraph number, or empty"),
    (any_row, "span", "0-2", "start:end, or empty"),
    (any_row, "span", "９:１２", "start:end, or empty"),
    (spoken, "span_sha256", "abc", "64 hexadecimal digits"),
    (spoken, "span_sha256", "A" * 64, "64 hexadecimal digits"),
    (any_row, "term", "九个字符的关键词语", "at most 8 characters"),
    (any_row, "note_en", "", "text"),
    (any_row, "note_zh", "  ", "text"),
    (any_row, "confidence", "certain", "high, medium, low"),
    (any_row, "settled_by", "", "text"),
    # rows against the codebook and against themselves
    (cell("liaoyuan", "named_slow"), "value", "maybe", "yes, no"),
    (cell("liaoyuan", "named_slow"), "value", "", "yes, no"),
    (cell("liaoyuan", "stage"), "value", "6", "0, 1, 2, 3, 4, 5"),
    (cell("liaoyuan", "projects_planned"), "value", "219.5", "a whole number (projects)"),
    (cell("liaoyuan", "projects_planned"), "value", "２１９", "a whole number (projects)"),
    (cell("liaoyuan", "investment_planned"), "value", "much", "a number (100m CNY)"),
    (cell("all", "mend_by"), "value", "2016-13", "YYYY-MM"),
    (cell("all", "sanction"), "value", "", "text"),
    (silent, "value", "no", "empty, since the status is silent"),
    (silent, "source_id", "S00", "empty, since the status is silent"),
    (silent, "term", "词", "empty, since the status is silent"),
    (spoken, "span", "", "start:end with start before end, exactly where there is a paragraph"),
    (spoken, "paragraph", "", "start:end with start before end, exactly where there is a paragraph"),
    (spoken, "span", "9:9", "start:end with start before end, exactly where there is a paragraph"),
    (spoken, "span_sha256", "", "the hash of the span, exactly where there is a span"),
    (spoken, "source_id", "", "a source, unless the status is silent"),
    (spoken, "settled_by", "rule: kept beside", "contradictory, since settled_by begins"),
    (cell("all", "mend_by"), "pilot_id", "panshi", "all"),
    (cell("liaoyuan", "stage"), "pilot_id", "all", "a pilot"),
]  # fmt: skip
OTHERS = [
    ("projects.csv", any_row, "pilot_id", "all", "liaoyuan"),
    ("projects.csv", any_row, "project_zh", "", "text"),
    ("projects.csv", any_row, "domain", "Health!", "small letters"),
    ("projects.csv", any_row, "status", "in trial", "built, operating, partly_built"),
    ("projects.csv", any_row, "status_basis", "guessed", "stated, implied, group"),
    ("projects.csv", any_row, "note_zh", "", "text"),
    ("projects.csv", any_row, "span", "", "start:end of the project's name"),
    ("projects.csv", any_row, "span", "20:12", "start:end with start before end"),
    ("pilots.csv", any_row, "pilot_id", "Liao Yuan", "small letters"),
    ("pilots.csv", any_row, "pilot_id", "all", "any name but all"),
    ("pilots.csv", any_row, "order", "first", "a whole number"),
    ("pilots.csv", any_row, "short_zh", "", "text"),
    ("context.csv", any_row, "pilot_id", "PARENT_baishan", "liaoyuan"),
    ("context.csv", any_row, "value", "much", "a number"),
    ("context.csv", any_row, "status", "true", "verified, verified_inferred, recalled, missing"),
    ("context.csv", any_row, "source_id", "S99", "S00"),
    ("context.csv", any_row, "year", "14", "a year"),
    ("context.csv", any_row, "level", "Parent City", "own, parent_prefecture"),
    ("context.csv", verified, "value", "", "an empty value exactly where the status is missing"),
    ("context.csv", verified, "source_id", "", "a source_id, unless missing or recalled"),
    ("leaders.csv", any_row, "holder_id", "Somebody", "H and a number (never a name)"),
    ("leaders.csv", any_row, "role", "uncle", "government_head, party_secretary"),
    ("leaders.csv", any_row, "start", "2015-13", "YYYY-MM, or empty"),
    ("leaders.csv", any_row, "start", "2011", "YYYY-MM, or empty"),
    ("leaders.csv", any_row, "pilot_id", "atlantis", "a pilot, or PARENT_<place>"),
    ("leaders.csv", any_row, "source_id", "S02,S03", "source ids of sources.csv joined by ;"),
    ("leaders.csv", any_row, "source_id", "", "a source_id, unless missing or recalled"),
    ("leaders.csv", any_row, "status", "known", "verified, verified_inferred, recalled, missing"),
    ("leaders.csv", with_end, "end", "1990-01", "a month that is not before the start"),
    ("leaders.csv", lambda r: r["seen_first"] > "2000", "seen_last", "1990-01", "not before seen_first"),
    ("rates.csv", any_row, "count", "many", "a whole number"),
    ("rates.csv", any_row, "count", "999", "a count not above its of"),
    ("rates.csv", any_row, "window_end", "2015", "YYYY-MM"),
    ("rates.csv", any_row, "window_end", "2012-01", "a month that is not before window_start"),
    ("rates.csv", any_row, "source_id", "", "S00"),
    ("events.csv", any_row, "date", "soon", "a day, a month, or from..to"),
    ("events.csv", any_row, "date", "2016-02-32", "a day, a month, or from..to"),
    ("events.csv", any_row, "event_zh", "", "text"),
    ("events.csv", any_row, "source_id", "", "source ids of sources.csv joined by ;"),
    ("sources.csv", any_row, "source_id", "source", "S and a number"),
    ("sources.csv", any_row, "terms", "", "text"),
    ("sources.csv", any_row, "sha256", "0", "64 hex digits or 'not recorded'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "find", "column", "value", "allowed"),
    [*(("codings.csv", *case) for case in CODINGS), *OTHERS],
)
def test_a_bad_cell_is_named(
    repository: Path, file: str, find: Find, column: str, value: str, allowed: str
) -> None:
    place = repository / "data" / STUDY / file
    line = edit(place, find, **{column: value})
    said = refused(repository)
    here = f"{SHOWN}/{file}: line {line}: column "
    # what is empty or at odds may be named at the cell beside it
    assert any(m.startswith(here) and allowed in m.partition("; allowed: ")[2] for m in said)
    assert any(
        m.startswith((f"{here}{column}: value {value!r}", f"{here}span: ", f"{here}status: "))
        for m in said
    )
    # and nothing else is blamed: no other line, and no more than the cell's own consequences
    about_rows = [m for m in said if ": line " in m]
    assert all(m.startswith(here) for m in about_rows)
    assert len(said) <= 3


@pytest.mark.parametrize(
    ("file", "find", "cells", "column"),
    [
        ("pilots.csv", lambda r: r["order"] == "2", {"pilot_id": "liaoyuan"}, "pilot_id"),
        ("sources.csv", lambda r: r["source_id"] == "S02", {"source_id": "S01"}, "source_id"),
        (
            "projects.csv",
            lambda r: r["project_zh"] == "农民钱包",
            {"project_zh": "“爱磐石”门户系统"},
            "wave, pilot_id, project_zh",
        ),
        (
            "rates.csv",
            lambda r: r["window_start"] == "2013-08",
            {"window_start": "2013-02"},
            "population, event, window_start, window_end",
        ),
    ],
)
def test_a_second_row_of_one_key_is_named_with_the_first(
    repository: Path, file: str, find: Find, cells: dict[str, str], column: str
) -> None:
    line = edit(repository / "data" / STUDY / file, find, **cells)
    said = refused(repository)
    assert said[0].startswith(f"{SHOWN}/{file}: line {line}: column {column}: value ")
    assert re.search(r"allowed: each once \(see line \d+\)$", said[0])
    assert all(value in said[0] for value in cells.values())


def test_the_order_of_pilots_and_a_figure_stand_once(repository: Path) -> None:
    folder = repository / "data" / STUDY
    edit(folder / "pilots.csv", lambda r: r["order"] == "2", order="01")
    said = refused(repository)
    assert [m.split(": column")[0] for m in said] == [
        f"{SHOWN}/pilots.csv: line 2",
        f"{SHOWN}/pilots.csv: line 3",
    ]
    assert all("allowed: each number once" in m for m in said)
    edit(folder / "pilots.csv", lambda r: r["order"] == "01", order="2")
    line = edit(
        folder / "context.csv",
        lambda r: (r["variable"], r["year"], r["status"]) == ("gdp", "2014", "verified"),
        year="2013",
    )
    said = refused(repository)
    assert len(said) == 2
    assert any(m.startswith(f"{SHOWN}/context.csv: line {line}: column value: ") for m in said)


def test_a_figure_that_a_ratio_takes_of_any_year_has_one(repository: Path) -> None:
    """The order of rows would decide which of two is taken."""
    path = repository / "data" / STUDY / "context.csv"
    rows = rows_of(path)
    (own,) = (r for r in rows if (r["pilot_id"], r["variable"]) == ("liaoyuan", "plan_investment"))
    write_rows(path, [{**own, "year": "2012", "value": "1"}, *rows])
    said = refused(repository)
    assert any(
        "column year: value" in m and "2012 alone: a ratio takes it of any year" in m for m in said
    )


def test_a_rate_counts_units_that_have_a_name(repository: Path) -> None:
    replace(repository / "data" / STUDY / "rates.csv", "PARENT_yanbian", "PARENT_nowhere")
    (said,) = refused(repository)
    assert "column units" in said
    assert "pilots, and what codebook.yaml names (facts: pilot_id), not PARENT_nowhere" in said


def test_a_second_row_for_a_cell_is_refused(repository: Path) -> None:
    path = repository / "data" / STUDY / "codings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[2], *lines[3:]]), encoding="utf-8")
    assert refused(repository) == [
        f"{SHOWN}/codings.csv: line 4: column pilot_id, variable: value 'liaoyuan, stage'; "
        "allowed: one row, unless contradictory (see line 3)"
    ]


def test_a_missing_cell_is_refused(repository: Path) -> None:
    path = repository / "data" / STUDY / "codings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:-1]), encoding="utf-8")
    assert refused(repository) == [
        f"{SHOWN}/codings.csv: no row of column pilot_id {pilot!r} with column variable "
        f"{variable!r}; allowed: one row, with status silent if need be"
        for pilot, variable in (("liaoyuan", "named_slow"), ("all", "time_elapsed"))
    ]


def test_a_factor_coded_after_the_passes_needs_a_row_for_each_pilot(repository: Path) -> None:
    declared = repository / "data" / STUDY / "study.yaml"
    factor = """factors:
  called_city:
    label: {en: called a city, zh: 称为市}
    question: {en: "Are those called a city slower?", zh: "称为市的是不是较慢？"}
    coded: {variable: called_city, one: ["yes"], yes_label: {en: "yes", zh: "是"}, no_label: {en: "no", zh: "否"}}
    ask: [{en: "Which are called so?", zh: "哪些称为市？"}]
"""
    replace(declared, "factors:\n", factor)
    said = refused(repository)
    assert len(said) == 8
    assert all(
        "with column variable 'called_city'; allowed: one row, with status silent" in each
        for each in said
    )


def kept_beside(row: Row) -> bool:
    return row["settled_by"].startswith("rule: kept beside")


@pytest.mark.parametrize(
    ("find", "cells", "said"),
    [
        (kept_beside, {"settled_by": "majority"}, "column settled_by: .*allowed: one settled row a cell"),
        (kept_beside, {"value": "0"}, "column value: value '0'; allowed: a row for each of two or more"),
        (
            lambda r: r["status"] == "contradictory" and not kept_beside(r),
            {"status": "stated"},
            r"column status: value 'stated'; allowed: contradictory, as in line \d+",
        ),
        (
            cell("liaoyuan", "stage"),
            {"status": "contradictory"},
            "column value: value '3'; allowed: a row for each of two or more",
        ),
    ],
)  # fmt: skip
def test_a_contradiction_is_two_values_of_which_one_is_settled(
    repository: Path, find: Find, cells: dict[str, str], said: str
) -> None:
    edit(repository / "data" / STUDY / "codings.csv", find, **cells)
    message = refused(repository)
    assert len(message) == 1
    assert re.match(rf"{SHOWN}/codings.csv: line \d+: {said}", message[0])


def test_leaders_have_no_column_for_names(repository: Path) -> None:
    path = repository / "data" / STUDY / "leaders.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    named = [f"{lines[0]},name", *(f"{line},x" for line in lines[1:])]
    path.write_text("\n".join(named), encoding="utf-8")
    assert refused(repository) == [
        f"{SHOWN}/leaders.csv: line 1: column 'name' is too many; allowed: 'pilot_id,role,holder_id,"
        "start,end,seen_first,seen_last,source_id,status,note'"
    ]


ALL_TABLES = (
    "codings.csv",
    "projects.csv",
    "pilots.csv",
    "context.csv",
    "leaders.csv",
    "rates.csv",
    "events.csv",
    "sources.csv",
)


@pytest.mark.parametrize("file", ALL_TABLES)
def test_a_missing_and_an_added_column_are_named(repository: Path, file: str) -> None:
    path = repository / "data" / STUDY / file
    head, rest = path.read_text(encoding="utf-8").split("\n", 1)
    last = head.rsplit(",", 1)[1]
    path.write_text(f"{head.replace(last, 'remark')}\n{rest}", encoding="utf-8")
    assert refused(repository) == [
        f"{SHOWN}/{file}: line 1: column 'remark' is too many; column {last!r} is missing; "
        f"allowed: {head!r}"
    ]


def test_a_table_that_is_no_table_is_named(repository: Path) -> None:
    path = repository / "data" / STUDY / "rates.csv"
    text = path.read_text(encoding="utf-8")
    for broken, said in (
        (text.replace("nation,", "nation,x,", 1), r"line 3: 13 cells, allowed: 12 \(population,"),
        (text.replace("\n", "\n\n", 1), "line 2: 0 cells, allowed: 12"),
        (
            text.replace("population,event", "event,population", 1),
            "line 1: columns in another order",
        ),
        (text.replace("province,", '"prov"ince,', 1), "line 2: not CSV: "),
        ("\ufeff" + text, "line 1: starts with a byte order mark; save as UTF-8 without it"),
    ):
        path.write_text(broken, encoding="utf-8")
        assert re.match(rf"{SHOWN}/rates.csv: {said}", refused(repository)[0])
    path.write_bytes(text.encode("utf-16"))
    assert re.match(rf"{SHOWN}/rates.csv: byte 0 is not UTF-8; save", refused(repository)[0])
    path.unlink()
    missing = "missing; put the file back, with its header at least"
    assert refused(repository) == [f"{SHOWN}/rates.csv: {missing}"]


def test_a_line_is_that_of_the_file_even_behind_cells_with_line_breaks(repository: Path) -> None:
    folder = repository / "data" / STUDY
    edit(folder / "leaders.csv", any_row, note="two\nlines and a form\u2028feed")
    path = folder / "leaders.csv"
    text = path.read_text(encoding="utf-8").replace(
        "siping,government_head,H03", "siping,uncle,H03"
    )
    path.write_text(text, encoding="utf-8")
    line = next(i for i, each in enumerate(text.split("\n"), 1) if "uncle" in each)
    assert refused(repository)[0].startswith(
        f"{SHOWN}/leaders.csv: line {line}: column role: value 'uncle'"
    )


PROGRAMME = "talent_shortage, departmental_walls, mend_by"


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "value", "allowed"),
    [
        ("study.yaml", "study: jilin-2016", "study: other", "study", "other", "jilin-2016 (the folder)"),
        ("study.yaml", "variable: leadership_change", "variable: leaders",
         "factors.leadership_change.coded.variable", "leaders", "named_slow, stage"),
        ("study.yaml", "one: [county,", "one: [village,", "factors.unit_type.coded.one.0", "village",
         "prefecture_city, county_city"),
        ("study.yaml", "one: [county,", "one: [yes,", "factors.unit_type.coded.one.0", "yes", "county_city"),
        ("study.yaml", 'event: ["yes"]', 'event: ["slow"]', "outcomes.named_slow.event.0", "slow", "yes, no"),
        ("study.yaml", 'variable: batch, values: ["1"', 'variable: batch, values: ["4"',
         "outcomes.named_slow.open_list.values.0", "4", "1, 2, 3"),
        ("study.yaml", "main_outcome: named_slow", "main_outcome: fast", "main_outcome", "fast",
         "named_slow, stage"),
        ("study.yaml", "pattern: unit_type", "pattern: luck", "pages.pattern", "luck",
         "target_ambition, leadership_change"),
        ("study.yaml", "causes: [targets_too_high", "causes: [targets_high", "causes.0", "targets_high", "stage"),
        ("study.yaml", "constants: [talent_shortage", "constants: [stage", "constants.0", "stage", PROGRAMME),
        ("study.yaml", "- variable: sanction", "- variable: stage", "requirements.2.variable", "stage", PROGRAMME),
        ("study.yaml", "{value:month}", "{valeu:month}", "requirements.0.text.en", "valeu:month",
         "{value}, {value:month}"),
        ("study.yaml", "both_lists: named_advancing", "both_lists: both", "both_lists", "both", "named_advancing"),
        ("study.yaml", "batch_variable: batch", "batch_variable: round", "batch_variable", "round", "batch"),
        ("study.yaml", '  "3": {announced', '  "4": {announced', "batches.4", "4", "1, 2, 3"),
        ("study.yaml", 'announced: "2013-01-29"', 'announced: "2013-15-49"', "batches.1.announced", "2013-15-49",
         "YYYY-MM-DD"),
        ("study.yaml", "size: 90, source_id: S11", "size: 90, source_id: S99", "batches.1.source_id", "S99", "S00, S01"),
        ("study.yaml", "variable: time_elapsed", "variable: stage", "elapsed.variable", "stage", PROGRAMME),
        ("study.yaml", "divisions_source: S43", "divisions_source: S99", "divisions_source", "S99", "S00, S01"),
        ("study.yaml", "pilots: [soudengzhan]", "pilots: [atlantis]", "group_examples.0.pilots.0", "atlantis",
         "liaoyuan, panshi"),
        ("study.yaml", "numerator: plan_investment", "numerator: plans", "factors.target_ambition.ratio.numerator",
         "plans", "gpb_revenue, gdp"),
        ("study.yaml", "- pilot: dongfeng", "- pilot: atlantis", "factors.target_ambition.ratio.other_kind.0.pilot",
         "atlantis", "liaoyuan, panshi"),
        ("study.yaml", "event: new_government_head", "event: flood", "factors.leadership_change.spells.event", "flood",
         "new_government_head"),
        ("study.yaml", 'start: "2013-02"', 'start: "2013-99"', "windows.fixed.start", "2013-99", "YYYY-MM"),
        ("study.yaml", 'end: "2015-12"', 'end: "2012-12"', "windows.fixed.end", "2012-12",
         "a month that is not before the start"),
        ("study.yaml", "general_passages: [4]", "general_passages: [four]", "general_passages.0", "four",
         "valid integer"),
        ("study.yaml", "reason: leadership_change", "reason: exposure", "pages.reason", "exposure",
         "target_ambition, leadership_change"),
        ("study.yaml", "pattern: unit_type", "pattern: luck", "pages.pattern", "luck", "exposure, funding"),
        ("study.yaml", "reviewed_by_person:", "reviewed_by_persons:", "reviewed_by_persons", "reviewed_by_persons",
         "group_examples, reviewed_by_person"),
        ("study.yaml", "named_cause: true", "named_cuase: true", "factors.target_ambition.named_cuase", "named_cuase",
         "label, coded, question, named_cause"),
        ("codebook.yaml", "kind: levels", "kind: colours", "variables.named_slow.kind", "colours", "'levels', 'count'"),
        ("codebook.yaml", "kind: count", "kind: levels", "variables.projects_planned.kind", "levels",
         "levels, exactly where levels are listed"),
        ("codebook.yaml", "room: outcome", "room: cellar", "variables.named_slow.room", "cellar", "'outcome', 'factor'"),
    ],
)  # fmt: skip
def test_a_bad_declaration_is_named(
    repository: Path, file: str, old: str, new: str, place: str, value: str, allowed: str
) -> None:
    line = replace(repository / "data" / STUDY / file, old, new)
    said = refused(repository)[0]
    named = f"{SHOWN}/{file}: line {line}: {place}: value {value!r}; allowed: "
    # a level may stand on a later line than the text that was replaced
    pattern = re.escape(named).replace(f"line\\ {line}", r"line\ \d+")
    assert re.match(pattern, said)
    assert abs(int(re.findall(r"line (\d+)", said)[0]) - line) <= 1
    assert allowed in said.partition("; allowed: ")[2]


def test_yaml_that_cannot_be_read_a_missing_part_and_a_repeated_key_are_named(
    repository: Path,
) -> None:
    path = repository / "data" / STUDY / "study.yaml"
    text = path.read_text(encoding="utf-8")
    line = replace(path, "main_outcome: named_slow\n", "")
    assert refused(repository)[0] == (
        f"{SHOWN}/study.yaml: line 1: main_outcome: missing; allowed: a value"
    )
    path.write_text(text, encoding="utf-8")
    line = replace(path, "  exposure:\n", "  leadership_change:\n")
    assert refused(repository) == [
        f"{SHOWN}/study.yaml: line {line}: not readable as YAML: key 'leadership_change' stands twice"
    ]
    path.write_text(text.replace("outcomes:", "outcomes: [", 1), encoding="utf-8")
    assert re.match(
        rf"{SHOWN}/study.yaml: line \d+: not readable as YAML: .*expected", refused(repository)[0]
    )
    # all that is wrong is named at once, what is undeclared among it
    misspelt = text.replace("province:", "provinse:", 1).replace(
        "general_passages: [4]", "general_passages: 4"
    )
    path.write_text(misspelt, encoding="utf-8")
    assert [m.split(": ")[2:4] for m in refused(repository)] == [
        ["province", "missing; allowed"],
        ["general_passages", "value '4'; allowed"],
        ["provinse", "value 'provinse'; allowed"],
    ]
    path.write_bytes(text.encode("gb18030"))
    assert re.match(rf"{SHOWN}/study.yaml: byte \d+ is not UTF-8; save", refused(repository)[0])
    path.write_text("", encoding="utf-8")
    assert "study.yaml: line 1: the whole file: value 'None'" in refused(repository)[0]


def test_a_bare_yes_is_the_level_yes(repository: Path) -> None:
    path = repository / "data" / STUDY / "codebook.yaml"
    replace(path, "'yes':", "yes:")
    replace(path, "'no':", "no:")
    assert load_study(STUDY, WAVE, repository).factor("leadership_change").sum() == 3


def test_an_unknown_study_or_wave_lists_what_there_is(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudyError, match=rf"data/nowhere: no such study .*studies: {STUDY}"):
        load_study("nowhere", WAVE, repository)
    with pytest.raises(StudyError, match=r"no '2017-01'; declared: 2016-01"):
        load_study(STUDY, "2017-01", repository)
    for name in (f"../data/{STUDY}", "", "..", "."):
        with pytest.raises(StudyError, match="no such study"):
            load_study(name, WAVE, repository)
    monkeypatch.setenv("ANALYSIS_ROOT", str(repository / "notebooks"))
    with pytest.raises(StudyError, match="no folder data/ there; set ANALYSIS_ROOT"):
        load_study(STUDY, WAVE)
