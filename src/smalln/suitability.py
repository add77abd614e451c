"""Whether a regression may be fitted at all: every reason against it, in both languages."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smalln.checks import finite
from smalln.result import NotEstimable
from smalln.scaling import Scaled
from smalln.separation import separated

Floats = NDArray[np.float64]
Reason = tuple[str, str]
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


def numbers(predictors: pd.DataFrame) -> pd.DataFrame:
    """Return predictors as numbers, none missing.

    Raises:
        ValueError: no frame, no column, or anything but numbers.
    """
    if not isinstance(predictors, pd.DataFrame) or predictors.empty:
        raise ValueError(
            f"predictors: {type(predictors).__name__}; allowed: a frame with a column or more, "
            "a row a unit"
        )
    names = [str(name) for name in predictors]
    if len(set(names)) < len(names):
        raise ValueError(f"predictors: columns {names}; allowed: each name once")
    columns = {
        name: finite(predictors.iloc[:, i], f"predictors: {name}") for i, name in enumerate(names)
    }
    for name, values in columns.items():
        size = float(np.abs(values).max())
        if size > 0 and not SMALLEST <= size <= LARGEST:
            raise ValueError(
                f"predictors: {name}: largest value {size!r}; allowed: {SMALLEST} to {LARGEST}"
            )
    return pd.DataFrame(columns)


def reasons_against(
    y: Floats,
    x: Scaled,
    clusters: ArrayLike | None,
    figures: ArrayLike | None,
) -> list[Reason]:
    """Return why a regression would mislead, in both languages; [] if nothing stands against it.

    `y`: ranks of the outcome; `clusters`, `figures`: labels, shape (units,), or None.

    Raises:
        ValueError: different lengths, or labels that are none.
    """
    n, k = x.values.shape
    if n != len(y):
        raise ValueError(f"outcome, predictors: {len(y)} and {n} rows; allowed: equal")
    groups, taken = (
        count_labels(labels, name, len(y))
        for labels, name in ((clusters, "clusters"), (figures, "figures"))
    )
    if y.min() == y.max():
        return [("every unit has the same outcome", "所有单位结果相同")]
    found = _about_values(y, x)
    if groups is not None and groups < CLUSTERS:
        found.append(
            (
                f"{groups} clusters: robust errors need {CLUSTERS} or more",
                f"只有{groups}个群组，稳健标准误需{CLUSTERS}个以上",
            )
        )
    if taken is not None and taken < len(y) and taken < EVENTS_EACH * (k + 1):
        found.append(
            (
                f"{len(y)} units share {taken} figures: that many observations, no more",
                f"{len(y)}个单位共用{taken}组数字，观察数也只有这么多",
            )
        )
    return found


def _about_values(y: Floats, x: Scaled) -> list[Reason]:
    found: list[Reason] = []
    k = x.values.shape[1]
    if _dependent(x):
        found.append(
            (
                "a predictor is constant or follows from the others",
                "有自变量为常数或可由其他自变量得出",
            )
        )
    rarer = int(len(y) - np.unique(y, return_counts=True)[1].max())
    if rarer < EVENTS_EACH * k:
        found.append(
            (
                f"{len(y)} units, {rarer} outside the commonest outcome: fewer than "
                f"{EVENTS_EACH} for each of {k} coefficients",
                f"共{len(y)}个单位，最常见结果之外只有{rarer}个：每个系数（{k}个）不足{EVENTS_EACH}个",
            )
        )
    levels = int(y.max()) + 1
    if levels > LEVELS:
        found.append(
            (
                f"the outcome has {levels} levels: more than {LEVELS}",
                f"结果有{levels}个等级，超过{LEVELS}个",
            )
        )
    elif separated(y, x.values):
        found.append(
            (
                "the predictors separate the outcomes: no largest likelihood",
                "自变量把结果完全分开，似然没有最大值",
            )
        )
    return found


def _dependent(x: Scaled) -> bool:
    """Return whether predictors vary in fewer directions than there are, but for rounding."""
    centred = x.values - x.values.mean(axis=0)
    spread = centred.std(axis=0)
    if not spread.all():
        return True
    least = float(np.linalg.svd(centred / spread, compute_uv=False).min())
    smallest = max(LEAST_SPREAD, float((x.rounding / spread).max()))
    return bool(least <= smallest * np.sqrt(len(centred)))


def count_labels(labels: ArrayLike | None, name: str, n: int) -> int | None:
    """Return how many different labels there are, None without labels."""
    if labels is None:
        return None
    try:
        given = np.asarray(labels, dtype=object)
        different = len(set(given.tolist())) if given.shape == (n,) else 0
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {labels!r}; allowed: numbers or names, one a unit") from error
    if not different or pd.isna(given).any():
        raise ValueError(f"{name}: shape {given.shape}; allowed: a label for each of {n} units")
    return different


def refused(reasons: list[Reason]) -> NotEstimable:
    """Return all reasons as one refusal."""
    return NotEstimable("; ".join(en for en, _ in reasons), "；".join(zh for _, zh in reasons))
