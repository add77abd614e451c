"""The level of confidence: checked once, in one way, for every interval."""

import numpy as np
from scipy.stats import norm

# beyond these the ends of an interval are its middle or its limits to within rounding
LOWEST, HIGHEST = 1e-6, 1 - 1e-9


def critical(level: float) -> float:
    """Return the normal distribution's two-sided critical value of a level of confidence.

    Raises:
        ValueError: no number, or outside 0.000001 to 0.999999999.
    """
    if not isinstance(level, float | np.floating) or not LOWEST <= level <= HIGHEST:
        raise ValueError(f"level: {level!r}; allowed: a number from 0.000001 to 0.999999999")
    return float(norm.isf((1 - float(level)) / 2))
