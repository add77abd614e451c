"""Coded rows in words: a value, how it is known, and frames of rows for tables.

What these return says itself in any language (`in_language`), so that tables and pages share it.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.claims.words import Amount, Message, Month, _
from analysis.study import PROGRAMME
from analysis.study.forms import Text
from analysis.study.read_log import ReadLog, note_source
from analysis.study.study import Study

NOT_REPORTED = _("not reported")
SAID_OF_ALL = _("said in general")
OTHER_SOURCE, UNSOURCED = _("only from other sources"), _("general knowledge, unsourced")
ELSEWHERE = (OTHER_SOURCE, UNSOURCED)
# status of a coding -> its words
STATUSES = {
    "stated": _("stated"),
    "implied": _("follows from the text"),
    "group": _("said of a group"),
    "silent": NOT_REPORTED,
    "contradictory": _("two statements differ"),
}
# what says itself in any language
Said = Message | Amount | Month | Text


def document(study: Study) -> Said:
    """Return what the coded text is: a notice, a register; "text" where nobody says."""
    return study.declared.pages.document or _("text")


def value_words(study: Study, variable: str, value: str | float | None) -> Said:
    """Return a value of a variable as shown: a level's label, a sum, a month, a number.

    `value`: a level or number, as text or as a number; None, NaN or an empty text is not reported.

    Raises:
        StudyError: no such variable.
    """
    if value is None or value == "" or value != value:
        return NOT_REPORTED
    declared = study.variable(variable)
    text = value if isinstance(value, str) else f"{value:.12g}"
    if declared.unit in study.codebook.units:
        return Amount(text, study.codebook.units[declared.unit])
    if declared.kind == "month":
        return Month(text)
    words = declared.words if declared.kind == "text" else declared.levels
    return words.get(text) or Text(dict.fromkeys(study.languages, text))


def status_words(study: Study, row: Mapping[Any, Any]) -> Said:
    """Return how a coded row is known: by the text, from another source, or said of nearly all.

    `row`: of `codings.csv`, with `paragraph`, `source_id` and `status`.
    """
    if row["paragraph"] and int(row["paragraph"]) in study.declared.general_passages:
        return SAID_OF_ALL
    if row["source_id"] not in ("", study.declared.waves[study.wave].source_id):
        note_source(study, row["source_id"])
        return UNSOURCED if row["source_id"] in study.unread else OTHER_SOURCE
    return STATUSES[row["status"]]


def coded_rows(
    study: Study, pilot: str | None = None, variable: str | None = None, silent: bool = False
) -> pd.DataFrame:
    """Return coded rows in words: of a pilot (or all), of a variable (or all).

    Index: the line of `codings.csv`. Columns: pilot, variable, value, status, paragraph, term,
    note. `silent`: also cells on which the text says nothing.
    """
    rows = study.codings(pilot, variable)
    rows = rows if silent else rows[rows["status"] != "silent"]
    records = rows.to_dict("records")
    said = {
        "pilot": [SAID_OF_ALL if p == PROGRAMME else study.pilot_name(p) for p in rows["pilot"]],
        "variable": [study.variable(name).label for name in rows["variable"]],
        "value": [value_words(study, row["variable"], row["value"]) for row in records],
        "status": [status_words(study, row) for row in records],
        "paragraph": rows["paragraph"],
        "term": rows["term"],
        "note": [in_each(study, row, "note") for row in records],
    }
    return pd.DataFrame(said, index=rows.index)


def on_record(study: Study, *factors: str, **reading: Any) -> pd.DataFrame:
    """Return factors as 1, 0 and NaN, a column each, for a count of what is known and what is not.

    Every row looked at is evidence of such a count, and a silent one is known to be silent. Without
    a `window` it is what the text says. `reading`: options of `Study.factor`.
    """
    quiet = study.with_changes(study.changes, log=ReadLog())
    read = quiet.frame(*factors, **reading)
    study.log.note_known(quiet.log)
    return read


def how_known(study: Study, factor: str) -> pd.Series:
    """Return for each pilot how it is known what it is by a factor: by the text, where that says.

    Index: pilot, twice where two statements differ.
    """
    coded = study.factor_declared(factor).coded
    how = coded_rows(study, variable=coded.variable, silent=True)["status"]
    how.index = pd.Index(study.codings(variable=coded.variable)["pilot"])
    if by := coded.zero_by_text:
        rows = study.codings(variable=by.variable)
        named = how.index.isin(rows.loc[rows["value"].isin(by.values), "pilot"])
        how = how.mask([words in ELSEWHERE for words in how] & named, STATUSES["stated"])
    return how


def project_rows(study: Study, pilot: str | None = None) -> pd.DataFrame:
    """Return the projects that the text names for a pilot (or all), in words.

    Index: the line of `projects.csv`. Columns: pilot, project, status, paragraph. A status that the
    codebook does not list stands as it is.
    """
    rows, statuses = study.projects(pilot), study.codebook.project_statuses
    said = {
        "pilot": rows["pilot"].map(study.pilot_name),
        "project": [in_each(study, row, "project") for row in rows.to_dict("records")],
        "status": [statuses.get(status, status) for status in rows["status"]],
        "paragraph": rows["paragraph"],
    }
    return pd.DataFrame(said, index=rows.index)


def in_each(study: Study, row: Mapping[Any, Any], column: str) -> Text:
    """Return the columns of a row that hold a text in each language, as one text."""
    return Text({language: row[f"{column}_{language}"] for language in study.languages})
