"""Agreement between coders who coded the same units."""

from collections.abc import Sequence
from dataclasses import dataclass

import krippendorff
import numpy as np

from analysis.methods.result import NotEstimable


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
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; computed by `krippendorff`.
    """
    units = _units(ratings)
    if len({value for unit in units for value in unit}) < 2:
        return NotEstimable(
            "every coder gives every unit the same value, so nothing varies",
            "所有编码对所有单位取值相同，没有变化",
        )
    codes = {v: i for i, v in enumerate(sorted({v for unit in units for v in unit}))}
    numbers = np.array([[codes[v] for v in coder] for coder in ratings], dtype=float)
    value = krippendorff.alpha(reliability_data=numbers, level_of_measurement="nominal")
    return Alpha(float(value), "nominal", len(units))


def _units(ratings: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    if len(ratings) < 2 or len({len(coder) for coder in ratings}) != 1 or not len(ratings[0]):
        sizes = [len(coder) for coder in ratings]
        raise ValueError(f"ratings: units by coder {sizes}; allowed: 2 coders or more, equal units")
    return list(zip(*ratings, strict=True))
