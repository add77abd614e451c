"""Qualitative comparative analysis: which combinations of conditions go with the outcome.

`truth_table` says what was seen of each combination; `solve` shortens it. Conservative: only
combinations seen with the outcome. Parsimonious: any combination not seen may be added.
Intermediate: only those not seen that the declared expectations make easy to accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smalln.arguments import one_line, one_of
from smalln.implicants import Implicant, prime_implicants, smallest_covers
from smalln.result import NotEstimable
from smalln.truth_tables import TruthTable, Whole, member_of_any, shares_of, truth_table

Kind = Literal["conservative", "parsimonious", "intermediate"]
Model = frozenset[Implicant]
# pairs of a conservative and a parsimonious model that are compared: a second or two
PAIRS = 20_000
TOO_MANY = NotEstimable("too many equally short models to list; use fewer conditions")
NOTHING_LEFT = NotEstimable("no configuration contradicts: every condition drops out")
NO_EXPECTATION = "no directional expectation was declared: the same as the conservative solution"


@dataclass(frozen=True)
class Solution:
    """All equally short models of one kind.

    `models`: each a sorted list of terms such as `A*~B`. `fit`: one row a model, in their order,
    `inclusion`, `PRI`, `coverage`. `terms`: one row a term of a model, the same and
    `unique_coverage`: what no other term of the model covers. `note`: what must be said with it, in
    English; "" for nothing.

    >>> from smalln import truth_table
    >>> frame = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 1, 0]})
    >>> solve(truth_table(frame, "Y", ["A"])).fit["coverage"].tolist()
    [1.0]
    """

    kind: Kind
    models: list[list[str]]
    fit: pd.DataFrame
    terms: pd.DataFrame
    note: str = ""


def solve(
    table: TruthTable,
    kind: Kind = "conservative",
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

    >>> from smalln import truth_table
    >>> frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, 0]})
    >>> solve(truth_table(frame, "Y", ["A", "B"])).models
    [['A']]
    """
    if not isinstance(table, TruthTable):
        raise ValueError(f"table: {type(table).__name__}; allowed: what truth_table returns")
    one_of(kind, "kind", get_args(Kind))
    expected = _expectations(table, {} if expectations is None else expectations)
    if not table.frame["OUT"].eq(1).any():
        return NotEstimable("no configuration reaches the cut-offs")
    models = _models_of(table, kind, expected)
    if isinstance(models, NotEstimable):
        return models
    silent = kind == "intermediate" and all(side is None for side in expected)
    return replace(_described(table, kind, models), note=NO_EXPECTATION if silent else "")


def _expectations(table: TruthTable, sides: Mapping[str, int | None]) -> list[int | None]:
    if not isinstance(sides, Mapping):
        raise ValueError(f"expectations: {one_line(sides)}; allowed: condition -> 1, 0 or None")
    for name, side in sides.items():
        if name not in table.conditions or side not in (0, 1, None):
            allowed = ", ".join(table.conditions)
            odd = f"{one_line(name)}: {one_line(side)}"
            raise ValueError(f"expectations: {odd}; allowed: {allowed}: 1, 0, None")
    return [sides.get(name) for name in table.conditions]


def _described(table: TruthTable, kind: Kind, models: list[Model]) -> Solution:
    named = sorted(
        (sorted((_name(table, term), term) for term in model) for model in models),
        key=lambda terms: [name for name, _ in terms],
    )
    y, fits, every = table.sets.outcome, [], []
    for number, model in enumerate(named):
        members = [member_of_any(table.sets, [term]) for _, term in model]
        whole: Whole = np.maximum.reduce(members)
        fits.append(_fit(whole, y))
        for i, (name, _) in enumerate(model):
            others = members[:i] + members[i + 1 :]
            rest = _fit(np.maximum.reduce(others), y)[2] if others else 0.0
            every.append((number, name, *_fit(members[i], y), fits[-1][2] - rest))
    columns = ["inclusion", "PRI", "coverage"]
    return Solution(
        kind,
        [[name for name, _ in model] for model in named],
        pd.DataFrame(fits, columns=columns),
        pd.DataFrame(every, columns=["model", "term", *columns, "unique_coverage"]),
    )


def _name(table: TruthTable, term: Implicant) -> str:
    return "*".join(
        name if literal else f"~{name}"
        for name, literal in zip(table.conditions, term, strict=True)
        if literal >= 0
    )


def _fit(inside: Whole, y: Whole) -> tuple[float, float, float]:
    inclusion, pri = (np.nan if s is None else float(s) for s in shares_of(inside, y))
    return inclusion, pri, int(np.minimum(inside, y).sum()) / int(y.sum())


