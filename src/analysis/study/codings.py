"""The coding itself, and codings that could be defended too: a pass alone, an alternative value.

All are methods of `Study`, but for `contradicted` and `settled_values`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from analysis.study import CODINGS, KEYS, PROGRAMME, declared
from analysis.study.files import Record, by_columns
from analysis.study.forms import Text
from analysis.study.passes import ALTERNATIVES, EXCLUDED, Pass, of_study
from analysis.study.read_log import Read

if TYPE_CHECKING:
    from analysis.study.study import Cell, Chosen, Pilots, Study


@dataclass(frozen=True)
class AlternativeCoding:
    """One coding: `settled`, a pass alone, or one alternative value.

    `name`: of the pass, or the line of `alternatives.csv`. `changes`: cells with another value than
    the settled one, None for silent. `left_out`: pilots that this coding excludes.
    """

    kind: Literal["settled", "pass", "alternative"]
    name: str
    changes: Mapping[Cell, str | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def statuses(
    study: Study, variables: Iterable[str] | None = None, pilots: Pilots = None
) -> pd.DataFrame:
    """Return the status of each cell, pilots by variables; a general passage is `general`.

    Default: every variable that the passes coded, every pilot. A status is known even where the
    value is not. None: of a variable coded after the passes there may be no row.
    """
    names = study.coded_variables() if variables is None else list(variables)
    chosen, columns = study.in_order(pilots), {}
    for variable in names:
        study.variable(variable)
        rows = (study.settled.get((pilot, variable)) for pilot in chosen)
        read = ((study.read(row), row["status"]) if row else ("", None) for row in rows)
        columns[variable] = [scope if scope == "general" else status for scope, status in read]
    index = pd.Index(chosen, name="pilot")
    return pd.DataFrame(columns, index=index, columns=names, dtype=object)


def contradictions(
    study: Study, variable: str | None = None, pilots: Pilots = None
) -> pd.DataFrame:
    """Return each contradictory cell: pilot, variable, the settled value, the other one."""
    differing = contradicted(study, variable, study.in_order(pilots))
    rows = [(*cell, study.value(*cell), other["value"]) for cell, other in differing.items()]
    return pd.DataFrame(rows, columns=["pilot", "variable", "settled", "other"])


def contradicted(study: Study, variable: str | None, chosen: Chosen) -> dict[Cell, Record]:
    """Return the other value of each contradictory cell; both are noted."""
    # a study may lack what is asked for by what it declares: ""
    if variable:
        study.variable(variable)
    beside = study.contradictory.items()
    others = {c: o for c, o in beside if variable in (None, c[1]) and c[0] in chosen}
    rows = [*others.values(), *(study.settled[cell] for cell in others)]
    for row in rows:
        study.read(row)
    return others


def codings(study: Study, pilot: str | None = None, variable: str | None = None) -> pd.DataFrame:
    """Return the coded rows of a pilot (or all), of a variable (or all), silent ones too.

    `pilot`: `all` means the statements about the whole programme. Index: the line of
    `codings.csv`. The columns are its columns, `pilot_id` named `pilot`.
    """
    one = None if pilot is None else [pilot]
    pilots = (PROGRAMME,) if pilot == PROGRAMME else study.in_order(one)
    if variable is None:
        return _told(study, CODINGS, pilots)
    study.variable(variable)
    return _told(study, CODINGS, pilots, variable=(variable,))


def projects(study: Study, pilot: str | None = None) -> pd.DataFrame:
    """Return the projects that the text names for a pilot (or all), a row each."""
    return _told(study, "projects.csv", study.in_order(None if pilot is None else [pilot]))


def _told(study: Study, table: str, pilots: Chosen, **cells: Collection[str]) -> pd.DataFrame:
    """Return rows of a table in this wave."""
    rows = study.read_rows(table, wave=(study.wave,), pilot_id=pilots, **cells)
    told = study.tables[table].loc[[row["line"] for row in rows]]
    return told.drop(columns="wave").rename(columns={"pilot_id": "pilot"})


def stages(study: Study) -> pd.DataFrame:
    """Return main outcome, stage and the `other` one where two statements on it differ.

    By pilot; without a stage in the study there are no rows.
    """
    outcome, stage = study.declared.main_outcome, study.declared.stage_outcome
    if not stage:
        return pd.DataFrame(columns=[outcome, stage, "other"], dtype=float)
    frame = study.frame(outcome, stage)
    differing = study.contradictions(study.declared.outcomes[stage].variable)
    frame["other"] = differing.set_index("pilot")["other"].astype(float)
    return frame


def programme(study: Study, variable: str) -> pd.Series[str]:
    """Return the statement about the whole programme that carries `variable`: its row.

    Raises:
        StudyError: no such variable, or it is said of single pilots.
    """
    study.variable(variable)
    said = {v: row for (pilot, v), row in study.settled.items() if pilot == PROGRAMME}
    row = declared(said, variable, "codings.csv: variables of the whole programme")
    study.read(row)
    return pd.Series(row, name=variable, dtype=object).drop("line")


def having(study: Study, *variables: str) -> pd.Index[str]:
    """Return the pilots for which the text gives all of `variables`."""
    for variable in filter(None, variables):
        study.variable(variable)
    giving = [p for p in study.every if all(study.value(p, v) is not None for v in variables)]
    index: pd.Index[str] = pd.Index(giving, name="pilot")
    return index


def settled_values(study: Study, pilot: str, variable: str) -> list[str]:
    """Return the usable values of a cell in order, the one that stands beside it too."""
    rows = (each.get((pilot, variable)) for each in (study.settled, study.contradictory))
    read = [row for row in rows if row is not None]
    return sorted(row["value"] for row in read if study.read(row) in ("own", "example"))


def caution(study: Study, pilot: str, variable: str) -> Text:
    """Return what is to be said wherever a pilot's value is; where nothing is, no text."""
    for each in study.declared.cautions:
        if (each.pilot, each.variable) == (pilot, variable):
            on = each.rests_on
            holds = not on or {*on.values} & {*settled_values(study, pilot, on.variable)}
            return each.text if holds else Text({})
    return Text({})


