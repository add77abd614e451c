"""What unknown factor cells would have to be: tipping curves, and curves over their base rate.

Outcomes are known here. Slices of the table of completions, for thousands of units too.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from smalln.arguments import number, one_line, whole
from smalln.inputs import shares
from smalln.result import NotEstimable
from smalln.unknown_cells import filled_counts


@dataclass(frozen=True)
class TippingPoint:
    """The fewest unreported 1s (`k` of `of`) that take the exact p above `level`.

    >>> y, x = [1] * 5 + [0] * 8, [1, 1, 1] + [None] * 10
    >>> tipping_point(y, x).k  # from p = .035 to .217 by one unreported case
    1
    """

    k: int
    of: int
    p_value: float
    p_smallest: float


def tipping(outcome: ArrayLike, factor: ArrayLike, unknown_if_event: int = 0) -> pd.DataFrame:
    """Return what k unreported 1s among the units without the event would do, for every k.

    Unknown factor cells of units with the event are all set to `unknown_if_event`; of the others,
    k are set to 1, the rest to 0. Columns: `k`, `difference`, `p_value` (Fisher, two-sided),
    `p_smallest`; a k that leaves a group empty has no row and is counted in `attrs["excluded"]`.

    Raises:
        ValueError: an unknown outcome, another value, or `unknown_if_event` not 0 or 1.

    >>> curve = tipping([1] * 5 + [0] * 8, [1, 1, 1] + [None] * 10)
    >>> curve["p_value"].head(2).round(3).tolist()
    [0.035, 0.217]
    """
    if isinstance(unknown_if_event, bool) or whole(unknown_if_event, "unknown_if_event") > 1:
        raise ValueError(f"unknown_if_event: {one_line(unknown_if_event)}; allowed: 0, 1")
    counts = filled_counts(outcome, factor)
    k = np.arange(counts.others[2] + 1)
    e = np.full(len(k), counts.events[2] * unknown_if_event)
    difference = counts.difference(e, k)
    k, e = k[~np.isnan(difference)], e[~np.isnan(difference)]
    frame = pd.DataFrame(
        {
            "k": k.astype(int),
            "difference": counts.difference(e, k),
            "p_value": counts.p_values(e, k),
            "p_smallest": counts.p_smallest(e, k),
        }
    )
    frame.attrs["excluded"] = counts.others[2] + 1 - len(k)
    return frame


def tipping_point(
    outcome: ArrayLike, factor: ArrayLike, unknown_if_event: int = 0, level: float = 0.05
) -> TippingPoint | NotEstimable:
    """Return how few unreported 1s among the units without the event undo a small p.

    Raises:
        ValueError: see `tipping`; a level outside [0, 1].

    >>> found = tipping_point([1] * 5 + [0] * 8, [1, 1, 1] + [None] * 10)
    >>> found.k, found.of, round(found.p_value, 3)
    (1, 8, 0.217)
    """
    level, curve = number(level, "level", 0, 1), tipping(outcome, factor, unknown_if_event)
    start = curve[curve["k"] == 0]
    if start.empty or float(start["p_value"].iloc[0]) > level:
        return NotEstimable("reading silence as no gives no small chance to begin with")
    above = curve[curve["p_value"] > level]
    if above.empty:
        return NotEstimable("no number of unreported cases takes it above the level")
    first, others = above.iloc[0], len(curve) + int(curve.attrs["excluded"]) - 1
    p, smallest = float(first["p_value"]), float(first["p_smallest"])
    return TippingPoint(int(first["k"]), others, p, smallest)


def base_rate_curve(
    outcome: ArrayLike, factor: ArrayLike, base_rates: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return what follows if each unknown factor cell is 1 with probability q, independently.

    `base_rates`: values of q, shape (k,). Columns: `q`; `mean_difference`; `positive`, the
    probability of a difference above 0; `small_p`, of a two-sided Fisher p of at most `level`;
    `excluded`, of a group left empty, on whose absence the other columns are conditional (NaN if it
    is certain).

    Raises:
        ValueError: an unknown outcome, another value, a q or a level outside [0, 1].

    >>> base_rate_curve([1, 1, 0, 0], [1, None, 0, 0], [0.0, 0.5]).mean_difference.round(3).tolist()
    [0.667, 0.833]
    """
    counts, chances = filled_counts(outcome, factor), shares(base_rates, "base_rates")
    level = number(level, "level", 0, 1)
    e, o = np.indices((counts.events[2] + 1, counts.others[2] + 1))
    value = counts.difference(e, o)
    possible = ~np.isnan(value)
    small = counts.p_values(e.ravel(), o.ravel()).reshape(value.shape) <= level
    rows = []
    for q in chances.tolist():
        weight = binom.pmf(e, e.max(), q) * binom.pmf(o, o.max(), q) * possible
        total = float(weight.sum())
        means = [
            float((weight * part).sum()) / total if total > 0 else float("nan")
            for part in (np.where(possible, value, 0.0), possible & (value > 0), small)
        ]
        rows.append((q, *means, 1 - total))
    return pd.DataFrame(rows, columns=["q", "mean_difference", "positive", "small_p", "excluded"])
