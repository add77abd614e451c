"""Tables of what is known and from where: coded rows, projects, facts from other sources, sources.

Every row is an anchor, to which the claims that rest on it link.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from analysis.claims.words import Amount
from analysis.exhibits.coded import SAID_OF_ALL, cause_words, coded_rows, in_each, project_rows
from analysis.exhibits.table import HTML
from analysis.publish.executed import anchor, evidence_page
from analysis.study import PARENT_PREFIX, PROGRAMME
from analysis.study.declaration import Question
from analysis.study.evidence import passage
from analysis.study.files import Record
from analysis.study.study import Study

if TYPE_CHECKING:
    from analysis.publish.pages import Pages

# columns of the table of sources
SOURCES = ("source_id", "title", "issuer", "date", "address", "terms")


@cache
def _coded(study: Study) -> pd.DataFrame:
    """Return every coded row as it is, and in words (`said_...`). Index: lines."""
    return pd.concat(
        study.codings(pilot).join(coded_rows(study, pilot, silent=True).add_prefix("said_"))
        for pilot in (None, PROGRAMME)
    )


def codings(pages: Pages, pilot: str) -> Markup:
    """Return the table of a pilot's codings that are not silent; `all`: of the programme's."""
    rows = _coded(pages.study).query("pilot == @pilot and status != 'silent'")
    columns = ("variable", "value", "status", "paragraph", "note")
    cells = []
    for row in rows.to_dict("records"):
        note = escape(pages.say(row["said_note"]))
        if row["term"]:
            term = pages.say(row["term"])
            note += Markup(' <span class="key-term" lang="zh-CN">{}</span>').format(term)
        if row["source_id"] in pages.texts and row["span"]:
            text, paragraph = pages.texts[row["source_id"]], int(row["paragraph"])
            quoted = pages.say(passage(text, paragraph, row["span"]))
            note += Markup('<blockquote lang="zh-CN">{}</blockquote>').format(quoted)
        said = [pages.say(row[f"said_{column}"]) for column in columns[:-1]]
        cells.append([*said, note])
    title = SAID_OF_ALL if pilot == PROGRAMME else pages.study.pilot_name(pilot)
    ids = [anchor("codings.csv", line) for line in rows.index]
    return _table(pages, "fact", columns, rows=cells, title=pages.say(title), ids=ids)


def silent(pages: Pages, pilot: str) -> Markup:
    """Return the labels of the variables on which the text is silent for a pilot, with anchors."""
    rows = _coded(pages.study).query("pilot == @pilot and status == 'silent'")
    return Markup(pages.words["evidence.comma"]).join(
        Markup('<span id="{}">{}</span>').format(anchor("codings.csv", line), pages.say(label))
        for line, label in zip(rows.index, rows["said_variable"], strict=True)
    )


def known(pages: Pages, pilot: str) -> Markup:
    """Return the table of what is known of a pilot, by how it is known, with links to rows."""
    study, words, found = pages.study, pages.words, dict[str, dict[str, Markup]]()

    def note(how: str, what: str, value: str, file: str, line: Any) -> None:
        place = f"{pages.up}{evidence_page(file, pilot)}.html#{anchor(file, line)}"
        link = Markup('<a href="{}">{}</a>').format(place, value or what)
        said = Markup(words["known.value"]).format(what, link) if value else link
        found.setdefault(how, {}).setdefault(what + value, said)

    rows = _coded(study).query("pilot == @pilot and status != 'silent'")
    # said above the table
    above = [study.main_outcome().variable, study.declared.both_lists]
    for line, row in rows[~rows["variable"].isin(above)].iterrows():
        said = [pages.say(row[f"said_{column}"]) for column in ("status", "variable", "value")]
        note(*said, "codings.csv", line)
    for file, column in (("context.csv", "variable"), ("leaders.csv", "role")):
        rows = study.tables[file].query("pilot_id == @pilot")
        for line, row in rows.iterrows():
            if row.get("level", "own") == "own":
                label = words.get(f"fact.{column}.{row[column]}", row[column].replace("_", " "))
                note(words[f"fact.status.{row['status']}"], label, "", file, line)
    found |= {how: found.pop(how) for how in [words["fact.status.missing"]] if how in found}
    cells = [(how, Markup(words["changed.stop"]).join(of.values())) for how, of in found.items()]
    return _table(pages, "known", ("how", "what"), rows=cells, title=words["known.title"])


def causes(pages: Pages, pilot: str) -> list[tuple[str, str, str]]:
    """Return the causes that the text gives for a pilot: in words, paragraph, place of the row."""
    rows, found = _coded(pages.study).query("pilot == @pilot and paragraph != ''"), []
    for name, factor in pages.study.declared.factors.items():
        coded, page = factor.coded, evidence_page("codings.csv", pilot)
        given = rows[(rows["variable"] == coded.variable) & rows["value"].isin(coded.one)]
        for line, row in given.iterrows():
            if factor.named_cause and row["said_status"] is not SAID_OF_ALL:
                place = f"{page}.html#{anchor('codings.csv', line)}"
                found.append((pages.say(cause_words(pages.study, [name])), row["paragraph"], place))
    return found


def questions(pages: Pages, pilot: str) -> list[Question]:
    """Return what to ask a pilot's office: on what is not known of it, and on causes given."""
    asked, given = dict[Any, Question](), [label for label, *_ in causes(pages, pilot)]
    for name, factor in pages.study.declared.factors.items():
        known = pages.study.value(pilot, factor.coded.variable) is not None
        if not known or pages.say(cause_words(pages.study, [name])) in given:
            asked |= {pages.say(ask): ask for ask in factor.ask if ask.to == "office"}
    return [*asked.values()]


