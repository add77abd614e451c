"""Settling: rulings first, then unanimity, then majority; the committed tables come out to the byte."""

import csv
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import SMALL, SMALL_WAVE, STUDY, copy_repository, run_command

from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.settle import settle

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def seal(passes: Path) -> None:
    """Write SHA256SUMS anew: a test's way to have other passes."""
    files = sorted(p for p in passes.glob("*/*") if p.is_file())
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(passes)}" for p in files]
    (passes / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def change(passes: Path, name: str, pilot: str, variable: str, **cells: str) -> None:
    path = passes / name / "codings.csv"
    rows = read(path)
    for row in rows:
        if (row["pilot_id"], row["variable"]) == (pilot, variable):
            row.update(cells)
    write(path, rows)
    seal(passes)


def settled(study: Path, pilot: str, variable: str) -> Row:
    rows = read(study / "codings.csv")
    return next(r for r in rows if (r["pilot_id"], r["variable"]) == (pilot, variable))


@pytest.fixture
def study(repository: Path) -> Path:
    return repository / "data" / STUDY


def test_the_committed_tables_come_out_to_the_byte_without_the_text(
    repository: Path, study: Path
) -> None:
    before = {name: (study / name).read_bytes() for name in ("codings.csv", "projects.csv")}
    for name in before:
        (study / name).unlink()
    done = run_command(repository, "settle")
    assert done.returncode == 0, done.stderr
    assert {name: (study / name).read_bytes() for name in before} == before


def test_a_cell_without_majority_or_ruling_is_listed_and_stops(
    repository: Path, study: Path
) -> None:
    for name, value in (("a", "219"), ("b", "218"), ("c", "217")):
        change(study / "passes", name, "liaoyuan", "projects_planned", value=value)
    before = (study / "codings.csv").read_bytes()
    done = run_command(repository, "settle")
    assert done.returncode == 2
    assert "liaoyuan, projects_planned (2016-01): no majority" in done.stderr
    for shown in ("a: 219 (stated", "b: 218 (stated", "c: 217 (stated"):
        assert shown in done.stderr
    assert "passes/rulings.csv: add a ruling" in done.stderr
    assert (study / "codings.csv").read_bytes() == before


def test_a_contradiction_that_all_give_is_settled_by_a_ruling_alone(tmp_path: Path) -> None:
    """Found: both rows were settled, and the table could not be loaded."""
    study = copy_repository(tmp_path / "repository", SMALL) / "data" / SMALL
    for name in "abc":
        path = study / "passes" / name / "codings.csv"
        rows = read(path)
        at = next(n for n, row in enumerate(rows) if row["variable"] == "stage" and row["value"])
        rows[at]["status"] = "contradictory"
        other = "0" if rows[at]["value"] != "0" else "1"
        write(path, [*rows[:at], {**rows[at], "value": other}, *rows[at:]])
    seal(study / "passes")
    with pytest.raises(StudyError, match=r"no majority for one value .*contradictory.* and .*"):
        settle(study)


def test_two_of_three_are_a_majority_and_the_lowest_confidence_of_these_counts(study: Path) -> None:
    for name, confidence in (("a", "high"), ("b", "medium")):
        change(study / "passes", name, "liaoyuan", "projects_planned", confidence=confidence)
    change(study / "passes", "c", "liaoyuan", "projects_planned", value="300", confidence="low")
    settle(study)
    row = settled(study, "liaoyuan", "projects_planned")
    assert (row["value"], row["settled_by"], row["confidence"]) == ("219", "majority", "medium")


def test_a_ruling_goes_before_any_vote(study: Path) -> None:
    path = study / "passes" / "rulings.csv"
    rows = read(path)
    ruled = dict.fromkeys(rows[0], "")
    ruled |= {
        "wave": "2016-01", "pilot_id": "liaoyuan", "variable": "projects_planned", "status": "silent",
        "confidence": "low", "settled_by": "rule: for the test", "note": "x",
    }  # fmt: skip
    write(path, [*rows, ruled])
    settle(study)
    row = settled(study, "liaoyuan", "projects_planned")
    assert (row["value"], row["status"], row["settled_by"]) == ("", "silent", "rule: for the test")


def test_spelling_is_mapped_before_comparing(study: Path) -> None:
    given = {read(study / "passes" / n / "codings.csv")[0]["wave"] for n in "abc"}
    assert given == {"2016-01"}
    spellings = {
        row["value"]
        for name in "abc"
        for row in read(study / "passes" / name / "codings.csv")
        if row["variable"] == "parent"
    }
    assert {"jilin", "jilin_city"} <= spellings
    assert "jilin" not in {
        r["value"] for r in read(study / "codings.csv") if r["variable"] == "parent"
    }


@pytest.mark.parametrize("others", [("b",), ("b", "c", "d")])
def test_any_number_of_passes_settles(study: Path, others: tuple[str, ...]) -> None:
    passes = study / "passes"
    for name in ("b", "c"):
        shutil.rmtree(passes / name)
    for name in others:
        shutil.copytree(passes / "a", passes / name)
    seal(passes)
    settle(study)
    assert settled(study, "liaoyuan", "projects_planned")["settled_by"].startswith("unanimous")


def test_a_changed_pass_is_refused(study: Path) -> None:
    path = study / "passes" / "b" / "codings.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(StudyError, match=r"passes/b/codings.csv: changed.*restore it from git"):
        settle(study)


def test_the_order_of_rows_in_a_pass_does_not_matter(study: Path) -> None:
    before = (study / "codings.csv").read_bytes()
    for name in "abc":
        path = study / "passes" / name / "codings.csv"
        write(path, read(path)[::-1])
    seal(study / "passes")
    settle(study)
    assert (study / "codings.csv").read_bytes() == before


def test_a_span_without_a_hash_says_how_to_get_it(study: Path) -> None:
    path = study / "passes" / "spans.csv"
    write(path, read(path)[1:])
    with pytest.raises(StudyError, match=r"no hash for S00.*settle --source FILE"):
        settle(study)


def test_a_text_that_is_not_the_coded_one_is_refused(study: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("too short\n", encoding="utf-8")
    with pytest.raises(StudyError, match="not the text that was coded"):
        settle(study, other)
    # one in which every place is to be found, too: the hashes of the coded one stay
    before = {path: path.read_bytes() for path in study.rglob("*.csv")}
    other.write_text(("another text " * 200 + "\n") * 200, encoding="utf-8")
    with pytest.raises(
        StudyError, match=r"paragraph \d+: span \S+ has another hash in passes/span"
    ):
        settle(study, other)
    assert before == {path: path.read_bytes() for path in study.rglob("*.csv")}
    # where nothing is known, any text is the coded one
    (study / "passes" / "spans.csv").unlink()
    settle(study, other)


def test_notes_stand_in_both_languages_and_a_new_one_says_where_it_comes_from(study: Path) -> None:
    rows = [r for r in read(study / "codings.csv") if r["status"] != "silent"]
    assert all(r["note_en"] and r["note_zh"] for r in rows)
    assert not [r for r in rows if "按编码规则认定" in r["note_zh"]]
    path = study / "passes" / "additions.csv"
    added = read(path)
    added[0]["note"] = "A note that nobody has put into Chinese."
    write(path, added)
    settle(study)
    row = settled(study, added[0]["pilot_id"], added[0]["variable"])
    assert row["note_zh"].endswith("按编码规则认定。")


def test_the_passes_are_described(study: Path) -> None:
    for name in "abc":
        described = yaml.safe_load(
            (study / "passes" / name / "pass.yaml").read_text(encoding="utf-8")
        )
        assert {"coder", "kind", "date", "codebook"} <= set(described)
        assert described["kind"] in ("model", "person")


def later_wave(folder: Path) -> None:
    """Give the three made-up pilots a second inspection, coded alone by a pass of its own."""
    declared = folder / "study.yaml"
    text = declared.read_text(encoding="utf-8")
    first = f"waves:\n  {SMALL_WAVE}:\n    month: {SMALL_WAVE}\n    source_id: S00\n"
    assert first in text
    later = first.removeprefix("waves:\n").replace("2020", "2021").replace("S00", "S09")
    declared.write_text(text.replace(first, first + later), encoding="utf-8")
    sources = read(folder / "sources.csv")
    write(folder / "sources.csv", [*sources, {**sources[0], "source_id": "S09"}])
    passes = folder / "passes"
    shutil.copytree(passes / "a", passes / "d")
    for name in ("d/codings", "d/projects", "additions", "rulings", "rulings_projects"):
        rows = read(passes / f"{name}.csv")
        again = [{**row, "wave": "2021-06"} for row in rows]
        write(passes / f"{name}.csv", again if name.startswith("d/") else [*rows, *again])
    seal(passes)


def declare(folder: Path, differs: dict[str, Any]) -> None:
    """Declare what differs at the later inspection."""
    path = folder / "study.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["waves"]["2021-06"]["differs"] = differs
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_a_later_wave_has_passes_and_a_text_of_its_own(tmp_path: Path) -> None:
    root = copy_repository(tmp_path / "repository", SMALL)
    folder = root / "data" / SMALL
    before, spans = read(folder / "codings.csv"), read(folder / "passes" / "spans.csv")
    later_wave(folder)
    with pytest.raises(StudyError, match=r"no hash for S09.*settle --source FILE"):
        settle(folder)
    text = tmp_path / "S09.txt"
    text.write_text(("a made-up later notice " * 40 + "\n") * 30, encoding="utf-8")
    with pytest.raises(
        StudyError, match=r"named by its text, SOURCE_ID.txt: no 'other'; declared: S00, S09"
    ):
        settle(folder, text.rename(tmp_path / "other.txt"))
    settle(folder, (tmp_path / "other.txt").rename(text))
    assert [r for r in read(folder / "passes" / "spans.csv") if r["source_id"] == "S00"] == spans
    rows = read(folder / "codings.csv")
    assert [r for r in rows if r["wave"] == SMALL_WAVE] == before
    assert len(rows) == 2 * len(before)
    first, second = (load_study(SMALL, wave, root) for wave in (SMALL_WAVE, "2021-06"))
    assert (first.coders().passes, second.coders().passes) == (3, 1)
    assert (list(first.ratings()), list(second.ratings())) == (["a", "b", "c"], ["d"])
    differs = {
        "general_passages": [],
        "pages": {"seen_as": {"en": "the later notice", "zh": "后一份通报"}},
        "outcomes": {"named_slow": {"open_list": None}},
    }
    declare(folder, differs)
    first, second = (load_study(SMALL, wave, root) for wave in (SMALL_WAVE, "2021-06"))
    assert (first.declared.general_passages, second.declared.general_passages) == ((4,), ())
    assert str(second.declared.pages.seen_as) == "the later notice" != first.declared.pages.seen_as
    assert second.declared.pages.document == first.declared.pages.document
    assert first.outcome(open_list=True).isna().any()
    assert not second.outcome(open_list=True).isna().any()
    for wrong, said in (
        ({"languages": ["en"]}, r"waves.2021-06.differs.languages: value 'languages'; allowed: ti"),
        ({"general_passages": ["four"]}, r"line \d\d: general_passages.0: value 'four'; allowed"),
        ({"pages": {"inspectors": None, "x": "y"}}, r"line \d\d: pages.x: value 'x'; allowed: doc"),
    ):
        declare(folder, wrong)
        with pytest.raises(StudyError, match=said):
            load_study(SMALL, "2021-06", root)
    declare(folder, {})
    codings = folder / "passes" / "d" / "codings.csv"
    codings.write_text(codings.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    seal(folder / "passes")
    with pytest.raises(StudyError, match=r"passes/d/codings.csv: no row; allowed: those of a wave"):
        load_study(SMALL, SMALL_WAVE, root).coders()
    shutil.rmtree(folder / "passes" / "d")
    seal(folder / "passes")
    with pytest.raises(StudyError, match="no pass there that codes wave 2021-06"):
        load_study(SMALL, "2021-06", root).coders()
