"""Qualitative comparative analysis: which combinations of conditions go with the outcome.

`truth_table` says what was seen of each combination; `solve` shortens it. Conservative: only
combinations seen with the outcome. Parsimonious: any combination not seen may be added.
Intermediate: only those not seen that the declared expectations make easy to accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from smalln.calibration import crisp as crisp
from smalln.calibration import direct as direct
from smalln.checks import finite, one_of, same_length
from smalln.implicants import Implicant
from smalln.minimising import Kind, Model, models_of
from smalln.result import NotEstimable
from smalln.truth_table import TruthTable as TruthTable
from smalln.truth_table import Whole, member_of_any, shares_of
from smalln.truth_table import truth_table as truth_table


@dataclass(frozen=True)
class Solution:
    """All equally short models of one kind.

    `models`: each a sorted list of terms such as `A*~B`. `fit`: one row a model, in their order,
    `inclusion`, `PRI`, `coverage`. `terms`: one row a term of a model, the same and
    `unique_coverage`: what no other term of the model covers.
    """

    kind: Kind
    models: list[list[str]]
    fit: pd.DataFrame
    terms: pd.DataFrame


@dataclass(frozen=True)
class Necessity:
    """How far an outcome is not found without a condition, and how far that is trivial."""

    inclusion: float
    ron: float
    coverage: float


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
    models of all pairs are given together, without repeats.

    Raises:
        ValueError: no truth table, another kind, or expectations of what is no condition.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapters 8 and 9; Ragin and Sonnett (2005); R's
        `QCA::minimize`.
    """
    if not isinstance(table, TruthTable):
        raise ValueError(f"table: {type(table).__name__}; allowed: what truth_table returns")
    one_of(kind, "kind", get_args(Kind))
    expected = _expectations(table, {} if expectations is None else expectations)
    if not table.frame["OUT"].eq(1).any():
        return NotEstimable("no configuration reaches the cut-offs", "没有组合达到设定的界限")
    models = models_of(table, kind, expected)
    return models if isinstance(models, NotEstimable) else _described(table, kind, models)


def _expectations(table: TruthTable, given: Mapping[str, int | None]) -> list[int | None]:
    if not isinstance(given, Mapping):
        raise ValueError(f"expectations: {given!r}; allowed: condition -> 1, 0 or None")
    for name, value in given.items():
        if name not in table.conditions or value not in (0, 1, None):
            allowed = ", ".join(table.conditions)
            raise ValueError(f"expectations: {name!r}: {value!r}; allowed: {allowed}: 1, 0, None")
    return [given.get(name) for name in table.conditions]


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


def necessity(condition: ArrayLike, outcome: ArrayLike) -> Necessity | NotEstimable:
    """Return how necessary a condition is for an outcome, memberships of shape (cases,).

    `inclusion`: how far the outcome is inside the condition. `ron`, relevance of necessity: low
    where the condition is nearly constant, so that being necessary is trivial. `coverage`: how much
    of the condition the outcome fills.

    Raises:
        ValueError: values outside [0, 1] or missing, or different lengths.

    Source:
        Schneider and Wagemann (2012), Set-Theoretic Methods, sections 5.2 and 9.2.1.
    """
    x, y = finite(condition, "condition"), finite(outcome, "outcome")
    same_length(x, y, "condition, outcome")
    for name, values in (("condition", x), ("outcome", y)):
        if ((values < 0) | (values > 1)).any():
            raise ValueError(f"{name}: {values!r}; allowed: 0 to 1")
    both = float(np.minimum(x, y).sum())
    if not x.any() or not y.any():
        return NotEstimable(
            "no case has the condition, or the outcome", "没有案例具备该条件或该结果"
        )
    outside = float((1 - np.minimum(x, y)).sum())
    ron = float((1 - x).sum()) / outside if outside else 0.0
    return Necessity(both / float(y.sum()), ron, both / float(x.sum()))


def cases_until_dropped(
    frame: pd.DataFrame, outcome: str, conditions: list[str], condition: str
) -> int | None:
    """Return how few further cases of a condition drop it from every parsimonious model.

    `frame`: one row a unit, 1 or 0 in `outcome` and `conditions`. The units with neither the
    outcome nor the condition are given the condition, one after the other in their order. None if
    it stays in some model whatever they are given.

    >>> frame = pd.DataFrame({"late": [1, 1, 0, 0], "slow": [1, 1, 0, 0]})
    >>> cases_until_dropped(frame, "slow", ["late"], "late")
    1
    """
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
