"""The p of a 2 x 2 table with given margins: whole numbers for few units, logarithms for many."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import comb, lgamma, log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py, xlogy
from scipy.stats import binom

from smalln.inputs import Floats, Ints

Alternative = Literal["two-sided", "greater", "less"]
# tables whose probabilities agree to this share are ties, as in R's fisher.test
RELATIVE = 1e-7
TIE = round(1 / RELATIVE)
# units up to which tables are counted in whole numbers
WHOLE = 400
# no p is 0: what is smaller than any float is told by its logarithm
LEAST = 5e-324
# of a sum, relative to it: smaller terms change no digit
NEGLIGIBLE = 1e-18


@lru_cache(maxsize=65_536)
def p_by_cell(first: int, second: int, events: int, alternative: Alternative) -> dict[int, float]:
    """Return Fisher's p by the first cell of a table, for each that is attainable.

    `first`, `second`: sizes of the groups; `events` in both together. A p adds up the tables that
    are no nearer to what is expected: in whole numbers none is lost or won by rounding.
    """
    if first + second > WHOLE:
        return _p_by_cell_of_many(first, second, events, alternative)
    cells = np.arange(max(0, events - second), min(first, events) + 1)
    tables = [comb(first, cell) * comb(second, events - cell) for cell in cells.tolist()]
    chances = np.array(tables, dtype=object)
    near = {"two-sided": chances, "less": cells, "greater": first - cells}[alternative]
    order = np.argsort(near)
    as_far = np.searchsorted(near[order], near + near // TIE, side="right")
    p = chances[order].cumsum()[as_far - 1] / chances.sum()
    return dict(zip(cells.tolist(), p.tolist(), strict=True))


def _p_by_cell_of_many(
    first: int, second: int, events: int, alternative: Alternative
) -> dict[int, float]:
    """Return the same by logarithms."""
    cells = np.arange(max(0, events - second), min(first, events) + 1)
    if len(cells) == 1:
        return {int(cells[0]): 1.0}
    chances = log_chance(first, second, events, cells)
    near = {"two-sided": chances, "less": cells, "greater": first - cells}[alternative]
    order = np.argsort(near)
    as_far = np.searchsorted(near[order], near + RELATIVE, side="right")
    sums = np.logaddexp.accumulate(chances[order])[as_far - 1]
    return dict(zip(cells.tolist(), np.clip(np.exp(sums), LEAST, 1.0).tolist(), strict=True))


def p_by_size(n: int, events: int, sizes: Iterable[int]) -> Floats:
    """Return Fisher's two-sided p by size of the first group and events in it.

    Shape (n + 1, events + 1); 1 for sizes that are not asked for, and where a group is empty.
    """
    p = np.ones((n + 1, events + 1))
    for size in sizes:
        by_cell = p_by_cell(size, n - size, events, "two-sided")
        p[size, list(by_cell)] = list(by_cell.values())
    return p


def binomial(size: int, shares: Floats) -> Floats:
    """Return the chance of 0 to `size` events, along a last axis, at each share of the event."""
    return np.asarray(binom.pmf(np.arange(size + 1), size, shares[..., None]))


def p_of_tables(first: Ints, second: Ints, events: int, cell: Ints) -> Floats:
    """Return Fisher's two-sided p of many tables of as many units, shape (tables,)."""
    n = int(first[0] + second[0]) if len(first) else 0
    # where most cells of a margin are asked for, all of them at once are quicker
    if n <= WHOLE or not 0 < events < n or len(first) > 8 * n:
        tables = zip(cell.tolist(), first.tolist(), second.tolist(), strict=True)
        return np.array([p_by_cell(a, b, events, "two-sided")[at] for at, a, b in tables])
    return np.asarray(np.maximum(LEAST, np.exp(log_p(first, second, events, cell))))


def log_chance(first: ArrayLike, second: ArrayLike, events: int, cell: ArrayLike) -> Floats:
    """Return the natural logarithm of the probability of a first cell; no margin is 0."""
    # three binomial probabilities with one share of events
    n = np.add(first, second)
    of_first = log_binomial(first, cell, events, n)
    of_second = log_binomial(second, np.subtract(events, cell), events, n)
    return of_first + of_second - log_binomial(n, events, events, n)


