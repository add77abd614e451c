"""How few recodings overturn a claim: its cell is run again under other codings of its cells.

A study answers pilot by pilot, and what a cell makes of arrays does not depend on the order of the
pilots, for which a drawn order is tried each time. So it only counts of how many pilots a set of
recodings turns which answers into which; of all sets of one such kind one is tried.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.claims.cell import Watch
from analysis.claims.grades import Grade, Standing
from analysis.study import CODINGS, PROGRAMME
from analysis.study.external_facts import LEADERS
from analysis.study.read_log import Read
from analysis.study.study import Cell, Study

if TYPE_CHECKING:
    from analysis.claims.claim import Claim

DEPTH = 3
# sets that a search looks at, and that it tries where each is of a kind of its own; beyond, it goes
# less deep and says so
BUDGET, SINGLY = 60_000, 6_000
# what a study answers pilot by pilot, and what no recoding changes
BY_PILOT = {"outcome", "factor", "numbers"}
UNCHANGED = {"declared", "factor_declared", "label", "labels", "main_outcome", "names", "variable"}

# a cell and the level that it is recoded to; silent: empty, as in codings.csv
Change = tuple[Cell, str]
# places of pilots; None: as they come, by name
Order = NDArray[np.int64] | None
# a method of a study, with what it was given
Ask = tuple[str, tuple[Any, ...], Mapping[str, Any]]
SILENT = ""
Turn = Literal["sign", "p", "grade"]


@dataclass(frozen=True)
class Flips:
    """The fewest recodings that turn something (`>3`: none found), one such set, the grade then."""

    number: int | str
    changes: tuple[Change, ...] = ()
    grade: Grade | None = None


def flips_of(claim: Claim, watched: Watch, rows: list[Read], now: Standing) -> dict[Turn, Flips]:
    """Return how few recodings of the coded cells in `rows` overturn a comparison as it stands.

    As of `search`. A known cell is recoded to what else can be defended (see `recodings`) or falls
    silent, a silent one gets any level.
    """
    study, rerun = watched.study, _rerun(watched, claim.part)

    def run(recoded: Mapping[Cell, str], order: Order = None) -> tuple[Standing, ListeningStudy]:
        told = {cell: level or None for cell, level in recoded.items()}
        copy = study.with_changes(told, search=True, arrays=order is not None)
        listening = ListeningStudy(copy, order)
        return rerun(listening).standing(copy.log.all_known, copy.log.any_assumed), listening

    def by_kind(recoded: Mapping[Cell, str]) -> Standing:
        (found, listening), (other, _) = (run(recoded, by) for by in (notice, shuffle(notice)))
        if found != other or listening.asked != kinds.asked or listening.other - UNCHANGED:
            raise LookupError(
                "it matters which pilot is which, or what is asked depends on answers"
            )
        return found

    notice, shuffle = np.arange(len(study.every)), np.random.default_rng(0).permutation
    kinds = Kinds(study, run({})[1].asked)
    cells = {(r.pilot, r.variable) for r in rows if r.file == CODINGS and r.pilot != PROGRAMME}
    # rows of `leaders.csv` fill a silent cell that is known; a batch is only looked up
    filled = [r for r in rows if r.known] if any(r.file == LEADERS for r in rows) else []
    known = {(r.pilot, r.variable) for r in filled if r.variable != study.declared.batch_variable}
    changes = recodings(study, cells, known)
    # cells that fall silent, or are filled, lead elsewhere; what comes then is not watched
    for some in (changes[-1:], [change for change in changes if change[1]]):
        run(dict(some))
    # a search hands plain arrays; a cell that needs more of pandas than arithmetic, or looks at
    # which pilot is which, is handed Series, and each set is tried
    with watched.apart(noted=False) as reached:
        try:
            alike = by_kind({}) == run({})[0]
            found = search(now, by_kind, changes, BUDGET, kinds) if alike else None
        except (AttributeError, LookupError, TypeError, ValueError):
            found = None
        found = found or search(now, lambda recoded: run(recoded)[0], changes, SINGLY)
    watched.calls.codes |= reached | SEARCHING
    return found


def recodings(study: Study, cells: Collection[Cell], known: Collection[Cell] = ()) -> list[Change]:
    """Return what each of the cells that has levels can be recoded to, silence last.

    A silent cell: every level; none where it is `known` from elsewhere. One that is coded: silence,
    and the levels that a pass gives it, that stand beside it, or that `passes/alternatives.csv`
    declares; what the text excludes is no way to code it.
    """
    codings = study.alternatives({variable for _, variable in cells}, of_these=True)
    defended = {change for coding in codings for change in coding.changes.items()}
    changes, silences = list[Change](), list[Change]()
    for cell in sorted(cells):
        levels, now = study.codebook.variables[cell[1]].levels, study.value(*cell)
        if now is None:
            changes += [(cell, level) for level in levels if cell not in known]
        else:
            beside = study.contradictory.get(cell, {}).get("value")
            told = [each for each in levels if each == beside or (cell, each) in defended]
            changes += [(cell, level) for level in told if level != now]
            silences += [(cell, SILENT)] if levels else []
    return changes + silences


def search(
    now: Standing,
    evaluate: Callable[[Mapping[Cell, str]], Standing],
    changes: Sequence[Change],
    most: int = BUDGET,
    kind: Callable[[Mapping[Cell, str]], Hashable] | None = None,
) -> dict[Turn, Flips]:
    """Try all sets of one, then two, then three recodings until each thing to turn has turned.

    Those are the sign and the side of .05, where the claim has one and a cell a level to take, and
    the grade. `changes`: each cell with a level that it could be recoded to; `evaluate` computes
    the claim under a set of recodings; `most`: how many sets are looked at. Sets that recode one
    cell twice are left out, and those of which one of the same `kind` was tried.
    """
    # a cell that falls silent leaves open what it told, and turns neither
    to_levels = any(level for _, level in changes)
    has: dict[Turn, bool] = {"sign": to_levels and now.sign != 0, "grade": True}
    has["p"] = to_levels and now.p_small is not None
    wanted, found = [turn for turn, there in has.items() if there], dict[Turn, Flips]()
    depth, tell = deepest(len(changes), most), kind or (lambda recoded: tuple(recoded.items()))
    kinds = {tell({})}
    for size in range(1, depth + 1):
        for chosen in combinations(changes, size):
            recoded = dict(chosen)
            if len(recoded) < size or (this := tell(recoded)) in kinds:
                continue
            kinds.add(this)
            then = evaluate(recoded)
            for turn in turned(now, then):
                found.setdefault(turn, Flips(size, chosen, then.grade))
            if len(found) == len(wanted):
                return {turn: found[turn] for turn in wanted}
    return {turn: found.get(turn, Flips(f">{depth}")) for turn in wanted}


def deepest(changes: int, most: int = BUDGET) -> int:
    """Return up to which size all sets of so many recodings can be tried with `most` evaluations.

    Single recodings always can: a search that tries nothing would tell nothing.
    """
    sizes = (k for k in range(2, DEPTH + 1) if sum(comb(changes, i + 1) for i in range(k)) > most)
    return next(sizes, DEPTH + 1) - 1


def turned(now: Standing, then: Standing) -> list[Turn]:
    """Return what turned; a sign that becomes 0 or leaves 0 is a change of grade, if anything."""
    has: dict[Turn, bool] = {
        "sign": now.sign * then.sign < 0,
        "p": {now.p_small, then.p_small} == {True, False},
        "grade": now.grade != then.grade,
    }
    return [turn for turn, is_so in has.items() if is_so]


@dataclass
class Kinds:
    """The kind of a set of recodings: of how many pilots it turns which answers into which.

    `asked`: what a claim's cell asks. A set that changes nobody's answers is of the kind of none.
    """

    study: Study
    asked: Sequence[Ask]
    # for levels that variables might have: what is answered of each pilot then
    answers: dict[frozenset[tuple[str, str]], dict[str, Hashable]] = field(default_factory=dict)

    def __call__(self, recoded: Mapping[Cell, str]) -> Hashable:
        """Return the kind of a set of recodings."""
        by_pilot: dict[str, list[tuple[str, str]]] = {}
        for (pilot, variable), level in recoded.items():
            by_pilot.setdefault(pilot, []).append((variable, level))
        now = self.of_each(frozenset())
        then = {pilot: self.of_each(frozenset(to))[pilot] for pilot, to in by_pilot.items()}
        return tuple(sorted((now[p], to) for p, to in then.items() if to != now[p]))

    def of_each(self, levels: frozenset[tuple[str, str]]) -> dict[str, Hashable]:
        """Return what is answered of each pilot if it has these levels, and whether it is known."""
        if levels not in self.answers:
            every = self.study.every
            told = {(pilot, name): level or None for pilot in every for name, level in levels}
            copy = self.study.with_changes(told)
            values = [getattr(copy, name)(*args, **more) for name, args, more in self.asked]
            sure = dict.fromkeys(every, (True, False))
            for read in copy.log.entries:
                if read.pilot in sure:
                    known, assumed = sure[read.pilot]
                    sure[read.pilot] = known and read.known, assumed or read.assumed
            rows = zip(every, np.column_stack(values), strict=True)
            self.answers[levels] = {pilot: (row.tobytes(), *sure[pilot]) for pilot, row in rows}
        return self.answers[levels]


class ListeningStudy:
    """A study that notes what a cell asks of it; `order`: that of the pilots in its answers."""

    def __init__(self, study: Study, order: Order) -> None:
        self._study, self._order = study, slice(None) if order is None else order
        self.asked: list[Ask] = []
        self.other = set[str]()

    def __getattr__(self, name: str) -> Any:
        given = getattr(self._study, name)
        if name not in BY_PILOT:
            self.other.add(name)
            return given

        def answer(*args: Any, **more: Any) -> Any:
            self.asked.append((name, args, more))
            return given(*args, **more)[self._order]

        return answer


def _rerun(watched: Watch, part: str | None) -> Callable[[Study | ListeningStudy], Claim]:
    """Return a function that runs the watched cell on a study and gives the claim it ends with."""
    tree, variables = ast.parse(watched.source), watched.shell.user_ns
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        raise TypeError("a claim cell must end with the claim as its last expression")
    before = compile(tree, "<claim cell>", "exec")
    final = compile(ast.Expression(last.value), "<claim cell>", "eval")
    name = next(n for n, v in variables.items() if v is watched.study and not n.startswith("_"))

    def run(study: Study | ListeningStudy) -> Claim:
        namespace = {**variables, name: study}
        watched.rerun_for = part
        try:
            exec(before, namespace)
            shown = eval(final, namespace)
        finally:
            watched.rerun_for = None
        made: Sequence[Claim] = getattr(shown, "claims", (shown,))
        return next(claim for claim in made if claim.part == part)

    return run


# the code of what runs in every search
SEARCHING = {f.__code__ for f in (search, deepest, turned, Kinds.__call__, Kinds.of_each)}
