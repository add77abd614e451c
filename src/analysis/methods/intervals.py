"""Intervals of a share."""

from dataclasses import dataclass

from statsmodels.stats.proportion import proportion_confint


@dataclass(frozen=True)
class Interval:
    """Two ends at a level of confidence, and the name of the method."""

    lower: float
    upper: float
    level: float
    method: str


def wilson(count: int, of: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of `count` of `of`.

    For samples only: a count of a whole carries no interval.

    Raises:
        ValueError: not 0 <= count <= of, of < 1, or a level outside (0, 1).

    Source:
        Wilson (1927), JASA 22:209; computed by statsmodels.
    """
    if of < 1 or not 0 <= count <= of:
        raise ValueError(f"count, of: {count!r} of {of!r}; allowed: 0 <= count <= of, of >= 1")
    if not 0 < level < 1:
        raise ValueError(f"level: {level!r}; allowed: between 0 and 1")
    lower, upper = proportion_confint(count, of, alpha=1 - level, method="wilson")
    return Interval(float(lower), float(upper), level, "Wilson")
