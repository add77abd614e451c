"""What each table of a study may hold; the words after `allowed:` in messages stand here."""

from collections.abc import Iterable

import pandera.pandas as pa

from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration

STATUSES = ("stated", "implied", "group", "silent", "contradictory")
SOURCE_STATUSES = ("verified", "verified_inferred", "recalled", "missing")
CONFIDENCES = ("high", "medium", "low")
LEVEL_OWN = "own"
PROGRAMME = "all"
PARENT_PREFIX = "PARENT_"

IDENTIFIER = r"[a-z][a-z0-9_]*"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
NUMBER = r"-?\d+(\.\d+)?"


def _matches(pattern: str, allowed: str) -> pa.Column:
    return pa.Column(object, pa.Check.str_matches(rf"^(?:{pattern})$", error=allowed))


def _one_of(values: Iterable[str], empty: bool = False) -> pa.Column:
    allowed = [*values, *([""] if empty else [])]
    shown = ", ".join(value or "(empty)" for value in allowed)
    return pa.Column(object, pa.Check.isin(allowed, error=shown))


def _text(longest: int | None = None, empty: bool = False) -> pa.Column:
    top = "" if longest is None else longest
    words = "text" + (f" of at most {longest} characters" if longest else "")
    pattern = rf"[\s\S]{{{0 if empty else 1},{top}}}"
    return _matches(pattern, f"{words}, or empty" if empty else words)


SPAN = (r"(\d+:\d+)?", "start:end, or empty")
SHA256 = (r"([0-9a-f]{64})?", "64 hexadecimal digits, or empty")


def pilots() -> pa.DataFrameSchema:
    """Return the schema of `pilots.csv`: one row a pilot, names in both languages."""
    return pa.DataFrameSchema(
        {
            "pilot_id": _matches(IDENTIFIER, "small letters, digits and _"),
            "order": _matches(r"\d+", "a whole number"),
            "short_en": _text(),
            "short_zh": _text(),
            "long_en": _text(),
            "long_zh": _text(),
        },
        unique=["pilot_id"],
    )


def _evidence(sources: Iterable[str]) -> dict[str, pa.Column]:
    return {
        "source_id": _one_of(sources, empty=True),
        "paragraph": _matches(r"\d*", "a paragraph number, or empty"),
        "span": _matches(*SPAN),
        "span_sha256": _matches(*SHA256),
    }


