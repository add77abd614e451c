"""The study as its users ask it: every question is noted, every answer is an array or a row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.study.cells import Cells
from analysis.study.outside import Outside
from analysis.study.record import Record

Silence = Literal["unknown", "absent", "absent_if_slow"]


@dataclass(frozen=True)
class Study(Outside):
    """One study at one wave, loaded and checked. Get it from `analysis.study.load.load`."""

    def outcome(self, pilots: Iterable[str] | None = None, *, open_list: bool = False) -> Cells:
        """Return the main outcome as 1 and 0.

        `open_list`: pilots that the declared open list may silently hold are unknown, not 0.
        """
        declared = self.declared.outcomes[self.declared.main_outcome]
        chosen = self._chosen(pilots)
        found = [self.value(p, declared.variable) for p in chosen]
        values = np.array([np.nan if v is None else float(v in declared.event) for v in found])
        self._note(declared.variable, chosen, ~np.isnan(values))
        if open_list and declared.open_list is not None:
            opened = declared.open_list
            batch = self.levels(opened.variable, chosen)
            hidden = np.array([batch[p] in opened.values for p in chosen]) & (values == 0)
            values = np.where(hidden, np.nan, values)
            self._note(declared.variable, chosen, ~np.isnan(values))
        return Cells(declared.variable, chosen, values, ~np.isnan(values))

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
    ) -> Cells:
        """Return a factor as 1 and 0, NaN where nothing usable says which.

        `window`: also use dated spells inside this declared window; they turn unknown into yes
        only. `recalled`: also use recalled levels. `level`: this level against the rest, instead
        of the declared contrast. Facts are filled in first, then the silence regime.
        """
        coded, chosen = self.contrast(name), self._chosen(pilots)
        yes = (level,) if level else coded.one
        no = () if level else coded.zero
        found = [self.value(p, coded.variable, group) for p in chosen]
        values = np.array([_as_number(v, yes, no) for v in found])
        known = ~np.isnan(values)
        if window is not None and self.factor_declared(name).spells is not None:
            silent = [p for p, k in zip(chosen, known, strict=True) if not k]
            answers = self.changed(window, roles, silent)
            facts = np.array([answers.get(p) is True for p in chosen])
            values, known = np.where(facts, 1.0, values), known | facts
        if recalled:
            for i in np.flatnonzero(np.isnan(values)):
                values[i] = _as_number(self.recalled_level(coded.variable, chosen[i]), yes, no)
        values = self._read_silence(values, chosen, silence)
        self._note(coded.variable, chosen, known, ~known & ~np.isnan(values))
        return Cells(coded.variable, chosen, values, known)

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
