"""What a claim is about and how sure it is: a quantity read off a result, the grade of its cells.

One function gives the grade, from the cells that were used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from analysis.claims.words import Message, _
from analysis.study.read_log import Read
from smalln.result import NotEstimable

Grade = Literal["counted", "bounded", "suggestive", "not_identified"]
DataUnit = Literal["years_of_revenue", "per_head", "months"]
Unit = Literal["difference", "ratio", "share", "count", "alpha", "p_value"] | DataUnit
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
# why: the condition that decided -> its words
REASONS: dict[str, Message] = {
    "analyses": _("what is counted are analyses, and all of them are there"),
    "refused": _("there is no answer"),
    "assumed": _(
        "{assumed} of the {of} rows used are filled by an assumption: a silence read as no, a "
        "figure of the unit above, or a value that nobody verified"
    ),
    "small_p": _("all {of} rows used are known, and p = {p:p} is at most .05"),
    "large_p": _("all {of} rows used are known, and p = {p:p} is above .05: a comparison alone"),
    "known": _("all {of} rows used are known, and the sentence only counts or compares"),
    "unknown": _("{unknown} of the {of} rows used are unknown, and {range}"),
}
# what the range says, by unit: it does not tell, it tells
RANGES: dict[str, tuple[Message, Message]] = {
    "difference": (_("the range contains 0"), _("the range does not contain 0")),
    "ratio": (_("the range contains 1"), _("the range does not contain 1")),
    "p_value": (
        _("the range of p lies on both sides of .05"),
        _("the range of p lies on one side of .05"),
    ),
    "share": (_("the range is all that is possible"), _("the range leaves out what is possible")),
}
NO_RANGE = _("no range holds whatever they are")


@dataclass(frozen=True)
class Quantity:
    """What a claim is about: a number with its unit, or the two ends between which it lies.

    `n` of `of`: numerator and denominator; `interval`: worst-case ends where cells are unknown;
    `p_value`, `p_smallest` (attainable at these margins), `test`: of an exact test.
    """

    value: float | None
    unit: Unit | None = None
    n: float | None = None
    of: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_smallest: float | None = None
    test: str | None = None

    @property
    def small_p(self) -> bool | None:
        """Return whether p is at most .05, if there is one."""
        return None if self.p_value is None else self.p_value <= LEVEL

    @property
    def informative(self) -> bool:
        """Return whether the interval excludes the neutral value, or narrows a share at all.

        A range of p tells something only if it is on one side of .05 as a whole.
        """
        if self.interval is None:
            return False
        lower, upper = self.interval
        if self.unit == "p_value":
            return upper <= LEVEL or lower > LEVEL
        if self.unit in NEUTRAL:
            neutral = NEUTRAL[self.unit]
            return lower > neutral + TOLERANCE or upper < neutral - TOLERANCE
        return self.unit == "share" and (lower > TOLERANCE or upper < 1 - TOLERANCE)

    @property
    def sign(self) -> int:
        """Return the sign of a comparison: of its value, or of a range that excludes neutral."""
        value = self.value
        if self.interval is not None:
            value = self.interval[0] if self.informative else None
        if self.unit not in NEUTRAL or value is None:
            return 0
        distance = value - NEUTRAL[self.unit]
        return int(distance > TOLERANCE) - int(distance < -TOLERANCE)

    def tested(self, test: Any, name: str | None = None) -> "Quantity":
        """Return the quantity with what a test gives, and the test's name."""
        p_value, p_smallest = test.p_value, test.p_smallest
        return replace(self, p_value=p_value, p_smallest=p_smallest, test=name or test.test)


def count(n: float, of: float | None = None) -> Quantity:
    """Return a count `n`, of so many where that is known."""
    return Quantity(n, "count", n, of)


def share(n: float, of: float) -> Quantity | NotEstimable:
    """Return the share that `n` is of `of`."""
    none = NotEstimable("there are none to take a share of")
    return Quantity(n / of, "share", n, of) if of else none


