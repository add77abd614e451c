"""What each table of a study may hold, column by column and row by row.

Kinds of columns and rules say in words what is allowed: a complaint about a cell ends with them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import pandas as pd
import pandera.pandas as pa

from analysis.study import CONFIDENCES, PARENT_PREFIX, PROGRAMME, SIGN_OFFS, forms
from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.forms import DAY, IDENTIFIER, MONTH

HASH = r"[0-9a-f]{64}"
# the months of a spell in their order
SPELL = ["start", "seen_first", "seen_last", "end"]
# kinds of columns: what a whole cell matches, and that in words (<pilot>, <source>: any of them)
UNIT = rf"(?:<pilot>|{PARENT_PREFIX}{IDENTIFIER[0]})"
PATTERNS = {
    "text": (r"(?=[\s\S]*\S)[\s\S]*", "text"),
    "any_text": (r"[\s\S]*", "text"),
    "line": (r".*\S.*", "text on one line"),
    "term": (r"[\s\S]{0,8}", "text of at most 8 characters"),
    **dict.fromkeys(("identifier", "domain", "project_status", "population"), IDENTIFIER),
    "count": (forms.COUNT, f"a whole number {forms.DIGITS}"),
    "some": (r"[1-9]\d{0,14}", f"a whole number from 1 {forms.DIGITS}"),
    "year": (forms.YEAR, f"a year from {forms.YEARS}"),
    "month": forms.SHAPES["month"],
    "day": (DAY, "a day as YYYY-MM-DD"),
    "short_hash": (r"[0-9a-f]{12}", "12 hexadecimal digits"),
    "date": (rf"{MONTH}|{DAY}|{MONTH}\.\.{MONTH}", "a day, a month, or from..to"),
    "paragraph": (r"[1-9]\d{0,4}", "a paragraph number"),
    "span": (r"\d{1,6}:\d{1,6}", "start:end"),
    "span_sha256": (HASH, "64 hexadecimal digits"),
    "sha256": (rf"{HASH}|not recorded", "64 hex digits or 'not recorded'"),
    "figure": (rf"(-?{forms.AMOUNT})?", f"a number {forms.DIGITS}, or empty where missing"),
    "level": (IDENTIFIER[0], "own, parent_prefecture or another parent"),
    "new_source": (r"S\d{2,}", "S and a number of two digits or more"),
    "place": (UNIT, f"a pilot, or {PARENT_PREFIX}<place>"),
    "places": (rf"{UNIT}(?:;{UNIT})*", "units as leaders.csv names them, joined by ;"),
    "sources": ("<source>(?:;<source>)*", "source ids of sources.csv joined by ;"),
    "holder_id": (r"H\d+", "H and a number (never a name)"),
}


def rule(column: str, holds: Callable[[pd.DataFrame], pd.Series], allowed: str) -> pa.Check:
    """Return a rule over each row; a complaint names `column` of the rows that break it."""
    return pa.Check(holds, name=column, error=allowed)


def not_before(later: str, *earlier: str) -> pa.Check:
    """Return the rule that a month, where it is there, is not before others."""
    words = " or ".join(earlier).replace("start", "the start", earlier[0] == "start")
    return rule(
        later,
        lambda f: (f[later] == "") | f[[*earlier]].le(f[later], axis=0).all(axis=1),
        f"a month that is not before {words}",
    )


def _forward(frame: pd.DataFrame) -> pd.Series:
    ends = frame["span"].str.extract(r"(\d+):(\d+)").astype(float)
    return ~(ends[0] >= ends[1]) & ((frame["paragraph"] == "") == (frame["span"] == ""))


def _once(frame: pd.DataFrame) -> pd.Series:
    kind = frame["status"].str.removesuffix("_inferred")
    keys = ["pilot_id", "variable", "year", "level", "status"]
    return ~frame.assign(status=kind).duplicated(keys, keep=False)


def _apart(frame: pd.DataFrame) -> pd.Series:
    """Return which spells do not meet another holder's on the same post for more than a month."""
    known = frame[SPELL].where(frame[SPELL] != "")
    ends = {"since": known.bfill(axis=1)["start"], "until": known.ffill(axis=1)["end"]}
    spells = frame.assign(row=frame.index, **ends).query("holder_id != '' and status != 'recalled'")
    pairs = spells.merge(spells, on=["pilot_id", "role"], suffixes=("", "_2"))
    met = pairs.query("since < until_2 and since_2 < until and holder_id != holder_id_2")
    return ~frame.index.to_series().isin(met["row"])


def _dated(frame: pd.DataFrame) -> pd.Series:
    return (frame[[*SPELL, "holder_id"]] != "").any(axis=1) == (frame["status"] != "missing")


