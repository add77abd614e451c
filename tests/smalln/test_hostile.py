"""What a hostile tester found: extremes of size and scale, and input that is no input."""

from fractions import Fraction
from itertools import combinations
from math import comb, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from smalln import (
    ExactTest,
    Joint,
    Mentions,
    Multiverse,
    NotEstimable,
    Programme,
    Solution,
    Specification,
    TruthTable,
    adjusted,
    asking_all,
    base_rate_curve,
    boschloo,
    calibrate,
    cell_values,
    chance_of_reports,
    chance_positive,
    compare,
    completions,
    counts,
    coverage,
    error_rates,
    fisher,
    fisher_of,
    freeman_halton,
    mentioned_for,
    multiverse,
    nominal_alpha,
    odds_to_pass,
    one_more,
    p_range,
    permutation,
    placebo,
    rank_sum,
    reporting_map,
    risk_difference,
    settling,
    settling_chance,
    silence_as_no,
    solve,
    stratified,
    stratified_range,
    tipping,
    truth_table,
    two_way_groupings,
    under_bias,
)


def p_of(found: Any) -> float:
    assert isinstance(found, ExactTest)
    return found.p_value


def test_many_groups_are_added_up_without_listing_every_table() -> None:
    # the commonest kind of table: all others are no more probable
    assert p_of(freeman_halton([[1, 1]] * 20)) == 1
    assert p_of(freeman_halton([[10, 10]] * 8)) == 1
    # the rarest kind: ten groups with both events, ten without any
    apart = [[2, 0]] * 10 + [[0, 2]] * 10
    assert p_of(freeman_halton(apart)) == pytest.approx(comb(20, 10) / comb(40, 20))


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(
    "table", [[[150, 90], [120, 130]], [[900, 60], [40, 3]], [[3, 5000], [9, 4000]]]
)
def test_fisher_of_large_groups_is_that_of_scipy(table: list[list[int]], alternative: Any) -> None:
    expected = stats.fisher_exact(table, alternative=alternative).pvalue
    assert fisher(table, alternative).p_value == pytest.approx(expected, rel=1e-9)


def test_fisher_of_a_hundred_thousand_a_group_answers() -> None:
    found = fisher([[50_000, 50_000], [50_600, 49_400]])
    expected = stats.chi2_contingency([[50_000, 50_000], [50_600, 49_400]], correction=True).pvalue
    assert found.p_value == pytest.approx(expected, rel=0.01)


def test_boschloo_on_the_wrong_side_keeps_apart_what_is_nearly_one() -> None:
    """Fisher's p of one-sided tests near 1 differ by less than 1e-7, and are not the same."""
    table = [[1, 13], [14, 1]]
    n1, n2 = 14, 15

    def greater(i: int, j: int) -> Fraction:
        total, events = comb(n1 + n2, i + j), i + j
        cells = range(i, min(n1, events) + 1)
        return Fraction(sum(comb(n1, k) * comb(n2, events - k) for k in cells), total)

    seen = greater(1, 14)
    inside = [(i, j) for i in range(n1 + 1) for j in range(n2 + 1) if greater(i, j) <= seen]
    grid = np.linspace(0, 1, 4001)
    of_first, of_second = (stats.binom.pmf(np.arange(n + 1), n, grid[:, None]) for n in (n1, n2))
    worst = sum(of_first[:, i] * of_second[:, j] for i, j in inside)
    assert p_of(boschloo(table, "greater")) == pytest.approx(float(np.max(worst)), abs=1e-6)
    assert np.max(worst) < 0.99995


def by_fractions(y: list[int], x: list[int]) -> float:
    """The permutation test of a mean difference, without any rounding."""
    n, size, total = len(y), sum(x), sum(y)

    def apart(chosen: tuple[int, ...]) -> Fraction:
        inside = sum(y[i] for i in chosen)
        return abs(Fraction(inside, size) - Fraction(total - inside, n - size))

    seen = apart(tuple(i for i, v in enumerate(x) if v))
    every = [apart(chosen) for chosen in combinations(range(n), size)]
    return sum(each >= seen for each in every) / len(every)


