"""Loading a study: every table checked, then the files against each other."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.study import CODINGS, KEPT_BESIDE, KEYS, PROGRAMME, SIGN_OFFS, complain, study_folder
from analysis.study.codebook import Codebook, Variable
from analysis.study.declaration import Declaration
from analysis.study.external_facts import CONTEXT, RATES, VERIFIED, new_holders
from analysis.study.files import Record, bad_cell, by_columns, read_table, read_yaml, records
from analysis.study.forms import place
from analysis.study.guard import is_checked, unread
from analysis.study.read_log import checking
from analysis.study.schemas import Schemas
from analysis.study.study import Study


def load_study(name: str, wave: str, root: Path | None = None) -> Study:
    """Load and check the study in `data/<name>` at one wave; "" for the last.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    folder, shown = study_folder(name, root), f"data/{name}"
    file = read_yaml(folder / "study.yaml", f"{shown}/study.yaml")
    declared = file.model(Declaration)
    words = read_yaml(folder / "codebook.yaml", f"{shown}/codebook.yaml")
    if declared.study != name:
        complain([f"{file.at('study')}: value {declared.study!r}; allowed: {name} (the folder)"])
    if (wave := wave or max(declared.waves)) not in declared.waves:
        complain([f"{file.at('waves')}: no {wave!r}; declared: {', '.join(declared.waves)}"])
    if declared.waves[wave].differs:
        declared = (file := file.overlaid("waves", wave, "differs")).model(Declaration)
    codebook = words.model(Codebook, {"languages": declared.languages})
    # what is checked already need not be compared with itself
    checked, known = is_checked(folder), _known(declared, codebook)
    if not checked:
        words.model(Codebook, known)
        file.model(Declaration, known)
    tables: dict[str, pd.DataFrame] = {}
    slips = unread(folder, "*", (*KEYS, "study.yaml", "codebook.yaml", "truth.csv"))
    slips += unread(folder, "audit/*", (SIGN_OFFS,))
    allowed = f"allowed: {', '.join(KEYS)}; rename it or take it out"
    complain(f"{shown}/{each}: no table of a study; {allowed}" for each in slips)
    schemas = Schemas(declared, codebook, checked=checked)
    for each in KEYS:
        if each == CODINGS:
            # what all other tables are about
            schemas = schemas.about(tables["pilots.csv"], tables["sources.csv"])
        tables[each] = read_table(folder / each, f"{shown}/{each}", schemas.of(each))
    if not checked and os.path.lexists(folder / SIGN_OFFS):
        read_table(folder / SIGN_OFFS, f"{shown}/{SIGN_OFFS}", schemas.of(SIGN_OFFS))
    if not checked:
        events = list(tables["rates.csv"]["event"].unique()) or None
        more = {"pilots": schemas.pilots, "sources": schemas.sources, "events": events}
        file.model(Declaration, known | more)
    if not schemas.pilots:
        complain([f"{shown}/pilots.csv: no row; allowed: one or more pilots"])
    place(declared, "study.yaml", file.lines)
    place(codebook, "codebook.yaml", words.lines)
    study = Study(name, wave, declared, codebook, tables, folder)
    with checking():
        for wrong in () if checked else (_wrong_codings, _at_odds, _wrong_facts, _wrong_rates):
            complain(wrong(shown, study))
    return study


def _known(declared: Declaration, codebook: Codebook) -> dict[str, Any]:
    """Return what the names in a declaration may stand for, but for rows of tables."""
    variables = codebook.variables
    levels = {name: variable.levels for name, variable in variables.items()}
    numbered = {
        name: levels[outcome.variable]
        for name, outcome in declared.outcomes.items()
        if "".join(levels.get(outcome.variable, ())).isdecimal()
    }
    return {
        "languages": declared.languages,
        "waves": declared.waves,
        "outcomes": declared.outcomes,
        "factors": declared.factors,
        "named causes": [n for n, f in declared.factors.items() if f.named_cause],
        "variables": variables,
        "variables with numbers": [n for n, v in variables.items() if v.numeric],
        "levels of facts": codebook.facts.get("level"),
        "project statuses": codebook.project_statuses or None,
        "project domains": codebook.project_domains or None,
        "said of all": [n for n, v in variables.items() if v.room == "programme"],
        "batches": levels.get(declared.batch_variable, {}),
        "levels": levels,
        "facts": codebook.figures,
        "units": codebook.units,
        "outcomes with an event": [n for n, o in declared.outcomes.items() if o.event],
        "outcomes with numbered levels": numbered,
        "stages": [int(level) for level in numbered.get(declared.stage_outcome, ())],
        "levels of factors": {
            n: levels.get(f.coded.variable, {}) for n, f in declared.factors.items()
        },
    }


