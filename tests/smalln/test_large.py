"""Thousands and millions of units: exact all the same, quick, and no p of 0."""

import time
from collections.abc import Callable
from fractions import Fraction
from math import comb, log10
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from smalln import (
    ExactTest,
    Multiverse,
    NotEstimable,
    Permutation,
    PRange,
    Specification,
    adjusted,
    base_rate_curve,
    completions,
    fisher,
    freeman_halton,
    multiverse,
    odds_to_pass,
    p_range,
    rank_sum,
    risk_difference,
    stratified,
    tipping,
    under_bias,
)
from smalln.hypergeometric import log_p, p_by_cell
from smalln.many_groups import _by_halves


def quickest(function: Callable[[], Any], times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        start = time.process_time()
        function()
        seconds.append(time.process_time() - start)
    return min(seconds)


@pytest.mark.parametrize(
    ("table", "alternative", "p"),
    [
        # bedtools2 issues 343 and 855: both were told as 0
        ([[781, 23171], [4963, 2455001]], "greater", log10(8.08) - 611),
        ([[4155, 4903], [805463, 8507517]], "two-sided", log10(1.16) - 1895),
    ],
)
def test_a_p_below_every_float_is_told_by_its_logarithm(
    table: list[list[int]], alternative: Any, p: float
) -> None:
    found = fisher(table, alternative)
    assert found.log10_p == pytest.approx(p, abs=0.005)
    assert found.p_value > 0
    assert found.p_smallest > 0
    assert "p below 1e-300" in str(found)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((50_000, 50_000), (50_600, 49_400)),
        ((5_700_000, 5_700_100), (5_700_000, 5_794_000)),
        ((10**11, 10**11), (10**11, 10**11 + 10**6)),
    ],
)
def test_fisher_of_many_is_quick(a: tuple[int, int], b: tuple[int, int]) -> None:
    found = fisher([a, b])
    square = stats.chi2_contingency([a, b], correction=True)
    assert found.log10_p == pytest.approx(log10(square.pvalue), abs=0.01)
    assert quickest(lambda: fisher([a, b])) < 0.1