def source(study: Study) -> pd.Series[str]:
    """Return the row of `sources.csv` for the coded text."""
    name = study.declared.waves[study.wave].source_id
    (row,) = study.read_rows("sources.csv", source_id=(name,))
    return pd.Series(row, name=name, dtype=object).drop("line")


def coded_variables(study: Study) -> list[str]:
    """Return the variables that every pass coded, in the codebook's order."""
    return [n for n, v in study.codebook.variables.items() if v.coded == "passes"]


def fully_coded(study: Study, factor: str) -> bool:
    """Return whether the text gives every pilot's value of a factor (no evidence)."""
    variable = study.factor_declared(factor).coded.variable
    rows = (study.settled[pilot, variable] for pilot in study.every)
    return all(study.read(row) in ("own", "example") for row in rows)


def known_for_all(study: Study) -> list[str]:
    """Return the factors that are known for every pilot, in the order declared."""
    study.statuses([factor.coded.variable for factor in study.declared.factors.values()])
    return [name for name in study.declared.factors if study.fully_coded(name)]


def ratings(study: Study) -> pd.DataFrame:
    """Return what each coder gave each cell, silence as `silent`: cells by coders.

    Index: (variable, pilot), for every variable that the passes coded. Asks for the settled cells.

    Raises:
        StudyError: a pass is missing, was changed, or lacks a cell.
    """
    names = study.coded_variables()
    study.statuses(names)
    cells = [(variable, pilot) for variable in names for pilot in study.every]
    by_coder: dict[str, list[str]] = {}
    for each in of_study(study).every:
        study.log.note_passes(each.name, study.wave, names)
        told = by_coder[each.name] = []
        for variable, pilot in cells:
            rows = each.codings[study.wave, pilot, variable]
            values = sorted(row["value"] for row in rows if row["status"] != "silent")
            told.append(" and ".join(values) or "silent")
    index = pd.MultiIndex.from_tuples(cells, names=["variable", "pilot"])
    return pd.DataFrame(by_coder, index=index, dtype=object).rename_axis(columns="coder")


