"""One computed sentence with its number: what a claim says, before its evidence is known."""

from dataclasses import dataclass, replace
from typing import Any

from analysis.claims.grades import LEVEL, VERDICTS, Grade, Standing, Unit, grade, sign
from analysis.claims.words import Message, _, say
from smalln.result import NotEstimable


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


def count(n: float, of: float | None = None) -> Quantity:
    """Return a count `n`, of so many where that is known."""
    return Quantity(n, "count", n, of)


def share(n: float, of: float) -> Quantity:
    """Return the share that `n` is of `of`."""
    return Quantity(n / of, "share", n, of)


def with_test(result: Any, test: Any, name: str | None = None) -> Any:
    """Return a result with the p of a test, the smallest p attainable, and the test's name.

    `result`: as of `measured`; a refusal stays one.
    """
    return result if isinstance(result, NotEstimable) else _tested(measured(result), test, name)


def _tested(quantity: Quantity, test: Any, name: str | None = None) -> Quantity:
    return replace(
        quantity,
        p_value=test.p_value,
        p_smallest=test.p_smallest,
        test=name or test.test,
    )


def measured(result: Any) -> Quantity:
    """Return what a claim says of a result of `smalln`, read off the result's own fields.

    A comparison brings its difference or ends and its test; bounds their ends; a search-adjusted p
    its count of relabelings; a joint test of a curve its share of small p; a tipping point and the
    fewest settling answers a count.

    Raises:
        TypeError: the result has none of these fields.
    """
    if isinstance(result, Quantity):
        return result
    if result is None or isinstance(result, int | float):
        return Quantity(result)
    names = ("ends", "answers", "lower", "k", "count", "dominant", "value")
    has = {name for name in names if hasattr(result, name)}
    if "ends" in has and hasattr(result, "difference"):
        compared = Quantity(result.difference, "difference", interval=result.ends)
        return _tested(compared, result.test) if result.test else compared
    if "answers" in has:
        return count(result.answers, result.unknown)
    if "lower" in has:
        return Quantity(None, "difference", interval=(result.lower, result.upper))
    if "k" in has:
        return _tested(count(result.k, result.of), result, "Fisher")
    if "count" in has:
        return Quantity(result.p_value, "share", result.count, result.of)
    if "dominant" in has:
        of, small = result.specifications, result.dominant
        return _tested(share(round(small.value * of), of), small, "relabeling")
    if "value" in has:
        return Quantity(result.value)
    raise TypeError(f"a claim cannot be made from {type(result).__name__}; give a count or a share")


class Sentence:
    """A sentence filled from a result, in every language."""

    def __init__(
        self,
        result: Any,
        sentence: str | Message,
        *,
        unit: Unit | None = None,
        pilot: str | None = None,
        part: str | None = None,
        varied: Message | None = None,
        **values: Any,
    ) -> None:
        """Say `sentence` of `result`.

        `sentence`: an English template, filled from the result's `{value}`, `{n}`, `{of}`,
        `{lower}`, `{upper}`, `{p}`, `{p_smallest}`, from `{verdict}` (the words of the grade) and
        from `values`. `unit`: where the result does not bring one. `pilot`: set where one cell
        makes the claim for each pilot. `varied`: what was varied in place of single cells, for a
        sentence over many analyses or draws; no recodings are searched then.
        """
        refused = isinstance(result, NotEstimable)
        self.refusal: NotEstimable | None = result if refused else None
        self.quantity = Quantity(None) if refused else measured(result)
        self.unit: Unit = unit or self.quantity.unit or "count"
        self.sentence = sentence if isinstance(sentence, Message) else Message(sentence)
        self.pilot, self.part, self.varied, self.values = pilot, part or pilot, varied, values

    def text(self, language: str, graded: Grade) -> str:
        """Return the sentence in a language; of a refusal its reason."""
        if self.refusal is not None:
            return _("not calculated, because {reason}", reason=self.refusal).in_language(language)
        q = self.quantity
        lower, upper = q.interval or (q.value, q.value)
        own = {
            "value": q.value,
            "n": whole(q.n),
            "of": whole(q.of),
            "lower": lower,
            "upper": upper,
            "p": q.p_value,
            "p_smallest": q.p_smallest,
            "verdict": VERDICTS[graded],
        }
        said = replace(self.sentence, values={**own, **self.sentence.values, **self.values})
        return say(said, language).strip()

    def graded(self, all_known: bool, any_assumed: bool) -> Grade:
        """Return the grade that the cells allow."""
        return grade(
            unit=self.unit,
            all_known=all_known,
            any_assumed=any_assumed,
            estimable=self.refusal is None,
            interval=self.quantity.interval,
            p_value=self.quantity.p_value,
            counts_analyses=self.unit == "count" and self.varied is not None,
        )

    def standing(self, all_known: bool, any_assumed: bool) -> Standing:
        """Return what recodings could overturn."""
        q = self.quantity
        small = None if q.p_value is None else q.p_value <= LEVEL
        value = None if q.interval is not None else q.value
        graded = self.graded(all_known, any_assumed)
        return Standing(sign(self.unit, value, q.interval), small, graded)


def whole(number: float | None) -> float | int | None:
    """Return a whole number as one: 5, not 5.0."""
    return int(number) if number is not None and float(number).is_integer() else number
