"""Score tests of two shares under a set difference or ratio, for their intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import exp, expm1, inf, log, log1p, sqrt

from scipy.optimize import brentq

# the ends themselves are what limits digits, not the search; no search then runs out of steps
XTOL, STEPS = 1e-16, 1000
# further than any ratio of shares that the score does not reject, yet small enough to square
FARTHEST = 100.0
# how far a value is from what was seen, and the variance of that: the score is their ratio
Score = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class Group:
    """`events` of `size` units; `others` had none.

    Near 1 a share holds too few digits for what is left of it: score functions work with events and
    non-events side by side and subtract only where the difference is not small.
    """

    events: int
    size: int

    @property
    def others(self) -> int:
        """Units without an event."""
        return self.size - self.events

    def mirrored(self) -> "Group":
        """Return the group with events and non-events exchanged."""
        return Group(self.others, self.size)


def highest_difference(first: Group, second: Group, z: float) -> float:
    """Return the largest first share less the second whose score stays within `z`.

    Source:
        Miettinen and Nurminen (1985), Statistics in Medicine 4:213, equations 8-9.
    """
    gap = first.events * second.size - second.events * first.size
    seen = gap / (first.size * second.size)
    if seen == 1:
        return 1.0
    return _crossing(partial(_difference_score, first, second, seen), z, seen, 1.0)


def highest_log_ratio(first: Group, second: Group, z: float) -> float:
    """Return the logarithm of the largest ratio of shares whose score stays within `z`.

    `second` has an event. The score equals Koopman's root of chi-square.

    Source:
        Koopman (1984), Biometrics 40:513; Miettinen and Nurminen (1985), Statistics in Medicine
        4:213, equation 10.
    """
    # without an event in the first group, any small enough ratio fits
    inside = _log_share(first) - _log_share(second) if first.events else -FARTHEST
    return _crossing(partial(_ratio_score, first, second), z, inside, FARTHEST)


def _crossing(score: Score, z: float, inside: float, limit: float) -> float:
    """Return where a score passes `z` between a value where it does not and one where it does."""

    def excess(value: float) -> float:
        gap, variance = score(value)
        over = gap / sqrt(variance) if variance > 0 else inf if gap else 0.0
        # it has no bound, and a search by secants gets nowhere between 0 and infinity
        return min(over, 10 * z) - z

    if excess(inside) >= 0:
        # an interval narrower than rounding
        return inside
    return float(brentq(excess, inside, limit, xtol=XTOL, maxiter=STEPS))


def _difference_score(
    first: Group, second: Group, seen: float, difference: float
) -> tuple[float, float]:
    """Return the score of a difference of shares."""
    gap = abs(seen - difference)
    if difference < 0:
        # exchanging events and non-events turns the sign of every difference
        first, second, difference = first.mirrored(), second.mirrored(), -difference
    n1, n2 = first.size, second.size
    correction = (n1 + n2) / (n1 + n2 - 1)
    if difference == 0:
        pooled = first.events + second.events
        spread = pooled * (n1 + n2 - pooled) / (n1 + n2) ** 2
        return gap, spread * (1 / n1 + 1 / n2) * correction
    room = 1 - difference
    half = room / 2
    if _slope(half, first, second, difference) > 0:
        # the second share, or the others' of the first, whichever is the smaller
        first, second = second.mirrored(), first.mirrored()
    # the likelihood is concave: its slope passes 0 once, or is negative from the start
    given = first, second, difference
    if _slope(0.0, *given) <= 0:
        p2 = 0.0
    elif _slope(half, *given) >= 0:
        p2 = half
    else:
        p2 = float(brentq(_slope, 0.0, half, args=given, xtol=1e-300, maxiter=STEPS))
    p1, q1, q2 = difference + p2, room - p2, 1 - p2
    return gap, (p1 * q1 / first.size + p2 * q2 / second.size) * correction


def _slope(p2: float, first: Group, second: Group, difference: float) -> float:
    """Return the slope of the log likelihood by the second share, times what is positive."""
    p1, q1, q2 = difference + p2, (1 - difference) - p2, 1 - p2
    by_first = first.events - first.size * p1
    if second.events == 0:
        return by_first * q2 - second.size * p1 * q1
    return by_first * p2 * q2 + (second.events - second.size * p2) * p1 * q1


def _ratio_score(first: Group, second: Group, log_ratio: float) -> tuple[float, float]:
    """Return the score of a ratio, of the first share over the second or, below 1, the reverse."""
    if log_ratio < 0:
        first, second, log_ratio = second, first, -log_ratio
    ratio, over = exp(log_ratio), expm1(log_ratio)
    n, x1, x2 = first.size + second.size, first.events, second.events
    y1, y2 = first.others, second.others
    # the restricted share solves a quadratic; as a sum of squares its discriminant keeps its digits
    root = sqrt((y1 - y2 * ratio + n * over) ** 2 + 4 * ratio * y1 * y2)
    p2 = 2 * (x1 + x2) / (first.size * ratio + x1 + second.size + x2 * ratio + root)
    q2 = (y1 + y2 * ratio + n * over + root) / (2 * n * ratio)
    p1 = ratio * p2
    # what is left of a share has its digits in the non-events, unless the ratio swamps them
    by_others = over < 1 and 2 * x1 > first.size
    q1 = max(0.0, ratio * q2 - over if by_others else 1 - p1)
    gap = x1 / first.size - ratio * x2 / second.size
    if by_others:
        gap = ratio * y2 / second.size - y1 / first.size - over
    return abs(gap), p1 * q1 / first.size + ratio * p1 * q2 / second.size


def _log_share(group: Group) -> float:
    if 2 * group.events > group.size:
        return log1p(-group.others / group.size)
    return log(group.events / group.size)
