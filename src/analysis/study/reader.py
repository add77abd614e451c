"""The study as its users ask it: every question is noted, every answer is an array or a row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.study.base import named
from analysis.study.cells import Cells
from analysis.study.outcomes import Outcomes
from analysis.study.ratio import by_year
from analysis.study.record import Record
from analysis.study.searched import kept
from analysis.study.vocabulary import LEVEL_OWN

Silence = Literal["unknown", "absent", "absent_if_slow"]
Sides = tuple[str, ...]


@dataclass(frozen=True)
class Study(Outcomes):
    """One study at one wave, loaded and checked. Get it from `analysis.study.load.load`."""

    @kept
    def factor(
        self,
        name: str,
        pilots: Iterable[str] | None = None,
        *,
        silence: Silence = "unknown",
        group: str = "example",
        window: str | None = None,
        roles: str = "notice",
        recalled: bool = False,
        level: str | None = None,
        grouping: str | None = None,
        figures: bool = False,
        parent: bool = False,
    ) -> Cells:
        """Return a factor as 1 and 0, NaN where nothing usable says which.

        `window`: also use dated spells inside this declared window; they turn unknown into yes
        only. `recalled`: also use recalled levels. `level`: this level against the rest, instead
        of the declared contrast; `grouping`: a grouping that the multiverse declares. `figures`:
        also use the declared ratio, cut as declared; `parent`: with a parent's figures too. Facts
        are filled in first, then the silence regime.
        """
        coded, chosen = self.contrast(name), self._chosen(pilots)
        yes, no = self._sides(name, level, grouping)
        found = self._values(coded.variable, chosen, group)
        values = np.array([_as_number(v, yes, no) for v in found])
        known = ~np.isnan(values)
        if window is not None and self.factor_declared(name).spells is not None:
            silent = [p for p, k in zip(chosen, known, strict=True) if not k]
            answers = self.changed(window, roles, silent)
            facts = np.array([answers.get(p) is True for p in chosen])
            values, known = np.where(facts, 1.0, values), known | facts
        if figures:
            for place, value in self._cut(name, chosen, parent).items():
                if np.isnan(values[place]):
                    values[place], known[place] = value
        if recalled:
            for i in np.flatnonzero(np.isnan(values)):
                values[i] = _as_number(self.recalled_level(coded.variable, chosen[i]), yes, no)
        values = self._read_silence(values, chosen, silence)
        self._note(coded.variable, chosen, known, ~known & ~np.isnan(values))
        return Cells(coded.variable, chosen, values, known)

    def _sides(self, name: str, level: str | None, grouping: str | None) -> tuple[Sides, Sides]:
        """Return the levels that count as 1, and as 0 (none: all others)."""
        if level is not None:
            return (level,), ()
        coded = self.contrast(name)
        if grouping is None:
            return coded.one, coded.zero
        place = f"study.yaml: multiverse: groupings: {name}"
        split = named(self.declared.multiverse.groupings.get(name, {}), grouping, place)
        return split.one, split.zero

    def _cut(
        self, name: str, chosen: tuple[str, ...], parent: bool
    ) -> dict[int, tuple[float, bool]]:
        """Return by place whether a pilot's figure is below the median, and if it is its own."""
        ratio = self.factor_declared(name).ratio
        if ratio is None or ratio.cut is None:
            return {}
        found = by_year(self, ratio, ratio.year, parent)
        median = np.median([value for _, value in found.values()]) if found else np.nan
        places = {pilot: i for i, pilot in enumerate(chosen)}
        return {
            places[p]: (float(value < median), row["level"] == LEVEL_OWN)
            for p, (row, value) in found.items()
            if p in places
        }

    def _read_silence(
        self, values: NDArray[np.float64], pilots: tuple[str, ...], silence: Silence
    ) -> NDArray[np.float64]:
        if silence == "unknown":
            return values
        if silence == "absent":
            return np.where(np.isnan(values), 0.0, values)
        slow = self.outcome(pilots).values == 1
        return np.where(np.isnan(values) & slow, 0.0, values)

    def changed_not_named(self, window: str, roles: str = "notice") -> tuple[str, ...]:
        """Return pilots outside the event whose posts are known to have changed hands.

        Asks only for the rows of the pilots that it returns: an existence, not a survey.
        """
        quiet = replace(self, record=Record())
        rest = quiet.outcome().where(0)
        found = tuple(p for p, a in quiet.changed(window, roles, rest).items() if a)
        self.changed(window, roles, found)
        return found


def _as_number(value: str | None, yes: tuple[str, ...], no: tuple[str, ...]) -> float:
    if value is None:
        return np.nan
    if value in yes:
        return 1.0
    return 0.0 if not no or value in no else np.nan