def with_test(result: Any, test: Any, name: str | None = None) -> Quantity | NotEstimable:
    """Return a result with the p of a test, the smallest p attainable, and the test's name.

    `result`: as of `measured`; a refusal stays one.
    """
    refused = isinstance(result, NotEstimable)
    return result if refused else measured(result).tested(test, name)


def measured(result: Any) -> Quantity:
    """Return what a claim says of a result of `smalln`, read off the result's own fields.

    Raises:
        TypeError: the result is of no kind that `READ_OFF` lists.
    """
    if isinstance(result, Quantity):
        return result
    if isinstance(result, int | float):
        return Quantity(result)
    for fields, read in READ_OFF.items():
        if all(hasattr(result, field) for field in fields):
            return read(result)
    raise TypeError(f"a claim cannot be made from {type(result).__name__}; give a count or a share")


def _of_comparison(result: Any) -> Quantity:
    compared = Quantity(result.difference, "difference", interval=result.ends)
    return compared.tested(result.test) if result.test else compared


def _of_settling(result: Any) -> Quantity:
    return count(result.answers, result.unknown)


def _of_bounds(result: Any) -> Quantity:
    return Quantity(None, "difference", interval=(result.lower, result.upper))


def _of_relabelings(result: Any) -> Quantity:
    return Quantity(result.p_value, "share", result.count, result.of)


def _of_curve(result: Any) -> Quantity:
    of, small = result.specifications, result.dominant
    n = round(small.value * of)
    return Quantity(n / of, "share", n, of).tested(small, "relabeling")


def _of_value(result: Any) -> Quantity:
    return Quantity(result.value)


# how a result is read, by the fields that it has; the first that fits
READ_OFF: dict[tuple[str, ...], Callable[[Any], Quantity]] = {
    ("difference", "ends", "test"): _of_comparison,
    ("answers", "unknown"): _of_settling,
    ("lower", "upper"): _of_bounds,
    ("count", "of"): _of_relabelings,
    ("dominant",): _of_curve,
    ("value",): _of_value,
}


def judged(
    quantity: Quantity | None, all_known: bool, any_assumed: bool, *, counts_analyses: bool = False
) -> tuple[Grade, str]:
    """Return how sure a claim is, and the condition that decided: a key of `REASONS`.

    `quantity`: None where there is no answer. `all_known`: every cell used is known. `any_assumed`:
    a silence regime, a parent's figure or a recollection filled a cell, so the numbers are no
    better than the assumption. `counts_analyses`: what is counted are analyses, which are all
    there, whatever is unknown in them.
    """
    if quantity is not None and counts_analyses:
        return "counted", "analyses"
    if quantity is None:
        return "not_identified", "refused"
    if any_assumed:
        return "not_identified", "assumed"
    if all_known:
        return ("suggestive", "small_p") if quantity.small_p else ("counted", "known")
    return ("bounded" if quantity.informative else "not_identified"), "unknown"


def grade_of(result: Any, all_known: bool) -> Grade:
    """Return how sure a claim of a result of `smalln` would be, nothing being assumed."""
    answer = None if isinstance(result, NotEstimable) else measured(result)
    return judged(answer, all_known, any_assumed=False)[0]


def reason(condition: str, quantity: Quantity, rows: Sequence[Read]) -> Message:
    """Return in words why a claim has its grade: a condition as of `judged`, the rows used."""
    rows = [row for row in rows if not row.key]
    if condition == "known" and not rows:
        return _("no row of data is used: the sentence is about the method alone")
    if condition == "known" and quantity.p_value is not None:
        condition = "large_p"
    unit = quantity.unit if quantity.unit in RANGES else "share"
    said = NO_RANGE if quantity.interval is None else RANGES[unit][bool(quantity.informative)]
    counts = {"of": len(rows), "unknown": sum(not row.known for row in rows)}
    values = {**counts, "assumed": sum(row.assumed for row in rows), "p": quantity.p_value}
    return replace(REASONS[condition], values={**values, "range": said})


@dataclass(frozen=True)
class Standing:
    """What of a claim can be overturned: the sign, the side of .05, the grade; why it has that."""

    sign: int
    p_small: bool | None
    grade: Grade
    condition: str = field(default="", compare=False)
