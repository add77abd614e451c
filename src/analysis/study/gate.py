"""The gate before every build: what a report shows is what its passes settle to, and adds up.

Loading refuses what no page could show; this refuses what nobody should publish. It is asked once,
by whoever begins a build, and not by the runs: a session of one's own may try what it likes.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, zip_longest

from analysis.study import CODINGS, StudyError
from analysis.study.external_facts import CONTEXT, LEVEL_OWN
from analysis.study.files import Record, bad_cell, records
from analysis.study.guard import read_bytes
from analysis.study.passes import ALTERNATIVES, Passes, of_study
from analysis.study.settle import PROJECTS, as_csv, beside, settled
from analysis.study.study import Study

# where a wanted change of a settled table is written
RULED = {CODINGS: "rulings.csv (additions.csv, where the codebook says so)"}
RULED |= {PROJECTS: "rulings_projects.csv"}
# digits with signs between them, or numerals of Chinese
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[〇零一二两三四五六七八九十百千]+")


def check(study: Study) -> None:
    """Refuse a study of which something is not what its passes settle to, or does not agree.

    Raises:
        StudyError: a line for each row at fault, in the form of those of `load_study`; each says
            what is allowed, and where a wanted change is written.
    """
    rules = _unsettled(study, of_study(study)), _unquoted(study), _projects(study), _facts(study)
    if found := list(chain(*rules)):
        raise StudyError("\n".join(found))


def _unsettled(study: Study, files: Passes) -> Iterator[str]:
    """Complain of settled tables that are not, to the byte, what the passes settle to."""
    tables = settled(files)
    for name, rows in tables.items():
        shown, columns = f"data/{study.name}/{name}", list(study.tables[name].columns)
        wanted, there = as_csv(columns, rows), read_bytes(study.folder / name, name)
        if there == wanted:
            continue
        yield (
            f"{shown}: not what its passes settle to; write a wanted change as a row of "
            f"passes/{RULED[name]}, then run: make settle (alone it takes these changes back)"
        )
        if found := list(_differing(shown, columns, records(study.tables[name]), rows)):
            yield from found
            continue
        lines = zip_longest(there.split(b"\n"), wanted.split(b"\n"))
        line = next(n for n, pair in enumerate(lines, start=1) if pair[0] != pair[1])
        yield f"{shown}: line {line}: rows in another order, or other line ends, quotes or blanks"
    place = f"data/{study.name}/passes/{ALTERNATIVES}"
    for row, wanted_row in zip(files.alternatives(), beside(files, tables[CODINGS]), strict=True):
        for column in (each for each in wanted_row if wanted_row[each] != row[each]):
            yield bad_cell(place, row, column, f"{wanted_row[column]!r}, as settled: make settle")


def _differing(
    shown: str, columns: list[str], there: list[Record], wanted: list[dict[str, str]]
) -> Iterator[str]:
    """Complain of each cell that differs, and of rows too many or missing; by their first three."""
    pairs: dict[tuple[str, ...], tuple[list[Record], list[dict[str, str]]]] = {}
    for side, rows in enumerate((there, wanted)):
        for row in rows:
            pairs.setdefault(tuple(row[c] for c in columns[:3]), ([], []))[side].append(row)
    for key, both in pairs.items():
        for has, settles in zip_longest(*both):
            if has is None:
                yield f"{shown}: no row of {', '.join(key)}; allowed: one, as the passes settle"
            elif settles is None:
                yield bad_cell(
                    shown, has, ", ".join(columns[:3]), "no such row: nothing settles to it"
                )
            else:
                about = f"as the passes settle {', '.join(key[1:])}"
                for column in (each for each in columns if has[each] != settles[each]):
                    yield bad_cell(shown, has, column, f"{settles[column]!r}, {about}")


def _unquoted(study: Study) -> Iterator[str]:
    """Complain of a number that the text states where neither key term nor notes show it."""
    for row in records(study.tables[CODINGS]):
        kind = study.codebook.variables[row["variable"]].kind
        if kind not in ("count", "money") or row["status"] != "stated" or not row["span"]:
            continue
        notes, term = (row[f"note_{each}"] for each in study.languages), row["term"]
        if float(row["value"]) in _numbers(term) or (term and all(term in note for note in notes)):
            continue
        allowed = (
            f"a term with the number {row['value']}, or notes that quote the term and say why it "
            f"has none: a row of passes/{RULED[CODINGS]}, then make settle"
        )
        yield bad_cell(f"data/{study.name}/{CODINGS}", row, "term", allowed)


def _numbers(text: str) -> set[float]:
    """Return the numbers in a text: digits of any form, numerals of Chinese up to thousands."""
    found = set()
    for number in NUMBER.findall(unicodedata.normalize("NFKC", text)):
        if number[0].isdecimal():
            found.add(float(number.replace(",", "")))
            continue
        total = last = 0.0
        for digit in number.replace("两", "二"):
            value = unicodedata.numeric(digit)
            total, last = (total + (last or 1) * value, 0) if value > 9 else (total, value)
        found.add(total + last)
    return found


def _projects(study: Study) -> Iterator[str]:
    """Complain of counts, and of yes and no, that the projects named in the text contradict."""
    named: dict[str, list[Record]] = {}
    for row in records(study.tables[PROJECTS]):
        if row["wave"] == study.wave:
            named.setdefault(row["pilot_id"], []).append(row)
    for (pilot, name), coding in study.settled.items():
        declared, own = study.codebook.variables[name], named.get(pilot, ())
        counted = [row["line"] for row in own if row["status"] in declared.project_statuses]
        domain = [row["line"] for row in own if row["domain"] == declared.project_domain]
        known, lines = coding.status != "silent", f"{PROJECTS}: lines"
        if known and counted and float(coding.value) < len(counted):
            allowed = f"{len(counted)} or more, as named in {lines} {counted}"
        elif known and declared.project_domain and (coding.value == "yes") != bool(domain):
            allowed = f"yes exactly where a project of this domain is named ({lines} {domain})"
        else:
            continue
        yield bad_cell(f"data/{study.name}/{CODINGS}", coding._asdict(), "value", allowed)


def _facts(study: Study) -> Iterator[str]:
    """Complain of a fact from a source that stands twice, and not as the same."""
    place, text = f"data/{study.name}/{CONTEXT}", study.declared.waves[study.wave].source_id
    above = {v.facts_at: name for name, v in study.codebook.variables.items() if v.facts_at}
    first: dict[tuple[str, ...], Record] = {}
    for row in (row for row in records(study.tables[CONTEXT]) if row["value"]):
        pilot, level, value = row["pilot_id"], row["level"], float(row["value"])
        coded = study.settled.get((pilot, study.codebook.figures[row["variable"]].coded or ""))
        # the text is one source: its figure and its coding are one fact
        if coded and coded.value and row["source_id"] == text and float(coded.value) != value:
            allowed = f"{coded.value}, as in {CODINGS}, line {coded.line}, from the same text"
            yield bad_cell(place, row, "value", allowed)
        # a figure of the unit above stands with each unit below, and perhaps as its own
        unit = study.settled.get((pilot, above.get(level, "")))
        whose = pilot if level == LEVEL_OWN else unit.value if unit else ""
        key = (whose, *(row[each] for each in ("variable", "year", "source_id")))
        other = first.setdefault(key, row) if whose else row
        if float(other["value"]) != value:
            allowed = f"{other['value']}, as in line {other['line']}, the same fact"
            yield bad_cell(place, row, "value", allowed)
