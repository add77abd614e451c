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
from numpy.typing import ArrayLike
from scipy.stats import norm

from smalln.inputs import Floats, aligned, binary
from smalln.intervals import critical
from smalln.result import NotEstimable
from smalln.suitability import Scaled, count_labels, predictor_frame, reasons_against, scaled

COLUMNS = ["estimate", "se", "lower", "upper", "p_value"]
# of the mean log likelihood by a coefficient: above it, no maximum was reached
STEEPEST = 1e-7
NO_MAXIMUM = NotEstimable("the likelihood did not converge")


@dataclass(frozen=True)
class Regression:
    """A fitted regression.

    `coefficients` and `effects`: one row a term (an ordered logit has an effect on each level; its
    cuts are left out), columns `estimate`, `se`, `lower`, `upper`, `p_value`. `errors`: how
    standard errors were made.

    >>> x = pd.DataFrame({"x": [0, 1] * 30})
    >>> logit(([0, 0, 0, 1] + [0, 1, 1, 1]) * 7 + [0, 1, 1, 0], x).n
    60
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
    >>> "separate" in str(unsuitable([1, 1, 0, 0], units))
    True
    """
    if isinstance(predictors, pd.DataFrame) and not len(predictors.columns):
        return NotEstimable("no predictor is known for every unit")
    outcome, predictors, clusters, figures = aligned(
        outcome=outcome, predictors=predictors, clusters=clusters, figures=figures
    )
    y = binary(outcome, "outcome", missing=False)
    return reasons_against(y, scaled(predictor_frame(predictors)), clusters, figures)


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
        ValueError: shapes, values, labels that differ, a level outside 0.000001 to 0.999999999.

    Source:
        The refusals: Peduzzi and others (1996), Albert and Anderson (1984), Cameron and Miller
        (2015), as named in `suitability`.

    >>> x = pd.DataFrame({"x": [1] * 30 + [0] * 30})
    >>> y = [1] * 20 + [0] * 10 + [1] * 10 + [0] * 20  # odds 2 against 1/2: log 4
    >>> fit = logit(y, x)
    >>> [float(t.loc["x", "estimate"].round(4)) for t in (fit.coefficients, fit.effects)]
    [1.3863, 0.3333]
    >>> str(logit([1, 0, 1, 0, 1], pd.DataFrame({"x": [3.0, 1.0, 2.0, 2.0, 1.0]})))
    '5 units, 2 outside the commonest outcome: fewer than 10 for each of 1 coefficients'
    """
    z = critical(level)
    outcome, predictors, clusters, figures = aligned(
        outcome=outcome, predictors=predictors, clusters=clusters, figures=figures
    )
    y, x = binary(outcome, "outcome", missing=False), scaled(predictor_frame(predictors))
    refusal = reasons_against(y, x, clusters, figures)
    if refusal:
        return refusal
    fit = maximum(sm.Logit(y, np.column_stack([np.ones(len(y)), x.values])), clusters)
    if isinstance(fit, NotEstimable):
        return fit
    margins = fit.get_margeff(at="overall", dummy=True)
    effects = np.column_stack([margins.margeff, margins.margeff_se]) / x.spread[:, None]
    coefficients = _unscaled(np.asarray(fit.params), np.asarray(fit.cov_params()), x)
    tables = rows(coefficients, ["const", *x.names], z), rows(effects, x.names, z)
    return result("logit", *tables, fit, clusters)


def maximum(model: Any, clusters: ArrayLike | None) -> Any:
    """Return the fit at the largest likelihood, or `NotEstimable` where none was reached.

    A line search comes near from anywhere; Newton's steps, which do not, find the last digits.
    """
    # of a likelihood, statsmodels makes HC0 of either: it leaves HC1's n / (n - k) out
    errors: dict[str, Any] = {"cov_type": "HC0"}
    if clusters is not None:
        groups = pd.factorize(np.asarray(clusters, dtype=object))[0]
        errors = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    quiet = {"disp": 0, "maxiter": 500, "warn_convergence": False}
    try:
        near = model.fit(method="bfgs", skip_hessian=True, **quiet).params
        fit = model.fit(np.asarray(near), method="newton", **quiet, **errors)
    except np.linalg.LinAlgError:
        return NO_MAXIMUM
    steep = np.abs(model.score(np.asarray(fit.params))).max() / len(model.endog)
    return fit if steep <= STEEPEST else NO_MAXIMUM


def rows(pairs: Floats, names: list[str], z: float) -> pd.DataFrame:
    """Return a row a term of its estimate and standard error, with interval and p."""
    estimate, se = pairs.T
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * norm.sf(np.abs(estimate) / se)
    table = np.column_stack([estimate, se, estimate - z * se, estimate + z * se, p])
    return pd.DataFrame(table, columns=COLUMNS, index=names)


def result(
    model: str,
    coefficients: pd.DataFrame,
    effects: pd.DataFrame,
    fit: Any,
    clusters: ArrayLike | None,
) -> Regression | NotEstimable:
    """Return a fit with its tables, or `NotEstimable` where an error is none."""
    errors = np.concatenate([coefficients["se"], effects["se"]])
    if not (np.isfinite(errors) & (errors > 0)).all():
        return NotEstimable("no standard error above 0 could be computed")
    n, kind = int(fit.nobs), fit.cov_type if clusters is None else "cluster-robust"
    return Regression(model, coefficients, effects, n, count_labels(clusters, "clusters", n), kind)


def _unscaled(estimates: Floats, covariance: Floats, predictors: Scaled) -> Floats:
    """Return a constant and slopes, and their standard errors, in the predictors' own units.

    `estimates`: shape (1 + k,), the constant first; `covariance`: shape (1 + k, 1 + k). The result
    has a row a coefficient: estimate, standard error.
    """
    back = np.diag(np.append(1.0, 1 / predictors.spread))
    back[0, 1:] = -predictors.centre / predictors.spread
    return np.column_stack([back @ estimates, np.sqrt(np.diag(back @ covariance @ back.T))])