@pytest.mark.parametrize(
    "y",
    [
        [-(10**9), 10**9, 1, 2, 3, 4, 50, 60],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [9, 1, 1, 2, 2, 3, 3, 4],
    ],
)
def test_permutations_do_not_depend_on_the_scale(y: list[int]) -> None:
    x = [1, 1, 0, 0, 0, 0, 1, 1]
    expected = by_fractions(y, x)
    for scale in (1.0, 1e-10, 1e10):
        values = np.array(y) * scale
        found = permutation(values, x)
        assert not isinstance(found, NotEstimable)
        assert found.p_value == pytest.approx(expected)


def test_a_sampled_p_counts_what_was_seen_as_one() -> None:
    y, x = np.arange(40.0), np.repeat([0.0, 1.0], 20)
    found = permutation(y, x)
    assert not isinstance(found, NotEstimable)
    assert found.p_value == pytest.approx(1 / 10_001)


def test_an_empty_grouping_keeps_its_place_in_a_family() -> None:
    y, x = [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 0, 0]
    found = adjusted(y, [[0] * 6, x])
    alone = adjusted(y, [x])
    assert not isinstance(found, NotEstimable)
    assert not isinstance(alone, NotEstimable)
    assert found.each == (1.0, *alone.each)
    assert found.adjusted == (1.0, *alone.adjusted)


def test_a_curve_of_certain_opposites_stays_a_number() -> None:
    y = np.repeat([1.0, 0.0], 600)
    found = multiverse([Specification({"x": str(i)}, y, x) for i, x in enumerate((y, 1 - y))])
    assert isinstance(found, Multiverse)
    joint = found.joint()
    assert isinstance(joint, Joint)
    assert joint.stouffer.value == pytest.approx(0)


