"""Intervals of a share, of a difference and of a ratio of two shares. For samples only.

A count of a whole (5 of 13 pilots that are all there are) carries no interval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import exp, expm1, inf, log, log1p, sqrt
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from smalln.inputs import LARGEST, confidence, one_line, one_of
from smalln.result import NotEstimable

ShareMethod = Literal["wilson", "clopper-pearson"]
DifferenceMethod = Literal["miettinen-nurminen", "newcombe"]
RatioMethod = Literal["koopman"]
_STATSMODELS = {"wilson": "wilson", "clopper-pearson": "beta"}
# the ends themselves are what limits digits, not the search; no search then runs out of steps
XTOL, STEPS = 1e-16, 1000
# further than any ratio of shares that the score does not reject, yet small enough to square
FARTHEST = 100.0
# how far a value is from what was seen, and the variance of that: the score is their ratio
Score = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class Interval:
    """Two ends at a level of confidence, and the name of the method.

    >>> share_interval(0, 4).lower
    0.0
    """

    lower: float
    upper: float
    level: float
    method: str


@dataclass(frozen=True)
class _Group:
    """`events` of `size` units; `others` had none.

    Near 1 a share holds too few digits for what is left of it: score functions work with events and
    non-events side by side and subtract only where the difference is not small.
    """

    events: int
    size: int

    @property
    def others(self) -> int:
        return self.size - self.events

    def mirrored(self) -> "_Group":
        return _Group(self.others, self.size)


def share_interval(x: int, n: int, method: ShareMethod = "wilson", level: float = 0.95) -> Interval:
    """Return the interval of the share behind `x` events of `n`.

    `clopper-pearson` holds its level for every share; `wilson` is approximate: as the share
    varies it goes above and below it, near 0 and 1 and between.

    Raises:
        ValueError: not whole 0 <= x <= n with n >= 1, a level outside 0.000001 to
            0.999999999, another method.

    Source:
        Wilson (1927), JASA 22:209; Clopper and Pearson (1934), Biometrika 26:404 (by statsmodels).

    >>> ends = share_interval(0, 10, "clopper-pearson")  # above: 1 - .025 ** (1 / 10)
    >>> ends.lower, round(ends.upper, 4)
    (0.0, 0.3085)
    """
    of, level = _group("x, n", x, n), confidence(level)
    one_of(method, "method", get_args(ShareMethod))
    ends = proportion_confint(of.events, of.size, alpha=1 - level, method=_STATSMODELS[method])
    # the ends at no event and at all events are exact; statsmodels misses them by rounding
    lower, upper = float(ends[0]) if of.events else 0.0, float(ends[1]) if of.others else 1.0
    return Interval(lower, upper, level, method)


def risk_difference_interval(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    method: DifferenceMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> Interval:
    """Return the interval of the first share minus the second: `x1` of `n1`, `x2` of `n2` events.

    `miettinen-nurminen`: all differences whose score test, with shares estimated under the
    difference and the variance times N / (N - 1), is not rejected. `newcombe`: from the two Wilson
    intervals, without continuity correction. Both are approximate.

    Raises:
        ValueError: not whole counts with 0 <= x <= n, n >= 1; a level outside 0.000001 to
            0.999999999; another method.

    Source:
        Miettinen and Nurminen (1985), Statistics in Medicine 4:213, equations 8-9 and appendix I;
        Newcombe (1998), Statistics in Medicine 17:873, method 10 (computed by statsmodels).

    >>> ends = risk_difference_interval(5, 10, 5, 10)  # the same twice: as far up as down
    >>> abs(ends.lower + ends.upper) < 1e-12
    True
    """
    first, second = _group("x1, n1", x1, n1), _group("x2, n2", x2, n2)
    level, z = confidence(level), critical(level)
    one_of(method, "method", get_args(DifferenceMethod))
    if method == "newcombe":
        counts = first.events, first.size, second.events, second.size
        ends = confint_proportions_2indep(*counts, method="newcomb", alpha=1 - level)
        # rounding alone takes an end beyond what a difference can be
        return Interval(max(-1.0, float(ends[0])), min(1.0, float(ends[1])), level, method)
    lower, upper = -_highest_difference(second, first, z), _highest_difference(first, second, z)
    return Interval(lower, upper, level, method)


def risk_ratio_interval(
    x1: int, n1: int, x2: int, n2: int, method: RatioMethod = "koopman", level: float = 0.95
) -> Interval | NotEstimable:
    """Return the interval of the first share over the second: `x1` of `n1`, `x2` of `n2` events.

    `koopman`: all ratios whose chi-square score, with shares estimated under the ratio, is not
    rejected. No event in the first group gives a lower end of 0, none in the second an infinite
    upper end. Approximate.

    Raises:
        ValueError: not whole counts with 0 <= x <= n, n >= 1; a level outside 0.000001 to
            0.999999999; another method.

    Source:
        Koopman (1984), Biometrics 40:513.

    >>> risk_ratio_interval(3, 10, 0, 10).upper  # nothing in the second group: no upper end
    inf
    """
    first, second = _group("x1, n1", x1, n1), _group("x2, n2", x2, n2)
    level, z = confidence(level), critical(level)
    one_of(method, "method", get_args(RatioMethod))
    if not first.events and not second.events:
        return NotEstimable("no event in either group: any ratio fits")
    lower = exp(-_highest_log_ratio(second, first, z)) if first.events else 0.0
    upper = exp(_highest_log_ratio(first, second, z)) if second.events else inf
    return Interval(lower, upper, level, method)


def _group(names: str, x: int, n: int) -> _Group:
    """Return counts as integers of no fixed width: numpy's narrow ones overflow."""
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in (x, n))
    if whole and max(abs(int(x)), abs(int(n))) > LARGEST:
        raise ValueError(f"{names}: beyond {LARGEST}; allowed: whole numbers, n <= {LARGEST}")
    if not whole or n < 1 or not 0 <= x <= n:
        values = f"{one_line(x)}, {one_line(n)}"
        raise ValueError(f"{names}: {values}; allowed: whole numbers, 0 <= x <= n, n >= 1")
    return _Group(int(x), int(n))