def _from_to(frame: pd.DataFrame) -> pd.Series:
    ends = frame["date"].str.partition("..")
    return (ends[2] == "") | (ends[0] <= ends[2])


def _count_within(frame: pd.DataFrame) -> pd.Series:
    count, of = (pd.to_numeric(frame[each], errors="coerce") for each in ("count", "of"))
    return ~(count > of)


FORWARD_SPAN = rule(
    "span", _forward, "start:end with start before end, exactly where there is a paragraph"
)
SOURCED = rule(
    "source_id",
    lambda f: (f["source_id"] != "") | f["status"].isin(["missing", "recalled"]),
    "a source_id, unless missing or recalled",
)
ONCE_CODED = "wave pilot_id variable value status"
CODED = "wave pilot_id:pilot_or_all variable value:any_text? status"
PLACE = "paragraph? span?"
PROJECT = "wave pilot_id project_* domain status:project_status status_basis"
# of each table: its columns, as `name:kind`, or `name` where the kind is called so too or is text
# (`*`: one a language, `?`: may be empty); the columns whose values stand once; rules over rows
TABLES: dict[str, tuple[str, str, *tuple[pa.Check, ...]]] = {
    # each pilot, with its place in the notice and its names
    "pilots.csv": (
        "pilot_id:identifier order:count short_* long_*",
        "pilot_id",
        rule(
            "order",
            lambda f: ~f["order"].str.lstrip("0").duplicated(keep=False),
            "each number once",
        ),
        rule("pilot_id", lambda f: f["pilot_id"] != PROGRAMME, f"any name but {PROGRAMME}"),
    ),
    # what each source is, and its terms of use
    "sources.csv": (
        "source_id:new_source title_* issuer date:text address what how retrieved terms citation "
        "sha256",
        "source_id",
    ),
    # each coding
    "codings.csv": (
        f"{CODED} source_id? {PLACE} span_sha256? term? note_* confidence settled_by",
        "",
        FORWARD_SPAN,
    ),
    # each project that the text names; its name is whole
    "projects.csv": (
        f"{PROJECT} source_id? {PLACE} span_sha256? term:any_text? note_* confidence settled_by",
        "wave pilot_id project_*",
        FORWARD_SPAN,
        rule("span", lambda f: f["span"] != "", "start:end of the project's name"),
    ),
    # each fact from another source
    "context.csv": (
        "pilot_id variable:figure_name year? value:figure unit:text level source_id? "
        "status:source_status",
        "",
        rule(
            "value",
            lambda f: (f["value"] == "") == (f["status"] == "missing"),
            "an empty value exactly where the status is missing",
        ),
        SOURCED,
        rule("value", _once, "one figure a pilot, variable, year, level and kind of status"),
    ),
    # posts, months and an opaque holder; no names
    "leaders.csv": (
        "pilot_id:place role holder_id? start:month? end:month? seen_first:month? seen_last:month? "
        "source_id:sources? status:source_status note:any_text?",
        "",
        not_before("end", "start", "seen_first", "seen_last"),
        not_before("seen_last", "seen_first", "start"),
        not_before("seen_first", "start"),
        rule("start", _dated, "a holder or a month, exactly where the status is not missing"),
        rule("start", _apart, "a spell that does not overlap another holder's on the same post"),
        SOURCED,
    ),
    # how common an event is elsewhere, as a count of units
    "rates.csv": (
        "population event window_start:month window_end:month count of:some "
        "units:places? basis source_id status:verified note_*",
        "population event window_start window_end",
        rule("count", _count_within, "a count not above its of"),
        not_before("window_end", "window_start"),
        rule(
            "units",
            lambda f: (f["units"] == "") | ((f["units"].str.count(";") + 1).astype(str) == f["of"]),
            "as many units as are counted, or empty",
        ),
    ),
    # dated events around the pilots; never compared
    "events.csv": (
        "pilot_id:pilot_or_country date event_* source_id:sources status:source_status",
        "",
        rule("date", _from_to, "a day, a month, or from..to, the first not after the last"),
    ),
    # one coder's codings and projects
    "pass codings": (f"{CODED} {PLACE} term? note confidence", ONCE_CODED, FORWARD_SPAN),
    "pass projects": (f"{PROJECT} {PLACE} confidence note:any_text?", "", FORWARD_SPAN),
    # what settles cells, rulings and additions; projects as settled
    "ruled codings": (
        f"{CODED} {PLACE} term? confidence settled_by note",
        ONCE_CODED,
        FORWARD_SPAN,
    ),
    "ruled projects": (
        f"{PROJECT} {PLACE} term:any_text? confidence settled_by note:any_text?",
        "",
        FORWARD_SPAN,
    ),
    # other values that a cell could defensibly have
    "alternatives.csv": (
        "wave pilot_id variable settled_value:any_text? settled_status:status "
        "alternative_value:any_text? alternative_status:status reason",
        "wave pilot_id variable alternative_value alternative_status",
    ),
    # who looked at what, and thought what of it; `results`: of the numbers that rested on it
    SIGN_OFFS: (
        "kind:sign_off key:text hash:span_sha256 results:short_hash reviewer:line date:day verdict "
        "checked:text",
        "",
    ),
    # the hash of each span that a coder named
    "spans.csv": ("source_id paragraph span sha256:span_sha256", "source_id paragraph span"),
}


