"""Calibration: from numbers to membership in a set, between 0 and 1."""

from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smalln.checks import finite

# membership at the anchors of the direct method: .05 and .95
ANCHORED = 0.95


def crisp(values: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Return 1 where a value is at least the threshold, else 0. Shape (units,).

    Raises:
        ValueError: values or a threshold that are no numbers.
    """
    (limit,) = finite([threshold], "threshold").tolist()
    found: NDArray[np.float64] = (finite(values, "values") >= limit).astype(float)
    return found


def direct(
    values: ArrayLike, exclusion: float, crossover: float, inclusion: float
) -> NDArray[np.float64]:
    """Return membership by the direct method: a logistic curve through three anchors.

    `exclusion` gets .05, `crossover` .5, `inclusion` .95, each side with its own slope; in rising
    order, or in falling order where small values mean membership. Shape (units,).

    Raises:
        ValueError: values that are no numbers, or anchors in no strict order.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapter 5; R's `QCA::calibrate`.
    """
    low, middle, high = finite([exclusion, crossover, inclusion], "anchors").tolist()
    if not (low < middle < high or low > middle > high):
        raise ValueError(
            f"exclusion, crossover, inclusion: {exclusion!r}, {crossover!r}, {inclusion!r}; "
            "allowed: strictly rising or falling"
        )
    away = finite(values, "values") - middle
    toward = (away > 0) == (high > middle)
    width = np.where(toward, abs(high - middle), abs(middle - low))
    signed = away if high > middle else -away
    found: NDArray[np.float64] = 1 / (1 + np.exp(-signed / width * log(ANCHORED / (1 - ANCHORED))))
    return found
