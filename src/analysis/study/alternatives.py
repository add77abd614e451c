"""Codings that could be defended too: each pass alone, and each alternative value of a cell.

`ratings`, `alternatives` and `doubtful` are methods of `Study`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from analysis.study.forms import unnoted
from analysis.study.passes import ALTERNATIVES, EXCLUDED, Pass, of_study
from analysis.study.read_log import Read

if TYPE_CHECKING:
    from analysis.study.study import Cell, Study


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


def ratings(study: Study, variables: Iterable[str] | None = None) -> pd.DataFrame:
    """Return what each coder gave each cell, silence as `silent`: cells by coders.

    Index: (variable, pilot), for every variable that the passes coded unless told. Asks for the
    settled cells.

    Raises:
        StudyError: as of `of_study`, or a pass is missing or was changed.
    """
    names = list(variables) if variables is not None else study.coded_variables()
    study.statuses(names)
    cells = [(variable, pilot) for variable in names for pilot in study.every]
    given: dict[str, list[str]] = {}
    for each in of_study(study).every:
        study.log.note_passes(each.name, study.wave, names)
        told = given[each.name] = []
        for variable, pilot in cells:
            rows = each.codings[study.wave, pilot, variable]
            values = sorted(row["value"] for row in rows if row["status"] != "silent")
            told.append(" and ".join(values) or "silent")
    index = pd.MultiIndex.from_tuples(cells, names=["variable", "pilot"])
    return pd.DataFrame(given, index=index, dtype=object).rename_axis(columns="coder")


def alternatives(
    study: Study, variables: Collection[str] | None = None, *, of_these: bool = False
) -> list[AlternativeCoding]:
    """Return the settled coding, each pass alone, and the settled one with each alternative.

    Each has `kind`, `name`, `changes` (for `with_changes`) and `left_out`. `variables`: compare the
    passes with the settled coding in these only; None: in all that they coded. `of_these`: of the
    alternatives, too, only those of these variables.

    Raises:
        StudyError: see `Passes.every`; an alternative that is not allowed.
    """
    passes, found = of_study(study), [AlternativeCoding("settled", "settled")]
    every = study.codebook.variables
    asked = [v for v in every if variables is None or v in variables]
    compared = [v for v in asked if every[v].coded == "passes"]
    for each in passes.every:
        found.append(AlternativeCoding("pass", each.name, _differences(study, each, compared)))
    with unnoted():
        rows = passes.alternatives()
    for row in rows:
        wanted = not of_these or row["variable"] in asked
        if row["wave"] == study.wave and wanted:
            study.log.note([Read.of_row(f"passes/{ALTERNATIVES}", row)])
            name, pilot, value = str(row["line"]), row["pilot_id"], row["alternative_value"]
            out = (pilot,) if value == EXCLUDED else ()
            changes = {} if out else {(pilot, row["variable"]): value or None}
            found.append(AlternativeCoding("alternative", name, changes, out))
    return found


def _differences(study: Study, one: Pass, variables: Iterable[str]) -> dict[Cell, str | None]:
    """Return the cells to which a pass gives another usable value than the settled one."""
    differing: dict[Cell, str | None] = {}
    study.log.note_passes(one.name, study.wave, variables)
    for variable in variables:
        for pilot in study.every:
            usable = [
                row["value"]
                for row in one.codings.get((study.wave, pilot, variable), ())
                if study.scope_of(row) in ("own", "example")
            ]
            unread = study.settled[pilot, variable].scope == "unverified"
            if not unread and sorted(usable) != study.settled_values(pilot, variable):
                # two statements without a rule that settles them: unknown
                differing[pilot, variable] = usable[0] if len(usable) == 1 else None
    return differing


def doubtful(study: Study, variable: str) -> dict[str, tuple[str, ...]]:
    """Return the pilots whose cell no pass coded with high confidence, with possible values.

    The values: those settled or standing beside, and the alternatives. Asks for these cells.
    """
    passes, possible = of_study(study), {}
    coders, rows = passes.every, passes.alternatives()
    for each in coders:
        study.log.note_passes(each.name, study.wave, [variable])
    for pilot in study.every:
        cell = (study.wave, pilot, variable)
        if any(row["confidence"] == "high" for each in coders for row in each.codings[cell]):
            continue
        others = [r for r in rows if (r["wave"], r["pilot_id"], r["variable"]) == cell]
        study.log.note(Read.of_row(f"passes/{ALTERNATIVES}", row) for row in others)
        told = (row["alternative_value"] for row in others)
        values = sorted({*study.settled_values(pilot, variable), *told} - {""})
        if len(values) > 1:
            possible[pilot] = tuple(values)
    study.levels(variable, possible)
    return possible
