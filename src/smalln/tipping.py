"""What unknown factor cells would have to be: tipping curves, base-rate curves, range of exact p.

Outcomes are known here. Differences as in `completions`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from smalln.checks import binary, number, same_length, whole
from smalln.checks import shares as shares_checked
from smalln.result import ONE_GROUP, NotEstimable
from smalln.tables import p_by_cell

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PRange:
    """The smallest and the largest exact p over all completions of the factor."""

    lower: float
    upper: float
    excluded: int


@dataclass(frozen=True)
class _Counts:
    """Units with the event and without it: factor 1, factor 0, unknown."""

    events: tuple[int, int, int]
    others: tuple[int, int, int]

    def difference(self, e: Floats, o: Floats) -> Floats:
        """Return the difference if `e` and `o` unknown cells are 1; NaN where a group is empty."""
        a, b = self.events[0] + e, self.others[0] + o
        c = self.events[1] + self.events[2] - e
        d = self.others[1] + self.others[2] - o
        with np.errstate(invalid="ignore"):
            found: Floats = a / (a + b) - c / (c + d)
        return found

    def p_value(self, e: int, o: int) -> float:
        """Return Fisher's two-sided p."""
        first, second, events = self._margins(e, o)
        by_cell = p_by_cell(first, second, events, "two-sided")
        return by_cell[self.events[0] + e - max(0, events - second)]

    def p_smallest(self, e: int, o: int) -> float:
        """Return the smallest two-sided p at the same margins."""
        return min(p_by_cell(*self._margins(e, o), "two-sided"))

    def _margins(self, e: int, o: int) -> tuple[int, int, int]:
        first, events = self.events[0] + e + self.others[0] + o, sum(self.events)
        return first, events + sum(self.others) - first, events


def _counted(outcome: ArrayLike, factor: ArrayLike) -> _Counts:
    y, x = binary(outcome, "outcome", missing=False), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    found = [
        tuple(int(((y == o) & part).sum()) for part in (x == 1, x == 0, np.isnan(x)))
        for o in (1, 0)
    ]
    return _Counts(found[0], found[1])  # type: ignore[arg-type]


def tipping(outcome: ArrayLike, factor: ArrayLike, unknown_if_event: int = 0) -> pd.DataFrame:
    """Return what k unreported 1s among the units without the event would do, for every k.

    Unknown factor cells of units with the event are all set to `unknown_if_event`; of the others,
    k are set to 1, the rest to 0. Columns: `k`, `difference`, `p_value` (Fisher, two-sided),
    `p_smallest`; a k that leaves a group empty has no row and is counted in `attrs["excluded"]`.

    Raises:
        ValueError: an unknown outcome, another value, or `unknown_if_event` not 0 or 1.
    """
    if isinstance(unknown_if_event, bool) or whole(unknown_if_event, "unknown_if_event") > 1:
        raise ValueError(f"unknown_if_event: {unknown_if_event!r}; allowed: 0, 1")
    counts = _counted(outcome, factor)
    e = counts.events[2] * unknown_if_event
    rows = []
    for k in range(counts.others[2] + 1):
        value = float(counts.difference(np.float64(e), np.float64(k)))  # type: ignore[arg-type]
        if not np.isnan(value):
            rows.append((k, value, counts.p_value(e, k), counts.p_smallest(e, k)))
    columns = ["k", "difference", "p_value", "p_smallest"]
    frame = pd.DataFrame(rows, columns=columns).astype(float).astype({"k": int})
    frame.attrs["excluded"] = counts.others[2] + 1 - len(rows)
    return frame


def base_rate_curve(
    outcome: ArrayLike, factor: ArrayLike, shares: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return what follows if each unknown factor cell is 1 with probability q, independently.

    `shares`: values of q, shape (k,). Columns: `q`; `mean_difference`; `positive`, the probability
    of a difference above 0; `small_p`, of a two-sided Fisher p of at most `level`; `excluded`, of a
    group left empty, on whose absence the other columns are conditional (NaN if it is certain).

    Raises:
        ValueError: an unknown outcome, another value, a q or a level outside [0, 1].
    """
    counts, chances = _counted(outcome, factor), shares_checked(shares, "shares")
    level = number(level, "level", 0, 1)
    e, o = (np.arange(side[2] + 1.0) for side in (counts.events, counts.others))
    value = counts.difference(e[:, None], o[None, :])
    possible = ~np.isnan(value)
    small = np.zeros(value.shape)
    for i, j in np.argwhere(possible).tolist():
        small[i, j] = counts.p_value(i, j) <= level
    rows = []
    for q in chances.tolist():
        weight = np.outer(binom.pmf(e, len(e) - 1, q), binom.pmf(o, len(o) - 1, q)) * possible
        total = float(weight.sum())
        means = [
            float((weight * part).sum()) / total if total > 0 else float("nan")
            for part in (np.where(possible, value, 0.0), np.where(possible, value > 0, 0.0), small)
        ]
        rows.append((q, *means, 1 - total))
    return pd.DataFrame(rows, columns=["q", "mean_difference", "positive", "small_p", "excluded"])


def chance_of_reports(reported: int, events: int, share: float) -> float:
    """Return the chance that at least `reported` of `events` units have a factor by chance alone.

    `share`: the probability with which every unit, with the event or not, has it.

    Raises:
        ValueError: no whole numbers 0 <= reported <= events, or a share outside [0, 1].
    """
    told, of = whole(reported, "reported"), whole(events, "events")
    if told > of:
        raise ValueError(f"reported: {reported!r}; allowed: a whole number up to {of}")
    return float(binom.sf(told - 1, of, number(share, "share", 0, 1)))


def p_range(outcome: ArrayLike, factor: ArrayLike) -> PRange | NotEstimable:
    """Return the smallest and largest two-sided Fisher p over all completions of the factor.

    Raises:
        ValueError: an unknown outcome, another value.
    """
    counts = _counted(outcome, factor)
    e, o = (np.arange(side[2] + 1.0) for side in (counts.events, counts.others))
    possible = np.argwhere(~np.isnan(counts.difference(e[:, None], o[None, :]))).tolist()
    if not possible:
        return ONE_GROUP
    found = [counts.p_value(i, j) for i, j in possible]
    return PRange(min(found), max(found), len(e) * len(o) - len(possible))
