"""What persons looked at: one thing at a time, what holds, what changed since, what is left."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from support import PILOTS, ROOT, SMALL, SMALL_WAVE, forget, refused_command, run_command

from analysis.publish.audit import (
    Part,
    audit,
    hash_of,
    looked_at,
    parts,
    sign,
    state,
    text_of,
    users,
)
from analysis.publish.inputs import claims_now
from analysis.study import SIGN_OFFS, StudyError
from analysis.study.load import load_study

pytestmark = pytest.mark.xdist_group("three")
GIVEN = {
    "verdict": "agree",
    "reviewer": "A. Reader",
    "checked": "against the text",
    "date": "2020-07-01",
}
CELL = Part("cell", "progress.slow-pilots")
ROW = Part("row", f"codings.csv:{SMALL_WAVE}/alder/named_slow")
FUNCTION = Part("function", "src/analysis/study/study.py:Study.outcome")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget()


def signed(root: Path, part: Part, **changed: str) -> list[str]:
    forget()
    told = list(sign(root, SMALL, SMALL_WAVE, part, {**GIVEN, **changed}))
    forget()
    return told


def listed(root: Path) -> list[str]:
    forget()
    return list(audit(root, SMALL, SMALL_WAVE))


def rows(root: Path) -> list[dict[str, str]]:
    with (root / "data" / SMALL / SIGN_OFFS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(root: Path, **changed: str) -> None:
    """Change the one row of the sign-offs on disk."""
    (row,), path = rows(root), root / "data" / SMALL / SIGN_OFFS
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow({**row, **changed})


def slow(root: Path) -> dict[str, Any]:
    claims = claims_now(root, SMALL, SMALL_WAVE)
    return next(entry for entry in claims if entry["id"] == "progress.slow-pilots")


def test_nothing_is_signed_by_default(three: Path) -> None:
    assert not list((ROOT / "data").rglob("sign-offs.csv"))
    folder = three / "data" / SMALL
    looked, of = looked_at(three, folder, slow(three))
    assert looked == 0
    assert of == len(parts(folder, slow(three))) > 3
    page = (three / "build" / SMALL / SMALL_WAVE / "en" / "about.html").read_text(encoding="utf-8")
    every = {p for p, by in users(three, SMALL, claims_now(three, SMALL, SMALL_WAVE)).items() if by}
    assert f"rest on {len(every)} parts" in page
    assert "No person has noted yet that they looked at any" in page


@pytest.mark.slow
def test_a_claim_is_signed_when_all_its_parts_are(three: Path) -> None:
    folder, entry = three / "data" / SMALL, slow(three)
    every = parts(folder, entry)
    for number, part in enumerate(every, start=1):
        assert signed(three, part)[-1] == f"Signed: {SIGN_OFFS} has one row more"
        assert len(rows(three)) == number
        assert looked_at(three, folder, entry) == (number, len(every))
    assert f"  progress.slow-pilots: {len(every)} of {len(every)}" in listed(three)
    # loading checks the table, and the page counts without a run of a notebook
    load_study(SMALL, SMALL_WAVE, three)
    done = run_command(three, "report")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\b0 of \d+ notebooks run", done.stderr)
    page = (three / "build" / SMALL / SMALL_WAVE / "en" / "about.html").read_text(encoding="utf-8")
    assert f"has looked at {len(every)} of them" in page


def test_what_is_shown_is_what_is_signed(three: Path) -> None:
    folder = three / "data" / SMALL
    shown = list(sign(three, SMALL, SMALL_WAVE, ROW, {**GIVEN, "verdict": ""}))
    assert shown[0] == text_of(three, folder, ROW)
    assert '"variable": "named_slow"' in shown[0]
    assert "progress.slow-pilots" in shown[1]
    assert shown[2].startswith("Not signed")
    assert not (folder / SIGN_OFFS).exists()
    signed(three, ROW)
    assert rows(three)[0]["hash"] == hash_of(three, folder, ROW)
    assert rows(three)[0].items() >= {**GIVEN, "kind": "row", "key": ROW.key}.items()


@pytest.mark.parametrize(
    "key", ["*", "codings.csv:*", f"{ROW.key},{ROW.key}", f"{ROW.key} {ROW.key}", "", "codings.csv"]
)
def test_only_one_thing_is_signed_at_a_time(three: Path, key: str) -> None:
    with pytest.raises(StudyError, match="one at a time"):
        list(sign(three, SMALL, SMALL_WAVE, Part("row", key), GIVEN))
    assert not (three / "data" / SMALL / SIGN_OFFS).exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verdict", "fine"),
        ("reviewer", " "),
        ("checked", ""),
        ("date", "2020-02-30"),
        ("date", ""),
        ("reviewer", "A\nB"),
    ],
)
def test_a_row_that_is_not_allowed_changes_nothing(three: Path, column: str, value: str) -> None:
    signed(three, CELL)
    folder = three / "data" / SMALL
    before = (folder / SIGN_OFFS).read_bytes()
    with pytest.raises(StudyError, match=rf"{SIGN_OFFS}: line 3: column {column}: value"):
        signed(three, ROW, **{column: value})
    assert (folder / SIGN_OFFS).read_bytes() == before
    assert not list(folder.rglob(".*"))


def test_nobody_looked_at_it_tomorrow(three: Path) -> None:
    with pytest.raises(StudyError, match=r"--date '2999-01-01': allowed: a day up to today, 20"):
        signed(three, ROW, date="2999-01-01")
    assert not (three / "data" / SMALL / SIGN_OFFS).exists()


def test_the_table_is_checked_when_the_study_is_loaded(three: Path) -> None:
    signed(three, CELL)
    written(three, kind="everything")
    with pytest.raises(
        StudyError, match="column kind: value 'everything'; allowed: function, cell"
    ):
        load_study(SMALL, SMALL_WAVE, three)
    (three / "data" / SMALL / SIGN_OFFS).rename(three / "data" / SMALL / "audit" / "signed.csv")
    with pytest.raises(StudyError, match=r"audit/signed.csv: no table of a study"):
        load_study(SMALL, SMALL_WAVE, three)


def test_what_changed_is_told_from_what_changed_its_result(three: Path) -> None:
    signed(three, FUNCTION)
    folder = three / "data" / SMALL
    assert state(three, folder, FUNCTION)[0] == "signed"
    written(three, hash="0" * 64)
    at = f"  function {FUNCTION.key} A. Reader, 2020-07-01: code changed, result"
    assert f"{at} the same" in listed(three)
    written(three, results="0" * 12)
    assert f"{at} changed" in listed(three)
    written(three, key="src/analysis/study/study.py:Study.gone")
    assert any("Study.gone A. Reader, 2020-07-01: gone" in line for line in listed(three))
    forget()
    assert looked_at(three, folder, slow(three))[0] == 0


def test_a_disagreement_counts_as_not_signed_until_its_reviewer_agrees(three: Path) -> None:
    folder = three / "data" / SMALL
    signed(three, CELL)
    signed(three, CELL, reviewer="B. Reader", verdict="disagree", checked="counts too few")
    assert state(three, folder, CELL)[0] == "rejected"
    at = listed(three).index("Somebody disagrees:")
    assert listed(three)[at + 1] == f"  cell {CELL.key} B. Reader, 2020-07-01: counts too few"
    signed(three, CELL, verdict="with reservation")
    assert state(three, folder, CELL)[0] == "rejected"
    signed(three, CELL, reviewer="B. Reader")
    assert state(three, folder, CELL)[0] == "signed"


def test_the_first_page_comes_first(three: Path) -> None:
    told = listed(three)
    assert told[0].startswith(f"{SMALL}/{SMALL_WAVE}, looked at by a person: 0 of ")
    assert told[1].startswith("Last build: notebooks ")
    at = next(i for i, line in enumerate(told) if line.startswith("Nobody has looked at it"))
    assert any(line.startswith("  progress.slow-pilots: 0 of ") for line in told[3:at])
    uses = [int(line.rpartition("(")[2].split(",")[0]) for line in told[at + 1 :]]
    assert uses == sorted(uses, reverse=True)
    assert uses[0] > uses[-1] == 0
    assert any(line.startswith("  page en/index.md") for line in told[at:])


def test_an_older_report_is_not_audited_and_commands_refuse_in_words(three: Path) -> None:
    path = three / "data" / SMALL / "codings.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for command in (("audit",), ("sign", *CELL)):
        said = refused_command(three, *command)
        assert f"no report since data/{SMALL}/codings.csv changed; run: make report" in said


def test_a_function_is_signed_with_the_constants_that_it_uses(tmp_path: Path) -> None:
    source = tmp_path / "src" / "package"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("LIMIT = 3\nOTHER = 4\n", encoding="utf-8")
    module = source / "module.py"
    text = (
        "from package import LIMIT, OTHER\nHALF = LIMIT / 2\nUNUSED = 1\n\n\n"
        "class A:\n    @property\n    def f(self):\n        return HALF\n"
    )
    module.write_text(text, encoding="utf-8")
    part = Part("function", "src/package/module.py:A.f")
    shown = text_of(tmp_path, tmp_path, part)
    assert shown.splitlines() == [
        "    @property", "    def f(self):", "        return HALF", "HALF = LIMIT / 2", "LIMIT = 3",
    ]  # fmt: skip
    before = hash_of(tmp_path, tmp_path, part)
    for change, same in (
        (("UNUSED = 1", "UNUSED = 2"), True),
        (("        return", "        # why\n\n        return"), True),
        (("return HALF", "return -HALF"), False),
        (("LIMIT / 2", "LIMIT / 3"), False),
        (("def f", "def g"), False),
    ):
        forget()
        module.write_text(text.replace(*change), encoding="utf-8")
        assert (hash_of(tmp_path, tmp_path, part) == before) is same, change
    forget()
    module.write_text(text, encoding="utf-8")
    (source / "__init__.py").write_text("LIMIT = 5\nOTHER = 4\n", encoding="utf-8")
    assert hash_of(tmp_path, tmp_path, part) != before


def test_a_changed_row_cell_or_page_counts_no_more(three: Path) -> None:
    folder, page = three / "data" / SMALL, Part("page", "en/index.md")
    for part, path, change in (
        (ROW, folder / "codings.csv", (",high,", ",low,")),
        (CELL, three / "notebooks" / "progress.ipynb", ("slow = study", "slow  = study")),
        (page, three / "report" / "text" / "en" / "index.md", ("\n", "\n\n")),
    ):
        before = hash_of(three, folder, part)
        assert before, part
        path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
        forget()
        assert hash_of(three, folder, part) not in ("", before), part


def test_both_kinds_of_evidence_are_parts(three: Path) -> None:
    """Rows of tables by line; keys of YAML, and rows that are about no pilot, by key."""
    folder = three / "data" / SMALL
    entry = slow(three)
    more: list[dict[str, Any]] = [
        {"file": "study.yaml", "key": "waves", "line": 3, "value": "x"},
        {"file": "study.yaml", "key": "outcomes.*.variable", "line": None, "value": "x"},
        {"file": "passes/alternatives.csv", "key": "x", "line": 2, "value": "x"},
        {"file": "sources.csv", "key": "S01", "line": None, "value": "x"},
    ]
    found = parts(folder, {**entry, "evidence": [*entry["evidence"], *more, *more]})
    new = [part for part in found if part not in parts(folder, entry)]
    assert len(new) == len(more)
    assert all(hash_of(three, folder, part) for part in new), new
    keys = json.loads(text_of(three, folder, new[1]))
    assert len(keys) > 1
    assert all(re.fullmatch(r"outcomes\.\w+\.variable", key) for key in keys)
    # what many rows of a table were read for; what is left to its default; what is gone
    many = json.loads(text_of(three, folder, Part("row", "pilots.csv:*")))
    assert len(many) == len(PILOTS)
    assert text_of(three, folder, Part("row", "study.yaml:nothing.there")) == "{}"
    assert not hash_of(three, folder, Part("row", "pilots.csv:nobody"))


def test_all_parts_of_this_study_can_be_shown(built: Any) -> None:
    """The default report: each function, cell and row of the ledger is found under its key."""
    folder = built.root / "data" / "jilin-2016"
    every = {part for entry in built.claims.values() for part in parts(folder, entry)}
    assert [part for part in every if not hash_of(built.root, folder, part)] == []
