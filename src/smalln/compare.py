"""A difference of shares as far as it is known: a value with its exact test, or bounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from smalln.bounds import Bounds, risk_difference, tipping
from smalln.checks import binary, number, same_length, whole
from smalln.exact import fisher_of
from smalln.result import NotEstimable
from smalln.tables import ExactTest, cross_table


@dataclass(frozen=True)
class Comparison:
    """The outcome's share where the factor is 1 minus its share where it is 0.

    With every cell filled: `difference` and `test`. Else: `ends`, the worst-case bounds.
    """

    difference: float | None
    ends: tuple[float, float] | None
    test: ExactTest | None


def compare(outcome: ArrayLike, factor: ArrayLike) -> Comparison | NotEstimable:
    """Compare an outcome between the two levels of a factor; both may hold NaN for unknown.

    Raises:
        ValueError: shapes or values (see `bounds.risk_difference`).
    """
    found = risk_difference(outcome, factor)
    if not isinstance(found, Bounds):
        return found
    if found.unknown:
        return Comparison(None, found.ends, None)
    test = fisher_of(outcome, factor)
    return Comparison(found.lower, None, test if isinstance(test, ExactTest) else None)


@dataclass(frozen=True)
class TippingPoint:
    """The fewest unreported 1s (`k` of `of`) that take the exact p above `level`."""

    k: int
    of: int
    p_value: float
    p_smallest: float


def tipping_point(
    outcome: ArrayLike, factor: ArrayLike, unknown_if_event: int = 0, level: float = 0.05
) -> TippingPoint | NotEstimable:
    """Return how few unreported 1s among the units without the event undo a small p.

    Raises:
        ValueError: see `bounds.tipping`.
    """
    level, curve = number(level, "level", 0, 1), tipping(outcome, factor, unknown_if_event)
    y, x = binary(outcome, "outcome"), binary(factor, "factor")
    others = int((np.isnan(x) & (y == 0)).sum())
    start = curve[curve["k"] == 0]
    if start.empty or float(start["p_value"].iloc[0]) > level:
        return NotEstimable(
            "reading silence as no gives no small chance to begin with",
            "把未提及视为没有，本来就得不到小概率，无从谈起推翻",
        )
    above = curve[curve["p_value"] > level]
    if above.empty:
        return NotEstimable(
            "no number of unreported cases takes it above the level",
            "无论有多少未提及的情形，都不会越过界限",
        )
    first = above.iloc[0]
    p, smallest = float(first["p_value"]), float(first["p_smallest"])
    return TippingPoint(int(first["k"]), others, p, smallest)


def counts(outcome: ArrayLike, factor: ArrayLike) -> dict[str, int]:
    """Return events and sizes: `a` of `ab` where the factor is 1, `c` of `cd` where it is 0.

    Units with an unknown factor are left out.
    """
    y, x = binary(outcome, "outcome"), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    (a, b), (c, d) = cross_table(y, x)
    return {"a": a, "ab": a + b, "c": c, "cd": c + d}


@dataclass(frozen=True)
class OneMore:
    """Fisher's test if one unit of unknown outcome where the factor is 0 had the event."""

    p_value: float | None
    p_smallest: float | None
    counts: dict[str, int]


def one_more(outcome: ArrayLike, factor: ArrayLike) -> OneMore:
    """Return the test with one more event among the unknown outcomes where the factor is 0.

    All other unknown outcomes are read as no event. `counts` also has `open`, their number there.
    """
    y, x = binary(outcome, "outcome"), binary(factor, "factor")
    same_length(y, x, "outcome, factor")
    candidates = np.flatnonzero(np.isnan(y) & (x == 0))
    filled = np.where(np.isnan(y), 0.0, y)
    filled[candidates[:1]] = 1.0
    table = counts(filled, x) | {"open": len(candidates)}
    test = None if np.isnan(x).any() else fisher_of(filled, x)
    if not isinstance(test, ExactTest) or not len(candidates):
        return OneMore(None, None, table)
    return OneMore(test.p_value, test.p_smallest, table)


@dataclass(frozen=True)
class Mentioned:
    """What a cause gives that is mentioned for `k` units with the event and for nobody else.

    `by_count`: the p-value for 1, 2, ... such units.
    """

    difference: float | None
    p_value: float | None
    by_count: tuple[float, ...]


def mentioned_for(outcome: ArrayLike, k: int) -> Mentioned:
    """Return difference and Fisher p of a factor that is 1 for `k` events and 0 for all others."""
    y = binary(outcome, "outcome", missing=False)
    events, k = np.flatnonzero(y == 1), whole(k, "k")
    found = []
    for size in range(1, len(events) + 1):
        x = np.zeros(len(y))
        x[events[:size]] = 1.0
        found.append(compare(y, x))
    tests = [f.test.p_value for f in found if isinstance(f, Comparison) and f.test]
    chosen = found[k - 1] if 1 <= k <= len(found) else None
    if not isinstance(chosen, Comparison) or chosen.test is None:
        return Mentioned(None, None, tuple(tests))
    return Mentioned(chosen.difference, chosen.test.p_value, tuple(tests))
