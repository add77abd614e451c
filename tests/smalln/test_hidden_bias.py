"""A bias towards one group: as all ways to pick units say, and as scipy says."""

from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher

from smalln import NotEstimable, fisher, odds_to_pass, under_bias

# five named of seven, none of six
LEAD = [[5, 2], [0, 6]]
counts = st.lists(st.integers(0, 6), min_size=4, max_size=4)


def picked(table: list[list[int]], odds: float) -> float:
    """The chance of as many events or more in the favoured group, over all ways to pick events.

    Units are picked independently, with one odds in the other group and `odds` times these in the
    favoured one; which odds does not matter once their number is given.
    """
    (a, b), (c, d) = table
    events, total, extreme = a + c, 0.0, 0.0
    for chosen in combinations(range(a + b + c + d), events):
        inside = sum(unit < a + b for unit in chosen)
        total += odds**inside
        extreme += odds**inside * (inside >= a)
    return extreme / total


@pytest.mark.parametrize("odds", [0.5, 1.0, 1.7, 4.0])
@pytest.mark.parametrize("table", [LEAD, [[3, 0], [2, 5]], [[2, 3], [1, 4]]])
def test_p_is_that_of_all_ways_to_pick(table: list[list[int]], odds: float) -> None:
    (p,) = under_bias(table, [odds])["p_value"]
    assert p == pytest.approx(picked(table, odds), rel=1e-12)


@given(counts, st.floats(0.05, 20))
@settings(max_examples=60, deadline=None)
def test_p_is_that_of_scipy(cells: list[int], odds: float) -> None:
    a, b, c, d = cells
    if 0 in (a + b, c + d, a + c, b + d):
        return
    if a * (c + d) < c * (a + b):
        a, b, c, d = c, d, a, b
    (p,) = under_bias([cells[:2], cells[2:]], [odds])["p_value"]
    expected = nchypergeom_fisher.sf(a - 1, a + b + c + d, a + b, a + c, odds)
    assert p == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_without_a_bias_it_is_the_one_sided_exact_test() -> None:
    row = under_bias(LEAD, [1.0]).iloc[0]
    assert row["p_value"] == pytest.approx(fisher(LEAD, "greater").p_value)
    assert row["doubled"] == pytest.approx(2 * row["p_value"])


def test_the_lead_passes_the_level_where_non_cities_are_favoured_by_1_7() -> None:
    odds = odds_to_pass(LEAD)
    assert isinstance(odds, float)
    # 21 w**5 / (sum of C(7, k) C(6, 5 - k) w**k) = .05
    assert odds == pytest.approx(1.71, abs=5e-3)
    assert under_bias(LEAD, [odds])["p_value"].iloc[0] == pytest.approx(0.05)
    doubled = odds_to_pass(LEAD, 0.025)
    assert doubled == pytest.approx(1.21, abs=5e-3)
    assert under_bias(LEAD, [doubled])["doubled"].iloc[0] == pytest.approx(0.05)
    # whichever row is the favoured group
    assert odds_to_pass(LEAD[::-1]) == odds


def test_p_rises_with_the_odds_for_ten_units_or_a_million() -> None:
    odds = np.linspace(0.2, 5, 30)
    for table in (LEAD, [[300_000, 700_000], [299_000, 701_000]]):
        assert (np.diff(under_bias(table, odds)["p_value"]) >= 0).all()


@pytest.mark.parametrize("table", [[[1, 4], [1, 5]], [[0, 5], [0, 6]], [[5, 0], [0, 0]]])
def test_what_is_above_the_level_needs_no_bias(table: list[list[int]]) -> None:
    assert isinstance(odds_to_pass(table), NotEstimable)


@pytest.mark.parametrize("odds", [[0.0], [-1.0], [inf], [float("nan")], ["x"]])
def test_odds_are_positive_numbers(odds: list[object]) -> None:
    with pytest.raises(ValueError, match="odds: "):
        under_bias(LEAD, odds)  # type: ignore[arg-type]


def test_no_p_is_0_however_far_apart_the_groups_are() -> None:
    p = under_bias([[4155, 4903], [805463, 8507517]], [1.0, 1.1, 2.0]).p_value
    assert (p > 0).all()
