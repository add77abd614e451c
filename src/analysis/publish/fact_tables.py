"""Tables of what is known and from where: coded rows, projects, facts from other sources, sources.

Every row is an anchor, to which the claims that rest on it link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from analysis.claims.words import Amount, Month
from analysis.exhibits.coded import SAID_OF_ALL, coded_rows, in_each, project_rows, value_words
from analysis.exhibits.table import Written
from analysis.publish.executed import anchor, evidence_page
from analysis.study import PROGRAMME
from analysis.study.evidence import passage
from analysis.study.files import Record
from analysis.study.study import Study

if TYPE_CHECKING:
    from analysis.publish.pages import Pages

# columns of coded rows that tell what is known, and how; those of the table of sources
KNOWN = ("status", "variable", "value")
SOURCES = ("source_id", "title", "issuer", "date", "address", "terms")


@cache
def coded_words(study: Study) -> dict[int, dict[str, Any]]:
    """Return every coded row as it is, and in words (`said_...`), by line."""
    coded = pd.concat(
        study.codings(pilot).join(coded_rows(study, pilot, silent=True).add_prefix("said_"))
        for pilot in (None, PROGRAMME)
    )
    return dict(zip(coded.index, coded.to_dict("records"), strict=True))


def _coded(pages: Pages, pilot: str, silent: bool = False) -> dict[int, dict[str, Any]]:
    """Return the coded rows of a pilot, by line: the silent ones, or the others."""
    of = {line: row for line, row in coded_words(pages.study).items() if row["pilot"] == pilot}
    return {line: row for line, row in of.items() if (row["status"] == "silent") is silent}


def _html(pages: Pages) -> Any:
    """Return the macros that write what a cell shows as HTML."""
    return pages.template("templates/facts.html").module


def codings(pages: Pages, pilot: str) -> Written:
    """Return the table of a pilot's codings that are not silent; `all`: of the programme's."""
    rows, columns = _coded(pages, pilot), ("variable", "value", "status", "paragraph", "note")
    cells = []
    for line, row in rows.items():
        quoted, text = "", pages.texts.get(row["source_id"])
        if text is not None and row["span"]:
            quoted = passage(text, int(row["paragraph"]), row["span"])
        said = (pages.say(row[f"said_{column}"]) for column in columns[:-1])
        note = _html(pages).note(pages, row, quoted, anchor("codings.csv", line))
        cells.append([*said, note])
    title = SAID_OF_ALL if pilot == PROGRAMME else pages.study.pilot_name(pilot)
    return _written(pages, pages.say(title), "fact", columns, cells, "codings.csv", rows)


def silent(pages: Pages, pilot: str) -> Markup:
    """Return the labels of the variables on which the text is silent for a pilot, with anchors."""
    rows = _coded(pages, pilot, silent=True).items()
    at = {anchor("codings.csv", line): row for line, row in rows}
    return Markup(_html(pages).silent(pages, at))


def known(pages: Pages, pilot: str) -> Written:
    """Return the table of what is known of a pilot, by how it is known, with links to rows."""
    study, words = pages.study, pages.words
    above = (study.main_outcome().variable, study.declared.both_lists)
    things: list[tuple[Any, ...]] = [
        ("codings.csv", line, *(pages.say(row[f"said_{name}"]) for name in KNOWN))
        for line, row in _coded(pages, pilot).items()
        if row["variable"] not in above
    ]
    for file, column in (("context.csv", "variable"), ("leaders.csv", "role")):
        table = study.tables[file]
        for line, row in table[table["pilot_id"] == pilot].iterrows():
            label = words.get(f"fact.{column}.{row[column]}", row[column].replace("_", " "))
            if row.get("level", "own") == "own":
                how, year = words[f"fact.status.{row['status']}"], str(row.get("year", ""))
                told = _fact(pages, "value", row.to_dict()) if row.get("value") else ""
                told = _term(pages, row.to_dict()) if file == "leaders.csv" else told
                dated = words["known.dated"].format(told, year) if told and year else told or year
                things.append((file, line, how, label, dated))
    last = words["fact.status.missing"]
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for file, line, how, what, value in sorted(things, key=lambda each: each[2] == last):
        place = f"{pages.up}{evidence_page(file, pilot)}.html#{anchor(file, line)}"
        found.setdefault(how, {}).setdefault(what, []).append((place, value or what))
    cells = [(how, _html(pages).known(pages, of)) for how, of in found.items()]
    return _written(pages, words["known.title"], "known", ("how", "what"), cells)


def _term(pages: Pages, row: Mapping[Any, Any]) -> str:
    """Return when somebody held a post, as far as a row tells; if it is missing, when it would."""
    begun, ended = row["start"] or row["seen_first"], row["end"]
    kinds = {"sought": row["status"] == "missing", "term": begun and ended, "from": row["start"]}
    kinds |= {"seen": begun, "until": ended}
    kind = next((name for name, told in kinds.items() if told), "")
    months = (pages.say(Month(month)) for month in (begun, ended) if month)
    return pages.words[f"known.{kind}"].format(*months) if kind else ""


def _fact(pages: Pages, column: str, row: Mapping[Any, Any]) -> str:
    """Return a cell of a fact in words."""
    study, value = pages.study, str(row[column])
    if column == "value" and value:
        if (name := row["variable"]) == study.declared.batch_variable:
            return pages.say(value_words(study, name, value))
        if (unit := row["unit"]) in study.codebook.units:
            return pages.say(Amount(value, study.codebook.units[unit]))
        return f"{value}{pages.joint}{pages.words.get(f'fact.unit.{unit}', unit)}"
    if column == "pilot_id" and value in study.pilots:
        return pages.say(study.pilot_name(value))
    if column == "units" and value:
        named = (_fact(pages, "pilot_id", {"pilot_id": each}) for each in value.split(";"))
        return pages.words["evidence.comma"].join(named)
    return pages.words.get(f"fact.{column}.{value}", value.replace("_", " "))


def fact_words(pages: Pages, row: Mapping[str, str]) -> dict[str, str]:
    """Return what a row of facts says, in words: head of the column -> cell; notes apart."""
    own = {name.removesuffix(f"_{pages.language}"): cell for name, cell in row.items()}
    return {
        pages.words[f"fact.{name}"]: _fact(pages, name, own)
        for name, cell in own.items()
        if cell and f"fact.{name}" in pages.words and not name.startswith("note")
    }


def facts(pages: Pages, file: str) -> Written:
    """Return the table of one file of facts from other sources, notes apart."""
    study = pages.study
    rows = study.tables[file].filter(regex="^(?!note)")
    # of a text in each language the one shown
    rows = rows.rename(columns=lambda name: name.removesuffix(f"_{pages.language}"))
    names = [name for name in rows if f"fact.{name}" in pages.words]
    cells = [[_fact(pages, str(name), row) for name in names] for row in rows.to_dict("records")]
    return _written(pages, pages.words[f"file.{file}"], "fact", names, cells, file, rows.index)


def sources(pages: Pages) -> Written:
    """Return the table of sources."""

    def shown(row: Record, column: str) -> str:
        if column == "title":
            return pages.say(in_each(pages.study, row, column))
        if column == "address" and row[column].startswith(("http://", "https://")):
            return Markup('<a href="{0}" rel="noopener">{0}</a>').format(pages.say(row[column]))
        return pages.words.get(f"source.{column}.{row[column]}") or str(row[column])

    rows = pages.study.rows("sources.csv")
    cells = [[shown(row, column) for column in SOURCES] for row in rows]
    names = [row["source_id"] for row in rows]
    return _written(pages, pages.words["table.source"], "source", SOURCES, cells, "source", names)


def projects(pages: Pages, pilot: str) -> Written:
    """Return the table of the projects that the text names for a pilot."""
    rows, title = project_rows(pages.study, pilot), pages.words["evidence.projects"]
    rows = rows.drop(columns="pilot")
    cells = [[*map(pages.say, row)] for row in rows.itertuples(index=False)]
    return _written(pages, title, "project", rows, cells, "projects.csv", rows.index)


def _written(
    pages: Pages,
    title: str,
    kind: str,
    columns: Iterable[Any],
    cells: Sequence[Sequence[str]],
    file: str = "",
    lines: Iterable[Any] = (),
) -> Written:
    """Return a table; `kind`: of the words of its heads, `file` and `lines`: of its anchors."""
    heads = [pages.words[f"{kind}.{column}"] for column in columns]
    return Written(title, heads, cells, ids=[anchor(file, line) for line in lines])


# what a template can ask for
TABLES = (codings, silent, known, facts, sources, projects)
