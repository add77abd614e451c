"""Truth tables and solutions equal R QCA's; minimisation equals a search over all formulas."""

import json
from itertools import combinations, product
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalln import (
    NotEstimable,
    Solution,
    TruthTable,
    calibrate,
    cases_until_dropped,
    solve,
    truth_table,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "smalln"
CASES: list[dict[str, Any]] = json.loads((FIXTURES / "qca_random.json").read_text())["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=[str(c["id"]) for c in CASES])


def table_of(case: dict[str, Any]) -> TruthTable:
    found = truth_table(
        pd.DataFrame(case["data"]), "Y", case["conditions"], inclusion_cut=case["incl.cut"]
    )
    assert isinstance(found, TruthTable)
    return found


def solved(table: TruthTable, kind: Any, expectations: Any = None) -> Solution:
    found = solve(table, kind, expectations)
    assert isinstance(found, Solution)
    return found


def same(models: list[list[str]]) -> list[list[str]]:
    return sorted({tuple(sorted(model)) for model in models})  # type: ignore[arg-type]


@each_case
def test_the_truth_table_equals_r(case: dict[str, Any]) -> None:
    frame = table_of(case).frame.set_index(case["conditions"])
    for row in case["rows"]:
        found = frame.loc[tuple(row["config"])]
        assert (found["OUT"], found["n"]) == (row["OUT"], row["n"])
        assert found["inclusion"] == pytest.approx(row["incl"], abs=1e-6)
        assert found["PRI"] == pytest.approx(row["PRI"], abs=1e-6)
    assert int((frame["n"] > 0).sum()) == len([row for row in case["rows"] if row["n"]])


@each_case
def test_the_solutions_equal_r_with_all_ties(case: dict[str, Any]) -> None:
    table = table_of(case)
    expected = {
        name: None if side == "-" else int(side)
        for name, side in zip(case["conditions"], case["dir.exp"], strict=True)
    }
    assert same(solved(table, "conservative").models) == same(case["conservative"])
    assert same(solved(table, "parsimonious").models) == same(case["parsimonious"])
    every = [model for models in case["intermediate"].values() for model in models]
    assert same(solved(table, "intermediate", expected).models) == same(every)


@each_case
def test_the_fit_equals_r(case: dict[str, Any]) -> None:
    table = table_of(case)
    for kind, key in (("conservative", "conservative"), ("parsimonious", "parsimonious_first")):
        found = solved(table, kind)
        first = [sorted(m) for m in found.models].index(sorted(case[kind][0]))
        fit, expected = found.fit.iloc[first], case[f"fit_{key}"]
        assert fit["inclusion"] == pytest.approx(expected["inclS"], abs=1e-6)
        assert fit["PRI"] == pytest.approx(expected["PRI"], abs=1e-6)
        assert fit["coverage"] == pytest.approx(expected["covS"], abs=1e-6)


def covers(term: tuple[int, ...], row: tuple[int, ...]) -> bool:
    return all(a in (-1, b) for a, b in zip(term, row, strict=True))


@given(st.lists(st.sampled_from(["1", "0", "?"]), min_size=8, max_size=8))
@settings(max_examples=150, deadline=None)
def test_minimisation_equals_a_search_over_all_formulas(outs: list[str]) -> None:
    """Three conditions: the fewest prime terms that cover every 1 and no 0, all ways."""
    rows = list(product((0, 1), repeat=3))
    data = [
        {**dict(zip("ABC", row, strict=True)), "Y": int(out)}
        for row, out in zip(rows, outs, strict=True)
        if out != "?"
    ]
    if not any(d["Y"] for d in data):
        return
    table = truth_table(pd.DataFrame(data), "Y", list("ABC"))
    assert isinstance(table, TruthTable)
    by_out = {o: [r for r, out in zip(rows, outs, strict=True) if out == o] for o in "10?"}
    for kind, off in (("conservative", "0?"), ("parsimonious", "0")):
        forbidden = [row for o in off for row in by_out[o]]
        legal = [
            t
            for t in product((0, 1, -1), repeat=3)
            if not any(covers(t, row) for row in forbidden)
            and any(covers(t, r) for r in by_out["1"])
        ]
        prime = [t for t in legal if not any(o != t and covers(o, t) for o in legal)]
        found = solve(table, kind)  # type: ignore[arg-type]
        if (-1, -1, -1) in legal:
            assert isinstance(found, NotEstimable)
            continue
        best: list[set[tuple[int, ...]]] = []
        for size in range(1, 9):
            best = [
                set(some)
                for some in combinations(prime, size)
                if all(any(covers(t, r) for t in some) for r in by_out["1"])
            ]
            if best:
                break
        named = [
            sorted(
                "*".join(n if v else f"~{n}" for n, v in zip("ABC", t, strict=True) if v >= 0)
                for t in some
            )
            for some in best
        ]
        assert isinstance(found, Solution)
        assert sorted(found.models) == sorted(named)


def test_a_share_that_equals_the_cut_off_reaches_it() -> None:
    """Inclusion is .7 + .1 over 1: in floating point below .8, as decimals equal to it."""
    frame = pd.DataFrame({"A": [0.7, 0.1, 0.2], "Y": [0.7, 0.1, 0.0]})
    table = truth_table(frame, "Y", ["A"], inclusion_cut=0.8)
    assert isinstance(table, TruthTable)
    row = table.frame[table.frame["A"] == 1].iloc[0]
    assert row["OUT"] == 1
    higher = truth_table(frame, "Y", ["A"], inclusion_cut=0.8001)
    assert isinstance(higher, TruthTable)
    assert higher.frame[higher.frame["A"] == 1].iloc[0]["OUT"] == 0


def test_a_negated_outcome_is_the_outcome_turned() -> None:
    frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 1, 0]})
    table = truth_table(frame, "~Y", ["A", "B"])
    assert isinstance(table, TruthTable)
    assert solved(table, "conservative").models == [["~A*~B"]]