def study(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    y = (random.random(n) < 0.4).astype(float)
    x = (random.random(n) < 0.5).astype(float)
    return y, np.where(random.random(n) < 0.4, nan, x)


def test_curves_of_thousands_of_units_answer() -> None:
    y, x = study(2500)
    curve = tipping(y, x)
    row = curve.iloc[100]
    filled = np.where(np.isnan(x), 0.0, x)
    filled[np.flatnonzero(np.isnan(x) & (y == 0))[:100]] = 1.0
    table = pd.crosstab(filled, y).to_numpy()
    assert row["p_value"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    rates = base_rate_curve(y, x, [0.2, 0.5])
    assert ((rates["small_p"] >= 0) & (rates["small_p"] <= 1)).all()


def test_the_settling_number_of_a_hundred_thousand_units_is_the_fewest() -> None:
    y, x = study(100_000)
    found = settling(y, x)
    assert not isinstance(found, NotEstimable)
    assert min(abs(found.lower), abs(found.upper)) > 0
    fewer = found.answers - 1
    events, others = (np.flatnonzero(np.isnan(x) & (y == o)) for o in (1, 0))
    sign = 1 if found.lower > 0 else -1
    for among in np.linspace(0, min(fewer, len(events)), 7).astype(int):
        filled = x.copy()
        filled[events[:among]] = float(sign > 0)
        filled[others[: fewer - among]] = float(sign < 0)
        left = risk_difference(y, filled)
        assert not isinstance(left, NotEstimable)
        assert left.lower <= 0 <= left.upper


def test_groups_that_are_always_empty_are_not_estimable() -> None:
    nobody = Programme(13, 0.0, 0.3, 0.0)
    for function in (coverage, silence_as_no, asking_all):
        found = function(nobody)
        assert isinstance(found, NotEstimable)


def test_a_twelve_condition_table_with_ties_gives_every_pairs_models() -> None:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        (random.random((13, 13)) < 0.5).astype(float), columns=[f"C{i}" for i in range(12)] + ["Y"]
    )
    table = truth_table(frame, "Y", list(frame.columns[:-1]), inclusion_cut=0.8)
    assert isinstance(table, TruthTable)
    bold = solve(table, "parsimonious")
    expected = dict.fromkeys(table.conditions, 1)
    between = solve(table, "intermediate", expected)
    assert isinstance(bold, Solution)
    assert isinstance(between, Solution)
    assert len(bold.models) > 1
    # with every side expected nothing may be dropped but what the expectations allow
    literals = {lit for model in between.models for term in model for lit in term.split("*")}
    assert literals
    assert len({tuple(m) for m in between.models}) == len(between.models)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=3),
    st.lists(st.sampled_from([0, 1, nan, 2, -1, None, "1", "a", 10**400, True]), max_size=6),
    st.lists(st.lists(st.integers(-1, 4), max_size=3), max_size=4),
    st.just({"a": 1}),
    st.just(np.ma.masked_array([1.0, 0, 1], [True, False, False])),
    st.just(pd.Series([1, 0, 1], index=[7, 7, 9])),
    st.just(np.array(["2016-01-01"], dtype="datetime64[D]")),
    st.just(pd.DataFrame({"A": [1.0, 0.0], "Y": [1.0, 1.0]})),
    st.just(pd.NA),
    st.just(object()),
)
PUBLIC: list[tuple[Any, int]] = [
    (fisher, 2), (fisher_of, 3), (boschloo, 2), (freeman_halton, 1),
    (rank_sum, 4), (adjusted, 3), (stratified, 3), (stratified_range, 3),
    (two_way_groupings, 1), (risk_difference, 2), (completions, 2), (permutation, 4), (tipping, 3),
    (base_rate_curve, 4), (chance_of_reports, 3), (p_range, 2),
    (settling, 2), (cell_values, 3), (compare, 2), (settling_chance, 3), (chance_positive, 7),
    (under_bias, 2), (odds_to_pass, 2),
    (counts, 2), (one_more, 2), (mentioned_for, 2), (multiverse, 1),
    (truth_table, 6), (solve, 3),
    (calibrate, 4), (placebo, 5), (error_rates, 4),
    (coverage, 4), (silence_as_no, 3), (asking_all, 3),
    (reporting_map, 4), (Mentions, 4), (Programme, 7), (nominal_alpha, 1),
]  # fmt: skip


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_no_exception_but_a_value_error_that_says_what_is_allowed(data: st.DataObject) -> None:
    function, most = data.draw(st.sampled_from(PUBLIC))
    arguments = [data.draw(JUNK) for _ in range(data.draw(st.integers(1, most)))]
    try:
        function(*arguments)
    except ValueError as error:
        lines = str(error).splitlines()
    except TypeError as error:
        # an argument that is not given at all
        if "required positional argument" not in str(error):
            raise
        return
    else:
        return
    assert len(lines) == 1


