"""Exact tests agree with R and with enumeration written here."""

import json
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalln import Adjusted, ExactTest, NotEstimable, adjusted, fisher, fisher_of, two_way_groupings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "smalln"
TABLES: list[dict[str, Any]] = json.loads((FIXTURES / "exact_2x2.json").read_text())["tables"]
# type of unit of 13 units, and which of them have the event: 0 of 6 cities, 5 of 7 others
TYPES = (
    ["city1"] * 3 + ["city2"] * 3 + ["county", "county", "district", "zone", "zone", "zone", "town"]
)
EVENT = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1])
cells = st.integers(min_value=0, max_value=7)


@pytest.mark.parametrize("case", TABLES, ids=[case["id"] for case in TABLES])
@pytest.mark.parametrize(
    ("alternative", "key"),
    [("two-sided", "fisher_two_sided"), ("greater", "fisher_greater"), ("less", "fisher_less")],
)
def test_fisher_equals_r(case: dict[str, Any], alternative: Any, key: str) -> None:
    assert fisher(case["table"], alternative).p_value == pytest.approx(case[key], abs=1e-9)


@given(cells, cells, cells, cells)
@settings(deadline=None)
def test_the_smallest_p_is_that_of_the_best_table_with_these_margins(
    a: int, b: int, c: int, d: int
) -> None:
    tables = [
        [[k, a + b - k], [a + c - k, d - a + k]]
        for k in range(a + b + 1)
        if a + c - k >= 0 and d - a + k >= 0
    ]
    least = min(fisher(table).p_value for table in tables)
    assert fisher([[a, b], [c, d]]).p_smallest == pytest.approx(least, rel=1e-12)


@given(cells, cells, cells, cells)
@settings(deadline=None)
def test_two_sided_adds_tables_no_more_probable(a: int, b: int, c: int, d: int) -> None:
    n, first, events = a + b + c + d, a + b, a + c
    if n == 0:
        return
    weight = {
        k: comb(first, k) * comb(n - first, events - k)
        for k in range(max(0, events - (n - first)), min(first, events) + 1)
    }
    expected = sum(w for w in weight.values() if w <= weight[a]) / sum(weight.values())
    assert fisher([[a, b], [c, d]]).p_value == pytest.approx(expected, rel=1e-9)


def test_a_zero_margin_gives_one() -> None:
    assert fisher([[0, 5], [0, 8]]).p_value == 1.0


@pytest.mark.parametrize(
    "table", [[[1, 2]], [[1, -1], [2, 3]], [[0.5, 1], [2, 3]], [["a", 1], [2, 3]]]
)
def test_what_is_no_table_of_counts_is_refused(table: Any) -> None:
    with pytest.raises(ValueError, match="table"):
        fisher(table)


def test_an_unknown_alternative_is_refused() -> None:
    with pytest.raises(ValueError, match="two-sided, greater, less"):
        fisher([[1, 2], [3, 4]], "both")  # type: ignore[arg-type]


def test_unit_type_unadjusted_is_p_021() -> None:
    grouped = np.array([0.0 if t.startswith("city") else 1.0 for t in TYPES])
    found = fisher_of(EVENT, grouped)
    assert isinstance(found, ExactTest)
    # 36 of 1716 tables: C(7,5) / C(13,5) = 21 / 1287, and its mirror C(6,5) / C(13,5) = 6 / 1287
    assert found.p_value == pytest.approx(27 / 1287)


def test_one_group_is_not_estimable() -> None:
    assert isinstance(fisher_of([1, 0, 1], [1, 1, 1]), NotEstimable)
    assert isinstance(fisher_of([1, 1, 1], [1, 0, 1]), NotEstimable)


def test_six_types_have_31_two_way_groupings_each_once() -> None:
    family = two_way_groupings(TYPES)
    assert len(family) == 31
    splits = {frozenset((chosen, frozenset(set(TYPES) - chosen))) for chosen, _ in family}
    assert len(splits) == 31


def test_adjusting_for_the_search_equals_full_relabeling() -> None:
    family = [vector for _, vector in two_way_groupings(TYPES)]

    def least(events: tuple[int, ...]) -> float:
        y = np.zeros(13)
        y[list(events)] = 1
        p = []
        for x in family:
            table = [[((x == f) & (y == o)).sum() for o in (1, 0)] for f in (1, 0)]
            p.append(fisher(table).p_value)
        return min(p)

    seen = least(tuple(np.flatnonzero(EVENT)))
    every = [least(chosen) for chosen in combinations(range(13), 5)]
    found = adjusted(EVENT, family)
    assert isinstance(found, Adjusted)
    assert (found.count, found.of) == (sum(p <= seen * (1 + 1e-7) for p in every), 1287)
    assert found.p_value == pytest.approx(found.count / 1287)
    assert found.error == 0


def test_large_families_are_sampled_with_their_error_and_a_seed() -> None:
    random = np.random.default_rng(3)
    y = random.permutation([1.0] * 15 + [0.0] * 25)
    family = [random.permutation([1.0] * 20 + [0.0] * 20) for _ in range(4)]
    first, second = adjusted(y, family, seed=7), adjusted(y, family, seed=7)
    assert isinstance(first, Adjusted)
    assert first == second
    assert first.of == 10_000
    assert first.p_value == (first.count + 1) / 10_001
    assert 0 < first.error < 0.006


def test_a_search_over_nothing_is_not_estimable() -> None:
    assert isinstance(adjusted(EVENT, [np.ones(13)]), NotEstimable)
