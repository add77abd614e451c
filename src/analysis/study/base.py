"""What a study holds, and its names: the ground on which questions are answered."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from analysis.study.codebook import Codebook, Text, Variable
from analysis.study.declaration import Contrast, Declaration, Factor, Outcome, Scope
from analysis.study.errors import StudyError
from analysis.study.errors import declared as named
from analysis.study.record import Record
from analysis.study.table import Row, Table

__all__ = ["Base", "Coding", "named", "scope_of"]

# pilots up to which a sentence names them all, and how many it names of more
MOST_NAMED, FIRST_NAMED = 15, 8


@dataclass(frozen=True)
class Coding:
    """The settled coding of one cell; what it holds is read when it is asked for."""

    row: Row
    usable: Scope

    @property
    def value(self) -> str:
        """Return the level or number as text."""
        return self.row["value"]

    @property
    def scope(self) -> Scope:
        """Return whether it may be used for its pilot; that is read from its row."""
        self.row.read()
        return self.usable


def scope_of(row: Row, declared: Declaration) -> Scope:
    """Return whether a coded row may be used for its pilot."""
    return declared.scope_of(row)


@dataclass(frozen=True)
class Base:
    """The tables and declarations of one study at one wave.

    `settled`: the codings in force; `others`: the second row of a contradictory cell, both by
    (pilot, variable). `changes` holds recodings that a search tries, None for silent; `record`
    notes what was asked.
    """

    name: str
    wave: str
    declared: Declaration
    codebook: Codebook
    tables: Mapping[str, Table]
    settled: Mapping[tuple[str, str], Coding]
    others: Mapping[tuple[str, str], Row]
    pilots: tuple[str, ...]
    folder: Path
    changes: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    # what recodings do not change, by question: the recoded copies of a search share it
    unchanged: dict[object, Any] = field(default_factory=dict, repr=False)
    record: Record = field(default_factory=Record)

    def with_changes(
        self, changes: Mapping[tuple[str, str], str | None], record: Record | None = None
    ) -> Self:
        """Return this study with some coded cells recoded, and a record of its own or `record`."""
        # a search makes tens of thousands; dataclasses.replace takes ten times as long
        changed = object.__new__(type(self))
        changed.__dict__.update(vars(self), changes=dict(changes), record=record or Record())
        return changed

    def recoded(self, variables: Collection[str]) -> tuple[tuple[tuple[str, str], str | None], ...]:
        """Return the recodings of some variables' cells."""
        return tuple(change for change in self.changes.items() if change[0][1] in variables)

    def pilot_name(self, pilot: str, language: str, long: bool = False) -> str:
        """Return a pilot's name; `language` is `en` or `zh`."""
        (row,) = self.tables["pilots.csv"].of(pilot)
        return row[f"{'long' if long else 'short'}_{language}"]

    def names(self, pilots: Iterable[str]) -> dict[str, str]:
        """Return the short names of pilots as one list in each language.

        Of many, only the first few are named and the others counted.
        """
        chosen = list(pilots)
        rest = len(chosen) - FIRST_NAMED if len(chosen) > MOST_NAMED else 0
        shown = chosen[: len(chosen) - rest]
        english = [self.pilot_name(p, "en") for p in shown] + ([f"{rest} more"] if rest else [])
        chinese = "、".join(self.pilot_name(p, "zh") for p in shown)
        joined = " and ".join(part for part in (", ".join(english[:-1]), *english[-1:]) if part)
        return {
            "en": joined or "none",
            "zh": f"{chinese}等{len(chosen)}个" if rest else chinese or "无",
        }

    def words(self, factor: str) -> dict[str, Text]:
        """Return the words of a factor for a sentence: label, question, and its two sides."""
        declared = self.factor_declared(factor)
        coded = declared.coded
        return {
            "label": declared.label,
            "question": declared.question,
            "yes": coded.yes_label,
            "no": coded.no_label,
        }

    def fully_coded(self, factor: str) -> bool:
        """Return whether the text gives every pilot's value of a factor (asks nothing)."""
        if self.record.detailed or factor not in self.unchanged:
            settled = (self.settled[p, self.contrast(factor).variable] for p in self.pilots)
            self.unchanged[factor] = all(c.scope in ("own", "example") for c in settled)
        found: bool = self.unchanged[factor]
        return found

    def source_row(self, source_id: str) -> Row:
        """Return the row of `sources.csv` for one source."""
        rows = self.tables["sources.csv"].rows
        return next(row for row in rows if row["source_id"] == source_id)

    def factor_declared(self, name: str) -> Factor:
        """Return what `study.yaml` declares of a factor.

        Raises:
            StudyError: no such factor; the message lists those that exist.
        """
        return named(self.declared.factors, name, "study.yaml: factors")

    def main_outcome(self) -> Outcome:
        """Return what `study.yaml` declares of the main outcome."""
        return self.declared.outcomes[self.declared.main_outcome]

    def contrast(self, name: str) -> Contrast:
        """Return how a factor's coded variable is split into 1 and 0."""
        return self.factor_declared(name).coded

    def variable(self, name: str) -> Variable:
        """Return what the codebook says of a variable.

        Raises:
            StudyError: no such variable; the message lists those that exist.
        """
        return named(self.codebook.variables, name, "codebook.yaml: variables")

    def _chosen(self, pilots: Iterable[str] | None) -> tuple[str, ...]:
        if pilots is None:
            return self.pilots
        wanted = set(pilots)
        if unknown := wanted - set(self.pilots):
            known, names = ", ".join(self.pilots), ", ".join(sorted(unknown))
            raise StudyError(f"pilots.csv: no pilot {names}; there: {known}")
        return tuple(p for p in self.pilots if p in wanted)