def alternatives(
    study: Study, variables: Collection[str] | None = None, *, of_these: bool = False
) -> list[AlternativeCoding]:
    """Return the settled coding, each pass alone, and the settled one with each alternative.

    Each has `kind`, `name`, `changes` (for `with_changes`) and `left_out`. `variables`: compare in
    these only; None: in all. An alternative of another one is counted, and changes nothing; with
    `of_these` it is left out.

    Raises:
        StudyError: no such variable; a pass missing or changed; an alternative not allowed.
    """
    for variable in filter(None, variables or ()):
        study.variable(variable)
    passes, listed = of_study(study), [AlternativeCoding("settled", "settled")]
    every = study.codebook.variables
    asked = [v for v in every if variables is None or v in variables]
    compared = [v for v in asked if every[v].coded == "passes"]
    for each in passes.every:
        listed.append(AlternativeCoding("pass", each.name, _differences(study, each, compared)))
    study.log.read_rows(ALTERNATIVES, study.wave, asked)
    if not of_these:
        study.log.read(("table", ALTERNATIVES))
    for row in (row for row in passes.alternatives if row["wave"] == study.wave):
        if (used := row["variable"] in asked) or not of_these:
            name, pilot, value = str(row["line"]), row["pilot_id"], row["alternative_value"]
            read = Read.of_row(ALTERNATIVES, row)
            study.log.note([read if used else read._replace(value="")])
            out = (pilot,) if used and value == EXCLUDED else ()
            changes = {(pilot, row["variable"]): value or None} if used and not out else {}
            listed.append(AlternativeCoding("alternative", name, changes, out))
    return listed


def _differences(study: Study, one: Pass, variables: Collection[str]) -> dict[Cell, str | None]:
    """Return the cells to which a pass gives another usable value than the settled one."""
    differing: dict[Cell, str | None] = {}
    study.log.note_passes(one.name, study.wave, variables)
    for variable in variables:
        for pilot in study.every:
            rows = one.codings.get((study.wave, pilot, variable), ())
            usable = [row["value"] for row in rows if study.scope_of(row) in ("own", "example")]
            unread = study.scope_of(study.settled[pilot, variable]) == "unverified"
            if not unread and sorted(usable) != settled_values(study, pilot, variable):
                # two statements without a rule that settles them: unknown
                differing[pilot, variable] = usable[0] if len(usable) == 1 else None
    return differing


def doubtful(study: Study, variable: str) -> dict[str, tuple[str, ...]]:
    """Return the pilots whose cell no pass coded with high confidence, with possible values.

    The values: those settled or standing beside, and the alternatives. Asks for these cells.
    """
    study.variable(variable)
    passes, possible = of_study(study), {}
    alternatives = by_columns(passes.alternatives, KEYS[CODINGS])
    study.log.read_rows(ALTERNATIVES, study.wave, [variable])
    for each in passes.every:
        study.log.note_passes(each.name, study.wave, [variable])
    for pilot in study.every:
        cell = (study.wave, pilot, variable)
        given = (row for each in passes.every for row in each.codings.get(cell, ()))
        if any(row["confidence"] == "high" for row in given):
            continue
        others = alternatives.get(cell, [])
        study.log.note(Read.of_row(ALTERNATIVES, row) for row in others)
        told = (row["alternative_value"] for row in others)
        values = sorted({*settled_values(study, pilot, variable), *told} - {""})
        if len(values) > 1:
            possible[pilot] = tuple(values)
    study.levels(variable, possible)
    return possible
