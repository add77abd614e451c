"""Intervals of a share, of a difference and of a ratio of two shares. For samples only.

A count of a whole (5 of 13 pilots that are all there are) carries no interval. A difference is the
first group's share minus the second's; a ratio is the first group's share over the second's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.methods.result import NotEstimable

ShareMethod = Literal["wilson", "clopper-pearson"]
DifferenceMethod = Literal["miettinen-nurminen", "newcombe"]
RatioMethod = Literal["koopman"]
_STATSMODELS = {"wilson": "wilson", "clopper-pearson": "beta"}
XTOL = 1e-13


@dataclass(frozen=True)
class Interval:
    """Two ends at a level of confidence, and the name of the method."""

    lower: float
    upper: float
    level: float
    method: str


def share(x: int, n: int, method: ShareMethod = "wilson", level: float = 0.95) -> Interval:
    """Return the interval of the share behind `x` events of `n`.

    `clopper-pearson` holds its level for every share; `wilson` is approximate and falls below it
    near 0 and 1.

    Raises:
        ValueError: not whole 0 <= x <= n with n >= 1, a level outside (0, 1), another method.

    Source:
        Wilson (1927), JASA 22:209; Clopper and Pearson (1934), Biometrika 26:404; both computed by
        statsmodels.
    """
    _check("x, n", x, n)
    _check_level(level)
    _check_method(method, get_args(ShareMethod))
    lower, upper = proportion_confint(x, n, alpha=1 - level, method=_STATSMODELS[method])
    # the ends at no event and at all events are exact; statsmodels misses them by rounding
    return Interval(0.0 if x == 0 else float(lower), 1.0 if x == n else float(upper), level, method)


def risk_difference(
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
        ValueError: not whole counts with 0 <= x <= n, n >= 1; a level outside (0, 1); another
            method.

    Source:
        Miettinen and Nurminen (1985), Statistics in Medicine 4:213, equations 8-9 and appendix I;
        Newcombe (1998), Statistics in Medicine 17:873, method 10 (computed by statsmodels).
    """
    _check("x1, n1", x1, n1)
    _check("x2, n2", x2, n2)
    _check_level(level)
    _check_method(method, get_args(DifferenceMethod))
    if method == "newcombe":
        ends = confint_proportions_2indep(
            x1, n1, x2, n2, method="newcomb", compare="diff", alpha=1 - level
        )
        return Interval(float(ends[0]), float(ends[1]), level, method)
    z, seen = float(norm.ppf(0.5 + level / 2)), x1 / n1 - x2 / n2

    def excess(difference: float) -> float:
        return abs(_difference_score(x1, n1, x2, n2, difference)) - z

    return Interval(_end(excess, seen, -1.0), _end(excess, seen, 1.0), level, method)


def _end(excess: Callable[[float], float], inside: float, limit: float) -> float:
    """Return where the score leaves the interval between a value inside and the logical limit."""
    if inside == limit or excess(limit) <= 0:
        return limit
    return float(brentq(excess, inside, limit, xtol=XTOL))


def _difference_score(x1: int, n1: int, x2: int, n2: int, difference: float) -> float:
    """Return the score of a difference; infinite where it is impossible for what was seen."""
    n = n1 + n2
    p2 = _restricted_share(x1, n1, x2, n2, difference)
    p1 = p2 + difference
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1)
    gap = x1 / n1 - x2 / n2 - difference
    if variance <= 0:
        return 0.0 if abs(gap) < 1e-12 else inf
    return gap / sqrt(variance)


def _restricted_share(x1: int, n1: int, x2: int, n2: int, d: float) -> float:
    """Return the most likely second share if the first is larger by `d` (closed form)."""
    n, x = n1 + n2, x1 + x2
    cubic = [n, (n1 + 2 * n2) * d - n - x, (n2 * d - n - 2 * x2) * d + x, x2 * d * (1 - d)]
    low, high = max(0.0, -d), min(1.0, 1 - d)
    roots = np.roots(cubic)
    real = roots.real[np.abs(roots.imag) < 1e-7]
    candidates = [low, high, *(min(max(float(r), low), high) for r in real)]
    return max(candidates, key=lambda p2: _log_likelihood(x1, n1, x2, n2, p2 + d, p2))


