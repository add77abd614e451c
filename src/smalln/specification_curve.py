"""Many defensible analyses of one question side by side.

A specification is a version of the outcome, a version of the factor and a test, each with the
choices that led there. One whose cells stay unknown gives bounds and no p, and stays outside the
joint test.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smalln.arguments import listed
from smalln.result import NotEstimable
from smalln.specification import Kind, Specification, kinds_of
from smalln.specification_test import Curves, Joint, joint

NOT_VALID = -1


@dataclass(frozen=True)
class Multiverse:
    """A curve of specifications.

    `frame`: one row a distinct specification (same outcome, factor, units and test), by estimate:
    for each choice all values that lead to it (a tuple), `test`, `names`: how many declared ones it
    is, `estimate`, `p_value`, `lower`, `upper` (bounds where cells are unknown). `declared`: all
    specifications; `rows`: where each stands in `frame`, -1 if it is not valid. `closed`: the
    vectors of the distinct ones with an estimate and a p, None without any.

    >>> y, x = [1, 1, 0, 0], [1, 1, 0, 0]
    >>> curve = multiverse([Specification({"factor": name}, y, x) for name in ("a", "b")])
    >>> curve.valid, curve.distinct  # two names of one analysis
    (2, 1)
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
        rows = [{**each.choices, "test": each.test} for each in self.declared]
        return pd.DataFrame(rows).assign(row=list(self.rows))

    @property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest value that any specification allows."""
        values = self.frame[["estimate", "lower", "upper"]]
        return float(values.min().min()), float(values.max().max())

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
                "no specification has a p: each leaves cells unknown, or its test refuses"
            )
        return joint(self.closed, seed)


def multiverse(specifications: Iterable[Specification]) -> Multiverse | NotEstimable:
    """Return the curve of all specifications.

    Raises:
        ValueError: vectors of other values, lengths or labels, another test.

    Source:
        Steegen and others (2016), Perspectives on Psychological Science 11:702.

    >>> y, both = [1, 1, 0, 0], ([1, 1, 0, 0], [1, 0, 1, 0])
    >>> curve = multiverse([Specification({"factor": str(x)}, y, x) for x in both])
    >>> curve.frame["estimate"].tolist()
    [0.0, 1.0]
    """
    declared: list[Specification] = listed(specifications, "specifications", "Specification")
    every, which = kinds_of(declared)
    valid = [kind for kind in every if kind.bounds is not None]
    if not valid:
        return NotEstimable("no specification has two groups to compare")
    frame = pd.DataFrame([_row(kind) for kind in valid])
    order = frame.sort_values(["estimate", "lower", "upper"], kind="stable").index
    place = {id(valid[old]): new for new, old in enumerate(order.tolist())}
    rows = [place.get(id(every[kind]), NOT_VALID) for kind in which]
    return Multiverse(frame.loc[order].reset_index(drop=True), declared, rows, _closed(valid))


def _closed(kinds: Sequence[Kind]) -> Curves | None:
    closed = [kind for kind in kinds if kind.closed and not np.isnan(kind.p_value())]
    if not closed:
        return None
    outcomes, units, factors = (
        np.array(part)
        for part in zip(*((k.outcome, k.units, k.factor) for k in closed), strict=True)
    )
    return Curves(outcomes, units, factors, [kind.test for kind in closed])


def _row(kind: Kind) -> dict[str, object]:
    bounds = kind.bounds
    if bounds is None:
        raise TypeError("a specification that is not valid has no row")
    return {
        **{name: tuple(values) for name, values in kind.choices.items()},
        "test": kind.test,
        "names": kind.names,
        "estimate": bounds.lower if kind.closed else np.nan,
        "p_value": kind.p_value() if kind.closed else np.nan,
        "lower": np.nan if kind.closed else bounds.lower,
        "upper": np.nan if kind.closed else bounds.upper,
    }
