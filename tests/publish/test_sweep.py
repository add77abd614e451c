"""Sweeps: a grid is checked before anything runs; one table of all claims; nothing runs twice."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from support import (
    SMALL,
    STUDY,
    WAVE,
    done_in,
    edit_cell,
    refused_command,
    run_command,
    run_process,
)

from analysis import open_study
from analysis.publish.parameters import file_name, things
from analysis.publish.sweep import _write_table, read_grid, runs_of
from analysis.study import StudyError


def grid(folder: Path, text: str, name: str = "grid.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notebook: faktor\ngrid: {a: [1]}", "no notebook 'faktor'; notebooks: overview"),
        ("grid: {a: [1]}", r"grid\.yaml: line 1: notebook: missing"),
        ("notebook: factor", r"grid\.yaml: line 1: grid: missing"),
        ("notebook: factor\ngrid: {}", "line 2: grid: value"),
        ("notebook: factor\nwaves: x\ngrid: {silence: [absent]}", "line 2: waves: value 'waves'"),
        ("notebook: factor\ngrid:\n  silence: absent", "line 3: grid.silence: value 'absent'"),
        ("notebook: factor\ngrid:\n  silence: []", "line 3: grid.silence: no value; allowed"),
        (
            "notebook: factor\ngrid:\n  silense: [absent]",
            "line 3: grid.silense: no parameter 'silense' in factor; did you mean silence",
        ),
        (
            "notebook: factor\ngrid:\n  silence: [absent, absend]",
            "line 3: grid.silence: silence='absend'; allowed: unknown, .*; did you mean absent",
        ),
        (
            "notebook: factor\ngrid:\n  silence:\n    - absent\n    - absent",
            r"line 5: grid\.silence\.1: value 'absent' stands twice",
        ),
        ("notebook: factor\ngrid: {recalled: [perhaps]}", "recalled='perhaps'; allowed: True"),
        ("notebook: factor\ngrid: {silence: [[absent]]}", r"value \['absent'\]; allowed: a word"),
        ("notebook: factor\ngrid: {silence: [null]}", "value None; allowed: a word"),
        ("notebook: factor\ngrid: {silence: [{a: b}]}", "allowed: a word or a number"),
        (
            "notebook: multiverse\ngrid: {seed: [2016-01-01]}",
            "seed='2016-01-01'; allowed: a valid integer",
        ),
        # the same twice in other words; what YAML 1.1 would read as 90 and as 16
        ("notebook: factor\ngrid: {recalled: ['false', no]}", r"recalled\.1: value 'no' stands"),
        ("notebook: design\ngrid: {share: [.5, .50]}", r"share\.1: value '\.50' stands twice"),
        ("notebook: multiverse\ngrid: {seed: [10, 010]}", r"seed\.1: value '010' stands twice"),
        ("notebook: multiverse\ngrid: {seed: [1:30]}", "seed='1:30'; allowed: a valid integer"),
        ("notebook: multiverse\ngrid: {seed: [0x10]}", "seed='0x10'; allowed: a valid integer"),
        ("notebook: design\ngrid: {share: [.nan]}", "share='.nan'; allowed: a valid number"),
        (
            f"notebook: design\ngrid: {{share: {[n / 1e4 for n in range(1500)]}, "
            f"seed: {list(range(1500))}}}",
            r"grid: 2,250,000 runs; allowed: 1,000; .* make sweep YES=1, or --yes",
        ),
        ("notebook: design\ngrid: {base: [1.5]}", "base='1.5'; allowed: less than or equal to 1"),
        (
            "notebook: design\ngrid:\n  base: [0.2, 0.8]\n  effect: [0.1, 0.5]",
            r"line 2: grid: base=0\.8 effect=0\.5; in design base \+ effect must be within 0 to 1",
        ),
        (
            "notebook: factor\ngrid:\n  factor: [exposure, exposur]",
            r"line 3: grid\.factor\.1: no factor 'exposur' .*did you mean exposure\?",
        ),
        # known for every pilot: a notebook of its own
        (
            "notebook: factor\ngrid:\n  factor: [unit_type]",
            r"grid\.factor\.0: no factor 'unit_type' for the notebook factor \(allowed: target_",
        ),
        ("notebook: rivals\ngrid: {seed: [1]}", "no parameter 'seed' in rivals"),
        ("notebook: [", r"grid\.yaml: line [12]: not readable as YAML"),
    ],
)
def test_what_is_wrong_with_a_grid_is_named_with_the_mend(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        runs_of(*read_grid(grid(tmp_path, text)), open_study(STUDY, WAVE))


def test_a_grid_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"none\.yaml: no such file; name the YAML file"):
        read_grid(tmp_path / "none.yaml")


def runs(folder: Path, text: str) -> dict[str, dict[str, Any]]:
    found = runs_of(*read_grid(grid(folder, text)), open_study(STUDY, WAVE))
    assert len({run.page for run in found}) == len(found)
    return {run.page: dict(run.parameters) for run in found}


def test_each_combination_is_one_run_with_a_page_of_its_own(tmp_path: Path) -> None:
    found = runs(
        tmp_path,
        "notebook: factor\ngrid:\n  factor: [leadership_change, exposure]\n"
        "  silence: [unknown, absent]\n  recalled: [true]\n",
    )
    assert list(found) == [
        "factor-leadership_change,recalled=True",
        "factor-leadership_change,silence=absent,recalled=True",
        "factor-exposure,recalled=True",
        "factor-exposure,silence=absent,recalled=True",
    ]
    last = found["factor-exposure,silence=absent,recalled=True"]
    assert last["recalled"] is True
    assert (last["factor"], last["silence"], last["window"]) == (
        "exposure", "absent", "since_designation",
    )  # fmt: skip


def test_without_a_factor_in_the_grid_every_factor_that_has_a_page_runs(tmp_path: Path) -> None:
    found = runs(tmp_path, "notebook: multiverse\ngrid: {seed: [0, 1]}")
    factors = things(open_study(STUDY, WAVE), "multiverse")
    assert [p["factor"] for p in found.values()] == [f for f in factors for _ in range(2)]
    assert {p["seed"] for p in found.values()} == {0, 1}


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    found = runs(tmp_path, "notebook: multiverse\ngrid: {factor: [unit_type], seed: [010, 1_0_1]}")
    assert [each["seed"] for each in found.values()] == [10, 101]


@pytest.mark.parametrize(
    "name", ["a b.yaml", "a_b.yaml", "a.b.yaml", "甲.yaml", "乙.yaml", "1" * 240 + ".yaml"]
)
def test_each_grid_has_a_folder_of_its_own(name: str) -> None:
    others = {"a b", "a_b", "a.b", "甲", "乙", "1" * 240} - {Path(name).stem}
    assert file_name(Path(name).stem) not in {file_name(other) for other in others}
    assert re.fullmatch("[A-Za-z0-9_-]{1,220}", file_name(Path(name).stem))
    assert file_name("silence") == "silence"


def test_a_page_fits_into_a_file_name(tmp_path: Path) -> None:
    found = runs(tmp_path, f"notebook: design\ngrid: {{seed: [{'1' * 300}, {'1' * 299}2]}}")
    assert all(len(page) < 220 for page in found)


@pytest.mark.slow
def test_a_sweep_gives_one_row_for_each_claim_and_runs_nothing_twice(small: Path) -> None:
    asked = grid(small.parent, "notebook: pilot\ngrid: {pilot: [cedar, birch]}\n")
    done = run_command(small, "sweep", str(asked))
    assert done.returncode == 0, done.stderr
    assert "2 of 2 notebooks run" in done.stderr
    folder = small / "build" / SMALL / "sweeps" / "grid"
    assert done.stdout.strip() == str(folder / "results.csv")
    claims = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    table = rows(folder)
    assert sorted(f"{row['run']}.{row['claim']}" for row in table) == [c["id"] for c in claims]
    assert [row["run"] for row in table] == sorted((r["run"] for r in table), reverse=True)
    by_id = {f"{row['run']}.{row['claim']}": row for row in table}
    for claim in claims:
        row = by_id[claim["id"]]
        assert {k: row[k] for k in claim["parameters"]} == claim["parameters"]
        assert row["grade"] == claim["grade"]
        assert row["text_zh"] == claim["text"]["zh"]
        assert row["value"] == ("" if claim["value"] is None else str(claim["value"]))
        assert [row["low"], row["high"]] == [str(e) for e in claim["interval"] or ("", "")]
    before = {p.name: p.read_bytes() for p in folder.rglob("*.*") if p.suffix != ".json"}
    (small / "elsewhere").mkdir()
    more = grid(
        small / "elsewhere",
        "notebook: pilot\ngrid: {pilot: [cedar, birch, alder]}\n",
        "more.yaml",
    )
    done = run_command(small, "sweep", GRID=str(more))
    assert "1 of 3 notebooks run" in done.stderr, done.stderr
    done = run_command(small, "sweep", str(asked))
    assert "0 of 2 notebooks run" in done.stderr, done.stderr
    assert {p.name: p.read_bytes() for p in folder.rglob("*.*") if p.suffix != ".json"} == before


def test_the_table_has_the_sentences_in_the_languages_of_the_study(tmp_path: Path) -> None:
    _write_table(tmp_path / "table.csv", [], tmp_path, ("fr", "en"))
    head = (tmp_path / "table.csv").read_text(encoding="utf-8")
    assert head.endswith(",grade,flips,text_fr,text_en\n")


@pytest.mark.slow
def test_a_sweep_takes_over_what_reports_have_made(three: Path) -> None:
    asked = grid(three.parent, "notebook: design\ngrid: {seed: [0]}\n")
    done = run_command(three, "sweep", str(asked))
    assert done.returncode == 0, done.stderr
    assert "0 of 1 notebooks run" in done.stderr


@pytest.mark.slow
def test_a_failing_run_is_listed_with_its_cell_and_the_rest_finish(small: Path) -> None:
    edit_cell(small, "pilot", "setup", lambda own: f'{own}\nif pilot == "birch":\n    1 / 0')
    asked = grid(small.parent, "notebook: pilot\ngrid: {pilot: [cedar, birch, alder]}\n")
    done = run_process(small, "sweep", str(asked))
    assert done.returncode == 1, done.stderr
    assert "pilot-birch: cell setup" in done.stderr
    assert "1 of 3 failed; there is no earlier table" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(done_in(done.stderr)) == [
        "pilot-alder",
        "pilot-cedar",
    ]
    sweeps = small / "build" / SMALL / "sweeps"
    assert not (sweeps / "grid").exists()
    failed = sweeps / "grid.failed"
    assert str(failed) in done.stderr
    assert {p.name for p in failed.iterdir()} == {"log.txt", "pilot-birch.ipynb", "results.csv"}
    assert {row["run"] for row in rows(failed)} == {"pilot-cedar", "pilot-alder"}
    # by the next one they are taken over
    kept = sweeps / ".grid.finished" / "notebooks"
    assert {path.name for path in kept.iterdir()} == {"pilot-cedar", "pilot-alder"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "GRID: missing; name the YAML file"),
        ("notebook: factor\nstudy: nowhere\ngrid: {silence: [absent]}", "studies: three"),
        ("notebook: factor\nwave: 2017-01\ngrid: {silence: [absent]}", "declared: 2020-06"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(small: Path, text: str, said: str) -> None:
    arguments = [str(grid(small.parent, text))] if text else []
    assert said in refused_command(small, "sweep", *arguments)
    assert not (small / "build").exists()
