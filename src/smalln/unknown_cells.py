"""Every way to fill a factor's unknown cells: their table, and what it comes to for many units.

Outcomes are known here, differences as in `bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from smalln.bounds import counted
from smalln.hypergeometric import LEAST, WHOLE, log_chance, p_of_tables
from smalln.inputs import Ints, number, one_line, pair, shares, whole
from smalln.result import ONE_GROUP, NotEstimable

# rows of a table of completions, and of one that is only summed
MOST_ROWS, MOST_RATED = 250_000, 2_000_000
# tables whose p is computed together
AT_ONCE = 64


@dataclass(frozen=True)
class PRange:
    """The smallest and the largest exact p over all completions of the factor.

    `excluded`: pairs of numbers of cells read as yes that leave a group empty.

    >>> p_range([1, 1, 0, 0], [1, None, 0, 0])  # with 2 of 2 against 0 of 2: 1 of C(4, 2), twice
    PRange(lower=0.3333333333333333, upper=1.0, excluded=0)
    """

    lower: float
    upper: float
    excluded: int


@dataclass(frozen=True)
class _Counts:
    """Units with the event and without it: factor 1, factor 0, unknown."""

    events: tuple[int, int, int]
    others: tuple[int, int, int]

    def filled(self, e: Ints, o: Ints) -> pd.DataFrame:
        """Return what comes of `e` and `o` unknown cells being 1: rows as of `completions`."""
        events, n = sum(self.events), sum(self.events + self.others)
        first = self.events[0] + self.others[0] + e + o
        possible = (first > 0) & (first < n)
        e, o, first = e[possible], o[possible], first[possible]
        cell, second = self.events[0] + e, n - first
        frame = pd.DataFrame({"named_yes": e, "others_yes": o})
        frame["difference"] = cell / first - (events - cell) / second
        frame["p_value"] = p_of_tables(first, second, events, cell)
        ends = np.maximum(0, events - second), np.minimum(first, events)
        frame["p_smallest"] = np.minimum(*(p_of_tables(first, second, events, at) for at in ends))
        frame.attrs["excluded"] = len(possible) - len(frame)
        return frame

    def every_way(self, most: int) -> tuple[Ints, Ints]:
        """Return the numbers of unknown cells that may be 1, of each kind, in all pairs."""
        if (ways := (self.events[2] + 1) * (self.others[2] + 1)) > most:
            raise ValueError(f"factor: {ways} completions; allowed: up to {most}")
        e, o = np.indices((self.events[2] + 1, self.others[2] + 1))
        return e.ravel(), o.ravel()


def _counted(outcome: ArrayLike, factor: ArrayLike) -> _Counts:
    """Return the counts of a known outcome and a factor of which some cells are unknown."""
    units = counted(*pair(outcome, factor, unknown_outcome=False))
    others_0, events_0, _, others_1, events_1, _, others, events, _ = units
    return _Counts((events_1, events_0, events), (others_1, others_0, others))


def completions(outcome: ArrayLike, factor: ArrayLike) -> pd.DataFrame:
    """Return what each completion of the factor's unknown cells gives, one row a kind.

    `outcome`: shape (units,), 1 or 0; `factor`: the same, NaN where unknown. Columns: `named_yes`,
    `others_yes`: how many unknown cells of units with the event, and of the others, are read as
    yes; `difference` of shares; `p_value`, Fisher's two-sided; `p_smallest`, the smallest that it
    could be at these margins. What leaves a group empty has no row and is counted in
    `attrs["excluded"]`. Bounds, the range of p and the tipping curves are its extremes and slices.

    Raises:
        ValueError: an unknown outcome, another value, labels that differ, more than 250,000 rows
            (`risk_difference`, `p_range` and `tipping` take any number).

    Source:
        Manski (2003), Partial Identification of Probability Distributions, chapter 1: what all
        completions agree on is what the data say.

    >>> completions([1, 1, 0, 0], [1, None, 0, 0]).round(2).values.tolist()
    [[0.0, 0.0, 0.67, 1.0, 1.0], [1.0, 0.0, 1.0, 0.33, 0.33]]
    """
    counts = _counted(outcome, factor)
    return counts.filled(*counts.every_way(MOST_ROWS))


def p_range(outcome: ArrayLike, factor: ArrayLike) -> PRange | NotEstimable:
    """Return the smallest and largest two-sided Fisher p over all completions of the factor.

    At each number of 1s in all, probabilities rise to the likeliest table and fall from there, so
    the extremes are at the ends of what is possible and at what is nearest the likeliest.

    Raises:
        ValueError: an unknown outcome, another value.

    >>> p_range([1, 1, 0, 0], [1, None, 0, 0])
    PRange(lower=0.3333333333333333, upper=1.0, excluded=0)
    """
    counts = _counted(outcome, factor)
    (known, _, open_events), (_, _, open_others) = counts.events, counts.others
    events, n = sum(counts.events), sum(counts.events + counts.others)
    ones = np.arange(open_events + open_others + 1)
    first = known + counts.others[0] + ones
    split = (first > 0) & (first < n)
    if not split.any():
        return ONE_GROUP
    ones, first, second = ones[split], first[split], n - first[split]
    fewest, most = np.maximum(0, ones - open_others), np.minimum(ones, open_events)
    excluded = (open_events + 1) * (open_others + 1) - int((most - fewest + 1).sum())
    if events in (0, n):
        return PRange(1.0, 1.0, excluded)
    likeliest = (events + 1) * (first + 1) // (n + 2) - known
    nearest = np.clip(likeliest, fewest, most)
    one = (nearest == likeliest).any()
    largest = 1.0 if one else float(p_of_tables(first, second, events, known + nearest).max())
    smallest = _smallest_p(counts, np.tile(first, 2), known + np.concatenate([fewest, most]))
    return PRange(smallest, largest, excluded)


def _smallest_p(counts: _Counts, first: Ints, cell: Ints) -> float:
    """Return the smallest p of some tables: none is below its own chance, so few are looked at."""
    events, n = sum(counts.events), sum(counts.events + counts.others)
    second = n - first
    if n <= WHOLE:
        return float(p_of_tables(first, second, events, cell).min())
    chances = np.exp(log_chance(first, second, events, cell))
    order, smallest = np.argsort(chances), 1.0
    for start in range(0, len(order), AT_ONCE):
        batch = order[start : start + AT_ONCE]
        if smallest <= LEAST or chances[batch[0]] > smallest:
            break
        p = p_of_tables(first[batch], second[batch], events, cell[batch])
        smallest = min(smallest, float(p.min()))
    return smallest


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
    counts = _counted(outcome, factor)
    k = np.arange(counts.others[2] + 1)
    filled = counts.filled(np.full(len(k), counts.events[2] * unknown_if_event), k)
    return filled.drop(columns="named_yes").rename(columns={"others_yes": "k"})


def base_rate_curve(
    outcome: ArrayLike, factor: ArrayLike, base_rates: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return what follows if each unknown factor cell is 1 with probability q, independently.

    `base_rates`: values of q, shape (k,). Columns: `q`; `mean_difference`; `positive`, the
    probability of a difference above 0; `small_p`, of a two-sided Fisher p of at most `level`;
    `excluded`, of an empty group, on whose absence the others are conditional (NaN if certain).

    Raises:
        ValueError: as of `completions`, but above 2,000,000 rows; a q or a level outside [0, 1].

    >>> base_rate_curve([1, 1, 0, 0], [1, None, 0, 0], [0.0, 0.5]).mean_difference.round(3).tolist()
    [0.667, 0.833]
    """
    counts, chances = _counted(outcome, factor), shares(base_rates, "base_rates")
    level = number(level, "level", 0, 1)
    every, rows = counts.filled(*counts.every_way(MOST_RATED)), []
    difference = every["difference"].to_numpy()
    parts = difference, difference > 0, every["p_value"].to_numpy() <= level
    for q in chances.tolist():
        weight = np.asarray(binom.pmf(every["named_yes"], counts.events[2], q))
        weight = weight * binom.pmf(every["others_yes"], counts.others[2], q)
        total = float(weight.sum())
        sums = [min(total, float((weight * part).sum())) for part in parts]
        means = [part / total if total > 0 else np.nan for part in sums]
        rows.append((q, *means, max(0.0, 1 - total)))
    return pd.DataFrame(rows, columns=["q", "mean_difference", "positive", "small_p", "excluded"])
