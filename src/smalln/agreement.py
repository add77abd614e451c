"""Agreement between coders who coded the same units."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Literal, get_args

import krippendorff
import numpy as np
from numpy.typing import ArrayLike

from smalln.checks import listed, numbers, one_of
from smalln.result import NotEstimable

Measurement = Literal["nominal", "ordinal", "interval", "ratio"]
NOTHING_VARIES = NotEstimable(
    "every coder gives every unit the same value, so nothing varies",
    "所有编码对所有单位取值相同，没有变化",
)


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha, its level of measurement, and how many units entered."""

    value: float
    measurement: str
    units: int


def equal(ratings: Sequence[Sequence[str]]) -> int:
    """Return on how many units all coders give the same value; `ratings` is coders x units.

    Raises:
        ValueError: fewer than two coders, or coders with different numbers of units.
    """
    return int(np.array([len(set(unit)) == 1 for unit in _units(ratings)]).sum())


def nominal_alpha(ratings: Sequence[Sequence[str]]) -> Alpha | NotEstimable:
    """Return Krippendorff's alpha of nominal values; `ratings` is coders x units, all filled.

    Silence is a level like any other: pass it as a value of its own.

    Raises:
        ValueError: fewer than two coders, or coders with different numbers of units.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. Not computed by
        `krippendorff`, which holds a matrix of all values by all values for every unit.
    """
    units = _units(ratings)
    if len({value for unit in units for value in unit}) < 2:
        return NOTHING_VARIES
    codes = {v: i for i, v in enumerate(sorted({v for unit in units for v in unit}))}
    coders = np.array([[codes[v] for v in coder] for coder in ratings])
    pairs = np.zeros((len(codes), len(codes)))
    for one, other in permutations(coders, 2):
        np.add.at(pairs, (one, other), 1.0)
    together = pairs / (len(coders) - 1)
    given = together.sum(axis=0)
    by_chance = (np.outer(given, given) - np.diagflat(given)) / (given.sum() - 1)
    differ = 1.0 - np.eye(len(codes))
    value = 1 - (together * differ).sum() / (by_chance * differ).sum()
    return Alpha(float(value), "nominal", len(units))


def alpha(
    ratings: Sequence[ArrayLike], measurement: Measurement = "ordinal"
) -> Alpha | NotEstimable:
    """Return Krippendorff's alpha of numbers; `ratings` is coders x units.

    NaN: a rating is missing. `measurement`: how differences count. Units that fewer than two coders
    rated do not enter.

    Raises:
        ValueError: fewer than two coders, coders with different numbers of units, no numbers,
            another level of measurement, or for `ratio` a negative number.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; computed by `krippendorff`.
    """
    one_of(measurement, "measurement", get_args(Measurement))
    coders = [
        numbers(coder, f"ratings[{i}]")
        for i, coder in enumerate(listed(ratings, "ratings", "coders"))
    ]
    _units([coder.tolist() for coder in coders])
    given = np.array(coders)
    if measurement == "ratio" and (given < 0).any():
        raise ValueError("ratings: a negative number; allowed for ratio: 0 or more")
    paired = given[:, (~np.isnan(given)).sum(axis=0) >= 2]
    if not paired.size or np.nanmin(paired) == np.nanmax(paired):
        return NOTHING_VARIES
    value = krippendorff.alpha(reliability_data=given, level_of_measurement=measurement)
    return Alpha(float(value), measurement, paired.shape[1])


def _units(ratings: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    if len(ratings) < 2 or len({len(coder) for coder in ratings}) != 1 or not len(ratings[0]):
        sizes = [len(coder) for coder in ratings]
        raise ValueError(f"ratings: units by coder {sizes}; allowed: 2 coders or more, equal units")
    return list(zip(*ratings, strict=True))
