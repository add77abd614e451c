"""What other sources say: dated spells in office, figures, ratios of figures, base rates.

Whether a post changed hands inside a window follows from dated spells and sightings; a parent's
leaders are never a pilot's. Each function notes the rows that it rests on in the study's log.
Months are text, `YYYY-MM`, empty where unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.study import CODINGS, StudyError, declared
from analysis.study.files import Record
from analysis.study.read_log import Read, checks_options, series

if TYPE_CHECKING:
    from analysis.study.study import Pilots, Study

LEVEL_OWN = "own"
CONTEXT, LEADERS, RATES = "context.csv", "leaders.csv", "rates.csv"
FACT = ["value", "text", "unit", "level", "own", "year", "status", "source_id"]
VERIFIED = ("verified", "verified_inferred")


def months_between(first: str, last: str) -> int:
    """Return the whole months from one month or day to another; negative if `last` is earlier."""
    (year, month), (until, end) = (map(int, each.split("-")[:2]) for each in (first, last))
    return (until - year) * 12 + end - month


def post_changed(spells: Sequence[Mapping[str, str]], first: str, last: str) -> bool | None:
    """Return whether one post changed hands after month `first` and up to month `last`.

    True: a spell starts or ends inside, or two sightings inside show two holders. False: one
    holder, and no other, is known to have been in office from `first` to `last`. None: neither is
    known; so is a change dated only to the month `first` itself, or one between two sightings of
    which one lies outside the window. An empty `holder_id` is a holder who is not told from others.
    """
    if any(first < spell[end] <= last for spell in spells for end in ("start", "end")):
        return True
    seen_inside = {
        spell["holder_id"]
        for spell in spells
        for seen in ("seen_first", "seen_last")
        if spell["holder_id"] and first < spell[seen] <= last
    }
    if len(seen_inside) > 1:
        return True
    for spell in spells:
        begun = [month for month in (spell["start"], spell["seen_first"]) if month]
        throughout = bool(begun) and min(begun) < first
        throughout &= max(spell["end"], spell["seen_last"]) >= last
        if spell["holder_id"] and throughout and not seen_inside - {spell["holder_id"]}:
            return False
    return None


def any_changed(
    spells: Sequence[Mapping[str, str]], posts: Iterable[str], first: str, last: str
) -> bool | None:
    """Return whether any of `posts` changed hands: any yes, else all no, else None."""
    of_posts = ([spell for spell in spells if spell["role"] == post] for post in posts)
    answers = [post_changed(each, first, last) for each in of_posts]
    if any(answers):
        return True
    return False if answers and None not in answers else None


def spells_of(study: Study, pilot: str, posts: Sequence[str]) -> list[Record]:
    """Return the rows of `leaders.csv` on a pilot's posts; recollections are left out."""
    rows = study.read_rows(LEADERS, pilot, role=posts)
    return [row for row in rows if row["status"] != "recalled"]


def spells(study: Study, roles: str = "notice") -> pd.DataFrame:
    """Return the dated spells in office of the declared `roles`, a row a holder of a post.

    Columns: pilot, role, holder_id (opaque), start, end, seen_first, seen_last (months as text,
    empty if unknown), source_id, status, note. Recollections are left out.
    """
    posts, columns = study.declared.posts(roles), study.tables[LEADERS].columns
    rows = [row for pilot in study.every for row in spells_of(study, pilot, posts)]
    return pd.DataFrame(rows, columns=columns).rename(columns={"pilot_id": "pilot"})