@given(
    st.integers(150, 900), st.integers(150, 900), st.floats(0, 1), st.floats(0, 1),
    st.sampled_from(["two-sided", "greater", "less"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_logarithms_equal_whole_numbers(
    first: int, second: int, share: float, place: float, alternative: Any
) -> None:
    """Against a sum of binomials in whole numbers, for any margins and cell."""
    events = 1 + int(share * (first + second - 2))
    cells = range(max(0, events - second), min(first, events) + 1)
    cell = cells[int(place * (len(cells) - 1))]
    ways = {k: comb(first, k) * comb(second, events - k) for k in cells}
    chosen = {
        "two-sided": [w for w in ways.values() if w * 10**7 <= ways[cell] * (10**7 + 1)],
        "greater": [w for k, w in ways.items() if k >= cell],
        "less": [w for k, w in ways.items() if k <= cell],
    }[alternative]
    total = comb(first + second, events)
    expected = log10(sum(chosen)) - log10(total)
    one = np.array([first]), np.array([second])
    found = log_p(*one, events, np.array([cell]), alternative)[0] / np.log(10)
    assert found == pytest.approx(expected, abs=1e-9)
    if first + second > 400 and expected > -300:
        by_cell = p_by_cell(first, second, events, alternative)[cell]
        assert log10(by_cell) == pytest.approx(expected, abs=1e-9)


def test_rank_sums_with_ties_are_counted_not_sampled() -> None:
    """HypothesisTests.jl issue 337: R's coin gives these for 1 to 10 against 2, 4, ... 24."""
    y, x = [*range(1, 11), *range(2, 25, 2)], [1] * 10 + [0] * 12
    for alternative, p in (
        ("two-sided", 0.01188904),
        ("less", 0.006001738),
        ("greater", 0.9949199),
    ):
        found = rank_sum(y, x, alternative)  # type: ignore[arg-type]
        assert isinstance(found, Permutation)
        assert found.p_value == pytest.approx(p, rel=1e-6)
        assert (found.of, found.error) == (comb(22, 10), 0)
        swapped = rank_sum(y, [1 - v for v in x], alternative)  # type: ignore[arg-type]
        assert isinstance(swapped, Permutation)
        opposite = {"less": 0.9949199, "greater": 0.006001738}.get(alternative, p)
        assert swapped.p_value == pytest.approx(opposite, rel=1e-6)


def test_rank_sums_without_ties_equal_scipy_at_a_hundred_units() -> None:
    random = np.random.default_rng(1)
    y, x = random.permutation(100) + np.repeat([0, 12], 50), np.repeat([0, 1], 50)
    y = np.argsort(np.argsort(y + random.random(100) / 2))
    found = rank_sum(y, x, "greater")
    assert isinstance(found, Permutation)
    expected = stats.mannwhitneyu(y[x == 1], y[x == 0], alternative="greater", method="exact")
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.error == 0


group = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda row: sum(row) > 0)


@given(st.lists(group, min_size=2, max_size=5))
@settings(max_examples=100, deadline=None)
def test_halves_of_the_groups_joined_equal_whole_numbers(rows: list[tuple[int, int]]) -> None:
    if not 0 < sum(a for a, _ in rows) < sum(map(sum, rows)):
        return
    whole, joined = freeman_halton(rows), _by_halves(rows)
    assert isinstance(whole, ExactTest)
    assert isinstance(joined, ExactTest)
    assert joined.p_value == pytest.approx(whole.p_value, rel=1e-9)
    assert joined.p_smallest == pytest.approx(whole.p_smallest, rel=1e-9)


def test_five_groups_of_a_thousand_take_seconds() -> None:
    table = [[400, 600], [430, 570], [380, 620], [410, 590], [450, 550]]
    start = time.process_time()
    found = freeman_halton(table)
    assert time.process_time() - start < 10
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(stats.chi2_contingency(table).pvalue, rel=0.01)


def test_a_refusal_of_too_many_groups_says_what_can_be_done() -> None:
    found = freeman_halton([[50, 50], [60, 40]] * 6)
    assert isinstance(found, NotEstimable)
    assert "12 groups and 1200 units" in str(found)
    assert "scipy.stats.chi2_contingency" in str(found)


def study(n: int, silent: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.4).astype(float)
    x = (random.random(n) < 0.5).astype(float)
    return y, np.where(random.random(n) < silent, np.nan, x)


@pytest.mark.parametrize("silent", [0.4, 0.9])
def test_curves_of_ten_thousand_units_take_less_than_a_second(silent: float) -> None:
    y, x = study(10_000, silent)
    assert quickest(lambda: tipping(y, x)) < 1
    assert quickest(lambda: p_range(y, x)) < 1
    curve, k = tipping(y, x), 50
    filled = np.where(np.isnan(x), 0.0, x)
    filled[np.flatnonzero(np.isnan(x) & (y == 0))[:k]] = 1.0
    table = [[int(((filled == f) & (y == o)).sum()) for o in (1, 0)] for f in (1, 0)]
    assert curve.loc[k, "p_value"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-8)


cell = st.sampled_from([0.0, 1.0, np.nan])


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), cell), min_size=2, max_size=30))
@settings(max_examples=150, deadline=None)
def test_the_table_of_completions_and_the_closed_forms_say_the_same(
    units: list[tuple[float, float]],
) -> None:
    y, x = (np.array(part) for part in zip(*units, strict=True))
    table = completions(y, x)
    sizes = np.isnan(x[y == 1]).sum(), np.isnan(x[y == 0]).sum()
    assert len(table) + table.attrs["excluded"] == (sizes[0] + 1) * (sizes[1] + 1)
    assert not table.isna().any().any()
    bounds, p = risk_difference(y, x), p_range(y, x)
    if table.empty:
        assert isinstance(bounds, NotEstimable)
        assert isinstance(p, NotEstimable)
        return
    assert bounds.ends == pytest.approx((table["difference"].min(), table["difference"].max()))  # type: ignore[union-attr]
    assert p == PRange(table["p_value"].min(), table["p_value"].max(), table.attrs["excluded"])
    for had in (0, 1):
        named = sizes[0] * had
        rows = table[table["named_yes"] == named]
        curve = tipping(y, x, had)
        for ours, theirs in (("k", "others_yes"), *((c, c) for c in ("difference", "p_value"))):
            assert curve[ours].tolist() == pytest.approx(rows[theirs].tolist())
    rates = base_rate_curve(y, x, [0.3]).iloc[0]
    weight = stats.binom.pmf(table["named_yes"], sizes[0], 0.3) * stats.binom.pmf(
        table["others_yes"], sizes[1], 0.3
    )
    assert rates["mean_difference"] == pytest.approx(
        (weight * table["difference"]).sum() / weight.sum()
    )


def test_what_the_notice_says_of_leaders_has_26_completions() -> None:
    """Five named, three of them with the cause; eight others, all silent: 3 x 9 ways, less one."""
    y, x = [0] * 8 + [1] * 5, [None] * 8 + [1, 1, 1, None, None]
    table = completions(y, x)
    # with every cell yes there is one group alone
    assert (len(table), table.attrs["excluded"]) == (26, 1)
    assert table["difference"].min() == pytest.approx(3 / 11 - 1)
    assert table["difference"].max() == 1
    assert table["p_value"].min() == pytest.approx(1 / comb(13, 5))


