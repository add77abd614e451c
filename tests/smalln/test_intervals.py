"""Intervals equal R's, invert their tests, and refuse what is no count."""

import json
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product
from math import inf, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, norm

from smalln import (
    Interval,
    NotEstimable,
    risk_difference_interval,
    risk_ratio_interval,
    share_interval,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "smalln"
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
    found = share_interval(row["x"], row["n"], method)
    assert ends(found) == pytest.approx(row[method.replace("-", "_")], abs=1e-9)


@pytest.mark.parametrize("case", TABLES, ids=IDS)
def test_differences_equal_r(case: dict[str, Any]) -> None:
    score = risk_difference_interval(*groups(case))
    hybrid = risk_difference_interval(*groups(case), method="newcombe")
    assert ends(score) == pytest.approx(case["miettinen_nurminen_or_score_ci"], abs=1e-6)
    assert ends(hybrid) == pytest.approx(case["newcombe_ci"], abs=1e-9)


@pytest.mark.parametrize("case", TABLES, ids=IDS)
def test_ratios_equal_r(case: dict[str, Any]) -> None:
    x1, n1, x2, n2 = groups(case)
    # where a whole group are events, R's bounds are good to 3e-4 only
    good = 3e-4 if x1 == n1 or x2 == n2 else 1e-6
    expected = [inf if end is None else end for end in case["koopman_rr_ci"]]
    assert ends(risk_ratio_interval(x1, n1, x2, n2)) == pytest.approx(expected, rel=good, abs=good)


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
    for end in ends(risk_ratio_interval(x1, n1, x2, n2)):
        assert restricted_score(x1, n1, x2, n2, end) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-4)


def restricted(
    counts: tuple[int, ...],
    first: Callable[[Decimal], Decimal],
    slope: Decimal,
    low: Decimal,
    high: Decimal,
) -> tuple[Decimal, Decimal]:
    """The likeliest shares if the first is a function, of that slope, of the second: by halving."""
    x1, n1, x2, n2 = counts
    for _ in range(165):
        p2 = (low + high) / 2
        p1, up = first(p2), Decimal(0)
        for x, n, p, weight in ((x1, n1, p1, slope), (x2, n2, p2, Decimal(1))):
            up += weight * (x / p if x else 0) - weight * ((n - x) / (1 - p) if n > x else 0)
        low, high = (p2, high) if up > 0 else (low, p2)
    return first(low), low


def exact_ratio_score(counts: tuple[int, ...], ratio: Decimal) -> Decimal:
    x1, n1, x2, n2 = counts
    p1, p2 = restricted(counts, lambda p: ratio * p, ratio, Decimal(0), min(Decimal(1), 1 / ratio))
    spread = p1 * (1 - p1) / n1 + ratio**2 * p2 * (1 - p2) / n2
    return (Decimal(x1) / n1 - ratio * x2 / n2) / spread.sqrt()


def exact_difference_score(counts: tuple[int, ...], difference: Decimal) -> Decimal:
    x1, n1, x2, n2 = counts
    low, high = max(Decimal(0), -difference), min(Decimal(1), 1 - difference)
    p1, p2 = restricted(counts, lambda p: p + difference, Decimal(1), low, high)
    spread = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
    return (Decimal(x1) / n1 - Decimal(x2) / n2 - difference) / spread.sqrt()


def crossing(score: Callable[[Decimal], Decimal], near: float, aim: float, by: float) -> float:
    """Where a falling score passes `aim`, sought by halving within `by` of a value."""
    low, high = Decimal(near) - Decimal(by), Decimal(near) + Decimal(by)
    assert score(low) > Decimal(aim) > score(high)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > Decimal(aim) else (low, middle)
    return float(low)


LARGE = [
    (19741, 19741, 28113, 28114),
    (30000, 30000, 24000, 24000),
    (26039, 26039, 18201, 18204),
    (52240, 52240, 95572, 95575),
    (999_999, 1_000_000, 0, 700),
    (3, 2_000_000, 1, 5_000_000),
    (17, 40, 499_998, 500_000),
]


@pytest.mark.parametrize("counts", LARGE)
def test_ends_of_large_groups_are_where_fifty_digits_put_them(counts: Any) -> None:
    z = float(norm.isf(0.025))
    with localcontext() as context:
        context.prec = 50
        found = ends(risk_difference_interval(*counts))
        for end, aim in zip(found, (z, -z), strict=True):
            near = min(1e-6, (found[1] - found[0]) / 100, (1 - abs(end)) / 2)
            exact = crossing(lambda d: exact_difference_score(counts, d), end, aim, near)
            assert end == pytest.approx(exact, abs=1e-12)
        for end, aim in zip(ends(risk_ratio_interval(*counts)), (z, -z), strict=True):
            if end < inf:
                exact = crossing(lambda r: exact_ratio_score(counts, r), end, aim, end * 1e-6)
                assert end == pytest.approx(exact, rel=1e-12)


def test_the_ratio_of_groups_that_are_all_events_has_a_closed_form() -> None:
    # no restricted share but 1 and the ratio: the score is n (ratio - 1), n of the larger's group
    z2 = Fraction(float(chi2.ppf(0.95, 1)))
    expected = (float(1 / (1 + z2 / 30000)), float(1 + z2 / 24000))
    found = ends(risk_ratio_interval(30000, 30000, 24000, 24000))
    assert found == pytest.approx(expected, rel=1e-13)


