"""Units counted by factor and outcome: all that bounds and exact tests need to know of them."""

from numpy.typing import ArrayLike

from smalln.inputs import Floats, digits, pair

# units by factor (0, 1, unknown), within it by outcome (0, 1, unknown)
Counts = tuple[int, ...]


def counted(y: Floats, x: Floats) -> Counts:
    """Return how many units have each pair of values; `y` outcome, `x` factor, shape (units,)."""
    codes = (3 * digits(x) + digits(y)).tobytes()
    return tuple(map(codes.count, range(9)))


def cross_table(outcome: ArrayLike, factor: ArrayLike) -> list[list[int]]:
    """Return counts of the units known in both: rows factor 1 and 0, columns outcome 1 and 0.

    Raises:
        ValueError: values other than 1, 0 and NaN, other lengths or labels.

    >>> cross_table([1, 0, 1, 0, 1], [1, 1, 0, 0, None])
    [[1, 1], [1, 1]]
    """
    return table_of(counted(*pair(outcome, factor)))


def table_of(counts: Counts) -> list[list[int]]:
    """Return the cross table of the units known in both."""
    return [[counts[4], counts[3]], [counts[1], counts[0]]]