def test_case_and_pri_cut_offs_make_remainders_and_zeros() -> None:
    frame = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 1, 1]})
    table = truth_table(frame, "Y", ["A"], case_cut=2)
    assert isinstance(table, TruthTable)
    assert table.frame["OUT"].isna().tolist() == [True, False]
    fuzzy = pd.DataFrame({"A": [0.6, 0.6], "Y": [0.6, 0.5]})
    strict = truth_table(fuzzy, "Y", ["A"], inclusion_cut=0.8, pri_cut=0.9)
    assert isinstance(strict, TruthTable)
    assert strict.frame.set_index("A").loc[1, "OUT"] == 0


def test_twelve_conditions() -> None:
    random = np.random.default_rng(4)
    data = pd.DataFrame(random.integers(0, 2, (60, 13)), columns=[*"ABCDEFGHIJKL", "Y"])
    table = truth_table(data, "Y", list("ABCDEFGHIJKL"))
    assert isinstance(table, TruthTable)
    found = solved(table, "conservative")
    assert all(len(model) == len(found.models[0]) for model in found.models)


def test_unique_coverage_is_what_no_other_term_covers() -> None:
    frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 1, 0]})
    table = truth_table(frame, "Y", ["A", "B"])
    assert isinstance(table, TruthTable)
    terms = solved(table, "parsimonious").terms.set_index("term")
    assert terms.loc["A", "coverage"] == pytest.approx(2 / 3)
    assert terms.loc["A", "unique_coverage"] == pytest.approx(1 / 3)


def test_what_cannot_be_answered_says_why() -> None:
    frame = pd.DataFrame({"A": [1, 0], "Y": [1, 1]})
    assert isinstance(truth_table(frame.assign(Y=0), "Y", ["A"]), NotEstimable)
    table = truth_table(frame, "Y", ["A"])
    assert isinstance(table, TruthTable)
    assert isinstance(solve(table), NotEstimable)
    mixed = truth_table(pd.DataFrame({"A": [1, 1], "Y": [1, 0]}), "Y", ["A"])
    assert isinstance(mixed, TruthTable)
    assert isinstance(solve(mixed), NotEstimable)


def test_calibration_hits_its_anchors() -> None:
    found = calibrate([10, 20, 40], 10, 20, 40)
    assert found == pytest.approx([0.05, 0.5, 0.95])
    assert calibrate([10, 20, 40], 40, 20, 10) == pytest.approx([0.95, 0.5, 0.05])
    one_below = 1 / (1 + np.exp(log(19) / 10))
    assert calibrate([19], 10, 20, 40) == pytest.approx([one_below])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": "Z"}, "no column 'Z'"),
        ({"conditions": []}, "conditions"),
        ({"conditions": ["A", "A"]}, "each once"),
        ({"inclusion_cut": 2}, "inclusion_cut"),
        ({"pri_cut": "x"}, "pri_cut"),
        ({"case_cut": 0}, "case_cut"),
        ({"frame": pd.DataFrame({"A": [2.0], "Y": [1]})}, "value"),
        ({"frame": pd.DataFrame({"A": [np.nan], "Y": [1]})}, "frame: A: nan at position"),
        ({"frame": pd.DataFrame({"A": ["a"], "Y": [1]})}, "not numbers"),
        ({"frame": [1, 2]}, "a frame"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], said: str) -> None:
    good = {"frame": pd.DataFrame({"A": [1, 0], "Y": [1, 0]}), "outcome": "Y", "conditions": ["A"]}
    with pytest.raises(ValueError, match=said):
        truth_table(**{**good, **change})


