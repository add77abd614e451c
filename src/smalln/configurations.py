"""Qualitative comparative analysis: which combinations of conditions go with the outcome.

`truth_table` says what was seen of each combination; `solve` shortens it. Conservative: only
combinations seen with the outcome. Parsimonious: any combination not seen may be added.
Intermediate: only those not seen that the declared expectations make easy to accept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smalln.inputs import Ints, binary, listed, one_line, one_of
from smalln.result import NotEstimable
from smalln.truth_tables import TruthTable, fit, member, truth_table

SolutionKind = Literal["conservative", "parsimonious", "intermediate"]
# over k conditions a tuple of 1, 0 or 2, the place after them: left out
LEFT_OUT = 2
Implicant = tuple[int, ...]
Model = frozenset[Implicant]
# configurations, shape (2,) * k
Set = NDArray[np.bool_]
# pairs of a conservative and a parsimonious model that are compared: a second or two
PAIRS = 20_000
# rows looked at in the search for covers before it gives up: a second or two
EFFORT = 2_000_000
# terms of all models together: a second or two to describe
MOST_TERMS = 20_000
# prime implicants beyond which a search would not end in time
MOST_PRIMES = 20_000
TOO_MANY = NotEstimable("too many equally short models to list; use fewer conditions")
NOTHING_LEFT = NotEstimable("no configuration contradicts: every condition drops out")
NO_EXPECTATION = "no directional expectation was declared: the same as the conservative solution"


@dataclass(frozen=True)
class Solution:
    """All equally short models of one kind.

    `models`: each a sorted list of terms such as `A*~B`. `fit`: one row a model, in their order,
    `inclusion`, `PRI`, `coverage`. `terms`: one row a term of a model, the same and
    `unique_coverage`: what no other term covers. `note`: what to say with it, in English, or "".

    >>> frame = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 1, 0]})
    >>> solve(truth_table(frame, "Y", ["A"])).fit["coverage"].tolist()
    [1.0]
    """

    kind: SolutionKind
    models: list[list[str]]
    fit: pd.DataFrame = field(repr=False)
    terms: pd.DataFrame = field(repr=False)
    note: str = ""


def solve(
    table: TruthTable,
    kind: SolutionKind = "conservative",
    expectations: Mapping[str, int | None] | None = None,
) -> Solution | NotEstimable:
    """Return all shortest models of a truth table.

    `expectations` (intermediate only): condition -> 1 or 0, the side expected to bring the outcome,
    None for none. For each pair of a conservative and a parsimonious model, a conservative term
    loses those literals that the parsimonious term does without and that go against the
    expectations; remainders covered by such terms are the easy counterfactuals. The intermediate
    models of all pairs are given together, without repeats. Without any expectation nothing is an
    easy counterfactual: the conservative solution comes back, and `note` says so.

    Raises:
        ValueError: no truth table, another kind, or expectations of what is no condition.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapters 8 and 9; Ragin and Sonnett (2005); R's
        `QCA::minimize`.

    >>> frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, 0]})
    >>> solve(truth_table(frame, "Y", ["A", "B"])).models
    [['A']]
    """
    if not isinstance(table, TruthTable):
        raise ValueError(f"table: {type(table).__name__}; allowed: what truth_table returns")
    one_of(kind, "kind", get_args(SolutionKind))
    sides = {} if expectations is None else expectations
    if not isinstance(sides, Mapping):
        raise ValueError(f"expectations: {one_line(sides)}; allowed: condition -> 1, 0 or None")
    for name, side in sides.items():
        sided = side is None or (np.isscalar(side) and side in (0, 1))
        if name not in table.conditions or not sided:
            allowed = ", ".join(table.conditions)
            odd = f"{one_line(name)}: {one_line(side)}"
            raise ValueError(f"expectations: {odd}; allowed: {allowed}: 1, 0, None")
    expected = [sides.get(name) for name in table.conditions]
    out = np.full((2,) * len(expected), np.nan)
    rows = table.frame[list(table.conditions)].to_numpy(int)
    out[tuple(rows.T)] = table.frame["OUT"].to_numpy(float, na_value=np.nan)
    positive, unseen = out == 1, np.isnan(out)
    if not positive.any():
        return NotEstimable("no configuration reaches the cut-offs")
    if kind == "intermediate":
        models = _intermediate(positive, unseen, expected)
    else:
        models = _shortest(positive, unseen & (kind == "parsimonious"))
    if isinstance(models, NotEstimable):
        return models
    if sum(map(len, models)) > MOST_TERMS:
        return TOO_MANY
    silent = kind == "intermediate" and all(side is None for side in expected)
    return _described(table, kind, models, NO_EXPECTATION if silent else "")


def _intermediate(
    positive: Set, unseen: Set, expected: list[int | None]
) -> list[Model] | NotEstimable:
    """Return the intermediate models of all pairs of a conservative and a parsimonious one."""
    bold, cautious = (_shortest(positive, more) for more in (unseen, np.zeros_like(unseen)))
    if isinstance(bold, NotEstimable) or isinstance(cautious, NotEstimable):
        return bold if isinstance(bold, NotEstimable) else cautious
    if len(cautious) * len(bold) > PAIRS:
        return TOO_MANY
    # many pairs lead to the same easy counterfactuals
    tried: dict[Model, list[Model]] = {}
    for first, second in product(cautious, bold):
        terms = frozenset(
            # a literal goes that the parsimonious term spares and that is not as expected
            tuple(
                LEFT_OUT if spared == LEFT_OUT and want == 1 - literal else literal
                for literal, spared, want in zip(long, short, expected, strict=True)
            )
            for long, short in product(first, second)
            if all(b in (LEFT_OUT, a) for a, b in zip(long, short, strict=True))
        )
        if terms in tried:
            continue
        easy = np.zeros_like(unseen)
        for term in terms:
            easy[tuple(slice(None) if v == LEFT_OUT else v for v in term)] = True
        models = _shortest(positive, easy & unseen)
        if isinstance(models, NotEstimable):
            return models
        tried[terms] = models
    return list(set().union(*tried.values()))


def _shortest(positive: Set, more: Set) -> list[Model] | NotEstimable:
    """Return every smallest set of terms that covers what is positive, and may cover `more`."""
    if (positive | more).all():
        return NOTHING_LEFT
    primes = prime_implicants(positive, positive | more)
    if len(primes) > MOST_PRIMES:
        return TOO_MANY
    terms, models, effort = [tuple(term) for term in primes.tolist()], list[Model](), 0
    # for each configuration the primes that cover it, as the bits of a number
    covering = [((primes == LEFT_OUT) | (primes == c)).all(axis=1) for c in np.argwhere(positive)]
    packed = np.packbits(covering, axis=1, bitorder="little")
    choices = {int.from_bytes(row.tobytes(), "little") for row in packed}

    def search(rows: list[int], chosen: Model, banned: int, left: int) -> None:
        """Find every cover with `left` more primes, none of them banned."""
        nonlocal effort
        effort += len(rows) + 1
        if not rows:
            models.append(chosen)
        # rows no two of which share a prime need one each
        used = needed = 0
        for row in rows:
            if not used & row:
                used, needed = used | row, needed + 1
        if not rows or needed > left or effort > EFFORT:
            return
        open_choices = min((row & ~banned for row in rows), key=int.bit_count)
        while open_choices:
            bit = open_choices & -open_choices
            rest = [row for row in rows if not row & bit]
            search(rest, chosen | {terms[bit.bit_length() - 1]}, banned, left - 1)
            # covers with this prime are all models: the next branches go without it
            open_choices, banned = open_choices ^ bit, banned | bit

    # Petrick (1956), by growing size; what holds all of another row's choices is implied by it
    rows = [row for row in choices if not any(o != row and o & row == o for o in choices)]
    size = 0
    while not models:
        size += 1
        search(sorted(rows, key=int.bit_count), frozenset(), 0, size)
        if effort > EFFORT:
            return TOO_MANY
    return models


def prime_implicants(positive: Set, allowed: Set) -> Ints:
    """Return the prime implicants that cover something positive, a row each, in a fixed order."""
    # McCluskey (1956), Bell System Technical Journal 35:1417, of all terms at once: shape (3,) * k
    legal, useful = allowed, positive
    for axis in range(allowed.ndim):
        legal = np.concatenate([legal, legal.all(axis, keepdims=True)], axis)
        useful = np.concatenate([useful, useful.any(axis, keepdims=True)], axis)
    prime = legal & useful
    for axis in range(allowed.ndim):
        # what stays legal without one more condition is not prime with it
        np.moveaxis(prime, axis, 0)[:2] &= ~np.moveaxis(legal, axis, 0)[2]
    return np.argwhere(prime)


def _described(table: TruthTable, kind: SolutionKind, models: list[Model], note: str) -> Solution:
    def name(term: Implicant) -> str:
        literals = zip(table.conditions, term, strict=True)
        return "*".join(n if literal else f"~{n}" for n, literal in literals if literal != LEFT_OUT)

    def fit_of(members: list[Ints]) -> tuple[float, ...]:
        return tuple(map(float, fit(np.maximum.reduce(members), table.cases[:, -1])))

    named = sorted(sorted((name(term), term) for term in model) for model in models)
    fits, every = [], []
    for number, model in enumerate(named):
        members = [member(table.cases, term) for _, term in model]
        fits.append(fit_of(members))
        for i, (term, _) in enumerate(model):
            others = members[:i] + members[i + 1 :]
            rest = fit_of(others)[2] if others else 0.0
            every.append((number, term, *fit_of([members[i]]), fits[-1][2] - rest))
    columns = ["inclusion", "PRI", "coverage"]
    return Solution(
        kind,
        [[term for term, _ in model] for model in named],
        pd.DataFrame(fits, columns=columns),
        pd.DataFrame(every, columns=["model", "term", *columns, "unique_coverage"]),
        note,
    )


def cases_until_dropped(
    frame: pd.DataFrame, outcome: str, conditions: Sequence[str], condition: str
) -> int | NotEstimable | None:
    """Return how few further cases of a condition drop it from every parsimonious model.

    `frame`: one row a unit, 1 or 0 in `outcome` (`~Y` is its negation) and `conditions`. The units
    with neither the outcome nor the condition are given the condition, one after the other in their
    order. 0 if it stands in no model to begin with, None if it stays in some whatever they are
    given, `NotEstimable` where the models are too many to list.

    Raises:
        ValueError: as of `truth_table`; a condition that is none of `conditions`; another value.

    >>> frame = pd.DataFrame({"late": [1, 1, 0, 0], "slow": [1, 1, 0, 0]})
    >>> cases_until_dropped(frame, "slow", ["late"], "late")
    1
    """
    names = listed(conditions, "conditions", "columns")
    truth_table(frame, outcome, names)
    one_of(condition, "condition", names)
    column = outcome.removeprefix("~")
    changed = pd.DataFrame({n: binary(frame[n], f"frame: {n}", False) for n in (*names, column)})
    others = np.flatnonzero((changed[condition] == 0) & (changed[column] == (outcome != column)))
    for number in range(len(others) + 1):
        changed.loc[others[:number], condition] = 1
        table = truth_table(changed, outcome, names)
        solution = solve(table, "parsimonious") if isinstance(table, TruthTable) else table
        if solution is TOO_MANY:
            return TOO_MANY
        models = [] if isinstance(solution, NotEstimable) else solution.models
        literals = {x for model in models for term in model for x in term.split("*")}
        if not {condition, f"~{condition}"} & literals:
            return number
    return None
