"""Running a claim's cell again under other codings: what few recodings would overturn it."""

import ast
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from analysis.exhibits.alike import Listening, unlike
from analysis.exhibits.cell import Watch
from analysis.exhibits.flips import Cell, Change, Flips, Standing, budget, deepest, search
from analysis.exhibits.grading import NEUTRAL
from analysis.exhibits.sentence import Sentence
from analysis.study.record import CODINGS, Asked, Record
from analysis.study.vocabulary import PROGRAMME
from smalln import NotEstimable

Rerun = Callable[[dict[str, Any], str | None], Sentence]


def flips_of(claim: Sentence, watched: Watch, rows: list[Asked]) -> Flips | None:
    """Return how few recodings of the coded cells in `rows` overturn a comparison.

    None for what is no comparison (a count has nothing to turn), and where more than single cells
    was varied.
    """
    no_comparison = claim.unit not in NEUTRAL or isinstance(claim.value, NotEstimable)
    if no_comparison or claim.varied is not None:
        return None
    study, rerun = watched.study, _rerun(watched.source)
    name = next(k for k, v in watched.namespace.items() if v is study and not k.startswith("_"))

    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        changed = study.with_changes(recoded, Record(detailed=False))
        again = rerun({**watched.namespace, name: changed}, claim.pilot)
        return again.standing(changed.record.all_known, changed.record.any_assumed)

    def heard(recoded: Mapping[Cell, str]) -> Hashable:
        listening = Listening(study.with_changes(recoded))
        rerun({**watched.namespace, name: listening}, claim.pilot)
        return listening.heard()

    most = budget(len(study.pilots))

    def told_apart(changes: Sequence[Change]) -> Sequence[Change]:
        # where even half as many leave no pairs to try, it costs more than it saves
        return unlike(changes, heard) if deepest(len(changes) // 2, most) > 1 else changes

    now = claim.standing(all(r.known for r in rows), any(r.assumed for r in rows))
    return search(now, evaluate, _changes(watched, rows), most, told_apart)


def _changes(watched: Watch, rows: list[Asked]) -> list[Change]:
    """Return every coded cell used, with each other level of its codebook."""
    study = watched.study
    cells = {(r.pilot, r.variable) for r in rows if r.table == CODINGS and r.pilot != PROGRAMME}
    return [
        (cell, level)
        for cell in sorted(cells)
        for level in study.codebook.variables[cell[1]].levels
        if level != (study.value(*cell) or "")
    ]


def _rerun(source: str) -> Rerun:
    """Return a function that runs a cell in a namespace and gives the claim it ends with."""
    tree = ast.parse(source)
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        raise TypeError("a claim cell must end with the claim as its last expression")
    before = compile(tree, "<claim cell>", "exec")
    final = compile(ast.Expression(last.value), "<claim cell>", "eval")

    def run(namespace: dict[str, Any], pilot: str | None) -> Sentence:
        exec(before, namespace)
        shown = eval(final, namespace)
        made = getattr(shown, "claims", (shown,))
        return next(c for c in made if isinstance(c, Sentence) and c.pilot == pilot)

    return run
