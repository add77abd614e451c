"""One defensible analysis, and which of many declared ones are the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from smalln.arguments import one_line, one_of
from smalln.bounds import Bounds, risk_difference
from smalln.inputs import Floats, binary, in_order, index_of, same_length
from smalln.result import NotEstimable
from smalln.specification_test import Test, p_of_cells

TESTS = get_args(Test)
# columns of a curve that no choice may be called
OWN = ("test", "names", "estimate", "p_value", "lower", "upper", "row")


@dataclass(frozen=True)
class Specification:
    """One defensible analysis: `choices` by name, outcome and factor of shape (units,), a test.

    `units`: 1 for a unit in the analysis, 0 for one left out; None: all are in. `test`: `fisher` or
    `boschloo`. Series of all specifications are put in the order of the first one's index.

    >>> Specification({"outcome": "named"}, [1, 0], [1, 0]).test
    'fisher'
    """

    choices: Mapping[str, str]
    outcome: ArrayLike
    factor: ArrayLike
    test: Test = "fisher"
    units: ArrayLike | None = None


@dataclass
class Kind:
    """Specifications that are one: the same vectors and test."""

    outcome: Floats
    factor: Floats
    units: Floats
    test: Test
    bounds: Bounds | None
    choices: dict[str, dict[str, None]] = field(default_factory=dict)
    names: int = 0

    @property
    def closed(self) -> bool:
        """Whether every cell is known, and so the estimate."""
        return self.bounds is not None and not self.bounds.unknown

    def p_value(self) -> float:
        """Return its p; NaN where its test refuses."""
        first = int((self.factor * self.units).sum())
        events, cell = int(self.outcome.sum()), int((self.factor * self.outcome).sum())
        second = int(self.units.sum()) - first
        return p_of_cells(self.test, first, second, events)[cell - max(0, events - second)]


def kinds_of(specifications: Sequence[Specification]) -> tuple[list[Kind], list[int]]:
    """Return the distinct specifications in their order, and which one each declared one is.

    Raises:
        ValueError: vectors of other values or lengths, another test, choices that are no texts.
    """
    for i, each in enumerate(specifications):
        _checked(each, i)
    places: dict[tuple[bytes, bytes, bytes, str], int] = {}
    kinds, which, vectors = list[Kind](), list[int](), _Vectors()
    for i, each in enumerate(specifications):
        (y, of_y), (x, of_x), (units, of_units) = vectors.of(each, i)
        at = places.setdefault((of_y, of_x, of_units, each.test), len(kinds))
        if at == len(kinds):
            kinds.append(Kind(y, x, units, each.test, _bounds(y, x, units)))
        which.append(at)
        kinds[at].names += 1
        for name, choice in each.choices.items():
            kinds[at].choices.setdefault(name, {})[choice] = None
    return kinds, which


def _checked(specification: Specification, i: int) -> None:
    place = f"specifications[{i}]"
    if not isinstance(specification, Specification):
        raise ValueError(f"{place}: {one_line(specification)}; allowed: a Specification")
    one_of(specification.test, f"{place}.test", TESTS)
    choices = specification.choices
    if not isinstance(choices, Mapping):
        raise ValueError(f"{place}.choices: {one_line(choices)}; allowed: names -> choices")
    for name, choice in choices.items():
        if name in OWN or not isinstance(choice, str):
            allowed = f"a text, under a name other than {', '.join(OWN)}"
            shown = f"{one_line(name)}: {one_line(choice)}"
            raise ValueError(f"{place}.choices: {shown}; allowed: {allowed}")


class _Vectors:
    """The vectors of many specifications, all of one length: each is read once, with its bytes.

    The same object stands in many specifications, which keep it.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Floats, bytes]] = {}
        self._length: int | None = None
        self._index: Any = None

    def of(self, specification: Specification, i: int) -> tuple[tuple[Floats, bytes], ...]:
        """Return outcome (0 where a unit is out), factor and units of the i-th specification.

        Raises:
            ValueError: other values, or another length than those before.
        """
        place = f"specifications[{i}]"
        y, x, units = specification.outcome, specification.factor, specification.units
        outcome, _ = self._once(("outcome", id(y)), lambda: self._read_as(y, f"{place}.outcome"))
        factor = self._once(("factor", id(x)), lambda: self._read_as(x, f"{place}.factor"))
        everyone = np.ones(len(outcome)) if units is None else units
        inside = self._once(
            ("units", id(units), len(outcome)),
            lambda: self._read_as(everyone, f"{place}.units", missing=False),
        )
        for other, names in ((factor[0], "outcome, factor"), (inside[0], "outcome, units")):
            same_length(outcome, other, f"{place}: {names}")
        if self._length not in (None, len(outcome)):
            raise ValueError(f"{place}: {len(outcome)} units; allowed: {self._length}, as before")
        self._length = len(outcome)
        known = self._once(
            ("inside", id(y), id(units)), lambda: np.where(inside[0] == 1, outcome, 0.0)
        )
        return known, factor, inside

    def _read_as(self, values: ArrayLike, name: str, missing: bool = True) -> Floats:
        """Return a vector in the order of the first index that there was."""
        if self._index is None:
            self._index = index_of(values)
        ordered = values if self._index is None else in_order(values, self._index, name)
        return binary(ordered, name, missing)

    def _once(self, key: tuple[object, ...], read: Callable[[], Floats]) -> tuple[Floats, bytes]:
        if key not in self._known:
            vector = read()
            self._known[key] = vector, vector.tobytes()
        return self._known[key]


def _bounds(y: Floats, x: Floats, units: Floats) -> Bounds | None:
    """Return the bounds over the units in the analysis; None if nothing can be compared.

    A unit left out whose factor is unknown still counts as unknown: a relabeling may bring it in.
    """
    inside = units == 1
    if not inside.any():
        return None
    bounds = risk_difference(y[inside], x[inside])
    known = y[inside]
    one_outcome = not np.isnan(known).any() and known.min() == known.max()
    if isinstance(bounds, NotEstimable) or one_outcome:
        return None
    outside = int(np.isnan(x[~inside]).sum())
    return Bounds(bounds.lower, bounds.upper, bounds.unknown + outside, bounds.excluded)
