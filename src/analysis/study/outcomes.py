"""Which pilots have the outcome, as declared or in one of the versions of the multiverse."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.study.base import named
from analysis.study.cells import Cells
from analysis.study.declaration import OutcomeVersion
from analysis.study.outside import Outside
from analysis.study.searched import kept


@dataclass(frozen=True)
class Outcomes(Outside):
    """A study that answers for its outcome."""

    @kept
    def outcome(
        self,
        pilots: Iterable[str] | None = None,
        *,
        open_list: bool = False,
        version: str | None = None,
    ) -> Cells:
        """Return the outcome as 1 and 0: the main one, or a declared `version` of it.

        `open_list`: pilots that the declared open list may silently hold are unknown, not 0.

        Raises:
            StudyError: no such version; the message lists those that exist.
        """
        chosen = self._chosen(pilots)
        if version is None:
            return self._main(chosen, "open_list" if open_list else "none")
        place = "study.yaml: multiverse: outcomes"
        declared = named(self.declared.multiverse.outcomes, version, place)
        if declared.stage_at_most is None:
            return self._main(chosen, declared.unknown)
        return self._by_stage(chosen, declared)

    def _main(self, chosen: tuple[str, ...], unknown: str) -> Cells:
        declared = self.declared.outcomes[self.declared.main_outcome]
        found = self._values(declared.variable, chosen)
        values = np.array([np.nan if v is None else float(v in declared.event) for v in found])
        self._note(declared.variable, chosen, ~np.isnan(values))
        if unknown != "none":
            hidden = values == 0
            if unknown == "open_list":
                hidden &= self._may_be_listed(chosen)
            values = np.where(hidden, np.nan, values)
            self._note(declared.variable, chosen, ~np.isnan(values))
        return Cells(declared.variable, chosen, values, ~np.isnan(values))

    def _may_be_listed(self, chosen: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which pilots the open list of the main outcome may hold without naming them."""
        opened = self.main_outcome().open_list
        if opened is None:
            return np.zeros(len(chosen), dtype=bool)
        batch = self.levels(opened.variable, chosen)
        return np.array([batch[p] in opened.values for p in chosen])

    def _by_stage(self, chosen: tuple[str, ...], version: OutcomeVersion) -> Cells:
        variable = self.declared.outcomes[self.declared.stage_outcome].variable
        stages = self.numbers(variable, chosen).values.copy()
        if version.statement == "other":
            differing = self.contradictions(variable)
            # read above: the recodings of this variable decide below
            for i, pilot in enumerate(chosen):
                cell = (pilot, variable)
                if cell in differing and cell not in self.changes:
                    stages[i] = float(differing[cell]["value"])
        slow = np.where(np.isnan(stages), np.nan, stages <= (version.stage_at_most or 0))
        return Cells(variable, chosen, slow, ~np.isnan(slow))