def changed(
    study: Study, window: str, roles: str = "notice", pilots: Pilots = None
) -> pd.Series[float]:
    """Return whether a post of the declared `roles` changed hands inside a window.

    1: some post is known to have; 0: in every post one person is known to have held it
    throughout; NaN: neither. Rows are noted as known where they settle the answer.
    """
    chosen = study.in_order(pilots)
    answers, posts, months = [], study.declared.posts(roles), study.declared.window(window)
    last = study.declared.waves[study.wave].month if months.end == "wave" else months.end
    for pilot in chosen:
        first: str | None = months.start
        if first == "designation":
            # None where the text does not give the batch
            level = study.value(pilot, study.declared.batch_variable)
            batch = study.declared.batches.get(level or "")
            first = None if batch is None else batch.announced[:7]
        spells = spells_of(study, pilot, posts)
        answer = any_changed(spells, posts, first, last) if first else None
        study.log.note(
            Read(LEADERS, row["line"], pilot, row["role"], answer is not None) for row in spells
        )
        answers.append(np.nan if answer is None else float(answer))
    return series(study, "changed", chosen, np.array(answers, dtype=float))


def changed_not_named(study: Study, window: str, roles: str = "notice") -> pd.Index[str]:
    """Return pilots outside the event whose posts are known to have changed hands."""
    quiet = study.with_changes(study.changes)
    outcome = quiet.outcome()
    answers = quiet.changed(window, roles, outcome.index[outcome == 0])
    study.log.note_known(quiet.log)
    return answers.index[answers == 1]


@checks_options
def months_exposed(study: Study, *, use_unverified: bool = False) -> pd.Series[float]:
    """Return the months from designation to the wave; NaN where the batch is not one value."""
    variable, end = study.declared.batch_variable, study.declared.waves[study.wave].month
    batches, months = study.declared.batches, []
    for pilot, level in zip(study.every, study.texts(variable, study.every), strict=True):
        batch = batches.get(level or "")
        if batch is None and use_unverified:
            batch = batches.get(unverified_level(study, variable, pilot) or "")
        months.append(months_between(batch.announced, end) if batch else np.nan)
    return series(study, "months_exposed", study.every, np.array(months, dtype=float))


def unverified_level(study: Study, variable: str, pilot: str) -> str | None:
    """Return a recalled level of a coded variable, or one from a source that nobody read.

    It is noted as unknown, as every recollection.
    """
    table, row, cell = CODINGS, study.settled.get((pilot, variable)), (pilot, variable)
    if row is None or study.scope_of(row) != "unverified" or cell in study.changes:
        table, rows = CONTEXT, study.read_rows(CONTEXT, pilot, variable=(variable,))
        row = next((each for each in rows if each["status"] == "recalled"), None)
    if row is None:
        return None
    study.log.note([Read(table, row["line"], pilot, variable, False, True)])
    return str(row["value"])


@checks_options
def facts(
    study: Study,
    variable: str | None,
    year: int | None = None,
    *,
    use_parent_figures: bool = False,
    pilots: Pilots = None,
) -> pd.DataFrame:
    """Return one verified fact for each pilot that has it, its own first, by pilot.

    Columns: value (float), text (the value with the digits of its source), unit, level, own, year,
    status, source_id. A parent's figure stands in only with `use_parent_figures`, and is noted as
    assumed. Missing and recalled facts are left out; of no `variable` (None) there is none.

    Raises:
        StudyError: no such variable; the message lists those that exist.
    """
    if name := variable or "":
        declared(study.codebook.figures, name, "codebook.yaml: figures")
    best: dict[str, Record] = {}
    cells = {"variable": (name,)} | ({} if year is None else {"year": (str(year),)})
    for pilot in study.in_order(pilots):
        told = study.read_rows(CONTEXT, pilot, **cells)
        rows = [row for row in told if row["status"] in VERIFIED]
        own = [row for row in rows if row["level"] == LEVEL_OWN]
        if own or (rows and use_parent_figures):
            row = best[pilot] = (own or rows)[0]
            study.log.note([Read(CONTEXT, row["line"], pilot, name, bool(own), not own)])
    frame = pd.DataFrame.from_dict(best, orient="index").reindex(columns=FACT)
    years = pd.to_numeric(frame["year"], errors="coerce").astype("Int64")
    numbers, is_own = frame["value"].astype(float), frame["level"] == LEVEL_OWN
    frame = frame.assign(value=numbers, text=frame["value"], year=years, own=is_own)
    return frame.rename_axis("pilot")


