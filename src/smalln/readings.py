"""How ways of reading a notice do: silence read as no, everybody asked, a mark without meaning."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from smalln.checks import number, whole
from smalln.programmes import (
    ALWAYS_EMPTY,
    Draws,
    Floats,
    Programme,
    difference_of,
    drawn_from,
)
from smalln.result import NotEstimable
from smalln.tables import p_by_cell


@dataclass(frozen=True)
class Reading:
    """How a way of reading does over many draws.

    `power`: share with p <= .05 of those in which both groups are filled. Among these `sign_error`:
    share with the wrong sign; `exaggeration`: mean size over the true size (NaN without an effect,
    or without such draws; Gelman and Carlin 2014). `filled`: share of draws with both groups
    filled.
    """

    power: float
    sign_error: float
    exaggeration: float
    filled: float


def silence_as_no(programme: Programme, draws: int = 2000, seed: int = 0) -> Reading | NotEstimable:
    """Return how reading silence as no does: what is not mentioned is taken to be absent.

    Raises:
        ValueError: draws below 1.
    """
    found = drawn_from(programme, draws, seed)
    return _read(programme, found, found.mentioned_events, found.mentioned_others)


def asking_all(programme: Programme, draws: int = 2000, seed: int = 0) -> Reading | NotEstimable:
    """Return how the same comparison does if every unit is asked.

    Raises:
        ValueError: draws below 1.
    """
    found = drawn_from(programme, draws, seed)
    return _read(programme, found, found.carried_events, found.carried_others)


def _read(
    programme: Programme, drawn: Draws, ones_e: Floats, ones_o: Floats
) -> Reading | NotEstimable:
    estimate = difference_of(drawn, ones_e, ones_o)
    filled = ~np.isnan(estimate)
    if not filled.any():
        return ALWAYS_EMPTY
    tables = np.column_stack([drawn.events, ones_e, ones_o])[filled].astype(int)
    kinds, which = np.unique(tables, axis=0, return_inverse=True)
    p = np.array([_p(programme.n, *row) for row in kinds.tolist()])[which.ravel()]
    small, sizes = p <= 0.05, estimate[filled]
    share = float(small.mean())
    wrong = exaggerated = float("nan")
    if small.any() and programme.effect != 0:
        wrong = float((np.sign(sizes[small]) != np.sign(programme.effect)).mean())
        exaggerated = float(np.abs(sizes[small]).mean() / abs(programme.effect))
    return Reading(share, wrong, exaggerated, float(filled.mean()))


def _p(n: int, events: int, ones_e: int, ones_o: int) -> float:
    first = ones_e + ones_o
    by_cell = p_by_cell(first, n - first, events, "two-sided")
    return by_cell[ones_e - max(0, events - (n - first))]


def placebo(
    n: int, events: int, carried: float, reported: bool = True, level: float = 0.05
) -> float:
    """Return how often a mark that means nothing gets a small p.

    Each of `n` units carries it with probability `carried`, whatever its outcome. `reported`: it is
    mentioned only for the units with the event, and silence is read as no; else all are asked.
    Computed by enumeration: two-sided Fisher p of at most `level`.

    Raises:
        ValueError: no whole numbers 0 < events < n, or a share or level outside [0, 1].
    """
    n, events = whole(n, "n", 2), whole(events, "events", 1)
    if events >= n:
        raise ValueError(f"events: {events!r}; allowed: a whole number below n, {n}")
    carried, level = number(carried, "carried", 0, 1), number(level, "level", 0, 1)
    others = 0 if reported else n - events
    chance_e, chance_o = (
        binom.pmf(np.arange(size + 1), size, carried).tolist() for size in (events, others)
    )
    total = 0.0
    for e in range(events + 1):
        for o in range(others + 1):
            if 0 < e + o < n and _p(n, events, e, o) <= level:
                total += chance_e[e] * chance_o[o]
    return total