def test_expectations_and_anchors_are_checked() -> None:
    frame = pd.DataFrame({"A": [1, 0], "Y": [1, 0]})
    table = truth_table(frame, "Y", ["A"])
    assert isinstance(table, TruthTable)
    with pytest.raises(ValueError, match="expectations"):
        solve(table, "intermediate", {"B": 1})
    with pytest.raises(ValueError, match="kind"):
        solve(table, "short")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="strictly"):
        calibrate([1.0], 1, 1, 2)


def test_one_case_against_it_drops_a_condition_that_explained_all() -> None:
    frame = pd.DataFrame({"a": [1, 1, 0, 0, 0], "b": [0, 0, 1, 0, 0], "y": [1, 1, 1, 0, 0]})
    assert cases_until_dropped(frame, "y", ["a", "b"], "a") == 1
    assert list(frame["a"]) == [1, 1, 0, 0, 0]


def test_a_condition_that_is_needed_whatever_is_found_stays() -> None:
    # every unit without the outcome has the condition already
    frame = pd.DataFrame({"a": [0, 0, 1, 1], "y": [1, 1, 0, 0]})
    assert cases_until_dropped(frame, "y", ["a"], "a") is None
    with pytest.raises(ValueError, match="condition: 'b'; allowed: a"):
        cases_until_dropped(frame, "y", ["a"], "b")
    with pytest.raises(ValueError, match="'b'"):
        cases_until_dropped(frame, "y", ["b"], "b")


def test_a_condition_in_no_shortest_formula_needs_no_case_to_be_dropped() -> None:
    frame = pd.DataFrame({"a": [1, 1, 0, 0], "b": [1, 0, 1, 0], "y": [1, 1, 0, 0]})
    assert cases_until_dropped(frame, "y", ["a", "b"], "b") == 0
    assert cases_until_dropped(frame.iloc[:3], "y", iter(["a", "b"]), "b") == 0
    # a case of a and b without y leaves a*~b
    assert cases_until_dropped(frame, "y", ["a", "b"], "a") == 2


@pytest.mark.parametrize("kind", [bool, "boolean", "Int64", float, object, "category"])
@pytest.mark.parametrize("name", ["late", "it`s late", "a\\b", "延迟"])
def test_further_cases_are_reckoned_whatever_the_columns_are(kind: Any, name: str) -> None:
    frame = pd.DataFrame({name: [1, 1, 0, 0], "slow": [1, 1, 0, 0]}).astype(kind)
    assert cases_until_dropped(frame, "slow", [name], name) == 1
    frame["quick"] = 1 - frame["slow"].astype(int)
    assert cases_until_dropped(frame, "~quick", [name], name) == 1


def test_further_cases_are_of_units_in_or_out() -> None:
    frame = pd.DataFrame({"late": [0.9, 0.8, 0.1], "slow": [1, 1, 0]})
    with pytest.raises(ValueError, match=r"frame: late: value 0\.9 at position 0; allowed: 1, 0"):
        cases_until_dropped(frame, "slow", ["late"], "late")
    with pytest.raises(ValueError, match="outcome: 3"):
        cases_until_dropped(frame, 3, ["late"], "late")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a*b", "~a"])
def test_names_that_read_as_a_formula_are_refused(name: str) -> None:
    frame = pd.DataFrame({"a": [1, 0], name: [1, 0], "y": [1, 0], "~y": [0, 1]})
    with pytest.raises(ValueError, match=r"conditions: .*without \* and a leading ~"):
        truth_table(frame, "y", ["a", name])
    with pytest.raises(ValueError, match="outcome: '~y'; allowed: one column, or ~ and one"):
        truth_table(frame, "~y", ["a"])


def test_more_models_than_can_be_read_are_refused() -> None:
    random = np.random.default_rng(5)
    names = [f"c{i}" for i in range(10)]
    frame = pd.DataFrame(random.integers(0, 2, (400, 10)), columns=names)
    frame["y"] = random.integers(0, 2, 400)
    table = truth_table(frame, "y", names)
    assert isinstance(table, TruthTable)
    assert "too many equally short models" in str(solve(table))
    # what cannot be listed cannot be said to have dropped either
    assert isinstance(cases_until_dropped(frame, "y", names, "c0"), NotEstimable)


@pytest.mark.parametrize("side", [pd.NA, np.array([1, 0]), "1", 2, np.nan])
def test_an_expectation_of_no_side_is_refused(side: Any) -> None:
    table = truth_table(pd.DataFrame({"a": [1, 0], "y": [1, 0]}), "y", ["a"])
    assert isinstance(table, TruthTable)
    with pytest.raises(ValueError, match=r"expectations: 'a'.*allowed: a: 1, 0, None"):
        solve(table, "intermediate", {"a": side})
