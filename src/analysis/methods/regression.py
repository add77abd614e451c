"""Regressions for studies with many units; each refuses, with every reason, where it would mislead.

Computed by statsmodels. A constant is added; effects are average marginal effects: the change of
the probability for one unit more of a predictor, for a predictor of 0 and 1 from 0 to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from analysis.methods.checks import binary, finite
from analysis.methods.result import NotEstimable
from analysis.methods.suitability import count_labels, numbers, reasons_against, refused

Floats = NDArray[np.float64]
COLUMNS = ["estimate", "se", "lower", "upper", "p_value"]


@dataclass(frozen=True)
class Regression:
    """A fitted regression.

    `coefficients` and `effects`: one row a term (an ordered logit has an effect on each level; its
    cuts are left out), columns `estimate`, `se`, `lower`, `upper`, `p_value`. `errors`: how
    standard errors were made.
    """

    model: str
    coefficients: pd.DataFrame
    effects: pd.DataFrame
    n: int
    clusters: int | None
    errors: str


def logit(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return a logit of a known outcome of 1 and 0.

    `predictors`: a frame of numbers, one row a unit, no constant. `clusters`: shape (units,), a
    label each, for cluster-robust errors (else HC1). `figures`: shape (units,), a label each for
    the figure that a unit's predictors were taken from: units that share one are one observation.

    Raises:
        ValueError: shapes, values, a level outside (0, 1).
    """
    y, x = binary(outcome, "outcome", missing=False), numbers(predictors)
    reasons = reasons_against(y, x, clusters, figures, level)
    if reasons:
        return refused(reasons)
    fit = sm.Logit(y, sm.add_constant(x, has_constant="add")).fit(disp=0, **_covariance(clusters))
    if not fit.mle_retvals["converged"]:
        return NotEstimable("the likelihood did not converge", "似然估计未收敛")
    margins = fit.get_margeff(at="overall", dummy=True)
    slopes = np.column_stack([margins.margeff, margins.margeff_se])
    effects = _rows(slopes, float(norm.ppf(0.5 + level / 2)))
    return _result("logit", fit, ["const", *_terms(x)], effects, _terms(x), clusters, level)


def linear_probability(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return a linear probability model of a known outcome of 1 and 0; arguments as of `logit`.

    Its coefficients are its marginal effects. Separation is no obstacle to fitting it, yet its
    errors are then meaningless: it is refused as well.

    Raises:
        ValueError: shapes, values, a level outside (0, 1).
    """
    y, x = binary(outcome, "outcome", missing=False), numbers(predictors)
    reasons = reasons_against(y, x, clusters, figures, level)
    if reasons:
        return refused(reasons)
    fit = sm.OLS(y, sm.add_constant(x, has_constant="add")).fit(**_covariance(clusters))
    slopes = np.column_stack([fit.params, fit.bse])[1:]
    effects = _rows(slopes, float(norm.ppf(0.5 + level / 2)))
    return _result(
        "linear probability", fit, ["const", *_terms(x)], effects, _terms(x), clusters, level
    )


def ordered_logit(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return an ordered logit of a known ordinal outcome; arguments as of `logit`.

    The values of `outcome` are ordered as numbers. Effects are on the probability of each level,
    with errors by the delta method.

    Raises:
        ValueError: shapes, values, a level outside (0, 1).
    """
    values, x = finite(outcome, "outcome"), numbers(predictors)
    levels, y = np.unique(values, return_inverse=True)
    reasons = reasons_against(y.astype(float), x, clusters, figures, level)
    if reasons:
        return refused(reasons)
    model = OrderedModel(y, x, distr="logit")
    fit = model.fit(method="bfgs", disp=0, maxiter=500, **_covariance(clusters))
    if not fit.mle_retvals["converged"]:
        return NotEstimable("the likelihood did not converge", "似然估计未收敛")

    def shift(params: Floats) -> Floats:
        return _ordered_effects(model, x, params)

    jacobian = _jacobian(shift, np.asarray(fit.params))
    variance = np.einsum("ij,jk,ik->i", jacobian, np.asarray(fit.cov_params()), jacobian)
    slopes = np.column_stack([shift(np.asarray(fit.params)), np.sqrt(variance)])
    names = [f"{term} on {value:g}" for term in _terms(x) for value in levels]
    effects = _rows(slopes, float(norm.ppf(0.5 + level / 2)))
    return _result("ordered logit", fit, _terms(x), effects, names, clusters, level)


def _terms(x: pd.DataFrame) -> list[str]:
    return [str(name) for name in x]


def _ordered_effects(model: Any, x: pd.DataFrame, params: Floats) -> Floats:
    """Return the mean change of each level's probability, terms then levels."""
    found = []
    for term in _terms(x):
        values = x[term].to_numpy(dtype=float)
        step = 1e-4 * max(float(values.std()), 1e-8)
        dummy = set(np.unique(values)) <= {0.0, 1.0}
        ends = (0.0, 1.0) if dummy else (values - step, values + step)
        low, high = (model.predict(params, exog=x.assign(**{term: end}).to_numpy()) for end in ends)
        found.append((high - low).mean(axis=0) / (1.0 if dummy else 2 * step))
    return np.concatenate(found)


def _jacobian(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    columns = []
    for i in range(len(at)):
        step = np.zeros(len(at))
        step[i] = 1e-5 * max(1.0, abs(float(at[i])))
        columns.append((function(at + step) - function(at - step)) / (2 * step[i]))
    return np.column_stack(columns)


def _covariance(clusters: ArrayLike | None) -> dict[str, Any]:
    if clusters is None:
        return {"cov_type": "HC1"}
    groups = pd.factorize(np.asarray(clusters, dtype=object))[0]
    return {"cov_type": "cluster", "cov_kwds": {"groups": groups}}


def _rows(slopes: Floats, z: float) -> Floats:
    estimate, se = slopes.T
    p = 2 * norm.sf(np.abs(estimate) / se)
    return np.column_stack([estimate, se, estimate - z * se, estimate + z * se, p])


def _result(
    model: str,
    fit: Any,
    terms: list[str],
    effects: Floats,
    names: list[str],
    clusters: ArrayLike | None,
    level: float,
) -> Regression:
    n, shown = int(fit.nobs), len(terms)
    pairs = np.column_stack([np.asarray(fit.params), np.asarray(fit.bse)])[:shown]
    coefficients = _rows(pairs, float(norm.ppf(0.5 + level / 2)))
    return Regression(
        model,
        pd.DataFrame(coefficients, columns=COLUMNS, index=terms),
        pd.DataFrame(effects, columns=COLUMNS, index=names),
        n,
        count_labels(clusters, "clusters", n),
        "HC1" if clusters is None else "cluster-robust",
    )
