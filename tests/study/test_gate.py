"""What a build refuses beyond what loading does: codings by hand, sums, facts that stand twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from study.tools import cell, edit, replace, rows_of, seal, write_rows
from support import ROOT, SMALL, SMALL_WAVE, STUDY, WAVE, refused_command, settle_as_coded

from analysis.study import StudyError, gate
from analysis.study.load import load_study
from analysis.study.settle import settle
from simulated_study.simulate import simulate

MEND = (
    "codings.csv: not what its passes settle to; write a wanted change as a row of passes/"
    "rulings.csv (coded later: additions.csv), then run: make settle (alone it "
    "takes these changes back)"
)


def refused(root: Path, study: str = STUDY, wave: str = WAVE) -> list[str]:
    """Return what the gate says, without the folder."""
    loaded = load_study(study, wave, root)
    with pytest.raises(StudyError) as caught:
        gate.check(loaded)
    return [line.removeprefix(f"data/{study}/") for line in str(caught.value).splitlines()]


def passes_gate(root: Path, study: str = STUDY, wave: str = WAVE) -> None:
    gate.check(load_study(study, wave, root))


@pytest.fixture
def folder(repository: Path) -> Path:
    return repository / "data" / STUDY


def test_the_committed_studies_and_a_simulated_one_pass(tmp_path: Path, small: Path) -> None:
    passes_gate(ROOT)
    passes_gate(small, SMALL, SMALL_WAVE)
    (tmp_path / "data").mkdir()
    simulate(tmp_path, "made-up", 40, 3)
    passes_gate(tmp_path, "made-up", SMALL_WAVE)


def test_a_coding_changed_by_hand_is_refused_by_row_with_the_mend(repository: Path) -> None:
    folder = repository / "data" / STUDY
    line = edit(folder / "codings.csv", cell("liaoyuan", "projects_completed"), value="45")
    said = refused_command(repository, "report", NOTEBOOK="progress").splitlines()
    assert said == [
        f"data/{STUDY}/{MEND}",
        f"data/{STUDY}/codings.csv: line {line}: column value: value '45'; allowed: '25', as the "
        "passes settle liaoyuan, projects_completed",
        # which is not what the text says either
        said[2],
    ]
    assert "column term: value '25个'; allowed: a term with the number 45" in said[2]
    # the way that the message names
    settle_as_coded(folder)
    edit(folder / "passes/rulings.csv", cell("liaoyuan", "projects_completed"), term="45个")
    settle(folder)
    passes_gate(repository)


def test_a_sweep_is_refused_too(repository: Path, tmp_path: Path) -> None:
    edit(repository / "data" / STUDY / "codings.csv", cell("siping", "stage"), value="5")
    grid = tmp_path / "grid.yaml"
    grid.write_text("notebook: factor\ngrid: {silence: [absent]}\n", encoding="utf-8")
    assert "column value: value '5'; allowed: '3'" in refused_command(
        repository, "sweep", str(grid)
    )


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def other_order(path: Path) -> None:
    rows = rows_of(path)
    write_rows(path, [rows[1], rows[0], *rows[2:]])


def all_quoted(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[4] = ",".join(f'"{each}"' for each in next(iter(lines[4:5])).split(","))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def no_last_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("change", "line"), [(crlf, 1), (other_order, 2), (all_quoted, 5), (no_last_end, 0)]
)
def test_what_is_written_otherwise_is_refused_with_its_line(
    repository: Path, folder: Path, change: Callable[[Path], None], line: int
) -> None:
    last = len(rows_of(folder / "codings.csv")) + 2
    change(folder / "codings.csv")
    other = f"codings.csv: line {line or last}: rows in another order, or other line ends, quotes or blanks"
    assert refused(repository) == [MEND, other]


def test_a_changed_project_a_missing_row_and_one_too_many_are_named(
    repository: Path, folder: Path
) -> None:
    edit(folder / "projects.csv", lambda row: row["status"] == "started", status="built")
    said = refused(repository)
    assert "passes/rulings_projects.csv, then run: make settle" in said[0]
    assert "column status: value 'built'; allowed: 'started', as the passes settle" in said[1]
    path = folder / "projects.csv"
    rows = rows_of(path)
    write_rows(path, [*rows[1:], {**rows[-1], "project_zh": "别的", "project_en": "Another"}])
    said = refused(repository)
    assert (
        f"projects.csv: no row of {WAVE}, panshi, {rows[0]['project_zh']}; allowed: one"
        in "\n".join(said)
    )
    assert "value '2016-01, soudengzhan, 别的'; allowed: no such row" in "\n".join(said)


def test_a_pass_that_was_changed_or_is_not_listed_is_refused(
    repository: Path, folder: Path
) -> None:
    edit(folder / "passes/b/codings.csv", cell("panshi", "stage"), value="5")
    assert refused(repository) == [
        "passes/b/codings.csv: changed since it came; restore it from git"
    ]
    seal(folder / "passes")
    # two of three agree as before, no longer all
    settled_by = "column settled_by: value 'unanimous'; allowed: 'majority'"
    assert any(settled_by in line for line in refused(repository))
    sums = folder / "passes" / "SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines()
    left = [line for line in lines if not line.endswith("c/projects.csv")]
    sums.write_text("\n".join(left) + "\n", encoding="utf-8")
    assert "passes/c/projects.csv: not in passes/SHA256SUMS; add it there" in refused(repository)[0]


PLACE = {
    "source_id": "S00",
    "paragraph": "7",
    "span": "37:54",
    "span_sha256": "85e3ce1bd3800737f177807be2d03016baa037ca7f10236cbb6ea1b0f687bff7",
}


def changed(folder: Path, pilot: str, variable: str, **cells: str) -> None:
    edit(folder / "codings.csv", cell(pilot, variable), **cells)
    settle_as_coded(folder)


def test_a_stated_number_stands_in_its_term_or_the_notes_say_why_not(
    repository: Path, folder: Path
) -> None:
    changed(folder, "liaoyuan", "projects_planned", term="谋划项目")
    (said,) = refused(repository)
    assert "column term: value '谋划项目'; allowed: a term with the number 219, or notes" in said
    why = {"note_en": "Said after 谋划项目.", "note_zh": "数字在“谋划项目”之后。"}
    changed(folder, "liaoyuan", "projects_planned", **why)
    passes_gate(repository)


@pytest.mark.parametrize(
    ("value", "term"),
    [("219", "２１９个"), ("2500", "2,500个"), ("7", "七个项目"), ("183.5", "183.5亿元"), ("10", "十个")],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_in_numerals(
    repository: Path, folder: Path, value: str, term: str
) -> None:
    variable = "investment_planned" if "." in value else "key_projects"
    changed(folder, "panshi", variable, value=value, term=term, status="stated", **PLACE)
    edit(folder / "codings.csv", cell("panshi", "projects_in_trial"), value="3", term="3")
    settle_as_coded(folder)
    passes_gate(repository)


@pytest.mark.parametrize(
    ("pilot", "variable", "cells", "said"),
    [
        # a part of a part is one of the whole too
        ("liaoyuan", "projects_completed", {"value": "71", "term": "71个"}, "at most 70, as in line"),
        ("liaoyuan", "projects_started", {"value": "220", "term": "220个"}, "at most 219, as in line"),
        ("liaoyuan", "investment_completed", {"value": "190", "term": "190"}, "at most 183.34, as in"),
        ("panshi", "projects_in_trial", {"value": "2", "term": "2"}, "3 or more, as named in projects.csv"),
        ("siping", "domain_health", {"value": "no"}, "yes exactly where a project of this domain"),
        ("siping", "domain_transport", {"value": "yes", "status": "implied"}, "yes exactly where"),
    ],
)  # fmt: skip
def test_sums_hold_within_the_text(
    repository: Path, folder: Path, pilot: str, variable: str, cells: dict[str, str], said: str
) -> None:
    place = next(r for r in rows_of(folder / "codings.csv") if r["span"])
    more = {name: place[name] for name in ("source_id", "paragraph", "span", "span_sha256", "term")}
    changed(folder, pilot, variable, **(more if "status" in cells else {}), **cells)
    with pytest.raises(StudyError, match=said):
        passes_gate(repository)


def test_a_part_of_a_whole_of_which_nothing_is_said_is_one_of_the_next(
    repository: Path, folder: Path
) -> None:
    empty = dict.fromkeys(("value", "source_id", "paragraph", "span", "span_sha256", "term"), "")
    edit(folder / "codings.csv", cell("liaoyuan", "projects_started"), status="silent", **empty)
    changed(folder, "liaoyuan", "projects_completed", value="220", term="220个")
    with pytest.raises(StudyError, match="value '220'; allowed: at most 219, as in line 4"):
        load_study(STUDY, WAVE, repository)


def test_a_fact_that_stands_twice_is_the_same(repository: Path, folder: Path) -> None:
    path = folder / "context.csv"
    replace(path, "plan_investment,2015,183.34", "plan_investment,2015,183.43")
    (said,) = refused(repository)
    assert "value '183.43'; allowed: 183.34, as in codings.csv, line 9, from the same text" in said
    replace(path, "183.43", "183.34")
    # the figures of one unit stand with each pilot below it, and with that unit
    replace(path, "yushu,gdp,2014,5342.3999", "yushu,gdp,2014,5342.9")
    assert "column value: value '5342.3999'; allowed: 5342.9, as in line" in refused(repository)[0]
    replace(path, "5342.9", "5342.3999")
    replace(path, "dongfeng,gdp,2015,726.6404", "dongfeng,gdp,2015,726.6")
    assert "value '726.6'; allowed: 726.6404, as in line 9, the same fact" in refused(repository)[0]