def critical(level: float) -> float:
    """Return the normal distribution's two-sided critical value of a level of confidence."""
    return float(norm.isf((1 - confidence(level)) / 2))


def _highest_difference(first: _Group, second: _Group, z: float) -> float:
    """Return the largest first share less the second whose score stays within `z`."""
    gap = first.events * second.size - second.events * first.size
    seen = gap / (first.size * second.size)
    if seen == 1:
        return 1.0
    return _crossing(partial(_difference_score, first, second, seen), z, seen, 1.0)


def _highest_log_ratio(first: _Group, second: _Group, z: float) -> float:
    """Return the logarithm of the largest ratio of shares whose score stays within `z`."""
    # Koopman's root of chi-square, as in Miettinen and Nurminen, equation 10; `second` has an event
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
    first: _Group, second: _Group, seen: float, difference: float
) -> tuple[float, float]:
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
    fixed = first, second, difference
    if _slope(0.0, *fixed) <= 0:
        p2 = 0.0
    elif _slope(half, *fixed) >= 0:
        p2 = half
    else:
        p2 = float(brentq(_slope, 0.0, half, args=fixed, xtol=1e-300, maxiter=STEPS))
    p1, q1, q2 = difference + p2, room - p2, 1 - p2
    return gap, (p1 * q1 / first.size + p2 * q2 / second.size) * correction


def _slope(p2: float, first: _Group, second: _Group, difference: float) -> float:
    """Return the slope of the log likelihood by the second share, times what is positive."""
    p1, q1, q2 = difference + p2, (1 - difference) - p2, 1 - p2
    by_first = first.events - first.size * p1
    if second.events == 0:
        return by_first * q2 - second.size * p1 * q1
    return by_first * p2 * q2 + (second.events - second.size * p2) * p1 * q1


def _ratio_score(first: _Group, second: _Group, log_ratio: float) -> tuple[float, float]:
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


def _log_share(group: _Group) -> float:
    if 2 * group.events > group.size:
        return log1p(-group.others / group.size)
    return log(group.events / group.size)
