"""The study as its users ask it: every question is noted, every answer is an array or a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

import numpy as np

from analysis.study import leadership
from analysis.study.cells import Cells
from analysis.study.declaration import Codebook, Contrast, Declaration, Factor, Outcome, Text
from analysis.study.errors import StudyError
from analysis.study.months import between, number
from analysis.study.record import CODINGS, Asked, Record
from analysis.study.schema import LEVEL_OWN, PROGRAMME
from analysis.study.table import Row, Table

Silence = Literal["unknown", "absent", "absent_if_slow"]
Scope = Literal["own", "example", "group", "general", "silent"]


@dataclass(frozen=True)
class Coding:
    """The settled value of one cell: `scope` says whether it may be used for this pilot."""

    value: str
    scope: Scope
    row: Row


@dataclass(frozen=True)
class Study:
    """One study at one wave, loaded and checked. Get it from `analysis.study.load.load`.

    `changes` holds recodings that a search tries; `record` notes what was asked.
    """

    name: str
    wave: str
    declared: Declaration
    codebook: Codebook
    tables: Mapping[str, Table]
    settled: Mapping[tuple[str, str], Coding]
    others: Mapping[tuple[str, str], Row]
    pilots: tuple[str, ...]
    changes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    record: Record = field(default_factory=Record)

    def with_changes(self, changes: Mapping[tuple[str, str], str]) -> "Study":
        """Return this study with some coded cells recoded, and a record of its own."""
        return replace(self, changes=dict(changes), record=Record())

    # names -----------------------------------------------------------------------------------

    def pilot_name(self, pilot: str, language: str, long: bool = False) -> str:
        """Return a pilot's name; `language` is `en` or `zh`."""
        rows = {row["pilot_id"]: row for row in self.tables["pilots.csv"].rows}
        return rows[pilot][f"{'long' if long else 'short'}_{language}"]

    def names(self, pilots: Iterable[str]) -> dict[str, str]:
        """Return the short names of pilots as one list in each language."""
        chosen = list(pilots)
        english = [self.pilot_name(p, "en") for p in chosen]
        chinese = [self.pilot_name(p, "zh") for p in chosen]
        joined = ", ".join(english[:-1]) + " and " + english[-1] if len(chosen) > 1 else "".join(english)
        return {"en": joined or "none", "zh": "、".join(chinese) or "无"}

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
        variable = self.contrast(factor).variable
        return all(self.settled[p, variable].scope in ("own", "example") for p in self.pilots)

    def source_row(self, source_id: str) -> Row:
        """Return the row of `sources.csv` for one source."""
        return next(r for r in self.tables["sources.csv"].rows if r["source_id"] == source_id)

    def factor_declared(self, name: str) -> Factor:
        """Return what `study.yaml` declares of a factor.

        Raises:
            StudyError: no such factor; the message lists those that exist.
        """
        if name not in self.declared.factors:
            known = ", ".join(self.declared.factors)
            raise StudyError(f"study.yaml: factors: no {name!r}; declared: {known}")
        return self.declared.factors[name]

    # coded cells -----------------------------------------------------------------------------

    def _chosen(self, pilots: Iterable[str] | None) -> tuple[str, ...]:
        if pilots is None:
            return self.pilots
        wanted = set(pilots)
        if unknown := wanted - set(self.pilots):
            raise StudyError(f"pilots.csv: no pilot {sorted(unknown)}; pilots: {self.pilots}")
        return tuple(p for p in self.pilots if p in wanted)

    def value(self, pilot: str, variable: str, group: str = "example") -> str | None:
        """Return a cell's settled level or number as text; None if silent or not usable.

        `group`: `example` uses a statement about a group where the text names the pilot as its
        example, `none` leaves all statements about groups out.
        """
        if (pilot, variable) in self.changes:
            return self.changes[pilot, variable]
        coding = self.settled.get((pilot, variable))
        usable = coding is not None and (
            coding.scope == "own" or (coding.scope == "example" and group == "example")
        )
        return coding.value if coding is not None and usable else None

    def _note(
        self, variable: str, pilots: Iterable[str], known: Iterable[bool], filled: Iterable[bool] = ()
    ) -> None:
        self.record.note(
            Asked(CODINGS, self.settled[p, variable].row.line, p, variable, bool(k), bool(f))
            for p, k, f in zip_longest(pilots, known, filled, fillvalue=False)
            if (p, variable) in self.settled
        )

    def numbers(self, variable: str, pilots: Iterable[str] | None = None) -> Cells:
        """Return a count, sum of money or stage as numbers; NaN where the text is silent."""
        chosen = self._chosen(pilots)
        found = [self.value(p, variable) for p in chosen]
        values = np.array([np.nan if v is None else float(v) for v in found])
        known = ~np.isnan(values)
        self._note(variable, chosen, known)
        return Cells(variable, chosen, values, known)

    def levels(self, variable: str, pilots: Iterable[str] | None = None) -> dict[str, str | None]:
        """Return the level of each pilot; None where the text is silent."""
        chosen = self._chosen(pilots)
        found = {p: self.value(p, variable) for p in chosen}
        self._note(variable, chosen, [v is not None for v in found.values()])
        return found

    def having(self, *variables: str) -> tuple[str, ...]:
        """Return the pilots for which the text gives all of `variables` (asks nothing of them)."""
        return tuple(p for p in self.pilots if all(self.value(p, v) is not None for v in variables))

    def statuses(self, variables: Iterable[str] | None = None) -> dict[tuple[str, str], str]:
        """Return the status of each cell, a passage of `general_passages` as `general`.

        Default: every variable that the passes coded. A status is known even where the value
        is not. Keys: (pilot, variable).
        """
        chosen = list(variables) if variables is not None else self.coded_variables()
        found = {}
        for variable in chosen:
            self._note(variable, self.pilots, [True] * len(self.pilots))
            for pilot in self.pilots:
                coding = self.settled[pilot, variable]
                general = coding.scope == "general"
                found[pilot, variable] = "general" if general else coding.row["status"]
        return found

    def coded_variables(self) -> list[str]:
        """Return the variables that every pass coded, in the codebook's order."""
        return [n for n, v in self.codebook.variables.items() if v.coded == "passes"]

    def contradictions(self, variable: str | None = None) -> dict[tuple[str, str], Row]:
        """Return the value that was not settled on, for each contradictory cell, and ask for it."""
        found = {k: r for k, r in self.others.items() if variable in (None, k[1])}
        self.record.note(Asked(CODINGS, r.line, k[0], k[1], True) for k, r in found.items())
        self.record.note(
            Asked(CODINGS, self.settled[k].row.line, k[0], k[1], True) for k in found
        )
        return found

    def programme(self, variable: str) -> Row:
        """Return the statement about the whole programme that carries `variable`."""
        row = self.settled[PROGRAMME, variable].row
        self.record.note([Asked(CODINGS, row.line, PROGRAMME, variable, True)])
        return row

    # outcome and factor ----------------------------------------------------------------------

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

    def main_outcome(self) -> Outcome:
        """Return what `study.yaml` declares of the main outcome."""
        return self.declared.outcomes[self.declared.main_outcome]

    def contrast(self, name: str) -> Contrast:
        """Return how a factor's coded variable is split into 1 and 0."""
        return self.factor_declared(name).coded

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
            levels = {p: self.recalled_level(coded.variable, p) for p in chosen}
            filled = np.array([_as_number(levels[p], yes, no) for p in chosen])
            values = np.where(np.isnan(values), filled, values)
        values = self._read_silence(values, chosen, silence)
        self._note(coded.variable, chosen, known, ~known & ~np.isnan(values))
        return Cells(coded.variable, chosen, values, known)

    def _read_silence(
        self, values: np.ndarray, pilots: tuple[str, ...], silence: Silence
    ) -> np.ndarray:
        if silence == "unknown":
            return values
        if silence == "absent":
            return np.where(np.isnan(values), 0.0, values)
        slow = self.outcome(pilots).values == 1
        return np.where(np.isnan(values) & slow, 0.0, values)

    # facts from other sources ----------------------------------------------------------------

    def window_of(self, window: str, pilot: str) -> tuple[int, int] | None:
        """Return first and last month of a declared window for a pilot, as numbers.

        None where the window starts with a designation whose batch the text does not give.
        """
        declared = self.declared.windows[window]
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
        for pilot in self._chosen(pilots):
            rows = [r for r in table.rows if r["pilot_id"] == pilot]
            spells = [leadership.spell(r, r.line) for r in rows if r["status"] != "recalled"]
            months = self.window_of(window, pilot)
            wanted = self.declared.roles[roles]
            answer = leadership.changed(spells, wanted, *months) if months else None
            used = [s for s in spells if s.role in wanted]
            self.record.note(
                Asked("leaders.csv", s.line, pilot, s.role, answer is not None) for s in used
            )
            answers[pilot] = answer
        return answers

    def changed_not_named(self, window: str, roles: str = "notice") -> tuple[str, ...]:
        """Return pilots outside the event whose posts are known to have changed hands.

        Asks only for the rows of the pilots that it returns: an existence, not a survey.
        """
        quiet = replace(self, record=Record())
        rest = quiet.outcome().where(0)
        found = tuple(p for p, a in quiet.changed(window, roles, rest).items() if a)
        self.changed(window, roles, found)
        return found

    def recalled_level(self, variable: str, pilot: str) -> str | None:
        """Return a recalled level of a coded variable; noted as unknown, as every recollection."""
        for row in self.tables["context.csv"].rows:
            if (row["pilot_id"], row["variable"], row["status"]) == (pilot, variable, "recalled"):
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
        found: dict[str, Row] = {}
        for row in self.tables["context.csv"].rows:
            own = row["level"] == LEVEL_OWN
            fits = row["variable"] == variable and year in (None, int(row["year"] or 0))
            if fits and row["status"].startswith("verified") and (own or parent):
                held = found.get(row["pilot_id"])
                if held is None or (own and held["level"] != LEVEL_OWN):
                    found[row["pilot_id"]] = row
        ordered = {p: found[p] for p in self._chosen(pilots) if p in found}
        self.record.note(
            Asked("context.csv", r.line, p, variable, own := r["level"] == LEVEL_OWN, not own)
            for p, r in ordered.items()
        )
        return ordered

    def rates(self, event: str, window: str) -> dict[str, Row]:
        """Return how common an event is in each population, in a declared window. Keys: populations."""
        declared = self.declared.windows[window]
        found = {
            row["population"]: row
            for row in self.tables["rates.csv"].rows
            if (row["event"], row["window_start"], row["window_end"])
            == (event, declared.start, declared.end)
        }
        self.record.note(
            Asked("rates.csv", r.line, p, event, True) for p, r in found.items()
        )
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


def _as_number(value: str | None, yes: tuple[str, ...], no: tuple[str, ...]) -> float:
    if value is None:
        return np.nan
    if value in yes:
        return 1.0
    return 0.0 if not no or value in no else np.nan
