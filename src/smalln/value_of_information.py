"""What to ask next: the fewest answers that fix the sign, and what each answer is worth."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smalln.arguments import number
from smalln.bounds import TOLERANCE, Bounds, risk_difference
from smalln.inputs import Floats, pair
from smalln.result import NotEstimable


@dataclass(frozen=True)
class Settling:
    """The fewest answers that fix the sign of the difference, whatever the others are.

    `answers` of `unknown` cells, of which `among_events` belong to units with the outcome. For the
    direction found, units without the event all answer `answer`, those with it the contrary; the
    bounds that are then left.

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

    `others_only` asks only units without the event. The answers are the most helpful ones; the
    cells left open take their worst values. Answers of 0 among units without the event and 1 among
    those with it raise the difference, and the reverse lowers it. Ties prefer the positive sign,
    then answers among units without the event. More answers never settle less, so the number is
    found by halving.

    Raises:
        ValueError: an unknown outcome, another shape or value, labels that differ.

    >>> found = settling([1] * 5 + [0] * 8, [1, 1, 1] + [None] * 10, others_only=True)
    >>> found.answers, found.answer, round(found.lower, 3)  # four of the eight others say no
    (4, 0, 0.095)
    """
    y, x = pair(outcome, factor, unknown_outcome=False)
    events, others = (np.flatnonzero(np.isnan(x) & (y == o)) for o in (1, 0))
    asked = events[:0] if others_only else events
    too_few, enough = -1, len(asked) + len(others)
    best = next(_settled(y, x, asked, others, enough), None)
    if best is None:
        return NotEstimable("no set of answers would fix the sign")
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        better = next(_settled(y, x, asked, others, middle), None)
        if better is None:
            too_few = middle
        else:
            best, enough = better, middle
    among_events, answer, bounds = best
    unknown = len(events) + len(others)
    return Settling(
        enough, unknown, among_events, enough - among_events, answer, bounds.lower, bounds.upper
    )


def _settled(
    y: Floats, x: Floats, events: NDArray[np.intp], others: NDArray[np.intp], answers: int
) -> Iterator[tuple[int, int, Bounds]]:
    """Yield the ways in which so many answers fix the sign: among events, answer, bounds left."""
    among = np.arange(max(0, answers - len(others)), min(answers, len(events)) + 1)
    for sign in (1, -1):
        for split in among[_promising(y, x, among, answers, sign)].tolist():
            filled = x.copy()
            filled[events[:split]] = float(sign > 0)
            filled[others[: answers - split]] = float(sign < 0)
            left = risk_difference(y, filled)
            if isinstance(left, Bounds) and (
                left.lower > TOLERANCE if sign > 0 else left.upper < -TOLERANCE
            ):
                yield split, int(sign < 0), left


def _promising(
    y: Floats, x: Floats, among: NDArray[np.intp], answers: int, sign: int
) -> NDArray[np.bool_]:
    """Return which splits of the answers between events and others may fix the sign, in one pass.

    The worst completion gives every unasked event the unhelpful value and every unasked other one
    the same; where that leaves a group empty the answer is left to the full search.
    """
    help_, harm = (1.0, 0.0) if sign > 0 else (0.0, 1.0)
    with_, without = ([int(((y == o) & (x == v)).sum()) for o in (1, 0)] for v in (help_, harm))
    silent = [int((np.isnan(x) & (y == o)).sum()) for o in (1, 0)]
    # events answer the helpful side, others the contrary; what is left turns against it
    events_helped, others_against = with_[0] + among, without[1] + answers - among
    events_against = without[0] + silent[0] - among
    others_helped = with_[1] + silent[1] - (answers - among)
    first, second = events_helped + others_helped, events_against + others_against
    empty = (first == 0) | (second == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        worst = events_helped / first - events_against / second
    promising: NDArray[np.bool_] = empty | (worst > TOLERANCE)
    return promising


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
    y, x = pair(outcome, factor)
    share = number(share, "share", 0, 1)
    before, rows = _width(y, x), []
    for kind in (1.0, 0.0, np.nan):
        cells = np.flatnonzero(np.isnan(x) & (np.isnan(y) if np.isnan(kind) else y == kind))
        if not len(cells):
            continue
        gains = []
        for answer in (0.0, 1.0):
            filled = x.copy()
            filled[cells[0]] = answer
            gains.append(before - _width(y, filled))
        mean = gains[0] * (1 - share) + gains[1] * share
        rows.append((kind, len(cells), *gains, mean))
    columns = ["outcome", "cells", "if_zero", "if_one", "mean"]
    return pd.DataFrame(rows, columns=columns).astype(float).astype({"cells": int})


def _width(y: Floats, x: Floats) -> float:
    bounds = risk_difference(y, x)
    return bounds.upper - bounds.lower if isinstance(bounds, Bounds) else np.nan
