"""A claim knows what its cell asked for, which functions computed it, and what would overturn it."""

import gc
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support import STUDY, WAVE

from analysis.claims import Claim, flips
from analysis.claims.cell import MIME
from analysis.study import StudyError
from smalln.result import NotEstimable

SETUP = f"""
from analysis import open_study
from analysis.claims import Claim, Claims, count
from smalln import compare
study = open_study({STUDY!r}, {WAVE!r})
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    made = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    monkeypatch.setattr("analysis.claims.cell.get_ipython", lambda: made)
    monkeypatch.setattr("analysis.claims.cell._current", None)
    made.run_cell(SETUP).raise_error()
    return made


def entries(shell: InteractiveShell, cell: str) -> list[dict[str, Any]]:
    done = shell.run_cell(cell, store_history=True)
    done.raise_error()
    found: list[dict[str, Any]] = done.result._repr_mimebundle_()[MIME]["claims"]
    return found


def cells(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows about pilots."""
    return [row for row in entry["evidence"] if row["key"] is None]


def keys(entry: dict[str, Any]) -> set[str]:
    """Return what else was read: places in YAML files, rows by their key."""
    return {row["key"] for row in entry["evidence"]} - {None}


def names_for(use: str, called: dict[str, str]) -> set[str]:
    return {name for name, what in called.items() if what == use}


def test_evidence_is_what_the_cell_asked_for_and_no_more(shell: InteractiveShell) -> None:
    shell.run_cell("study.outcome()")
    (entry,) = entries(
        shell,
        'n = study.numbers("stage", ["panshi"])\nClaim(count(n.iloc[0]), "{value:0}")',
    )
    (row,) = cells(entry)
    assert [row[name] for name in ("pilot_id", "variable", "value")] == ["panshi", "stage", "4"]
    assert row["paragraph"] == 7
    declared = {"variables.stage.kind", "variables.stage.levels", "general_passages"}
    assert keys(entry) == {*declared, "S00"}
    assert entry["grade"] == "counted"


@pytest.mark.parametrize(
    "cell",
    [
        'Claim(compare(y, x), "{value:difference}")',
        'y = study.outcome()\nClaim(compare(y, x), "{value:difference}")',
        'copy = study.with_changes({("siping", "leadership_change"): "yes"})\n'
        'Claim(compare(copy.outcome(), copy.factor("leadership_change")), "{value:difference}")',
    ],
)
def test_a_comparison_of_what_its_cell_did_not_ask_for_is_refused(
    shell: InteractiveShell, cell: str
) -> None:
    """It would have no evidence, and what is unknown would be graded as counted."""
    shell.run_cell('y, x = study.outcome(), study.factor("leadership_change")').raise_error()
    done = shell.run_cell(cell)
    done.raise_error()
    with pytest.raises(StudyError, match="what its own cell asks the study for"):
        done.result._repr_mimebundle_()


def test_functions_are_those_reached(shell: InteractiveShell) -> None:
    (entry,) = entries(
        shell,
        'y, x = study.outcome(), study.factor("unit_type")\n'
        'Claim(compare(y, x), "{value:difference}", yes=study.label("unit_type", 1))',
    )
    called = {f["name"]: f["for"] for f in entry["functions"]}
    assert {"Study.factor", "Study.cells", "compare", "fisher", "measured"} <= names_for(
        "value", called
    )
    # the grade and the search over recodings are a part of what is claimed
    assert {"judged", "Quantity.sign", "flips_of", "search", "turned"} <= names_for("grade", called)
    assert {"factors.unit_type.coded.one", "factors.unit_type.coded.yes_label"} <= keys(entry)
    assert "main_outcome" in keys(entry)
    assert not {key for key in keys(entry) if key.startswith(("factors.funding", "windows"))}
    # a cell that falls silent has bounds, where the value as it stands needs none
    assert called["bounds_of"] == "grade"
    # checks of arguments, the log and words compute nothing
    assert not {"risk_difference", "binary", "pair", "note_cells", "label"} & called.keys()
    assert entry["text"]["en"] == "+0.714"
    assert entry["flips"] == 1
    # no other type can be defended, so what is left is not to know one
    by = entry["flips_by"]
    assert {turn: each["flips"] for turn, each in by.items()} == {"grade": 1}
    assert [change["to"] for change in by["grade"]["changes"]] == [""]
    notes = [note["en"] for note in entry["notes"]]
    assert not any("more than 3" in note for note in notes)
    assert "No cell used has another value that can be defended." in notes
    assert any(note.startswith("One cell that falls silent would leave it at: ") for note in notes)


def test_each_claim_of_several_has_the_rows_of_its_own_pilot(shell: InteractiveShell) -> None:
    found = entries(
        shell,
        'pilots = ["panshi", "liaoyuan"]\nn = study.numbers("stage", pilots)\n'
        'Claims([Claim(count(v), "x", pilot=p) for p, v in n.items()])',
    )
    assert [(e["suffix"], {r["pilot_id"] for r in cells(e)}) for e in found] == [
        ("liaoyuan", {"liaoyuan"}),
        ("panshi", {"panshi"}),
    ]


