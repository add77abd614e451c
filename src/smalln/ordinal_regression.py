"""The ordered logit: as statsmodels fits it, with derivatives in closed form.

Statsmodels takes them by differences of a likelihood that it floors at 1e-20; a fit then stops
where the differences drown in rounding.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from smalln.inputs import Floats, aligned, categories_of, finite, ordinal
from smalln.intervals import critical
from smalln.regression import Regression, maximum, result, rows
from smalln.result import NotEstimable
from smalln.suitability import predictor_frame, reasons_against, scaled


def ordered_logit(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    clusters: ArrayLike | None = None,
    figures: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression | NotEstimable:
    """Return an ordered logit of a known ordinal outcome; arguments as of `logit`.

    `outcome`: shape (units,), numbers or ordered categories. Effects are on the probability of each
    level, with errors by the delta method.

    Raises:
        ValueError: shapes, values, labels that differ, a level outside 0.000001 to 0.999999999.

    Source:
        McCullagh (1980), Journal of the Royal Statistical Society B 42:109.

    >>> x = pd.DataFrame({"x": [1] * 30 + [0] * 30})
    >>> fit = ordered_logit([1] * 20 + [0] * 10 + [1] * 10 + [0] * 20, x)  # two levels: a logit
    >>> float(fit.coefficients.loc["x", "estimate"].round(4))
    1.3863
    """
    z, categories = critical(level), categories_of(outcome)
    outcome, predictors, clusters, figures = aligned(
        outcome=ordinal(outcome, "outcome"),
        predictors=predictors,
        clusters=clusters,
        figures=figures,
    )
    values, x = finite(outcome, "outcome"), scaled(predictor_frame(predictors))
    levels, ranks = np.unique(values, return_inverse=True)
    refusal = reasons_against(ranks.astype(float), x, clusters, figures)
    if refusal:
        return refusal
    fit = maximum(OrderedLogit(ranks.astype(float), x.values), clusters)
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
    words = [f"{v:.15g}" if categories is None else str(categories[int(v)]) for v in levels]
    names = [f"{term} on {word}" for term in x.names for word in words]
    tables = rows(pairs, x.names, z), rows(effects, names, z)
    return result("ordered logit", *tables, fit, clusters)


class OrderedLogit(OrderedModel):  # type: ignore[misc]  # statsmodels carries no types
    """McCullagh's proportional odds: P(y <= j) = 1 / (1 + exp(x b - cut j)).

    Source:
        McCullagh (1980), Journal of the Royal Statistical Society B 42:109. Parameters as of
        statsmodels: b, the first cut, the logarithms of the steps between cuts.
    """

    def __init__(self, ranks: Floats, predictors: Floats) -> None:
        super().__init__(ranks, predictors, distr="logit")

    def loglikeobs(self, params: Floats) -> Floats:
        """Return each unit's log likelihood: F(u) - F(l) = F(u) F(-l) (1 - exp(l - u))."""
        low, high = self._bounds(params)
        log: Floats = log_expit(high) + log_expit(-low) + np.log(-np.expm1(low - high))
        return log

    def score_obs(self, params: Floats) -> Floats:
        """Return each unit's derivatives, shape (units, parameters)."""
        low, high = self._bounds(params)
        with np.errstate(over="ignore"):
            gap = 1 / np.expm1(high - low)
        by_high, by_low = expit(-high) + gap, -expit(low) - gap
        cuts = np.arange(self.k_levels - 1)
        by_cut = np.where(self.endog[:, None] == cuts, by_high[:, None], 0.0)
        by_cut += np.where(self.endog[:, None] == cuts + 1, by_low[:, None], 0.0)
        # a step moves its own cut and each one above
        by_step = by_cut[:, ::-1].cumsum(axis=1)[:, ::-1]
        by_step[:, 1:] *= np.exp(params[self.k_vars + 1 :])
        slope = expit(low) - expit(-high)
        return np.column_stack([slope[:, None] * self.exog, by_step])

    def score(self, params: Floats) -> Floats:
        """Return the derivatives of the log likelihood, shape (parameters,)."""
        total: Floats = self.score_obs(params).sum(axis=0)
        return total

    def hessian(self, params: Floats) -> Floats:
        """Return the second derivatives, shape (parameters, parameters)."""
        second = jacobian(self.score, np.asarray(params))
        return (second + second.T) / 2


def ordered_effects(model: Any, params: Floats) -> Floats:
    """Return the mean change of each level's probability by each predictor, then by level.

    `model`: an `OrderedLogit`. A predictor of 0 and 1 goes from 0 to 1, another up by one.
    """
    x, changes = model.exog, []
    for j in range(model.k_vars):
        if np.isin(x[:, j], (0.0, 1.0)).all():
            off, on = x.copy(), x.copy()
            off[:, j], on[:, j] = 0.0, 1.0
            change = model.predict(params, exog=on) - model.predict(params, exog=off)
        else:
            cuts = model.transform_threshold_params(params)
            change = -params[j] * np.diff(model.pdf(cuts - (x @ params[: model.k_vars])[:, None]))
        changes.append(change.mean(axis=0))
    return np.concatenate(changes)


def jacobian(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Return the derivatives of a vector, shape (its length, parameters), by central differences.

    For parameters on predictors of one scale, so that one step suits all.
    """
    columns = []
    for i in range(len(at)):
        step = np.zeros(len(at))
        step[i] = 1e-5 * max(1.0, abs(float(at[i])))
        columns.append((function(at + step) - function(at - step)) / (2 * step[i]))
    return np.column_stack(columns)
