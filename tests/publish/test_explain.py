"""From a claim to all that it rests on, in the terminal."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from support import ROOT, STUDY, WAVE

from analysis.publish import chain
from analysis.publish.explain import explain, last_wave
from analysis.publish.inputs import inputs
from analysis.study import StudyError
from analysis.study.evidence import span_hash
from notebook_build import write_manifest

FILE = "src/analysis/publish/explain.py"
# where functions of 6 and of 8 lines begin
LINE, ENTRY = (
    1 + (ROOT / FILE).read_text(encoding="utf-8").splitlines().index(definition)
    for definition in (
        "def last_wave(root: Path, study: str) -> str:",
        "def _entry(ledger: list[dict[str, Any]], claim: str) -> Entry:",
    )
)


def entry(**more: object) -> dict[str, object]:
    base: dict[str, object] = {
        "id": "progress.slow-pilots", "notebook": "progress", "cell": "slow-pilots",
        "parameters": {"study": STUDY}, "value": 5, "interval": None, "n": 5, "of": 13,
        "unit": "count", "p_value": None, "p_smallest": None, "test": None, "grade": "counted",
        "text": {"en": "Five of 13.", "zh": "13个中有5个。"}, "flips": None, "flips_by": None,
        "varied": None,
        "grade_reason": {"en": "all 13 rows used are known"}, "notes": [{"en": "No comparison."}],
        "functions": [
            {"name": "last_wave", "file": FILE, "line": LINE, "for": "value"},
            {"name": "_entry", "file": FILE, "line": ENTRY, "for": "grade"},
        ],
        "evidence": [{
            "file": "codings.csv", "line": 2, "pilot_id": "liaoyuan", "variable": "named_slow",
            "value": "no", "status": "implied", "paragraph": 6, "span": "0:2", "source_id": "S00",
            "known": True, "assumed": False, "wave": WAVE,
        }],
    }  # fmt: skip
    return {**base, **more}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("sources"))
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "build" / STUDY / WAVE).mkdir(parents=True)
    put(tmp_path, json.dumps([entry()]))
    return tmp_path


def put(place: Path, ledger: str) -> None:
    """Put a ledger in place, as a build does."""
    folder = place / "build" / STUDY / WAVE
    (folder / "claims.json").write_text(ledger, encoding="utf-8")
    write_manifest(folder, {"asked": {"SOURCES": ""}, "inputs": inputs(place, STUDY, "")})


def test_the_chain_goes_from_the_sentence_to_the_row(built: Path) -> None:
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    for part in (
        "en: Five of 13.", "zh: 13个中有5个。", "n 5", "of 13",
        "grade: counted, because all 13 rows used are known",
        "Cell slow-pilots of notebooks/progress.ipynb", "| ", f"last_wave  {FILE}:{LINE}  6 lines",
        "| def last_wave(root: Path, study: str) -> str:",
        "codings.csv:2 liaoyuan named_slow = no, implied, paragraph 6, characters 0:2", "term 辽源",
        "confidence high", "settled: unanimous", ": silent (silent): cause one speaks", "note: Named",
        "(text not supplied)", "S00 Repost of a press report", "sha256 fd437a10", "No comparison.",
    ):  # fmt: skip
        assert part in said, part
    value, grade = (said.index(f"\n  {name}  {FILE}") for name in ("last_wave", "_entry"))
    assert said.index("Its value is computed by:") < value
    assert value < said.index("Its grade, and what would overturn it:") < grade
    assert said.splitlines()[-1] == (
        "To audit this number: 6 lines of project code for the value, 8 more for its grade and "
        "what would overturn it, functions that claims share (bookkeeping and display apart)."
    )


def at_hand(place: Path, line: str) -> None:
    """Put a text at hand whose sixth line is the only one that was coded, by its first two."""
    data, text = place / "data" / STUDY, "\n" * 5 + line
    (data / "sources").mkdir()
    (data / "sources" / "S00.txt").write_text(text, encoding="utf-8", newline="")
    for name in ("codings.csv", "projects.csv"):
        with (data / name).open(encoding="utf-8", newline="") as file:
            first, *others = csv.DictReader(file)
        first |= {"term": "", "span_sha256": span_hash(text, 6, "0:2")}
        kept = [{**row, "span": ""} for row in others]
        with (data / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*first], lineterminator="\n")
            writer.writeheader()
            writer.writerows([first, *kept] if name == "codings.csv" else kept)
    put(place, json.dumps([entry()]))


def test_what_a_terminal_would_obey_is_shown(built: Path) -> None:
    at_hand(built, "\x1b\r[2J")
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert "\n      [U+001B] \n" in said
    assert not {"\x1b", "\r"} & set(said)


def test_the_passage_is_shown_where_the_text_is_at_hand(built: Path) -> None:
    at_hand(built, "一二三四")
    assert "    一二" in explain(built, STUDY, WAVE, "progress.slow-pilots")


@pytest.mark.parametrize("text", ["short", "\n" * 5 + "二三四五"])
def test_another_text_than_the_coded_one_is_not_quoted(
    built: Path, tmp_path: Path, text: str
) -> None:
    """Found: what stood there was shown as the passage."""
    at_hand(built, "一二三四")
    other = tmp_path / "other"
    with pytest.raises(StudyError, match=r"SOURCES: .*other: no text there"):
        explain(built, STUDY, WAVE, "progress.slow-pilots", other)
    other.mkdir()
    (other / "S00.txt").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"S00.txt: not the text that was coded: liaoyuan: para"):
        explain(built, STUDY, WAVE, "progress.slow-pilots", other)


def test_the_cost_counts_code_alone() -> None:
    # the docstring and blank lines are read, but are no code; no function begins on the next line
    assert chain._function(ROOT / FILE, LINE)["lines"] == 6
    assert chain._function(ROOT / FILE, LINE + 1) == {"text": "", "lines": 0}


@pytest.mark.parametrize(
    ("row", "said", "end"),
    [
        ({"file": "rates.csv", "line": 2, "variable": "new_government_head"}, "count 8", "in their sources"),
        ({"file": "context.csv", "line": 2, "variable": "gpb_revenue"}, "value 255080", "in their sources"),
        ({"file": "study.yaml", "key": "windows.fixed.start", "line": None, "value": "2013-02"},
         "study.yaml:windows.fixed.start  = 2013-02", "in its file and line"),
        ({"status": "silent", "span": None, "paragraph": None, "line": 4}, "silent", "silence"),
    ],
)  # fmt: skip
def test_every_kind_of_row_says_where_it_ends(
    built: Path, row: dict[str, object], said: str, end: str
) -> None:
    (own,) = entry()["evidence"]  # type: ignore[misc, attr-defined]
    none = dict.fromkeys(
        ("pilot_id", "variable", "status", "paragraph", "span", "source_id", "value")
    )
    row = {**own, **row} if "status" in row else {**own, **none, **row}
    put(built, json.dumps([entry(evidence=[row])]))
    told = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert said in told
    assert end in told
    if str(row["file"]) in chain.FACTS:
        assert "taken_over" in told


def test_a_claim_without_rows_is_about_the_method(built: Path) -> None:
    put(built, json.dumps([entry(evidence=[])]))
    assert "method alone" in explain(built, STUDY, WAVE, "progress.slow-pilots")


def test_an_unknown_claim_names_near_ones_and_no_build_says_what_to_run(built: Path) -> None:
    with pytest.raises(StudyError, match=r"near: progress\.slow-pilots"):
        explain(built, STUDY, WAVE, "progress.slow-pilot")
    assert last_wave(built, STUDY) == WAVE
    shutil.rmtree(built / "build")
    with pytest.raises(StudyError, match="make report"):
        last_wave(built, STUDY)


def test_a_ledger_of_an_earlier_version_is_refused(built: Path) -> None:
    put(built, json.dumps([entry()]).replace('"for"', '"as"'))
    with pytest.raises(StudyError, match="earlier version; run: make report"):
        explain(built, STUDY, WAVE, "progress.slow-pilots")


@pytest.mark.parametrize("change", ["edited", "gone"])
def test_a_ledger_that_is_not_as_it_was_built_is_refused(built: Path, change: str) -> None:
    ledger = built / "build" / STUDY / WAVE / "claims.json"
    text = ledger.read_text(encoding="utf-8")
    ledger.unlink()
    if change == "edited":
        ledger.write_text(text.replace('"n": 5', '"n": 4'), encoding="utf-8")
    with pytest.raises(StudyError, match=r"claims\.json is not as built; run: make report"):
        explain(built, STUDY, WAVE, "progress.slow-pilots")


@pytest.mark.parametrize("file", [FILE, "src/gone.py", "notebooks/progress.ipynb"])
def test_code_that_changed_since_the_build_is_said(built: Path, file: str) -> None:
    """Another line, a module that is gone, one that cannot be read."""
    elsewhere = [{"name": "lines_of_code", "file": file, "line": LINE + 1, "for": "value"}]
    put(built, json.dumps([entry(functions=elsewhere)]))
    said = explain(built, STUDY, WAVE, "progress.slow-pilots")
    assert said.startswith("The code has changed since this report was built: run make report.")


def test_a_notebook_that_is_gone_since_the_build_is_left_out(built: Path) -> None:
    (built / "notebooks" / "progress.ipynb").unlink()
    assert "| (gone)" in explain(built, STUDY, WAVE, "progress.slow-pilots")


@pytest.mark.parametrize("content", [None, b"x\xff", b"a,b\n1\n"])
def test_rows_that_are_no_more_those_of_the_claim_are_not_shown(
    built: Path, content: bytes | None
) -> None:
    """Changed, gone or damaged: the lines of the evidence are those of the table as it was."""
    path = built / "data" / STUDY / "codings.csv"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StudyError, match=r"since data/.*codings\.csv changed; run: make report"):
        explain(built, STUDY, WAVE, "progress.slow-pilots")
