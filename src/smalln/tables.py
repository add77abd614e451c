"""Tables of counts (rows are groups; columns are event, no event) and the p of each such table."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import comb
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom

from smalln.checks import one_of

Alternative = Literal["two-sided", "greater", "less"]
# tables whose probabilities agree to this share are ties, as in R's fisher.test
RELATIVE = 1e-7
TIE = round(1 / RELATIVE)
# units up to which tables are counted in whole numbers
WHOLE = 400


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
    one_of(alternative, "alternative", get_args(Alternative))


def cross_table(outcome: NDArray[np.float64], factor: NDArray[np.float64]) -> list[list[int]]:
    """Return counts: rows factor 1 and 0, columns outcome 1 and 0."""
    known = ~(np.isnan(outcome) | np.isnan(factor))
    code = 2 * factor[known] + outcome[known]
    d, c, b, a = np.bincount(code.astype(int), minlength=4).tolist()
    return [[a, b], [c, d]]


@lru_cache(maxsize=65_536)
def p_by_cell(first: int, second: int, events: int, alternative: Alternative) -> tuple[float, ...]:
    """Return Fisher's p for each attainable first cell, from the smallest cell on.

    `first`, `second`: sizes of the groups; `events` in both together. Whole numbers up to `WHOLE`
    units, so that no table is lost or won by rounding; beyond, floats as in R.
    """
    cells = range(max(0, events - second), min(first, events) + 1)
    if first + second > WHOLE:
        return _p_in_floats(first, second, np.arange(cells.start, cells.stop), events, alternative)
    of_first, of_second = _binomials(first), _binomials(second)
    ways = [of_first[k] * of_second[events - k] for k in cells]
    total = comb(first + second, events)
    if alternative == "greater":
        return tuple(w / total for w in accumulate(reversed(ways)))[::-1]
    if alternative == "less":
        return tuple(w / total for w in accumulate(ways))
    ordered = sorted(ways)
    sums, scaled = [0, *accumulate(ordered)], [w * TIE for w in ordered]
    ends = (bisect_right(scaled, w * (TIE + 1)) for w in ways)
    return tuple(sums[end] / total for end in ends)


@lru_cache(maxsize=2 * WHOLE)
def _binomials(n: int) -> tuple[int, ...]:
    return tuple(comb(n, k) for k in range(n + 1))


def _p_in_floats(
    first: int, second: int, cells: NDArray[np.intp], events: int, alternative: Alternative
) -> tuple[float, ...]:
    chances = hypergeom.pmf(cells, first + second, first, events)
    if alternative == "greater":
        found = np.cumsum(chances[::-1])[::-1]
    elif alternative == "less":
        found = np.cumsum(chances)
    else:
        ordered = np.sort(chances)
        ends = np.searchsorted(ordered, chances * (1 + RELATIVE), side="right")
        found = np.cumsum(ordered)[ends - 1]
    return tuple(np.minimum(found, 1.0).tolist())
