"""Agreement equals its definition."""

from itertools import permutations

import pytest

from analysis.methods.agreement import Alpha, equal, nominal_alpha
from analysis.methods.result import NotEstimable


def by_definition(ratings: list[list[str]]) -> float:
    """Krippendorff (2011): 1 - observed over expected disagreement, from pairs of values."""
    units = list(zip(*ratings, strict=True))
    m, every = len(ratings), [v for unit in units for v in unit]
    observed = sum(a != b for unit in units for a, b in permutations(unit, 2)) / (m - 1)
    expected = sum(a != b for a, b in permutations(every, 2)) / (len(every) - 1)
    return 1 - observed / expected


def test_alpha_equals_its_definition() -> None:
    ratings = [list("123321412"), list("123322412"), list("123324412")]
    found = nominal_alpha(ratings)
    assert isinstance(found, Alpha)
    assert found.value == pytest.approx(by_definition(ratings))
    assert found.units == 9


def test_nothing_that_varies_is_not_estimable() -> None:
    found = nominal_alpha([["silent"] * 5] * 3)
    assert isinstance(found, NotEstimable)
    assert "nothing varies" in found.reason
    assert found.reason_zh


def test_equal_counts_units_on_which_all_agree() -> None:
    assert equal([["a", "b", "c"], ["a", "b", "d"], ["a", "x", "c"]]) == 1


@pytest.mark.parametrize("ratings", [[["a"]], [["a"], ["a", "b"]], [[], []]])
def test_ragged_or_single_ratings_are_refused(ratings: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="2 coders or more"):
        equal(ratings)