@dataclass(frozen=True)
class Schemas:
    """The schemas of one study's tables; without pilots and sources, good for their columns.

    `checked`: so they are, since it is known that no cell breaks a rule.
    """

    declared: Declaration
    codebook: Codebook
    pilots: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    checked: bool = False

    def about(self, pilots: pd.DataFrame, sources: pd.DataFrame) -> Self:
        """Return the schemas of tables that are about these pilots and rest on these sources."""
        named = tuple(pilots["pilot_id"]), tuple(sources["source_id"])
        return replace(self, pilots=named[0], sources=named[1])

    def of(self, table: str) -> pa.DataFrameSchema:
        """Return the schema of a table of `TABLES`."""
        columns, unique, *rules = TABLES[table]
        held = {}
        for column in columns.split():
            name, _, kind = column.partition(":")
            empty, name = column.endswith("?"), name.removesuffix("?")
            for each in self._names(name):
                held[each] = self._column(kind.removesuffix("?") or name, empty)
        once = [self._names(name)[0] for name in unique.split()]
        return pa.DataFrameSchema(held, unique=once or None, checks=rules)

    def notes(self, language: str) -> pa.DataFrameSchema:
        """Return the schema of notes in the first language, in which coders write, and another."""
        first, text = f"note_{self.declared.languages[0]}", self._column("text", False)
        return pa.DataFrameSchema({first: text, f"note_{language}": text}, unique=[first])

    def _names(self, name: str) -> list[str]:
        # the text's own language is the last one declared, and a project's name in it comes first
        languages = self.declared.languages[:: -1 if name == "project_*" else 1]
        return [name.replace("*", each) for each in languages] if "*" in name else [name]

    def _column(self, kind: str, empty: bool) -> pa.Column:
        if self.checked:
            return pa.Column(object)
        values = self._lists.get(kind)
        if values is not None:
            allowed = [*values, *([""] if empty else [])]
            words = ", ".join(value or "(empty)" for value in allowed) or "none is declared"
            return pa.Column(object, pa.Check.isin(allowed, error=words))
        pattern, words = PATTERNS.get(kind, PATTERNS["text"])
        for name, each in (("<pilot>", self.pilots), ("<source>", self.sources)):
            pattern = pattern.replace(name, f"(?:{'|'.join(each)})")
        if empty:
            pattern, words = f"({pattern})?", f"{words}, or empty"
        # ASCII digits only
        return pa.Column(object, pa.Check.str_matches(rf"(?a)^(?:{pattern})\Z", error=words))

    @cached_property
    def _lists(self) -> dict[str, Iterable[str] | None]:
        """Return what cells hold one of, by kind of column."""
        factors, facts = self.declared.factors.values(), self.codebook.facts
        return {
            "figure_name": self.codebook.figures,
            "level": facts.get("level"),
            "population": facts.get("population"),
            "event": facts.get("event") or {f.spells.event for f in factors if f.spells},
            "wave": self.declared.waves,
            "pilot_id": self.pilots,
            "pilot_or_all": (*self.pilots, PROGRAMME),
            "pilot_or_country": (*self.pilots, "national"),
            "variable": self.codebook.variables,
            "status": ("stated", "implied", "group", "silent", "contradictory"),
            "verified": ("verified", "verified_inferred"),
            "source_status": ("verified", "verified_inferred", "recalled", "missing"),
            "source_id": self.sources,
            "basis": ("recomputed", "taken_over"),
            "confidence": CONFIDENCES,
            "domain": self.codebook.project_domains or None,
            "project_status": self.codebook.project_statuses or None,
            "sign_off": ("function", "cell", "row", "page"),
            "verdict": ("agree", "with reservation", "disagree"),
            "status_basis": ("stated", "implied", "group"),
            "role": sorted({post for posts in self.declared.roles.values() for post in posts}),
        }
