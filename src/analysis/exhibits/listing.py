"""Rows of the tables about a study that several pages show the same way."""

from typing import Any

from analysis.exhibits.study_words import level_words, outcome_words, status_words
from analysis.study.reader import Study
from analysis.study.vocabulary import PROJECT_STATUS


def factor_rows(study: Study, factor: str) -> list[list[Any]]:
    """Return a row a pilot: name, value, status, paragraph, outcome."""
    variable = study.contrast(factor).variable
    study.statuses([variable])
    rows = []
    for pilot in study.pilots:
        row = study.settled[pilot, variable].row
        said = status_words(study, row)
        value = level_words(study, variable, row["value"])
        shown = outcome_words(study, pilot)
        rows.append([study.names([pilot]), value, said, row["paragraph"], shown])
    return rows


def stage_rows(study: Study) -> list[list[Any]]:
    """Return a row a pilot: name, settled stage, the other statement if two differ, outcome."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    stages, others = study.levels(variable), study.contradictions(variable)
    rows = []
    for pilot in study.pilots:
        other = others.get((pilot, variable))
        beside = level_words(study, variable, other["value"]) if other else ""
        settled = level_words(study, variable, stages[pilot])
        rows.append([study.names([pilot]), settled, beside, outcome_words(study, pilot)])
    return rows


def coded_rows(study: Study, pilot: str | None = None) -> list[list[Any]]:
    """Return a row for each coding of a pilot (or of all) that is not silent."""
    rows = []
    for row in study.tables["codings.csv"].rows:
        mine = row["pilot_id"] in (study.pilots if pilot is None else (pilot,))
        if not mine or row["status"] == "silent" or row["wave"] != study.wave:
            continue
        variable = row["variable"]
        rows.append(
            [
                study.names([row["pilot_id"]]),
                study.codebook.variables[variable].label,
                level_words(study, variable, row["value"]),
                status_words(study, row),
                row["paragraph"],
                row["term"],
                {"en": row["note_en"], "zh": row["note_zh"]},
            ]
        )
    return rows


def project_rows(study: Study, pilot: str) -> list[list[Any]]:
    """Return a row for each project that the text names for a pilot."""
    return [
        [
            {"en": r["project_en"], "zh": r["project_zh"]},
            dict(zip(("en", "zh"), PROJECT_STATUS[r["status"]], strict=True)),
            r["paragraph"],
        ]
        for r in study.tables["projects.csv"].rows
        if r["pilot_id"] == pilot
    ]
