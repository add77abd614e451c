"""A claim lists all that it rests on: what it does not list may change, and it says the same.

The claim cells of all notebooks run in this process, with nothing drawn; several changes at a time,
of which a claim must list one, or stay as it is.
"""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pandas as pd
import pytest
from ledger import Entry, claims_of, ledger, runs
from mutated import ALTERNATIVES, TABLES, Changed, change_key, change_row, copy_of, lists, moved
from support import ROOT, SMALL, SMALL_WAVE, STUDY, WAVE

from analysis.claims import Claim, flips
from analysis.claims.cell import APART, PACKAGES
from analysis.study.load import load_study
from analysis.study.study import Study

PLACES = {
    SMALL: (ROOT / "tests" / "fixtures" / SMALL, SMALL_WAVE),
    STUDY: (ROOT / "data" / STUDY, WAVE),
}
# quick ones, one of each kind
QUICK = ("overview", "progress", "factor", "silence", "changes", "coding")
# a ledger; claims, and functions that ran for them and are not named
Traced = tuple[dict[str, Entry], set[tuple[str, str]]]
SHOWING = {"words", "catalogue", "codebook", "canvas", "charts", "table"}


def opened(name: str, root: Path) -> Study:
    return load_study(name, PLACES[name][1], root)


@pytest.fixture
def unsearched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No recodings are searched: they run the same cell, which reads the same."""
    monkeypatch.setattr(flips, "flips_of", lambda *_: None)


def check_changes(
    name: str, root: Path, before: dict[str, Entry], seed: int, notebooks: Any = None
) -> None:
    """Change four rows, a key and an alternative; what lists none of them must not move."""
    folder, wave = PLACES[name]
    rng, changed = random.Random(seed), list[Changed | None]()
    copy_of(folder, root)
    for table in rng.choices(TABLES, k=4):
        changed.append(change_row(root, name, wave, table, rng))
    changed.append(change_row(root, name, wave, ALTERNATIVES, rng))
    study, key = change_key(opened(name, root), rng)
    listed = [each for each in (*changed, key) if each]
    after = ledger(study, notebooks)
    bare = {n: claim for n, claim in before.items() if not any(lists(claim, c) for c in listed)}
    assert len(bare) > len(before) // 10, "nearly every claim lists one of them: nothing is tested"
    assert moved(bare, after) == [], listed


@pytest.mark.usefixtures("unsearched")
def test_what_a_claim_does_not_list_does_not_move_it(tmp_path: Path) -> None:
    before = ledger(opened(SMALL, copy_of(PLACES[SMALL][0], tmp_path / "before")), QUICK)
    for seed in (1, 2):
        check_changes(SMALL, tmp_path / str(seed), before, seed, QUICK)


@pytest.mark.slow
@pytest.mark.usefixtures("unsearched")
@pytest.mark.xdist_group("evidence")
def test_what_no_claim_lists_does_not_move_it_in_the_default_study(
    tmp_path: Path, traced_default: Traced
) -> None:
    check_changes(STUDY, tmp_path, traced_default[0], 1)


@pytest.mark.usefixtures("unsearched")
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("pilots.csv", "short_en", "Elsewhere"), ("codings.csv", "value", "no")],
)
def test_what_a_claim_lists_moves_it(tmp_path: Path, table: str, column: str, value: str) -> None:
    """The test above can fail: who is named as slow, and what the pilot is called, moves this."""
    claim, root = "progress.slow-pilots", copy_of(PLACES[SMALL][0], tmp_path)
    before = ledger(opened(SMALL, root), ("progress",))
    rows = [row for row in before[claim]["evidence"] if row["file"] == table]
    line = next(row["line"] for row in rows if row["key"] or row["value"] == "yes")
    path = root / "data" / SMALL / table
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.at[line - 2, column] = value
    frame.to_csv(path, index=False, lineterminator="\n")
    assert claim in moved(before, ledger(opened(SMALL, root), ("progress",)))
    assert lists(before[claim], (table, line))


@cache
def _shown(code: CodeType) -> bool:
    return Path(code.co_filename).stem in SHOWING and code.co_filename in APART


@contextmanager
def tracing(codes: dict[CodeType, str]) -> Iterator[None]:
    """Note every function of the project that runs, but for what is run to say or draw something.

    With what it ran for: a value, or, if it first ran when a claim was graded, the grade. By
    tracing, where the cells are watched by a profiler.
    """
    use = "value"

    def note(frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal use
        code: CodeType = frame.f_code
        use = "grade" if code is Claim.standing.__code__ else use
        if code in codes or not code.co_filename.startswith(str(PACKAGES)):
            return
        above: FrameType | None = frame
        while above is not None:
            if _shown(above.f_code) or above.f_code.co_name in ("_html", "_small_print"):
                return
            above = above.f_back
        codes[code] = use

    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(None)


def traced(study: Study, notebooks: Any = None) -> Traced:
    """Return the ledger, and what ran for a claim that it names not, or not for what it ran.

    The latter as claim and function.
    """
    ledger_, missing = dict[str, Entry](), set[tuple[str, str]]()
    for run in runs(study):
        ran: dict[str, dict[CodeType, str]] = {}
        if notebooks is not None and run.notebook not in notebooks:
            continue
        found = claims_of(
            study, run, around=lambda cell, ran=ran: tracing(ran.setdefault(cell, {}))
        )
        ledger_ |= found
        for name, claim in found.items():
            named = {(f["file"], f["line"]): f["for"] for f in claim["functions"]}
            for code, use in ran[claim["cell"]].items():
                place = f"src/{Path(code.co_filename).relative_to(PACKAGES).as_posix()}"
                own = code.co_flags & CO_OPTIMIZED and "<" not in code.co_qualname
                known = code.co_filename in APART or named.get((place, code.co_firstlineno)) == use
                if own and not known:
                    missing.add((name, code.co_qualname))
    return ledger_, missing


@pytest.fixture(scope="module")
def traced_default() -> Traced:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flips, "flips_of", lambda *_: None)
        return traced(load_study(STUDY, WAVE))


def test_every_function_that_ran_for_a_claim_is_named_with_what_it_ran_for(tmp_path: Path) -> None:
    study = opened(SMALL, copy_of(PLACES[SMALL][0], tmp_path))
    ledger_, missing = traced(study, ("progress", "factor", "changes"))
    assert missing == set()
    # no value needs what searches recodings, or gives a grade
    grading = {"judged", "reason", "Quantity.sign", "Quantity.small_p", "Quantity.informative"}
    called = [
        (f, f["name"] in grading or "flips" in f["file"])
        for c in ledger_.values()
        for f in c["functions"]
    ]
    assert {f["for"] for f, grades in called if grades} == {"grade"}
    assert len({f["name"] for f, grades in called if grades}) > len(grading) + 3


@pytest.mark.slow
@pytest.mark.xdist_group("evidence")
def test_every_function_that_ran_for_a_claim_of_the_default_study_is_named(
    traced_default: Traced,
) -> None:
    assert len(traced_default[0]) > 100
    assert traced_default[1] == set()


def in_order(study: Study, seed: int | None) -> dict[str, Entry]:
    """Return all claims, their cells in an order drawn with `seed`; None: as they stand."""
    found: dict[str, Entry] = {}

    def shuffled(cells: list[Any]) -> list[Any]:
        return cells if seed is None else random.Random(seed).sample(cells, len(cells))

    for run in runs(study):
        if run.notebook in QUICK:
            found |= claims_of(study, run, shuffled)
    return found


def test_claim_cells_give_the_same_ledger_in_any_order(tmp_path: Path) -> None:
    first, second = (
        in_order(opened(SMALL, copy_of(PLACES[SMALL][0], tmp_path / str(seed))), seed)
        for seed in (None, 1)
    )
    assert first == second
    assert len(first) > 30
