"""Other codings that could be defended: each pass alone, and each alternative value."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.study import noted
from analysis.study.base import scope_of
from analysis.study.cross_references import allowed_value
from analysis.study.errors import StudyError
from analysis.study.passes import Pass, Passes
from analysis.study.read_log import Read, ReadLog
from analysis.study.reader import Study
from analysis.study.tables import Record, bad_cell
from analysis.study.vocabulary import EXCLUDED

Cell = tuple[str, str]


@dataclass(frozen=True)
class Version:
    """One coding: `settled`, a pass alone, or one alternative value.

    `name`: of the pass, or the line of `alternatives.csv`. `changes`: cells with another value than
    the settled one, None for silent. `left_out`: pilots that this coding excludes.
    """

    kind: Literal["settled", "pass", "alternative"]
    name: str
    changes: Mapping[Cell, str | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def versions(study: Study, variables: Collection[str] | None = None) -> list[Version]:
    """Return the settled coding, each pass, and the settled one with each alternative.

    `variables`: compare the passes with the settled coding in these only, and read no other; None:
    in all that they coded.

    Raises:
        StudyError: see `Passes.all`; an alternative that is not allowed.
    """
    reader = passes_of(study)
    compared = [v for v in study.coded_variables() if variables is None or v in variables]
    alone = [Version("pass", p.name, _differences(study, p, compared)) for p in reader.all()]
    return [Version("settled", "settled"), *alone, *_alternatives(study, reader)]


def doubtful(study: Study, variable: str) -> dict[str, tuple[str, ...]]:
    """Return the pilots whose cell no pass coded with high confidence, with its possible values.

    The values: those settled or standing beside, and the alternatives. Asks for these cells.
    """
    reader = passes_of(study)
    passes, table = reader.all(), _alternative_rows(study, reader)
    found: dict[str, tuple[str, ...]] = {}
    for pilot in study.pilots:
        rows = [r for p in passes for r in p.codings[study.wave, pilot, variable]]
        if any(row["confidence"] == "high" for row in rows):
            continue
        given = [row["alternative_value"] for row in _of(table, study, (pilot, variable))]
        values = sorted({*_settled(study, (pilot, variable)), *given} - {""})
        if len(values) > 1:
            found[pilot] = tuple(values)
    study.levels(variable, found)
    return found


class _Noted(ReadLog):
    """Files of the passes, noted as the chain of classes notes them."""

    def read(self, read: Read) -> None:
        noted.note(read)


def passes_of(study: Study) -> Passes:
    """Return the passes of a study."""
    folder = study.folder / "passes"
    return Passes(folder, study.declared, study.codebook, study.pilots, _Noted())


def _differences(study: Study, given: Pass, variables: Iterable[str]) -> dict[Cell, str | None]:
    """Return the cells to which a pass gives another usable value than the settled one."""
    found: dict[Cell, str | None] = {}
    for variable in variables:
        for pilot in study.pilots:
            rows = given.codings.get((study.wave, pilot, variable), ())
            usable = [
                r["value"] for r in rows if study.declared.scope_of(r) in ("own", "example")
            ]
            cell = (pilot, variable)
            if sorted(usable) != _settled(study, cell):
                # two statements without a rule that settles them: unknown
                found[cell] = usable[0] if len(usable) == 1 else None
    return found


def _settled(study: Study, cell: Cell) -> list[str]:
    """Return the usable values of a cell, the one that stands beside it too."""
    rows = [study.settled[cell].row, *([study.others[cell]] if cell in study.others else [])]
    return sorted(r["value"] for r in rows if scope_of(r, study.declared) in ("own", "example"))


def _alternative_rows(study: Study, reader: Passes) -> list[Record]:
    rows = reader.alternatives()
    if problems := list(_problems(study, rows)):
        raise StudyError("\n".join(problems))
    return rows


def _problems(study: Study, table: list[Record]) -> Iterator[str]:
    main = study.main_outcome().variable
    for row in table:
        status, value = row["alternative_status"], row["alternative_value"]
        allowed = allowed_value(status, value, study.codebook.variables[row["variable"]])
        if value == EXCLUDED and row["variable"] == main:
            allowed = None
        if allowed:
            yield bad_cell("passes/alternatives.csv", row, "alternative_value", allowed)


def _of(table: list[Record], study: Study, cell: Cell) -> list[Record]:
    return [
        row
        for row in table
        if (row["wave"], row["pilot_id"], row["variable"]) == (study.wave, *cell)
    ]


def _alternatives(study: Study, reader: Passes) -> Iterator[Version]:
    for row in _alternative_rows(study, reader):
        if row["wave"] != study.wave:
            continue
        name, pilot = str(row["line"]), row["pilot_id"]
        if row["alternative_value"] == EXCLUDED:
            yield Version("alternative", name, left_out=(pilot,))
        else:
            changes = {(pilot, row["variable"]): row["alternative_value"] or None}
            yield Version("alternative", name, changes)
