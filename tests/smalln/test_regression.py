"""Regressions agree with effects computed here, and refuse where they would mislead."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from smalln import NotEstimable, Regression, ordered_logit, unsuitable
from smalln.suitability import _separated as separated

CITY = np.array([1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0], dtype=float)
NAMED = np.array([0] * 8 + [1] * 5, dtype=float)
CUTS = ([0], [-1, 1])


def simulated(n: int = 2500) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(8)
    x = pd.DataFrame({"size": random.normal(size=n), "zone": random.integers(0, 2, n)})
    latent = 0.6 * x["size"] - 0.9 * x["zone"] + random.logistic(size=n)
    return latent.to_numpy(), x, random.integers(0, 80, n)


def fitted(found: Regression | NotEstimable) -> Regression:
    assert isinstance(found, Regression), found
    return found


def test_a_logit_finds_what_was_put_in() -> None:
    latent, x, clusters = simulated()
    y = (latent > 0).astype(float)
    found = fitted(ordered_logit(y, x, clusters))
    assert (found.n, found.clusters, found.errors) == (2500, 80, "cluster-robust")
    for term, true in (("size", 0.6), ("zone", -0.9)):
        row = found.coefficients.loc[term]
        assert row["lower"] < true < row["upper"]


def test_a_logit_of_two_levels_is_that_of_statsmodels_and_effects_sum_to_nothing() -> None:
    latent, x, clusters = simulated()
    two, groups = (latent > 0).astype(float), {"groups": clusters}
    for of, errors in ((None, {"cov_type": "HC0"}),
                       (clusters, {"cov_type": "cluster", "cov_kwds": groups})):  # fmt: skip
        found = fitted(ordered_logit(two, x, of))
        plain = sm.Logit(two, sm.add_constant(x)).fit(disp=0, tol=1e-12, **errors)
        rows = found.coefficients
        assert rows["estimate"].to_numpy() == pytest.approx(plain.params[1:].to_numpy(), rel=1e-6)
        assert rows["se"].to_numpy() == pytest.approx(plain.bse[1:].to_numpy(), rel=1e-4)
        margins = plain.get_margeff(at="overall", dummy=True)
        effects = found.effects.loc[["size on 1", "zone on 1"]]
        assert effects["estimate"].to_numpy() == pytest.approx(margins.margeff, rel=1e-6)
        assert effects["se"].to_numpy() == pytest.approx(margins.margeff_se, rel=1e-4)
    three = fitted(ordered_logit(np.digitize(latent, [-1, 1]), x))
    for term in x:
        names = [f"{term} on {level}" for level in (0, 1, 2)]
        assert three.effects.loc[names, "estimate"].sum() == pytest.approx(0, abs=1e-9)
    assert list(three.coefficients.index) == ["size", "zone"]


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize(
    ("scale", "offset"),
    [(1e-12, 0), (1e-6, 0), (1e-5, 0), (1e5, 0), (1e12, 0)]
    + [(1, offset) for offset in (2e4, 1e5, 1e7, 1e9)],
)
def test_no_result_depends_on_the_unit_of_a_predictor(
    cuts: list[float], scale: float, offset: float
) -> None:
    latent, x, clusters = simulated(800)
    y = np.digitize(latent, cuts)
    plain = fitted(ordered_logit(y, x, clusters))
    other = fitted(ordered_logit(y, x.assign(size=x["size"] * scale + offset), clusters))
    for before, after in (
        (plain.coefficients, other.coefficients),
        (plain.effects, other.effects),
    ):
        rows = list(before.index)
        factor = np.array([scale if name.startswith("size") else 1.0 for name in rows])
        for column in ("estimate", "se", "lower", "upper"):
            back = after.loc[rows, column].to_numpy() * factor
            assert back == pytest.approx(before.loc[rows, column].to_numpy(), rel=1e-5)
        # a p-value of 1e-20 moves with the square of its statistic
        p_values = (table.loc[rows, "p_value"].to_numpy() for table in (after, before))
        assert next(p_values) == pytest.approx(next(p_values), rel=1e-4)


def newton(y: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A logit and its HC0 covariance by Newton's steps from 0."""
    b = np.zeros(design.shape[1])
    for _ in range(30):
        p = expit(design @ b)
        bread = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))
        b = b + bread @ design.T @ (y - p)
    meat = design.T @ (design * ((y - expit(design @ b)) ** 2)[:, None])
    return b, bread @ meat @ bread


