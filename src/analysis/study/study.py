"""A study as its users ask it: every question is noted, every answer is a Series or a frame."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from analysis.study import CODINGS, KEPT_BESIDE, Silence, StudyError, declared, filling, passes
from analysis.study import codebook as words
from analysis.study import codings as coding
from analysis.study import external_facts as elsewhere
from analysis.study.codebook import Codebook, Variable
from analysis.study.declaration import Declaration
from analysis.study.factors import Factor, Outcome
from analysis.study.files import Record, by_columns, records
from analysis.study.read_log import ReadLog, checks_options, note_source, note_unknown, series

# how a coded row may be used: for its pilot, for it as the example of a group, not at all
Scope = Literal["own", "example", "group", "general", "unverified", "silent"]
Cell = tuple[str, str]
# what `how` says in sources.csv of a source that nobody read: what rests on it is unverified
UNREAD = "not read"
# pilots as they are asked for (None: all), and in the notice's order
Pilots = Iterable[str] | None
Chosen = tuple[str, ...]


@dataclass(repr=False, eq=False)
class Study:
    """One study at one wave. Get it from `analysis.open_study(study, wave)`.

    Ask for data: `outcome`, `factor`, `numbers`, `levels` (a Series by pilot), `frame` (several
    side by side), `stages`. For the coding: `value`, `statuses`, `codings`, `contradictions`,
    `having`, `programme`, `projects`, `source`, `coders`, `ratings`, `alternatives`, `doubtful`,
    `known_for_all`. For other sources: `facts`, `ratio`, `rates`, `spells`, `changed`,
    `months_exposed`. For words: `label`, `labels`, `names`, `pilot_name`, `pilot_names`. What is
    declared of the study stands in `declared` and `codebook`.

    Series are indexed by pilot in the notice's order and have float64 with NaN where a value is not
    known; levels are ordered categoricals. Each question is noted in `log` when it is asked: what a
    notebook's cell asks for is the evidence of its claim.
    """

    name: str
    wave: str
    declared: Declaration
    codebook: Codebook
    # checked; `analysis.study.load.load_study` reads and checks them
    tables: Mapping[str, pd.DataFrame]
    folder: Path
    log: ReadLog = field(default_factory=ReadLog)
    # recodings that a search tries, None for silent
    changes: Mapping[Cell, str | None] = field(default_factory=dict)
    # whether it is one of the many copies of a search, and answers plain arrays in place of Series
    search: bool = False
    arrays: bool = False
    # what recodings do not change: shared by the copies
    cache: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.languages, pilots = self.declared.languages, self.tables["pilots.csv"]
        in_order = pilots.sort_values("order", key=lambda order: order.astype(int))
        self.pilots = pd.Index(list(in_order["pilot_id"]), name="pilot")
        self.every: Chosen = tuple(self.pilots)
        self.places = {pilot: place for place, pilot in enumerate(self.every)}
        self.sources = {row["source_id"]: row for row in records(self.tables["sources.csv"])}
        hows = {name: " ".join(row["how"].split()) for name, row in self.sources.items()}
        self.unread = {n for n, how in hows.items() if re.match(rf"{UNREAD}\b", how, re.IGNORECASE)}
        self.settled: dict[Cell, Record] = {}
        # what stands beside the settled value of a cell in which two statements differ
        self.contradictory: dict[Cell, Record] = {}
        for row in records(self.tables[CODINGS]):
            if row["wave"] == self.wave:
                beside = row["settled_by"].startswith(KEPT_BESIDE)
                rows = self.contradictory if beside else self.settled
                rows[row["pilot_id"], row["variable"]] = row

    def __repr__(self) -> str:
        many, factors = f"{len(self.pilots)} pilots", ", ".join(self.declared.factors)
        told = f"<Study {self.name}, wave {self.wave}: {many}; {factors}>"
        return shorten(told, 280, placeholder=" …>")

    # --- the outcome and what may explain it

    @checks_options
    def outcome(
        self, pilots: Pilots = None, *, open_list: bool | str = False, version: str | None = None
    ) -> pd.Series[float]:
        """Return the outcome as 1 and 0: the main one, or a declared `version` of it.

        `open_list`: pilots that the declared open list may silently hold are unknown, not 0; `all`:
        every pilot without the event is. A version says so itself.

        Raises:
            StudyError: no such version or pilot; the message lists those that exist.
        """
        chosen = self.in_order(pilots)
        if version is not None:
            return filling.by_version(self, chosen, version, open_list)
        main = self.main_outcome()
        values = filling.as_numbers(self.cells(main.variable, chosen), main.event)
        if open_list:
            values[filling.unsaid(self, values, chosen, open_list)] = np.nan
        note_unknown(self, main.variable, chosen, ~np.isnan(values))
        return series(self, main.variable, chosen, values)

    @checks_options
    def factor(
        self,
        name: str,
        pilots: Pilots = None,
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
        also use recalled levels, and what a source that nobody read says. `level`: this level
        against the rest, instead of the declared contrast; `grouping`: a grouping that the
        multiverse declares. `use_ratio`: also use the declared ratio, cut as declared,
        `use_parent_figures`: with a parent's figures too. Facts fill first, silence after them.

        Raises:
            StudyError: no such factor, pilot, level, grouping, window, or reading of silence and
                the like; the message lists those that exist.
        """
        coded, chosen = self.factor_declared(name).coded, self.in_order(pilots)
        sides = coded.one, coded.zero
        if level is not None or grouping is not None:
            sides = filling.other_sides(self, name, level, grouping)
        values = filling.as_numbers(self.cells(coded.variable, chosen, group), *sides)
        known = ~np.isnan(values)
        if coded.zero_by_text is not None and sides == (coded.one, coded.zero):
            filling.fill_by_text(self, values, known, chosen, coded.zero_by_text)
        if window is not None:
            filling.fill_by_spells(self, name, values, known, chosen, window, roles)
        if use_ratio:
            filling.fill_by_ratio(self, values, known, chosen, name, use_parent_figures)
        if use_unverified:
            filling.fill_recalled(self, values, chosen, coded.variable, sides)
        if silence != "unknown":
            filling.fill_silent(self, values, chosen, silence)
        note_unknown(self, coded.variable, chosen, known, ~np.isnan(values))
        return series(self, name, chosen, values)

    # --- coded variables

    def numbers(self, variable: str, pilots: Pilots = None) -> pd.Series[float]:
        """Return a count, sum of money or stage as numbers; NaN where the text is silent.

        Raises:
            StudyError: no such variable, or it holds words.
        """
        chosen = self.in_order(pilots)
        if chosen and not (asked := self.variable(variable)).numeric:
            raise StudyError(f"codebook.yaml: {variable}: kind {asked.kind} holds no numbers")
        return series(self, variable, chosen, np.array(self.texts(variable, chosen), dtype=float))

    @checks_options
    def levels(
        self, variable: str, pilots: Pilots = None, *, use_unverified: bool = False
    ) -> pd.Series[Any]:
        """Return the level of each pilot, NaN where the text is silent.

        An ordered categorical over the codebook's levels; text where the codebook lists none.
        `use_unverified`: recollections, and what rests on a source that nobody read, fill cells.

        Raises:
            StudyError: no such variable.
        """
        chosen = self.in_order(pilots)
        listed = list(self.variable(variable).levels) if chosen else []
        texts = self.texts(variable, chosen)
        if use_unverified:
            for i, pilot in enumerate(chosen):
                if texts[i] is None:
                    texts[i] = elsewhere.unverified_level(self, variable, pilot)
        values: Any = np.array(texts, dtype=object)
        if listed and not self.arrays:
            values = pd.Categorical(texts, categories=listed, ordered=True)
        return series(self, variable, chosen, values)

    @checks_options
    def frame(self, /, *names: str, pilots: Pilots = None, **factor_options: Any) -> pd.DataFrame:
        """Return several things side by side, a row a pilot.

        Each of `names` is an outcome, else a factor, else a variable of the codebook: outcomes with
        an event and factors as 1 and 0, counts, money and stages as numbers, else categoricals.
        `factor_options`: those of `factor`, for every factor in the frame.

        Raises:
            StudyError: no such outcome, factor or variable; the message lists those that exist.
        """
        chosen = self.in_order(pilots)
        signature(self.factor).bind("", **factor_options)
        plain = self.with_changes(self.changes, log=self.log, search=self.search, arrays=False)
        index = pd.Index(chosen, name="pilot")
        return pd.DataFrame({n: plain._column(n, chosen, factor_options) for n in names}, index)

    def _column(self, name: str, chosen: Chosen, factor_options: dict[str, Any]) -> pd.Series[Any]:
        if name == self.declared.main_outcome:
            return self.outcome(chosen)
        if (outcome := self.declared.outcomes.get(name)) is not None:
            if not outcome.event:
                return self.numbers(outcome.variable, chosen)
            texts = self.texts(outcome.variable, chosen)
            return series(self, name, chosen, filling.as_numbers(texts, outcome.event))
        if name in self.declared.factors:
            return self.factor(name, chosen, **factor_options)
        known = {**self.declared.outcomes, **self.declared.factors, **self.codebook.variables}
        declared(known, name, "study.yaml: outcomes, factors; codebook.yaml: variables")
        if self.variable(name).kind in ("count", "money"):
            return self.numbers(name, chosen)
        return self.levels(name, chosen)

    def value(self, pilot: str, variable: str) -> str | None:
        """Return a cell's settled level or number as text; None if silent or not usable.

        It is noted as known: whoever cannot do without the value asks one of the other questions.
        A StudyError says that there is no such pilot or variable.
        """
        if (pilot, variable) not in self.settled:
            self.in_order((pilot,)), self.variable(variable)
        return self.cells(variable, (pilot,))[0]

    # --- the coding, and other codings that could be defended

    def scope_of(self, row: Mapping[str, Any]) -> Scope:
        """Return whether a coded row may be used for its pilot."""
        if row["status"] == "silent":
            return "silent"
        if row.get("source_id") in self.unread:
            return "unverified"
        paragraph = int(row["paragraph"] or 0)
        if paragraph in self.declared.general_passages:
            return "general"
        if row["status"] != "group":
            return "own"
        of_paragraph = (e for e in self.declared.group_examples if e.paragraph == paragraph)
        return "example" if any(row["pilot_id"] in e.pilots for e in of_paragraph) else "group"

    statuses = coding.statuses
    codings = coding.codings
    contradictions = coding.contradictions
    projects = coding.projects
    programme = coding.programme
    stages = coding.stages
    having = coding.having
    source = coding.source
    coded_variables = coding.coded_variables
    fully_coded = coding.fully_coded
    known_for_all = coding.known_for_all
    coders = passes.coders
    ratings = coding.ratings
    alternatives = coding.alternatives
    doubtful = coding.doubtful

    # --- facts from other sources

    facts = elsewhere.facts
    ratio = elsewhere.ratio
    rates = elsewhere.rates
    new_holders = elsewhere.new_holders
    changed = elsewhere.changed
    spells = elsewhere.spells
    changed_not_named = elsewhere.changed_not_named
    months_exposed = elsewhere.months_exposed

    # --- words

    names = words.names
    pilot_name = words.pilot_name
    pilot_names = words.pilot_names
    label = words.label
    labels = words.labels
    caution = coding.caution

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
        tens of thousands, so cells are read once for all of them, and `outcome`, `factor`,
        `numbers`, `levels` give arrays (`arrays=False`: Series).

        Raises:
            StudyError: no such pilot or variable, or the variable has no such level.
        """
        if not search:
            words.check_recodings(self, changes)
        # a search makes tens of thousands: no constructor runs
        changed = object.__new__(Study)
        how = {"log": log or ReadLog(), "search": search, "arrays": search and arrays}
        changed.__dict__.update(self.__dict__, changes=dict(changes), **how)
        return changed

    # --- rows, as the parts of this package read them

    def rows(self, table: str) -> list[Record]:
        """Return the rows of a table; which there are is noted, what they hold is not."""
        self.log.read(("table", table))
        if ("rows", table) not in self.cache:
            self.cache["rows", table] = records(self.tables[table])
        return cast(list[Record], self.cache["rows", table])

    def read_rows(
        self, table: str, pilot: str | None = None, /, **cells: Collection[str]
    ) -> list[Record]:
        """Return rows (of one pilot) that hold one of these in each column, noted as known."""
        key, rows = ("rows by pilot", table), self.rows(table)
        if pilot is not None:
            if key not in self.cache:
                self.cache[key] = by_columns(rows, ["pilot_id"])
            rows = self.cache[key].get((pilot,), [])
        matching = [row for row in rows if all(row[name] in held for name, held in cells.items())]
        # of what is known a search needs to know no more
        for row in () if self.search else matching:
            self.log.read_row(table, row)
        return matching

    def in_order(self, pilots: Pilots) -> tuple[str, ...]:
        """Return the pilots asked for, or the one, in the notice's order; None: all."""
        if pilots is None:
            return self.every
        named = (pilots,) if isinstance(pilots, str) else pilots
        places = {declared(self.places, pilot, "pilots.csv") for pilot in named}
        return tuple(self.every[place] for place in sorted(places))

    def read(self, row: Record) -> Scope:
        """Note that a coded row was read, and what is declared of it; return how it may be used."""
        self.log.read_row(CODINGS, row)
        note_source(self, row["source_id"])
        return self.scope_of(row)

    def texts(self, variable: str, chosen: Chosen) -> list[str | None]:
        """Return cells as text, None where silent or not usable; what is None leaves it open."""
        texts = self.cells(variable, chosen)
        note_unknown(self, variable, chosen, [text is not None for text in texts])
        return texts

    def cells(self, variable: str, chosen: Chosen, group: str = "example") -> list[str | None]:
        """Return cells as text, None where silent or not usable, noted as known.

        `group`: as of `factor`.
        """
        key = ("cells", variable, chosen, group)
        # a search reads once what it does not change
        if not self.search or key not in self.cache:
            rows = [self.settled.get((pilot, variable)) for pilot in chosen]
            usable = ("own", "example") if group == "example" else ("own",)
            self.cache[key] = [r["value"] if r and self.read(r) in usable else None for r in rows]
        changed = {pilot: to for (pilot, name), to in self.changes.items() if name == variable}
        return [changed.get(p, text) for p, text in zip(chosen, self.cache[key], strict=True)]
