"""Reports under other choices, from other places, with and without the text."""

import csv
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from support import ROOT, STUDY, WAVE, Built, copy_repository, refused_command, run_command

pytestmark = pytest.mark.slow

LEADERS, CHANGES = "factor-leadership_change", "changes-leadership_change"
TEXT = ROOT / "data" / STUDY / "sources" / "S00.txt"
# copied from the text by design: names of projects, pilots and the like stand there whole
NAMED = ("projects.csv", "rulings_projects.csv", "pilots.csv", "sources.csv", "events.csv")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "manifest.json"
    }


def variant(repository: Path, name: str, **variables: str) -> Built:
    done = run_command(repository, "report", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = repository / "build" / STUDY / name
    assert done.stdout.strip() == str(folder / "index.html")
    return Built(repository, folder, done.stdout + done.stderr)


def test_a_clone_in_another_folder_builds_the_same_to_the_byte_on_plain_kernels(
    built: Built, tmp_path: Path
) -> None:
    """What is committed is enough, no page tells where it was built, nor how kernels started."""
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", "data", "locale", "notebooks", "report", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    clone = tmp_path / "a clone"
    if changed:
        # a clone would differ: what is not committed yet is copied
        copy_repository(clone)
    else:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        cwd=clone,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(clone / "src"),
            "ANALYSIS_ROOT": str(clone),
            "KERNEL": "plain",
        },
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = contents(built.folder), contents(clone / "build" / STUDY / WAVE)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_no_page_holds_a_path_of_the_machine(built: Built) -> None:
    place = str(built.root).encode()
    assert [name for name, content in contents(built.folder).items() if place in content] == []


def test_other_choices_are_built_beside_and_said_on_every_page(built: Built, seeded: Path) -> None:
    found = variant(
        seeded, f"{WAVE}+silence=absent,window=fixed", PARAMS="window=fixed silence=absent"
    )
    assert contents(seeded / "build" / STUDY / WAVE) == contents(built.folder)
    assert found.claims[f"{CHANGES}.bounds-with-facts"]["interval"] is None
    with_facts = found.claims[f"{CHANGES}.bounds-with-facts"]
    # six of thirteen with a change, two of the five named among them: 3/6 - 2/7
    assert with_facts["value"] == pytest.approx(3 / 6 - 2 / 7)
    assert with_facts["grade"] == "not_identified"
    said = {"en": "Not the default report", "zh": "这不是默认报告"}
    for lang, pages in found.pages.items():
        for page in pages:
            assert said[lang] in page.read_text(encoding="utf-8"), page
    assert said["en"] in (found.folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("notebook", "grid", "expected"),
    [
        (
            "factor",
            "{factor: [leadership_change, target_ambition], silence: [unknown, absent_if_slow], "
            "group: [example, none]}",
            {
                # without the group's example nothing at all is known of this factor
                "factor-target_ambition,group=none.bounds": (-1.0, 1.0),
                f"{LEADERS},silence=absent_if_slow.bounds": (-0.727, 0.8),
            },
        ),
        (
            "changes",
            "{silence: [unknown, absent_if_slow], roles: [notice, wider], "
            "window: [since_designation, fixed]}",
            {
                f"{CHANGES},silence=absent_if_slow.bounds-with-facts": (-0.727, 0.35),
                # Tonghua's secretary changed inside the fixed window: the wider reading
                f"{CHANGES},window=fixed,roles=wider.bounds-with-facts": (-0.727, 0.625),
            },
        ),
    ],
)
def test_what_a_choice_changes(
    repository: Path, notebook: str, grid: str, expected: dict[str, tuple[float, float]]
) -> None:
    path = repository / "choices.yaml"
    path.write_text(f"notebook: {notebook}\ngrid: {grid}\n", encoding="utf-8")
    done = run_command(repository, "sweep", str(path))
    assert done.returncode == 0, done.stderr
    with Path(done.stdout.strip()).open(encoding="utf-8", newline="") as file:
        rows = {f"{row['run']}.{row['claim']}": row for row in csv.DictReader(file)}
    assert {name: rows[name]["grade"] for name in expected} == dict.fromkeys(
        expected, "not_identified"
    )
    found = {
        n: (round(float(rows[n]["low"]), 3), round(float(rows[n]["high"]), 3)) for n in expected
    }
    assert found == expected


def test_a_parents_figure_is_marked(repository: Path) -> None:
    name = f"{WAVE}+notebook=ratios,parent=true"
    found = variant(repository, name, PARAMS="parent=True", NOTEBOOK="ratios")
    assert not (found.folder / "en" / "progress.html").exists()
    heads = [n for n in found.claims if n.startswith("ratios-fiscal_capacity.revenue-per-head-")]
    assert len(heads) > 3
    parents = [found.claims[n] for n in heads if found.claims[n]["grade"] == "not_identified"]
    assert len(parents) == len(heads) - 3
    assert all("parent" in claim["text"]["en"].lower() for claim in parents)


def test_recalled_values_stay_unknown_for_the_grade(repository: Path) -> None:
    name = f"{WAVE}+notebook=factor,recalled=true"
    found = variant(repository, name, PARAMS="recalled=True", NOTEBOOK="factor")
    assert found.claims["factor-exposure.verdict"]["grade"] == "not_identified"


def test_passages_are_shown_where_the_text_is_given(repository: Path, tmp_path: Path) -> None:
    if not TEXT.is_file():
        pytest.skip(f"the text is not given: put it at data/{STUDY}/sources/S00.txt")
    shutil.copy(TEXT, tmp_path / "S00.txt")
    found = variant(
        repository,
        f"{WAVE}+notebook=coding",
        NOTEBOOK="coding",
        SOURCES=str(tmp_path),
    )
    for lang in ("en", "zh"):
        page = (found.folder / lang / "evidence.html").read_text(encoding="utf-8")
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
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = {}
    for name in listed.stdout.splitlines():
        if Path(name).name in NAMED or ("/passes/" in name and name.endswith("projects.csv")):
            continue
        kept = plain((ROOT / name).read_text(encoding="utf-8", errors="replace"))
        hits = {kept[i : i + 9] for i in range(len(kept) - 8)} & runs
        if hits:
            found[name] = sorted(hits)[0]
    assert not found


def plain(text: str) -> str:
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text))
