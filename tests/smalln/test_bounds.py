"""Bounds equal brute force over all completions; settling numbers equal a search."""

import json
from itertools import combinations, product
from math import isinf, nan
from pathlib import Path

import numpy as np
import pytest
from enumerated import completions
from hypothesis import given, settings
from hypothesis import strategies as st

from smalln import Bounds, NotEstimable, Settling, risk_difference, settling, tipping

FIXTURES = Path(__file__).parents[1] / "fixtures" / "smalln"
CASE = json.loads((FIXTURES / "bounds.json").read_text())["cases"][0]
cell = st.sampled_from([0.0, 1.0, nan])
known = st.sampled_from([0.0, 1.0])
# 13 units, five with the event; three of these are said to have the factor, nothing else is said
Y = np.array([0] * 8 + [1] * 5, dtype=float)
X = np.array([nan] * 8 + [1, 1, 1, nan, nan])


def brute(y: np.ndarray, x: np.ndarray) -> tuple[float, float] | None:
    differences = [
        b[a == 1].mean() - b[a == 0].mean()
        for a in completions(x)
        if 0 < a.sum() < len(a)
        for b in completions(y)
    ]
    return (min(differences), max(differences)) if differences else None


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=7))
@settings(max_examples=300, deadline=None)
def test_bounds_equal_brute_force(units: list[tuple[float, float]]) -> None:
    y, x = np.array([u[0] for u in units]), np.array([u[1] for u in units])
    found, expected = risk_difference(y, x), brute(y, x)
    if expected is None:
        assert isinstance(found, NotEstimable)
    else:
        assert isinstance(found, Bounds)
        assert found.ends == pytest.approx(expected)
        assert found.unknown == np.isnan(y).sum() + np.isnan(x).sum()


def test_bounds_equal_the_case_computed_elsewhere() -> None:
    x = [nan if v is None else v for v in CASE["x"]]
    found = risk_difference(CASE["y"], x)
    assert isinstance(found, Bounds)
    assert found.ends == pytest.approx(tuple(CASE["rd"]))
    assert not isinf(found.upper)


def test_leadership_on_the_notice_alone_is_open() -> None:
    found = risk_difference(Y, X)
    assert isinstance(found, Bounds)
    # lowest: the two silent ones with the event no, seven of the eight others yes: 3/10 - 2/2... of
    # 11 with the factor 3 have the event, both without it do: 3/11 - 1; highest: 5/5 - 0/8
    assert found.ends == pytest.approx((3 / 11 - 1, 1.0))


def test_a_hundred_thousand_units_are_counted_not_enumerated() -> None:
    random = np.random.default_rng(1)
    y = random.choice([0.0, 1.0, nan], 100_000)
    x = random.choice([0.0, 1.0, nan], 100_000)
    found = risk_difference(y, x)
    assert isinstance(found, Bounds)
    assert -1 < found.lower < found.upper < 1


def test_tipping_curve_of_leadership() -> None:
    none, all_had = tipping(Y, X, 0), tipping(Y, X, 1)
    assert [round(p, 3) for p in none["p_value"][:2]] == [0.035, 0.217]
    assert [round(p, 3) for p in all_had["p_value"][:4]] == [0.001, 0.005, 0.021, 0.075]
    assert list(none["k"]) == list(range(9))
    assert none["difference"].iloc[0] == pytest.approx(0.8)


def test_tipping_leaves_out_what_has_one_group() -> None:
    assert list(tipping([1, 0, 0], [1, nan, nan])["k"]) == [0, 1]


@given(st.lists(st.tuples(known, cell), min_size=2, max_size=7), st.booleans())
@settings(max_examples=150, deadline=None)
def test_settling_equals_a_search_over_all_sets_of_answers(
    units: list[tuple[float, float]], others_only: bool
) -> None:
    y, x = np.array([u[0] for u in units]), np.array([u[1] for u in units])
    may_ask = [i for i in np.flatnonzero(np.isnan(x)) if not (others_only and y[i] == 1)]

    def fixed(filled: np.ndarray) -> bool:
        ends = brute(y, filled)
        return ends is not None and (ends[0] > 1e-12 or ends[1] < -1e-12)

    fewest = None
    for size in range(len(may_ask) + 1):
        for asked in combinations(may_ask, size):
            for answers in product((0.0, 1.0), repeat=size):
                filled = x.copy()
                filled[list(asked)] = answers
                if fewest is None and fixed(filled):
                    fewest = size
    found = settling(y, x, others_only)
    assert (found.answers if isinstance(found, Settling) else None) == fewest


def test_four_answers_of_those_not_named_settle_leadership_and_two_of_the_silent_named() -> None:
    anyone, others = settling(Y, X), settling(Y, X, others_only=True)
    assert isinstance(anyone, Settling)
    assert isinstance(others, Settling)
    assert (anyone.answers, anyone.among_events, anyone.answer) == (2, 2, 0)
    # all five with the event have the factor; of the others any number may: at worst 7 of 8
    assert anyone.lower == pytest.approx(5 / 12)
    assert others.answers == 4
    assert others.lower == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize(
    ("y", "x", "said"),
    [
        ([0, 1], [1, 0, 1], "lengths 2 and 3"),
        ([0, 2], [1, 0], "outcome: value"),
        ([0, 1], [1, 0.5], "factor: value"),
        ([], [], "at least one value"),
        ([[0, 1]], [1, 0], "one dimension"),
        (["a", 1], [1, 0], "not numbers"),
    ],
)
def test_bad_input_is_named(y: list[float], x: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        risk_difference(y, x)


def test_tipping_refuses_other_fillings() -> None:
    with pytest.raises(ValueError, match="unknown_if_event"):
        tipping(Y, X, 2)
