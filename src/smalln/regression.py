"""Regression for studies with many units; refused, with every reason, where it would mislead.

Computed by statsmodels. Effects are average marginal effects: the change of the probability for one
unit more of a predictor, for a predictor of 0 and 1 from 0 to 1. Fitted on standardised predictors,
so that no result depends on their units (yuan or billions of them), and given in their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from smalln.inputs import Floats, aligned, binary, categories_of, finite, ordinal
from smalln.intervals import critical
from smalln.result import NotEstimable
from smalln.suitability import Scaled, count_labels, reasons_against, scaled

# of the mean log likelihood by a coefficient: above it, no maximum was reached
STEEPEST = 1e-7
NO_MAXIMUM = NotEstimable("the likelihood did not converge")


@dataclass(frozen=True)
class Regression:
    """A fitted ordered logit.

    `coefficients`: one row a term (cuts are left out); `effects`: one row a term and level; columns
    `estimate`, `se`, `lower`, `upper`, `p_value`. `errors`: how standard errors were made.

    >>> x = pd.DataFrame({"x": [0, 1] * 30})
    >>> ordered_logit(([0, 0, 0, 1] + [0, 1, 1, 1]) * 7 + [0, 1, 1, 0], x).n
    60
    """

    coefficients: pd.DataFrame = field(repr=False)
    effects: pd.DataFrame = field(repr=False)
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
    arguments as of `ordered_logit`, the outcome 1 or 0.

    Raises:
        ValueError: shapes, values.

    >>> units = pd.DataFrame({"city": [1, 1, 0, 0]})
    >>> "separate" in str(unsuitable([1, 1, 0, 0], units))
    True
    """
    if isinstance(predictors, pd.DataFrame) and not len(predictors.columns):
        return NotEstimable("no predictor is known for every unit")
    prepared = _prepared(outcome, predictors, clusters, figures, ordered=False)
    return prepared if isinstance(prepared, NotEstimable) else None


