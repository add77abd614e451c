"""What the tables of facts from other sources may hold."""

from collections.abc import Iterable

import pandas as pd
import pandera.pandas as pa

from analysis.study.columns import (
    DAY,
    IDENTIFIER,
    MONTH,
    NUMBER,
    identifier,
    joined,
    matches,
    month,
    one_of,
    rule,
    text,
    whole,
)
from analysis.study.declaration import Declaration
from analysis.study.vocabulary import EVERYWHERE, PARENT_PREFIX, SOURCE_STATUSES


def context(pilot_ids: Iterable[str], sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `context.csv`: one fact from another source a row."""
    return pa.DataFrameSchema(
        {
            "pilot_id": one_of(pilot_ids),
            "variable": identifier(),
            "year": matches(r"(\d{4})?", "a year, or empty"),
            "value": matches(rf"({NUMBER})?", "a number, or empty where missing"),
            "unit": text(),
            "level": matches(IDENTIFIER, "own, parent_prefecture or another parent"),
            "source_id": one_of(sources, empty=True),
            "status": one_of(SOURCE_STATUSES),
        },
        checks=[
            rule(
                "value",
                lambda f: (f["value"] == "") == (f["status"] == "missing"),
                "an empty value exactly where the status is missing",
            ),
            rule(
                "source_id",
                lambda f: (f["source_id"] != "") | f["status"].isin(["missing", "recalled"]),
                "a source_id, unless missing or recalled",
            ),
            rule("value", _once, "one figure a pilot, variable, year, level and kind of status"),
        ],
    )


def _once(frame: pd.DataFrame) -> pd.Series:
    kind = frame["status"].str.removesuffix("_inferred")
    keys = ["pilot_id", "variable", "year", "level", "status"]
    return ~frame.assign(status=kind).duplicated(keys, keep=False)


def leaders(
    declared: Declaration, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `leaders.csv`: posts, months and an opaque holder; no names."""
    every_role = sorted({role for roles in declared.roles.values() for role in roles})
    known = "|".join(pilot_ids)
    return pa.DataFrameSchema(
        {
            "pilot_id": matches(
                rf"{known}|{PARENT_PREFIX}{IDENTIFIER}", f"a pilot, or {PARENT_PREFIX}<place>"
            ),
            "role": one_of(every_role),
            "holder_id": matches(r"(H\d+)?", "H and a number (never a name), or empty"),
            **{n: month(empty=True) for n in ("start", "end", "seen_first", "seen_last")},
            "source_id": joined(sources, empty=True),
            "status": one_of(SOURCE_STATUSES),
            "note": text(empty=True),
        },
        checks=[
            rule(
                "end",
                lambda f: (f["end"] == "") | (f["start"] == "") | (f["start"] <= f["end"]),
                "a month that is not before the start",
            ),
            rule(
                "seen_last",
                lambda f: (f["seen_last"] == "") | (f["seen_first"] <= f["seen_last"]),
                "a month that is not before seen_first",
            ),
            rule(
                "source_id",
                lambda f: (f["source_id"] != "") | f["status"].isin(["missing", "recalled"]),
                "a source_id, unless missing or recalled",
            ),
        ],
    )


def rates(sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `rates.csv`: how common an event is elsewhere (count of units)."""
    return pa.DataFrameSchema(
        {
            "population": identifier(),
            "event": identifier(),
            "window_start": month(),
            "window_end": month(),
            "count": whole(),
            "of": whole(),
            "source_id": one_of(sources),
            "status": one_of(SOURCE_STATUSES),
            "note_en": text(),
            "note_zh": text(),
        },
        unique=["population", "event", "window_start", "window_end"],
        checks=[
            rule(
                "count",
                lambda f: ~(_numbers(f["count"]) > _numbers(f["of"])),
                "a count not above its of",
            ),
            rule(
                "window_end",
                lambda f: f["window_start"] <= f["window_end"],
                "a month that is not before window_start",
            ),
        ],
    )


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")


def events(pilot_ids: Iterable[str], sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `events.csv`: dated events around the pilots; never compared."""
    allowed = "a day, a month, or from..to"
    return pa.DataFrameSchema(
        {
            "pilot_id": one_of([*pilot_ids, EVERYWHERE]),
            "date": matches(rf"{MONTH}|{DAY}|{MONTH}\.\.{MONTH}", allowed),
            "event": text(),
            "source_id": joined(sources),
            "status": one_of(SOURCE_STATUSES),
        }
    )
