"""How few recodings overturn a claim: its cell is run again under other codings of its cells."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from math import comb, prod
from typing import TYPE_CHECKING, Any, Literal, get_args

from analysis.claims.cell import Watch
from analysis.claims.grades import Grade, Standing
from analysis.study import CODINGS, PROGRAMME
from analysis.study.external_facts import LEADERS
from analysis.study.read_log import Read
from analysis.study.study import Study

if TYPE_CHECKING:
    from analysis.claims.claim import Claim

DEPTH = 3
# evaluations a search may spend over so many pilots; beyond, it goes less deep and says so. Each
# asks every pilot, and more pilots have more cells: the budget falls with their number squared
BUDGET, PILOTS = 60_000, 13
# a pilot with more settings than this is searched in full
MOST_SETTINGS = 400

Cell = tuple[str, str]
# a cell and the level that it is recoded to; silent: empty, as in codings.csv
Change = tuple[Cell, str]
SILENT = ""
Turn = Literal["sign", "p", "grade"]
TURNS: tuple[Turn, ...] = get_args(Turn)


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
    most = BUDGET * PILOTS**2 // max(len(study.pilots), PILOTS) ** 2

    def recoding(arrays: bool, recoded: Mapping[Cell, str]) -> Study:
        told = {cell: level or None for cell, level in recoded.items()}
        return study.with_changes(told, search=True, arrays=arrays)

    def standing(arrays: bool, recoded: Mapping[Cell, str]) -> Standing:
        copy = recoding(arrays, recoded)
        return rerun(copy).standing(copy.log.all_known, copy.log.any_assumed)

    # a search hands plain arrays, which cost a tenth; a cell that needs more of pandas than
    # arithmetic is handed Series
    try:
        arrays = standing(True, {}) == standing(False, {})
    except (AttributeError, TypeError, ValueError, IndexError, KeyError):
        arrays = False

    def answers(recoded: Mapping[Cell, str]) -> Hashable:
        listening = AnswerRecorder(recoding(arrays, recoded))
        rerun(listening)
        reached.update(TELLING_APART)
        return listening.answered()

    cells = {(r.pilot, r.variable) for r in rows if r.file == CODINGS and r.pilot != PROGRAMME}
    # rows of `leaders.csv` fill a silent cell that is known; a batch is only looked up
    filled = [r for r in rows if r.known] if any(r.file == LEADERS for r in rows) else []
    known = {(r.pilot, r.variable) for r in filled if r.variable != study.declared.batch_variable}
    changes = recodings(study, cells, known)
    # cells that fall silent, or are filled, lead elsewhere; what comes then is not watched
    for some in (changes[-1:], [change for change in changes if change[1]]):
        standing(arrays, dict(some))
    with watched.apart(noted=False) as reached:
        found = search(now, partial(standing, arrays), changes, most, answers)
    watched.calls.codes |= reached | SEARCHING
    return found


def recodings(study: Study, cells: Collection[Cell], known: Collection[Cell] = ()) -> list[Change]:
    """Return what each of the cells that has levels can be recoded to, silence last.

    A silent cell: every level; none where it is `known` from elsewhere. One that is coded: silence,
    and the levels that a pass gives it, that stand beside it, or that `passes/alternatives.csv`
    declares; what the text excludes is no way to code it.
    """
    told = study.alternatives({variable for _, variable in cells}, of_these=True)
    defended = {change for coding in told for change in coding.changes.items()}
    changes, silences = list[Change](), list[Change]()
    for cell in sorted(cells):
        levels, now = study.codebook.variables[cell[1]].levels, study.value(*cell)
        beside = study.contradictory.get(cell)
        for level in levels if now is not None or cell not in known else ():
            open_to = (
                now is None or (cell, level) in defended or (beside and beside["value"] == level)
            )
            changes += [(cell, level)] if open_to and level != now else []
        silences += [(cell, SILENT)] if levels and now is not None else []
    return changes + silences


def search(
    now: Standing,
    evaluate: Callable[[Mapping[Cell, str]], Standing],
    changes: Sequence[Change],
    most: int = BUDGET,
    answers: Callable[[Mapping[Cell, str]], Hashable] | None = None,
) -> dict[Turn, Flips]:
    """Try all sets of one, then two, then three recodings until each thing to turn has turned.

    Those are the sign and the side of .05, where the claim has one, and the grade. `changes`: each
    cell with a level that it could be recoded to; `evaluate` computes the claim under a set of
    recodings; `most`: how many evaluations are spent. Sets that recode one cell twice are left out.
    `answers`: by what recodings are told apart (see `distinct`), before there are many sets to try.
    """
    has = zip(TURNS, (now.sign != 0, now.p_small is not None, True), strict=True)
    wanted, found, tried = [turn for turn, there in has if there], dict[Turn, Flips](), 0
    for size in range(1, DEPTH + 1):
        if answers and (size == DEPTH or deepest(len(changes), most) < size):
            # where even half as many leave no pairs to try, it costs more than it saves
            if deepest(len(changes) // 2, most) > 1:
                changes = distinct(changes, answers)
            answers = None
        if deepest(len(changes), most) < size:
            break
        for chosen in combinations(changes, size):
            recoded = dict(chosen)
            if len(recoded) == size:
                then = evaluate(recoded)
                for turn in turned(now, then):
                    found.setdefault(turn, Flips(size, chosen, then.grade))
                if len(found) == len(wanted):
                    return {turn: found[turn] for turn in wanted}
        tried = size
    return {turn: found.get(turn, Flips(f">{tried}")) for turn in wanted}


def deepest(changes: int, most: int = BUDGET) -> int:
    """Return up to which size all sets of so many recodings can be tried with `most` evaluations.

    Single recodings always can: a search that tries nothing would tell nothing.
    """
    sizes = (k for k in range(2, DEPTH + 1) if sum(comb(changes, i + 1) for i in range(k)) > most)
    return next(sizes, DEPTH + 1) - 1


def turned(now: Standing, then: Standing) -> list[Turn]:
    """Return what turned; a sign that becomes 0 or leaves 0 is a change of grade, if anything."""
    p = {now.p_small, then.p_small} == {True, False}
    has = zip(TURNS, (now.sign * then.sign < 0, p, now.grade != then.grade), strict=True)
    return [turn for turn, is_so in has if is_so]


def distinct(
    changes: Sequence[Change], answers: Callable[[Mapping[Cell, str]], Hashable]
) -> list[Change]:
    """Return one recoding of each kind; those equivalent to leaving the cell as it is are dropped.

    A study answers pilot by pilot. So two levels of a cell are equivalent for a claim if, whatever
    the other cells of that pilot are, the study gives the claim's cell the same `answers`.
    """
    levels: dict[Cell, list[str | None]] = {}
    for cell, changed in changes:
        levels.setdefault(cell, [None]).append(changed)
    left: list[Change] = []
    for cell, own in levels.items():
        others = {c: each for c, each in levels.items() if c[0] == cell[0] and c != cell}
        if prod(map(len, others.values())) * len(own) > MOST_SETTINGS:
            left += [(cell, level) for level in own if level is not None]
            continue
        kinds: dict[Hashable, str | None] = {}
        for each in own:
            settings = (dict(zip(others, s, strict=True)) for s in product(*others.values()))
            recoded = ({**setting, cell: each} for setting in settings)
            kind = tuple(answers({c: v for c, v in r.items() if v is not None}) for r in recoded)
            kinds.setdefault(kind, each)
        left += [(cell, level) for level in kinds.values() if level is not None]
    return left


class AnswerRecorder:
    """A study that notes what it answers; to a claim's cell it is the study itself."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._answers: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._study, name)
        if not callable(asked):
            return asked

        def answer(*args: Any, **more: Any) -> Any:
            given = asked(*args, **more)
            self._answers.append((name, given))
            return given

        return answer

    def answered(self) -> Hashable:
        """Return everything answered, and whether all was known, as one key."""
        log = self._study.log
        return pickle.dumps((self._answers, log.all_known, log.any_assumed))


def _rerun(watched: Watch, part: str | None) -> Callable[[Study | AnswerRecorder], Claim]:
    """Return a function that runs the watched cell on a study and gives the claim it ends with."""
    tree, variables = ast.parse(watched.source), watched.shell.user_ns
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        raise TypeError("a claim cell must end with the claim as its last expression")
    before = compile(tree, "<claim cell>", "exec")
    final = compile(ast.Expression(last.value), "<claim cell>", "eval")
    own = (name for name, value in variables.items() if value is watched.study)
    name = next(each for each in own if not each.startswith("_"))

    def run(study: Study | AnswerRecorder) -> Claim:
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


# the code of what runs in every search, and of what tells recodings apart
SEARCHING = {each.__code__ for each in (search, deepest, turned)}
_TOLD = (AnswerRecorder.__init__, AnswerRecorder.__getattr__, AnswerRecorder.answered)
TELLING_APART = {each.__code__ for each in (distinct, *_TOLD)}