def ratio(
    study: Study, factor: str, year: int | None = None, *, use_parent_figures: bool = False
) -> pd.DataFrame:
    """Return the ratio that a factor declares, for every pilot that has both figures, by pilot.

    Columns: numerator, numerator_text (with the digits of its source), numerator_unit, denominator,
    denominator_unit, unit (of the ratio), ratio, own (False: a parent's figure above the line).
    `year`: the one in force unless told. Figures of another kind are left out.

    Raises:
        StudyError: the factor declares no ratio.
    """
    declared = study.factor_declared(factor).ratio
    if declared is None:
        having = [name for name, each in study.declared.factors.items() if each.ratio]
        raise StudyError(
            f"study.yaml: factors: {factor} declares no ratio; those that do: {', '.join(having)}"
        )
    at = declared.year if year is None else year
    fixed = None if declared.numerator_fixed else at
    tops = facts(study, declared.numerator, fixed, use_parent_figures=use_parent_figures)
    both = tops.index.difference([each.pilot for each in declared.other_kind])
    bottoms = facts(
        study, declared.denominator, at, use_parent_figures=use_parent_figures, pilots=both
    )
    tops, units = tops.loc[bottoms.index], study.codebook.units
    above, below = (
        each["value"] * [units[name].worth for name in each["unit"]] for each in (tops, bottoms)
    )
    names = ["numerator", "numerator_text", "numerator_unit"]
    frame = tops[["value", "text", "unit"]].set_axis(names, axis=1)
    frame[["denominator", "denominator_unit"]] = bottoms[["value", "unit"]]
    return frame.assign(unit=declared.unit, ratio=above / below, own=tops["own"])


def new_holders(study: Study, rate: Mapping[str, str]) -> pd.Series[float]:
    """Return whether a new holder began, of each unit that a row of `rates.csv` counts.

    1: a spell in a post of the default roles begins in the row's months; 0: one holder began before
    and held it to the end; NaN: `leaders.csv` tells neither. Index: units, as they are named there.
    """
    first, last, holders = rate["window_start"], rate["window_end"], {}
    posts = study.declared.posts("notice")
    for unit in filter(None, rate["units"].split(";")):
        spells = study.read_rows(LEADERS, unit, role=posts)
        ends = [(row["start"], row["end"]) for row in spells if row["start"] and row["holder_id"]]
        began = any(first <= start <= last for start, _ in ends)
        held = any(start < first and end >= last for start, end in ends)
        holders[unit] = 1.0 if began else 0.0 if held else np.nan
        if not (began or held):
            read = (Read.of_row(LEADERS, row) for row in spells)
            study.log.note(each._replace(known=False) for each in read)
    return pd.Series(holders, name="new_holder", dtype=float).rename_axis("unit")


def rates(study: Study, event: str, window: str, *, stand_in: bool = False) -> pd.DataFrame:
    """Return how common an event is in a declared window: the rows of `rates.csv`.

    By population, as the codebook orders them: that of the place itself first. `stand_in`: used for
    the pilots, which it does not count, and so noted as assumed.
    """
    of = study.declared.window(window)
    within = {"event": (event,), "window_start": (of.start,), "window_end": (of.end,)}
    by_population = {row["population"]: row for row in study.read_rows(RATES, **within)}
    if stand_in:
        read = (Read.of_row(RATES, row) for row in by_population.values())
        study.log.note(each._replace(known=False, assumed=True) for each in read)
    columns = study.tables[RATES].columns.drop(["population", "event"])
    populations = [*study.codebook.facts.get("population", by_population)]
    in_order = sorted(by_population, key=populations.index)
    frame = pd.DataFrame.from_dict(by_population, orient="index").reindex(in_order, columns=columns)
    return frame.astype({"count": int, "of": int}).rename_axis("population")
