"""Intervals of a share, of a difference and of a ratio of two shares. For samples only.

A count of a whole (5 of 13 pilots that are all there are) carries no interval. A difference is the
first group's share minus the second's; a ratio is the first group's share over the second's.
"""

from dataclasses import dataclass
from math import exp, inf
from typing import Literal, get_args

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from smalln.arguments import confidence, one_line, one_of
from smalln.result import NotEstimable
from smalln.score_intervals import Group, highest_difference, highest_log_ratio

ShareMethod = Literal["wilson", "clopper-pearson"]
DifferenceMethod = Literal["miettinen-nurminen", "newcombe"]
RatioMethod = Literal["koopman"]
_STATSMODELS = {"wilson": "wilson", "clopper-pearson": "beta"}
# of units in a group: beyond it the ends differ from the share in rounding only
LARGEST = 10**12


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


def share_interval(x: int, n: int, method: ShareMethod = "wilson", level: float = 0.95) -> Interval:
    """Return the interval of the share behind `x` events of `n`.

    `clopper-pearson` holds its level for every share; `wilson` is approximate and falls below it
    near 0 and 1.

    Raises:
        ValueError: not whole 0 <= x <= n with n >= 1, a level outside 0.000001 to
            0.999999999, another method.

    Source:
        Wilson (1927), JASA 22:209; Clopper and Pearson (1934), Biometrika 26:404; both computed by
        statsmodels.

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
    lower, upper = -highest_difference(second, first, z), highest_difference(first, second, z)
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
    lower = exp(-highest_log_ratio(second, first, z)) if first.events else 0.0
    upper = exp(highest_log_ratio(first, second, z)) if second.events else inf
    return Interval(lower, upper, level, method)


def _group(names: str, x: int, n: int) -> Group:
    """Return counts as integers of no fixed width: numpy's narrow ones overflow."""
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in (x, n))
    if whole and max(abs(int(x)), abs(int(n))) > LARGEST:
        raise ValueError(f"{names}: beyond {LARGEST}; allowed: whole numbers, n <= {LARGEST}")
    if not whole or n < 1 or not 0 <= x <= n:
        values = f"{one_line(x)}, {one_line(n)}"
        raise ValueError(f"{names}: {values}; allowed: whole numbers, 0 <= x <= n, n >= 1")
    return Group(int(x), int(n))


def critical(level: float) -> float:
    """Return the normal distribution's two-sided critical value of a level of confidence."""
    return float(norm.isf((1 - confidence(level)) / 2))
