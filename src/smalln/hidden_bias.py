"""How far a hidden bias towards one group would have to go before an exact test passes its level.

The model: groups do not differ in what is looked for, but whoever tells of it picks a unit of one
group with `odds` times the odds of a unit of the other, units independently. Given both margins,
the count of the favoured group then has Fisher's noncentral hypergeometric distribution with this
odds ratio; with odds of 1 it is Fisher's exact test.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp

from smalln.hypergeometric import LEAST
from smalln.inputs import Floats, finite, number, one_line, table_of_counts
from smalln.result import NotEstimable

# with the margins of the one seen, times odds (ten or more): seconds
MOST_TABLES = 20_000_000


def under_bias(table: ArrayLike, odds: ArrayLike) -> pd.DataFrame:
    """Return p of a 2 x 2 table if the group with the larger share was favoured by these odds.

    Rows are groups, columns (event, no event); `odds`: shape (k,), positive. Columns: `odds`;
    `p_value`, one-sided: so many events or more in that group; `doubled`, twice that and at most 1,
    for a direction that was not declared beforehand.

    Raises:
        ValueError: not 2 x 2 whole non-negative counts, odds that are not positive, too many units.

    Source:
        Rosenbaum (2002), Observational Studies, 2nd edition, section 4.4: the largest one-sided p
        where no two units differ by more than these odds; R's `rbounds::FisherSens`.

    >>> under_bias([[3, 0], [2, 8]], [1.0, 2.0]).p_value.round(3).tolist()  # 10 of 286 tables
    [0.035, 0.109]
    """
    chances = finite(odds, "odds")
    if not (chances > 0).all():
        raise ValueError(f"odds: {one_line(odds)}; allowed: positive numbers")
    p = _one_sided(table_of_counts(table, 2), np.log(chances))
    return pd.DataFrame({"odds": chances, "p_value": p, "doubled": np.minimum(1.0, 2 * p)})


def odds_to_pass(table: ArrayLike, level: float = 0.05) -> float | NotEstimable:
    """Return the odds by which a group must be favoured for the one-sided p to reach `level`.

    With half the level they are those of the doubled p.

    Raises:
        ValueError: as of `under_bias`, a level outside (0, 1).

    >>> round(odds_to_pass([[3, 0], [2, 8]]), 2)  # p is .035 without a bias
    1.22
    """
    counts, level = table_of_counts(table, 2), number(level, "level", 0, 1, ends=False)

    def above(log_odds: float) -> float:
        return float(_one_sided(counts, np.array([log_odds]))[0]) - level

    if above(0.0) > 0:
        return NotEstimable("p is above the level without any bias")
    highest = 1.0
    while above(highest) < 0:
        highest *= 2
    return float(np.exp(brentq(above, 0.0, highest)))


def _one_sided(counts: list[list[int]], log_odds: Floats) -> Floats:
    """Return the chance of as many events or more in the group whose share is larger."""
    (a, b), (c, d) = counts
    if a * (c + d) < c * (a + b):
        (a, b), (c, d) = (c, d), (a, b)
    lowest, highest = max(0, a - d), min(a + b, a + c)
    tables, most = highest - lowest + 1, MOST_TABLES // max(10, len(log_odds))
    if tables > most:
        raise ValueError(f"table: margins of {tables} tables; allowed: {most}, of fewer units")
    cells = np.arange(lowest, highest + 1)
    logs = -sum(gammaln(n + 1) for n in (cells, a + b - cells, a + c - cells, d - a + cells))
    weights = logs + log_odds[:, None] * cells
    chances = logsumexp(weights[:, cells >= a], axis=1) - logsumexp(weights, axis=1)
    return np.maximum(LEAST, np.exp(chances))
