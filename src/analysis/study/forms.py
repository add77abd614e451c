"""What the YAML files of a study are made of, checked by pydantic; patterns of cells, too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from string import Formatter
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, Self

from babel import localedata
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from analysis.study.read_log import Read

# what stands in the names of pages and files
IDENTIFIER = (r"[a-z][a-z0-9_]{0,59}", "small letters, digits and _, at most 60")
YEAR, YEARS = r"(?:19|20)\d\d", "1900 to 2099"
MONTH = rf"{YEAR}-(?:0[1-9]|1[0-2])"
# every month has 28 days; of leap years 1900 is none
_LEAP = r"(?:2000|(?:19|20)(?:0[48]|[2468][048]|[13579][26]))"
DAY = (
    rf"(?:{MONTH}-(?:0[1-9]|1\d|2[0-8])|{_LEAP}-02-29|{YEAR}-(?:0[13-9]|1[0-2])-(?:29|30)|"
    rf"{YEAR}-(?:0[13578]|1[02])-31)"
)
COUNT, AMOUNT, DIGITS = r"\d{1,15}", r"\d{1,15}(?:\.\d{1,15})?", "of at most 15 digits"
# what a value that is no level looks like, by the kind of its variable
SHAPES = {
    "count": (COUNT, f"a whole number{{unit}}, {DIGITS}"),
    "money": (AMOUNT, f"a number{{unit}}, {DIGITS}"),
    "month": (MONTH, f"a month of {YEARS} as YYYY-MM"),
    "text": (r"(?=[\s\S]*\S)[\s\S]*", "text"),
}


def _whole(pattern: str, shape: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(shape)
        return value

    return AfterValidator(check)


def _spoken(language: str) -> str:
    if not localedata.exists(language):
        raise ValueError("a language whose dates and numbers Babel knows, as en, zh or pt_BR")
    return language


def one_of(kind: str, beside: str = "") -> AfterValidator:
    """Return the check that a name is one of a kind of things that the context of a check knows.

    `beside`: of those alone that belong to what this other field of the model names. A kind that
    the context lacks is not checked.
    """

    def check(name: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get(kind)
        if known is not None and beside:
            known = known.get(info.data.get(beside), ())
        if known is not None and name not in known:
            raise ValueError(", ".join(map(str, known)) or "none there")
        return name

    return AfterValidator(check)


def filled_with(*fields: str, needed: bool = False) -> AfterValidator:
    """Return the check that the sentences of a text name these fields alone, as `name:form`.

    `needed`: each names one of them, once.
    """
    allowed = ", ".join(f"{{{each}}}" for each in fields) or "no {}"

    def wrong(text: Text) -> Iterator[tuple[tuple[str], str, str]]:
        for language, sentence in text.root.items():
            parts = [part[1:] for part in Formatter().parse(sentence) if part[1] is not None]
            asked = [f"{n}:{form}".rstrip(":") + f"!{how}" * bool(how) for n, form, how in parts]
            yield from (((language,), each, allowed) for each in asked if each not in fields)
            if needed and len(asked) != 1:
                yield (language,), sentence, f"{allowed}, once"

    def check(text: Text) -> Text:
        refuse(wrong(text))
        return text

    return AfterValidator(check)


Level = str
Name = Annotated[str, _whole(*IDENTIFIER)]
Month = Annotated[str, _whole(MONTH, SHAPES["month"][1])]
Day = Annotated[str, _whole(DAY, f"a day of {YEARS} as YYYY-MM-DD")]
Year = Annotated[int, Field(ge=1900, le=2099)]
Paragraph = Annotated[int, Field(ge=1, le=99_999)]
Language = Annotated[
    str,
    _whole("[a-z]{2,3}(_[A-Za-z]+)*", "a language as en, zh or pt_BR"),
    AfterValidator(_spoken),
]


def refuse(wrong: Iterable[tuple[tuple[str | int, ...], str | None, str]]) -> None:
    """Refuse what a validator found inside of its model: place, value (None: missing), allowed."""
    said = ((p, v, PydanticCustomError("wrong", "{allowed}", {"allowed": a})) for p, v, a in wrong)
    if errors := [
        InitErrorDetails(type="missing" if value is None else told, loc=place, input=value)
        for place, value, told in said
    ]:
        raise ValidationError.from_exception_data("", errors)


# what is asked of placed models is noted here, while somebody listens
noted: list[Read] | None = None


@contextmanager
def unnoted() -> Iterator[None]:
    """Note nothing of what is asked of placed models meanwhile."""
    global noted
    kept, noted = noted, None
    try:
        yield
    finally:
        noted = kept


class Declared(BaseModel):
    """Base: nothing undeclared, nothing changed after reading; lists name a thing once."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> Any:
            if noted is not None:
                reads = super().__getattribute__("__dict__").get("_reads", {})
                noted.extend([reads[name]] if name in reads else ())
            return super().__getattribute__(name)

    @field_validator("*")
    @classmethod
    def _some_and_each_once(cls, value: Any, info: ValidationInfo) -> Any:
        if value in ((), {}) and cls.model_fields[str(info.field_name)].is_required():
            raise ValueError("one or more")
        if isinstance(value, tuple):
            refuse(((i,), str(v), "each once") for i, v in enumerate(value) if v in value[:i])
        return value

    def __repr__(self) -> str:
        """Return what there is in one line; of what is many, how many."""
        many = {n: len(v) for n, v in self if isinstance(v, dict | tuple) and len(v) > 3}
        told = (f"{n}={f'{many[n]} of them' if n in many else repr(v)}" for n, v in self)
        return shorten(f"{type(self).__name__}({', '.join(told)})", 280, placeholder=" …)")

    __str__ = __repr__


