"""Assumptions narrow bounds as brute force says; curves, range of p, the value of an answer."""

from itertools import combinations, product
from math import ceil, floor, nan

import numpy as np
import pytest
from enumerated import completions as filled_in
from hypothesis import given, settings
from hypothesis import strategies as st

from smalln import (
    Bounds,
    NotEstimable,
    PRange,
    base_rate_curve,
    boschloo,
    cell_values,
    chance_of_reports,
    completions,
    fisher,
    fisher_of,
    freeman_halton,
    p_range,
    rank_sum,
    risk_difference,
    settling,
    settling_chance,
    tipping,
)

cell = st.sampled_from([0.0, 1.0, nan])
known = st.sampled_from([0.0, 1.0])
units_of = st.lists(st.tuples(cell, cell), min_size=1, max_size=6)
# 13 units, five with the event; three of these are said to have the factor, nothing else is said
Y = np.array([0] * 8 + [1] * 5, dtype=float)
X = np.array([nan] * 8 + [1, 1, 1, nan, nan])
# two units without the event are known from elsewhere to have it
FACTS = np.where(np.arange(13) < 2, 1.0, X)


def vectors(units: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([u[0] for u in units]), np.array([u[1] for u in units])


def shares(y: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    return y[x == 1].mean(), y[x == 0].mean()


def under_assumptions(
    y: np.ndarray, x: np.ndarray, full: bool, rate: tuple[float, float]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Every completion of outcome and factor that the assumptions allow.

    Full reporting rules out a unit with the event whose cause is there and was not reported, also
    where the event itself is unknown.
    """
    read = np.where(np.isnan(x) & (y == 1), 0.0, x) if full else x
    open_cells = np.isnan(read)
    total = int(open_cells.sum())
    fewest, most = ceil(rate[0] * total - 1e-12), floor(rate[1] * total + 1e-12)
    return [
        (outcome, filled)
        for filled in filled_in(read)
        if fewest <= filled[open_cells].sum() <= most
        for outcome in filled_in(y)
        if not (full and ((outcome == 1) & (filled == 1) & np.isnan(x)).any())
    ]


@given(units_of, st.floats(0, 1), st.floats(0, 1), st.booleans())
@settings(max_examples=300, deadline=None)
def test_assumptions_equal_brute_force(
    units: list[tuple[float, float]], a: float, b: float, full: bool
) -> None:
    y, x = vectors(units)
    rate = min(a, b), max(a, b)
    every = under_assumptions(y, x, full, rate)
    both = [shares(outcome, f) for outcome, f in every if 0 < f.sum() < len(f)]
    found = risk_difference(y, x, full_reporting=full, base_rate=rate)
    if not both:
        assert isinstance(found, NotEstimable)
    else:
        assert isinstance(found, Bounds)
        differences = [first - second for first, second in both]
        assert found.ends == pytest.approx((min(differences), max(differences)))


def test_full_reporting_rules_out_an_unreported_cause_of_an_unknown_event() -> None:
    found = risk_difference([nan, nan, 0], [nan, 0, nan], full_reporting=True)
    assert isinstance(found, Bounds)
    assert found.ends == (-1, 0)


@given(units_of)
@settings(deadline=None)
def test_what_leaves_a_group_empty_is_excluded_and_counted(
    units: list[tuple[float, float]],
) -> None:
    y, x = vectors(units)
    found = risk_difference(y, x)
    empty = sum(filled.min() == filled.max() for filled in filled_in(x))
    assert isinstance(found, NotEstimable) or found.excluded == empty


def ends(found: Bounds | NotEstimable) -> tuple[float, float]:
    assert isinstance(found, Bounds)
    return round(found.lower, 3), round(found.upper, 3)


def test_leadership_under_each_assumption() -> None:
    assert ends(risk_difference(Y, X)) == (-0.727, 1.0)
    assert ends(risk_difference(Y, X, full_reporting=True)) == (-0.727, 0.8)
    assert ends(risk_difference(Y, FACTS, full_reporting=True)) == (-0.727, 0.35)
    assert ends(risk_difference(Y, X, base_rate=(0.2, 0.7))) == (-0.367, 1.0)


def test_a_cause_reported_for_one_alone_under_full_reporting() -> None:
    one = np.where(np.arange(13) == 8, 1.0, nan)
    assert ends(risk_difference(Y, one, full_reporting=True)) == (-0.889, 0.667)


def test_a_base_rate_without_a_whole_number_is_not_estimable() -> None:
    found = risk_difference(Y, X, base_rate=(0.31, 0.39))
    assert isinstance(found, NotEstimable)
    assert "no whole number of 10" in str(found)


@pytest.mark.parametrize("rate", [(0.7, 0.2), (-0.1, 0.5), (0.5,), "ab", (0, nan)])
def test_a_base_rate_that_is_no_range_is_refused(rate: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="base_rate"):
        risk_difference(Y, X, base_rate=rate)


def test_an_open_list_of_outcomes() -> None:
    """Unit type: 6 cities, 7 others; the five unnamed of two batches unknown, then all eight."""
    other = np.array([0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1], dtype=float)
    five = np.where(np.arange(13) < 5, nan, Y)
    assert ends(risk_difference(five, other)) == (0.048, 0.857)
    every = np.where(Y == 0, nan, Y)
    assert ends(risk_difference(every, other)) == (-0.286, 1.0)


def test_the_whole_tipping_curve() -> None:
    curve = tipping(Y, X)
    expected = [0.80, 0.53, 0.35, 0.21, 0.10, -0.03, -0.17, -0.37, -0.73]
    assert list(curve["difference"]) == pytest.approx(expected, abs=0.00501)
    assert [round(p, 3) for p in curve["p_value"]] == [
        0.035, 0.217, 0.293, 0.592, 1, 1, 1, 0.51, 0.128,
    ]  # fmt: skip
    both = tipping(Y, X, unknown_if_event=1)
    assert both["difference"].min() > 0
    assert both.attrs["excluded"] == 1


def test_the_range_of_p_equals_brute_force() -> None:
    found = p_range(Y, X)
    assert isinstance(found, PRange)
    assert (round(found.lower, 4), found.upper) == (0.0008, 1.0)
    every = []
    for filled in filled_in(X):
        test = fisher_of(Y, filled)
        if not isinstance(test, NotEstimable):
            every.append(test.p_value)
    assert (found.lower, found.upper) == pytest.approx((min(every), max(every)))


def test_the_chance_of_as_many_reports() -> None:
    found = [round(chance_of_reports(3, 5, q), 3) for q in (0.3, 0.5, 0.693)]
    assert found == [0.163, 0.5, 0.828]
    assert chance_of_reports(0, 5, 0.1) == 1


def test_the_base_rate_curve_equals_weighing_every_completion() -> None:
    y, x = np.array([1.0, 1, 0, 0, 0]), np.array([1.0, nan, nan, nan, 0.0])
    for q in (0.0, 0.3, 1.0):
        mean = positive = small = total = 0.0
        for filled in filled_in(x):
            ones = filled[np.isnan(x)].sum()
            weight = q**ones * (1 - q) ** (3 - ones)
            first, second = shares(y, filled)
            test = fisher_of(y, filled)
            assert not isinstance(test, NotEstimable)
            total += weight
            mean += weight * (first - second)
            positive += weight * (first > second)
            small += weight * (test.p_value <= 0.5)
        row = base_rate_curve(y, x, [q], level=0.5).iloc[0]
        assert row["mean_difference"] == pytest.approx(mean)
        assert row["positive"] == pytest.approx(positive)
        assert row["small_p"] == pytest.approx(small)
        assert row["excluded"] == pytest.approx(1 - total, abs=1e-12)


def test_a_base_rate_that_leaves_a_group_empty_for_certain_is_said() -> None:
    row = base_rate_curve(Y, X, [1.0]).iloc[0]
    assert row["excluded"] == 1
    assert np.isnan(row["mean_difference"])


def test_what_one_answer_is_worth() -> None:
    frame = cell_values(Y, X, share=0.3)
    named, others = frame[frame["outcome"] == 1].iloc[0], frame[frame["outcome"] == 0].iloc[0]
    assert (named["cells"], others["cells"]) == (2, 8)
    assert [round(others[c], 3) for c in ("if_zero", "if_one")] == [0.361, 0.167]
    assert [round(named[c], 3) for c in ("if_zero", "if_one")] == [0.111, 0.061]
    assert others["mean"] == pytest.approx(0.7 * others["if_zero"] + 0.3 * others["if_one"])


@given(st.lists(st.tuples(known, cell), min_size=2, max_size=6))
@settings(max_examples=100, deadline=None)
def test_an_answer_never_widens(units: list[tuple[float, float]]) -> None:
    frame = cell_values(*vectors(units))
    gains = frame[["if_zero", "if_one"]].to_numpy()
    assert (np.isnan(gains) | (gains >= -1e-12)).all()


def test_an_answer_that_leaves_nothing_to_compare_has_no_worth() -> None:
    row = cell_values([1.0, 0.0], [0.0, nan]).iloc[0]
    assert np.isnan(row["if_zero"])
    assert row["if_one"] == 0


def test_settling_with_facts_asks_four_of_six() -> None:
    found = settling(Y, FACTS, others_only=True)
    assert not isinstance(found, NotEstimable)
    assert (found.answers, found.among_others) == (4, 4)
    assert round(found.lower, 3) == 0.095


def test_settling_of_many_units_halves() -> None:
    random = np.random.default_rng(2)
    y = (random.random(400) < 0.4).astype(float)
    x = np.where(random.random(400) < 0.8, nan, (random.random(400) < 0.5).astype(float))
    found = settling(y, x, others_only=True)
    assert not isinstance(found, NotEstimable)
    open_others = np.flatnonzero(np.isnan(x) & (y == 0))

    def signs(answers: int) -> list[bool]:
        """Whether so many answers fix the sign, all 0 and all 1."""
        fixed = []
        for answer in (0.0, 1.0):
            filled = x.copy()
            filled[open_others[:answers]] = answer
            left = risk_difference(y, filled)
            assert isinstance(left, Bounds)
            fixed.append(left.lower > 1e-12 or left.upper < -1e-12)
        return fixed

    assert any(signs(found.answers))
    assert not any(signs(found.answers - 1))


def test_smallest_p_with_five_of_thirteen() -> None:
    least = [round(fisher([[k, 0], [5 - k, 8]]).p_value, 3) for k in (1, 2, 3, 4)]
    assert least == [0.385, 0.128, 0.035, 0.007]


anything = st.one_of(
    st.none(),
    st.floats(),
    st.text(max_size=2),
    st.lists(
        st.one_of(st.floats(), st.integers(-3, 3), st.none(), st.text(max_size=1)), max_size=4
    ),
    st.lists(st.lists(st.integers(-2, 4), max_size=3), max_size=4),
)


@given(anything, anything)
@settings(max_examples=300, deadline=None)
def test_bad_input_ends_in_value_errors_alone(first: object, second: object) -> None:
    functions = (
        risk_difference, completions, tipping, p_range,
        settling, cell_values, fisher_of, rank_sum,
    )  # fmt: skip
    for function in functions:
        try:
            function(first, second)  # type: ignore[operator]
        except ValueError as error:
            assert "allowed" in str(error) or "not numbers" in str(error)  # noqa: PT017
    for of_table in (fisher, boschloo, freeman_halton):
        try:
            of_table(first)  # type: ignore[operator]
        except ValueError as error:
            assert "table" in str(error)  # noqa: PT017


def asked_in_every_way(y: np.ndarray, x: np.ndarray, share: float) -> list[float]:
    """How probable it is that the sign is known after k answers: all cells to ask, all answers."""
    unknown, chances = np.flatnonzero(np.isnan(x)), []
    for k in range(len(unknown) + 1):
        ways, known = list(combinations(unknown, k)), 0.0
        for asked, answers in product(ways, product((0.0, 1.0), repeat=k)):
            filled = x.copy()
            filled[list(asked)] = answers
            found = risk_difference(y, filled)
            if isinstance(found, Bounds) and (found.lower > 1e-12 or found.upper < -1e-12):
                known += share ** sum(answers) * (1 - share) ** (k - sum(answers)) / len(ways)
        chances.append(known)
    return chances


@given(st.lists(st.tuples(known, cell), min_size=2, max_size=7), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_the_chance_to_settle_is_that_of_every_way_to_ask_and_answer(
    units: list[tuple[float, float]], share: float
) -> None:
    y, x = vectors(units)
    found = settling_chance(y, x, share)
    assert not isinstance(found, NotEstimable)
    assert found.tolist() == pytest.approx(asked_in_every_way(y, x, share), abs=1e-12)


def test_the_fewest_answers_are_a_best_case() -> None:
    fewest, chance = settling(Y, FACTS), settling_chance(Y, FACTS)
    assert not isinstance(fewest, NotEstimable)
    assert not isinstance(chance, NotEstimable)
    assert fewest.answers == 2
    # the two named of which nothing is said, of all pairs of eight, both with it
    assert chance[1] == 0
    assert chance[2] == pytest.approx(1 / 28 / 4)
    assert (chance.diff().dropna() >= 0).all()
    assert chance.index[chance >= 0.5][0] == 6
    many = np.tile(Y, 10), np.tile(X, 10)
    assert isinstance(settling_chance(*many), NotEstimable)
