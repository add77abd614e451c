"""Agreement between coders who coded the same units; a frame has a column a coder."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import krippendorff
import numpy as np
import pandas as pd

from smalln.inputs import aligned, listed, one_line
from smalln.result import NotEstimable

# numbers that the library may hold at once
MOST_HELD = 10_000_000
NOTHING_VARIES = NotEstimable("every coder gives every unit the same value, so nothing varies")


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha, and how many units entered.

    >>> nominal_alpha([["a", "b"], ["a", "b"]])
    Alpha(value=1.0, units=2)
    """

    value: float
    units: int


def nominal_alpha(ratings: Sequence[Sequence[Any]]) -> Alpha | NotEstimable:
    """Return Krippendorff's alpha of nominal values; `ratings` is coders x units, all filled.

    Silence is a level like any other: pass it as a value of its own; NaN and None are none. For
    ordered values, numbers and missing ratings see `krippendorff.alpha`.

    Raises:
        ValueError: fewer than two coders, coders with different numbers of units or labels.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; computed by `krippendorff`
        from how many coders gave each unit each value.

    >>> nominal_alpha([["a", "a", "b"], ["a", "b", "b"]]).value  # observed 1/3, expected 3/5
    0.4444444444444444
    """
    coders = listed(ratings, "ratings", "coders")
    named = aligned(**{f"ratings[{i}]": coder for i, coder in enumerate(coders)})
    coders = [listed(coder, "ratings", "values") for coder in named]
    sizes = [len(coder) for coder in coders]
    if len(coders) < 2 or len(set(sizes)) != 1 or not sizes[0]:
        raise ValueError(f"ratings: units by coder {sizes}; allowed: 2 coders or more, equal units")
    for value in chain.from_iterable(coders):
        if not pd.api.types.is_scalar(value) or pd.isna(value):
            raise ValueError(f"ratings: {one_line(value)}; allowed: a text or a number a unit")
    units, values = sizes[0], sorted(set(chain.from_iterable(coders)), key=str)
    if len(values) < 2:
        return NOTHING_VARIES
    tallies = map(Counter, zip(*coders, strict=True))
    counts = np.array([[tally[value] for value in values] for tally in tallies])
    if counts.size * len(values) <= MOST_HELD:
        value = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        return Alpha(float(value), units)
    # the library would hold every value by every value for each unit
    of_value, raters, n = counts.sum(axis=0), len(coders), counts.sum()
    observed = 1 - (counts * (counts - 1)).sum() / (units * raters * (raters - 1))
    expected = 1 - (of_value * (of_value - 1)).sum() / (n * (n - 1))
    return Alpha(float(1 - observed / expected), units)