def log_binomial(size: ArrayLike, cell: ArrayLike, events: int, n: Ints | int) -> Floats:
    """Return the log probability of `cell` of `size` where the share is `events` of `n`.

    A factorial is k log k - k and a rest: what is large cancels in closed form, digits stay.
    """
    size, cell = np.asarray(size, dtype=float), np.asarray(cell, dtype=float)
    away = cell - size * (events / n)
    logs = _rest(size) - _rest(cell) - _rest(size - cell)
    logs -= _deviance(cell, size * (events / n), away)
    logs -= _deviance(size - cell, size * ((n - events) / n), -away)
    return logs


def _deviance(count: Floats, expected: Floats, away: Floats) -> Floats:
    """Return count log(count / expected) less what it is away from expected."""
    near = np.abs(away) < expected / 2
    close = xlog1py(count, np.where(near, away / expected, 0.0))
    return np.where(near, close, xlogy(count, count / expected)) - away


_RESTS = np.array([0.0, *(lgamma(k + 1) - k * log(k) + k for k in range(1, 32))])


def _rest(k: Floats) -> Floats:
    """Return log k! - (k log k - k), by Stirling's series from 32 on."""
    large = np.maximum(k, 32.0)
    inverse = 1 / large**2
    series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / large
    series = series + 0.5 * np.log(2 * np.pi * large)
    return np.where(k < 32, _RESTS[np.minimum(k, 31).astype(int)], series)


def log_p(
    first: Ints, second: Ints, events: int, cell: Ints, alternative: Alternative = "two-sided"
) -> Floats:
    """Return the natural logarithm of Fisher's p of many tables at once, shape (tables,).

    `first`, `second`, `cell`: shape (tables,), no margin 0. A tail's terms fall off geometrically.
    """
    if alternative == "less":
        first, second, cell = second, first, events - cell
    # in floats, since products of counts of billions are no int64; it may be the other of two modes
    mode = np.floor((events + 1) * ((first + 1) / (first + second + 2))).astype(np.int64)
    if alternative != "two-sided":
        above = cell > mode
        start, sign = np.where(above, cell, cell - 1), np.where(above, 1, -1)
        tail = _log_tail(first, second, events, start, sign)
        with np.errstate(divide="ignore"):
            below = np.log1p(-np.minimum(np.exp(np.minimum(tail, 0.0)), 1.0))
        return np.minimum(0.0, np.where(above, tail, below))
    limit = log_chance(first, second, events, cell) + RELATIVE
    left, right = (_boundary(first, second, events, mode, limit, sign) for sign in (-1, 1))
    ends = ((left, -1), (right, 1))
    both = np.logaddexp(*(_log_tail(first, second, events, at, sign) for at, sign in ends))
    return np.minimum(0.0, np.where(left >= right - 1, 0.0, both))


def _boundary(first: Ints, second: Ints, events: int, mode: Ints, limit: Floats, sign: int) -> Ints:
    """Return the cell next to the mode on one side whose probability is within the limit."""
    # one beyond the last cell where none is; probabilities fall from the mode on
    last = np.maximum(0, events - second) if sign < 0 else np.minimum(first, events)
    inside, outside = last + sign, mode - sign
    while (wide := np.abs(inside - outside) > 1).any():
        middle = (inside + outside) // 2
        fits = log_chance(first, second, events, middle) <= limit
        inside = np.where(wide & fits, middle, inside)
        outside = np.where(wide & ~fits, middle, outside)
    return inside


def _log_tail(first: Ints, second: Ints, events: int, start: Ints, sign: Ints | int) -> Floats:
    """Return the logarithm of the chance of a cell and all beyond it; -inf outside the support."""
    lowest, highest = np.maximum(0, events - second), np.minimum(first, events)
    within = (lowest <= start) & (start <= highest)
    at = np.clip(start, lowest, highest)
    # to the left is to the right with the columns exchanged
    right = np.where(sign > 0, at, first - at)[:, None].astype(float)
    column = np.where(sign > 0, events, first + second - events)[:, None].astype(float)
    row, other = first[:, None].astype(float), second[:, None].astype(float)
    total, last, width = np.ones(len(at)), np.ones(len(at)), 64
    while (last > NEGLIGIBLE * total).any():
        cells = right + np.arange(width)
        ratios = (row - cells) * (column - cells) / ((cells + 1) * (other - column + cells + 1))
        # the first factor of 0 ends the support
        terms = last[:, None] * np.cumprod(np.maximum(ratios, 0.0), axis=1)
        total, last, right = total + terms.sum(axis=1), terms[:, -1], right + width
        width = min(4096, 2 * width)
    logs = log_chance(first, second, events, at) + np.log(total)
    return np.where(within, logs, -np.inf)
