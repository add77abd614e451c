"""Many defensible analyses of one question side by side.

A specification is a version of the outcome, a version of the factor and a test, each with the
choices that led there. One whose cells stay unknown gives bounds and no p, and stays outside the
joint test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.methods.checks import binary, same_length
from analysis.methods.completions import Bounds, risk_difference
from analysis.methods.curve import Floats, Joint, Test, joint, p_of_cells
from analysis.methods.result import NotEstimable


@dataclass(frozen=True)
class Specification:
    """One defensible analysis: `choices` by name, outcome and factor of shape (units,), a test."""

    choices: Mapping[str, str]
    outcome: ArrayLike
    factor: ArrayLike
    test: Test = "fisher"


@dataclass(frozen=True)
class Multiverse:
    """A curve of specifications.

    `frame`: one row a distinct specification (same outcome, factor and test), by estimate: the
    choices of its first name, `test`, `names`: how many declared ones it is, `estimate`, `p_value`,
    `lower`, `upper` (bounds where cells are unknown). `declared`, `valid` (with an estimate or
    bounds), `distinct` (of the valid ones). `joint`: over the distinct ones with an estimate.
    """

    frame: pd.DataFrame
    declared: int
    valid: int
    distinct: int
    joint: Joint | NotEstimable


@dataclass
class _Kind:
    """Specifications that are one: the same vectors and test."""

    outcome: Floats
    factor: Floats
    test: Test
    first: Mapping[str, str]
    bounds: Bounds
    names: int = 0


def multiverse(specifications: Sequence[Specification], seed: int = 0) -> Multiverse | NotEstimable:
    """Return the curve of all specifications and its joint test by relabeling.

    A relabeling deals the units' whole outcome rows (all versions together) to their factor rows,
    the same for every specification: all of them where the versions allow at most 200,000, else
    10,000 drawn with `seed` and p = (b + 1) / (m + 1).

    Raises:
        ValueError: vectors of other values or lengths, another test.

    Source:
        Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4:1208; Steegen and others
        (2016), Perspectives on Psychological Science 11:702.
    """
    kinds, valid = _distinct(specifications)
    if not kinds:
        return NotEstimable("no specification has two groups to compare", "没有可供比较的设定")
    closed = [kind for kind in kinds if not kind.bounds.unknown]
    rows = [_row(kind) for kind in kinds]
    frame = pd.DataFrame(rows).sort_values(["estimate", "lower", "upper"], kind="stable")
    found: Joint | NotEstimable = NotEstimable(
        "every specification leaves cells unknown", "所有设定都有不明的取值"
    )
    if closed:
        outcomes = np.array([kind.outcome for kind in closed])
        factors = np.array([kind.factor for kind in closed])
        found = joint(outcomes, factors, [kind.test for kind in closed], seed)
    return Multiverse(frame.reset_index(drop=True), len(specifications), valid, len(kinds), found)


def _distinct(specifications: Sequence[Specification]) -> tuple[list[_Kind], int]:
    """Return the distinct valid specifications in their order, and how many were valid."""
    kinds: dict[tuple[bytes, bytes, str], _Kind] = {}
    valid, length = 0, None
    for i, each in enumerate(specifications):
        y = binary(each.outcome, f"specifications[{i}].outcome")
        x = binary(each.factor, f"specifications[{i}].factor")
        same_length(y, x, f"specifications[{i}]: outcome, factor")
        if length is not None and len(y) != length:
            raise ValueError(f"specifications[{i}]: {len(y)} units; allowed: {length}, as before")
        length = len(y)
        if each.test not in get_args(Test):
            allowed = ", ".join(get_args(Test))
            raise ValueError(f"specifications[{i}].test: {each.test!r}; allowed: {allowed}")
        found = risk_difference(y, x)
        one_outcome = not np.isnan(y).any() and y.min() == y.max()
        if isinstance(found, NotEstimable) or one_outcome:
            continue
        valid += 1
        key = (y.tobytes(), x.tobytes(), each.test)
        kind = kinds.setdefault(key, _Kind(y, x, each.test, each.choices, found))
        kind.names += 1
    return list(kinds.values()), valid


def _row(kind: _Kind) -> dict[str, object]:
    known = not kind.bounds.unknown
    return {
        **kind.first,
        "test": kind.test,
        "names": kind.names,
        "estimate": kind.bounds.lower if known else np.nan,
        "p_value": _p(kind) if known else np.nan,
        "lower": np.nan if known else kind.bounds.lower,
        "upper": np.nan if known else kind.bounds.upper,
    }


def _p(kind: _Kind) -> float:
    first, events = int(kind.factor.sum()), int(kind.outcome.sum())
    cell, second = int((kind.factor * kind.outcome).sum()), len(kind.factor) - first
    return p_of_cells(kind.test, first, second, events)[cell - max(0, events - second)]
