"""Whether a regression may be fitted at all: every reason against it, in both languages."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.methods.checks import finite
from analysis.methods.result import NotEstimable
from analysis.methods.separation import separated

Floats = NDArray[np.float64]
Reason = tuple[str, str]
# of the rarer outcome for each coefficient: Peduzzi and others (1996), J. Clin. Epidemiol. 49:1373
EVENTS_EACH = 10
# Cameron and Miller (2015), Journal of Human Resources 50:317, section VI
CLUSTERS = 30


def numbers(predictors: pd.DataFrame) -> pd.DataFrame:
    """Return predictors as numbers, none missing.

    Raises:
        ValueError: no frame, no column, or anything but numbers.
    """
    if not isinstance(predictors, pd.DataFrame) or predictors.empty:
        raise ValueError("predictors: allowed: a frame with a column or more, a row a unit")
    columns = {str(name): finite(predictors[name], f"predictors: {name}") for name in predictors}
    return pd.DataFrame(columns)


def reasons_against(
    y: Floats,
    x: pd.DataFrame,
    clusters: ArrayLike | None,
    figures: ArrayLike | None,
    level: float,
) -> list[Reason]:
    """Return why a regression would mislead, in both languages; [] if nothing stands against it.

    `y`: ranks of the outcome; `clusters`, `figures`: labels, shape (units,), or None.

    Raises:
        ValueError: a level outside (0, 1), or different lengths.
    """
    if not 0 < level < 1:
        raise ValueError(f"level: {level!r}; allowed: between 0 and 1")
    if len(x) != len(y):
        raise ValueError(f"outcome, predictors: {len(y)} and {len(x)} rows; allowed: equal")
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
    if taken is not None and taken < len(y) and taken < EVENTS_EACH * (x.shape[1] + 1):
        found.append(
            (
                f"{len(y)} units share {taken} figures: that many observations, no more",
                f"{len(y)}个单位共用{taken}组数字，观察数也只有这么多",
            )
        )
    return found


def _about_values(y: Floats, x: pd.DataFrame) -> list[Reason]:
    found: list[Reason] = []
    k = x.shape[1]
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x.to_numpy()])) < k + 1:
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
    if separated(y, x.to_numpy()):
        found.append(
            (
                "the predictors separate the outcomes: no largest likelihood",
                "自变量把结果完全分开，似然没有最大值",
            )
        )
    return found


def count_labels(labels: ArrayLike | None, name: str, n: int) -> int | None:
    """Return how many different labels there are, None without labels."""
    if labels is None:
        return None
    given = np.asarray(labels, dtype=object)
    if given.shape != (n,) or pd.isna(given).any():
        raise ValueError(f"{name}: shape {given.shape}; allowed: a label for each of {n} units")
    return len(set(given.tolist()))


def refused(reasons: list[Reason]) -> NotEstimable:
    """Return all reasons as one refusal."""
    return NotEstimable("; ".join(en for en, _ in reasons), "；".join(zh for _, zh in reasons))
