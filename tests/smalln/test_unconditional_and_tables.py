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

from smalln import exact
from smalln.exact import Adjusted, Permutation
from smalln.result import NotEstimable
from smalln.tables import ExactTest

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
    found = exact.boschloo(case["table"], alternative)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(case[f"boschloo_{key}"], abs=1e-6)


def test_boschloo_of_unit_type() -> None:
    found = exact.boschloo([[0, 6], [5, 2]])
    assert isinstance(found, ExactTest)
    assert round(found.p_value, 4) == 0.0122


@given(cells, cells, cells, cells, st.sampled_from(["two-sided", "greater", "less"]))
@settings(max_examples=60, deadline=None)
def test_boschloo_is_a_tail_ordered_by_fisher(a: int, b: int, c: int, d: int, way: Any) -> None:
    n1, n2 = a + b, c + d
    found = exact.boschloo([[a, b], [c, d]], way)
    if not n1 or not n2:
        assert isinstance(found, NotEstimable)
        return
    assert isinstance(found, ExactTest)
    seen = exact.fisher([[a, b], [c, d]], way).p_value
    region = [
        (i, j)
        for i, j in product(range(n1 + 1), range(n2 + 1))
        if exact.fisher([[i, n1 - i], [j, n2 - j]], way).p_value <= seen * (1 + 1e-7)
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
    found = exact.boschloo([[100, 101], [3, 4]])
    assert isinstance(found, NotEstimable)
    assert "201" in found.reason
    assert "200" in found.reason_zh


def test_freeman_halton_equals_r() -> None:
    found = exact.freeman_halton(UNITS["table"])
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(UNITS["p"], abs=1e-9)
    assert round(found.p_value, 3) == 0.119


@given(cells, cells, cells, cells)
@settings(deadline=None)
def test_freeman_halton_of_two_rows_is_fisher(a: int, b: int, c: int, d: int) -> None:
    found, fisher = exact.freeman_halton([[a, b], [c, d]]), exact.fisher([[a, b], [c, d]])
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(fisher.p_value, abs=1e-12)
    assert found.p_smallest == pytest.approx(fisher.p_smallest, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=4))
@settings(max_examples=60, deadline=None)
def test_freeman_halton_equals_dealing_the_events(rows: list[tuple[int, int]]) -> None:
    sizes, events = [a + b for a, b in rows], sum(a for a, _ in rows)
    ways: dict[tuple[int, ...], int] = {}
    for cell in product(*(range(size + 1) for size in sizes)):
        if sum(cell) == events:
            ways[cell] = int(np.prod([comb(s, k) for s, k in zip(sizes, cell, strict=True)]))
    seen, total = ways[tuple(a for a, _ in rows)], sum(ways.values())
    found = exact.freeman_halton(rows)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(sum(w for w in ways.values() if w <= seen) / total)
    least = min(ways.values())
    assert found.p_smallest == pytest.approx(sum(w for w in ways.values() if w == least) / total)


def test_permutation_equals_r() -> None:
    ranks = exact.permutation(PILOTS["progress"], PILOTS["city"])
    means = exact.permutation(PILOTS["progress"], PILOTS["city"], "mean_difference")
    assert isinstance(ranks, Permutation)
    assert isinstance(means, Permutation)
    assert ranks.p_value == pytest.approx(PILOTS["wilcoxon_midrank_exact_two_sided"], abs=1e-9)
    assert means.p_value == pytest.approx(PILOTS["mean_diff_perm_exact_two_sided"], abs=1e-9)


@pytest.mark.parametrize(("stage", "p"), [(0, 0.0163), (3, 0.0495)])
def test_stage_between_cities_and_others_under_both_statements(stage: int, p: float) -> None:
    stages = STAGE.copy()
    stages[8] = stage
    found = exact.permutation(stages, CITY)
    assert isinstance(found, Permutation)
    assert round(found.p_value, 4) == p


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=3, max_size=8),
    st.sampled_from(["rank_sum", "mean_difference"]),
    st.sampled_from(["two-sided", "greater", "less"]),
)
@settings(max_examples=120, deadline=None)
def test_permutation_counts_relabelings(
    units: list[tuple[int, int]], statistic: Any, alternative: Any
) -> None:
    y, x = (np.array([u[i] for u in units], dtype=float) for i in (0, 1))
    found = exact.permutation(y, x, statistic, alternative)
    if x.min() == x.max() or y.min() == y.max():
        assert isinstance(found, NotEstimable)
        return
    assert isinstance(found, Permutation)
    scores, size = rankdata(y) if statistic == "rank_sum" else y, int(x.sum())
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
    first, second = exact.permutation(y, x, seed=3), exact.permutation(y, x, seed=3)
    assert isinstance(first, Permutation)
    assert first == second
    assert first.p_value == (first.count + 1) / 10_001
    assert first.p_smallest == 1 / 10_001
    assert 0 < first.error < 0.006


def test_min_p_over_ranks_equals_brute_force() -> None:
    y = np.array([0.0, 1, 1, 2, 2, 3])
    family = [np.array(g, dtype=float) for g in ([0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 0, 1])]
    found = exact.adjusted(y, family, "rank_sum")
    assert isinstance(found, Adjusted)
    each = [exact.permutation(y, g) for g in family]
    assert all(isinstance(e, Permutation) for e in each)
    assert found.each == pytest.approx([e.p_value for e in each])  # type: ignore[union-attr]
    dealt = set()
    for order in combinations(range(6), 2):
        left = [i for i in range(6) if i not in order]
        for second in combinations(left, 2):
            rest = [i for i in left if i not in second]
            for zero in rest:
                row = np.zeros(6)
                row[list(order)], row[list(second)] = 1, 2
                row[zero], row[next(i for i in rest if i != zero)] = 0, 3
                dealt.add(tuple(row))
    least = []
    for labels in dealt:
        tests = [exact.permutation(labels, g) for g in family]
        least.append(min(t.p_value for t in tests if isinstance(t, Permutation)))
    hits = sum(p <= found.p_least * (1 + 1e-7) for p in least)
    assert (found.count, found.of) == (hits, len(dealt))
    assert len(found.adjusted) == 2
    assert all(a >= e - 1e-12 for a, e in zip(found.adjusted, found.each, strict=True))


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
    found = exact.stratified(y, x, strata)
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
    found = exact.stratified_range(y, x, [0, 0, 1, 1, np.nan, np.nan])
    assert not isinstance(found, NotEstimable)
    every = [exact.stratified(y, x, [0, 0, 1, 1, a, b]) for a, b in product((0, 1), repeat=2)]
    p = [t.p_value for t in every if isinstance(t, ExactTest)]
    assert (found.lower, found.upper, found.ways) == (min(p), max(p), len(p))
    assert found.excluded == 4 - len(p)
    assert isinstance(exact.stratified_range(y[:1] * 20, x[:1] * 20, [np.nan] * 20), NotEstimable)
