"""Agreement between coders who coded the same units; a frame has a column a coder."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, get_args

import krippendorff
import numpy as np
import numpy.typing as npt

from smalln.inputs import aligned, categories_of, listed, numbers, one_line, one_of, ordinal
from smalln.result import NotEstimable

Measurement = Literal["nominal", "ordinal", "interval", "ratio"]
# numbers that the library may hold at once
MOST_HELD = 10_000_000
NOTHING_VARIES = NotEstimable("every coder gives every unit the same value, so nothing varies")


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha, its level of measurement, and how many units entered.

    >>> alpha([[1, 2, 3], [1, 2, 3]]).units
    3
    """

    value: float
    measurement: str
    units: int


def equal(ratings: Sequence[Sequence[Any]]) -> int:
    """Return on how many units all coders give the same value; `ratings` is coders x units.

    Raises:
        ValueError: fewer than two coders, or coders with different numbers of units.

    >>> equal([["a", "b", "c"], ["a", "b", "d"]])
    2
    """
    return sum(len(set(unit)) == 1 for unit in zip(*_coders(ratings), strict=True))


def nominal_alpha(ratings: Sequence[Sequence[Any]]) -> Alpha | NotEstimable:
    """Return Krippendorff's alpha of nominal values; `ratings` is coders x units, all filled.

    Silence is a level like any other: pass it as a value of its own.

    Raises:
        ValueError: fewer than two coders, or coders with different numbers of units.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; computed by `krippendorff`
        from how many coders gave each unit each value.

    >>> nominal_alpha([["a", "a", "b"], ["a", "b", "b"]]).value  # observed 1/3, expected 3/5
    0.4444444444444444
    """
    coders = _coders(ratings)
    units, values = len(coders[0]), sorted(set(chain.from_iterable(coders)), key=str)
    if len(values) < 2:
        return NOTHING_VARIES
    tallies = map(Counter, zip(*coders, strict=True))
    counts = np.array([[tally[value] for value in values] for tally in tallies])
    if counts.size * len(values) <= MOST_HELD:
        value = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        return Alpha(float(value), "nominal", units)
    # the library would hold every value by every value for each unit
    of_value, raters, n = counts.sum(axis=0), len(coders), counts.sum()
    observed = 1 - (counts * (counts - 1)).sum() / (units * raters * (raters - 1))
    expected = 1 - (of_value * (of_value - 1)).sum() / (n * (n - 1))
    return Alpha(float(1 - observed / expected), "nominal", units)


def alpha(
    ratings: Sequence[npt.ArrayLike], measurement: Measurement = "ordinal"
) -> Alpha | NotEstimable:
    """Return Krippendorff's alpha of numbers or ordered categories; `ratings` is coders x units.

    NaN: a rating is missing. `measurement`: how differences count (of categories nominal or
    ordinal). Units that fewer than two coders rated do not enter.

    Raises:
        ValueError: fewer than two coders, coders with different numbers of units or labels, no
            numbers, categories that differ or have no order, another level of measurement, or for
            `ratio` a negative number.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; computed by `krippendorff`.

    >>> alpha([[1, 2, 3, None], [1, 2, 3, 4]], "interval").value  # all that two rated agree
    1.0
    """
    one_of(measurement, "measurement", get_args(Measurement))
    columns = _by_name(ratings)
    kinds = [categories_of(column) for column in columns.values()]
    differ = any(kind != kinds[0] for kind in kinds)
    if differ or (kinds and kinds[0] is not None and measurement in ("interval", "ratio")):
        allowed = "the same ones for each coder, nominal or ordinal"
        raise ValueError(f"ratings: categories {one_line(kinds)}; allowed: {allowed}")
    ranked = aligned(**{name: ordinal(column, name) for name, column in columns.items()})
    coders = [numbers(c, name).tolist() for name, c in zip(columns, ranked, strict=True)]
    table = np.array(_coders(coders))
    if measurement == "ratio" and (table < 0).any():
        raise ValueError("ratings: a negative number; allowed for ratio: 0 or more")
    paired = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    if not paired.size or np.nanmin(paired) == np.nanmax(paired):
        return NOTHING_VARIES
    value = krippendorff.alpha(reliability_data=table, level_of_measurement=measurement)
    return Alpha(float(value), measurement, paired.shape[1])


def _coders(ratings: Any) -> list[list[Any]]:
    coders = [listed(c, "ratings", "values") for c in aligned(**_by_name(ratings))]
    if len(coders) < 2 or len({len(coder) for coder in coders}) != 1 or not coders[0]:
        sizes = [len(coder) for coder in coders]
        raise ValueError(f"ratings: units by coder {sizes}; allowed: 2 coders or more, equal units")
    for value in chain.from_iterable(coders):
        if not isinstance(value, Hashable):
            raise ValueError(f"ratings: {one_line(value)}; allowed: a text or a number a unit")
    return coders


def _by_name(ratings: Any) -> dict[str, Any]:
    return {f"ratings[{i}]": c for i, c in enumerate(listed(ratings, "ratings", "coders"))}
