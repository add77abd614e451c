"""Words in two languages: labels, number formats, and sentences filled from values.

One rounding rule and one table of units serve both languages, so the same value stands in both.
"""

import csv
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")

# unit of the data -> for each language: divide by, and the words around the number
UNITS: dict[str, dict[str, tuple[int, str]]] = {
    "100m CNY": {"en": (10, "CNY {} billion"), "zh": (1, "{}亿元")},
    "10k CNY": {"en": (100, "CNY {} million"), "zh": (1, "{}万元")},
    "cny_per_head": {"en": (1, "CNY {} per head"), "zh": (1, "人均{}元")},
    "years_of_revenue": {"en": (1, "{} years of local revenue"), "zh": (1, "{}年的地方财政收入")},
    "months": {"en": (1, "{} months"), "zh": (1, "{}个月")},
}


class Bilingual(Protocol):
    """Words by language: a mapping {en, zh} or a text of a study."""

    def __getitem__(self, language: str, /) -> str:
        """Return the words in one language."""


@dataclass(frozen=True)
class Names:
    """A list of things with a name in each language."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True)
class Amount:
    """A number with its unit (a key of `UNITS`), as text with the digits of the source."""

    number: str
    unit: str


@cache
def terms() -> dict[str, dict[str, str]]:
    """Return the labels: key -> {en, zh}."""
    text = files("analysis.exhibits").joinpath("terms.csv").read_text(encoding="utf-8")
    return {r["key"]: {"en": r["en"], "zh": r["zh"]} for r in csv.DictReader(text.splitlines())}


def term(key: str, language: str) -> str:
    """Return one label.

    Raises:
        KeyError: no such label; add it to `terms.csv` in both languages.
    """
    if key not in terms():
        raise KeyError(f"exhibits/terms.csv: no label {key!r}; add it in both languages")
    return terms()[key][language]


def rounded(number: float | str | Decimal, places: int) -> str:
    """Round half up on the decimal digits: the one rounding rule of all pages."""
    whole = str(number) if isinstance(number, str | Decimal) else repr(round(float(number), 12))
    exact = Decimal(whole)
    return str(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def difference(number: float) -> str:
    """Return a difference of shares with its sign and three places: `+0.800`."""
    text = rounded(number, 3)
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def p_text(number: float) -> str:
    """Return a p-value with three places, four below .001; 1 as `1`."""
    text = rounded(number, 4 if number < 0.001 else 3)
    return "1" if float(text) == 1 else text.removeprefix("0")


def percent(share: float, places: int = 1) -> str:
    """Return a share as percent: `32.0%`."""
    return f"{rounded(share * 100, places)}%"


def points(share: float) -> str:
    """Return the size of a difference of shares in whole percentage points, without a sign."""
    return rounded(abs(share) * 100, 0)


def lower_higher(lower: float, upper: float, language: str) -> str:
    """Return a range of a difference of shares in points, without signs: `73 points lower`."""
    a, b = points(lower), points(upper)
    if lower < 0 < upper:
        return term("phrase.lower_higher", language).format(a=a, b=b)
    one, other = (
        term("phrase.lower" if end < 0 else "phrase.higher", language).format(a=points(end))
        for end in (lower, upper)
    )
    if a == b and (lower < 0) == (upper < 0):
        return one
    return term("phrase.from_to", language).format(a=one, b=other)


def listed(names: Sequence[str], language: str) -> str:
    """Join names: `A, B and C` or `A、B、C`; an empty list says none."""
    if not names:
        return "none" if language == "en" else "无"
    if language == "zh":
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def month(text: str, language: str) -> str:
    """Return `2016-01` as `January 2016` or `2016年1月`."""
    year, number = text.split("-")[:2]
    names = "January February March April May June July August September October November December"
    return (
        f"{names.split()[int(number) - 1]} {year}"
        if language == "en"
        else f"{year}年{int(number)}月"
    )


def amount(value: Amount, language: str) -> str:
    """Return a sum in the language's unit, with the significant digits of the source kept."""
    divide, words = UNITS[value.unit][language]
    number = Decimal(value.number)
    shifted = number.scaleb(-(len(str(divide)) - 1))
    return words.format(format(shifted, "f"))


class _Filler(string.Formatter):
    """Fills `{name:kind}`: the kinds are the functions above."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        kinds: dict[str, Callable[[Any], str]] = {
            "difference": difference,
            "p": p_text,
            "percent": percent,
            "percent0": lambda v: percent(v, 0),
            "month": lambda v: month(v, self.language),
        }
        if isinstance(value, Names):
            return listed(getattr(value, self.language), self.language)
        if isinstance(value, Amount):
            return amount(value, self.language)
        if isinstance(value, Mapping):
            return str(value[self.language])
        if hasattr(value, "en") and hasattr(value, "zh"):
            return str(getattr(value, self.language))
        if format_spec in kinds:
            return kinds[format_spec](value)
        if format_spec.isdigit():
            return rounded(value, int(format_spec))
        return str(super().format_field(value, format_spec))


def fill(template: str, values: Mapping[str, Any], language: Language) -> str:
    """Fill a sentence template from values.

    Kinds after the colon: `difference`, `p`, `percent`, `percent0`, `month`, a number of
    places; names, amounts and bilingual texts render by themselves.
    """
    return _Filler(language).vformat(template, (), values)
