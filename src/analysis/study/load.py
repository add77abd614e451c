"""Loading a study: every table checked, then the files against each other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.study import CODINGS, KEPT_BESIDE, KEYS, PROGRAMME, StudyError, study_folder
from analysis.study.codebook import Codebook, Variable
from analysis.study.declaration import Declaration
from analysis.study.external_facts import CONTEXT, RATES
from analysis.study.files import Record, bad_cell, read_table, read_yaml, records
from analysis.study.guard import is_checked
from analysis.study.schemas import Schemas
from analysis.study.study import Cell, Study


def load_study(name: str, wave: str, root: Path | None = None) -> Study:
    """Load and check the study in `data/<name>` at one wave.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    folder, shown = study_folder(name, root), f"data/{name}"
    file = read_yaml(folder / "study.yaml", f"{shown}/study.yaml")
    declared = file.model(Declaration)
    words = read_yaml(folder / "codebook.yaml", f"{shown}/codebook.yaml")
    if declared.study != name:
        at = file.at("study")
        raise StudyError(f"{at}: value {declared.study!r}; allowed: {name} (the folder)")
    if wave not in declared.waves:
        raise StudyError(f"{file.at('waves')}: no {wave!r}; declared: {', '.join(declared.waves)}")
    codebook = words.model(Codebook, {"languages": declared.languages})
    known = _known(declared, codebook)
    words.model(Codebook, known)
    file.model(Declaration, known)
    tables: dict[str, pd.DataFrame] = {}
    checked, schemas = is_checked(folder), Schemas(declared, codebook)
    for each in KEYS:
        if each == CODINGS:
            # what all other tables are about
            schemas = schemas.about(tables["pilots.csv"], tables["sources.csv"])
        tables[each] = read_table(folder / each, f"{shown}/{each}", schemas.of(each), checked)
    known |= {
        "pilots": schemas.pilots,
        "sources": schemas.sources,
        "events": list(tables["rates.csv"]["event"].unique()) or None,
    }
    file.model(Declaration, known)
    if not schemas.pilots:
        raise StudyError(f"{shown}/pilots.csv: no row; allowed: one or more pilots")
    study = Study(name, wave, declared, codebook, tables, folder)
    for wrong in (_wrong_codings, _at_odds, _wrong_figures, _wrong_rates):
        if said := list(wrong(shown, study)):
            raise StudyError("\n".join(said))
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
        "variables": variables,
        "said of all": [n for n, v in variables.items() if v.room == "programme"],
        "batches": levels.get(declared.batch_variable, {}),
        "levels": levels,
        "facts": codebook.figures,
        "units of facts": {name: figure.unit for name, figure in codebook.figures.items()},
        "outcomes with an event": [n for n, o in declared.outcomes.items() if o.event],
        "outcomes with numbered levels": numbered,
        "stages": [int(level) for level in numbered.get(declared.stage_outcome, ())],
        "levels of factors": {
            n: levels.get(f.coded.variable, {}) for n, f in declared.factors.items()
        },
    }


def _cells(study: Study) -> dict[Cell, list[Record]]:
    """Return the coded rows of one wave, by pilot and variable."""
    cells: dict[Cell, list[Record]] = {}
    for row in records(study.tables[CODINGS]):
        if row["wave"] == study.wave:
            cells.setdefault((row["pilot_id"], row["variable"]), []).append(row)
    return cells


