"""Whether a regression may be fitted at all: predictors on one scale, every reason against it.

Where some direction of the predictors tells the outcomes apart without error, the likelihood has no
maximum, and a fitted coefficient is an accident of when it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import linprog

from smalln.inputs import Floats, finite, one_line
from smalln.result import NotEstimable

# values that differ by less than this share of their size differ by rounding only
ROUNDING = 1e-14
# of a margin, in standard deviations; above the solver's own tolerance of 1e-7
TOLERANCE = 1e-6
# of a direction's spread against the widest; below it a direction is rounding
NEGLIGIBLE = 1e-9
# of the rarer outcome for each coefficient: Peduzzi and others (1996), J. Clin. Epidemiol. 49:1373
EVENTS_EACH = 10
# Cameron and Miller (2015), Journal of Human Resources 50:317, section VI
CLUSTERS = 30
# of the outcome: with more, the cuts outnumber what they rest on and the search for them drags
LEVELS = 20
# in standard deviations, of the direction in which predictors vary least: the errors rest on its
# square, which below this has no digits left
LEAST_SPREAD = 1e-7
# so that squares, and coefficients in a predictor's own units, stay numbers
SMALLEST, LARGEST = 1e-100, 1e100


@dataclass(frozen=True)
class Scaled:
    """Predictors less their mean, over `spread`; `rounding`: how far it moves such a value."""

    names: list[str]
    # shape (units, k); a predictor of 0 and 1 is left as it is, a constant one is all 0
    values: Floats
    spread: Floats
    rounding: Floats


def scaled(predictors: pd.DataFrame) -> Scaled:
    """Return predictors with a mean of 0 and a standard deviation of 1; refuse what is none."""
    if not isinstance(predictors, pd.DataFrame) or predictors.empty:
        raise ValueError(
            f"predictors: {type(predictors).__name__}; allowed: a frame with a column or more, "
            "a row a unit"
        )
    names = [str(name) for name in predictors]
    if len(set(names)) < len(names):
        raise ValueError(f"predictors: columns {names}; allowed: each name once")
    x = np.array([finite(predictors.iloc[:, i], f"predictors: {n}") for i, n in enumerate(names)]).T
    size = np.abs(x).max(axis=0)
    for name, largest in zip(names, size.tolist(), strict=True):
        if largest > 0 and not SMALLEST <= largest <= LARGEST:
            raise ValueError(
                f"predictors: {name}: largest value {largest!r}; allowed: {SMALLEST} to {LARGEST}"
            )
    constant = x.max(axis=0) - x.min(axis=0) <= ROUNDING * size
    dummy = np.isin(x, (0.0, 1.0)).all(axis=0)
    centre = np.where(dummy, 0.0, x.mean(axis=0))
    spread = np.where(dummy | constant, 1.0, (x - centre).std(axis=0))
    values = np.where(constant, 0.0, (x - centre) / spread)
    return Scaled(names, values, spread, np.finfo(float).eps * size / spread)


def reasons_against(
    y: Floats, x: Scaled, clusters: ArrayLike | None, figures: ArrayLike | None
) -> NotEstimable | None:
    """Return every reason why a regression of ranks would mislead; None if there is none."""
    n, k = x.values.shape
    if n != len(y):
        raise ValueError(f"outcome, predictors: {len(y)} and {n} rows; allowed: equal")
    groups, taken = count_labels(clusters, "clusters", n), count_labels(figures, "figures", n)
    if y.min() == y.max():
        return NotEstimable("every unit has the same outcome")
    rarer, levels = int(n - np.unique(y, return_counts=True)[1].max()), int(y.max()) + 1
    reasons = {
        NotEstimable("a predictor is constant or follows from the others"): _dependent(x),
        NotEstimable(
            "only {rarer} of {n} units have another outcome than the commonest, and each "
            "coefficient ({k}) needs {each}",
            {"n": n, "rarer": rarer, "each": EVENTS_EACH, "k": k},
        ): rarer < EVENTS_EACH * k,
        NotEstimable(
            "the outcome has {levels} levels: more than {most}", {"levels": levels, "most": LEVELS}
        ): levels > LEVELS,
        NotEstimable("the predictors separate the outcomes, so no likelihood is largest"): levels
        <= LEVELS
        and _separated(y, x.values),
        NotEstimable(
            "robust errors need {least} clusters or more, and there are {groups}",
            {"groups": groups, "least": CLUSTERS},
        ): groups is not None and groups < CLUSTERS,
        NotEstimable(
            "{n} units share {figures} figures, which makes no more observations than that",
            {"n": n, "figures": taken},
        ): taken is not None and taken < min(n, EVENTS_EACH * (k + 1)),
    }
    standing = [reason for reason, stands in reasons.items() if stands]
    return replace(standing[0], also=tuple(standing[1:])) if standing else None


def _dependent(x: Scaled) -> bool:
    """Return whether predictors vary in fewer directions than there are, but for rounding."""
    centred = x.values - x.values.mean(axis=0)
    spread = centred.std(axis=0)
    if not spread.all():
        return True
    smallest = max(LEAST_SPREAD, float((x.rounding / spread).max())) * np.sqrt(len(centred))
    return bool(np.linalg.matrix_rank(centred / spread, tol=smallest) < len(spread))


def _separated(outcome: Floats, predictors: Floats) -> bool:
    """Return whether ranks 0, 1, ... are separated by predictors, completely or quasi-completely.

    Over all pairs of a unit and a cut between two ranks the linear program looks for coefficients
    and cuts that put no unit on the wrong side and some strictly on the right one: Konis (2007),
    Linear Programming Algorithms for Detecting Separated Data; Albert and Anderson (1984),
    Biometrika 71:1.
    """
    # uncorrelated directions of variance 1: tolerances then mean the same in any unit
    centred = predictors - predictors.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    left, spread, _ = np.linalg.svd(centred / np.where(size > 0, size, 1.0), full_matrices=False)
    basis = left[:, spread > NEGLIGIBLE * spread.max()] * np.sqrt(len(predictors))
    blocks, ranks = [], int(outcome.max())
    for cut in range(ranks):
        cuts = np.zeros((len(outcome), ranks))
        cuts[:, cut] = -1.0
        blocks.append(np.where(outcome > cut, 1.0, -1.0)[:, None] * np.hstack([basis, cuts]))
    right = np.vstack(blocks)
    best = linprog(
        -right.sum(axis=0), A_ub=-right, b_ub=np.zeros(len(right)), bounds=(-1, 1), method="highs"
    ).x
    return best is not None and bool((right @ best).max() > TOLERANCE)


def count_labels(labels: ArrayLike | None, name: str, n: int) -> int | None:
    """Return how many different labels there are, None without labels."""
    if labels is None:
        return None
    try:
        of_units = np.asarray(labels, dtype=object)
        different = len(set(of_units.tolist())) if of_units.shape == (n,) else 0
    except (TypeError, ValueError) as error:
        allowed = "numbers or names, one a unit"
        raise ValueError(f"{name}: {one_line(labels)}; allowed: {allowed}") from error
    if not different or pd.isna(of_units).any():
        raise ValueError(f"{name}: shape {of_units.shape}; allowed: a label for each of {n} units")
    return different
