"""Wilson intervals equal R's; agreement equals its definition."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from analysis.methods.agreement import Alpha, equal, nominal_alpha
from analysis.methods.intervals import wilson
from analysis.methods.result import NotEstimable

FIXTURES = Path(__file__).parents[1] / "fixtures" / "methods"
SHARES = json.loads((FIXTURES / "proportion_ci.json").read_text())["rows"]


@pytest.mark.parametrize("row", SHARES, ids=[f"{r['x']}-of-{r['n']}" for r in SHARES])
def test_wilson_equals_r(row: dict[str, float]) -> None:
    found = wilson(int(row["x"]), int(row["n"]))
    assert (found.lower, found.upper) == pytest.approx(row["wilson"], abs=1e-9)


@pytest.mark.parametrize(
    ("count", "of", "level"), [(-1, 5, 0.95), (6, 5, 0.95), (0, 0, 0.95), (1, 5, 95)]
)
def test_wilson_refuses_what_is_no_share(count: int, of: int, level: float) -> None:
    with pytest.raises(ValueError, match="allowed"):
        wilson(count, of, level)


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