def ordered_logit(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return an ordered logit of a known ordinal outcome; with two levels it is a logit.

    `outcome`: shape (units,), numbers or ordered categories. `predictors`: a frame of numbers, one
    row a unit, no constant. `clusters`: shape (units,), a label each, for cluster-robust errors
    (else HC0). `figures`: shape (units,), a label each for the figure that a unit's predictors were
    taken from: units that share one are one observation. Effects are on the probability of each
    level, with errors by the delta method.

    Raises:
        ValueError: shapes, values, labels that differ, a level outside 0.000001 to 0.999999999.

    Source:
        McCullagh (1980), JRSS B 42:109. Refusals: Peduzzi and others (1996), Albert and Anderson
        (1984), Cameron and Miller (2015), as named in `suitability`.

    >>> x = pd.DataFrame({"x": [1] * 30 + [0] * 30})
    >>> fit = ordered_logit([1] * 20 + [0] * 10 + [1] * 10 + [0] * 20, x)  # odds 2, 1/2: log 4
    >>> [table["estimate"].round(4).tolist() for table in (fit.coefficients, fit.effects)]
    [[1.3863], [-0.3333, 0.3333]]
    >>> str(ordered_logit([1, 0, 1, 0, 1], pd.DataFrame({"x": [3.0, 1.0, 2.0, 2.0, 1.0]})))
    'only 2 of 5 units have another outcome than the commonest, and each coefficient (1) needs 10'
    """
    # half a second, for this alone
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.tools.numdiff import approx_fprime

    z, names_of = critical(level), categories_of(outcome)
    # what is fitted are the places of ordered categories, and of others the numbers themselves
    categories = names_of if getattr(getattr(outcome, "dtype", None), "ordered", False) else None
    outcome = ordinal(outcome, "outcome")
    prepared = _prepared(outcome, predictors, clusters, figures, ordered=True)
    if isinstance(prepared, NotEstimable):
        return prepared
    levels, ranks, x, clusters = prepared
    fit = _maximum(OrderedModel(ranks, x.values, distr="logit"), clusters)
    if isinstance(fit, NotEstimable):
        return fit
    changes = partial(_mean_effects, fit.model)
    # derivatives by parameters on one scale, so that one step, half each way, suits all
    steps = 2e-5 * np.maximum(1.0, np.abs(fit.params))
    slopes = approx_fprime(fit.params, changes, steps, centered=True)
    errors = np.sqrt(np.einsum("ij,jk,ik->i", slopes, fit.cov_params(), slopes))
    words = [f"{v:.15g}" if categories is None else str(categories[int(v)]) for v in levels]
    names, k = [f"{term} on {word}" for term in x.names for word in words], len(x.names)
    each = np.repeat(x.spread, len(levels))
    coefficients = _table(x.names, fit.params[:k] / x.spread, fit.bse[:k] / x.spread, z)
    effects = _table(names, changes(fit.params) / each, errors / each, z)
    se = pd.concat([coefficients["se"], effects["se"]])
    if not (np.isfinite(se) & (se > 0)).all():
        return NotEstimable("no standard error above 0 could be computed")
    groups = count_labels(clusters, "clusters", len(ranks))
    kind = fit.cov_type if groups is None else "cluster-robust"
    return Regression(coefficients, effects, len(ranks), groups, kind)


def _table(names: list[str], estimate: Floats, se: Floats, z: float) -> pd.DataFrame:
    """Return estimates with their errors, intervals and p-values, one row a name."""
    p = 2 * norm.sf(np.abs(estimate) / se)
    ends = {"lower": estimate - z * se, "upper": estimate + z * se}
    return pd.DataFrame({"estimate": estimate, "se": se, **ends, "p_value": p}, index=names)


def _mean_effects(model: Any, params: Floats) -> Floats:
    """Return the mean change of each level's probability by each predictor, then by level."""
    x, changes = model.exog, []
    for j in range(model.k_vars):
        # a predictor of 0 and 1 goes from 0 to 1, another up by one
        if np.isin(x[:, j], (0.0, 1.0)).all():
            off, on = x.copy(), x.copy()
            off[:, j], on[:, j] = 0.0, 1.0
            change = model.predict(params, exog=on) - model.predict(params, exog=off)
        else:
            cuts = model.transform_threshold_params(params)
            change = -params[j] * np.diff(model.pdf(cuts - (x @ params[: model.k_vars])[:, None]))
        changes.append(change.mean(axis=0))
    return np.concatenate(changes)


def _prepared(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None,
    figures: ArrayLike | None,
    ordered: bool,
) -> tuple[Floats, Floats, Scaled, ArrayLike | None] | NotEstimable:
    """Return the outcome's levels and each unit's rank, predictors and clusters in its order."""
    outcome, predictors, clusters, figures = aligned(
        outcome=outcome, predictors=predictors, clusters=clusters, figures=figures
    )
    y = finite(outcome, "outcome") if ordered else binary(outcome, "outcome", missing=False)
    levels, places = np.unique(y, return_inverse=True)
    ranks, x = places.astype(float), scaled(predictors)
    return reasons_against(ranks, x, clusters, figures) or (levels, ranks, x, clusters)


def _maximum(model: Any, clusters: ArrayLike | None) -> Any:
    """Return the fit at the largest likelihood, or `NotEstimable` where none was reached."""
    # of a likelihood, statsmodels makes HC0 of either: it leaves HC1's n / (n - k) out
    errors: dict[str, Any] = {"cov_type": "HC0"}
    if clusters is not None:
        groups = pd.factorize(np.asarray(clusters, dtype=object))[0]
        errors = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    # a line search comes near from anywhere; Newton's steps, which do not, find the last digits
    quiet = {"disp": 0, "maxiter": 500, "warn_convergence": False}
    try:
        near = model.fit(method="bfgs", skip_hessian=True, **quiet).params
        fit = model.fit(near, method="newton", **quiet, **errors)
    except np.linalg.LinAlgError:
        return NO_MAXIMUM
    steep = np.abs(model.score(fit.params)).max() / len(model.endog)
    return fit if steep <= STEEPEST else NO_MAXIMUM
