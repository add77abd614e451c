"""What the text says: coded cells, each question noted in the record."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from analysis.study.base import Base, named
from analysis.study.cells import Cells
from analysis.study.codebook import Variable
from analysis.study.errors import StudyError
from analysis.study.record import CODINGS, Asked
from analysis.study.table import Row
from analysis.study.vocabulary import PROGRAMME


@dataclass(frozen=True)
class Coded(Base):
    """A study that answers for its codings."""

    def value(self, pilot: str, variable: str, group: str = "example") -> str | None:
        """Return a cell's settled level or number as text; None if silent or not usable.

        `group`: `example` uses a statement about a group where the text names the pilot as its
        example, `none` leaves all statements about groups out.
        """
        self.record.touched.add(variable)
        if (pilot, variable) in self.changes:
            return self.changes[pilot, variable]
        coding = self.settled.get((pilot, variable))
        usable = coding is not None and (
            coding.scope == "own" or (coding.scope == "example" and group == "example")
        )
        return coding.value if coding is not None and usable else None

    def _values(
        self, variable: str, pilots: tuple[str, ...], group: str = "example"
    ) -> list[str | None]:
        """Return what `value` gives for each of many pilots.

        A search, whose record keeps no details, reads what it does not change once.
        """
        self.record.touched.add(variable)
        if self.record.detailed:
            return [self.value(p, variable, group) for p in pilots]
        key = (variable, pilots, group)
        if key not in self.unchanged:
            settled = replace(self, changes={})
            self.unchanged[key] = [settled.value(p, variable, group) for p in pilots]
        found = list(self.unchanged[key])
        for (pilot, name), value in self.changes.items():
            if name == variable and pilot in pilots:
                found[pilots.index(pilot)] = value
        return found

    def _asked(self, variable: str, pilots: Iterable[str] | None) -> tuple[str, ...]:
        """Return the pilots asked for; a variable need only exist where any pilot is asked."""
        chosen = self._chosen(pilots)
        if chosen:
            self.variable(variable)
        return chosen

    def _note(
        self,
        variable: str,
        pilots: Iterable[str],
        known: Iterable[bool],
        filled: Iterable[bool] = (),
    ) -> None:
        chosen, assumed = tuple(pilots), list(filled)
        if not self.record.detailed and self._all_settled(variable, chosen):
            self.record.tally(all(known), any(assumed))
            return
        assumed = assumed or [False] * len(chosen)
        self.record.note(
            Asked(CODINGS, self.settled[p, variable].row.line, p, variable, bool(k), bool(f))
            for p, k, f in zip(chosen, known, assumed, strict=True)
            if (p, variable) in self.settled
        )

    def _all_settled(self, variable: str, pilots: tuple[str, ...]) -> bool:
        key = (variable, pilots)
        if key not in self.unchanged:
            self.unchanged[key] = all((p, variable) in self.settled for p in pilots)
        found: bool = self.unchanged[key]
        return found

    def numbers(self, variable: str, pilots: Iterable[str] | None = None) -> Cells:
        """Return a count, sum of money or stage as numbers; NaN where the text is silent.

        Raises:
            StudyError: no such variable, or it holds words.
        """
        chosen = self._asked(variable, pilots)
        kind = self.codebook.variables.get(variable)
        if kind is not None and not _numeric(kind):
            raise StudyError(f"codebook.yaml: {variable}: kind {kind.kind} holds no numbers")
        found = self._values(variable, chosen)
        values = np.array([np.nan if v is None else float(v) for v in found])
        known = ~np.isnan(values)
        self._note(variable, chosen, known)
        return Cells(variable, chosen, values, known)

    def levels(self, variable: str, pilots: Iterable[str] | None = None) -> dict[str, str | None]:
        """Return the level of each pilot; None where the text is silent.

        Raises:
            StudyError: no such variable.
        """
        chosen = self._asked(variable, pilots)
        found = {p: self.value(p, variable) for p in chosen}
        self._note(variable, chosen, [v is not None for v in found.values()])
        return found

    def having(self, *variables: str) -> tuple[str, ...]:
        """Return the pilots for which the text gives all of `variables` (asks nothing of them)."""
        return tuple(p for p in self.pilots if all(self.value(p, v) is not None for v in variables))

    def statuses(
        self, variables: Iterable[str] | None = None, pilots: Iterable[str] | None = None
    ) -> dict[tuple[str, str], str]:
        """Return the status of each cell, a passage of `general_passages` as `general`.

        Default: every variable that the passes coded, every pilot. A status is known even where the
        value is not. Keys: (pilot, variable).
        """
        chosen = list(variables) if variables is not None else self.coded_variables()
        of, found = self._chosen(pilots), {}
        for variable in chosen:
            self.variable(variable)
            self._note(variable, of, [True] * len(of))
            for pilot in of:
                coding = self.settled[pilot, variable]
                general = coding.scope == "general"
                found[pilot, variable] = "general" if general else coding.row["status"]
        return found

    def coded_variables(self) -> list[str]:
        """Return the variables that every pass coded, in the codebook's order."""
        return [n for n, v in self.codebook.variables.items() if v.coded == "passes"]

    def known_for_all(self) -> list[str]:
        """Return the factors that are known for every pilot, in the order declared."""
        found = []
        for name, factor in self.declared.factors.items():
            statuses = self.statuses([factor.coded.variable])
            if self.fully_coded(name) and "silent" not in statuses.values():
                found.append(name)
        return found

    def contradictions(
        self, variable: str | None = None, pilots: Iterable[str] | None = None
    ) -> dict[tuple[str, str], Row]:
        """Return the value that was not settled on, for each contradictory cell, and ask for it."""
        of = self._chosen(pilots)
        found = {k: r for k, r in self.others.items() if variable in (None, k[1]) and k[0] in of}
        self.record.note(Asked(CODINGS, r.line, k[0], k[1], True) for k, r in found.items())
        self.record.note(Asked(CODINGS, self.settled[k].row.line, k[0], k[1], True) for k in found)
        return found

    def programme(self, variable: str) -> Row:
        """Return the statement about the whole programme that carries `variable`.

        Raises:
            StudyError: no such variable, or it is said of single pilots.
        """
        self.variable(variable)
        said = {v: c for (p, v), c in self.settled.items() if p == PROGRAMME}
        row = named(said, variable, "codings.csv: variables of the whole programme").row
        self.record.note([Asked(CODINGS, row.line, PROGRAMME, variable, True)])
        return row


def _numeric(variable: Variable) -> bool:
    """Whether a variable holds numbers, or levels that are."""
    return variable.kind in ("count", "money") or (
        variable.kind == "levels" and all(level.isdecimal() for level in variable.levels)
    )
