"""What each table of a study may hold, column by column and row by row.

Kinds of columns and rules say in words what is allowed: a complaint about a cell ends with them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.study.codebook import Codebook
from analysis.study.declaration import DAY, MONTH, Declaration
from analysis.study.layout import (
    CONFIDENCES,
    EVERYWHERE,
    PARENT_PREFIX,
    PROGRAMME,
    PROJECT_BASES,
    SOURCE_STATUSES,
    STATUSES,
)

IDENTIFIER = r"[a-z][a-z0-9_]*"
NUMBER = r"-?\d+(\.\d+)?"
VALUE, PLACE = ("value", "status"), "paragraph span"
CELL = f"wave pilot_id variable {' '.join(VALUE)}"


def matches(pattern: str, allowed: str, empty: bool = False) -> pa.Column:
    """Return a column whose every cell matches a pattern as a whole, ASCII digits only."""
    whole, words = (f"({pattern})?", f"{allowed}, or empty") if empty else (pattern, allowed)
    return pa.Column(object, pa.Check.str_matches(rf"(?a)^(?:{whole})\Z", error=words))


def one_of(values: Iterable[str], empty: bool = False) -> pa.Column:
    """Return a column that holds one of `values`."""
    allowed = [*values, *([""] if empty else [])]
    words = ", ".join(value or "(empty)" for value in allowed)
    return pa.Column(object, pa.Check.isin(allowed, error=words))


def text(longest: int | None = None, empty: bool = False) -> pa.Column:
    """Return a column of text; not empty, not blank, unless `empty`."""
    top = "" if longest is None else longest
    words = "text" + (f" of at most {longest} characters" if longest else "")
    blank = "" if empty else r"(?=[\s\S]*\S)"
    return matches(rf"{blank}[\s\S]{{0,{top}}}", words, empty)


def identifier() -> pa.Column:
    """Return a column of names as code has them."""
    return matches(IDENTIFIER, "small letters, digits and _")


def joined(values: Iterable[str], empty: bool = False) -> pa.Column:
    """Return a column of one or more of `values`, joined by semicolons."""
    one = "|".join(values)
    return matches(rf"(?:{one})(?:;(?:{one}))*", "source ids of sources.csv joined by ;", empty)


def rule(column: str, holds: Callable[[pd.DataFrame], pd.Series], allowed: str) -> pa.Check:
    """Return a rule over each row; a complaint names `column` of the rows that break it."""
    return pa.Check(holds, name=column, error=allowed)


def _forward(paragraph: str, span: str) -> bool:
    start, _, end = span.partition(":")
    if start.isdecimal() and end.isdecimal() and int(start) >= int(end):
        return False
    return bool(paragraph) == bool(span)


FORWARD_SPAN = rule(
    "span",
    lambda f: pd.Series(list(map(_forward, f["paragraph"], f["span"])), f.index, dtype=bool),
    "start:end with start before end, exactly where there is a paragraph",
)
SOURCED = rule(
    "source_id",
    lambda f: (f["source_id"] != "") | f["status"].isin(["missing", "recalled"]),
    "a source_id, unless missing or recalled",
)


def not_before(later: str, earlier: str, allowed: str) -> pa.Check:
    """Return the rule that a month, where both are there, is not before another."""
    return rule(
        later,
        lambda f: (f[later] == "") | (f[earlier] == "") | (f[earlier] <= f[later]),
        f"a month that is not before {allowed}",
    )


@dataclass(frozen=True)
class Schemas:
    """The schemas of one study's tables; without pilots and sources, good for their columns."""

    declared: Declaration
    codebook: Codebook
    pilots: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def _table(
        self,
        columns: str,
        *checks: pa.Check,
        unique: Sequence[str] = (),
        **kinds: pa.Column,
    ) -> pa.DataFrameSchema:
        """Return the schema of a table: its columns in order, `x_*` for each language.

        `kinds`: of columns that are here what they are not elsewhere. The rest are text.
        """
        names = [
            name.replace("*", language)
            for name in columns.split()
            for language in (self.declared.languages if "*" in name else ("",))
        ]
        known = {**self._kinds(), **kinds}
        held = {name: known.get(name) or text() for name in names}
        return pa.DataFrameSchema(held, unique=list(unique) or None, checks=list(checks))

    def _kinds(self) -> dict[str, pa.Column]:
        """Return what columns hold wherever they stand."""
        statuses, domains = self.codebook.project_statuses, self.codebook.project_domains
        return {
            "wave": one_of(self.declared.waves),
            "pilot_id": one_of(self.pilots),
            "variable": one_of(self.codebook.variables),
            "value": text(empty=True),
            "status": one_of(STATUSES),
            "source_id": one_of(self.sources, empty=True),
            "paragraph": matches(r"[1-9]\d*", "a paragraph number", empty=True),
            "span": matches(r"\d+:\d+", "start:end", empty=True),
            "span_sha256": matches(r"[0-9a-f]{64}", "64 hexadecimal digits", empty=True),
            "term": text(longest=8, empty=True),
            "confidence": one_of(CONFIDENCES),
            "domain": one_of(domains) if domains else identifier(),
            "project_status": one_of(statuses) if statuses else identifier(),
            "status_basis": one_of(PROJECT_BASES),
        }

    def pilots_csv(self) -> pa.DataFrameSchema:
        """One row a pilot, with its place in the notice and its names in each language."""
        return self._table(
            "pilot_id order short_* long_*",
            rule(
                "order",
                lambda f: ~f["order"].str.lstrip("0").duplicated(keep=False),
                "each number once",
            ),
            rule("pilot_id", lambda f: f["pilot_id"] != PROGRAMME, f"any name but {PROGRAMME}"),
            unique=["pilot_id"],
            pilot_id=identifier(),
            order=matches(r"\d+", "a whole number"),
        )

    def sources_csv(self) -> pa.DataFrameSchema:
        """What each source is, and its terms of use."""
        return self._table(
            "source_id title issuer date address what how retrieved terms citation sha256",
            unique=["source_id"],
            source_id=matches(r"S\d{2,}", "S and a number of two digits or more"),
            sha256=matches(r"[0-9a-f]{64}|not recorded", "64 hex digits or 'not recorded'"),
        )

    def codings_csv(self) -> pa.DataFrameSchema:
        """One row a coding (design: data)."""
        columns = f"{CELL} source_id {PLACE} span_sha256 term note_* confidence settled_by"
        return self._table(columns, FORWARD_SPAN, pilot_id=self._pilot_or_all())

    def _pilot_or_all(self) -> pa.Column:
        return one_of([*self.pilots, PROGRAMME])

    def projects_csv(self) -> pa.DataFrameSchema:
        """One row a project that the text names; its name is whole."""
        locator = f"source_id {PLACE} span_sha256"
        named = rule("span", lambda f: f["span"] != "", "start:end of the project's name")
        return self._projects(f"{locator} term note_* confidence settled_by", named, unique=True)

    def _projects(
        self, rest: str, *checks: pa.Check, unique: bool = False, **kinds: pa.Column
    ) -> pa.DataFrameSchema:
        # the text's own language is the last one declared, and its name comes first
        names = [f"project_{language}" for language in reversed(self.declared.languages)]
        return self._table(
            f"wave pilot_id {' '.join(names)} domain status status_basis {rest}",
            FORWARD_SPAN,
            *checks,
            unique=["wave", "pilot_id", names[0]] if unique else (),
            **{"status": self._kinds()["project_status"], "term": text(empty=True), **kinds},
        )

    def context_csv(self) -> pa.DataFrameSchema:
        """One fact from another source a row."""
        return self._table(
            "pilot_id variable year value unit level source_id status",
            rule(
                "value",
                lambda f: (f["value"] == "") == (f["status"] == "missing"),
                "an empty value exactly where the status is missing",
            ),
            SOURCED,
            rule("value", _once, "one figure a pilot, variable, year, level and kind of status"),
            variable=identifier(),
            year=matches(r"\d{4}", "a year", empty=True),
            value=matches(rf"({NUMBER})?", "a number, or empty where missing"),
            level=matches(IDENTIFIER, "own, parent_prefecture or another parent"),
            status=one_of(SOURCE_STATUSES),
        )

    def leaders_csv(self) -> pa.DataFrameSchema:
        """Posts, months and an opaque holder; no names."""
        known = f"{'|'.join(self.pilots)}|{PARENT_PREFIX}{IDENTIFIER}"
        months: dict[str, Any] = {
            name: matches(MONTH, "YYYY-MM", empty=True)
            for name in ("start", "end", "seen_first", "seen_last")
        }
        posts = sorted({post for posts in self.declared.roles.values() for post in posts})
        return self._table(
            f"pilot_id role holder_id {' '.join(months)} source_id status note",
            not_before("end", "start", "the start"),
            not_before("seen_last", "seen_first", "seen_first"),
            SOURCED,
            pilot_id=matches(known, f"a pilot, or {PARENT_PREFIX}<place>"),
            role=one_of(posts),
            holder_id=matches(r"H\d+", "H and a number (never a name)", empty=True),
            source_id=joined(self.sources, empty=True),
            status=one_of(SOURCE_STATUSES),
            note=text(empty=True),
            **months,
        )

    def rates_csv(self) -> pa.DataFrameSchema:
        """How common an event is elsewhere, as a count of units."""
        key = ("population", "event", "window_start", "window_end")
        kinds: dict[str, Any] = {
            **{name: identifier() for name in key[:2]},
            **{name: matches(MONTH, "YYYY-MM") for name in key[2:]},
            **{name: matches(r"\d+", "a whole number") for name in ("count", "of")},
        }
        return self._table(
            f"{' '.join(key)} count of source_id status note_*",
            rule(
                "count",
                lambda f: ~(_numbers(f["count"]) > _numbers(f["of"])),
                "a count not above its of",
            ),
            not_before("window_end", "window_start", "window_start"),
            unique=key,
            source_id=one_of(self.sources),
            status=one_of(SOURCE_STATUSES),
            **kinds,
        )

    def events_csv(self) -> pa.DataFrameSchema:
        """Dated events around the pilots; never compared."""
        return self._table(
            "pilot_id date event source_id status",
            pilot_id=one_of([*self.pilots, EVERYWHERE]),
            date=matches(rf"{MONTH}|{DAY}|{MONTH}\.\.{MONTH}", "a day, a month, or from..to"),
            source_id=joined(self.sources),
            status=one_of(SOURCE_STATUSES),
        )

    def pass_codings(self) -> pa.DataFrameSchema:
        """One coder's codings."""
        return self._coded("note confidence")

    def ruled_codings(self) -> pa.DataFrameSchema:
        """Codings that settle cells: rulings and additions."""
        return self._coded("confidence settled_by note")

    def _coded(self, rest: str) -> pa.DataFrameSchema:
        unique, pilot_id = CELL.split(), self._pilot_or_all()
        columns = f"{CELL} {PLACE} term {rest}"
        return self._table(columns, FORWARD_SPAN, unique=unique, pilot_id=pilot_id)

    def pass_projects(self) -> pa.DataFrameSchema:
        """One coder's projects."""
        return self._projects(f"{PLACE} confidence note", note=text(empty=True))

    def ruled_projects(self) -> pa.DataFrameSchema:
        """Projects as settled."""
        rest = f"{PLACE} term confidence settled_by note"
        return self._projects(rest, note=text(empty=True))

    def alternatives_csv(self) -> pa.DataFrameSchema:
        """Other values that a cell could defensibly have."""
        pairs = [f"{kind}_{part}" for kind in ("settled", "alternative") for part in VALUE]
        key = ["wave", "pilot_id", "variable"]
        return self._table(
            " ".join([*key, *pairs, "reason"]),
            unique=[*key, *pairs[2:]],
            **{name: text(empty=True) for name in pairs[::2]},
            **{name: one_of(STATUSES) for name in pairs[1::2]},
        )

    def spans_csv(self) -> pa.DataFrameSchema:
        """The hash of each span that a coder named."""
        return self._table(
            f"source_id {PLACE} sha256",
            unique=["source_id", *PLACE.split()],
            source_id=one_of(self.sources),
            paragraph=matches(r"[1-9]\d*", "a paragraph number"),
            span=matches(r"\d+:\d+", "start:end"),
            sha256=matches(r"[0-9a-f]{64}", "64 hexadecimal digits"),
        )

    def notes_csv(self, language: str) -> pa.DataFrameSchema:
        """Notes in the first language, in which coders write, and in another one."""
        first = f"note_{self.declared.languages[0]}"
        return self._table(f"{first} note_{language}", unique=[first])


def _once(frame: pd.DataFrame) -> pd.Series:
    kind = frame["status"].str.removesuffix("_inferred")
    keys = ["pilot_id", "variable", "year", "level", "status"]
    return ~frame.assign(status=kind).duplicated(keys, keep=False)


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")
