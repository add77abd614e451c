"""Kinds of columns that tables are made of, and rules over a row; both say what is allowed."""

from collections.abc import Callable, Iterable

import pandas as pd
import pandera.pandas as pa

IDENTIFIER = r"[a-z][a-z0-9_]*"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
DAY = rf"{MONTH}-(0[1-9]|[12]\d|3[01])"
NUMBER = r"-?\d+(\.\d+)?"


def matches(pattern: str, allowed: str) -> pa.Column:
    """Return a column whose every cell matches a pattern as a whole, ASCII digits only."""
    return pa.Column(object, pa.Check.str_matches(rf"(?a)^(?:{pattern})\Z", error=allowed))


def one_of(values: Iterable[str], empty: bool = False) -> pa.Column:
    """Return a column that holds one of `values`."""
    allowed = [*values, *([""] if empty else [])]
    shown = ", ".join(value or "(empty)" for value in allowed)
    return pa.Column(object, pa.Check.isin(allowed, error=shown))


def text(longest: int | None = None, empty: bool = False) -> pa.Column:
    """Return a column of text; not empty, not blank, unless `empty`."""
    top = "" if longest is None else longest
    words = "text" + (f" of at most {longest} characters" if longest else "")
    blank = "" if empty else r"(?=[\s\S]*\S)"
    return matches(rf"{blank}[\s\S]{{0,{top}}}", f"{words}, or empty" if empty else words)


def identifier() -> pa.Column:
    """Return a column of names as code has them."""
    return matches(IDENTIFIER, "small letters, digits and _")


def whole() -> pa.Column:
    """Return a column of counts."""
    return matches(r"\d+", "a whole number")


def month(empty: bool = False) -> pa.Column:
    """Return a column of months."""
    return matches(rf"({MONTH})?", "YYYY-MM, or empty") if empty else matches(MONTH, "YYYY-MM")


def joined(values: Iterable[str], empty: bool = False) -> pa.Column:
    """Return a column of one or more of `values`, joined by semicolons."""
    one = "|".join(values)
    pattern = rf"(?:{one})(?:;(?:{one}))*"
    allowed = "source ids of sources.csv joined by ;"
    return matches(rf"({pattern})?", f"{allowed}, or empty") if empty else matches(pattern, allowed)


def evidence(sources: Iterable[str] | None) -> dict[str, pa.Column]:
    """Return the columns of a locator; without `sources` as a pass has them, without hashes."""
    place = {
        "paragraph": matches(r"([1-9]\d*)?", "a paragraph number, or empty"),
        "span": matches(r"(\d+:\d+)?", "start:end, or empty"),
    }
    if sources is None:
        return place
    digest = matches(r"([0-9a-f]{64})?", "64 hexadecimal digits, or empty")
    return {"source_id": one_of(sources, empty=True), **place, "span_sha256": digest}


def rule(column: str, holds: Callable[[pd.DataFrame], pd.Series], allowed: str) -> pa.Check:
    """Return a rule over each row; a complaint names `column` of the rows that break it."""
    return pa.Check(holds, name=column, error=allowed)


def forward_span() -> pa.Check:
    """Return the rule that a span has a paragraph and ends after it starts."""
    return rule(
        "span",
        lambda f: pd.Series(
            [_forward(p, s) for p, s in zip(f["paragraph"], f["span"], strict=True)],
            index=f.index,
            dtype=bool,
        ),
        "start:end with start before end, exactly where there is a paragraph",
    )


def _forward(paragraph: str, span: str) -> bool:
    start, _, end = span.partition(":")
    if start.isdecimal() and end.isdecimal() and int(start) >= int(end):
        return False
    return bool(paragraph) == bool(span)