def _rows(table: TruthTable, out: int) -> list[Implicant]:
    chosen = table.frame.loc[table.frame["OUT"].eq(out).fillna(False), list(table.conditions)]
    return [tuple(row) for row in chosen.to_numpy(dtype=int).tolist()]


@dataclass(frozen=True)
class _Seen:
    """The configurations with the outcome, without it, and the rest, arrays of shape (2,) * k."""

    positive: list[Implicant]
    negative: list[Implicant]
    unseen: NDArray[np.bool_]

    @classmethod
    def of(cls, table: TruthTable) -> "_Seen":
        """Read a truth table."""
        positive, negative = _rows(table, 1), _rows(table, 0)
        unseen = np.ones((2,) * len(table.conditions), dtype=bool)
        for row in (*positive, *negative):
            unseen[row] = False
        return cls(positive, negative, unseen)

    def models(self, more: NDArray[np.bool_]) -> list[Model] | NotEstimable:
        """Return the shortest models that may also cover the remainders of `more`."""
        allowed = more & self.unseen
        for row in self.positive:
            allowed[row] = True
        if allowed.all():
            return NOTHING_LEFT
        primes = prime_implicants(self.positive, allowed)
        chosen = smallest_covers(self.positive, primes)
        if chosen is None:
            return TOO_MANY
        return [frozenset(primes[i] for i in each) for each in chosen]


def _models_of(
    table: TruthTable, kind: Kind, expected: list[int | None]
) -> list[Model] | NotEstimable:
    """Return the shortest models of one kind; `expected`: 1, 0 or None for each condition."""
    seen = _Seen.of(table)
    if kind == "conservative":
        return seen.models(np.zeros_like(seen.unseen))
    bold = seen.models(np.ones_like(seen.unseen))
    if kind == "parsimonious" or isinstance(bold, NotEstimable):
        return bold
    cautious = seen.models(np.zeros_like(seen.unseen))
    return (
        cautious if isinstance(cautious, NotEstimable) else _between(seen, cautious, bold, expected)
    )


def _between(
    seen: _Seen, cautious: list[Model], bold: list[Model], expected: list[int | None]
) -> list[Model] | NotEstimable:
    """Return the intermediate models of all pairs of a conservative and a parsimonious one."""
    if len(cautious) * len(bold) > PAIRS:
        return TOO_MANY
    tried: set[frozenset[Implicant]] = set()
    between: dict[Model, None] = {}
    for first, second in product(cautious, bold):
        terms = frozenset(_shortened(first, second, expected))
        # many pairs lead to the same remainders
        if terms in tried:
            continue
        tried.add(terms)
        easy = np.zeros_like(seen.unseen)
        for term in terms:
            easy[tuple(slice(None) if literal == -1 else literal for literal in term)] = True
        models = seen.models(easy)
        if isinstance(models, NotEstimable):
            return models
        between |= dict.fromkeys(models)
    return list(between)


def _shortened(first: Model, second: Model, expected: list[int | None]) -> set[Implicant]:
    """Return conservative terms without the literals that go against the expectations."""
    return {
        tuple(
            -1 if keep == -1 and want is not None and literal not in (-1, want) else literal
            for literal, keep, want in zip(term, bold, expected, strict=True)
        )
        for term in first
        for bold in second
        if all(b in (-1, a) for a, b in zip(term, bold, strict=True))
    }


def cases_until_dropped(
    frame: pd.DataFrame, outcome: str, conditions: list[str], condition: str
) -> int | None:
    """Return how few further cases of a condition drop it from every parsimonious model.

    `frame`: one row a unit, 1 or 0 in `outcome` and `conditions`. The units with neither the
    outcome nor the condition are given the condition, one after the other in their order. None if
    it stays in some model whatever they are given.

    Raises:
        ValueError: a condition that is none of `conditions`, and what `truth_table` refuses.

    >>> frame = pd.DataFrame({"late": [1, 1, 0, 0], "slow": [1, 1, 0, 0]})
    >>> cases_until_dropped(frame, "slow", ["late"], "late")
    1
    """
    truth_table(frame, outcome, conditions)
    one_of(condition, "condition", conditions)
    changed = frame[[*conditions, outcome]].reset_index(drop=True)
    for number, unit in enumerate(changed.query(f"`{condition}` == 0 and `{outcome}` == 0").index):
        changed.loc[unit, condition] = 1
        table = truth_table(changed, outcome, conditions)
        solution = solve(table, "parsimonious") if isinstance(table, TruthTable) else table
        models = [] if isinstance(solution, NotEstimable) else solution.models
        literals = {x for model in models for term in model for x in term.split("*")}
        if not {condition, f"~{condition}"} & literals:
            return number + 1
    return None