def facts(pages: Pages, file: str) -> Markup:
    """Return the table of one file of facts from other sources, notes apart."""
    study, variables = pages.study, pages.study.codebook.variables.values()
    places = {level: label for each in variables for level, label in each.levels.items()}

    def shown(column: str, row: Record) -> str:
        value = row[column]
        if column == "value" and value and (unit := row["unit"]) in study.codebook.units:
            return pages.say(Amount(value, study.codebook.units[unit]))
        if column == "value" and value:
            return f"{value}{pages.joint}{pages.words.get(f'fact.unit.{unit}', unit)}"
        if column == "pilot_id" and value in study.pilots:
            return pages.say(study.pilot_name(value))
        if column == "pilot_id" and value.startswith(PARENT_PREFIX):
            value = value.removeprefix(PARENT_PREFIX)
            return pages.say(places.get(value, value.replace("_", " ")))
        return pages.words.get(f"fact.{column}.{value}", value.replace("_", " "))

    rows = study.tables[file].filter(regex="^(?!note)")
    # of a text in each language the one shown
    rows = rows.rename(columns=lambda name: name.removesuffix(f"_{pages.language}"))
    heads = [name for name in rows if f"fact.{name}" in pages.words]
    cells = [[shown(name, row) for name in heads] for row in rows.to_dict("records")]
    ids = [anchor(file, line) for line in rows.index]
    return _table(pages, "fact", heads, rows=cells, title=pages.words[f"file.{file}"], ids=ids)


def sources(pages: Pages) -> Markup:
    """Return the table of sources."""

    def shown(row: Record, column: str) -> str:
        if column == "title":
            return pages.say(in_each(pages.study, row, column))
        if column == "address" and row[column].startswith(("http://", "https://")):
            return Markup('<a href="{0}" rel="noopener">{0}</a>').format(pages.say(row[column]))
        return pages.words.get(f"source.{column}.{row[column]}", row[column])

    rows = pages.study.rows("sources.csv")
    cells = [[shown(row, column) for column in SOURCES] for row in rows]
    ids = [f"source-{row['source_id']}" for row in rows]
    return _table(pages, "source", SOURCES, rows=cells, title=pages.words["table.source"], ids=ids)


def projects(pages: Pages, pilot: str) -> Markup:
    """Return the table of the projects that the text names for a pilot."""
    rows = project_rows(pages.study, pilot).drop(columns="pilot")
    cells = [[*map(pages.say, row)] for row in rows.itertuples(index=False)]
    if not cells:
        return Markup()
    ids = [anchor("projects.csv", line) for line in rows.index]
    return _table(
        pages, "project", rows, rows=cells, title=pages.words["evidence.projects"], ids=ids
    )


def _table(pages: Pages, kind: str, columns: Iterable[Any], **more: Any) -> Markup:
    heads = [pages.words[f"{kind}.{column}"] for column in columns]
    return Markup(HTML.render(heads=heads, **more))


# what a template can ask for
TABLES = (codings, silent, known, causes, questions, facts, sources, projects)
