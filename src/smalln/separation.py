"""Separation: whether some direction of the predictors tells the outcomes apart without error.

Then the likelihood has no maximum, and a fitted coefficient is an accident of when it stopped.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
# of a margin, in standard deviations; above the solver's own tolerance of 1e-7
TOLERANCE = 1e-6
# of a direction's spread against the widest; below it a direction is rounding
NEGLIGIBLE = 1e-9


def separated(outcome: Floats, predictors: Floats) -> bool:
    """Return whether ordered outcomes are separated, completely or quasi-completely.

    `outcome`: shape (units,), ranks 0, 1, ...; two ranks for a logit. `predictors`: shape (units,
    k), without a constant. For each pair of a unit and a cut between two ranks the linear program
    looks for coefficients and cuts that put no unit on the wrong side and some strictly on the
    right one.

    Source:
        Konis (2007), Linear Programming Algorithms for Detecting Separated Data; Albert and
        Anderson (1984), Biometrika 71:1.
    """
    ranks = int(outcome.max())
    basis = _basis(predictors)
    blocks = []
    for cut in range(ranks):
        side = np.where(outcome > cut, 1.0, -1.0)[:, None]
        cuts = np.zeros((len(outcome), ranks))
        cuts[:, cut] = -1.0
        blocks.append(side * np.hstack([basis, cuts]))
    right = np.vstack(blocks)
    found = linprog(
        -right.sum(axis=0), A_ub=-right, b_ub=np.zeros(len(right)), bounds=(-1, 1), method="highs"
    )
    return found.x is not None and bool((right @ found.x).max() > TOLERANCE)


def _basis(predictors: Floats) -> Floats:
    """Return uncorrelated directions of variance 1: tolerances then mean the same in any unit."""
    centred = predictors - predictors.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    left, spread, _ = np.linalg.svd(centred / np.where(size > 0, size, 1.0), full_matrices=False)
    basis: Floats = left[:, spread > NEGLIGIBLE * spread.max()] * np.sqrt(len(predictors))
    return basis
