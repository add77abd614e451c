"""Boschloo, Freeman-Halton and permutation tests agree with R and with enumeration written here."""

import json
from itertools import combinations, product
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from smalln import (
    ExactTest,
    NotEstimable,
    Permutation,
    boschloo,
    fisher,
    freeman_halton,
    permutation,
    rank_sum,
    stratified,
    stratified_range,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "smalln"
TABLES: list[dict[str, Any]] = json.loads((FIXTURES / "exact_2x2.json").read_text())["tables"]
UNITS = json.loads((FIXTURES / "freeman_halton_units.json").read_text())
PILOTS = json.loads((FIXTURES / "perm_pilots.json").read_text())
# type of unit (city or not) and stage of 13 units; the ninth has two statements, 0 and 3
CITY = np.array([1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0])
STAGE = np.array([3, 4, 3, 3, 4, 3, 1, 3, 0, 2, 0, 0, 0])
cells = st.integers(min_value=0, max_value=5)


@pytest.mark.parametrize("case", TABLES, ids=[case["id"] for case in TABLES])
@pytest.mark.parametrize(
    ("alternative", "key"), [("two-sided", "two.sided"), ("greater", "greater"), ("less", "less")]
)
def test_boschloo_equals_r(case: dict[str, Any], alternative: Any, key: str) -> None:
    found = boschloo(case["table"], alternative)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(case[f"boschloo_{key}"], abs=1e-6)


def test_boschloo_of_unit_type() -> None:
    found = boschloo([[0, 6], [5, 2]])
    assert isinstance(found, ExactTest)
    assert round(found.p_value, 4) == 0.0122


@given(cells, cells, cells, cells, st.sampled_from(["two-sided", "greater", "less"]))
@settings(max_examples=60, deadline=None)
def test_boschloo_is_a_tail_ordered_by_fisher(a: int, b: int, c: int, d: int, way: Any) -> None:
    n1, n2 = a + b, c + d
    found = boschloo([[a, b], [c, d]], way)
    if not n1 or not n2:
        assert isinstance(found, NotEstimable)
        return
    assert isinstance(found, ExactTest)
    seen = fisher([[a, b], [c, d]], way).p_value
    region = [
        (i, j)
        for i, j in product(range(n1 + 1), range(n2 + 1))
        if fisher([[i, n1 - i], [j, n2 - j]], way).p_value <= seen * (1 + 1e-7)
    ]
    shares = np.linspace(0, 1, 401)
    chances = sum(
        comb(n1, i) * comb(n2, j) * shares ** (i + j) * (1 - shares) ** (n1 + n2 - i - j)
        for i, j in region
    )
    assert found.p_value >= max(chances) - 1e-12
    assert found.p_value <= max(chances) + 1e-3
    # never larger than Fisher's, which it orders by
    assert found.p_smallest - 1e-12 <= found.p_value <= seen + 1e-9


def test_boschloo_refuses_large_groups_with_a_reason() -> None:
    found = boschloo([[100, 101], [3, 4]])
    assert isinstance(found, NotEstimable)
    assert "201" in str(found)
    assert "200" in str(found)


def test_freeman_halton_equals_r() -> None:
    found = freeman_halton(UNITS["table"])
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(UNITS["p"], abs=1e-9)
    assert round(found.p_value, 3) == 0.119


@given(cells, cells, cells, cells)
@settings(deadline=None)
def test_freeman_halton_of_two_rows_is_fisher(a: int, b: int, c: int, d: int) -> None:
    found, of_two = freeman_halton([[a, b], [c, d]]), fisher([[a, b], [c, d]])
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(of_two.p_value, abs=1e-12)
    assert found.p_smallest == pytest.approx(of_two.p_smallest, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=4))
@settings(max_examples=60, deadline=None)
def test_freeman_halton_equals_dealing_the_events(rows: list[tuple[int, int]]) -> None:
    sizes, events = [a + b for a, b in rows], sum(a for a, _ in rows)
    ways: dict[tuple[int, ...], int] = {}
    for cell in product(*(range(size + 1) for size in sizes)):
        if sum(cell) == events:
            ways[cell] = int(np.prod([comb(s, k) for s, k in zip(sizes, cell, strict=True)]))
    seen, total = ways[tuple(a for a, _ in rows)], sum(ways.values())
    found = freeman_halton(rows)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(sum(w for w in ways.values() if w <= seen) / total)
    least = min(ways.values())
    assert found.p_smallest == pytest.approx(sum(w for w in ways.values() if w == least) / total)


def test_permutation_equals_r() -> None:
    ranks = rank_sum(PILOTS["progress"], PILOTS["city"])
    means = permutation(PILOTS["progress"], PILOTS["city"])
    assert isinstance(ranks, Permutation)
    assert isinstance(means, Permutation)
    assert ranks.p_value == pytest.approx(PILOTS["wilcoxon_midrank_exact_two_sided"], abs=1e-9)
    assert means.p_value == pytest.approx(PILOTS["mean_diff_perm_exact_two_sided"], abs=1e-9)


