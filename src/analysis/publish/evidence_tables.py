"""The evidence page: every coded row, project and fact as a row that claims link to."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup, escape

from analysis.claims.words import say
from analysis.exhibits.coded import SAID_OF_ALL, coded_rows, project_rows
from analysis.exhibits.table import HTML
from analysis.publish.executed import anchor
from analysis.publish.pages import Pages
from analysis.study.files import Record

FACTS: dict[str, tuple[str, ...]] = {
    "events.csv": ("pilot_id", "date", "event", "source_id", "status"),
    "context.csv": (
        *("pilot_id", "variable", "year", "value", "unit", "level", "source_id", "status"),
    ),
    "leaders.csv": (
        *("pilot_id", "role", "holder_id", "start", "end", "seen_first", "seen_last"),
        *("source_id", "status"),
    ),
    "rates.csv": (
        *("population", "event", "window_start", "window_end", "count", "of"),
        *("source_id", "status"),
    ),
}
SOURCES = ("source_id", "title", "issuer", "date", "address", "terms")


def codings(pages: Pages, pilot: str) -> str:
    """Return the table of a pilot's codings that are not silent; `all`: of the programme's."""
    rows, language = coded_rows(pages.study, pilot), pages.language
    held = {line: row.to_dict() for line, row in pages.study.codings(pilot).iterrows()}
    keys = ("value", "status", "paragraph", "note")
    heads = [pages.words["evidence.variable"], *(pages.words[f"table.{key}"] for key in keys)]
    of_pilot = pilot in pages.study.pilots
    title = pages.study.pilot_name(pilot) if of_pilot else SAID_OF_ALL
    cells = [
        [say(row[name], language) for name in ("variable", "value", "status", "paragraph")]
        + [_note(pages, row, held[line])]
        for line, row in rows.iterrows()
    ]
    ids = [anchor("codings.csv", int(line)) for line in rows.index]
    return _table(heads, cells, say(title, language), ids)


def _note(pages: Pages, row: Any, held: Any) -> Markup:
    note = escape(say(row["note"], pages.language))
    if row["term"]:
        note += Markup(' <span class="key-term" lang="zh-CN">{}</span>').format(row["term"])
    if quoted := pages.passages.of(held):
        note += Markup('<blockquote lang="zh-CN">{}</blockquote>').format(quoted)
    return note


def silent(pages: Pages, pilot: str) -> str:
    """Return the labels of the variables on which the text is silent for a pilot, with anchors."""
    rows = coded_rows(pages.study, pilot, silent=True)
    rows = rows[~rows.index.isin(coded_rows(pages.study, pilot).index)]
    return Markup(pages.words["evidence.comma"]).join(
        Markup('<span id="{}">{}</span>').format(
            anchor("codings.csv", line), say(label, pages.language)
        )
        for line, label in zip(rows.index.tolist(), rows["variable"], strict=True)
    )


def facts(pages: Pages, file: str) -> str:
    """Return the table of one file of facts from other sources."""
    rows, columns = pages.study.rows(file), FACTS[file]
    heads = [pages.words[f"fact.{column}"] for column in columns]
    cells = [[_fact(pages, column, row) for column in columns] for row in rows]
    ids = [anchor(file, row["line"]) for row in rows]
    return _table(heads, cells, pages.words[f"file.{file}"], ids)


def _fact(pages: Pages, column: str, row: Record) -> str:
    value: str = row[column]
    if column == "pilot_id" and value in pages.study.pilots:
        return say(pages.study.pilot_name(value), pages.language)
    if column == "status":
        return pages.words[f"source_status.{value}"]
    return pages.words.get(f"fact.{column}.{value}", value.replace("_", " "))


def sources(pages: Pages) -> str:
    """Return the table of sources."""
    rows = pages.study.rows("sources.csv")
    heads = [pages.words[f"source.{column}"] for column in SOURCES]
    cells = [[_source(row, column) for column in SOURCES] for row in rows]
    ids = [f"source-{row['source_id']}" for row in rows]
    return _table(heads, cells, pages.words["table.source"], ids)


def _source(row: Record, column: str) -> str:
    text: str = row[column]
    if column == "title" and text == "not recorded":
        return str(row["what"])
    if column == "address" and text.startswith(("http://", "https://")):
        return Markup('<a href="{0}" rel="noopener">{0}</a>').format(text)
    return text


def projects(pages: Pages) -> str:
    """Return the table of the projects that the text names."""
    rows = project_rows(pages.study)
    columns = ("pilot", "project", "status", "paragraph")
    heads = [pages.words[f"project.{'pilot_id' if c == 'pilot' else c}"] for c in columns]
    cells = [[say(row[c], pages.language) for c in columns] for _, row in rows.iterrows()]
    ids = [anchor("projects.csv", int(line)) for line in rows.index]
    return _table(heads, cells, pages.words["evidence.projects"], ids)


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], title: str, ids: Sequence[str]
) -> str:
    return HTML.render(heads=heads, rows=rows, title=title, ids=ids)


def helpers(pages: Pages) -> dict[str, Callable[..., str]]:
    """Return the functions that the evidence template calls."""
    return {
        "codings": lambda pilot: codings(pages, pilot),
        "silent": lambda pilot: silent(pages, pilot),
        "facts": lambda file: facts(pages, file),
        "sources": lambda: sources(pages),
        "projects": lambda: projects(pages),
    }
