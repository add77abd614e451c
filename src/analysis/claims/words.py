"""Words that render in any language: messages, lists of names, sums of money, months, numbers.

One rounding rule and one table of units serve all languages, so the same value stands in each.
"""

import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.lists import format_list
from markupsafe import Markup

from analysis.claims.catalogue import SOURCE, translate
from analysis.study import StudyError
from analysis.study.codebook import PilotNames, Unit
from analysis.study.evidence import ONE_LINE
from smalln.result import NotEstimable

# whose forms of lists and dates are used, where a language alone leaves a choice
LOCALES = {"en": "en_GB"}
# `p = <.0001`, which is `p < .0001`
SMALLEST = re.compile(r"=( ?)<(?=0?\.0001)")
# what follows a number in English, and what follows 1
COUNTED = {f"{one}s": one for one in ("cause", "factor", "grouping", "pilot", "reason", "value")}
COUNTED["are"] = "is"
# what Markdown or HTML could take for more than text: signs, and a blank where lines begin and end
_SIGNS = re.compile(r"[!-/:-@\[-`{-~]|^ | $")


def without_blanks(language: str) -> bool:
    """Return whether a language is written without blanks, in characters twice as wide."""
    return language.partition("_")[0] in ("zh", "ja")


@dataclass(frozen=True)
class Message:
    """An English template with named fields, its values, and how it reads in any language.

    `context` tells apart messages that are one in English and two in another language. A template
    may also be a study's own words, which know their languages.
    """

    template: Any
    values: Mapping[str, Any] = field(default_factory=dict)
    context: str | None = None

    def in_language(self, language: str) -> str:
        """Return the message, translated and filled (`{name:kind}` as of `say`)."""
        words, own = self.template, isinstance(self.template, str)
        template = translate(words, language, self.context) if own else say(words, language)
        return fill(template, self.values, language)

    def __str__(self) -> str:
        return self.in_language(SOURCE)


def _(template: str, /, *, context: str | None = None, **values: Any) -> Message:
    """Return a message; its template is taken into the catalogue."""
    return Message(template, values, context)


@dataclass(frozen=True)
class Names:
    """Things that a sentence lists, and how many more there are; an empty list says `none`."""

    names: Sequence[Any]
    more: int = 0

    def in_language(self, language: str) -> str:
        """Return the names as one list."""
        names = [say(name, language) for name in self.names]
        if not names:
            return translate("none", language)
        if not self.more:
            return format_list(names, locale=LOCALES.get(language, language))
        listed = translate(", ", language, "between names").join(names)
        return _("{named} and {n} more", named=listed, n=self.more).in_language(language)


@dataclass(frozen=True)
class Joined:
    """Sentences one after the other, with a blank between them where the language has blanks."""

    parts: Sequence[Any]

    def in_language(self, language: str) -> str:
        """Return all parts."""
        blank = "" if without_blanks(language) else " "
        return blank.join(filter(None, (say(part, language) for part in self.parts)))


@dataclass(frozen=True)
class Amount:
    """A sum with its unit, as text with the digits of the source."""

    number: str
    unit: Unit

    def in_language(self, language: str) -> str:
        """Return the sum with the significant digits of the source kept."""
        number = Decimal(self.number).scaleb(-self.unit.tens.get(language, 0))
        told = f"{number:f}" if without_blanks(language) else f"{number:,f}"
        return self.unit.words.in_language(language).format(told)


@dataclass(frozen=True)
class Month:
    """A month, `YYYY-MM`."""

    text: str

    def in_language(self, language: str) -> str:
        """Return `January 2016`, or as the language has it."""
        year, month = map(int, self.text.split("-")[:2])
        locale = LOCALES.get(language, language)
        return format_skeleton("yMMMM", date(year, month, 1), locale=locale)


