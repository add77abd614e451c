"""Other codings that could be defended: each pass alone, and each alternative value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from analysis.study import EXCLUDED, StudyError
from analysis.study.files import Record, bad_cell
from analysis.study.passes import Pass, Passes, of_study

if TYPE_CHECKING:
    from analysis.study.study import Study

Cell = tuple[str, str]


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


def alternatives(study: Study, variables: Collection[str] | None = None) -> list[AlternativeCoding]:
    """Return the settled coding, each pass alone, and the settled one with each alternative.

    Each has `kind`, `name`, `changes` (for `with_changes`) and `left_out`. `variables`: compare the
    passes with the settled coding in these only; None: in all that they coded.

    Raises:
        StudyError: see `Passes.all`; an alternative that is not allowed.
    """
    passes = of_study(study)
    compared = [v for v in study.coded_variables() if variables is None or v in variables]
    alone = [
        AlternativeCoding("pass", each.name, _differences(study, each, compared))
        for each in passes.all()
    ]
    return [AlternativeCoding("settled", "settled"), *alone, *_each_alone(study, passes)]


def doubtful(study: Study, variable: str) -> dict[str, tuple[str, ...]]:
    """Return the pilots whose cell no pass coded with high confidence, with possible values.

    The values: those settled or standing beside, and the alternatives. Asks for these cells.
    """
    passes = of_study(study)
    coders, rows = passes.all(), _alternative_rows(study, passes)
    possible: dict[str, tuple[str, ...]] = {}
    for pilot in study.pilots:
        cell = (study.wave, pilot, variable)
        if any(row["confidence"] == "high" for each in coders for row in each.codings[cell]):
            continue
        others = [
            row["alternative_value"]
            for row in rows
            if (row["wave"], row["pilot_id"], row["variable"]) == cell
        ]
        values = sorted({*study.settled_values(pilot, variable), *others} - {""})
        if len(values) > 1:
            possible[pilot] = tuple(values)
    study.levels(variable, possible)
    return possible


def _differences(study: Study, one: Pass, variables: Iterable[str]) -> dict[Cell, str | None]:
    """Return the cells to which a pass gives another usable value than the settled one."""
    differing: dict[Cell, str | None] = {}
    for variable in variables:
        for pilot in study.pilots:
            rows = one.codings.get((study.wave, pilot, variable), ())
            scopes = [study.declared.scope_of(row) for row in rows]
            usable = [
                row["value"]
                for row, scope in zip(rows, scopes, strict=True)
                if scope in ("own", "example")
            ]
            if sorted(usable) != study.settled_values(pilot, variable):
                # two statements without a rule that settles them: unknown
                differing[pilot, variable] = usable[0] if len(usable) == 1 else None
    return differing


def _alternative_rows(study: Study, passes: Passes) -> list[Record]:
    rows = passes.alternatives()
    if problems := list(_problems(study, rows)):
        raise StudyError("\n".join(problems))
    return rows


def _problems(study: Study, rows: Iterable[Record]) -> Iterator[str]:
    main = study.main_outcome().variable
    for row in rows:
        status, value = row["alternative_status"], row["alternative_value"]
        allowed = study.codebook.variables[row["variable"]].allowed(status, value)
        if value == EXCLUDED and row["variable"] == main:
            allowed = None
        if allowed:
            yield bad_cell("passes/alternatives.csv", row, "alternative_value", allowed)


def _each_alone(study: Study, passes: Passes) -> Iterator[AlternativeCoding]:
    for row in _alternative_rows(study, passes):
        if row["wave"] != study.wave:
            continue
        name, pilot = str(row["line"]), row["pilot_id"]
        if row["alternative_value"] == EXCLUDED:
            yield AlternativeCoding("alternative", name, left_out=(pilot,))
        else:
            changes = {(pilot, row["variable"]): row["alternative_value"] or None}
            yield AlternativeCoding("alternative", name, changes)
