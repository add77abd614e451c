"""Units counted by factor and outcome: all that bounds and exact tests need to know of them."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.arguments import one_line
from smalln.inputs import KNOWN, SHORT, Floats, aligned, binary, same_length

# units by factor (0, 1, unknown), within it by outcome (0, 1, unknown)
Counts = tuple[int, ...]
# of units in a cell of a table
LARGEST = 10**12


def pair(
    outcome: ArrayLike, factor: ArrayLike, unknown_outcome: bool = True, unknown_factor: bool = True
) -> tuple[Floats, Floats]:
    """Return outcome and factor as vectors of 1, 0 and, where allowed, NaN, unit by unit.

    Raises:
        ValueError: other values, lengths or labels.
    """
    if type(outcome) is not np.ndarray or type(factor) is not np.ndarray:
        outcome, factor = aligned(outcome=outcome, factor=factor)
    y, x = binary(outcome, "outcome", unknown_outcome), binary(factor, "factor", unknown_factor)
    same_length(y, x, "outcome, factor")
    return y, x


def counted(y: Floats, x: Floats) -> Counts:
    """Return how many units have each pair of values; `y` outcome, `x` factor, shape (units,)."""
    of_x, of_y = (_known(v.tobytes()) if v.nbytes <= SHORT else _digits(v) for v in (x, y))
    codes = (3 * of_x + of_y).tobytes()
    return tuple(map(codes.count, range(9)))


def _digits(vector: Floats) -> NDArray[np.int8]:
    """Return 0, 1, and 2 for unknown."""
    return np.where(np.isnan(vector), 2, vector).astype(np.int8)


@lru_cache(KNOWN)
def _known(vector: bytes) -> NDArray[np.int8]:
    return _digits(np.frombuffer(vector))


def cross_table(outcome: ArrayLike, factor: ArrayLike) -> list[list[int]]:
    """Return counts of the units known in both: rows factor 1 and 0, columns outcome 1 and 0.

    Raises:
        ValueError: values other than 1, 0 and NaN, other lengths or labels.

    >>> cross_table([1, 0, 1, 0, 1], [1, 1, 0, 0, None])
    [[1, 1], [1, 1]]
    """
    return table_of(*pair(outcome, factor))


def table_of(y: Floats, x: Floats) -> list[list[int]]:
    """Return the cross table of checked vectors."""
    counts = counted(y, x)
    return [[counts[4], counts[3]], [counts[1], counts[0]]]


def table_of_counts(table: ArrayLike, groups: int | None = None) -> list[list[int]]:
    """Return a table of two columns as whole numbers; `groups`: its rows, else two or more.

    Raises:
        ValueError: another shape, or anything but whole counts of 0 or more.
    """
    try:
        cells = np.asarray(table)
        if cells.dtype == object:
            cells = cells.astype(float)
    except (TypeError, ValueError, OverflowError):
        cells = np.array(np.nan)
    shaped = cells.ndim == 2 and cells.shape[1] == 2 and cells.dtype.kind in "iuf"
    fine = shaped and (cells.shape[0] == groups if groups else cells.shape[0] >= 2)
    # NaN is none of these
    if not fine or not ((cells >= 0) & (cells == np.floor(cells)) & (cells <= LARGEST)).all():
        allowed = f"{groups or 'two or more'} rows x 2 columns of whole counts, 0 to {LARGEST:.0e}"
        raise ValueError(f"table: {one_line(table)}; allowed: {allowed}")
    return [[int(cell) for cell in row] for row in cells.tolist()]
