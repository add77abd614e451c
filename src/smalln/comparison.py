"""A difference of shares as far as it is known: a value with its exact test, or bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from smalln.bounds import Bounds, bounds_of, counted
from smalln.exact_tables import ExactTest, fisher
from smalln.hypergeometric import Alternative
from smalln.inputs import binary, pair, vectors, whole
from smalln.result import NO_VARIATION, ONE_GROUP, NotEstimable


@dataclass(frozen=True)
class Comparison:
    """The outcome's share where the factor is 1 minus its share where it is 0.

    With every cell filled `difference` and `test`, else `ends`: the worst-case bounds.

    >>> compare([1, None], [1, 0]).ends  # 1 of 1 less 0 or 1 of 1
    (0.0, 1.0)
    """

    difference: float | None
    ends: tuple[float, float] | None
    test: ExactTest | None


def compare(outcome: ArrayLike, factor: ArrayLike) -> Comparison | NotEstimable:
    """Compare an outcome between the two levels of a factor: shape (units,) each, 1, 0 or NaN.

    Raises:
        ValueError: shapes, values or labels (see `risk_difference`).

    >>> found = compare([1, 1, 0, 0], [1, 1, 0, 0])
    >>> found.difference, found.test.p_value == 1 / 3
    (1.0, True)
    >>> compare([1, 1, 0, 0], [1, None, 0, 0]).ends
    (0.6666666666666667, 1.0)
    """
    y, x = pair(outcome, factor)
    # the least of vectors with an unknown is unknown, and so equals nothing
    if x.min() == x.max() or y.min() == y.max():
        return ONE_GROUP if x.min() == x.max() else NO_VARIATION
    units = counted(y, x)
    d, c, _, b, a, *_ = units
    if a + b + c + d < sum(units):
        bounds = bounds_of(units)
        return Comparison(None, bounds.ends, None) if isinstance(bounds, Bounds) else bounds
    return Comparison(a / (a + b) - c / (c + d), None, fisher([[a, b], [c, d]]))


def fisher_of(
    outcome: ArrayLike, factor: ArrayLike, alternative: Alternative = "two-sided"
) -> ExactTest | NotEstimable:
    """Return Fisher's test of a known outcome against a known factor, vectors of 1 and 0.

    Raises:
        ValueError: other values, lengths or labels.

    >>> fisher_of([1, 1, 0, 0], [1, 1, 0, 0]).p_value == 1 / 3  # 2 of C(4, 2) = 6 as far apart
    True
    """
    y, x = vectors(outcome=outcome, factor=factor)
    if x.min() == x.max() or y.min() == y.max():
        return ONE_GROUP if x.min() == x.max() else NO_VARIATION
    d, c, _, b, a, *_ = counted(y, x)
    return fisher([[a, b], [c, d]], alternative)


def counts(outcome: ArrayLike, factor: ArrayLike) -> dict[str, int]:
    """Return events and sizes: `a` of `ab` where the factor is 1, `c` of `cd` where it is 0.

    Units unknown in either are left out.

    Raises:
        ValueError: shapes, values or labels.

    >>> counts([1, 0, 1, 0], [1, 1, 0, None])
    {'a': 1, 'ab': 2, 'c': 1, 'cd': 1}
    """
    d, c, _, b, a, *_ = counted(*pair(outcome, factor))
    return {"a": a, "ab": a + b, "c": c, "cd": c + d}


@dataclass(frozen=True)
class OneMore:
    """Fisher's test if one unit of unknown outcome where the factor is 0 had the event.

    `p_value` and `p_smallest` are None without such a unit or with an unknown factor.

    >>> one_more([1, 0, None], [1, 0, 0]).counts
    {'a': 1, 'ab': 1, 'c': 1, 'cd': 2, 'open': 1}
    """

    p_value: float | None
    p_smallest: float | None
    counts: dict[str, int]


def one_more(outcome: ArrayLike, factor: ArrayLike) -> OneMore:
    """Return the test with one more event among the unknown outcomes where the factor is 0.

    All other unknown outcomes are read as no event. `counts` also has `open`, their number there.

    Raises:
        ValueError: shapes, values or labels.

    >>> one_more([1, 1, 0, None], [1, 1, 0, 0]).p_value  # 2 of 2 against 1 of 2
    1.0
    """
    y, x = pair(outcome, factor)
    candidates = np.flatnonzero(np.isnan(y) & (x == 0))
    filled = np.where(np.isnan(y), 0.0, y)
    filled[candidates[:1]] = 1.0
    table = counts(filled, x) | {"open": len(candidates)}
    compared = compare(filled, x)
    test = compared.test if isinstance(compared, Comparison) and len(candidates) else None
    if test is None:
        return OneMore(None, None, table)
    return OneMore(test.p_value, test.p_smallest, table)


@dataclass(frozen=True)
class Mentioned:
    """What a cause gives that is mentioned for `k` units with the event and for nobody else.

    `by_count`: the p-value for 1, 2, ... such units.

    >>> [round(p, 3) for p in mentioned_for([1, 1, 0, 0], 1).by_count]
    [1.0, 0.333]
    """

    difference: float | None
    p_value: float | None
    by_count: tuple[float, ...]


def mentioned_for(outcome: ArrayLike, k: int) -> Mentioned:
    """Return difference and Fisher p of a factor that is 1 for `k` events and 0 for all others.

    Raises:
        ValueError: an unknown outcome, no whole number.

    >>> found = mentioned_for([1] * 5 + [0] * 8, 3)  # 3 of 3 against 2 of 10
    >>> found.difference, found.p_value == 10 / 286
    (0.8, True)
    """
    y, k = binary(outcome, "outcome", missing=False), whole(k, "k")
    compared = [compare(y, y * (y.cumsum() <= size)) for size in range(1, int(y.sum()) + 1)]
    tested = [(c.difference, c.test) for c in compared if isinstance(c, Comparison) and c.test]
    by_count = tuple(test.p_value for _, test in tested)
    if not 1 <= k <= len(tested):
        return Mentioned(None, None, by_count)
    return Mentioned(tested[k - 1][0], by_count[k - 1], by_count)
