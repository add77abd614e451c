"""A study as its users ask it: every question is noted, every answer is a Series or a frame."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import (
    CODINGS,
    KEPT_BESIDE,
    PROGRAMME,
    UNREAD,
    Silence,
    StudyError,
    alternatives,
    declared,
    external_facts,
    passes,
)
from analysis.study import codebook as words
from analysis.study.codebook import Codebook, Variable
from analysis.study.declaration import Declaration, Factor, Outcome, OutcomeVersion
from analysis.study.files import Record, records
from analysis.study.forms import Text
from analysis.study.read_log import (
    ReadLog,
    cached_by_cells,
    check_options,
    note_cells,
    series,
)

# how a coded row may be used: for its pilot, for it as the example of a group, not at all
Scope = Literal["own", "example", "group", "general", "unverified", "silent"]
Cell = tuple[str, str]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
# levels that count as 1, and as 0 (none: all others)
Sides = tuple[tuple[str, ...], tuple[str, ...]]
# which pilots without the event are unknown, by what is asked for
UNKNOWN: dict[bool | str, str] = {False: "none", True: "open_list", "all": "all"}
# pilots as they are asked for (None: all), and in the notice's order
Pilots = Iterable[str] | None
Chosen = tuple[str, ...]


class Coding(NamedTuple):
    """A coded row: line, level or number as text, status, use, cell, and all of it."""

    line: int
    value: str
    status: str
    scope: Scope
    key: Cell
    row: Record


@dataclass(repr=False, eq=False)
class Study:
    """One study at one wave. Get it from `analysis.open_study(study, wave)`.

    Ask for data: `outcome`, `factor`, `numbers`, `levels` (a Series by pilot), `frame` (several
    side by side). For the coding: `statuses`, `codings`, `contradictions`, `programme`,
    `projects`, `coders`, `ratings`, `alternatives`, `doubtful`. For other sources: `facts`,
    `ratio`, `rates`, `spells`, `changed`, `months_exposed`. For words: `label`, `labels`, `names`,
    `pilot_names`. What is declared of the study stands in `declared` and `codebook`.

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
    # whether answers are plain arrays in place of Series
    arrays: bool = False
    # what recodings do not change, and answers by recodings: shared by the copies of a search
    cache: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.languages, pilots = self.declared.languages, self.tables["pilots.csv"]
        in_order = pilots.sort_values("order", key=lambda order: order.astype(int))
        self.pilots = pd.Index(list(in_order["pilot_id"]), name="pilot")
        self.every: Chosen = tuple(self.pilots)
        sources = self.tables["sources.csv"]
        self.unread = {*sources["source_id"][sources["how"].str.startswith(UNREAD)]}
        self.settled: dict[Cell, Coding] = {}
        # what stands beside the settled value of a cell in which two statements differ
        self.contradictory: dict[Cell, Coding] = {}
        for row in records(self.tables[CODINGS]):
            if row["wave"] == self.wave:
                key = (row["pilot_id"], row["variable"])
                beside = row["settled_by"].startswith(KEPT_BESIDE)
                scope = self.scope_of(row)
                coding = Coding(row["line"], row["value"], row["status"], scope, key, row)
                (self.contradictory if beside else self.settled)[key] = coding

    def __repr__(self) -> str:
        many, factors = f"{len(self.pilots)} pilots", ", ".join(self.declared.factors)
        told = f"<Study {self.name}, wave {self.wave}: {many}; {factors}>"
        return shorten(told, 280, placeholder=" …>")

    # --- the outcome and what may explain it

    @cached_by_cells
    def outcome(
        self, pilots: Pilots = None, *, open_list: bool | str = False, version: str | None = None
    ) -> pd.Series[float]:
        """Return the outcome as 1 and 0: the main one, or a declared `version` of it.

        `open_list`: pilots that the declared open list may silently hold are unknown, not 0; `all`:
        every pilot without the event is.

        Raises:
            StudyError: no such version or pilot; the message lists those that exist.
        """
        chosen, unknown = self.in_order(pilots), UNKNOWN[open_list]
        if version is not None:
            place = "study.yaml: multiverse: outcomes"
            wanted = declared(self.declared.multiverse.outcomes, version, place)
            if wanted.stage_at_most is not None:
                return self._outcome_by_stage(chosen, wanted)
            unknown = wanted.unknown
        main = self.main_outcome()
        values = self._yes_or_no(main.variable, chosen, (main.event, ()), "example")
        note_cells(self, main.variable, chosen, ~np.isnan(values))
        if unknown != "none":
            values = self._said(values, chosen, main.variable, unknown)
        return series(self, main.variable, chosen, values)

    def _said(self, values: Floats, chosen: Chosen, variable: str, unknown: str) -> Floats:
        """Return the outcome without the 0 of those of which it is only not said."""
        unsaid = values == 0
        if unknown == "open_list":
            unsaid &= self._may_be_listed(chosen)
        said = np.where(unsaid, np.nan, values)
        note_cells(self, variable, chosen, ~np.isnan(said))
        return said

    def _may_be_listed(self, chosen: Chosen) -> Truths:
        """Return which pilots the open list of the main outcome may hold without naming them."""
        opened = self.main_outcome().open_list
        if opened is None:
            return np.zeros(len(chosen), dtype=bool)
        batches = self._texts(opened.variable, chosen)
        note_cells(self, opened.variable, chosen, [batch is not None for batch in batches])
        return np.array([batch in opened.values for batch in batches], dtype=bool)

    def _outcome_by_stage(self, chosen: Chosen, version: OutcomeVersion) -> pd.Series[float]:
        variable = self.declared.outcomes[self.declared.stage_outcome].variable
        stages = self._numbers(variable, chosen)
        if version.statement == "other":
            differing = self._contradicted(variable, self.every)
            # read above: the recodings of this variable decide
            for i, pilot in enumerate(chosen):
                cell = (pilot, variable)
                if cell in differing and cell not in self.changes:
                    self._read(differing[cell])
                    stages[i] = float(differing[cell].value)
        slow = np.where(np.isnan(stages), np.nan, stages <= (version.stage_at_most or 0))
        return series(self, variable, chosen, slow)

    @cached_by_cells
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
        `use_parent_figures`: with a parent's figures too. Facts are filled in first, then the
        silence regime.

        Raises:
            StudyError: no such factor, pilot, level, grouping, window, or reading of silence and
                the like; the message lists those that exist.
        """
        coded, chosen = self.factor_declared(name).coded, self.in_order(pilots)
        sides: Sides = coded.one, coded.zero
        if level is not None or grouping is not None:
            sides = self._other_sides(name, level, grouping)
        values = self._yes_or_no(coded.variable, chosen, sides, group)
        known = ~np.isnan(values)
        by, told = coded.zero_by_text, np.zeros(len(chosen), dtype=bool)
        if by is not None and sides == (coded.one, coded.zero):
            texts = self._texts(by.variable, chosen)
            told = np.array([text in by.values for text in texts]) & (values != 1)
            values[told], known[told] = 0.0, True
            note_cells(self, by.variable, tuple(compress(chosen, told)), known[told])
        if window is not None and self.factor_declared(name).spells is not None:
            self._fill_dated(values, known, chosen, window, roles)
        if use_ratio:
            self._fill_by_ratio(values, known, chosen, name, use_parent_figures)
        if use_unverified:
            for i in np.flatnonzero(np.isnan(values)):
                recalled = external_facts.unverified_level(self, coded.variable, chosen[i])
                values[i] = _as_number(recalled, *sides)
        silent = np.isnan(values) & (silence != "unknown")
        if silence == "absent_if_slow":
            silent &= np.asarray(self.outcome(chosen)) == 1
        values[silent] = 0.0
        filled, rest = ~known & ~np.isnan(values), ~told
        others = tuple(compress(chosen, rest))
        note_cells(self, coded.variable, others, known[rest], filled[rest])
        return series(self, name, chosen, values)

    def _other_sides(self, name: str, level: str | None, grouping: str | None) -> Sides:
        """Return the levels on both sides: one against the rest, or as the multiverse declares."""
        if level is not None:
            variable = self.factor_declared(name).coded.variable
            declared(self.variable(variable).levels, level, f"codebook.yaml: {variable}: levels")
            return (level,), ()
        groupings = self.declared.multiverse.groupings.get(name, {})
        split = declared(groupings, grouping or "", f"study.yaml: multiverse: groupings: {name}")
        return split.one, split.zero

    def _fill_dated(
        self, values: Floats, known: Truths, chosen: Chosen, window: str, roles: str
    ) -> None:
        """Put yes where a post is known to have changed hands and the text does not say so."""
        unsaid = np.flatnonzero(~known)
        answers = self.changed(window, roles, [chosen[i] for i in unsaid])
        dated = unsaid[np.asarray(answers) == 1]
        values[dated], known[dated] = 1.0, True

    def _fill_by_ratio(
        self, values: Floats, known: Truths, chosen: Chosen, name: str, use_parent: bool
    ) -> None:
        """Put, where a value is not known, whether a ratio that is cut so is below the median."""
        declared = self.factor_declared(name).ratio
        if declared is None or declared.cut is None:
            return
        found = self.ratio(name, use_parent_figures=use_parent)
        below = (found["ratio"] < found["ratio"].median()).reindex(list(chosen)).astype(float)
        fill = np.isnan(values) & below.notna()
        values[fill], known[fill] = below[fill], found["own"].reindex(list(chosen))[fill]

    # --- coded variables

    @cached_by_cells
    def numbers(self, variable: str, pilots: Pilots = None) -> pd.Series[float]:
        """Return a count, sum of money or stage as numbers; NaN where the text is silent.

        Raises:
            StudyError: no such variable, or it holds words.
        """
        chosen = self.in_order(pilots)
        if chosen and not (asked := self.variable(variable)).numeric:
            raise StudyError(f"codebook.yaml: {variable}: kind {asked.kind} holds no numbers")
        return series(self, variable, chosen, self._numbers(variable, chosen))

    @cached_by_cells
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
        texts = self._texts(variable, chosen)
        note_cells(self, variable, chosen, [text is not None for text in texts])
        if use_unverified:
            for i, pilot in enumerate(chosen):
                if texts[i] is None:
                    texts[i] = external_facts.unverified_level(self, variable, pilot)
        if self.arrays:
            return series(self, variable, chosen, np.array(texts, dtype=object))
        values = pd.Categorical(texts, categories=listed, ordered=True) if listed else texts
        dtype = None if listed else object
        return pd.Series(values, index=pd.Index(chosen, name="pilot"), name=variable, dtype=dtype)

    @cached_by_cells
    def frame(self, /, *names: str, pilots: Pilots = None, **factor_options: Any) -> pd.DataFrame:
        """Return several things side by side, a row a pilot.

        Each of `names` is an outcome, else a factor, else a variable of the codebook: a yes or no
        as 1 and 0, counts, money and the stage as numbers, other variables as categoricals.
        `factor_options`: those of `factor`, for every factor in the frame.

        Raises:
            StudyError: no such outcome, factor or variable; the message lists those that exist.
        """
        chosen = self.in_order(pilots)
        plain = self.with_changes(self.changes, log=self.log)
        columns = {name: plain._column(name, chosen, factor_options) for name in names}
        return pd.DataFrame(columns, index=pd.Index(chosen, name="pilot"))

    def _column(self, name: str, chosen: Chosen, factor_options: dict[str, Any]) -> pd.Series[Any]:
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
        """Return the pilots for which the text gives all of `variables`."""
        given = [p for p in self.every if all(self.value(p, v) is not None for v in variables)]
        found: pd.Index[str] = pd.Index(given, name="pilot")
        return found

    def value(self, pilot: str, variable: str, group: str = "example") -> str | None:
        """Return a cell's settled level or number as text; None if silent or not usable.

        `group` as of `factor`. It is noted as known: whoever cannot do without the value asks one
        of the other questions.
        """
        self.log.variables.add(variable)
        if (pilot, variable) in self.changes:
            return self.changes[pilot, variable]
        coding = self.settled.get((pilot, variable))
        if coding is None:
            return None
        self._read(coding)
        usable = coding.scope == "own" or (coding.scope == "example" and group == "example")
        return coding.value if usable else None

    def settled_values(self, pilot: str, variable: str) -> list[str]:
        """Return the usable values of a cell in order, the one that stands beside it too."""
        rows = [each.get((pilot, variable)) for each in (self.settled, self.contradictory)]
        read = [self._read(row) for row in rows if row is not None]
        return sorted(row.value for row in read if row.scope in ("own", "example"))

    # --- the coding itself

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
        examples = self.declared.group_examples
        named = [each.pilots for each in examples if each.paragraph == paragraph]
        return "example" if any(row["pilot_id"] in pilots for pilots in named) else "group"

    def statuses(
        self, variables: Iterable[str] | None = None, pilots: Pilots = None
    ) -> pd.DataFrame:
        """Return the status of each cell, pilots by variables; a general passage is `general`.

        Default: every variable that the passes coded, every pilot. A status is known even where the
        value is not.
        """
        names = self.coded_variables() if variables is None else list(variables)
        chosen, columns = self.in_order(pilots), {}
        for variable in names:
            self.variable(variable)
            codings = [self._read(self.settled[pilot, variable]) for pilot in chosen]
            columns[variable] = ["general" if c.scope == "general" else c.status for c in codings]
        index = pd.Index(chosen, name="pilot")
        return pd.DataFrame(columns, index=index, columns=names, dtype=object)

    def contradictions(self, variable: str | None = None, pilots: Pilots = None) -> pd.DataFrame:
        """Return each contradictory cell: pilot, variable, the settled value, the other one."""
        found = self._contradicted(variable, self.in_order(pilots))
        rows = [(*c, self.value(*c), self._read(other).value) for c, other in found.items()]
        return pd.DataFrame(rows, columns=["pilot", "variable", "settled", "other"])

    def _contradicted(self, variable: str | None, chosen: Chosen) -> dict[Cell, Coding]:
        beside = self.contradictory.items()
        found = {c: o for c, o in beside if variable in (None, c[1]) and c[0] in chosen}
        rows = [*found.values(), *(self.settled[cell] for cell in found)]
        for row in rows:
            self._read(row)
        return found

    def codings(self, pilot: str | None = None, variable: str | None = None) -> pd.DataFrame:
        """Return the coded rows of a pilot (or all), of a variable (or all), silent ones too.

        `pilot`: `all` means the statements about the whole programme. Index: the line of
        `codings.csv`. The columns are its columns, `pilot_id` named `pilot`.
        """
        one = None if pilot is None else [pilot]
        pilots = (PROGRAMME,) if pilot == PROGRAMME else self.in_order(one)
        if variable is None:
            return self._told(CODINGS, pilots)
        self.variable(variable)
        return self._told(CODINGS, pilots, variable=(variable,))

    def projects(self, pilot: str | None = None) -> pd.DataFrame:
        """Return the projects that the text names for a pilot (or all), a row each."""
        return self._told("projects.csv", self.in_order(None if pilot is None else [pilot]))

    def _told(self, table: str, pilots: Chosen, **cells: Collection[str]) -> pd.DataFrame:
        """Return rows of a table in this wave."""
        rows = self.read_rows(table, wave=(self.wave,), pilot_id=pilots, **cells)
        told = self.tables[table].loc[[row["line"] for row in rows]]
        return told.drop(columns="wave").rename(columns={"pilot_id": "pilot"})

    def stages(self) -> pd.DataFrame:
        """Return main outcome, stage and the `other` one where two statements on it differ.

        By pilot; without a stage in the study there are no rows.
        """
        outcome, stage = self.declared.main_outcome, self.declared.stage_outcome
        if not stage:
            return pd.DataFrame(columns=[outcome, stage, "other"], dtype=float)
        frame = self.frame(outcome, stage)
        differing = self.contradictions(self.declared.outcomes[stage].variable)
        frame["other"] = differing.set_index("pilot")["other"].astype(float)
        return frame

    def programme(self, variable: str) -> pd.Series[str]:
        """Return the statement about the whole programme that carries `variable`: its row.

        Raises:
            StudyError: no such variable, or it is said of single pilots.
        """
        self.variable(variable)
        said = {v: coding for (pilot, v), coding in self.settled.items() if pilot == PROGRAMME}
        place = "codings.csv: variables of the whole programme"
        coding = self._read(declared(said, variable, place))
        return pd.Series(dict(self.tables[CODINGS].loc[coding.line]), name=variable, dtype=object)

    def coded_variables(self) -> list[str]:
        """Return the variables that every pass coded, in the codebook's order."""
        return [n for n, v in self.codebook.variables.items() if v.coded == "passes"]

    def fully_coded(self, factor: str) -> bool:
        """Return whether the text gives every pilot's value of a factor (no evidence)."""
        variable = self.factor_declared(factor).coded.variable
        codings = (self._read(self.settled[p, variable]) for p in self.every)
        return all(coding.scope in ("own", "example") for coding in codings)

    def known_for_all(self) -> list[str]:
        """Return the factors that are known for every pilot, in the order declared."""
        self.statuses([factor.coded.variable for factor in self.declared.factors.values()])
        return [name for name in self.declared.factors if self.fully_coded(name)]

    # --- facts from other sources

    facts = external_facts.facts
    ratio = external_facts.ratio
    rates = external_facts.rates
    new_holders = external_facts.new_holders
    changed = external_facts.changed

    def spells(self, pilots: Pilots = None, roles: str = "notice") -> pd.DataFrame:
        """Return the dated spells in office of the declared `roles`, a row a holder of a post.

        Columns: pilot, role, holder_id (opaque), start, end, seen_first, seen_last (months as text,
        empty if unknown), source_id, status, note. Recollections are left out.
        """
        posts, columns = self.declared.posts(roles), self.tables["leaders.csv"].columns
        chosen = self.in_order(pilots)
        rows = [row for pilot in chosen for row in external_facts.spells_of(self, pilot, posts)]
        return pd.DataFrame(rows, columns=columns).rename(columns={"pilot_id": "pilot"})

    def changed_not_named(self, window: str, roles: str = "notice") -> pd.Index[str]:
        """Return pilots outside the event whose posts are known to have changed hands."""
        quiet = self.with_changes(self.changes, log=ReadLog())
        outcome = quiet.outcome()
        answers = quiet.changed(window, roles, outcome.index[outcome == 0])
        self.log.note_known(quiet.log)
        return answers.index[answers == 1]

    def months_exposed(self, *, use_unverified: bool = False) -> pd.Series[float]:
        """Return the months from designation to the wave; NaN where the batch is not one value."""
        check_options(use_unverified=use_unverified)
        variable, end = self.declared.batch_variable, self.declared.waves[self.wave].month
        levels, months = self._texts(variable, self.every), []
        note_cells(self, variable, self.every, [level is not None for level in levels])
        for pilot, level in zip(self.every, levels, strict=True):
            batch = self.declared.batches.get(level or "")
            if batch is None and use_unverified:
                recalled = external_facts.unverified_level(self, variable, pilot)
                batch = self.declared.batches.get(recalled or "")
            months.append(external_facts.months_between(batch.announced, end) if batch else np.nan)
        return series(self, "months_exposed", self.every, np.array(months, dtype=float))

    # --- the coding passes, and other codings that could be defended

    coders = passes.coders
    ratings = alternatives.ratings
    doubtful = alternatives.doubtful
    alternatives = alternatives.alternatives

    # --- words

    names = words.names
    pilot_name = words.pilot_name
    pilot_names = words.pilot_names
    label = words.label
    labels = words.labels

    # --- what is declared

    def caution(self, pilot: str, variable: str) -> Text:
        """Return what is to be said wherever a pilot's value is; where nothing is, no text."""
        for each in self.declared.cautions:
            if (each.pilot, each.variable) == (pilot, variable):
                on = each.rests_on
                holds = not on or {*on.values} & {*self.settled_values(pilot, on.variable)}
                return each.text if holds else Text({})
        return Text({})

    def factor_declared(self, name: str) -> Factor:
        """Return what `study.yaml` declares of a factor; a StudyError lists those that exist."""
        return declared(self.declared.factors, name, "study.yaml: factors")

    def main_outcome(self) -> Outcome:
        """Return what `study.yaml` declares of the main outcome."""
        return self.declared.outcomes[self.declared.main_outcome]

    def variable(self, name: str) -> Variable:
        """Return what the codebook says of a variable; a StudyError lists those that exist."""
        return declared(self.codebook.variables, name, "codebook.yaml: variables")

    def source(self) -> pd.Series[str]:
        """Return the row of `sources.csv` for the coded text."""
        name = self.declared.waves[self.wave].source_id
        (row,) = self.read_rows("sources.csv", source_id=(name,))
        return pd.Series(row, name=name, dtype=object).drop("line")

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
                places = self.tables[table].groupby("pilot_id").indices
                self.cache[key] = {one: [rows[at] for at in held] for one, held in places.items()}
            rows = self.cache[key].get(pilot, [])
        found = [row for row in rows if all(row[name] in held for name, held in cells.items())]
        for row in found:
            self.log.read_row(table, row)
        return found

    def in_order(self, pilots: Pilots) -> tuple[str, ...]:
        """Return the pilots asked for in the notice's order; None: all."""
        if pilots is None:
            return self.every
        wanted = set(pilots)
        if unknown := wanted.difference(self.every):
            names = ", ".join(sorted(map(str, unknown)))
            raise StudyError(f"pilots.csv: no pilot {names}; there: {', '.join(self.every)}")
        return tuple(p for p in self.every if p in wanted)

    def _read(self, coding: Coding) -> Coding:
        self.log.read_row(CODINGS, coding.row)
        # once more, so that what decides whether the row counts for its pilot is noted
        self.scope_of(coding.row)
        return coding

    def _texts(self, variable: str, chosen: Chosen, group: str = "example") -> list[str | None]:
        """Return cells as text, None where silent or not usable."""
        if not self.log.detailed:
            return self._texts_of_search(variable, chosen, group)
        return [self.value(pilot, variable, group) for pilot in chosen]

    def _texts_of_search(self, variable: str, chosen: Chosen, group: str) -> list[str | None]:
        """Return the same for a search, which reads once what it does not change."""
        self.log.variables.add(variable)
        key = ("texts", variable, chosen, group)
        if key not in self.cache:
            settled = self.with_changes({})
            self.cache[key] = [settled.value(pilot, variable, group) for pilot in chosen]
        answers: list[str | None] = list(self.cache[key])
        for (pilot, name), value in self.changes.items():
            if name == variable and pilot in chosen:
                answers[chosen.index(pilot)] = value
        return answers

    def _yes_or_no(self, variable: str, chosen: Chosen, sides: Sides, group: str) -> Floats:
        texts = self._texts(variable, chosen, group)
        return np.array([_as_number(text, *sides) for text in texts], dtype=float)

    def _numbers(self, variable: str, chosen: Chosen) -> Floats:
        texts = self._texts(variable, chosen)
        values = np.array([np.nan if text is None else float(text) for text in texts], dtype=float)
        note_cells(self, variable, chosen, ~np.isnan(values))
        return values


def _as_number(value: str | None, one: tuple[str, ...], zero: tuple[str, ...]) -> float:
    """Return whether a level is among those that count as 1, or as 0 (none told: all others)."""
    if value is None:
        return np.nan
    if value in one:
        return 1.0
    return 0.0 if not zero or value in zero else np.nan
