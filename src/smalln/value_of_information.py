"""What to ask next: the fewest answers that fix the sign, and what each answer is worth."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import comb, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from smalln.bounds import TOLERANCE, Bounds, Counts, bounds_of, counted
from smalln.inputs import number, pair
from smalln.result import NotEstimable

# ways to ask and to answer that are summed over; a probability below is none
MOST_WAYS, TINY = 20_000, 1e-300


@dataclass(frozen=True)
class Settling:
    """The fewest answers that fix the sign of the difference, whatever the others are.

    `answers` of `unknown` cells, `among_events` of them in units with the event. For the direction
    found, units without the event answer `answer`, the others the contrary: the bounds then left.

    >>> settling([1, 1, 0, 0], [1, None, 0, 0]).answers  # nothing to ask: the sign is known
    0
    """

    answers: int
    unknown: int
    among_events: int
    among_others: int
    answer: int
    lower: float
    upper: float


def settling(
    outcome: ArrayLike, factor: ArrayLike, others_only: bool = False
) -> Settling | NotEstimable:
    """Return the fewest unknown factor cells whose answers would fix the sign of the difference.

    `others_only` asks only units without the event. The answers are the most helpful ones (0 among
    units without the event and 1 among those with it, or the reverse); the cells left open take
    their worst values. Ties prefer the positive sign, then answers among units without the event.
    More answers never settle less, so the number is found by halving.

    Raises:
        ValueError: an unknown outcome, another shape or value, labels that differ.

    >>> found = settling([1] * 5 + [0] * 8, [1, 1, 1] + [None] * 10, others_only=True)
    >>> found.answers, found.answer, round(found.lower, 3)  # four of the eight others say no
    (4, 0, 0.095)
    """
    counts = counted(*pair(outcome, factor, unknown_outcome=False))
    most = counts[6] if others_only else counts[6] + counts[7]
    of_answers = partial(_settled, counts, others_only)
    fewest = bisect_left(range(most + 1), True, key=lambda answers: any(of_answers(answers)))
    if fewest > most:
        return NotEstimable("no set of answers would fix the sign")
    among, answer, left = next(of_answers(fewest))
    unknown = counts[6] + counts[7]
    return Settling(fewest, unknown, among, fewest - among, answer, left.lower, left.upper)


def _settled(counts: Counts, others_only: bool, answers: int) -> Iterator[tuple[int, int, Bounds]]:
    """Yield the ways in which so many answers fix the sign: among events, answer, bounds left."""
    silent_others, silent_events = counts[6:8]
    most = 0 if others_only else min(answers, silent_events)
    among = np.arange(max(0, answers - silent_others), most + 1)
    for sign, helpful in ((1, 1), (-1, 0)):
        # events answer the helpful side, others the contrary; what is left turns against it, all
        # splits in one pass
        (first_o, first_e), (second_o, second_e) = (
            counts[3 * side : 3 * side + 2] for side in (helpful, 1 - helpful)
        )
        first_events, second_events = first_e + among, second_e + silent_events - among
        first = first_events + first_o + silent_others - (answers - among)
        second = second_events + second_o + answers - among
        with np.errstate(invalid="ignore", divide="ignore"):
            worst = first_events / first - second_events / second
        # where that leaves a group empty, only the bounds can tell
        for split in among[(first == 0) | (second == 0) | (worst > TOLERANCE)].tolist():
            filled = _answered(counts, 1, helpful, split)
            left = bounds_of(_answered(filled, 0, 1 - helpful, answers - split))
            if isinstance(left, Bounds) and (
                left.lower > TOLERANCE if sign > 0 else left.upper < -TOLERANCE
            ):
                yield split, 1 - helpful, left


def _answered(counts: Counts, outcome: int, answer: int, times: int) -> Counts:
    """Return counts with so many unknown cells of an outcome (2: unknown) answered."""
    filled = list(counts)
    filled[6 + outcome] -= times
    filled[3 * answer + outcome] += times
    return tuple(filled)


def settling_chance(
    outcome: ArrayLike, factor: ArrayLike, share: float = 0.5
) -> pd.Series | NotEstimable:
    """Return the probability that the sign is fixed once so many unknown cells are known.

    Cells are asked at random, whether their unit has the outcome or not; each answer is 1 with
    probability `share` (.5: every completion is as likely). Index `answers`, from 0 on: `settling`
    tells from which number on it is possible at all. Summed over all answers, exactly.

    Raises:
        ValueError: an unknown outcome, another shape or value, labels that differ, a share outside
            [0, 1].

    >>> settling_chance([1, 1, 0, 0], [1, None, None, 0]).round(3).tolist()  # one of four is 0
    [0.0, 0.5, 0.75]
    """
    counts = counted(*pair(outcome, factor, unknown_outcome=False))
    share, silent = number(share, "share", 0, 1), (counts[7], counts[6])
    # so rare an answer never comes, and SciPy's distribution fails
    share = 0.0 if share < TINY else share
    if prod((n + 1) * (n + 2) // 2 for n in silent) > MOST_WAYS:
        return NotEstimable("there are too many ways to ask and to answer")
    fixed = np.zeros(sum(silent) + 1)
    for asked in np.ndindex(silent[0] + 1, silent[1] + 1):
        chances = [np.asarray(binom.pmf(range(n + 1), n, share)) for n in asked]
        weight = prod(map(comb, silent, asked)) / comb(sum(silent), sum(asked))
        for yes in np.ndindex(asked[0] + 1, asked[1] + 1):
            left = counts
            for kind, n, k in zip((1, 0), asked, yes, strict=True):
                left = _answered(_answered(left, kind, 1, k), kind, 0, n - k)
            ends = bounds_of(left)
            if isinstance(ends, Bounds) and max(ends.lower, -ends.upper) > TOLERANCE:
                fixed[sum(asked)] += weight * chances[0][yes[0]] * chances[1][yes[1]]
    return pd.Series(fixed, name="chance").rename_axis("answers")


def cell_values(outcome: ArrayLike, factor: ArrayLike, share: float = 0.5) -> pd.DataFrame:
    """Return by how much the bounds of the difference narrow if one unknown factor cell is known.

    One row for each kind of unit with an unknown factor (outcome 1, 0, NaN). Columns: `outcome`;
    `cells`, their number; `if_zero`, `if_one`: how much narrower the bounds are; `mean`, the mean
    of both where the answer is 1 with probability `share`. NaN where an answer leaves a group empty
    for certain, so that nothing can be compared.

    Raises:
        ValueError: another shape or value, labels that differ, a share outside [0, 1].

    >>> cell_values([1, 1, 0, 0], [1, None, 0, 0])[["if_zero", "if_one"]].round(3).values.tolist()
    [[0.333, 0.333]]
    """
    counts, share = counted(*pair(outcome, factor)), number(share, "share", 0, 1)

    def width(counts: Counts) -> float:
        bounds = bounds_of(counts)
        return bounds.upper - bounds.lower if isinstance(bounds, Bounds) else np.nan

    rows = []
    for kind, label in ((1, 1.0), (0, 0.0), (2, np.nan)):
        if counts[6 + kind]:
            zero, one = (width(counts) - width(_answered(counts, kind, a, 1)) for a in (0, 1))
            rows.append((label, counts[6 + kind], zero, one, zero * (1 - share) + one * share))
    columns = ["outcome", "cells", "if_zero", "if_one", "mean"]
    return pd.DataFrame(rows, columns=columns).astype(float).astype({"cells": int})
