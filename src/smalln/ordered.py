"""The ordered logit as statsmodels fits it, with derivatives in closed form.

Statsmodels takes them by differences of a likelihood that it floors at 1e-20; a fit then stops
where the differences drown in rounding.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

Floats = NDArray[np.float64]


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
        found = jacobian(self.score, np.asarray(params))
        return (found + found.T) / 2


def ordered_effects(model: Any, params: Floats) -> Floats:
    """Return the mean change of each level's probability by each predictor, then by level.

    `model`: an `OrderedLogit`. A predictor of 0 and 1 goes from 0 to 1, another up by one.
    """
    x, found = model.exog, []
    for j in range(model.k_vars):
        if np.isin(x[:, j], (0.0, 1.0)).all():
            off, on = x.copy(), x.copy()
            off[:, j], on[:, j] = 0.0, 1.0
            change = model.predict(params, exog=on) - model.predict(params, exog=off)
        else:
            cuts = model.transform_threshold_params(params)
            change = -params[j] * np.diff(model.pdf(cuts - (x @ params[: model.k_vars])[:, None]))
        found.append(change.mean(axis=0))
    return np.concatenate(found)


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
