"""What other sources say: dated spells in office, figures, base rates, designation dates."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.study import leadership
from analysis.study.base import named
from analysis.study.cells import Cells
from analysis.study.coded import Coded
from analysis.study.months import between, number
from analysis.study.record import Asked
from analysis.study.table import Row
from analysis.study.vocabulary import LEVEL_OWN


@dataclass(frozen=True)
class Outside(Coded):
    """A study that answers for facts from other sources too."""

    def window_of(self, window: str, pilot: str) -> tuple[int, int] | None:
        """Return first and last month of a declared window for a pilot, as numbers.

        None where the window starts with a designation whose batch the text does not give.
        """
        declared = named(self.declared.windows, window, "study.yaml: windows")
        end = self.declared.waves[self.wave].month if declared.end == "wave" else declared.end
        if declared.start != "designation":
            return number(declared.start), number(end)
        batch = self.declared.batches.get(self.value(pilot, self.declared.batch_variable) or "")
        return None if batch is None else (number(batch.announced), number(end))

    def changed(
        self, window: str, roles: str = "notice", pilots: Iterable[str] | None = None
    ) -> dict[str, bool | None]:
        """Return whether a post of the declared `roles` changed hands inside a window.

        A parent's leaders are never a pilot's. Rows asked for are noted as known where they
        settle the answer. Keys: pilots.
        """
        table, answers = self.tables["leaders.csv"], {}
        wanted = named(self.declared.roles, roles, "study.yaml: roles")
        for pilot in self._chosen(pilots):
            rows = [r for r in table.of(pilot) if r["status"] != "recalled"]
            spells = [leadership.spell(r, r.line) for r in rows]
            months = self.window_of(window, pilot)
            answer = leadership.changed(spells, wanted, *months) if months else None
            used = [s for s in spells if s.role in wanted]
            self.record.note(
                Asked("leaders.csv", s.line, pilot, s.role, answer is not None) for s in used
            )
            answers[pilot] = answer
        return answers

    def recalled_level(self, variable: str, pilot: str) -> str | None:
        """Return a recalled level of a coded variable; noted as unknown, as every recollection."""
        for row in self.tables["context.csv"].of(pilot):
            if (row["variable"], row["status"]) == (variable, "recalled"):
                self.record.note([Asked("context.csv", row.line, pilot, variable, False, True)])
                return row["value"]
        return None

    def facts(
        self,
        variable: str,
        year: int | None = None,
        *,
        parent: bool = False,
        pilots: Iterable[str] | None = None,
    ) -> dict[str, Row]:
        """Return one verified fact for each pilot that has it, its own first.

        `parent`: a parent's figure stands in where a pilot has none of its own; such a row is
        noted as unknown. Missing and recalled rows are left out.
        """
        chosen = self._chosen(pilots)
        found: dict[str, Row] = {}
        for pilot in chosen:
            for row in self.tables["context.csv"].of(pilot):
                if row["variable"] != variable or year not in (None, int(row["year"] or 0)):
                    continue
                own = row["level"] == LEVEL_OWN
                if row["status"].startswith("verified") and (own or parent):
                    held = found.get(pilot)
                    if held is None or (own and held["level"] != LEVEL_OWN):
                        found[pilot] = row
        ordered = {p: found[p] for p in chosen if p in found}
        self.record.note(
            Asked("context.csv", r.line, p, variable, own := r["level"] == LEVEL_OWN, not own)
            for p, r in ordered.items()
        )
        return ordered

    def rates(self, event: str, window: str) -> dict[str, Row]:
        """Return how common an event is in a declared window. Keys: populations."""
        declared = named(self.declared.windows, window, "study.yaml: windows")
        found = {
            row["population"]: row
            for row in self.tables["rates.csv"].rows
            if (row["event"], row["window_start"], row["window_end"])
            == (event, declared.start, declared.end)
        }
        self.record.note(Asked("rates.csv", r.line, p, event, True) for p, r in found.items())
        return found

    def months_exposed(self, *, recalled: bool = False) -> Cells:
        """Return the months from designation to the wave; NaN where the batch is not one value."""
        variable, end = self.declared.batch_variable, self.declared.waves[self.wave].month
        values, known = [], []
        for pilot, level in self.levels(variable).items():
            batch = self.declared.batches.get(level or "")
            if batch is None and recalled:
                batch = self.declared.batches.get(self.recalled_level(variable, pilot) or "")
                known.append(False)
            else:
                known.append(batch is not None)
            values.append(np.nan if batch is None else float(between(batch.announced, end)))
        return Cells(variable, self.pilots, np.array(values), np.array(known))
