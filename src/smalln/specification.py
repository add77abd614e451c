"""One defensible analysis, and which of many declared ones are the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from smalln.checks import binary, one_of, same_length
from smalln.completions import Bounds, risk_difference
from smalln.curve import Floats, Test, p_of_cells
from smalln.result import NotEstimable

TESTS = get_args(Test)
# columns of a curve that no choice may be called
OWN = ("test", "names", "estimate", "p_value", "lower", "upper", "row")


@dataclass(frozen=True)
class Specification:
    """One defensible analysis: `choices` by name, outcome and factor of shape (units,), a test.

    `units`: 1 for a unit in the analysis, 0 for one left out; None: all are in.
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
    found, which, vectors = list[Kind](), list[int](), _Vectors()
    for i, each in enumerate(specifications):
        (y, of_y), (x, of_x), (units, of_units) = vectors.of(each, i)
        at = places.setdefault((of_y, of_x, of_units, each.test), len(found))
        if at == len(found):
            found.append(Kind(y, x, units, each.test, _bounds(y, x, units)))
        which.append(at)
        found[at].names += 1
        for name, choice in each.choices.items():
            found[at].choices.setdefault(name, {})[choice] = None
    return found, which


def _checked(given: Specification, i: int) -> None:
    if not isinstance(given, Specification):
        raise ValueError(f"specifications[{i}]: {given!r}; allowed: a Specification")
    one_of(given.test, f"specifications[{i}].test", TESTS)
    if not isinstance(given.choices, Mapping):
        place = f"specifications[{i}].choices"
        raise ValueError(f"{place}: {given.choices!r}; allowed: names -> choices")
    for name, choice in given.choices.items():
        if name in OWN or not isinstance(choice, str):
            place = f"specifications[{i}].choices"
            raise ValueError(
                f"{place}: {name!r}: {choice!r}; allowed: a text, under a name other than "
                f"{', '.join(OWN)}"
            )


class _Vectors:
    """The vectors of many specifications, all of one length: each is read once, with its bytes.

    The same object stands in many specifications, which keep it.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[object, ...], tuple[Floats, bytes]] = {}
        self._length: int | None = None

    def of(self, given: Specification, i: int) -> tuple[tuple[Floats, bytes], ...]:
        """Return outcome (0 where a unit is out), factor and units of the i-th specification.

        Raises:
            ValueError: other values, or another length than those before.
        """
        place, (y, x, units) = f"specifications[{i}]", (given.outcome, given.factor, given.units)
        outcome, _ = self._once(("outcome", id(y)), lambda: binary(y, f"{place}.outcome"))
        factor = self._once(("factor", id(x)), lambda: binary(x, f"{place}.factor"))
        everyone = np.ones(len(outcome)) if units is None else units
        inside = self._once(
            ("units", id(units), len(outcome)),
            lambda: binary(everyone, f"{place}.units", missing=False),
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

    def _once(self, key: tuple[object, ...], read: Callable[[], Floats]) -> tuple[Floats, bytes]:
        if key not in self._read:
            vector = read()
            self._read[key] = vector, vector.tobytes()
        return self._read[key]


def _bounds(y: Floats, x: Floats, units: Floats) -> Bounds | None:
    """Return the bounds over the units in the analysis; None if nothing can be compared.

    A unit left out whose factor is unknown still counts as unknown: a relabeling may bring it in.
    """
    inside = units == 1
    if not inside.any():
        return None
    found = risk_difference(y[inside], x[inside])
    known = y[inside]
    one_outcome = not np.isnan(known).any() and known.min() == known.max()
    if isinstance(found, NotEstimable) or one_outcome:
        return None
    outside = int(np.isnan(x[~inside]).sum())
    return Bounds(found.lower, found.upper, found.unknown + outside, found.excluded)
