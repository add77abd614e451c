"""Calibration: from numbers to membership in a set, between 0 and 1."""

from math import log

import numpy as np
from numpy.typing import ArrayLike

from smalln.arguments import one_line
from smalln.inputs import Floats, finite

# membership at the anchors of the direct method: .05 and .95
ANCHORED = 0.95


def crisp(values: ArrayLike, threshold: float) -> Floats:
    """Return 1 where a value is at least the threshold, else 0. Shape (units,).

    Raises:
        ValueError: values or a threshold that are no numbers.

    >>> crisp([1, 2, 3], threshold=2).tolist()
    [0.0, 1.0, 1.0]
    """
    (limit,) = finite([threshold], "threshold").tolist()
    members: Floats = (finite(values, "values") >= limit).astype(float)
    return members


def calibrate(
    values: ArrayLike, exclusion: float, crossover: float, inclusion: float
) -> Floats:
    """Return membership by the direct method: a logistic curve through three anchors.

    `exclusion` gets .05, `crossover` .5, `inclusion` .95, each side with its own slope; in rising
    order, or in falling order where small values mean membership. Shape (units,).

    Raises:
        ValueError: values that are no numbers, or anchors in no strict order.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapter 5; R's `QCA::calibrate`.

    >>> calibrate([10, 20, 40], exclusion=10, crossover=20, inclusion=40).round(2).tolist()
    [0.05, 0.5, 0.95]
    """
    low, middle, high = finite([exclusion, crossover, inclusion], "anchors").tolist()
    if not (low < middle < high or low > middle > high):
        anchors = ", ".join(map(one_line, (exclusion, crossover, inclusion)))
        allowed = "strictly rising or falling"
        raise ValueError(f"exclusion, crossover, inclusion: {anchors}; allowed: {allowed}")
    away = finite(values, "values") - middle
    toward = (away > 0) == (high > middle)
    width = np.where(toward, abs(high - middle), abs(middle - low))
    signed = away if high > middle else -away
    members: Floats = 1 / (1 + np.exp(-signed / width * log(ANCHORED / (1 - ANCHORED))))
    return members