def codings(
    declared: Declaration, codebook: Codebook, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `codings.csv`: one row a coding (design: data)."""
    return pa.DataFrameSchema(
        {
            "wave": _one_of(declared.waves),
            "pilot_id": _one_of([*pilot_ids, PROGRAMME]),
            "variable": _one_of(codebook.variables),
            "value": _text(empty=True),
            "status": _one_of(STATUSES),
            **_evidence(sources),
            "term": _text(longest=8, empty=True),
            "note_en": _text(),
            "note_zh": _text(),
            "confidence": _one_of(CONFIDENCES),
            "settled_by": _text(),
        }
    )


def projects(
    declared: Declaration, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `projects.csv`: one row a project that the text names."""
    return pa.DataFrameSchema(
        {
            "wave": _one_of(declared.waves),
            "pilot_id": _one_of(pilot_ids),
            "project_zh": _text(),
            "project_en": _text(),
            "domain": _matches(IDENTIFIER, "a domain of the codebook"),
            "status": _matches(IDENTIFIER, "a project status of the codebook"),
            "status_basis": _one_of(("stated", "implied", "group")),
            **_evidence(sources),
            "term": _text(empty=True),
            "note_en": _text(empty=True),
            "note_zh": _text(empty=True),
            "confidence": _one_of(CONFIDENCES),
            "settled_by": _text(),
        }
    )


def context(pilot_ids: Iterable[str], sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `context.csv`: one fact from another source a row."""
    return pa.DataFrameSchema(
        {
            "pilot_id": _one_of(pilot_ids),
            "variable": _matches(IDENTIFIER, "small letters, digits and _"),
            "year": _matches(r"(\d{4})?", "a year, or empty"),
            "value": _matches(rf"({NUMBER})?", "a number, or empty where missing"),
            "unit": _text(),
            "level": _matches(IDENTIFIER, "own, parent_prefecture or another parent"),
            "source_id": _one_of(sources, empty=True),
            "status": _one_of(SOURCE_STATUSES),
        },
        checks=[
            pa.Check(
                lambda f: (f["value"] == "") == (f["status"] == "missing"),
                error="an empty value exactly where the status is missing",
            ),
            pa.Check(
                lambda f: (f["source_id"] != "") | f["status"].isin(["missing", "recalled"]),
                error="a source_id, unless missing or recalled",
            ),
        ],
    )


def leaders(
    declared: Declaration, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `leaders.csv`: posts, months and an opaque holder; no names."""
    every_role = sorted({role for roles in declared.roles.values() for role in roles})
    month = _matches(rf"({MONTH})?", "YYYY-MM, or empty")
    parents = rf"{PARENT_PREFIX}{IDENTIFIER}"
    known, given = "|".join(pilot_ids), "|".join(sources)
    return pa.DataFrameSchema(
        {
            "pilot_id": _matches(rf"{known}|{parents}", "a pilot, or PARENT_<place>"),
            "role": _one_of(every_role),
            "holder_id": _matches(r"(H\d+)?", "H and a number (never a name), or empty"),
            "start": month,
            "end": month,
            "seen_first": month,
            "seen_last": month,
            "source_id": _matches(rf"((?:{given})(?:;(?:{given}))*)?", "source ids joined by ;"),
            "status": _one_of(SOURCE_STATUSES),
            "note": _text(empty=True),
        },
        checks=[
            pa.Check(
                lambda f: (f["end"] == "") | (f["start"] == "") | (f["start"] <= f["end"]),
                error="a start that is not after the end",
            ),
            pa.Check(
                lambda f: (f["seen_last"] == "") | (f["seen_first"] <= f["seen_last"]),
                error="a seen_first that is not after seen_last",
            ),
        ],
    )


def rates(sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `rates.csv`: how common an event is elsewhere (count of units)."""
    return pa.DataFrameSchema(
        {
            "population": _matches(IDENTIFIER, "small letters, digits and _"),
            "event": _matches(IDENTIFIER, "small letters, digits and _"),
            "window_start": _matches(MONTH, "YYYY-MM"),
            "window_end": _matches(MONTH, "YYYY-MM"),
            "count": _matches(r"\d+", "a whole number"),
            "of": _matches(r"\d+", "a whole number"),
            "source_id": _one_of(sources),
            "status": _one_of(SOURCE_STATUSES),
            "note_en": _text(),
            "note_zh": _text(),
        },
        checks=[
            pa.Check(
                lambda f: f["count"].map(int) <= f["of"].map(int), error="a count not above its of"
            )
        ],
    )


def events(pilot_ids: Iterable[str], sources: Iterable[str]) -> pa.DataFrameSchema:
    """Return the schema of `events.csv`: dated events around the pilots, never compared."""
    given = "|".join(sources)
    return pa.DataFrameSchema(
        {
            "pilot_id": _one_of([*pilot_ids, "national"]),
            "date": _matches(
                r"\d{4}-\d{2}(-\d{2})?(\.\.\d{4}-\d{2})?", "a day, a month, or from..to"
            ),
            "event": _text(),
            "source_id": _matches(rf"(?:{given})(?:;(?:{given}))*", "source ids joined by ;"),
            "status": _one_of(SOURCE_STATUSES),
        }
    )


def sources() -> pa.DataFrameSchema:
    """Return the schema of `sources.csv`: what each source is, and its terms of use."""
    before = ("title", "issuer", "date", "address", "what")
    columns = (*before, "how", "retrieved", "terms", "citation")
    return pa.DataFrameSchema(
        {
            "source_id": _matches(r"S\d{2,}", "S and a number"),
            **{column: _text() for column in columns},
            "sha256": _matches(r"[0-9a-f]{64}|not recorded", "64 hex digits or 'not recorded'"),
        },
        unique=["source_id"],
    )
