"""What other sources say: dated spells in office, figures, ratios of figures, base rates.

Whether a post changed hands inside a window follows from dated spells and sightings; a parent's
leaders are never a pilot's. Each function notes the rows that it rests on in the study's log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.study import leadership
from analysis.study.errors import StudyError
from analysis.study.months import number
from analysis.study.read_log import Evidence
from analysis.study.tables import Record, bad_cell
from analysis.study.vocabulary import LEVEL_OWN

if TYPE_CHECKING:
    from analysis.study.study import Study

CONTEXT, LEADERS, RATES = "context.csv", "leaders.csv", "rates.csv"
# 10,000 CNY are worth: 100 million CNY in 10,000; revenue (10k CNY) over population (10k) is CNY
PER_UNIT = {"100m CNY": 10_000.0, "10k CNY": 1.0, "10k persons": 1.0}
RATIO = ["numerator", "numerator_unit", "denominator", "denominator_unit", "unit", "ratio", "own"]


def window_of(study: Study, window: str, pilot: str) -> tuple[int, int] | None:
    """Return first and last month of a declared window for a pilot, as numbers.

    None where the window starts with a designation whose batch the text does not give.
    """
    declared = study.declared.window(window)
    end = study.declared.waves[study.wave].month if declared.end == "wave" else declared.end
    if declared.start != "designation":
        return number(declared.start), number(end)
    batch = study.declared.batches.get(study.value(pilot, study.declared.batch_variable) or "")
    return None if batch is None else (number(batch.announced), number(end))


def spells_of(study: Study, pilot: str, roles: Sequence[str]) -> list[Record]:
    """Return the rows of `leaders.csv` on a pilot's posts; recollections are left out."""
    rows = [row for row in study.rows_of(LEADERS, pilot) if row["role"] in roles]
    for row in rows:
        study.log.read_row(LEADERS, row)
    return [row for row in rows if row["status"] != "recalled"]


def changed(
    study: Study, window: str, roles: str, pilots: Iterable[str]
) -> dict[str, bool | None]:
    """Return whether a post of the declared `roles` changed hands inside a window. Keys: pilots.

    Rows are noted as known where they settle the answer.
    """
    answers: dict[str, bool | None] = {}
    wanted = study.declared.posts(roles)
    for pilot in pilots:
        rows = spells_of(study, pilot, wanted)
        months = window_of(study, window, pilot)
        spells = [leadership.spell(row, row["line"]) for row in rows]
        answer = leadership.changed(spells, wanted, *months) if months else None
        study.log.note(
            Evidence(LEADERS, row["line"], pilot, row["role"], answer is not None) for row in rows
        )
        answers[pilot] = answer
    return answers


def unverified_level(study: Study, variable: str, pilot: str) -> str | None:
    """Return a recalled level of a coded variable; noted as unknown, as every recollection."""
    for row in study.rows_of(CONTEXT, pilot):
        if row["variable"] == variable:
            study.log.read_row(CONTEXT, row)
            if row["status"] == "recalled":
                study.log.note([Evidence(CONTEXT, row["line"], pilot, variable, False, True)])
                found: str = row["value"]
                return found
    return None


def facts(
    study: Study, variable: str, year: int | None, use_parent: bool, pilots: Iterable[str]
) -> dict[str, Record]:
    """Return one verified fact for each pilot that has it, its own first. Keys: pilots.

    `use_parent`: a parent's figure stands in where a pilot has none of its own; such a row is noted
    as unknown. Missing and recalled rows are left out.
    """
    best: dict[str, Record] = {}
    for pilot in pilots:
        for row in study.rows_of(CONTEXT, pilot):
            if row["variable"] != variable or year not in (None, int(row["year"] or 0)):
                continue
            study.log.read_row(CONTEXT, row)
            own = row["level"] == LEVEL_OWN
            better = pilot not in best or (own and best[pilot]["level"] != LEVEL_OWN)
            if row["status"].startswith("verified") and (own or use_parent) and better:
                best[pilot] = row
    study.log.note(
        Evidence(CONTEXT, r["line"], p, variable, own := r["level"] == LEVEL_OWN, not own)
        for p, r in best.items()
    )
    return best


