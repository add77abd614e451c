"""Intervals equal R's, invert their tests, and refuse what is no count."""

import json
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from analysis.methods import intervals
from analysis.methods.intervals import Interval
from analysis.methods.result import NotEstimable

FIXTURES = Path(__file__).parents[1] / "fixtures" / "methods"
SHARES = json.loads((FIXTURES / "proportion_ci.json").read_text())["rows"]
TABLES: list[dict[str, Any]] = json.loads((FIXTURES / "exact_2x2.json").read_text())["tables"]
IDS = [case["id"] for case in TABLES]
sizes = st.integers(1, 14)


def ends(found: Interval | NotEstimable) -> tuple[float, float]:
    assert isinstance(found, Interval)
    return found.lower, found.upper


def groups(case: dict[str, Any]) -> tuple[int, int, int, int]:
    (a, b), (c, d) = case["table"]
    return a, a + b, c, c + d


@pytest.mark.parametrize("row", SHARES, ids=[f"{r['x']}-of-{r['n']}" for r in SHARES])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson"])
def test_shares_equal_r(row: dict[str, Any], method: Any) -> None:
    found = intervals.share(row["x"], row["n"], method)
    assert ends(found) == pytest.approx(row[method.replace("-", "_")], abs=1e-9)


@pytest.mark.parametrize("case", TABLES, ids=IDS)
def test_differences_equal_r(case: dict[str, Any]) -> None:
    score = intervals.risk_difference(*groups(case))
    hybrid = intervals.risk_difference(*groups(case), method="newcombe")
    assert ends(score) == pytest.approx(case["miettinen_nurminen_or_score_ci"], abs=1e-6)
    assert ends(hybrid) == pytest.approx(case["newcombe_ci"], abs=1e-9)


@pytest.mark.parametrize("case", TABLES, ids=IDS)
def test_ratios_equal_r(case: dict[str, Any]) -> None:
    x1, n1, x2, n2 = groups(case)
    # where a whole group are events, R's bounds are good to 3e-4 only
    good = 3e-4 if x1 == n1 or x2 == n2 else 1e-6
    expected = [inf if end is None else end for end in case["koopman_rr_ci"]]
    assert ends(intervals.risk_ratio(x1, n1, x2, n2)) == pytest.approx(expected, rel=good, abs=good)


def restricted_score(x1: int, n1: int, x2: int, n2: int, ratio: float) -> float:
    """Koopman's chi-square with the restricted shares found by search, not by formula."""

    def minus_log(p2: float) -> float:
        p = np.clip([ratio * p2, p2], 1e-300, 1 - 1e-16)
        events, others = np.array([x1, x2]), np.array([n1 - x1, n2 - x2])
        return -float((events * np.log(p) + others * np.log1p(-p)).sum())

    top = min(1.0, 1 / ratio)
    p2 = minimize_scalar(minus_log, bounds=(0, top), method="bounded", options={"xatol": 1e-13}).x
    p1 = ratio * p2
    return (x1 - n1 * p1) ** 2 / (n1 * p1 * (1 - p1)) + (x2 - n2 * p2) ** 2 / (n2 * p2 * (1 - p2))


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2"), [(3, 3, 2, 10), (3, 3, 2, 4), (5, 7, 1, 6), (4, 9, 9, 12)]
)
def test_the_ends_of_a_ratio_are_where_the_restricted_likelihood_rejects(
    x1: int, n1: int, x2: int, n2: int
) -> None:
    for end in ends(intervals.risk_ratio(x1, n1, x2, n2)):
        assert restricted_score(x1, n1, x2, n2, end) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-4)


@given(sizes, sizes, st.data())
@settings(max_examples=150, deadline=None)
def test_an_interval_holds_what_was_seen_and_mirrors(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    seen = x1 / n1 - x2 / n2
    for method in ("miettinen-nurminen", "newcombe"):
        lower, upper = ends(intervals.risk_difference(x1, n1, x2, n2, method))
        assert -1 - 1e-9 <= lower <= seen + 1e-9
        assert seen - 1e-9 <= upper <= 1 + 1e-9
        swapped = ends(intervals.risk_difference(x2, n2, x1, n1, method))
        assert swapped == pytest.approx((-upper, -lower), abs=1e-7)
    ratio = intervals.risk_ratio(x1, n1, x2, n2)
    if x1 == x2 == 0:
        assert isinstance(ratio, NotEstimable)
        return
    lower, upper = ends(ratio)
    assert lower <= (inf if x2 == 0 else (x1 / n1) / (x2 / n2)) * (1 + 1e-7)
    back = ends(intervals.risk_ratio(x2, n2, x1, n1))
    assert back[0] == pytest.approx(0 if upper == inf else 1 / upper, rel=1e-6)


def test_a_higher_level_is_wider() -> None:
    for narrow, wide in ((0.8, 0.95), (0.95, 0.999)):
        inner, outer = (
            ends(intervals.risk_difference(3, 9, 1, 8, level=v)) for v in (narrow, wide)
        )
        assert outer[0] < inner[0] < inner[1] < outer[1]


def test_clopper_pearson_never_covers_less_than_its_level() -> None:
    n, shares = 13, np.linspace(0.005, 0.995, 199)
    found = [ends(intervals.share(x, n, "clopper-pearson")) for x in range(n + 1)]
    from scipy.stats import binom

    for p in shares:
        inside = [lower <= p <= upper for lower, upper in found]
        assert binom.pmf(np.arange(n + 1), n, p)[inside].sum() >= 0.95


@pytest.mark.parametrize(
    "arguments", [(-1, 5), (6, 5), (0, 0), (1.5, 5), (True, 2), (1, float("nan")), ("1", 5)]
)
def test_what_is_no_count_is_refused(arguments: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="allowed: whole numbers"):
        intervals.share(*arguments)
    for function in (intervals.risk_difference, intervals.risk_ratio):
        with pytest.raises(ValueError, match="x2, n2"):
            function(1, 2, *arguments)


def test_levels_and_methods_are_checked() -> None:
    for function, counts in product(
        (intervals.risk_difference, intervals.risk_ratio), [(1, 3, 2, 4)]
    ):
        with pytest.raises(ValueError, match="level"):
            function(*counts, level=95)
        with pytest.raises(ValueError, match="method"):
            function(*counts, method="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="method"):
        intervals.share(1, 3, "wald")  # type: ignore[arg-type]