@pytest.mark.parametrize(("stage", "p"), [(0, 0.0163), (3, 0.0495)])
def test_stage_between_cities_and_others_under_both_statements(stage: int, p: float) -> None:
    stages = STAGE.copy()
    stages[8] = stage
    found = rank_sum(stages, CITY)
    assert isinstance(found, Permutation)
    assert round(found.p_value, 4) == p


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=3, max_size=8),
    st.sampled_from([rank_sum, permutation]),
    st.sampled_from(["two-sided", "greater", "less"]),
)
@settings(max_examples=120, deadline=None)
def test_permutation_counts_relabelings(
    units: list[tuple[int, int]], test: Any, alternative: Any
) -> None:
    y, x = (np.array([u[i] for u in units], dtype=float) for i in (0, 1))
    found = test(y, x, alternative)
    if x.min() == x.max() or y.min() == y.max():
        assert isinstance(found, NotEstimable)
        return
    assert isinstance(found, Permutation)
    scores, size = rankdata(y) if test is rank_sum else y, int(x.sum())
    sums = [scores[list(c)].sum() - size * scores.mean() for c in combinations(range(len(y)), size)]
    own = scores[x == 1].sum() - size * scores.mean()
    extreme = {"two-sided": abs, "greater": float, "less": lambda s: -s}[alternative]
    values = [extreme(s) for s in sums]
    assert found.count == sum(v >= extreme(own) - 1e-9 for v in values)
    assert found.of == len(sums)
    assert found.p_smallest == pytest.approx(
        sum(v >= max(values) - 1e-9 for v in values) / len(sums)
    )


def test_large_permutations_are_sampled_with_their_error() -> None:
    random = np.random.default_rng(5)
    y, x = random.normal(size=2500), random.permutation([1.0] * 1200 + [0.0] * 1300)
    first, second = permutation(y, x, seed=3), permutation(y, x, seed=3)
    assert isinstance(first, Permutation)
    assert first == second
    assert first.p_value == (first.count + 1) / 10_001
    # the floor of drawing is not what these values could attain
    assert first.p_smallest is None
    assert 0 < first.error < 0.006


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)), min_size=3, max_size=8
    )
)
@settings(max_examples=100, deadline=None)
def test_the_stratified_test_deals_within_strata(units: list[tuple[int, int, int]]) -> None:
    y, x, strata = (np.array([u[i] for u in units], dtype=float) for i in (0, 1, 2))
    sums: list[int] = []
    inside = [np.flatnonzero(strata == s) for s in (0, 1)]
    choices = [list(combinations(part.tolist(), int(y[part].sum()))) for part in inside]
    for chosen in product(*choices):
        sums.append(int(sum(x[list(part)].sum() for part in chosen)))
    found = stratified(y, x, strata)
    if len(set(sums)) == 1:
        assert isinstance(found, NotEstimable)
        return
    assert isinstance(found, ExactTest)
    far = np.abs(np.array(sums) - np.mean(sums))
    seen = abs((x * y).sum() - np.mean(sums))
    assert found.p_value == pytest.approx((far >= seen - 1e-9).mean())
    assert found.p_smallest == pytest.approx((far >= far.max() - 1e-9).mean())


def test_unknown_strata_are_filled_in_every_way() -> None:
    y = [0, 0, 0, 1, 1, 1]
    x = [0, 0, 1, 1, 1, 1]
    found = stratified_range(y, x, [0, 0, 1, 1, np.nan, np.nan])
    assert not isinstance(found, NotEstimable)
    every = [stratified(y, x, [0, 0, 1, 1, a, b]) for a, b in product((0, 1), repeat=2)]
    p = [t.p_value for t in every if isinstance(t, ExactTest)]
    assert (found.lower, found.upper, found.ways) == (min(p), max(p), len(p))
    least = [t.p_smallest for t in every if isinstance(t, ExactTest)]
    assert found.attainable == (min(least), max(least))
    assert found.excluded == 4 - len(p)
    assert isinstance(stratified_range(y[:1] * 20, x[:1] * 20, [np.nan] * 20), NotEstimable)


def test_values_whose_sums_are_no_numbers_are_refused() -> None:
    for values in ([1e308, 1e308, -1e308, 0.0], [1.7e308, 1.7e308, 1.6e308, 1.5e308]):
        with pytest.raises(ValueError, match=r"outcome: largest value .*; allowed: up to 1e\+100"):
            permutation(values, [1, 1, 0, 0])
    large = permutation([1e100, 1e99, -1e100, 0.0], [1, 1, 0, 0])
    assert isinstance(large, Permutation)
    assert large.count == 2