def test_too_many_completions_for_a_table_are_refused() -> None:
    with pytest.raises(ValueError, match="completions; allowed: up to 250000"):
        completions(*study(10_000, 0.9))


@pytest.mark.parametrize("n", [400, 900, 1100, 3000])
def test_many_units_within_strata_are_counted_as_in_whole_numbers(n: int) -> None:
    random = np.random.default_rng(n)
    y, x, strata = random.integers(0, 2, (3, n))
    ways, start = [1], 0
    for stratum in (0, 1):
        first, second, events = (int(part[strata == stratum].sum()) for part in (x, 1 - x, y))
        low, high = max(0, events - second), min(first, events)
        more = [comb(first, k) * comb(second, events - k) for k in range(low, high + 1)]
        longer = [0] * (len(ways) + len(more) - 1)
        for i, a in enumerate(ways):
            for j, b in enumerate(more):
                longer[i + j] += a * b
        ways, start = longer, start + low
    total = sum(ways)
    mean = Fraction(sum((start + i) * w for i, w in enumerate(ways)), total)
    far = abs(int((y * x).sum()) - mean)
    p = Fraction(sum(w for i, w in enumerate(ways) if abs(start + i - mean) >= far), total)
    found = stratified(y, x, strata)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(float(p), rel=1e-8)


def test_no_p_within_strata_is_0() -> None:
    y, strata = [1, 0] * 550, [1] * 550 + [0] * 550
    found = stratified(y, y, strata)
    assert isinstance(found, ExactTest)
    assert 0 < found.p_smallest <= found.p_value < 1e-300
    # one group alone in a large stratum adds nothing to the other
    alone = stratified([*y, 1, 0, 0], [*([1] * 1100), 1, 0, 0], [*([1] * 1100), 0, 0, 0])
    assert isinstance(alone, ExactTest)
    assert alone.p_value == pytest.approx(1 / 3)


def test_chances_of_a_base_rate_are_within_0_and_1() -> None:
    random = np.random.default_rng(0)
    for _ in range(100):
        n = int(random.integers(3, 12))
        y, x = random.integers(0, 2, (2, n)).astype(float)
        x[random.random(n) < 0.6] = np.nan
        row = base_rate_curve(y, x, [random.random()], 1.0).iloc[0]
        assert 0 <= row["excluded"] <= 1
        assert not row["small_p"] > 1
        assert not row["positive"] > 1


def test_groups_of_many_thousands_answer_at_once_or_say_what_to_do() -> None:
    two = [[20_000, 20_300], [20_000, 20_000]]
    found, same = freeman_halton(two), fisher(two)
    assert isinstance(found, ExactTest)
    assert found.p_value == pytest.approx(same.p_value, rel=1e-9)
    # the likeliest table
    third = freeman_halton([[20_000, 20_000], [20_000, 20_000], [1, 0]])
    assert isinstance(third, ExactTest)
    assert third.p_value == pytest.approx(1)
    for size in (10**8, 10**12):
        refused = freeman_halton([[size, size], [size, size], [1, 1]])
        assert "join groups, or use scipy.stats.chi2_contingency" in str(refused)


def test_the_rarer_column_is_counted() -> None:
    table = [[10**12, 3], [1, 2], [3, 0]]
    found, same = (freeman_halton([row[::step] for row in table]) for step in (1, -1))
    assert found == same
    assert isinstance(found, ExactTest)
    # five units without the event, two of them in the group of 3 and none in the other
    sizes = (10**12 + 3, 3, 3)
    chances = [
        comb(sizes[0], 5 - i - j) * comb(3, i) * comb(3, j)
        for i in range(4)
        for j in range(4)
        if i + j < 6
    ]
    seen = comb(sizes[0], 3) * comb(3, 2)
    p = sum(c for c in chances if c <= seen) / comb(sum(sizes), 5)
    assert found.p_value == pytest.approx(p)


def test_what_would_take_all_memory_is_refused_with_what_to_do() -> None:
    table = [[10**7, 10**7 + 9000], [10**7, 10**7]]
    with pytest.raises(ValueError, match="table: margins of 20000001 tables; allowed: 2000000"):
        under_bias(table, [1.0])
    with pytest.raises(ValueError, match="allowed: 2000000, of fewer units"):
        odds_to_pass([[5 * 10**11] * 2] * 2)
    with pytest.raises(ValueError, match="factor: 9006001 completions; allowed: up to 2000000"):
        base_rate_curve([0, 1] * 3000, [np.nan] * 6000, [0.5])
    y, x = [1] + [0] * 19_999, [0, 1] * 10_000
    curve = multiverse([Specification({"factor": "a"}, y, x)])
    assert isinstance(curve, Multiverse)
    for refused in (adjusted(y, [x]), curve.joint()):
        assert "more than 5,000 units are not dealt anew; take a random part" in str(refused)