def _log_likelihood(x1: int, n1: int, x2: int, n2: int, p1: float, p2: float) -> float:
    total = 0.0
    for events, p in ((x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2)):
        if events:
            total += events * float(np.log(p)) if p > 0 else -inf
    return total


def risk_ratio(
    x1: int, n1: int, x2: int, n2: int, method: RatioMethod = "koopman", level: float = 0.95
) -> Interval | NotEstimable:
    """Return the interval of the first share over the second: `x1` of `n1`, `x2` of `n2` events.

    `koopman`: all ratios whose chi-square score, with shares estimated under the ratio, is not
    rejected. No event in the first group gives a lower end of 0, none in the second an infinite
    upper end. Approximate.

    Raises:
        ValueError: not whole counts with 0 <= x <= n, n >= 1; a level outside (0, 1); another
            method.

    Source:
        Koopman (1984), Biometrics 40:513.
    """
    _check("x1, n1", x1, n1)
    _check("x2, n2", x2, n2)
    _check_level(level)
    _check_method(method, get_args(RatioMethod))
    if x1 == 0 and x2 == 0:
        return NotEstimable(
            "no event in either group: any ratio fits", "两组都没有事件，任何比值都符合"
        )
    z2 = float(norm.ppf(0.5 + level / 2)) ** 2

    def excess(log_ratio: float) -> float:
        return _ratio_score(x1, n1, x2, n2, float(np.exp(log_ratio))) - z2

    # where one group has no event, the score of a middling ratio is small: start from there
    start = float(np.log(max(x1, 0.5) / n1) - np.log(max(x2, 0.5) / n2))
    lower = 0.0 if x1 == 0 else float(np.exp(_log_end(excess, start, -1.0)))
    upper = inf if x2 == 0 else float(np.exp(_log_end(excess, start, 1.0)))
    return Interval(lower, upper, level, method)


def _log_end(excess: Callable[[float], float], start: float, step: float) -> float:
    """Return the end of the interval of log ratios on one side of a value inside."""
    while excess(start) > 0:
        start -= step * 0.1
    beyond = start + step
    while excess(beyond) <= 0:
        step *= 2
        beyond += step
    return float(brentq(excess, start, beyond, xtol=XTOL))


def _ratio_score(x1: int, n1: int, x2: int, n2: int, ratio: float) -> float:
    """Return Koopman's chi-square of a ratio of shares."""
    a, b, c = (n1 + n2) * ratio, n1 * ratio + x1 + n2 + x2 * ratio, x1 + x2
    # the smaller root, in the form that loses no digits
    p2 = 2 * c / (b + sqrt(max(0.0, b * b - 4 * a * c)))
    p1 = ratio * p2
    total = 0.0
    for x, n, p in ((x1, n1, p1), (x2, n2, p2)):
        spread = n * p * (1 - p)
        gap = x - n * p
        if spread <= 1e-14:
            if abs(gap) > 1e-7:
                return inf
            continue
        total += gap * gap / spread
    return total


def _check(names: str, x: int, n: int) -> None:
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in (x, n))
    if not whole or n < 1 or not 0 <= x <= n:
        raise ValueError(f"{names}: {x!r}, {n!r}; allowed: whole numbers, 0 <= x <= n, n >= 1")


def _check_level(level: float) -> None:
    if not isinstance(level, float | int) or not 0 < level < 1:
        raise ValueError(f"level: {level!r}; allowed: between 0 and 1")


def _check_method(method: str, allowed: tuple[str, ...]) -> None:
    if method not in allowed:
        raise ValueError(f"method: {method!r}; allowed: {', '.join(allowed)}")
