"""A comparison is a value with its test where all is known, else bounds; and what undoes it."""

from math import nan

import numpy as np
import pytest

from smalln import (
    Comparison,
    compare,
    counts,
    mentioned_for,
    one_more,
    tipping,
)

Y = np.array([0] * 8 + [1] * 5, dtype=float)
X = np.array([nan] * 8 + [1, 1, 1, nan, nan])


def test_unknown_cells_give_bounds_without_a_test() -> None:
    found = compare(Y, X)
    assert isinstance(found, Comparison)
    assert found.ends == pytest.approx((-8 / 11, 1))
    assert found.difference is None
    assert found.test is None


@pytest.mark.parametrize("x", [[1, 0, 0], [1, nan, 0], [nan, nan, nan]])
def test_where_every_unit_has_the_same_outcome_nothing_is_compared(x: list[float]) -> None:
    for y in ([1, 1, 1], [0, 0, 0]):
        assert "same outcome" in str(compare(y, x))


def test_silence_read_as_no_gives_the_smallest_p_there_can_be() -> None:
    found = compare(Y, np.nan_to_num(X))
    assert isinstance(found, Comparison)
    assert found.test is not None
    # three with the factor, all with the event: C(5,3) / C(13,3) = 10 / 286
    assert found.difference == pytest.approx(0.8)
    assert found.test.p_value == pytest.approx(10 / 286)
    assert found.test.p_smallest == pytest.approx(10 / 286)


@pytest.mark.parametrize(("had", "k", "p"), [(0, 1, 0.217), (1, 3, 0.075)])
def test_so_few_unreported_cases_undo_a_small_p(had: int, k: int, p: float) -> None:
    curve = tipping(Y, X, had)
    first = curve[curve["p_value"] > 0.05].iloc[0]
    assert first["k"] == k
    assert first["p_value"] == pytest.approx(p, abs=5e-4)


def test_any_cause_mentioned_for_three_gives_the_same_p() -> None:
    found = mentioned_for(Y, 3)
    assert found.difference == pytest.approx(0.8)
    assert [round(p, 3) for p in found.by_count[:4]] == [0.385, 0.128, 0.035, 0.007]
    assert found.p_value == found.by_count[2]
    assert mentioned_for(Y, 0).p_value is None


def test_one_more_event_on_the_empty_side() -> None:
    # six cities, of which four may hold an unnamed event; seven others with five events
    y = np.array([nan, nan, nan, nan, 0, 0, 1, 1, 1, 1, 1, nan, 0])
    x = np.array([0] * 6 + [1] * 7, dtype=float)
    found = one_more(y, x)
    assert found.counts == {"a": 5, "ab": 7, "c": 1, "cd": 6, "open": 4}
    assert found.p_value == pytest.approx(0.103, abs=5e-4)


def test_counts_leave_out_units_with_an_unknown_factor() -> None:
    assert counts([1, 0, 1, 0], [1, 1, 0, nan]) == {"a": 1, "ab": 2, "c": 1, "cd": 1}