GOOD = pd.DataFrame({"A": [1.0, 0.0], "B": [1.0, 1.0], "Y": [1.0, 0.0]})


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: chance_of_reports(1, 1.5, 0.5), "events: 1.5"),  # type: ignore[arg-type]
        (lambda: base_rate_curve([1, 0], [nan, 1], [0.5], level=2), "level: 2"),
        (lambda: placebo(13, 5, 0.5, level=nan), "level"),
        (lambda: coverage(Programme(13, 0.5, 0.3, 0.2), level=0.3), "level: 0.3"),
        (lambda: permutation(range(40), [1, 0] * 20, seed=-1), "seed: -1"),
        (lambda: truth_table(GOOD, "Y", "A"), "conditions: 'A'"),
        (lambda: truth_table(GOOD, "Y", ["A", "Y"]), "other than the outcome"),
        (lambda: truth_table(GOOD.rename(columns={"A": "n"}), "Y", ["n"]), "'n'"),
        (lambda: truth_table(GOOD, "Y", ["A"], inclusion_cut=True), "inclusion_cut"),
        (lambda: multiverse([Specification({"names": "a"}, [1, 0], [1, 0])]), "'names'"),
        (lambda: multiverse([1]), r"specifications\[0\]: 1"),  # type: ignore[list-item]
    ],
)
def test_what_was_once_taken_silently_is_refused(function: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        function()


def test_duplicate_columns_are_refused() -> None:
    twice = pd.concat([GOOD, GOOD[["A"]]], axis=1)
    with pytest.raises(ValueError, match="2 columns 'A'"):
        truth_table(twice, "Y", ["A"])


def test_numpy_numbers_count_as_numbers() -> None:
    assert Programme(np.int64(13), np.float64(0.5), 0.3, 0.2).n == 13  # type: ignore[arg-type]
    found = truth_table(GOOD, "Y", ["A"], np.float64(0.8), 0.0, np.int64(1))  # type: ignore[arg-type]
    assert isinstance(found, TruthTable)


def test_a_masked_value_is_a_missing_one() -> None:
    y = np.array([1.0, 0, 1, 0])
    masked = np.ma.masked_array([1.0, 0, 1, 1], [False, False, True, False])
    assert risk_difference(y, masked) == risk_difference(y, [1, 0, nan, 1])


@pytest.mark.parametrize(
    "table",
    [
        np.ma.array([[3, 0], [2, 8]], mask=[[1, 0], [0, 0]]),
        pd.DataFrame([["3", "0"], ["2", "8"]]),
        np.array([["3", "0"], ["2", "8"]], dtype=object),
    ],
    ids=["masked", "text", "text as objects"],
)
def test_counts_that_are_text_or_missing_are_refused(table: Any) -> None:
    with pytest.raises(ValueError, match=r"table: .*; allowed: 2 rows x 2 columns of whole counts"):
        fisher(table)


def test_a_level_of_a_test_and_of_an_interval_have_their_own_hint() -> None:
    for function in (
        lambda: placebo(13, 5, 0.5, level=5),
        lambda: odds_to_pass([[3, 0], [2, 8]], 5),
        lambda: error_rates((3, 3), (), (), 1e-10),
        lambda: reporting_map(Mentions(3, 5, 0, 8), [1.0], [1.0], 1e-10),
    ):
        with pytest.raises(ValueError, match=r"level: .*; allowed: .*; 5 % is 0\.05"):
            function()
    with pytest.raises(ValueError, match=r"level: 95; allowed: between .*; 95 % is 0\.95"):
        coverage(Programme(13, 0.5, 0.3, 0.2), level=95)


@pytest.mark.parametrize("seed", [0.0, False, [1], -1])
def test_a_seed_is_checked_whether_or_not_it_is_drawn_with(seed: Any) -> None:
    y, x = [1, 1, 0, 0], [1, 0, 1, 0]
    curve = multiverse([Specification({"factor": "a"}, y, x)])
    assert isinstance(curve, Multiverse)
    adjusted(y, [x], 0)
    for function in (
        lambda: adjusted(y, [x], seed),
        lambda: permutation(y, x, seed=seed),
        lambda: rank_sum(y, x, seed=seed),
        lambda: curve.joint(seed),
    ):
        with pytest.raises(ValueError, match=r"seed: .*; allowed: a whole number from 0"):
            function()


def test_what_is_missing_for_a_comparison_is_named() -> None:
    assert "same outcome" in str(fisher_of([1, 1, 1], [1, 0, 1]))
    assert "one group" in str(fisher_of([1, 0, 1], [1, 1, 1]))
    for y, x in (([1, 1, 1, 1], [1, 0, 1, 0]), ([1, 1, 0, 0], [1, 0, 1, 0])):
        for function in (stratified, stratified_range):
            assert "no stratum has both" in str(function(y, x, [1, 1, 0, 0]))


def test_specifications_that_compare_nothing_are_left_out() -> None:
    y, x = [1, 0, 1, 0], [1, 0, 0, 1]
    same = Specification({"a": "1"}, [1] * 4, x)
    curve = multiverse([same, Specification({"a": "2"}, y, x), Specification({"a": "3"}, y, x)])
    assert isinstance(curve, Multiverse)
    # the other two are one analysis
    assert curve.frame["names"].tolist() == [2]
    assert "two outcomes" in str(multiverse([same]))
