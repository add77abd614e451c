"""One defensible analysis, and which of many declared ones are the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.methods.checks import binary, one_of, same_length
from analysis.methods.completions import Bounds, risk_difference
from analysis.methods.curve import Floats, Test, p_of_cells
from analysis.methods.result import NotEstimable

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
    kinds: dict[tuple[bytes, bytes, bytes, str], Kind] = {}
    places: dict[int, int] = {}
    # the same object stands in many specifications: it is read once
    read: dict[tuple[int, int, int], tuple[Floats, Floats, Floats]] = {}
    for i, each in enumerate(specifications):
        _checked(each, f"specifications[{i}]")
    which, length = [], None
    for i, each in enumerate(specifications):
        same = (id(each.outcome), id(each.factor), id(each.units))
        if same not in read:
            read[same] = _vectors(each, f"specifications[{i}]")
        y, x, units = read[same]
        if length is not None and len(y) != length:
            raise ValueError(f"specifications[{i}]: {len(y)} units; allowed: {length}, as before")
        length = len(y)
        key = (y.tobytes(), x.tobytes(), units.tobytes(), each.test)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = Kind(y, x, units, each.test, _bounds(y, x, units))
            places[id(kind)] = len(places)
        kind.names += 1
        for name, choice in each.choices.items():
            kind.choices.setdefault(name, {})[choice] = None
        which.append(places[id(kind)])
    return list(kinds.values()), which


def _checked(given: Specification, place: str) -> None:
    if not isinstance(given, Specification):
        raise ValueError(f"{place}: {given!r}; allowed: a Specification")
    one_of(given.test, f"{place}.test", get_args(Test))
    if not isinstance(given.choices, Mapping):
        raise ValueError(f"{place}.choices: {given.choices!r}; allowed: names -> choices")
    for name, choice in given.choices.items():
        if name in OWN or not isinstance(choice, str):
            raise ValueError(
                f"{place}.choices: {name!r}: {choice!r}; allowed: a text, under a name other than "
                f"{', '.join(OWN)}"
            )


def _vectors(given: Specification, place: str) -> tuple[Floats, Floats, Floats]:
    """Return outcome, factor and units; the outcome is 0 where a unit is out."""
    y, x = binary(given.outcome, f"{place}.outcome"), binary(given.factor, f"{place}.factor")
    same_length(y, x, f"{place}: outcome, factor")
    units = np.ones(len(y))
    if given.units is not None:
        units = binary(given.units, f"{place}.units", missing=False)
        same_length(y, units, f"{place}: outcome, units")
    return np.where(units == 1, y, 0.0), x, units


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
