"""Whatever is wrong in a study's files is named: file, line, column, value, what is allowed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support import STUDY, WAVE

from analysis.study.errors import StudyError
from analysis.study.load import load


def edit_cell(path: Path, find: Callable[[dict[str, str]], bool], column: str, value: str) -> int:
    """Put `value` into one cell of the first row that fits; return its line."""
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head = rows[0]
    for line, cells in enumerate(rows[1:], start=2):
        if find(dict(zip(head, cells, strict=True))):
            cells[head.index(column)] = value
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
            return line
    raise AssertionError("no row fits")


def complaint(repository: Path) -> str:
    with pytest.raises(StudyError) as caught:
        load(STUDY, WAVE, repository)
    return str(caught.value)


def any_row(_row: dict[str, str]) -> bool:
    return True


def silent(row: dict[str, str]) -> bool:
    return row["status"] == "silent"


def spoken(row: dict[str, str]) -> bool:
    return row["status"] == "stated" and row["span"] != ""


def test_the_committed_study_loads() -> None:
    study = load(STUDY, WAVE)
    statuses = list(study.statuses().values())
    assert len(study.pilots) == 13
    assert (len(statuses), statuses.count("silent")) == (338, 236)


@pytest.mark.parametrize(
    ("file", "find", "column", "value", "allowed"),
    [
        ("codings.csv", any_row, "wave", "2015-01", "2016-01"),
        ("codings.csv", any_row, "pilot_id", "atlantis", "liaoyuan, panshi"),
        ("codings.csv", any_row, "variable", "mood", "named_slow, stage"),
        ("codings.csv", any_row, "value", "maybe", "yes, no"),
        ("codings.csv", any_row, "status", "guessed", "stated, implied, group, silent"),
        ("codings.csv", any_row, "source_id", "S99", "S00"),
        ("codings.csv", any_row, "paragraph", "six", "a paragraph number"),
        ("codings.csv", any_row, "span", "0-2", "start:end"),
        ("codings.csv", any_row, "span_sha256", "abc", "64 hexadecimal digits"),
        ("codings.csv", any_row, "term", "九个字符的关键词语", "at most 8 characters"),
        ("codings.csv", any_row, "note_en", "", "text"),
        ("codings.csv", any_row, "confidence", "certain", "high, medium, low"),
        ("codings.csv", any_row, "settled_by", "", "text"),
        ("codings.csv", silent, "value", "no", "empty, since the status is silent"),
        ("codings.csv", spoken, "span", "", "since the value comes from the coded text"),
        ("codings.csv", spoken, "span_sha256", "", "exactly where there is a span"),
        ("codings.csv", spoken, "source_id", "", "a source, unless the status is silent"),
        ("projects.csv", any_row, "pilot_id", "all", "liaoyuan"),
        ("projects.csv", any_row, "status", "In Trial", "a project status"),
        ("projects.csv", any_row, "status_basis", "guessed", "stated, implied, group"),
        ("pilots.csv", any_row, "order", "first", "a whole number"),
        ("pilots.csv", any_row, "short_zh", "", "text"),
        ("context.csv", any_row, "value", "much", "a number"),
        (
            "context.csv",
            any_row,
            "status",
            "true",
            "verified, verified_inferred, recalled, missing",
        ),
        ("context.csv", any_row, "source_id", "S99", "S00"),
        ("context.csv", any_row, "year", "twenty", "a year"),
        ("leaders.csv", any_row, "holder_id", "Somebody", "never a name"),
        ("leaders.csv", any_row, "role", "uncle", "government_head, party_secretary"),
        ("leaders.csv", any_row, "start", "2015-13", "YYYY-MM"),
        ("leaders.csv", any_row, "pilot_id", "atlantis", "PARENT_<place>"),
        ("rates.csv", any_row, "count", "many", "a whole number"),
        ("rates.csv", any_row, "window_end", "2015", "YYYY-MM"),
        ("events.csv", any_row, "date", "soon", "a day, a month"),
        ("sources.csv", any_row, "terms", "", "text"),
        ("sources.csv", any_row, "sha256", "0", "64 hex digits"),
    ],
)
def test_a_bad_cell_is_named(
    repository: Path,
    file: str,
    find: Callable[[dict[str, str]], bool],
    column: str,
    value: str,
    allowed: str,
) -> None:
    line = edit_cell(repository / "data" / STUDY / file, find, column, value)
    named = f"data/{STUDY}/{file}: line {line}: column {column}: value {value!r}; allowed: "
    found = [m for m in complaint(repository).splitlines() if m.startswith(named)]
    assert any(allowed in m.removeprefix(named) for m in found)


@pytest.mark.parametrize(
    ("file", "find", "column", "value", "said"),
    [
        ("context.csv", lambda r: r["status"] == "verified", "value", "", "exactly where the status is missing"),
        ("context.csv", lambda r: r["status"] == "verified", "source_id", "", "a source_id, unless missing"),
        ("leaders.csv", lambda r: r["end"] != "", "end", "1990-01", "a start that is not after the end"),
        ("rates.csv", any_row, "count", "999", "a count not above its of"),
    ],
)  # fmt: skip
def test_a_row_against_itself_is_named(
    repository: Path,
    file: str,
    find: Callable[[dict[str, str]], bool],
    column: str,
    value: str,
    said: str,
) -> None:
    line = edit_cell(repository / "data" / STUDY / file, find, column, value)
    message = complaint(repository)
    assert said in message
    assert f"data/{STUDY}/{file}: line {line}" in message


def test_a_second_row_for_a_cell_is_refused(repository: Path) -> None:
    path = repository / "data" / STUDY / "codings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[2], *lines[3:]]), encoding="utf-8")
    assert "liaoyuan, stage: 2 rows; allowed: one, unless contradictory" in complaint(repository)


def test_a_missing_cell_is_refused(repository: Path) -> None:
    path = repository / "data" / STUDY / "codings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    assert "liaoyuan, named_slow: no row; write one, silent if need be" in complaint(repository)


def test_a_contradiction_has_one_settled_value(repository: Path) -> None:
    path = repository / "data" / STUDY / "codings.csv"
    edit_cell(
        path, lambda r: r["settled_by"].startswith("rule: kept beside"), "settled_by", "majority"
    )
    assert "jiangyuan, stage: contradictory with 2 settled values" in complaint(repository)


def test_two_pilots_with_one_id_are_refused(repository: Path) -> None:
    edit_cell(
        repository / "data" / STUDY / "pilots.csv",
        lambda r: r["order"] == "2",
        "pilot_id",
        "liaoyuan",
    )
    message = complaint(repository)
    assert "pilots.csv: line" in message
    assert "'liaoyuan'" in message


def test_leaders_have_no_column_for_names(repository: Path) -> None:
    path = repository / "data" / STUDY / "leaders.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([f"{lines[0]},name", *(f"{line},x" for line in lines[1:])]), encoding="utf-8"
    )
    message = complaint(repository)
    assert re.search(
        r"leaders.csv: line 1: columns are .*name.*; allowed: 'pilot_id,role,holder_id", message
    )


def test_a_missing_column_a_ragged_row_and_a_missing_file_are_named(repository: Path) -> None:
    folder = repository / "data" / STUDY
    path = folder / "rates.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",of,", ",", 1), encoding="utf-8")
    assert "rates.csv: line 1: columns are" in complaint(repository)
    path.write_text(text.replace("nation,", "nation,x,", 1), encoding="utf-8")
    assert "rates.csv: line 3: 11 cells, allowed: 10" in complaint(repository)
    path.unlink()
    assert "rates.csv: missing" in complaint(repository)


def test_what_is_not_utf8_is_named(repository: Path) -> None:
    path = repository / "data" / STUDY / "pilots.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert re.search(r"pilots.csv: byte \d+ is not UTF-8; save as UTF-8", complaint(repository))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("study.yaml", "variable: leadership_change", "variable: leaders", "'leaders' is not in codebook.yaml"),
        ("study.yaml", "one: [county,", "one: [village,", "level 'village'; allowed: prefecture_city"),
        ("study.yaml", "main_outcome: named_slow", "main_outcome: fast", "'fast' is not declared under outcomes"),
        ("study.yaml", "beside: fiscal_capacity", "beside: luck", "beside 'luck' is no factor"),
        ("study.yaml", 'start: "2013-02"', 'start: "2013-99"', "windows.fixed.start"),
        ("study.yaml", "reviewed_by_person: false", "reviewed_by_persons: false", "reviewed_by_persons"),
        ("study.yaml", "outcomes:", "outcomes: [", "study.yaml: not readable as YAML"),
        ("codebook.yaml", "kind: levels", "kind: colours", "kind"),
    ],
)  # fmt: skip
def test_a_bad_declaration_is_named(
    repository: Path, file: str, old: str, new: str, said: str
) -> None:
    path = repository / "data" / STUDY / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    message = complaint(repository)
    assert f"data/{STUDY}/{file}" in message
    assert said in message


def test_an_unknown_study_or_wave_lists_what_there_is(repository: Path) -> None:
    with pytest.raises(StudyError, match=rf"data/nowhere: no such study .*studies: {STUDY}"):
        load("nowhere", WAVE, repository)
    with pytest.raises(StudyError, match=r"no '2017-01'; declared: 2016-01"):
        load(STUDY, "2017-01", repository)
    with pytest.raises(StudyError, match="no such study"):
        load("../data/jilin-2016", WAVE, repository)