@given(
    st.integers(1, 10**12),
    st.integers(1, 10**12),
    st.sampled_from((1e-6, 0.5, 0.95, 1 - 1e-9)),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_any_counts_and_level_give_ends_around_what_was_seen(
    n1: int, n2: int, level: float, data: st.DataObject
) -> None:
    few = st.integers(0, min(n1, n2, 5))
    x1, x2 = (
        data.draw(st.one_of(st.integers(0, n), few, few.map(lambda k, n=n: n - k)))
        for n in (n1, n2)
    )
    lower, upper = ends(risk_difference_interval(x1, n1, x2, n2, level=level))
    assert -1 <= lower <= float(Fraction(x1, n1) - Fraction(x2, n2)) + 1e-15
    assert lower <= upper <= 1
    if x1 and x2:
        lower, upper = ends(risk_ratio_interval(x1, n1, x2, n2, level=level))
        seen = float(Fraction(x1 * n2, x2 * n1))
        assert log(lower) <= log(seen) + 1e-15
        assert log(upper) >= log(seen) - 1e-15


WIDTHS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("times", [1, 200])
def test_the_width_of_an_integer_does_not_matter(width: Any, times: int) -> None:
    counts = (100 * times, 120 * times, 50 * times, 120 * times)
    if counts[1] > np.iinfo(width).max:
        return
    narrow = np.array(counts, dtype=width)
    for function in (risk_difference_interval, risk_ratio_interval):
        assert function(*narrow) == function(*counts)
    assert risk_difference_interval(*narrow, method="newcombe") == risk_difference_interval(
        *counts, method="newcombe"
    )
    assert share_interval(narrow[0], narrow[1]) == share_interval(counts[0], counts[1])
    if times == 1:
        assert ends(risk_difference_interval(*narrow)) == pytest.approx((0.3008, 0.5213), abs=5e-5)


def test_a_difference_ends_at_one() -> None:
    for n1, n2 in product(range(1, 30), repeat=2):
        assert ends(risk_difference_interval(n1, n1, 0, n2, "newcombe"))[1] <= 1
        assert ends(risk_difference_interval(0, n1, n2, n2, "newcombe"))[0] >= -1


@given(sizes, sizes, st.data())
@settings(max_examples=150, deadline=None)
def test_an_interval_holds_what_was_seen_and_mirrors(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    seen = x1 / n1 - x2 / n2
    for method in ("miettinen-nurminen", "newcombe"):
        lower, upper = ends(risk_difference_interval(x1, n1, x2, n2, method))
        assert -1 - 1e-9 <= lower <= seen + 1e-9
        assert seen - 1e-9 <= upper <= 1 + 1e-9
        swapped = ends(risk_difference_interval(x2, n2, x1, n1, method))
        assert swapped == pytest.approx((-upper, -lower), abs=1e-7)
    ratio = risk_ratio_interval(x1, n1, x2, n2)
    if x1 == x2 == 0:
        assert isinstance(ratio, NotEstimable)
        return
    lower, upper = ends(ratio)
    assert lower <= (inf if x2 == 0 else (x1 / n1) / (x2 / n2)) * (1 + 1e-7)
    back = ends(risk_ratio_interval(x2, n2, x1, n1))
    assert back[0] == pytest.approx(0 if upper == inf else 1 / upper, rel=1e-6)


def test_a_higher_level_is_wider() -> None:
    for narrow, wide in ((0.8, 0.95), (0.95, 0.999)):
        inner, outer = (ends(risk_difference_interval(3, 9, 1, 8, level=v)) for v in (narrow, wide))
        assert outer[0] < inner[0] < inner[1] < outer[1]


def test_clopper_pearson_never_covers_less_than_its_level() -> None:
    n, shares = 13, np.linspace(0.005, 0.995, 199)
    found = [ends(share_interval(x, n, "clopper-pearson")) for x in range(n + 1)]
    from scipy.stats import binom

    for p in shares:
        inside = [lower <= p <= upper for lower, upper in found]
        assert binom.pmf(np.arange(n + 1), n, p)[inside].sum() >= 0.95


@pytest.mark.parametrize(
    "arguments",
    [
        *((-1, 5), (6, 5), (0, 0), (1.5, 5), (True, 2), (np.True_, 2), (1, float("nan"))),
        *(("1", 5), (1, None), ([1], 5), (10**400, 10**401), (1, 10**5000), (-(10**5000), 3)),
        (1, 10**12 + 1),
    ],
    # pytest would write the longest out
    ids=[f"case-{i}" for i in range(14)],
)
def test_what_is_no_count_is_refused(arguments: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="allowed: whole numbers"):
        share_interval(*arguments)
    for function in (risk_difference_interval, risk_ratio_interval):
        with pytest.raises(ValueError, match="x2, n2"):
            function(1, 2, *arguments)


@pytest.mark.parametrize(
    "level",
    [95, 0, 1, 0.0, 1.0, True, "a", None, [0.9], float("nan"), 1e-17, 0.9999999999999999, -0.5],
)
def test_what_is_no_level_is_refused_by_name(level: Any) -> None:
    for function in (risk_difference_interval, risk_ratio_interval):
        with pytest.raises(ValueError, match=r"^level: .*allowed: a number from 0.000001"):
            function(3, 8, 1, 9, level=level)
    with pytest.raises(ValueError, match=r"^level: "):
        share_interval(3, 8, level=level)


def test_levels_and_methods_are_checked() -> None:
    for function, counts in product(
        (risk_difference_interval, risk_ratio_interval), [(1, 3, 2, 4)]
    ):
        with pytest.raises(ValueError, match="level"):
            function(*counts, level=95)
        with pytest.raises(ValueError, match="method"):
            function(*counts, method="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="method"):
        share_interval(1, 3, "wald")  # type: ignore[arg-type]