def place(thing: Any, file: str, lines: Mapping[tuple[str, ...], int], *path: str) -> None:
    """Have models know by which key, and on which line of a file, each of their values stands.

    Labels in the codebook are left out: words for what was found, they decide nothing.
    """
    inside = dict(enumerate(thing)) if isinstance(thing, tuple) else thing
    for name, value in dict(inside).items() if isinstance(inside, Declared | dict) else ():
        place(value, file, lines, *path, str(name))
    if isinstance(thing, Declared):
        thing.__dict__["_reads"] = {
            name: Read(file, lines.get((*path, name)), key=".".join((*path, name)), value=said)
            for name, value in thing
            if (said := _said(value)) is not None
            and not (file == "codebook.yaml" and isinstance(value, Text))
        }


def _said(value: Any) -> str | None:
    """Return a declared value as one text; None for what only holds further keys."""
    if isinstance(value, Text):
        return str(value)
    parts = value if isinstance(value, tuple | dict) else () if value is None else (value,)
    held = parts.values() if isinstance(parts, dict) else parts
    holds_keys = any(isinstance(each, Declared) for each in held)
    return None if holds_keys else ", ".join(map(str, parts))


class Text(RootModel[dict[str, str]]):
    """One text of a study in each of its languages. Keys: `en`, `zh`, ..."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _in_every_language(self, info: ValidationInfo) -> Self:
        wanted = (info.context or {}).get("languages", self.root)
        missing, more = set(wanted) - set(self.root), set(self.root) - set(wanted)
        allowed = ", ".join(wanted)
        refuse(
            [((each,), None, allowed) for each in sorted(missing)]
            + [((each,), each, allowed) for each in sorted(more)]
            + [((each,), said, "text") for each, said in self.root.items() if not said.strip()]
        )
        return self

    def in_language(self, language: str) -> str:
        """Return the text in a language that the study declares; a text left out is empty."""
        return self.root[language] if self.root else ""

    def __hash__(self) -> int:
        return hash(tuple(self.root.items()))

    def __str__(self) -> str:
        return next(iter(self.root.values()), "")
