"""Hashes of spans: taken from `passes/spans.csv`, written anew where the text is given."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.study.errors import StudyError
from analysis.study.evidence import span_hash
from analysis.study.table import Row

COLUMNS = ["source_id", "paragraph", "span", "sha256"]
Key = tuple[str, str, str]


def by_span(rows: Iterable[Row]) -> dict[Key, str]:
    """Return the SHA-256 of each span of `passes/spans.csv`. Keys: (source, paragraph, span)."""
    return {(r["source_id"], r["paragraph"], r["span"]): r["sha256"] for r in rows}


def hash_of(row: Mapping[str, str], source: str, hashes: Mapping[Key, str]) -> str:
    """Return the hash of a row's span, empty where it has none.

    Raises:
        StudyError: the span has no hash yet; the message says how to get it.
    """
    if not row["span"]:
        return ""
    key = (source, row["paragraph"], row["span"])
    if key not in hashes:
        raise StudyError(
            f"passes/spans.csv: no hash for {source}, paragraph {row['paragraph']}, span "
            f"{row['span']}; run: python -m analysis settle --source FILE (the text of {source})"
        )
    return hashes[key]


def spans_of(
    rows: Iterable[Mapping[str, str]], notice: Mapping[str, str], source: Path
) -> list[dict[str, str]]:
    """Return a row for each span of `rows`, hashed in the text; `notice`: wave -> source id.

    Raises:
        StudyError: a span leaves the text, or the file is not UTF-8.
    """
    try:
        text = source.read_bytes().decode("utf-8")
        wanted = {(notice[r["wave"]], r["paragraph"], r["span"]) for r in rows if r["span"]}
        ordered = sorted(wanted, key=lambda w: (w[0], int(w[1]), [int(n) for n in w[2].split(":")]))
        return [
            dict(zip(COLUMNS, (s, p, span, span_hash(text, int(p), span)), strict=True))
            for s, p, span in ordered
        ]
    except ValueError as error:
        raise StudyError(f"--source {source}: not the text that was coded: {error}") from error
