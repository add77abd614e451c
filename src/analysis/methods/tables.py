"""Tables of counts (rows are groups; columns are event, no event) and the p of each such table."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Alternative = Literal["two-sided", "greater", "less"]
# tables whose probabilities agree to this share are ties, as in R's fisher.test
RELATIVE = 1e-7
_TIE = round(1 / RELATIVE)


@dataclass(frozen=True)
class ExactTest:
    """A p-value with the smallest that the test could give at the same margins or sizes."""

    p_value: float
    p_smallest: float
    alternative: Alternative
    test: str


def counts(table: ArrayLike, groups: int | None = None) -> list[list[int]]:
    """Return a table of two columns as whole numbers; `groups`: its rows, else two or more.

    Raises:
        ValueError: another shape, or anything but whole counts of 0 or more.
    """
    allowed = f"{groups or 'two or more'} rows x 2 columns of whole counts"
    try:
        found = np.asarray(table)
    except ValueError as error:
        raise ValueError(f"table: {table!r}; allowed: {allowed}") from error
    shaped = found.ndim == 2 and found.shape[1] == 2 and found.shape[0] >= 2
    if not shaped or (groups and found.shape[0] != groups) or found.dtype.kind not in "iuf":
        raise ValueError(f"table: {table!r}; allowed: {allowed}")
    if not np.isfinite(found).all() or (found != np.floor(found)).any() or (found < 0).any():
        raise ValueError(f"table: {table!r}; allowed: {allowed}, each 0 or more")
    return [[int(cell) for cell in row] for row in found.tolist()]


def alternative_checked(alternative: str) -> None:
    """Raise ValueError unless the alternative is one of three."""
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative: {alternative!r}; allowed: two-sided, greater, less")


def cross_table(outcome: NDArray[np.float64], factor: NDArray[np.float64]) -> list[list[int]]:
    """Return counts: rows factor 1 and 0, columns outcome 1 and 0."""
    known = ~(np.isnan(outcome) | np.isnan(factor))
    code = 2 * factor[known] + outcome[known]
    d, c, b, a = np.bincount(code.astype(int), minlength=4).tolist()
    return [[a, b], [c, d]]


def tail(weights: list[int], seen: int) -> int:
    """Return the weight of everything no more probable than `seen`; `weights` in rising order.

    Whole numbers throughout, so that no table is lost or won by rounding.
    """
    end = bisect_right(weights, seen * (_TIE + 1), key=lambda w: w * _TIE)
    return sum(weights[:end])


@lru_cache(maxsize=65_536)
def p_by_cell(first: int, second: int, events: int, alternative: Alternative) -> tuple[float, ...]:
    """Return Fisher's p for each attainable first cell, from the smallest cell on.

    `first`, `second`: sizes of the groups; `events` in both together.
    """
    cells = range(max(0, events - second), min(first, events) + 1)
    ways = [comb(first, k) * comb(second, events - k) for k in cells]
    total = comb(first + second, events)
    if alternative == "greater":
        return tuple(w / total for w in accumulate(reversed(ways)))[::-1]
    if alternative == "less":
        return tuple(w / total for w in accumulate(ways))
    ordered = sorted(ways)
    sums = [0, *accumulate(ordered)]
    ends = (bisect_right(ordered, w * (_TIE + 1), key=lambda o: o * _TIE) for w in ways)
    return tuple(sums[end] / total for end in ends)
