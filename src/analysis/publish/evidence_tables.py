"""The evidence page: every coded row, project and fact as a row that claims link to."""

import html
from collections.abc import Callable, Sequence

from analysis.exhibits.wording import term
from analysis.publish.executed import anchor
from analysis.publish.pages import Pages, table
from analysis.publish.views import CodingView
from analysis.study.table import Row
from analysis.study.vocabulary import PROJECT_STATUS


def codings(pages: Pages, pilot: str) -> str:
    """Return the table of a pilot's codings that are not silent."""
    rows = [c for c in pages.view.codings(pilot) if not c.silent]
    keys = ("value", "status", "paragraph", "note")
    heads = [pages.words["evidence.variable"], *(term(f"table.{k}", pages.language) for k in keys)]
    name = pages.study.pilot_name(pilot, pages.language) if pilot in pages.study.pilots else ""
    return table(
        heads,
        [_coding(pages, row) for row in rows],
        name or term("term.said_of_all", pages.language),
        [anchor("codings.csv", row.row.line) for row in rows],
    )


def _coding(pages: Pages, coding: CodingView) -> list[str]:
    row = coding.row
    quoted = pages.passages.of(row)
    note = html.escape(coding.note)
    if row["term"]:
        note += f' <span class="key-term" lang="zh-CN">{html.escape(row["term"])}</span>'
    if quoted:
        note += f'<blockquote lang="zh-CN">{html.escape(quoted)}</blockquote>'
    cells = [coding.label, coding.value, coding.status, row["paragraph"]]
    return [*map(html.escape, cells), note]


def silent(pages: Pages, pilot: str) -> str:
    """Return the labels of the variables on which the text is silent for a pilot, with anchors."""
    rows = [c for c in pages.view.codings(pilot) if c.silent]
    joint = ", " if pages.language == "en" else "、"
    return joint.join(
        f'<span id="{anchor("codings.csv", c.row.line)}">{html.escape(c.label)}</span>'
        for c in rows
    )


def facts(pages: Pages, file: str) -> str:
    """Return the table of one file of facts from other sources, its notes left out."""
    rows = pages.study.tables[file].rows
    columns = [c for c in pages.study.tables[file].columns if not c.startswith("note")]
    return table(
        [pages.words[f"fact.{column}"] for column in columns],
        [[html.escape(_fact(pages, column, row)) for column in columns] for row in rows],
        pages.words[f"file.{file}"],
        [anchor(file, row.line) for row in rows],
    )


def _fact(pages: Pages, column: str, row: Row) -> str:
    value = row[column]
    if column == "pilot_id" and value in pages.study.pilots:
        return pages.study.pilot_name(value, pages.language)
    if column == "status":
        return term(f"source_status.{value}", pages.language)
    return pages.words.get(f"fact.{column}.{value}", value.replace("_", " "))


def sources(pages: Pages) -> str:
    """Return the table of sources."""
    rows = pages.study.tables["sources.csv"].rows
    columns: Sequence[str] = ("source_id", "title", "issuer", "date", "address", "terms")
    return table(
        [pages.words[f"source.{column}"] for column in columns],
        [[_link(row, column) for column in columns] for row in rows],
        term("table.source", pages.language),
        [f"source-{row['source_id']}" for row in rows],
    )


def _link(row: Row, column: str) -> str:
    text = html.escape(row[column])
    if column == "title" and text == "not recorded":
        return html.escape(row["what"])
    if column == "address" and text.startswith(("http://", "https://")):
        return f'<a href="{text}" rel="noopener">{text}</a>'
    return text


def projects(pages: Pages) -> str:
    """Return the table of the projects that the text names."""
    rows = pages.view.projects
    columns = ("pilot_id", f"project_{pages.language}", "status", "paragraph")
    heads = [pages.words[f"project.{c.removesuffix('_' + pages.language)}"] for c in columns]
    return table(
        heads,
        [[html.escape(_project(pages, c, row)) for c in columns] for row in rows],
        pages.words["evidence.projects"],
        [anchor("projects.csv", row.line) for row in rows],
    )


def _project(pages: Pages, column: str, row: Row) -> str:
    if column == "pilot_id" and row[column] in pages.study.pilots:
        return pages.study.pilot_name(row[column], pages.language)
    if column == "status":
        return PROJECT_STATUS[row[column]][pages.language == "zh"]
    return row[column]


def helpers(pages: Pages) -> dict[str, Callable[..., str]]:
    """Return the functions that the evidence template calls."""
    return {
        "codings": lambda pilot: codings(pages, pilot),
        "silent": lambda pilot: silent(pages, pilot),
        "facts": lambda file: facts(pages, file),
        "sources": lambda: sources(pages),
        "projects": lambda: projects(pages),
    }