def test_skewed_incomes_in_yuan_are_no_obstacle() -> None:
    random = np.random.default_rng(3)
    log_income = random.normal(10.8, 0.5, 900)
    income = np.exp(log_income)
    y = (log_income - 10.8 + random.logistic(size=900) > 0).astype(float)
    found = fitted(ordered_logit(y, pd.DataFrame({"income": income})))
    # in units of 50,000 yuan Newton's steps lose no digits
    b, covariance = newton(y, np.column_stack([np.ones(900), income / 5e4]))
    row = found.coefficients.loc["income"]
    assert row["estimate"] == pytest.approx(b[1] / 5e4, rel=1e-7)
    p = expit(b[0] + b[1] * income / 5e4)
    assert found.effects.loc["income on 1", "estimate"] == pytest.approx(
        (p * (1 - p)).mean() * b[1] / 5e4, rel=1e-7
    )
    assert found.errors == "HC0"
    assert row["se"] == pytest.approx(np.sqrt(covariance[1, 1]) / 5e4, rel=1e-6)


def test_three_levels_are_where_the_likelihood_written_out_is_largest() -> None:
    latent, x, _ = simulated(900)
    y, values = np.digitize(latent, [-1, 1]), x.to_numpy(dtype=float)

    def chances(at: np.ndarray, moved: np.ndarray) -> np.ndarray:
        below = expit(at[2:] - (moved @ at[:2])[:, None])
        return np.diff(np.column_stack([0 * y, below, 0 * y + 1]), axis=1)

    def minus_log(at: np.ndarray) -> float:
        return -float(np.log(chances(at, values)[np.arange(len(y)), y]).sum())

    best = minimize(
        minus_log,
        [0, 0, -1, 1],
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 5000},
    ).x
    found = fitted(ordered_logit(y, x))
    assert found.coefficients["estimate"].to_numpy() == pytest.approx(best[:2], rel=1e-5)
    up, down = (chances(best, values + np.array([step, 0])) for step in (1e-5, -1e-5))
    slopes = ((up - down) / 2e-5).mean(axis=0)
    on, off = (chances(best, np.column_stack([values[:, 0], 0 * y + at])) for at in (1, 0))
    effects = found.effects["estimate"].to_numpy()
    assert effects == pytest.approx([*slopes, *(on - off).mean(axis=0)], rel=1e-4, abs=1e-7)


def test_too_many_levels_are_refused_before_they_are_fitted() -> None:
    latent, x, _ = simulated(400)
    found = ordered_logit(latent, x)
    assert isinstance(found, NotEstimable)
    assert str(found) == "the outcome has 400 levels: more than 20"


@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (1e-9, 0), (1e12, 0), (1, 1e9)])
def test_separation_does_not_depend_on_units(scale: float, offset: float) -> None:
    x = np.array([[1.0, 5], [2, 3], [3, 9], [4, 1], [5, 7]]) * scale + offset
    assert separated(np.array([0.0, 0, 0, 1, 1]), x)
    assert not separated(np.array([0.0, 1, 0, 1, 0]), x[:, :1])


