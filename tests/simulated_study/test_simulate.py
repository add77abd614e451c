"""Simulated studies: the same bytes for a seed, loadable, true to what was assumed, never half."""

import csv
import hashlib
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, SMALL, copy_repository, refused_command, run_command, run_process

from analysis.study import StudyError
from analysis.study.evidence import check_locators
from analysis.study.load import load_study
from analysis.study.settle import settle
from simulated_study.simulate import WAVE, simulate
from simulated_study.true_effects import CAUSES, Assumptions, draw


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with an empty data/."""
    (tmp_path / "data").mkdir()
    return tmp_path


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(root: Path) -> None:
    one = content(simulate(root, "one", 20, 3))
    (root / "data" / "one").rename(root / "data" / "first")
    assert content(simulate(root, "one", 20, 3)) == one
    (root / "data" / "one").rename(root / "data" / "second")
    other = content(simulate(root, "one", 20, 4))
    assert other["codings.csv"] != one["codings.csv"]


@pytest.mark.parametrize("pilots", [10, 13, 60])
@pytest.mark.parametrize("seed", [1, 7])
def test_a_study_loads_with_all_its_codings(root: Path, pilots: int, seed: int) -> None:
    folder = simulate(root, "made", pilots, seed)
    study = load_study("made", WAVE, root)
    assert len(study.pilots) == pilots
    assert study.declared.simulated
    assert {version.kind for version in study.alternatives()} == {"settled", "pass", "alternative"}
    assert 0 < study.outcome().sum() < pilots
    before = content(folder)
    settle(folder)
    assert content(folder) == before
    text = (folder / "sources" / "S00.txt").read_text(encoding="utf-8")
    rows = study.rows("codings.csv")
    assert sum(bool(row["span"]) for row in rows) > pilots
    assert check_locators([row for row in rows if row["source_id"] == "S00"], text) == []


def test_causes_are_mentioned_for_the_slow_alone(root: Path) -> None:
    folder = simulate(root, "made", 200, 1)
    study, known = load_study("made", WAVE, root), {row["pilot_id"]: row for row in truth(folder)}
    slow = set(study.pilots[study.outcome() == 1])
    assert slow == {p for p, row in known.items() if row["slow"] == "yes"}
    for cause in CAUSES:
        said = {p for p, level in study.levels(cause).items() if level == "yes"}
        assert said
        assert said <= slow
        assert all(known[p][cause] == "yes" for p in said)
        # the cause is there among the others too, and the notice does not say so
        assert any(row[cause] == "yes" for p, row in known.items() if p not in slow)


def test_effects_are_as_assumed() -> None:
    assumed = Assumptions(leadership_change=0.4, targets_too_high=0.0, superior_takeover=0.0)
    units = draw(9999, 1, assumed)
    slow, changed = (
        np.array([getter(u) for u in units])
        for getter in (lambda u: u.slow, lambda u: u.carried["leadership_change"])
    )
    assert abs(changed.mean() - assumed.carried) < 0.02
    assert abs((slow[changed].mean() - slow[~changed].mean()) - 0.4) < 0.03
    city = np.array([u.city for u in units])
    assert abs((slow[~city].mean() - slow[city].mean()) - assumed.not_a_city) < 0.03
    told = [u for u in units if u.slow and u.carried["leadership_change"]]
    mentioned = np.mean(["leadership_change" in u.mentioned for u in told])
    assert abs(mentioned - assumed.if_slow) < 0.02


@pytest.mark.parametrize(
    ("name", "pilots", "seed", "message"),
    [
        ("taken", 13, 1, "data/taken: there already; take another name"),
        ("../out", 13, 1, "name '../out'; allowed"),
        ("Made", 13, 1, "name 'Made'; allowed"),
        ("made", 3, 1, "pilots 3; allowed: 10 to 9999"),
        ("made", 13, -1, "seed -1; allowed"),
        ("made", 13, 2**63 + 1, "allowed: 0 to 9223372036854775808"),
        ("made", 13, int("1" * 4299), "allowed: 0 to 9223372036854775808"),
        ("made", 10**20, 1, "allowed: 10 to 9999"),
        ("a" * 300, 13, 1, "allowed: a small letter, then up to 59 of"),
        ("", 13, 1, "name ''; allowed"),
        (" made", 13, 1, "name ' made'; allowed"),
        ("made\n", 13, 1, "allowed: a small letter"),
    ],
)
def test_what_cannot_be_written_is_refused(
    root: Path, name: str, pilots: int, seed: int, message: str
) -> None:
    (root / "data" / "taken").mkdir()
    before = content(root)
    command = ("simulate", name, "--pilots", str(pilots), "--seed", str(seed))
    assert message in refused_command(root, *command)
    assert content(root) == before
    assert [path.name for path in (root / "data").iterdir()] == ["taken"]


def test_a_draw_without_anybody_slow_is_refused_and_leaves_nothing(root: Path) -> None:
    nobody = Assumptions(
        base=0, not_a_city=0, leadership_change=0, targets_too_high=0, superior_takeover=0
    )
    with pytest.raises(StudyError, match="nobody is slow; take another seed"):
        simulate(root, "made", 13, 1, nobody)
    assert list((root / "data").iterdir()) == []


@pytest.mark.slow
def test_a_report_of_a_simulated_study_says_that_it_is_simulated(tmp_path: Path) -> None:
    root = copy_repository(tmp_path / "copy", SMALL)
    taken = run_process(root, "simulate", SMALL)
    assert (taken.returncode, taken.stdout) == (2, "")
    assert "there already" in taken.stderr
    assert "Traceback" not in taken.stderr
    made = run_command(root, "simulate", "made", "--pilots", "20", "--seed", "2")
    assert made.returncode == 0, made.stderr
    done = run_command(root, "report", STUDY="made", NOTEBOOK="progress")
    assert done.returncode == 0, done.stderr
    folder = root / "build" / "made"
    pages = list(folder.glob("*/en/**/progress.html"))
    assert pages
    for page in pages:
        assert "Simulated data" in page.read_text(encoding="utf-8")
    assert list(folder.glob("*/data/progress.stage-table.csv"))


def test_nothing_simulated_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "data"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "SIMULATED.md" not in listed
