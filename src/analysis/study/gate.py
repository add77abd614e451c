"""The gate before every build: what a report shows is what its passes settle to, and adds up.

Loading refuses what no page could show, this what nobody should publish: once, by whoever begins a
build, not by its runs. A session of one's own may try what it likes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, zip_longest

from analysis.study import CODINGS, complain
from analysis.study.external_facts import CONTEXT, LEVEL_OWN
from analysis.study.files import Record, bad_cell, by_columns, records
from analysis.study.guard import read_bytes
from analysis.study.passes import of_study
from analysis.study.settle import PROJECTS, as_csv, settled
from analysis.study.study import Study

# where a wanted change of a settled table is written
RULED = {CODINGS: "rulings.csv (coded later: additions.csv)", PROJECTS: "rulings_projects.csv"}


def check(study: Study) -> None:
    """Refuse a study of which something is not what its passes settle to, or does not agree.

    The StudyError has a line for each row at fault, with what is allowed and the mend.
    """
    shown = f"data/{study.name}"
    complain(chain(*(rule(study, shown) for rule in (_settled, _quoted, _counts, _facts))))


def _settled(study: Study, shown: str) -> Iterator[str]:
    """Complain of settled tables that are not, to the byte, what the passes settle to."""
    passes = of_study(study)
    if len(study.declared.waves) > 1:
        # the settled tables hold every wave
        passes = replace(passes, wave="")
    for name, rows in settled(passes).items():
        columns = list(study.tables[name].columns)
        wanted, there = as_csv(columns, rows), read_bytes(study.folder / name, f"{shown}/{name}")
        if there != wanted:
            yield (
                f"{shown}/{name}: not what its passes settle to; write a wanted change as a row of "
                f"passes/{RULED[name]}, then run: make settle (alone it takes these changes back)"
            )
            told = list(_differing(f"{shown}/{name}", columns, records(study.tables[name]), rows))
            lines = enumerate(zip_longest(there.split(b"\n"), wanted.split(b"\n")), start=1)
            line = f"{shown}/{name}: line {next(number for number, (a, b) in lines if a != b)}"
            yield from told or [
                f"{line}: rows in another order, or other line ends, quotes or blanks"
            ]


def _differing(
    name: str, columns: list[str], there: list[Record], wanted: list[dict[str, str]]
) -> Iterator[str]:
    """Complain of cells that differ, of rows too many or missing; rows go by three columns."""
    here, settles = ([[row[c] for c in columns] for row in rows] for rows in (there, wanted))
    lost = [cells for cells in settles if cells not in here]
    for row, cells in zip(there, here, strict=True):
        same = [each for each in lost if each[:3] == cells[:3]]
        if cells not in settles and not same:
            yield bad_cell(name, row, ", ".join(columns[:3]), "no such row: nothing settles to it")
        elif cells not in settles:
            lost.remove(same[0])
            about = f"as the passes settle {', '.join(cells[1:3])}"
            for column, value in zip(columns, same[0], strict=True):
                if row[column] != value:
                    yield bad_cell(name, row, column, f"{value!r}, {about}")
    for cells in lost:
        yield f"{name}: no row of {', '.join(cells[:3])}; allowed: one, as the passes settle"


def _quoted(study: Study, shown: str) -> Iterator[str]:
    """Complain of a number that the text states where neither key term nor notes show it."""
    for row in records(study.tables[CODINGS]):
        kind, notes = study.codebook.variables[row["variable"]].kind, "note_{}".format
        if kind in ("count", "money") and row["status"] == "stated" and row["span"]:
            term = unicodedata.normalize("NFKC", row["term"])
            numbers = {float(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*\.?\d*", term)}
            numbers |= {unicodedata.numeric(sign, -1) for sign in term}
            told = term and all(row["term"] in row[notes(each)] for each in study.languages)
            if float(row["value"]) not in numbers and not told:
                allowed = (
                    f"a term with the number {row['value']}, or notes that quote the term and say "
                    f"why it has none: a row of passes/{RULED[CODINGS]}, then make settle"
                )
                yield bad_cell(f"{shown}/{CODINGS}", row, "term", allowed)


def _counts(study: Study, shown: str) -> Iterator[str]:
    """Complain of counts, and of yes and no, that the projects named in the text contradict."""
    named = by_columns(records(study.tables[PROJECTS]), ("wave", "pilot_id"))
    for (pilot, name), row in study.settled.items():
        variable, allowed = study.codebook.variables[name], ""
        own = named.get((study.wave, pilot), ())
        counted = [p["line"] for p in own if p["status"] in variable.project_statuses]
        there = [p["line"] for p in own if p["domain"] == variable.project_domain]
        if counted and row["value"] and float(row["value"]) < len(counted):
            allowed = f"{len(counted)} or more, as named in {PROJECTS}: lines {counted}"
        elif variable.project_domain and row["value"] not in ("", "yes" if there else "no"):
            allowed = f"yes exactly where a project of this domain is named ({PROJECTS}: {there})"
        if allowed:
            yield bad_cell(f"{shown}/{CODINGS}", row, "value", allowed)


def _facts(study: Study, shown: str) -> Iterator[str]:
    """Complain of a fact from a source that stands twice, and not as the same."""
    text = study.declared.waves[study.wave].source_id
    above = {v.facts_at: name for name, v in study.codebook.variables.items() if v.facts_at}
    first: dict[tuple[str, ...], Record] = {}
    for row in (row for row in records(study.tables[CONTEXT]) if row["value"]):
        pilot, allowed = row["pilot_id"], ""
        coded = study.settled.get((pilot, study.codebook.figures[row["variable"]].coded or ""))
        # a figure of the unit above stands with each unit below, and perhaps as its own
        unit = study.settled.get((pilot, above.get(row["level"], "")))
        whose = pilot if row["level"] == LEVEL_OWN else unit["value"] if unit else ""
        key = (whose, *(row[each] for each in ("variable", "year", "source_id")))
        other = first.setdefault(key, row) if whose else row
        # the text is one source: its figure and its coding are one fact
        if coded and coded["value"] and row["source_id"] == text:
            if float(coded["value"]) != float(row["value"]):
                allowed = (
                    f"{coded['value']}, as in {CODINGS}, line {coded['line']}, from the same text"
                )
        elif float(other["value"]) != float(row["value"]):
            allowed = f"{other['value']}, as in line {other['line']}, the same fact"
        if allowed:
            yield bad_cell(f"{shown}/{CONTEXT}", row, "value", allowed)
