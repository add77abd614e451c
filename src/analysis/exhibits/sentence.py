"""One computed sentence in two languages, with its number: what a claim says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.exhibits.flips import Standing
from analysis.exhibits.grading import LEVEL, Grade, Unit, grade, sign
from analysis.exhibits.notes import VERDICTS
from analysis.exhibits.reasons import reason_words
from analysis.exhibits.wording import Language, fill, term
from smalln import Comparison, NotEstimable


@dataclass(frozen=True)
class Sentence:
    """One sentence in two languages, filled from its value.

    `value`: the number itself, None where only an interval is known, `NotEstimable`, or a
    comparison, which brings value or interval, p and the smallest p by itself. `n` of
    `of`: numerator and denominator. `interval`: worst-case ends. `pilot`: set where one cell makes
    the claim for each pilot. `words`: further values that the templates name. `varied`: what was
    varied in place of single cells, for a sentence over many analyses or draws; no recodings are
    searched then.
    """

    value: float | Comparison | NotEstimable | None
    en: str
    zh: str
    unit: Unit
    n: float | None = None
    of: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_smallest: float | None = None
    test: str | None = None
    pilot: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    varied: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.value, Comparison):
            compared = self.value
            object.__setattr__(self, "value", compared.difference)
            object.__setattr__(self, "interval", self.interval or compared.ends)
            if compared.test is not None:
                object.__setattr__(self, "p_value", compared.test.p_value)
                object.__setattr__(self, "p_smallest", compared.test.p_smallest)
                object.__setattr__(self, "test", compared.test.test)

    def number(self) -> float | None:
        """Return the value, None where there is none."""
        return self.value if isinstance(self.value, int | float) else None

    def text(self, language: Language, graded: Grade) -> str:
        """Return the sentence; a template may name `{verdict}`, the fixed words of the grade."""
        if isinstance(self.value, NotEstimable):
            reason = reason_words(self.value)[language]
            return term("phrase.not_estimable", language).format(reason=reason)
        lower, upper = self.interval or (self.value, self.value)
        values = {
            "value": self.value,
            "n": whole(self.n),
            "of": whole(self.of),
            "lower": lower,
            "upper": upper,
            "p": self.p_value,
            "p_smallest": self.p_smallest,
            "verdict": VERDICTS[graded],
            **self.words,
        }
        return fill(self.en if language == "en" else self.zh, values, language).strip()

    def graded(self, all_known: bool, any_assumed: bool) -> Grade:
        """Return the grade that the cells allow."""
        return grade(
            unit=self.unit,
            all_known=all_known,
            any_assumed=any_assumed,
            estimable=not isinstance(self.value, NotEstimable),
            interval=self.interval,
            p_value=self.p_value,
        )

    def standing(self, all_known: bool, any_assumed: bool) -> Standing:
        """Return what recodings could overturn."""
        small = None if self.p_value is None else self.p_value <= LEVEL
        value = None if self.interval is not None else self.number()
        return Standing(
            sign(self.unit, value, self.interval), small, self.graded(all_known, any_assumed)
        )


def whole(number: float | None) -> float | int | None:
    """Return a whole number as one: 5, not 5.0."""
    return int(number) if number is not None and float(number).is_integer() else number