def _wrong_codings(shown: str, study: Study) -> Iterator[str]:
    """Complain of the coded rows of one wave."""
    variables, source = study.codebook.variables, study.declared.waves[study.wave].source_id
    name, cells = f"{shown}/{CODINGS}", _cells(study)
    for rows in cells.values():
        for row in rows:
            for column, allowed in _of_row(row, variables[row["variable"]], source):
                yield bad_cell(name, row, column, allowed)
        for row, column, allowed in _of_cell(rows):
            yield bad_cell(name, row, column, allowed)
    for variable, declared in variables.items():
        wanted = study.every if declared.coded == "passes" else ()
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
    declared, cells, rivals = study.declared, _cells(study), study.declared.rivals
    wanted = {study.main_outcome().variable: ()}
    for factor in (declared.factors[n] for n in (*rivals.family, rivals.within.factor)):
        sides = factor.coded
        wanted[sides.variable] = (*sides.one, *sides.zero) if sides.zero else ()
    for (pilot, name), (row, *_) in cells.items():
        place, value = f"{shown}/{CODINGS}", row["value"]
        if name in wanted and study.settled[pilot, name].scope not in ("own", "example"):
            allowed = "stated or implied: the main outcome and rivals are known of each pilot"
            yield bad_cell(place, row, "status", allowed)
        elif wanted.get(name) and value not in wanted[name]:
            yield bad_cell(
                place, row, "value", f"{', '.join(wanted[name])}, as in study.yaml: rivals"
            )
        batch = declared.batches.get(value) if name == declared.batch_variable else None
        if batch and batch.announced[:7] > study.wave:
            allowed = f"a batch announced before the inspection, not on {batch.announced}"
            yield bad_cell(place, row, "value", allowed)
        whole = study.codebook.variables[name].part_of
        of = cells[pilot, whole][0]["value"] if whole and (pilot, whole) in cells else ""
        if value and of and float(value) > float(of):
            yield bad_cell(place, row, "value", f"at most {of}, as it is a part of {whole}")


def _wrong_figures(shown: str, study: Study) -> Iterator[str]:
    """Complain of figures that are not what the codebook declares, or that a sentence lacks."""
    figures, coded, place = study.codebook.figures, study.codebook.variables, f"{shown}/{CONTEXT}"
    ratios = {name: f.ratio for name, f in study.declared.factors.items() if f.ratio}
    below, known = {ratio.denominator for ratio in ratios.values()}, set()
    for row in records(study.tables[CONTEXT]):
        name, value = row["variable"], row["value"]
        if row["unit"] != (unit := figures[name].unit):
            yield bad_cell(place, row, "unit", f"{unit}, as codebook.yaml: figures declares")
        if value and (allowed := figures[name].allowed(value)):
            yield bad_cell(place, row, "value", allowed)
        if value and name in coded and (allowed := coded[name].allowed("stated", value)):
            yield bad_cell(place, row, "value", allowed)
        if value and name in below and not float(value):
            yield bad_cell(place, row, "value", "a number above 0: a ratio divides by it")
        if row["status"].startswith("verified"):
            known.add((name, row["pilot_id"]))
    for name, ratio in ratios.items():
        other = {each.pilot for each in ratio.other_kind}
        for fact, pilot in ((f, p) for f, p in known if f == ratio.numerator and p not in other):
            if ratio.said_with_fact and (ratio.said_with_fact, pilot) not in known:
                yield (
                    f"{place}: no verified row of column pilot_id {pilot!r} with column variable "
                    f"{ratio.said_with_fact!r}; allowed: one, since the ratio of {name} is said "
                    f"with it, as {fact} is there"
                )


def _wrong_rates(shown: str, study: Study) -> Iterator[str]:
    """Complain of rates that no page could show: in other months, or of one population alone."""
    windows, batches = study.declared.windows.values(), study.declared.batches.values()
    months = {
        "window_start": {w.start for w in windows} | {b.announced[:7] for b in batches},
        "window_end": {w.end for w in windows} | set(study.declared.waves),
    }
    for row in records(study.tables[RATES]):
        for column, known in months.items():
            if row[column] not in known:
                allowed = ", ".join(sorted(known - {"designation", "wave"}))
                yield bad_cell(f"{shown}/{RATES}", row, column, f"{allowed} (windows, batches)")
    populations = set(study.codebook.facts.get("population", ()))
    for key, rows in study.tables[RATES].groupby(["event", *months]):
        if missing := sorted(populations.difference(rows["population"])):
            yield f"{shown}/{RATES}: {', '.join(key)}: no row of {missing[0]}; allowed: one"
