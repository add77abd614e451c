"""Reports under other choices, from other places, with and without the text."""

import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from ledger import Entry, claims_of
from support import (
    ROOT,
    SMALL,
    SMALL_WAVE,
    STUDY,
    WAVE,
    Built,
    done_in,
    files_of,
    refused_command,
    run_command,
    run_process,
)

from analysis.publish.parameters import run_of
from analysis.study.load import load_study
from analysis.study.study import Study

pytestmark = pytest.mark.slow

LEADERS = "leadership_change"
TEXT = ROOT / "data" / STUDY / "sources" / "S00.txt"
# copied from the text by design: names of projects, pilots and the like stand there whole
NAMED = ("projects.csv", "rulings_projects.csv", "pilots.csv", "sources.csv", "events.csv")


def listed(*options: str) -> set[str]:
    """The files that git knows."""
    done = subprocess.run(
        ["git", "ls-files", *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_nothing_that_git_leaves_out_is_needed(built: Built) -> None:
    """That a clone is enough, in any place and on plain kernels: `test_compare`."""
    inputs = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert set(inputs) <= listed("--cached", "--others", "--exclude-standard")


def test_no_page_holds_a_path_of_the_machine(built: Built) -> None:
    place = str(built.root).encode()
    assert [name for name, content in files_of(built.folder).items() if place in content] == []


def test_other_choices_run_what_has_them_and_are_said_on_every_page(
    built_three: Built, three: Path
) -> None:
    done = run_command(three, "report", PARAMS="window=fixed")
    assert done.returncode == 0, done.stdout + done.stderr
    # of the factors those that ask when
    assert set(done_in(done.stderr)) == {
        "overview", "gaps", "changes-leadership_change", "factor-fiscal_capacity",
        "factor-leadership_change", "design",
    }  # fmt: skip
    beside = three / "build" / SMALL
    folder = beside / f"{SMALL_WAVE}+window=fixed"
    assert done.stdout.strip() == str(folder / "index.html")
    assert files_of(beside / SMALL_WAVE) == files_of(built_three.folder)
    said = {"en": "Not the default report", "zh": "这不是默认报告"}
    for lang, pages in Built(three, folder, "").pages.items():
        assert len(pages) > 30
        for page in pages:
            assert said[lang] in page.read_text(encoding="utf-8"), page
    assert said["en"] in (folder / "index.html").read_text(encoding="utf-8")
    # the first one was kept
    assert "nothing to do" in run_process(three, "report").stderr


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(STUDY, WAVE)


def chosen(study: Study, notebook: str, thing: str, **choices: Any) -> dict[str, Entry]:
    """What the claims of a page say under other choices, by cell and pilot."""
    found = claims_of(study, run_of(study, notebook, thing, choices))
    return {name.partition(".")[2]: entry for name, entry in found.items()}


ABSENT, FIXED = {"silence": "absent_if_slow"}, {"window": "fixed"}


@pytest.mark.parametrize(
    ("notebook", "thing", "choices", "cell", "ends"),
    [
        # without the group's example nothing at all is known of this factor
        ("factor", "target_ambition", {"group": "none"}, "bounds", (-1.0, 1.0)),
        ("factor", LEADERS, ABSENT, "bounds", (-0.727, 0.8)),
        ("changes", LEADERS, ABSENT, "bounds-with-facts", (-0.727, 0.35)),
        # Tonghua's secretary changed inside the fixed window: the wider reading
        ("changes", LEADERS, {**FIXED, "roles": "wider"}, "bounds-with-facts", (-0.727, 0.625)),
    ],
)
def test_what_a_choice_changes(
    study: Study, notebook: str, thing: str, choices: Any, cell: str, ends: tuple[float, float]
) -> None:
    claim = chosen(study, notebook, thing, **choices)[cell]
    assert claim["interval"] == pytest.approx(ends, abs=5e-4)
    assert claim["grade"] == "not_identified"


def test_silence_as_no_gives_one_number_and_no_better_grade(study: Study) -> None:
    claim = chosen(study, "changes", LEADERS, **FIXED, silence="absent")["bounds-with-facts"]
    # six of thirteen with a change, two of the five named among them: 3/6 - 2/7
    assert (claim["interval"], claim["value"]) == (None, pytest.approx(3 / 6 - 2 / 7))
    assert claim["grade"] == "not_identified"


def test_a_parents_figure_is_marked(study: Study) -> None:
    found = chosen(study, "ratios", "fiscal_capacity", parent=True)
    heads = [entry for name, entry in found.items() if name.startswith("revenue-per-head-")]
    assert len(heads) > 3
    parents = [claim for claim in heads if claim["grade"] == "not_identified"]
    assert len(parents) == len(heads) - 3
    assert all("parent" in claim["text"]["en"].lower() for claim in parents)


def test_recalled_values_stay_unknown_for_the_grade(study: Study) -> None:
    found = chosen(study, "factor", "exposure", recalled=True)
    assert found["verdict"]["grade"] == "not_identified"


def test_passages_are_shown_where_the_text_is_given(repository: Path, tmp_path: Path) -> None:
    if not TEXT.is_file():
        pytest.skip(f"the text is not given: put it at data/{STUDY}/sources/S00.txt")
    shutil.copy(TEXT, tmp_path / "S00.txt")
    done = run_command(repository, "report", NOTEBOOK="coding", SOURCES=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    for lang in ("en", "zh"):
        page = Path(done.stdout.strip()).parent.joinpath(lang, "evidence.html").read_text("utf-8")
        assert "人事变更频繁" in re.sub(r"<[^>]+>", "", page)


def test_a_text_that_is_not_the_coded_one_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "S00.txt").write_text("another text\n", encoding="utf-8")
    assert "S00.txt" in refused_command(
        repository, "report", NOTEBOOK="coding", SOURCES=str(tmp_path)
    )


def test_no_run_of_the_text_is_in_the_repository() -> None:
    if not TEXT.is_file():
        pytest.skip(f"the text is not given: put it at data/{STUDY}/sources/S00.txt")
    text = plain(TEXT.read_text(encoding="utf-8"))
    runs = {text[i : i + 9] for i in range(len(text) - 8)}
    runs = {r for r in runs if all("\u4e00" <= c <= "\u9fff" for c in r)}
    found: dict[str, str] = {}
    for name in sorted(listed()):
        if Path(name).name in NAMED or ("/passes/" in name and name.endswith("projects.csv")):
            continue
        kept = plain((ROOT / name).read_text(encoding="utf-8", errors="replace"))
        hits = {kept[i : i + 9] for i in range(len(kept) - 8)} & runs
        if hits:
            found[name] = sorted(hits)[0]
    assert not found


def plain(text: str) -> str:
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text))
