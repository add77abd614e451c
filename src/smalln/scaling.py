"""Predictors on one scale for fitting, and results back on the scale they came in.

A fit must not depend on units: yuan or billions of yuan, years or years since 2000.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# values that differ by less than this share of their size differ by rounding only
ROUNDING = 1e-14


@dataclass(frozen=True)
class Scaled:
    """Predictors less `centre`, over `spread`; `rounding`: how far rounding moves such a value.

    `values`: shape (units, k); the rest shape (k,). A predictor of 0 and 1 is left as it is, a
    constant one is all 0.
    """

    names: list[str]
    values: Floats
    centre: Floats
    spread: Floats
    rounding: Floats


def scaled(predictors: pd.DataFrame) -> Scaled:
    """Return predictors with a mean of 0 and a standard deviation of 1."""
    x = predictors.to_numpy(dtype=float)
    size = np.abs(x).max(axis=0)
    constant = x.max(axis=0) - x.min(axis=0) <= ROUNDING * size
    dummy = np.isin(x, (0.0, 1.0)).all(axis=0)
    centre = np.where(dummy, 0.0, x.mean(axis=0))
    spread = np.where(dummy | constant, 1.0, (x - centre).std(axis=0))
    values = np.where(constant, 0.0, (x - centre) / spread)
    rounding = np.finfo(float).eps * size / spread
    return Scaled([str(name) for name in predictors], values, centre, spread, rounding)


def unscaled(estimates: Floats, covariance: Floats, predictors: Scaled) -> Floats:
    """Return a constant and slopes, and their standard errors, in the predictors' own units.

    `estimates`: shape (1 + k,), the constant first; `covariance`: shape (1 + k, 1 + k). The result
    has a row a coefficient: estimate, standard error.
    """
    back = np.diag(np.append(1.0, 1 / predictors.spread))
    back[0, 1:] = -predictors.centre / predictors.spread
    return np.column_stack([back @ estimates, np.sqrt(np.diag(back @ covariance @ back.T))])
