"""Agreement equals its definition."""

from itertools import permutations
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
import pytest

from smalln import Alpha, NotEstimable, nominal_alpha


def by_definition(ratings: list[list[str]]) -> float:
    """Krippendorff (2011): 1 - observed over expected disagreement, from pairs of values."""
    units = list(zip(*ratings, strict=True))
    m, every = len(ratings), [v for unit in units for v in unit]
    observed = sum(a != b for unit in units for a, b in permutations(unit, 2)) / (m - 1)
    expected = sum(a != b for a, b in permutations(every, 2)) / (len(every) - 1)
    return 1 - observed / expected


def test_nominal_alpha_equals_that_of_the_library_and_needs_no_matrix_a_unit() -> None:
    random = np.random.default_rng(1)
    for coders in (2, 3, 5):
        given = random.integers(0, 6, (coders, 40))
        given[1:, ::2] = given[0, ::2]
        ratings = [[f"v{value}" for value in coder] for coder in given.tolist()]
        found = nominal_alpha(ratings)
        assert isinstance(found, Alpha)
        known = krippendorff.alpha(given.astype(float), level_of_measurement="nominal")
        assert found.value == pytest.approx(known, abs=1e-12)
    # 400 values at 5,000 units: a matrix for each unit would take 6 GB
    many = [[str(i % 400) for i in range(5000)] for _ in range(3)]
    assert nominal_alpha(many) == Alpha(1.0, 5000)


def test_alpha_equals_its_definition() -> None:
    ratings = [list("123321412"), list("123322412"), list("123324412")]
    found = nominal_alpha(ratings)
    assert isinstance(found, Alpha)
    assert found.value == pytest.approx(by_definition(ratings))
    assert found.units == 9


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([[1, 2]], "2 coders or more"),
        ([["a"], ["a", "b"]], "2 coders or more"),
        ([[], []], "2 coders or more"),
        ([[["a"]], [["b"]]], "a text or a number a unit"),
        # which of two NaN are the same nobody can tell
        ([[1, float("nan")], [1, 2]], "a text or a number a unit"),
        ([["a", None], ["a", "b"]], "a text or a number a unit"),
        (pd.DataFrame({"a": ["x", pd.NA], "b": ["x", "y"]}), "a text or a number a unit"),
        (None, "ratings: None"),
    ],
)
def test_bad_ratings_are_named(ratings: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        nominal_alpha(ratings)


def test_nothing_that_varies_is_not_estimable() -> None:
    found = nominal_alpha([["silent"] * 5] * 3)
    assert isinstance(found, NotEstimable)
    assert "nothing varies" in found.reason