def facts_frame(rows: dict[str, Record]) -> pd.DataFrame:
    """Return facts as a frame by pilot; columns as of `Study.facts`."""
    columns = ["value", "text", "unit", "level", "own", "year", "status", "source_id"]
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns)
    frame.index.name = "pilot"
    years = pd.to_numeric(frame["year"], errors="coerce").astype("Int64")
    own = frame["level"] == LEVEL_OWN
    value, text = frame["value"].astype(float), frame["value"]
    return frame.assign(value=value, text=text, year=years, own=own)


def ratio(study: Study, factor: str, year: int | None, use_parent: bool) -> pd.DataFrame:
    """Return the declared ratio of a factor for every pilot that has both figures, by pilot.

    Columns: `RATIO`; `own` is False where a parent's figure stands above the line.

    Raises:
        StudyError: no ratio is declared, a unit is not among those known, or nothing to divide by.
    """
    declared = study.factor_declared(factor).ratio
    if declared is None:
        having = [name for name, each in study.declared.factors.items() if each.ratio]
        raise StudyError(
            f"study.yaml: factors: {factor} declares no ratio; those that do: {', '.join(having)}"
        )
    at = declared.year if year is None else year
    other = {each.pilot for each in declared.other_kind}
    fixed = None if declared.numerator_fixed else at
    tops = facts(study, declared.numerator, fixed, use_parent, study.pilots)
    both = [pilot for pilot in tops if pilot not in other]
    bottoms = facts(study, declared.denominator, at, use_parent, both)
    rows = {
        pilot: (
            *(float(tops[pilot]["value"]), tops[pilot]["unit"]),
            *(float(bottom["value"]), bottom["unit"]),
            *(declared.unit, _divided(tops[pilot], bottom), tops[pilot]["level"] == LEVEL_OWN),
        )
        for pilot, bottom in bottoms.items()
    }
    index = pd.Index(list(rows), name="pilot")
    return pd.DataFrame(list(rows.values()), columns=RATIO, index=index)


def _divided(top: Record, bottom: Record) -> float:
    amounts = []
    for row in (top, bottom):
        if row["unit"] not in PER_UNIT:
            raise StudyError(bad_cell(CONTEXT, row, "unit", ", ".join(PER_UNIT)))
        amounts.append(float(row["value"]) * PER_UNIT[row["unit"]])
    if amounts[1] == 0:
        raise StudyError(bad_cell(CONTEXT, bottom, "value", "a number above 0"))
    return amounts[0] / amounts[1]


def below_median(
    study: Study, factor: str, use_parent: bool
) -> dict[str, tuple[float, bool]]:
    """Return whether a pilot's ratio is below the median of all, and if it is its own figure.

    Empty where the factor declares no ratio, or none that is cut so. Keys: pilots.
    """
    declared = study.factor_declared(factor).ratio
    if declared is None or declared.cut is None:
        return {}
    found = ratio(study, factor, None, use_parent)
    median = np.median(found["ratio"]) if len(found) else np.nan
    sides = zip(found.index, found["ratio"], found["own"], strict=True)
    return {pilot: (float(value < median), bool(own)) for pilot, value, own in sides}


def rates(study: Study, event: str, window: str) -> pd.DataFrame:
    """Return how common an event is in a declared window, by population: count, of, source_id."""
    declared = study.declared.window(window)
    found: dict[str, Record] = {}
    for row in study.rows(RATES):
        if row["event"] == event:
            study.log.read_row(RATES, row)
            if (row["window_start"], row["window_end"]) == (declared.start, declared.end):
                found[row["population"]] = row
    study.log.note(Evidence(RATES, r["line"], p, event, True) for p, r in found.items())
    frame = pd.DataFrame.from_dict(found, orient="index")
    frame = frame.reindex(columns=study.tables[RATES].columns.drop(["population", "event"]))
    frame.index.name = "population"
    return frame.astype({"count": int, "of": int})
