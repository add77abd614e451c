"""The shortest models of a truth table: conservative, parsimonious, and what lies between."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smalln.implicants import Implicant, prime_implicants, smallest_covers
from smalln.result import NotEstimable
from smalln.truth_tables import TruthTable

Kind = Literal["conservative", "parsimonious", "intermediate"]
Model = frozenset[Implicant]
# pairs of a conservative and a parsimonious model that are compared: a second or two
PAIRS = 20_000
TOO_MANY = NotEstimable("too many equally short models to list; use fewer conditions")
NOTHING_LEFT = NotEstimable("no configuration contradicts: every condition drops out")


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


def models_of(
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