@pytest.mark.parametrize("function", [ordered_logit, unsuitable])
def test_thirteen_pilots_are_refused_with_every_reason(function: Any) -> None:
    found = function(
        NAMED,
        pd.DataFrame({"city": CITY}),
        clusters=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6],
        figures=[1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1],
    )
    assert isinstance(found, NotEstimable)
    for said in (
        "only 5 of 13 units",
        "separate",
        "clusters or more, and there are 6",
        "share 4 figures",
    ):
        assert said in str(found)
    assert len(found.also) == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(-3, 3), st.integers(-3, 3)),
        min_size=3,
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_separation_equals_trying_directions(units: list[tuple[int, int, int]]) -> None:
    y, x = np.array([u[0] > 0 for u in units], dtype=float), np.array([u[1:] for u in units], float)
    if y.min() == y.max():
        return
    found = separated(y, x)
    # every direction that matters is a normal of two points, or close to one
    angles = np.linspace(0, 2 * np.pi, 7201)
    scores = x @ np.array([np.cos(angles), np.sin(angles)])
    highest_zero = np.where(y[:, None] == 0, scores, -np.inf).max(axis=0)
    lowest_one = np.where(y[:, None] == 1, scores, np.inf).min(axis=0)
    spread = scores.max(axis=0) - scores.min(axis=0)
    tried = bool(((lowest_one - highest_zero >= -1e-9) & (spread > 1e-6)).any())
    if tried:
        assert found
    elif found:
        # exact directions may fall between those tried: the gap is then tiny
        assert (lowest_one - highest_zero).max() > -0.01


def test_a_constant_or_repeated_predictor_is_refused() -> None:
    latent, x, _ = simulated()
    y = (latent > 0).astype(float)
    size = x["size"].to_numpy()
    constants = (np.ones(len(x)), np.full(len(x), 0.1), np.full(len(x), 1e15))
    for extra in (*constants, size * 2, size * 1e12, size + 1e9, 1e9 - size * 1e-3):
        found = unsuitable(y, x.assign(extra=extra))
        assert isinstance(found, NotEstimable)
        assert "follows from the others" in str(found)


@pytest.mark.parametrize("function", [ordered_logit, unsuitable])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"predictors": pd.DataFrame({"a": [1.0, np.nan, 2.0]})}, "predictors: a"),
        ({"predictors": [1, 2, 3]}, "a frame"),
        ({"predictors": pd.DataFrame({"a": [1.0, 2.0]})}, "rows"),
        ({"clusters": [1, 2]}, "clusters"),
        ({"figures": [1, None, 2]}, "figures"),
        ({"clusters": 5}, "clusters"),
        ({"clusters": "abc"}, "clusters"),
        ({"clusters": [[1], [2, 3], [4]]}, "clusters"),
        ({"clusters": [{}, {}, {}]}, "clusters"),
        ({"clusters": [np.ones((2, 2)), np.ones((2, 3)), 1]}, "clusters"),
        ({"figures": {"a": 1}}, "figures"),
        ({"figures": [[1], [2], [3]]}, "figures"),
        ({"figures": [{1}, {2}, {3}]}, "figures"),
        ({"predictors": pd.DataFrame([[1, 2]] * 3, columns=[1, "1"])}, "predictors: columns"),
        ({"predictors": pd.DataFrame({"a": [1e200, 2.0, 1.0]})}, "predictors: a: largest"),
        ({"outcome": [0, 1, np.nan]}, "outcome"),
    ],
)
def test_bad_input_is_named(function: Any, change: dict[str, Any], said: str) -> None:
    good = {"outcome": [0, 1, 1], "predictors": pd.DataFrame({"a": [1.0, 2.0, 1.0]})}
    with pytest.raises(ValueError, match=said):
        function(**{**good, **change})


@pytest.mark.parametrize(
    "level", [2, 0, 1, True, "a", None, [0.9], np.nan, 1e-17, 0.9999999999999999]
)
def test_a_level_that_is_none_is_named(level: Any) -> None:
    with pytest.raises(ValueError, match="level: "):
        ordered_logit([0, 1, 1], pd.DataFrame({"a": [1.0, 2.0, 1.0]}), level=level)
