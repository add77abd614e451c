"""Qualitative comparative analysis: which combinations of conditions go with the outcome.

`truth_table` says what was seen of each combination; `solve` shortens it. Conservative: only
combinations seen with the outcome. Parsimonious: any combination not seen may be added.
Intermediate: only those not seen that the declared expectations make easy to accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from smalln.arguments import one_line, one_of
from smalln.implicants import Implicant
from smalln.minimising import Kind, Model, models_of
from smalln.result import NotEstimable
from smalln.truth_tables import TruthTable, Whole, member_of_any, shares_of

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
    models = models_of(table, kind, expected)
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
