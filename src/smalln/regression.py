"""Regressions for studies with many units; each refuses, with every reason, where it would mislead.

Computed by statsmodels. A constant is added; effects are average marginal effects: the change of
the probability for one unit more of a predictor, for a predictor of 0 and 1 from 0 to 1. Fitted on
standardised predictors, so that no result depends on their units, and given in their own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from smalln.checks import binary, finite
from smalln.level import critical
from smalln.ordered import OrderedLogit, jacobian, ordered_effects
from smalln.result import NotEstimable
from smalln.scaling import Scaled, scaled, unscaled
from smalln.suitability import count_labels, numbers, reasons_against, refused

Floats = NDArray[np.float64]
COLUMNS = ["estimate", "se", "lower", "upper", "p_value"]
# of the mean log likelihood by a coefficient: above it, no maximum was reached
STEEPEST = 1e-7
NO_MAXIMUM = NotEstimable("the likelihood did not converge", "似然估计未收敛")


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


def unsuitable(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
) -> NotEstimable | None:
    """Return why a regression of a known outcome would mislead, every reason; None if none does.

    A frame without a column is a reason too. For whoever fits a model with statsmodels directly;
    arguments as of `logit`.

    Raises:
        ValueError: shapes, values.

    >>> units = pd.DataFrame({"city": [1, 1, 0, 0]})
    >>> "separate" in unsuitable([1, 1, 0, 0], units).reason
    True
    """
    if isinstance(predictors, pd.DataFrame) and not len(predictors.columns):
        return NotEstimable("no predictor is known for every unit")
    y, x = binary(outcome, "outcome", missing=False), scaled(numbers(predictors))
    reasons = reasons_against(y, x, clusters, figures)
    return refused(reasons) if reasons else None


def logit(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return a logit of a known outcome of 1 and 0.

    `predictors`: a frame of numbers, one row a unit, no constant. `clusters`: shape (units,), a
    label each, for cluster-robust errors (else HC0). `figures`: shape (units,), a label each for
    the figure that a unit's predictors were taken from: units that share one are one observation.

    Raises:
        ValueError: shapes, values, a level outside 0.000001 to 0.999999999.
    """
    z = critical(level)
    y, x = binary(outcome, "outcome", missing=False), scaled(numbers(predictors))
    reasons = reasons_against(y, x, clusters, figures)
    if reasons:
        return refused(reasons)
    fit = _maximum(sm.Logit(y, _with_constant(x)), clusters)
    if isinstance(fit, NotEstimable):
        return fit
    margins = fit.get_margeff(at="overall", dummy=True)
    effects = np.column_stack([margins.margeff, margins.margeff_se]) / x.spread[:, None]
    coefficients = unscaled(np.asarray(fit.params), np.asarray(fit.cov_params()), x)
    tables = _rows(coefficients, ["const", *x.names], z), _rows(effects, x.names, z)
    return _result("logit", *tables, fit, clusters)


def linear_probability(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return a linear probability model of a known outcome of 1 and 0; arguments as of `logit`.

    Its coefficients are its marginal effects; without clusters its errors are HC1. Separation is
    no obstacle to fitting it, yet its errors are then meaningless: it is refused as well.

    Raises:
        ValueError: shapes, values, a level outside 0.000001 to 0.999999999.
    """
    z = critical(level)
    y, x = binary(outcome, "outcome", missing=False), scaled(numbers(predictors))
    reasons = reasons_against(y, x, clusters, figures)
    if reasons:
        return refused(reasons)
    fit = sm.OLS(y, _with_constant(x)).fit(**_covariance(clusters, "HC1"))
    coefficients = unscaled(np.asarray(fit.params), np.asarray(fit.cov_params()), x)
    table = _rows(coefficients, ["const", *x.names], z)
    return _result("linear probability", table, table[1:], fit, clusters)


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
        ValueError: shapes, values, a level outside 0.000001 to 0.999999999.
    """
    z = critical(level)
    values, x = finite(outcome, "outcome"), scaled(numbers(predictors))
    levels, ranks = np.unique(values, return_inverse=True)
    reasons = reasons_against(ranks.astype(float), x, clusters, figures)
    if reasons:
        return refused(reasons)
    fit = _maximum(OrderedLogit(ranks.astype(float), x.values), clusters)
    if isinstance(fit, NotEstimable):
        return fit
    params, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())

    def effects_at(at: Floats) -> Floats:
        return ordered_effects(fit.model, at)

    slopes = jacobian(effects_at, params)
    errors = np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))
    effects = np.column_stack([effects_at(params), errors])
    effects /= np.repeat(x.spread, len(levels))[:, None]
    k = len(x.spread)
    pairs = np.column_stack([params, np.sqrt(np.diag(covariance))])[:k] / x.spread[:, None]
    names = [f"{term} on {value:.15g}" for term in x.names for value in levels]
    tables = _rows(pairs, x.names, z), _rows(effects, names, z)
    return _result("ordered logit", *tables, fit, clusters)


def _maximum(model: Any, clusters: ArrayLike | None) -> Any:
    """Return the fit at the largest likelihood, or `NotEstimable` where none was reached.

    A line search comes near from anywhere; Newton's steps, which do not, find the last digits.
    """
    # of a likelihood, statsmodels makes HC0 of either: it leaves HC1's n / (n - k) out
    errors = _covariance(clusters, "HC0")
    quiet = {"disp": 0, "maxiter": 500, "warn_convergence": False}
    try:
        near = model.fit(method="bfgs", skip_hessian=True, **quiet).params
        fit = model.fit(np.asarray(near), method="newton", **quiet, **errors)
    except np.linalg.LinAlgError:
        return NO_MAXIMUM
    steep = np.abs(model.score(np.asarray(fit.params))).max() / len(model.endog)
    return fit if steep <= STEEPEST else NO_MAXIMUM


def _with_constant(x: Scaled) -> Floats:
    return np.column_stack([np.ones(len(x.values)), x.values])


def _covariance(clusters: ArrayLike | None, without: str) -> dict[str, Any]:
    if clusters is None:
        return {"cov_type": without}
    groups = pd.factorize(np.asarray(clusters, dtype=object))[0]
    return {"cov_type": "cluster", "cov_kwds": {"groups": groups}}


def _rows(pairs: Floats, names: list[str], z: float) -> pd.DataFrame:
    estimate, se = pairs.T
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * norm.sf(np.abs(estimate) / se)
    rows = np.column_stack([estimate, se, estimate - z * se, estimate + z * se, p])
    return pd.DataFrame(rows, columns=COLUMNS, index=names)


def _result(
    model: str,
    coefficients: pd.DataFrame,
    effects: pd.DataFrame,
    fit: Any,
    clusters: ArrayLike | None,
) -> Regression | NotEstimable:
    errors = np.concatenate([coefficients["se"], effects["se"]])
    if not (np.isfinite(errors) & (errors > 0)).all():
        return NotEstimable("no standard error above 0 could be computed", "无法算出大于0的标准误")
    n, kind = int(fit.nobs), fit.cov_type if clusters is None else "cluster-robust"
    return Regression(model, coefficients, effects, n, count_labels(clusters, "clusters", n), kind)