def rounded(number: float | str | Decimal, places: int) -> str:
    """Round half up on the decimal digits: the one rounding rule of all pages."""
    exact = Decimal(number if isinstance(number, str | Decimal) else repr(round(float(number), 12)))
    return str(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def difference(number: float) -> str:
    """Return a difference of shares with its sign and three places: `+0.800`."""
    text = rounded(number, 3)
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def p_text(number: float) -> str:
    """Return a p-value with three places, four below .001; 1 as `1`, what is less as `<.0001`."""
    if 0 < number < 0.00005:
        return "<.0001"
    text = rounded(number, 4 if number < 0.001 else 3)
    return "1" if float(text) == 1 else text.removeprefix("0")


def percent(share: float, places: int = 1) -> str:
    """Return a share as percent: `32.0%`; what is none only by rounding as `<0.1%`."""
    text = rounded(share * 100, places)
    return f"{text}%" if float(text) or not share else f"<{Decimal(1).scaleb(-places)}%"


def lower_higher(lower: float, upper: float) -> Message:
    """Return a range of a difference of shares in points, without signs: `73 points lower`."""
    a, b = (rounded(abs(end) * 100, 0) for end in (lower, upper))
    if lower < 0 < upper:
        return _("anywhere from {a} points lower to {b} points higher", a=a, b=b)
    first, last = (
        _("{a} points lower", a=points) if end < 0 else _("{a} points higher", a=points)
        for end, points in ((lower, a), (upper, b))
    )
    return first if first == last else _("from {a} to {b}", a=first, b=last)


def _bounds(bounds: Any) -> str:
    lower, upper = map(difference, bounds.ends)
    return lower if lower == upper else f"{lower} … {upper}"


KINDS: dict[str, Callable[[Any], str]] = {
    "bounds": _bounds,
    "difference": difference,
    "p": p_text,
    "percent": percent,
    "percent0": lambda share: percent(share, 0),
    "hundred": lambda share: rounded(share * 100, 0),
}


def page_text(value: Any) -> Markup:
    """Return text for a page that is written in Markdown: no sign in it is more than itself.

    `Markup` is what the project made itself; it stays.
    """
    if isinstance(value, Markup):
        return value
    return Markup(_SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", one_line(value)))


def one_line(value: Any) -> str:
    """Return text without breaks of lines, every character seen; `Markup` stays as it is."""
    return value if isinstance(value, Markup) else str(value).translate(ONE_LINE)


def say(value: Any, language: str, kind: str = "") -> str:
    """Return a value in a language, as one line: words that know their languages, a number, ...

    `kind`: `difference`, `bounds` (of what has `ends`), `p`, `percent`, `percent0`,
    `hundred` (of a hundred), `month`, a number of places, of `COUNTED` a word after it, or "".
    """
    said = _said(value, language, kind)
    # a message of the project may break a line, what fills it not
    return said if isinstance(value, Message) else one_line(said)


def _said(value: Any, language: str, kind: str) -> str:
    if isinstance(value, PilotNames):
        value = Names(value.names, value.total - len(value.names))
    if hasattr(value, "in_language"):
        return str(value.in_language(language))
    if isinstance(value, Mapping):
        return str(value[language])
    if value is None or value != value:
        return ""
    if isinstance(value, NotEstimable):
        reasons = [Message(part.reason, part.values) for part in (value, *value.also)]
        stop = translate("; ", language, "between choices")
        return stop.join(reason.in_language(language) for reason in reasons)
    if kind in KINDS:
        said = KINDS[kind](value)
        if without_blanks(language):
            # a zero before the point, a word between the ends of a range
            said = said.replace(" \u2026 ", translate(" \u2026 ", language))
            said = re.sub(r"^(<?)\.", r"\g<1>0.", said)
        return said
    if kind in COUNTED:
        return f"{value} {COUNTED[kind] if value == 1 else kind}"
    if kind == "month":
        return Month(value).in_language(language)
    if kind.isdigit():
        return rounded(value, int(kind))
    return format(value, kind)


def translated(language: str, words: Any, /, *, context: str | None = None, **values: Any) -> str:
    """Return words in a language; a plain text is English, filled from `values`."""
    return say(Message(words, values, context) if isinstance(words, str) else words, language)


class _Filler(string.Formatter):
    def __init__(self, template: str, language: str) -> None:
        self.template, self.language = template, language

    def get_value(self, key: Any, args: Any, values: Mapping[str, Any]) -> Any:
        value = values.get(key)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            raise StudyError(f"{self.template!r} ({self.language}): no value for {{{key}}}")
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        return say(value, self.language, format_spec)


def fill(template: str, values: Mapping[str, Any], language: str) -> str:
    """Fill a template from values; `{name:kind}` as of `say`.

    Raises:
        StudyError: the template names what there is no value for: no sentence has a hole.
    """
    filled = _Filler(template, language).vformat(template, (), values)
    return SMALLEST.sub(r"<\1", filled)
