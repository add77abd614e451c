"""How often tests and intervals are wrong, by enumeration of all outcomes: nothing is sampled."""

from collections.abc import Callable
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from analysis.methods import intervals
from analysis.methods.boschloo import boschloo
from analysis.methods.checks import finite
from analysis.methods.exact import fisher
from analysis.methods.intervals import Interval
from analysis.methods.result import NotEstimable
from analysis.methods.tables import ExactTest

Floats = NDArray[np.float64]
TESTS: dict[str, Callable[[list[list[int]]], ExactTest | NotEstimable]] = {
    "fisher": fisher,
    "boschloo": boschloo,
}
DIFFERENCES = ("miettinen-nurminen", "newcombe")
ENDS_TOLERANCE = 1e-9


def type_one_error(
    test: str, n1: int, n2: int, shares: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return how often a two-sided test rejects where both groups have the same share of events.

    `test`: `fisher` or `boschloo`; `n1`, `n2`: sizes of the groups; `shares`: true common shares.
    Columns: `share`, `error`: the probability of p <= level.

    Raises:
        ValueError: another test, sizes below 1, shares or level outside their range.
    """
    if test not in TESTS:
        raise ValueError(f"test: {test!r}; allowed: {', '.join(TESTS)}")
    true = _shares(shares, level)
    _sizes(n1, n2)
    rejected = np.zeros((n1 + 1, n2 + 1))
    for i, j in np.ndindex(rejected.shape):
        found = TESTS[test]([[i, n1 - i], [j, n2 - j]])
        rejected[i, j] = isinstance(found, ExactTest) and found.p_value <= level * (1 + 1e-9)
    error = [float(_chance(n1, p) @ rejected @ _chance(n2, p)) for p in true]
    return pd.DataFrame({"share": true, "error": error})


def share_coverage(method: str, n: int, shares: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Return how often an interval of a share holds the true one.

    `method`: as of `intervals.share`. Columns: `share`, `coverage`.

    Raises:
        ValueError: another method, n below 1, shares or level outside their range.
    """
    true = _shares(shares, level)
    _sizes(n, 1)
    ends = [intervals.share(x, n, method, level) for x in range(n + 1)]  # type: ignore[arg-type]
    coverage = [float(_chance(n, p) @ _inside(ends, float(p))) for p in true]
    return pd.DataFrame({"share": true, "coverage": coverage})


def pair_coverage(
    method: str, n1: int, n2: int, shares: ArrayLike, level: float = 0.95
) -> pd.DataFrame:
    """Return how often an interval of two groups holds the truth, for every pair of true shares.

    `method`: `miettinen-nurminen` or `newcombe` (difference), or `koopman` (ratio; where nobody has
    the event there is no interval, which counts as holding; pairs with a second share of 0 are left
    out). Columns: `first`, `second`, `coverage`.

    Raises:
        ValueError: another method, sizes below 1, shares or level outside their range.
    """
    if method not in (*DIFFERENCES, "koopman"):
        raise ValueError(f"method: {method!r}; allowed: {', '.join(DIFFERENCES)}, koopman")
    true = _shares(shares, level)
    _sizes(n1, n2)
    ends = [
        intervals.risk_ratio(i, n1, j, n2, level=level)
        if method == "koopman"
        else intervals.risk_difference(i, n1, j, n2, method, level)  # type: ignore[arg-type]
        for i, j in np.ndindex(n1 + 1, n2 + 1)
    ]
    rows = []
    for p1 in true.tolist():
        for p2 in true.tolist():
            if method == "koopman" and p2 == 0:
                continue
            inside = _inside(ends, p1 / p2 if method == "koopman" else p1 - p2)
            held = _chance(n1, p1) @ inside.reshape(n1 + 1, n2 + 1) @ _chance(n2, p2)
            rows.append((p1, p2, float(held)))
    return pd.DataFrame(rows, columns=["first", "second", "coverage"])


def _inside(ends: list[Interval] | list[Interval | NotEstimable], truth: float) -> Floats:
    found = [
        (-inf, inf) if isinstance(each, NotEstimable) else (each.lower, each.upper) for each in ends
    ]
    lower, upper = np.array(found).T
    held: Floats = (lower - ENDS_TOLERANCE <= truth) & (truth <= upper + ENDS_TOLERANCE)
    return held.astype(float)


def _chance(n: int, share: float) -> Floats:
    chances: Floats = binom.pmf(np.arange(n + 1), n, share)
    return chances


def _shares(shares: ArrayLike, level: float) -> Floats:
    true = finite(shares, "shares")
    if ((true < 0) | (true > 1)).any():
        raise ValueError(f"shares: {shares!r}; allowed: 0 to 1")
    if not 0 < level < 1:
        raise ValueError(f"level: {level!r}; allowed: between 0 and 1")
    return true


def _sizes(*sizes: int) -> None:
    for n in sizes:
        if not isinstance(n, int | np.integer) or n < 1:
            raise ValueError(f"n: {n!r}; allowed: a whole number from 1")
