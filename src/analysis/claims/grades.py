"""The grade of a claim: one function, from the cells that were used (design: claims)."""

from dataclasses import dataclass
from typing import Literal

from analysis.claims.words import Message, _

Grade = Literal["counted", "bounded", "suggestive", "not_identified"]
Unit = Literal[
    "difference",
    "ratio",
    "share",
    "count",
    "alpha",
    "years_of_revenue",
    "cny_per_head",
    "months",
    "p_value",
]
# the value at which a comparison says nothing
NEUTRAL: dict[str, float] = {"difference": 0.0, "ratio": 1.0}
LEVEL = 0.05
TOLERANCE = 1e-12
# the fixed phrase beside a number, and how a sentence on a whole question ends
PHRASES: dict[Grade, Message] = {
    "counted": _("Counted"),
    "bounded": _("Known only within a range"),
    "suggestive": _("A lead, not a finding"),
    "not_identified": _("Cannot be told"),
}
VERDICTS: dict[Grade, Message] = {
    "counted": _("can be counted"),
    "bounded": _("is known only within a range"),
    "suggestive": _("is a lead to be checked, not a finding"),
    "not_identified": _("cannot be told from the material at hand"),
}


@dataclass(frozen=True)
class Standing:
    """What of a claim can be overturned: the sign, the side of .05, the grade."""

    sign: int
    p_small: bool | None
    grade: Grade


def grade(
    *,
    unit: Unit,
    all_known: bool,
    any_assumed: bool,
    estimable: bool,
    interval: tuple[float, float] | None,
    p_value: float | None,
    counts_analyses: bool = False,
) -> Grade:
    """Return how sure a claim is.

    `all_known`: every cell used is known. `any_assumed`: a silence regime, a parent's figure or a
    recollection filled a cell, so the numbers are no better than the assumption. `interval`: the
    worst-case ends where cells are unknown. `counts_analyses`: what is counted are analyses, which
    are all there, whatever is unknown in them.
    """
    if counts_analyses and estimable:
        return "counted"
    if not estimable or any_assumed:
        return "not_identified"
    if all_known:
        return "suggestive" if p_value is not None and p_value <= LEVEL else "counted"
    return "bounded" if interval is not None and informative(unit, interval) else "not_identified"


def informative(unit: Unit, interval: tuple[float, float]) -> bool:
    """Return whether an interval excludes the neutral value, or narrows a share at all.

    A range of p tells something only if it is on one side of .05 as a whole.
    """
    lower, upper = interval
    if unit == "p_value":
        return upper <= LEVEL or lower > LEVEL
    if unit in NEUTRAL:
        return lower > NEUTRAL[unit] + TOLERANCE or upper < NEUTRAL[unit] - TOLERANCE
    return unit == "share" and (lower > TOLERANCE or upper < 1 - TOLERANCE)


def sign(unit: Unit, value: float | None, interval: tuple[float, float] | None) -> int:
    """Return the sign of a comparison: of its value, else of an interval that excludes neutral."""
    if unit not in NEUTRAL:
        return 0
    if value is None:
        if interval is None or not informative(unit, interval):
            return 0
        value = interval[0]
    distance = value - NEUTRAL[unit]
    return 0 if abs(distance) <= TOLERANCE else (1 if distance > 0 else -1)
