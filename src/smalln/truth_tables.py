"""The truth table: every combination of conditions, who is in it, and whether the outcome follows.

Memberships are whole numbers of 1e-12: none that equals a cut-off is lost or won by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import log, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from smalln.inputs import Floats, Ints, finite, listed, number, one_line, shares, whole
from smalln.result import NotEstimable

UNIT = 10**12
# membership at the anchors of the direct method: .05 and .95
ANCHORED = 0.95
MOST_CONDITIONS = 14
# columns of a truth table beside its conditions
OWN = ("OUT", "n", "inclusion", "PRI")


@dataclass(frozen=True)
class TruthTable:
    """The truth table of an outcome.

    `frame`: one row a configuration, columns: the conditions (1 or 0), `OUT` (1, 0, or NA where too
    few cases are in it), `n`, `inclusion`, `PRI` (NaN where no case has any membership). `cases`:
    memberships in units of 1e-12, a row a case, the outcome last.

    >>> frame = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 1, 0]})
    >>> truth_table(frame, "Y", ["A"]).conditions
    ('A',)
    """

    frame: pd.DataFrame = field(repr=False)
    outcome: str
    conditions: tuple[str, ...]
    cases: Ints = field(repr=False)


def truth_table(
    frame: pd.DataFrame,
    outcome: str,
    conditions: Sequence[str],
    inclusion_cut: float = 1.0,
    pri_cut: float = 0.0,
    case_cut: int = 1,
) -> TruthTable | NotEstimable:
    """Return the truth table of `outcome` over `conditions`, columns of memberships in [0, 1].

    `~Y` as outcome is its negation. A case is in a configuration if its membership there is above
    .5. A configuration with `case_cut` cases or more gets 1 if its inclusion and its PRI reach
    their cut-offs, else 0; the others are remainders. Cut-offs are read as the decimals they print.

    Raises:
        ValueError: a column that is not there, values outside [0, 1] or missing, cut-offs outside
            [0, 1], fewer than one case, no condition or more than 14.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapters 7 and 8; R's `QCA::truthTable`.

    >>> frame = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 0, 0]})
    >>> truth_table(frame, "Y", ["A"]).frame[["A", "OUT", "n", "inclusion"]].values.tolist()
    [[0, 0, 1, 0.0], [1, 0, 2, 0.5]]
    """
    names = tuple(listed(conditions, "conditions", "columns"))
    _check(frame, outcome, names)
    cuts = [
        Fraction(str(number(cut, name, 0, 1)))
        for name, cut in (("inclusion_cut", inclusion_cut), ("pri_cut", pri_cut))
    ]
    whole(case_cut, "case_cut", 1)
    columns = [*names, outcome.removeprefix("~")]
    memberships = [shares(frame[name], f"frame: {name}") for name in columns]
    cases: Ints = np.rint(np.column_stack(memberships) * UNIT).astype(np.int64)
    if outcome.startswith("~"):
        cases[:, -1] = UNIT - cases[:, -1]
    if not cases[:, -1].any():
        return NotEstimable("no case has the outcome")
    rows = []
    for configuration in product((0, 1), repeat=len(names)):
        inside = member(cases, configuration)
        inclusion, pri, _ = fit(inside, cases[:, -1])
        n = int((inside * 2 > UNIT).sum())
        out = pd.NA if n < case_cut else int(inclusion >= cuts[0] and pri >= cuts[1])
        rows.append((*configuration, out, n, float(inclusion), float(pri)))
    table = pd.DataFrame(rows, columns=[*names, *OWN]).astype({"OUT": "Int8"})
    return TruthTable(table, outcome, names, cases)


def _check(frame: pd.DataFrame, outcome: str, conditions: tuple[str, ...]) -> None:
    if not isinstance(frame, pd.DataFrame) or not len(frame):
        raise ValueError(f"frame: {type(frame).__name__}; allowed: a frame with a row a case")
    if not isinstance(outcome, str) or (outcome[:1] == "~" and outcome in frame):
        raise ValueError(f"outcome: {one_line(outcome)}; allowed: one column, or ~ and one column")
    texts = all(isinstance(name, str) for name in conditions)
    once = texts and len(set(conditions)) == len(conditions)
    if not once or not 1 <= len(conditions) <= MOST_CONDITIONS:
        allowed = f"1 to {MOST_CONDITIONS}, each once"
        raise ValueError(f"conditions: {one_line(conditions)}; allowed: {allowed}")
    for name in (*conditions, outcome.removeprefix("~")):
        times = list(frame.columns).count(name)
        if times != 1:
            many = f"{times} columns" if times else "no column"
            allowed = ", ".join(map(str, frame))
            raise ValueError(f"frame: {many} {name!r}; allowed: one, of {allowed}")
    for name in conditions:
        if name in (*OWN, outcome.removeprefix("~")) or "*" in name or name.startswith("~"):
            allowed = f"other than the outcome and {', '.join(OWN)}, without * and a leading ~"
            raise ValueError(f"conditions: {name!r}; allowed: {allowed}")


def member(cases: Ints, term: Sequence[int]) -> Ints:
    """Return membership in a term, the least over its literals: 1, 0, or 2 (left out)."""
    literals = [
        cases[:, i] if literal else UNIT - cases[:, i]
        for i, literal in enumerate(term)
        if literal < 2
    ]
    return np.asarray(np.minimum.reduce(literals))


def fit(inside: Ints, y: Ints) -> tuple[Fraction | float, Fraction | float, Fraction]:
    """Return inclusion, PRI and coverage of memberships, exactly; NaN where nothing is inside."""
    both = int(np.minimum(inside, y).sum())
    ambiguous = int(np.minimum(inside, np.minimum(y, UNIT - y)).sum())
    every, clear = int(inside.sum()), int(inside.sum()) - ambiguous
    inclusion = Fraction(both, every) if every else nan
    pri = Fraction(both - ambiguous, clear) if clear else nan
    return inclusion, pri, Fraction(both, int(y.sum()))


def calibrate(values: ArrayLike, exclusion: float, crossover: float, inclusion: float) -> Floats:
    """Return membership by the direct method: a logistic curve through three anchors.

    `exclusion` gets .05, `crossover` .5, `inclusion` .95, each side with its own slope; in rising
    order, or in falling order where small values mean membership. Shape (units,).

    Raises:
        ValueError: values that are no numbers, or anchors in no strict order.

    Source:
        Ragin (2008), Redesigning Social Inquiry, chapter 5; R's `QCA::calibrate`.

    >>> calibrate([10, 20, 40], exclusion=10, crossover=20, inclusion=40).round(2).tolist()
    [0.05, 0.5, 0.95]
    """
    low, middle, high = finite([exclusion, crossover, inclusion], "anchors").tolist()
    if not (low < middle < high or low > middle > high):
        anchors = ", ".join(map(one_line, (exclusion, crossover, inclusion)))
        allowed = "strictly rising or falling"
        raise ValueError(f"exclusion, crossover, inclusion: {anchors}; allowed: {allowed}")
    inward = (finite(values, "values") - middle) * np.sign(high - middle)
    width = np.where(inward > 0, abs(high - middle), abs(middle - low))
    return np.asarray(1 / (1 + np.exp(-inward / width * log(ANCHORED / (1 - ANCHORED)))))
