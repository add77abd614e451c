"""A study as its users ask it: every question is noted, every answer is a Series or a frame."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import alternative_codings, external_facts, passes
from analysis.study.codebook import Codebook, Names, Text, Variable
from analysis.study.declaration import Declaration, Factor, Outcome, OutcomeVersion, Scope
from analysis.study.errors import StudyError, declared
from analysis.study.read_log import Evidence, ReadLog, cached_by_cells
from analysis.study.tables import Record, records
from analysis.study.vocabulary import CODINGS, KEPT_BESIDE, PROGRAMME

Silence = Literal["unknown", "absent", "absent_if_slow"]
Cell = tuple[str, str]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
# pilots up to which a sentence names them all, and how many it names of more
MOST_NAMED, FIRST_NAMED = 15, 8


class Coding(NamedTuple):
    """A coded row: its line, level or number as text, status, and how it may be used."""

    line: int
    value: str
    status: str
    scope: Scope
    key: Cell


class Labels(dict[Any, str]):
    """Words of values in one language; a number and its text mean the same level."""

    def __missing__(self, value: Any) -> Any:
        return {_as_text(each): words for each, words in self.items()}.get(_as_text(value), np.nan)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


class Study:
    """One study at one wave. Get it from `analysis.open_study(study, wave)`.

    Ask for data: `outcome`, `factor`, `numbers`, `levels` (a Series by pilot), `frame` (several
    side by side). For the coding: `statuses`, `codings`, `contradictions`, `programme`,
    `projects`, `ratings`, `alternatives`, `doubtful`. For other sources: `facts`, `ratio`,
    `rates`, `spells`, `changed`, `months_exposed`. For words: `label`, `labels`, `names`,
    `pilot_names`. What is declared of the study stands in `declared` and `codebook`.

    Series are indexed by pilot in the notice's order and have float64 with NaN where a value is not
    known; levels are ordered categoricals. Each question is noted in `log` when it is asked: what a
    notebook's cell asks for is the evidence of its claim.
    """

    def __init__(
        self,
        name: str,
        wave: str,
        declared: Declaration,
        codebook: Codebook,
        tables: Mapping[str, pd.DataFrame],
        folder: Path,
    ) -> None:
        """Hold checked tables; `analysis.study.load.load_study` reads and checks them."""
        self.name, self.wave, self.folder = name, wave, folder
        self.declared, self.codebook, self.languages = declared, codebook, declared.languages
        self.tables = tables
        in_order = tables["pilots.csv"].sort_values("order", key=lambda order: order.astype(int))
        self.pilots = pd.Index(list(in_order["pilot_id"]), name="pilot")
        self._every = tuple(self.pilots)
        self._settled: dict[Cell, Coding] = {}
        self._others: dict[Cell, Coding] = {}
        for row in records(tables[CODINGS]):
            if row["wave"] == wave:
                key = (row["pilot_id"], row["variable"])
                beside = row["settled_by"].startswith(KEPT_BESIDE)
                coding = Coding(
                    row["line"], row["value"], row["status"], declared.scope_of(row), key
                )
                (self._others if beside else self._settled)[key] = coding
        self.log = ReadLog()
        # recodings that a search tries, None for silent
        self.changes: Mapping[Cell, str | None] = {}
        # whether answers are plain arrays in place of Series
        self.arrays = False
        # what recodings do not change, and answers by recodings: shared by the copies of a search
        self.cache: dict[Any, Any] = {}

    def __repr__(self) -> str:
        factors = ", ".join(self.declared.factors)
        return f"<Study {self.name}, wave {self.wave}: {len(self.pilots)} pilots; {factors}>"

    # --- the outcome and what may explain it

    @cached_by_cells
    def outcome(
        self,
        pilots: Iterable[str] | None = None,
        *,
        open_list: bool = False,
        version: str | None = None,
    ) -> pd.Series[float]:
        """Return the outcome as 1 and 0: the main one, or a declared `version` of it.

        `open_list`: pilots that the declared open list may silently hold are unknown, not 0.

        Raises:
            StudyError: no such version or pilot; the message lists those that exist.
        """
        chosen = self._chosen(pilots)
        if version is None:
            return self._main_outcome(chosen, "open_list" if open_list else "none")
        place = "study.yaml: multiverse: outcomes"
        wanted = declared(self.declared.multiverse.outcomes, version, place)
        if wanted.stage_at_most is None:
            return self._main_outcome(chosen, wanted.unknown)
        return self._outcome_by_stage(chosen, wanted)

    def _main_outcome(self, chosen: tuple[str, ...], unknown: str) -> pd.Series[float]:
        main = self.main_outcome()
        values = self._named_values(main.variable, chosen, main.event)
        self._note(main.variable, chosen, ~np.isnan(values))
        if unknown != "none":
            hidden = values == 0
            if unknown == "open_list":
                hidden &= self._may_be_listed(chosen)
            values = np.where(hidden, np.nan, values)
            self._note(main.variable, chosen, ~np.isnan(values))
        return self._series(main.variable, chosen, values)

    def _may_be_listed(self, chosen: tuple[str, ...]) -> Truths:
        """Return which pilots the open list of the main outcome may hold without naming them."""
        opened = self.main_outcome().open_list
        if opened is None:
            return np.zeros(len(chosen), dtype=bool)
        batches = self._texts(opened.variable, chosen)
        self._note(opened.variable, chosen, [batch is not None for batch in batches])
        return np.array([batch in opened.values for batch in batches], dtype=bool)

    def _outcome_by_stage(
        self, chosen: tuple[str, ...], version: OutcomeVersion
    ) -> pd.Series[float]:
        variable = self.declared.outcomes[self.declared.stage_outcome].variable
        stages = self._numbers(variable, chosen)
        if version.statement == "other":
            differing = self._contradicted(variable, self._every)
            # read above: the recodings of this variable decide
            for i, pilot in enumerate(chosen):
                cell = (pilot, variable)
                if cell in differing and cell not in self.changes:
                    self._read(differing[cell])
                    stages[i] = float(differing[cell].value)
        slow = np.where(np.isnan(stages), np.nan, stages <= (version.stage_at_most or 0))
        return self._series(variable, chosen, slow)

    @cached_by_cells
    def factor(
        self,
        name: str,
        pilots: Iterable[str] | None = None,
        *,
        silence: Silence = "unknown",
        group: str = "example",
        window: str | None = None,
        roles: str = "notice",
        use_unverified: bool = False,
        level: str | None = None,
        grouping: str | None = None,
        use_ratio: bool = False,
        use_parent_figures: bool = False,
    ) -> pd.Series[float]:
        """Return a factor as 1 and 0, NaN where nothing usable says which.

        `silence`: how a silent cell is read (`absent`: as 0; `absent_if_slow`: so where the pilot
        has the outcome). `group`: `example` uses a statement about a group where the text names the
        pilot as its example, `none` leaves such statements out. `window`: also use dated spells
        of `roles` inside this declared window; they turn unknown into 1 only. `use_unverified`:
        also use recalled levels. `level`: this level against the rest, instead of the declared
        contrast; `grouping`: a grouping that the multiverse declares. `use_ratio`: also use the
        declared ratio, cut as declared, `use_parent_figures`: with a parent's figures too. Facts
        are filled in first, then the silence regime.

        Raises:
            StudyError: no such factor, pilot, grouping, window; the message lists those that exist.
        """
        variable, chosen = self.factor_declared(name).coded.variable, self._chosen(pilots)
        one, zero = self._sides(name, level, grouping)
        values = self._named_values(variable, chosen, one, zero, group)
        known = ~np.isnan(values)
        if window is not None and self.factor_declared(name).spells is not None:
            self._fill_dated(values, known, chosen, window, roles)
        if use_ratio:
            self._fill_by_ratio(values, known, chosen, name, use_parent_figures)
        if use_unverified:
            for i in np.flatnonzero(np.isnan(values)):
                recalled = external_facts.unverified_level(self, variable, chosen[i])
                values[i] = _as_number(recalled, one, zero)
        values = self._read_silence(values, chosen, silence)
        self._note(variable, chosen, known, ~known & ~np.isnan(values))
        return self._series(name, chosen, values)

    def _fill_dated(
        self, values: Floats, known: Truths, chosen: tuple[str, ...], window: str, roles: str
    ) -> None:
        """Put 1 where a value is not known and a post is known to have changed hands."""
        silent = [pilot for pilot, k in zip(chosen, known, strict=True) if not k]
        answers = external_facts.changed(self, window, roles, silent)
        dated = np.array([answers.get(pilot) is True for pilot in chosen], dtype=bool)
        values[dated], known[dated] = 1.0, True

    def _fill_by_ratio(
        self, values: Floats, known: Truths, chosen: tuple[str, ...], name: str, use_parent: bool
    ) -> None:
        """Put in, where a value is not known, on which side of the median the ratio is."""
        places = {pilot: i for i, pilot in enumerate(chosen)}
        for pilot, (side, own) in external_facts.below_median(self, name, use_parent).items():
            if pilot in places and np.isnan(values[places[pilot]]):
                values[places[pilot]], known[places[pilot]] = side, own

    def _sides(
        self, name: str, level: str | None, grouping: str | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the levels that count as 1, and as 0 (none: all others)."""
        if level is not None:
            return (level,), ()
        coded = self.factor_declared(name).coded
        if grouping is None:
            return coded.one, coded.zero
        place = f"study.yaml: multiverse: groupings: {name}"
        split = declared(self.declared.multiverse.groupings.get(name, {}), grouping, place)
        return split.one, split.zero

    def _read_silence(self, values: Floats, chosen: tuple[str, ...], silence: Silence) -> Floats:
        if silence == "unknown":
            return values
        silent = np.isnan(values)
        if silence == "absent_if_slow":
            silent &= np.asarray(self.outcome(chosen)) == 1
        return np.where(silent, 0.0, values)

    # --- coded variables

    @cached_by_cells
    def numbers(self, variable: str, pilots: Iterable[str] | None = None) -> pd.Series[float]:
        """Return a count, sum of money or stage as numbers; NaN where the text is silent.

        Raises:
            StudyError: no such variable, or it holds words.
        """
        chosen = self._asked(variable, pilots)
        kind = self.codebook.variables.get(variable)
        if kind is not None and not kind.numeric:
            raise StudyError(f"codebook.yaml: {variable}: kind {kind.kind} holds no numbers")
        return self._series(variable, chosen, self._numbers(variable, chosen))

    @cached_by_cells
    def levels(
        self,
        variable: str,
        pilots: Iterable[str] | None = None,
        *,
        use_unverified: bool = False,
    ) -> pd.Series[Any]:
        """Return the level of each pilot, NaN where the text is silent.

        An ordered categorical over the codebook's levels; text where the codebook lists none.
        `use_unverified`: recollections fill silent cells.

        Raises:
            StudyError: no such variable.
        """
        chosen = self._asked(variable, pilots)
        texts = self._texts(variable, chosen)
        self._note(variable, chosen, [text is not None for text in texts])
        if use_unverified:
            for i, pilot in enumerate(chosen):
                if texts[i] is None:
                    texts[i] = external_facts.unverified_level(self, variable, pilot)
        if self.arrays:
            return self._series(variable, chosen, np.array(texts, dtype=object))
        listed = list(self.codebook.variables[variable].levels) if chosen else []
        values = pd.Categorical(texts, categories=listed, ordered=True) if listed else texts
        dtype = None if listed else object
        return pd.Series(values, index=self._index(chosen), name=variable, dtype=dtype)

    @cached_by_cells
    def frame(
        self, /, *names: str, pilots: Iterable[str] | None = None, **factor_options: Any
    ) -> pd.DataFrame:
        """Return several things side by side, a row a pilot.

        Each of `names` is an outcome, else a factor, else a variable of the codebook: a yes or no
        as 1 and 0, counts, money and the stage as numbers, other variables as categoricals.
        `factor_options`: those of `factor`, for every factor in the frame.

        Raises:
            StudyError: no such outcome, factor or variable; the message lists those that exist.
        """
        chosen = self._chosen(pilots)
        plain = self.with_changes(self.changes, log=self.log)
        columns = {name: plain._column(name, chosen, factor_options) for name in names}
        return pd.DataFrame(columns, index=self._index(chosen))

    def _column(
        self, name: str, chosen: tuple[str, ...], factor_options: dict[str, Any]
    ) -> pd.Series[Any]:
        if name == self.declared.main_outcome:
            return self.outcome(chosen)
        if name in self.declared.outcomes:
            return self.numbers(self.declared.outcomes[name].variable, chosen)
        if name in self.declared.factors:
            return self.factor(name, chosen, **factor_options)
        known = {**self.declared.outcomes, **self.declared.factors, **self.codebook.variables}
        declared(known, name, "study.yaml: outcomes, factors; codebook.yaml: variables")
        if self.variable(name).kind in ("count", "money"):
            return self.numbers(name, chosen)
        return self.levels(name, chosen)

    def having(self, *variables: str) -> pd.Index[str]:
        """Return the pilots for which the text gives all of `variables` (no evidence)."""
        given = [p for p in self._every if all(self.value(p, v) is not None for v in variables)]
        return self._index(tuple(given))

    def value(self, pilot: str, variable: str, group: str = "example") -> str | None:
        """Return a cell's settled level or number as text; None if silent or not usable.

        `group` as of `factor`. This is no evidence: a claim's cell asks one of the other questions.
        """
        self.log.variables.add(variable)
        if (pilot, variable) in self.changes:
            return self.changes[pilot, variable]
        coding = self._settled.get((pilot, variable))
        if coding is None:
            return None
        self._read(coding)
        usable = coding.scope == "own" or (coding.scope == "example" and group == "example")
        return coding.value if usable else None

    def settled_values(self, pilot: str, variable: str) -> list[str]:
        """Return the usable values of a cell in order, the one that stands beside it too."""
        rows = [each.get((pilot, variable)) for each in (self._settled, self._others)]
        read = [self._read(row) for row in rows if row is not None]
        return sorted(row.value for row in read if row.scope in ("own", "example"))

    # --- the coding itself

    def statuses(
        self, variables: Iterable[str] | None = None, pilots: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return the status of each cell, pilots by variables; a general passage is `general`.

        Default: every variable that the passes coded, every pilot. A status is known even where the
        value is not.
        """
        names = list(variables) if variables is not None else self.coded_variables()
        chosen, columns = self._chosen(pilots), {}
        for variable in names:
            self.variable(variable)
            self._note(variable, chosen, [True] * len(chosen))
            codings = [self._read(self._settled[pilot, variable]) for pilot in chosen]
            columns[variable] = ["general" if c.scope == "general" else c.status for c in codings]
        return pd.DataFrame(columns, index=self._index(chosen), columns=names, dtype=object)

    def contradictions(
        self, variable: str | None = None, pilots: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return each contradictory cell: pilot, variable, the settled value, the other one."""
        found = self._contradicted(variable, self._chosen(pilots))
        rows = [
            (*cell, self.value(*cell), self._read(other).value) for cell, other in found.items()
        ]
        return pd.DataFrame(rows, columns=["pilot", "variable", "settled", "other"])

    @property
    def contradictory(self) -> Collection[Cell]:
        """Return the cells, (pilot, variable), in which two statements differ (asks nothing)."""
        return self._others.keys()

    def _contradicted(self, variable: str | None, chosen: tuple[str, ...]) -> dict[Cell, Coding]:
        found = {
            cell: other
            for cell, other in self._others.items()
            if variable in (None, cell[1]) and cell[0] in chosen
        }
        for rows in (found.values(), [self._settled[cell] for cell in found]):
            self.log.note(Evidence(CODINGS, row.line, *row.key, True) for row in rows)
        return found

    def codings(self, pilot: str | None = None, variable: str | None = None) -> pd.DataFrame:
        """Return the coded rows of a pilot (or all), of a variable (or all), silent ones too.

        `pilot`: `all` means the statements about the whole programme. Index: the line of
        `codings.csv`. The columns are its columns, `pilot_id` named `pilot`.
        """
        of_programme = pilot == PROGRAMME
        pilots = (PROGRAMME,) if of_programme else self._chosen(None if pilot is None else [pilot])
        table = self.tables[CODINGS]
        rows = table[(table["wave"] == self.wave) & table["pilot_id"].isin(pilots)]
        if variable is not None:
            self.variable(variable)
            rows = rows[rows["variable"] == variable]
        return self._told(CODINGS, rows, rows["variable"])

    def projects(self, pilot: str | None = None) -> pd.DataFrame:
        """Return the projects that the text names for a pilot (or all), a row each."""
        pilots, table = self._chosen(None if pilot is None else [pilot]), "projects.csv"
        rows = self.tables[table]
        rows = rows[(rows["wave"] == self.wave) & rows["pilot_id"].isin(pilots)]
        named = pd.Series("project", index=rows.index)
        return self._told(table, rows, named)

    def _told(self, table: str, rows: pd.DataFrame, variables: pd.Series[str]) -> pd.DataFrame:
        """Return rows of a table, noted as read and as known."""
        self.log.read(("table", table))
        for row in records(rows):
            self.log.read_row(table, row)
        told = zip(rows.index, rows["pilot_id"], variables, strict=True)
        self.log.note(Evidence(table, int(line), p, v, True) for line, p, v in told)
        return rows.drop(columns="wave").rename(columns={"pilot_id": "pilot"})

    def programme(self, variable: str) -> pd.Series[str]:
        """Return the statement about the whole programme that carries `variable`: its row.

        Raises:
            StudyError: no such variable, or it is said of single pilots.
        """
        self.variable(variable)
        said = {v: coding for (pilot, v), coding in self._settled.items() if pilot == PROGRAMME}
        place = "codings.csv: variables of the whole programme"
        coding = self._read(declared(said, variable, place))
        self.log.note([Evidence(CODINGS, coding.line, PROGRAMME, variable, True)])
        return pd.Series(dict(self.tables[CODINGS].loc[coding.line]), name=variable, dtype=object)

    def coded_variables(self) -> list[str]:
        """Return the variables that every pass coded, in the codebook's order."""
        return [n for n, v in self.codebook.variables.items() if v.coded == "passes"]

    def fully_coded(self, factor: str) -> bool:
        """Return whether the text gives every pilot's value of a factor (no evidence)."""
        variable = self.factor_declared(factor).coded.variable
        codings = (self._read(self._settled[p, variable]) for p in self._every)
        return all(coding.scope in ("own", "example") for coding in codings)

    def known_for_all(self) -> list[str]:
        """Return the factors that are known for every pilot, in the order declared."""
        known = []
        for name, factor in self.declared.factors.items():
            silent = (self.statuses([factor.coded.variable]) == "silent").any(axis=None)
            if self.fully_coded(name) and not silent:
                known.append(name)
        return known

    # --- facts from other sources

    def facts(
        self,
        variable: str,
        year: int | None = None,
        *,
        use_parent_figures: bool = False,
        pilots: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Return one verified fact for each pilot that has it, its own first, by pilot.

        Columns: value (float), text (the value with the digits of its source), unit, level, own,
        year, status, source_id. A parent's figure stands in only with `use_parent_figures`, and is
        noted as assumed. Missing and recalled facts are left out.
        """
        chosen = self._chosen(pilots)
        rows = external_facts.facts(self, variable, year, use_parent_figures, chosen)
        return external_facts.facts_frame(rows)

    def ratio(
        self, factor: str, year: int | None = None, *, use_parent_figures: bool = False
    ) -> pd.DataFrame:
        """Return the ratio that a factor declares, for every pilot that has both figures, by pilot.

        Columns: numerator, numerator_text (with the digits of its source), numerator_unit,
        denominator, denominator_unit, unit (of the ratio), ratio, own. `year`: the one in force
        unless told. Figures of another kind are left out.

        Raises:
            StudyError: the factor declares no ratio, or figures that cannot be divided.
        """
        return external_facts.ratio(self, factor, year, use_parent_figures)

    def rates(self, event: str, window: str) -> pd.DataFrame:
        """Return how common an event is in a declared window, by population: count, of, source."""
        return external_facts.rates(self, event, window)

    def spells(self, pilots: Iterable[str] | None = None, roles: str = "notice") -> pd.DataFrame:
        """Return the dated spells in office of the declared `roles`, a row a holder of a post.

        Columns: pilot, role, holder_id (opaque), start, end, seen_first, seen_last (months as text,
        empty if unknown), source_id, status, note. Recollections are left out.
        """
        posts, columns = self.declared.posts(roles), self.tables["leaders.csv"].columns
        rows = [
            row
            for pilot in self._chosen(pilots)
            for row in external_facts.spells_of(self, pilot, posts)
        ]
        self.log.note(
            Evidence("leaders.csv", row["line"], row["pilot_id"], row["role"], True) for row in rows
        )
        return pd.DataFrame(rows, columns=columns).rename(columns={"pilot_id": "pilot"})

    def changed(
        self, window: str, roles: str = "notice", pilots: Iterable[str] | None = None
    ) -> pd.Series[float]:
        """Return whether a post of the declared `roles` changed hands inside a window.

        1: some post is known to have; 0: in every post one person is known to have held it
        throughout; NaN: neither. A parent's leaders are never a pilot's.
        """
        chosen = self._chosen(pilots)
        answers = external_facts.changed(self, window, roles, chosen)
        values = [np.nan if answers[p] is None else float(answers[p] is True) for p in chosen]
        return self._series("changed", chosen, np.array(values, dtype=float))

    def changed_not_named(self, window: str, roles: str = "notice") -> pd.Index[str]:
        """Return pilots outside the event whose posts are known to have changed hands.

        Asks only for the rows of the pilots that it returns: an existence, not a survey.
        """
        quiet = self.with_changes(self.changes, log=ReadLog())
        outcome = quiet.outcome()
        answers = external_facts.changed(quiet, window, roles, outcome.index[outcome == 0])
        found = tuple(pilot for pilot, answer in answers.items() if answer)
        external_facts.changed(self, window, roles, found)
        return self._index(found)

    def months_exposed(self, *, use_unverified: bool = False) -> pd.Series[float]:
        """Return the months from designation to the wave; NaN where the batch is not one value."""
        variable, end = self.declared.batch_variable, self.declared.waves[self.wave].month
        levels, months = self._texts(variable, self._every), []
        self._note(variable, self._every, [level is not None for level in levels])
        for pilot, level in zip(self._every, levels, strict=True):
            batch = self.declared.batches.get(level or "")
            if batch is None and use_unverified:
                recalled = external_facts.unverified_level(self, variable, pilot)
                batch = self.declared.batches.get(recalled or "")
            months.append(np.nan if batch is None else float(
                external_facts.months_between(batch.announced, end)
            ))
        return self._series("months_exposed", self._every, np.array(months))

    # --- the coding passes, and other codings that could be defended

    def ratings(self, variables: Iterable[str] | None = None) -> pd.DataFrame:
        """Return what each coder gave each cell, silence as `silent`: cells by coders.

        Index: (variable, pilot), for every variable that the passes coded unless told. Asks for the
        settled cells.

        Raises:
            StudyError: a pass is missing, was changed, or leaves a cell without a row.
        """
        names = list(variables) if variables is not None else self.coded_variables()
        self.statuses(names)
        return passes.ratings(self, names)

    def alternatives(
        self, variables: Collection[str] | None = None
    ) -> list[alternative_codings.AlternativeCoding]:
        """Return the settled coding, each pass alone, and the settled one with each alternative.

        Each has `kind`, `name`, `changes` (for `with_changes`) and `left_out`. `variables`: compare
        the passes with the settled coding in these only; None: in all that they coded.
        """
        return alternative_codings.alternatives(self, variables)

    def doubtful(self, variable: str) -> dict[str, tuple[str, ...]]:
        """Return the pilots whose cell no pass coded with high confidence, with possible values.

        The values: those settled or standing beside, and the alternatives. Asks for these cells.
        """
        found = alternative_codings.doubtful(self, variable)
        self.levels(variable, found)
        return found

    # --- words

    def names(self, pilots: Iterable[str]) -> Names:
        """Return the short names of pilots as one list for a sentence; of many, the first few."""
        chosen = list(pilots)
        shown = chosen if len(chosen) <= MOST_NAMED else chosen[:FIRST_NAMED]
        return Names(tuple(self.pilot_name(pilot) for pilot in shown), len(chosen))

    def pilot_name(self, pilot: str, *, long: bool = False) -> Text:
        """Return a pilot's name in every language."""
        (row,) = self.rows_of("pilots.csv", pilot)
        self.log.read_row("pilots.csv", row)
        length = "long" if long else "short"
        return Text({each: row[f"{length}_{each}"] for each in self.languages})

    def pilot_names(self, *, long: bool = False) -> pd.Series[str]:
        """Return every pilot's name in the language shown, by pilot: for axes and `.map`."""
        language = self.language()
        names = [self.pilot_name(p, long=long).in_language(language) for p in self._every]
        return pd.Series(names, index=self.pilots, name="name", dtype=object)

    def label(self, name: str, value: Any = None) -> Text:
        """Return the words of an outcome, a factor or a variable; with `value`, of that value.

        Raises:
            StudyError: no such thing, or no such value; the message lists those that exist.
        """
        label, values = self._words(name)
        if value is None:
            return label
        by_text = {_as_text(each): words for each, words in values.items()}
        return declared(by_text, _as_text(value), f"values of {name}")

    def labels(self, name: str) -> Labels:
        """Return the words of each value in the language shown, keyed as `frame` gives the values.

        For `.map`, axes and legends: `study.labels("stage")[2.0]`.
        """
        language, (_, values) = self.language(), self._words(name)
        return Labels({value: words.in_language(language) for value, words in values.items()})

    def _words(self, name: str) -> tuple[Text, dict[Any, Text]]:
        """Return the label of an outcome, else a factor or variable, and those of its values."""
        outcome, factor = self.declared.outcomes.get(name), self.declared.factors.get(name)
        if outcome and outcome.event:
            return outcome.label, {1.0: outcome.label, 0.0: outcome.other}
        if factor and not outcome:
            return factor.label, {1.0: factor.coded.yes_label, 0.0: factor.coded.no_label}
        variable = self.variable(outcome.variable if outcome else name)
        levels = variable.levels.items()
        if outcome and variable.numeric:
            return outcome.label, {float(level): words for level, words in levels}
        return variable.label, dict(levels)

    def language(self) -> str:
        """Return the language shown: `ANALYSIS_LANGUAGE`, else the first that is declared."""
        wanted = os.environ.get("ANALYSIS_LANGUAGE", "")
        return wanted if wanted in self.languages else self.languages[0]

    # --- what is declared

    def factor_declared(self, name: str) -> Factor:
        """Return what `study.yaml` declares of a factor; a StudyError lists those that exist."""
        return declared(self.declared.factors, name, "study.yaml: factors")

    def main_outcome(self) -> Outcome:
        """Return what `study.yaml` declares of the main outcome."""
        return self.declared.outcomes[self.declared.main_outcome]

    def variable(self, name: str) -> Variable:
        """Return what the codebook says of a variable; a StudyError lists those that exist."""
        return declared(self.codebook.variables, name, "codebook.yaml: variables")

    def source(self, source_id: str | None = None) -> pd.Series[str]:
        """Return the row of `sources.csv` for a source; of the coded text unless told."""
        wanted = source_id or self.declared.waves[self.wave].source_id
        for row in self.rows("sources.csv"):
            if row["source_id"] == wanted:
                self.log.read_row("sources.csv", row)
                return pd.Series(row, name=wanted, dtype=object).drop("line")
        raise StudyError(f"sources.csv: no source {wanted!r}")

    # --- recodings

    def with_changes(
        self,
        changes: Mapping[Cell, str | None],
        *,
        log: ReadLog | None = None,
        search: bool = False,
        arrays: bool = True,
    ) -> Study:
        """Return this study with coded cells recoded: (pilot, variable) -> level, None for silent.

        `log`: where the copy notes what it is asked; a new one unless told. `search`: it is one of
        tens of thousands, so answers are kept, the log tells only whether all cells were known, and
        `outcome`, `factor`, `numbers`, `levels` give arrays (`arrays=False`: Series).
        """
        # a search makes tens of thousands: no constructor runs
        changed = object.__new__(Study)
        changed.__dict__.update(
            self.__dict__,
            changes=dict(changes),
            log=log or ReadLog(not search),
            arrays=search and arrays,
        )
        return changed

    def recoded(self, variables: Collection[str]) -> tuple[tuple[Cell, str | None], ...]:
        """Return the recodings of some variables' cells."""
        return tuple(change for change in self.changes.items() if change[0][1] in variables)

    # --- rows, as the parts of this package read them

    def rows(self, table: str) -> list[Record]:
        """Return the rows of a table; which there are is noted, what they hold is not."""
        self.log.read(("table", table))
        key = ("rows", table)
        if key not in self.cache:
            self.cache[key] = records(self.tables[table])
        found: list[Record] = self.cache[key]
        return found

    def rows_of(self, table: str, pilot: str) -> list[Record]:
        """Return the rows of one pilot in a table, noted as by `rows`."""
        key, rows = ("rows by pilot", table), self.rows(table)
        if key not in self.cache:
            by_pilot: dict[str, list[Record]] = {}
            for row in rows:
                by_pilot.setdefault(row["pilot_id"], []).append(row)
            self.cache[key] = by_pilot
        found: list[Record] = self.cache[key].get(pilot, [])
        return found

    def _chosen(self, pilots: Iterable[str] | None) -> tuple[str, ...]:
        if pilots is None:
            return self._every
        wanted = set(pilots)
        if unknown := wanted - set(self._every):
            known, names = ", ".join(self._every), ", ".join(sorted(map(str, unknown)))
            raise StudyError(f"pilots.csv: no pilot {names}; there: {known}")
        return tuple(p for p in self._every if p in wanted)

    def _asked(self, variable: str, pilots: Iterable[str] | None) -> tuple[str, ...]:
        """Return the pilots asked for; a variable need only exist where any pilot is asked."""
        chosen = self._chosen(pilots)
        if chosen:
            self.variable(variable)
        return chosen

    def _read(self, coding: Coding) -> Coding:
        self.log.read(("row", CODINGS, self.wave, *coding.key))
        return coding

    def _texts(
        self, variable: str, pilots: tuple[str, ...], group: str = "example"
    ) -> list[str | None]:
        """Return what `value` gives for each of many pilots.

        A search, whose log keeps no details, reads what it does not change once.
        """
        self.log.variables.add(variable)
        if self.log.detailed:
            return [self.value(p, variable, group) for p in pilots]
        key = ("texts", variable, pilots, group)
        if key not in self.cache:
            settled = self.with_changes({}, log=ReadLog())
            self.cache[key] = [settled.value(p, variable, group) for p in pilots]
        texts: list[str | None] = list(self.cache[key])
        for (pilot, name), value in self.changes.items():
            if name == variable and pilot in pilots:
                texts[pilots.index(pilot)] = value
        return texts

    def _named_values(
        self,
        variable: str,
        pilots: tuple[str, ...],
        one: tuple[str, ...],
        zero: tuple[str, ...] = (),
        group: str = "example",
    ) -> Floats:
        texts = self._texts(variable, pilots, group)
        return np.array([_as_number(text, one, zero) for text in texts], dtype=float)

    def _numbers(self, variable: str, chosen: tuple[str, ...]) -> Floats:
        texts = self._texts(variable, chosen)
        values = np.array([np.nan if text is None else float(text) for text in texts], dtype=float)
        self._note(variable, chosen, ~np.isnan(values))
        return values

    def _note(
        self,
        variable: str,
        pilots: tuple[str, ...],
        known: Collection[bool] | Truths,
        assumed: Truths | None = None,
    ) -> None:
        if not self.log.detailed and self._all_settled(variable, pilots):
            self.log.tally(all(known), assumed is not None and bool(assumed.any()))
            return
        filled = [False] * len(pilots) if assumed is None else assumed
        self.log.note(
            Evidence(CODINGS, self._settled[p, variable].line, p, variable, bool(k), bool(f))
            for p, k, f in zip(pilots, known, filled, strict=True)
            if (p, variable) in self._settled
        )

    def _all_settled(self, variable: str, pilots: tuple[str, ...]) -> bool:
        key = ("all settled", variable, pilots)
        if key not in self.cache:
            self.cache[key] = all((p, variable) in self._settled for p in pilots)
        found: bool = self.cache[key]
        return found

    def _index(self, chosen: tuple[str, ...]) -> pd.Index[str]:
        return self.pilots if chosen is self._every else pd.Index(chosen, name="pilot")

    def _series(self, name: str, chosen: tuple[str, ...], values: NDArray[Any]) -> pd.Series[Any]:
        """Return an answer: a Series, or in a search the bare array, which cannot be changed."""
        if self.arrays:
            values.flags.writeable = False
            return values  # type: ignore[return-value]
        return pd.Series(values, index=self._index(chosen), name=name)


def _as_number(value: str | None, one: tuple[str, ...], zero: tuple[str, ...]) -> float:
    """Return whether a level is among those that count as 1, or as 0 (none told: all others)."""
    if value is None:
        return np.nan
    if value in one:
        return 1.0
    return 0.0 if not zero or value in zero else np.nan