def _wrong_codings(shown: str, study: Study) -> Iterator[str]:
    """Complain of the coded rows of one wave."""
    variables, source = study.codebook.variables, study.declared.waves[study.wave].source_id
    name = f"{shown}/{CODINGS}"
    coded = [row for row in records(study.tables[CODINGS]) if row["wave"] == study.wave]
    for row in coded:
        for column, allowed in _of_row(row, variables[row["variable"]], source):
            yield bad_cell(name, row, column, allowed)
    cells = by_columns(coded, ("pilot_id", "variable"))
    for rows in cells.values():
        for row, column, allowed in _of_cell(rows):
            yield bad_cell(name, row, column, allowed)
    factors, outcomes = study.declared.factors.values(), study.declared.outcomes.values()
    asked = {each.coded.variable for each in factors} | {each.variable for each in outcomes}
    for variable, declared in variables.items():
        wanted = study.every if declared.coded == "passes" or variable in asked else ()
        for pilot in (PROGRAMME,) if declared.room == "programme" else wanted:
            if (pilot, variable) not in cells:
                yield (
                    f"{name}: no row of column pilot_id {pilot!r} with column variable "
                    f"{variable!r}; allowed: one row, with status silent if need be"
                )


def _of_row(row: Record, variable: Variable, source: str) -> Iterable[tuple[str, str]]:
    allowed = variable.allowed(row["status"], row["value"])
    about_all = variable.room == "programme"
    if allowed is not None:
        yield "value", allowed
    if (row["pilot_id"] == PROGRAMME) != about_all:
        yield "pilot_id", PROGRAMME if about_all else "a pilot: this is said of single pilots"
    if row["settled_by"].startswith(KEPT_BESIDE) and row["status"] != "contradictory":
        yield "status", f"contradictory, since settled_by begins with {KEPT_BESIDE!r}"
    if row["status"] == "silent":
        for column in ("source_id", "paragraph", "span", "span_sha256", "term"):
            if row[column]:
                yield column, "empty, since the status is silent"
        return
    if not row["source_id"]:
        yield "source_id", "a source, unless the status is silent"
    # what follows from the absence of a passage has none, and is coded after the passes only
    absent = variable.coded == "additions" and row["status"] == "implied"
    if row["source_id"] == source and not row["span"] and not absent:
        yield "span", "start:end, since the value comes from the coded text"
    if bool(row["span"]) != bool(row["span_sha256"]):
        yield "span_sha256", "the hash of the span, exactly where there is a span"


def _of_cell(rows: list[Record]) -> Iterator[tuple[Record, str, str]]:
    """Complain of a cell with several rows that are not one contradiction, settled."""
    contradictory = [row for row in rows if row["status"] == "contradictory"]
    if not contradictory:
        for row in rows[1:]:
            allowed = f"one row, unless contradictory (see line {rows[0]['line']})"
            yield row, "pilot_id, variable", allowed
        return
    for row in rows:
        if row not in contradictory:
            yield row, "status", f"contradictory, as in line {contradictory[0]['line']}"
    if len({row["value"] for row in rows}) < len(rows) or len(rows) < 2:
        yield rows[-1], "value", "a row for each of two or more values, since it is contradictory"
    if sum(not row["settled_by"].startswith(KEPT_BESIDE) for row in rows) != 1:
        allowed = f"one settled row a cell; the settled_by of the others begins {KEPT_BESIDE!r}"
        yield rows[-1], "settled_by", allowed


