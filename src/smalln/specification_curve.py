"""Many defensible analyses of one question side by side.

Each is tested by Fisher: a second test of the same cells would be no second analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from smalln.comparison import compare
from smalln.inputs import Floats, binary, in_order, index_of, listed, one_line, same_length, whole
from smalln.min_p import MOST_UNITS, TOO_MANY_UNITS
from smalln.result import NotEstimable
from smalln.specification_test import Analysis, Joint, joint

# columns of a curve that no choice may be called
OWN = ("names", "estimate", "p_value", "lower", "upper")


@dataclass(frozen=True)
class Specification:
    """One defensible analysis: `choices` by name, outcome and factor of shape (units,).

    `units`: 1 for a unit in the analysis, 0 for one left out; None: all are in. Series of all
    specifications are put in the order of the first one's index.

    >>> Specification({"outcome": "named"}, [1, 0], [1, 0]).choices
    {'outcome': 'named'}
    """

    choices: Mapping[str, str]
    outcome: ArrayLike
    factor: ArrayLike
    units: ArrayLike | None = None


@dataclass(frozen=True)
class Multiverse:
    """A curve of specifications.

    `frame`: one row a distinct specification (same outcome, factor and units), by estimate: for
    each choice all values that lead to it (a tuple), `names`: how many declared ones it is,
    `estimate`, `p_value`, `lower`, `upper` (bounds of unknown cells). `closed`: those with a p.

    >>> y, x = [1, 1, 0, 0], [1, 1, 0, 0]
    >>> curve = multiverse([Specification({"factor": name}, y, x) for name in ("a", "b")])
    >>> curve.frame["names"].tolist()  # two names of one analysis
    [2]
    """

    frame: pd.DataFrame = field(repr=False)
    closed: Sequence[Analysis] = field(repr=False)

    def joint(self, seed: int = 0) -> Joint | NotEstimable:
        """Return the joint test by relabeling of the specifications that have a p.

        A relabeling deals the units' whole outcome rows (all versions together) to their factor
        rows, the same for every specification: all of them where the versions allow at most
        200,000, else 10,000 drawn with `seed` and p = (b + 1) / (m + 1).

        Source:
            Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4:1208.
        """
        whole(seed, "seed")
        if not self.closed:
            return NotEstimable("no specification has a p: each leaves cells unknown")
        if len(self.closed[0].units) > MOST_UNITS:
            return TOO_MANY_UNITS
        return joint(self.closed, seed)


def multiverse(specifications: Iterable[Specification]) -> Multiverse | NotEstimable:
    """Return the curve of all specifications that have two groups and two outcomes.

    Raises:
        ValueError: vectors of other values, lengths or labels.

    Source:
        Steegen and others (2016), Perspectives on Psychological Science 11:702.

    >>> y, both = [1, 1, 0, 0], ([1, 1, 0, 0], [1, 0, 1, 0])
    >>> curve = multiverse([Specification({"factor": str(x)}, y, x) for x in both])
    >>> curve.frame["estimate"].tolist()
    [0.0, 1.0]
    """
    declared: list[Specification] = listed(specifications, "specifications", "Specification")
    alike: dict[tuple[object, ...], tuple[Analysis, list[Specification]]] = {}
    for each, analysis in zip(declared, _analyses(declared), strict=True):
        key = tuple(vector.tobytes() for vector in analysis)
        alike.setdefault(key, (analysis, []))[1].append(each)
    rows, closed = list[dict[str, Any]](), list[Analysis]()
    for analysis, named in alike.values():
        numbers = _numbers(analysis)
        if numbers is None:
            continue
        choices: dict[str, dict[str, None]] = {}
        for each in named:
            for name, choice in each.choices.items():
                choices.setdefault(name, {})[choice] = None
        led_here = {name: tuple(each) for name, each in choices.items()}
        rows.append({**led_here, "names": len(named), **numbers})
        if not np.isnan(numbers["p_value"]):
            closed.append(analysis)
    if not rows:
        return NotEstimable("no specification has two groups and two outcomes to compare")
    by = ["estimate", "lower", "upper"]
    return Multiverse(pd.DataFrame(rows).sort_values(by, kind="stable", ignore_index=True), closed)


def _analyses(specifications: Sequence[Specification]) -> Iterator[Analysis]:
    """Yield the vectors of each specification, in the order of the first index that there is."""
    for i, each in enumerate(specifications):
        _check(each, f"specifications[{i}]")
    vectors = ((each.outcome, each.factor, each.units) for each in specifications)
    order = next((i for of in vectors for v in of if (i := index_of(v)) is not None), None)
    # the same object stands in many specifications, which keep it: it is read once
    known: dict[tuple[int, bool], Floats] = {}

    def read(values: Any, name: str, missing: bool = True) -> Floats:
        if (id(values), missing) not in known:
            ordered = values if order is None else in_order(values, order, name)
            known[id(values), missing] = binary(ordered, name, missing)
        return known[id(values), missing]

    length = None
    for i, each in enumerate(specifications):
        place = f"specifications[{i}]"
        y, x = read(each.outcome, f"{place}.outcome"), read(each.factor, f"{place}.factor")
        everyone = each.units is None
        units = np.ones(len(y)) if everyone else read(each.units, f"{place}.units", missing=False)
        for other, names in ((x, "outcome, factor"), (units, "outcome, units")):
            same_length(y, other, f"{place}: {names}")
        if length not in (None, len(y)):
            raise ValueError(f"{place}: {len(y)} units; allowed: {length}, as before")
        length = len(y)
        yield Analysis(np.where(units == 1, y, 0.0), units, x)


def _check(specification: Specification, place: str) -> None:
    if not isinstance(specification, Specification):
        raise ValueError(f"{place}: {one_line(specification)}; allowed: a Specification")
    choices = specification.choices
    if not isinstance(choices, Mapping):
        raise ValueError(f"{place}.choices: {one_line(choices)}; allowed: names -> choices")
    for name, choice in choices.items():
        if name in OWN or not isinstance(choice, str):
            allowed = f"a text, under a name other than {', '.join(OWN)}"
            shown = f"{one_line(name)}: {one_line(choice)}"
            raise ValueError(f"{place}.choices: {shown}; allowed: {allowed}")


def _numbers(analysis: Analysis) -> dict[str, Any] | None:
    """Return the estimate and its p, or bounds; None if nothing can be compared."""
    inside = analysis.units == 1
    if not inside.any():
        return None
    y, x = analysis.outcome[inside], analysis.factor[inside]
    found = compare(y, x)
    if isinstance(found, NotEstimable):
        return None
    # a unit left out whose factor is unknown counts as unknown: a relabeling may bring it in
    if found.test is None or np.isnan(analysis.factor).any():
        lower, upper = found.ends or (found.difference, found.difference)
        return {"estimate": np.nan, "p_value": np.nan, "lower": lower, "upper": upper}
    p = found.test.p_value
    return {"estimate": found.difference, "p_value": p, "lower": np.nan, "upper": np.nan}
