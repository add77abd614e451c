"""Every claim's evidence ends: in a coded row, a fact with a source, or what is declared."""

import copy
import csv
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support import ROOT, STUDY, WAVE, Built

from analysis.publish.chain import FACTS, chain
from analysis.study import CODINGS, KEYS
from analysis.study.load import load_study

# where the chain of a coded row, and of a fact, can end
CODED, FACT = ("passage", "text", "silent", "source"), ("fact", "missing")
METHOD = "the sentence is about the method alone"
Row = Mapping[str, Any]


@cache
def rows_of(path: Path) -> dict[int, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return dict(enumerate(csv.DictReader(file), 2))


@cache
def declared() -> dict[str, Any]:
    study = load_study(STUDY, WAVE, ROOT)
    return {"study.yaml": study.declared, "codebook.yaml": study.codebook}


def stands(inside: Any, key: str) -> bool:
    """Return whether a place is there, as `factors.funding.coded`; a name may hold dots."""
    if isinstance(inside, tuple):
        inside = dict(enumerate(inside))
    every = inside.items() if isinstance(inside, dict) else getattr(inside, "__dict__", {}).items()
    return any(
        key == str(name) or (key.startswith(f"{name}.") and stands(value, key[len(f"{name}.") :]))
        for name, value in every
    )


def is_declared(folder: Path, row: Row) -> bool:
    """Return whether the key of a row is found in its file; `*` stands for each of many."""
    if row["file"] in declared():
        return stands(declared()[row["file"]], row["key"])
    single = row["file"] in ("pilots.csv", "sources.csv")
    columns = KEYS[row["file"]][:1] if single else KEYS[CODINGS]
    every = rows_of(folder / row["file"]).values()
    return any(fnmatchcase("/".join(each[name] for name in columns), row["key"]) for each in every)


def loose_ends(folder: Path, found: Row) -> Iterator[str]:
    """Yield what of a claim's evidence ends nowhere; `found`: as of `chain`."""
    sources = {row["source_id"] for row in rows_of(folder / "sources.csv").values()}
    if all(row["key"] for row in found["rows"]) and METHOD not in found["grade_reason"]["en"]:
        yield "no row of data, and it does not say that it is about the method alone"
    for row in found["rows"]:
        place = f"{row['file']}: {row['key'] or row['line']}"
        if row["key"]:
            if not is_declared(folder, row):
                yield f"{place}: declared nowhere"
            continue
        if row["held"] != rows_of(folder / row["file"]).get(row["line"]):
            yield f"{place}: not a row of the table"
        if row["end"] not in (FACT if row["file"] in FACTS else CODED):
            yield f"{place}: ends in {row['end']!r}"
        named = {*filter(None, (row["source_id"] or "").split(";"))}
        # a recollection has no source: it is shown, and no grade rests on it
        rests = not (row["status"] == "recalled" and row["assumed"])
        rests |= found["grade"] != "not_identified"
        if row["end"] not in ("missing", "silent") and rests and not (named and named <= sources):
            yield f"{place}: names no source that sources.csv lists"


def test_every_claim_ends_in_rows_sources_and_what_is_declared(built: Built) -> None:
    folder = built.root / "data" / STUDY
    loose = {
        name: ends
        for name, entry in built.claims.items()
        if (ends := list(loose_ends(folder, chain(built.root, STUDY, entry, {}))))
    }
    assert loose == {}


def no_source(entry: Any) -> None:
    next(row for row in entry["evidence"] if row["file"] == "leaders.csv")["source_id"] = "S999"


def no_line(entry: Any) -> None:
    next(row for row in entry["evidence"] if row["file"] == CODINGS)["line"] = 99_999


def no_key(entry: Any) -> None:
    next(row for row in entry["evidence"] if row["file"] == "study.yaml")["key"] = "factors.luck"


def no_passage(entry: Any) -> None:
    row = next(row for row in entry["evidence"] if row["status"] == "stated")
    row |= {"span": None, "source_id": None}


def no_row(entry: Any) -> None:
    entry["evidence"] = [row for row in entry["evidence"] if row["key"]]


@pytest.mark.parametrize("broken", [no_source, no_line, no_key, no_passage, no_row])
def test_an_end_that_is_gone_is_found(built: Built, broken: Callable[[Any], None]) -> None:
    folder = built.root / "data" / STUDY
    entry = copy.deepcopy(built.claims["changes-leadership_change.bounds-with-facts"])
    assert not list(loose_ends(folder, chain(built.root, STUDY, entry, {})))
    broken(entry)
    assert list(loose_ends(folder, chain(built.root, STUDY, entry, {})))


def test_a_number_is_audited_by_reading_150_lines(built: Built) -> None:
    lines = {n: chain(ROOT, STUDY, c, {})["lines"]["value"] for n, c in built.claims.items()}
    known = (
        "factor-leadership_change.bounds", "factor-leadership_change.tipping",
        "factor-unit_type.difference", "progress.slow-pilots",
    )  # fmt: skip
    assert max(lines[name] for name in known) <= 150
    assert median(lines.values()) <= 150