def _at_odds(shown: str, study: Study) -> Iterator[str]:
    """Complain of coded values that do not go with other ones, or with what is declared."""
    declared, file, settled = study.declared, f"{shown}/{CODINGS}", study.settled
    within = declared.rivals.within
    rivals = *declared.rivals.family, *([within.factor] if within else ())
    coded = (declared.factors[name].coded for name in rivals)
    sides = {each.variable: (*each.one, *each.zero) for each in coded if each.zero}
    for (pilot, name), row in settled.items():
        value, usable = row["value"], study.scope_of(row) in ("own", "example", "unverified")
        if name == study.main_outcome().variable and not usable:
            yield bad_cell(file, row, "status", "stated or implied: the main outcome of each pilot")
        elif usable and name in sides and value not in sides[name]:
            yield bad_cell(file, row, "value", f"{', '.join(sides[name])}: it is among rivals")
        batch = declared.batches.get(value) if name == declared.batch_variable else None
        if batch and batch.announced[:7] > study.wave:
            yield bad_cell(file, row, "value", f"a batch announced before {batch.announced}")
        for of in (settled.get((pilot, w)) for w in study.codebook.variables[name].part_of):
            if of and of["value"] and value and float(value) > float(of["value"]):
                most = f"at most {of['value']}, as in line {of['line']}"
                yield bad_cell(file, row, "value", most)


def _wrong_facts(shown: str, study: Study) -> Iterator[str]:
    """Complain of figures that are not as declared, and of ratios that cannot be told from them."""
    declared, codebook, place = study.declared, study.codebook, f"{shown}/{CONTEXT}"
    known: dict[tuple[str, str], Record] = {}
    ratios = [factor.ratio for factor in declared.factors.values() if factor.ratio]
    fixed = {ratio.numerator for ratio in ratios if ratio.numerator_fixed}
    for row in records(study.tables[CONTEXT]):
        name, figure = row["variable"], codebook.figures[row["variable"]]
        if row["unit"] != figure.unit:
            yield bad_cell(place, row, "unit", f"{figure.unit}, as in codebook.yaml: figures")
        if row["value"] and (allowed := figure.allowed(row["value"])):
            yield bad_cell(place, row, "value", allowed)
        first = known.setdefault((name, row["pilot_id"]), row) if row["status"] in VERIFIED else row
        if name in fixed and row["year"] != first["year"]:
            alone = f"{first['year']} alone: a ratio takes it of any year (numerator_fixed)"
            yield bad_cell(place, row, "year", alone)
    for ratio in ratios:
        for pilot in study.every if ratio.said_with_fact else ():
            other = any(pilot == each.pilot for each in ratio.other_kind)
            needs = (ratio.numerator, pilot) in known and not other
            if needs and (ratio.said_with_fact, pilot) not in known:
                said = f"{ratio.said_with_fact} of {pilot}, which is said with {ratio.numerator}"
                yield f"{place}: no verified row of {said}; allowed: one"


def _wrong_rates(shown: str, study: Study) -> Iterator[str]:
    """Complain of rates that are not as declared, or that no page could show."""
    declared, facts, place = study.declared, study.codebook.facts, f"{shown}/{RATES}"
    windows, named = declared.windows.values(), {*study.every, *facts.get("pilot_id", ())}
    begun = {w.start for w in windows} | {b.announced[:7] for b in declared.batches.values()}
    months = {"window_start": begun, "window_end": {w.end for w in windows} | {*declared.waves}}
    for row in records(study.tables[RATES]):
        for column in (each for each in months if row[each] not in months[each]):
            allowed = ", ".join(sorted(months[column] - {"designation", "wave"}))
            yield bad_cell(place, row, column, f"of a window or a batch: {allowed}")
        if other := sorted({*filter(None, row["units"].split(";"))} - named):
            allowed = f"pilots, and what codebook.yaml names (facts: pilot_id), not {other[0]}"
            yield bad_cell(place, row, "units", allowed)
        told = new_holders(study.with_changes({}), row)
        least, most, count = told.eq(1).sum(), len(told) - told.eq(0).sum(), int(row["count"])
        if len(told) and not least <= count <= most:
            yield bad_cell(place, row, "count", f"{least} to {most}, by the rows of its units")
        if (row["basis"] == "recomputed") != (len(told) > 0 and least == most):
            yield bad_cell(place, row, "basis", "recomputed exactly where rows tell of every unit")
    for key, rows in study.tables[RATES].groupby(["event", *months]):
        for each in set(facts.get("population", ())) - set(rows["population"]):
            yield f"{place}: {', '.join(map(str, key))}: no row of {each}; allowed: one"