def test_a_claim_without_an_answer_says_why_in_words() -> None:
    claim = Claim(NotEstimable("nothing varies"), "{value:3}", unit="alpha")
    assert claim.text("en", "not_identified") == "Not calculated, because nothing varies."
    assert claim.text("zh", "not_identified").startswith("未计算，原因：")
    assert claim._repr_mimebundle_()[MIME]["claims"][0]["grade"] == "not_identified"


def test_a_claim_of_each_factor_has_the_rows_that_its_own_making_asked_for(
    shell: InteractiveShell,
) -> None:
    found = entries(
        shell,
        "y = study.outcome()\n"
        'Claims.each(["funding", "unit_type"], '
        'lambda f: Claim(compare(y, study.factor(f)), "{lower:difference}", part=f))',
    )
    rows = [(e["suffix"], {r["variable"] for r in cells(e)}) for e in found]
    assert rows == [
        ("funding", {"named_slow", "funding"}),
        ("unit_type", {"named_slow", "level", "called_city"}),
    ]
    assert [e["flips"] for e in found] == [">3", 1]


@pytest.mark.parametrize("factor", ["leadership_change", "unit_type"])
def test_a_search_over_series_and_one_over_arrays_find_the_same(
    shell: InteractiveShell, factor: str
) -> None:
    plain = f'y, x = study.outcome(), study.factor("{factor}")\n'
    (arrays,) = entries(shell, plain + 'Claim(compare(y, x), "{n}", n=(x == 1).sum())')
    (series,) = entries(shell, plain + 'Claim(compare(y, x), "{n}", n=x.dropna().sum())')
    assert arrays["flips_by"] == series["flips_by"]
    assert arrays["flips_by"] is not None


PILOT_BY_PILOT = 'x = study.factor("leadership_change")\nfirst = list(x)[0]\n'
ASKS_MORE = (
    'x = study.factor("leadership_change")\n'
    'z = study.factor("leadership_change", silence="absent") if (x == 1).sum() > 3 else x\n'
)


@pytest.mark.parametrize(
    ("cell", "number", "searches"),
    [
        # the first pilot in the notice's order is silent
        (PILOT_BY_PILOT + 'Claim(Quantity(1 - 2 * (first == 1), "difference"), "")', 1, [False]),
        (ASKS_MORE + 'Claim(Quantity(1 - 2 * (len(z[z == 1]) > 4), "difference"), "")', 2, [True, False]),
        ('x = study.factor("leadership_change")\nClaim(Quantity(4.5 - (x == 1).sum(), "difference"), "")', 2, [True]),
    ],
    ids=["looks at one pilot", "asks more at times", "counts"],
)  # fmt: skip
def test_sets_are_told_apart_by_kind_only_where_a_cell_counts_pilots(
    shell: InteractiveShell,
    monkeypatch: pytest.MonkeyPatch,
    cell: str,
    number: int,
    searches: list[bool],
) -> None:
    by_kind, search = [], flips.search

    def noted(*asked: Any) -> Any:
        by_kind.append(len(asked) == 5)
        return search(*asked)

    monkeypatch.setattr(flips, "search", noted)
    (entry,) = entries(shell, "from analysis.claims import Quantity\n" + cell)
    assert entry["flips_by"]["sign"]["flips"] == number
    # the claim is shown, and then read
    assert by_kind == 2 * searches


def test_a_cell_run_alone_gives_what_it_gives_after_others(shell: InteractiveShell) -> None:
    cell = 'Claim(compare(study.outcome(), study.factor("exposure")), "{lower:difference}")'
    (first,) = entries(shell, cell)
    entries(shell, 'study.statuses(); Claim(count(1), "{n}")')
    assert entries(shell, cell) == [first]


@pytest.mark.parametrize(
    "between",
    [
        "raise KeyboardInterrupt",
        "%prun -q study.outcome()",
        "import cProfile\nleft = cProfile.Profile()\nleft.enable()",
        "import sys\nsys.settrace(lambda *_: None)\nsys.settrace(None)",
        SETUP,
        f"{SETUP}\nstudy = open_study({STUDY!r}, {WAVE!r})\nraise KeyboardInterrupt",
    ],
)
def test_a_cell_that_is_interrupted_profiled_or_opens_the_study_again_leaves_nothing_behind(
    shell: InteractiveShell, between: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = 'Claim(compare(study.outcome(), study.factor("exposure")), "{lower:difference}")'
    first = entries(shell, cell)
    for _ in range(2):
        shell.run_cell(between)
        gc.collect()
        assert entries(shell, cell) == first
    shell.run_cell("'left' in dir() and left.disable()")
    assert "profil" not in capsys.readouterr().err
