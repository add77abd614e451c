"""Many defensible analyses of one question side by side.

A specification is a version of the outcome, a version of the factor and a test, each with the
choices that led there. One whose cells stay unknown gives bounds and no p, and stays outside the
joint test.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.methods.checks import binary, listed, one_of, same_length
from analysis.methods.completions import Bounds, risk_difference
from analysis.methods.curve import Curves, Floats, Joint, Test, joint, p_of_cells
from analysis.methods.result import NotEstimable

NOT_VALID = -1
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


@dataclass(frozen=True)
class Multiverse:
    """A curve of specifications.

    `frame`: one row a distinct specification (same outcome, factor, units and test), by estimate:
    for each choice all values that lead to it (a tuple), `test`, `names`: how many declared ones it
    is, `estimate`, `p_value`, `lower`, `upper` (bounds where cells are unknown). `declared`: all
    specifications; `rows`: where each stands in `frame`, -1 if it is not valid. `closed`: the
    vectors of the distinct ones with an estimate and a p, None without any.
    """

    frame: pd.DataFrame
    declared: Sequence[Specification]
    rows: Sequence[int]
    closed: Curves | None

    @property
    def valid(self) -> int:
        """Return how many declared specifications have an estimate or bounds."""
        return int(self.frame["names"].sum())

    @property
    def distinct(self) -> int:
        """Return how many of the valid ones differ in outcome, factor, units or test."""
        return len(self.frame)

    def names(self) -> pd.DataFrame:
        """Return a row a declared specification: its choices, its test, its row in `frame`."""
        given = [{**each.choices, "test": each.test} for each in self.declared]
        return pd.DataFrame(given).assign(row=list(self.rows))

    @property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest value that any specification allows."""
        found = self.frame[["estimate", "lower", "upper"]]
        return float(found.min().min()), float(found.max().max())

    def joint(self, seed: int = 0) -> Joint | NotEstimable:
        """Return the joint test by relabeling of the specifications that have a p.

        A relabeling deals the units' whole outcome rows (all versions together) to their factor
        rows, the same for every specification: all of them where the versions allow at most
        200,000, else 10,000 drawn with `seed` and p = (b + 1) / (m + 1).

        Source:
            Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4:1208.
        """
        if self.closed is None:
            return NotEstimable(
                "every specification leaves cells unknown", "所有设定都有不明的取值"
            )
        return joint(self.closed, seed)


@dataclass
class _Kind:
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


def multiverse(specifications: Iterable[Specification]) -> Multiverse | NotEstimable:
    """Return the curve of all specifications.

    Raises:
        ValueError: vectors of other values or lengths, another test.

    Source:
        Steegen and others (2016), Perspectives on Psychological Science 11:702.
    """
    declared: list[Specification] = listed(specifications, "specifications", "Specification")
    for i, each in enumerate(declared):
        _check(each, f"specifications[{i}]")
    every, which = _kinds(declared)
    valid = [kind for kind in every if kind.bounds is not None]
    if not valid:
        return NotEstimable("no specification has two groups to compare", "没有可供比较的设定")
    frame = pd.DataFrame([_row(kind) for kind in valid])
    order = frame.sort_values(["estimate", "lower", "upper"], kind="stable").index
    place = {id(valid[old]): new for new, old in enumerate(order.tolist())}
    rows = [place.get(id(every[kind]), NOT_VALID) for kind in which]
    return Multiverse(frame.loc[order].reset_index(drop=True), declared, rows, _closed(valid))


def _closed(kinds: Sequence[_Kind]) -> Curves | None:
    closed = [kind for kind in kinds if kind.closed and not np.isnan(kind.p_value())]
    if not closed:
        return None
    outcomes, units, factors = (
        np.array(part)
        for part in zip(*((k.outcome, k.units, k.factor) for k in closed), strict=True)
    )
    return Curves(outcomes, units, factors, [kind.test for kind in closed])


def _kinds(specifications: Sequence[Specification]) -> tuple[list[_Kind], list[int]]:
    """Return the distinct specifications in their order, and which one each declared one is."""
    kinds: dict[tuple[bytes, bytes, bytes, str], _Kind] = {}
    places: dict[int, int] = {}
    # the same object stands in many specifications: it is read once
    read: dict[tuple[int, int, int], tuple[Floats, Floats, Floats]] = {}
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
            kind = kinds[key] = _Kind(y, x, units, each.test, _bounds(y, x, units))
            places[id(kind)] = len(places)
        kind.names += 1
        for name, choice in each.choices.items():
            kind.choices.setdefault(name, {})[choice] = None
        which.append(places[id(kind)])
    return list(kinds.values()), which


def _check(given: Specification, place: str) -> None:
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


def _row(kind: _Kind) -> dict[str, object]:
    bounds = kind.bounds
    if bounds is None:
        raise TypeError("a specification that is not valid has no row")
    return {
        **{name: tuple(given) for name, given in kind.choices.items()},
        "test": kind.test,
        "names": kind.names,
        "estimate": bounds.lower if kind.closed else np.nan,
        "p_value": kind.p_value() if kind.closed else np.nan,
        "lower": np.nan if kind.closed else bounds.lower,
        "upper": np.nan if kind.closed else bounds.upper,
    }
