"""What a notice that mentions causes unevenly does to those who read it.

How often a mark without meaning looks like a cause; which shares with the cause would give the
notice. Programmes made up for it stand in `programmes`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from smalln.hypergeometric import p_of
from smalln.inputs import Floats, number, one_line, shares, whole
from smalln.intervals import share_interval

# common shares at which equal groups are tried
GRID = np.linspace(0.0, 1.0, 401)
TIE = 1e-9


def chance_of_reports(reported: int, events: int, share: float) -> float:
    """Return the chance that at least `reported` of `events` units have a factor by chance alone.

    `share`: the probability with which every unit, with the event or not, has it.

    Raises:
        ValueError: no whole numbers 0 <= reported <= events, or a share outside [0, 1].

    >>> chance_of_reports(3, 5, 0.5)
    0.5
    """
    told, of = whole(reported, "reported"), whole(events, "events")
    if told > of:
        raise ValueError(f"reported: {reported!r}; allowed: a whole number up to {of}")
    return float(binom.sf(told - 1, of, number(share, "share", 0, 1)))


def placebo(
    n: int, events: int, carried: float, reported: bool = True, level: float = 0.05
) -> float:
    """Return how often a mark that means nothing gets a small p.

    Each of `n` units carries it with probability `carried`, whatever its outcome. `reported`: it is
    mentioned only for the units with the event, and silence is read as no; else all are asked.
    Computed by enumeration: two-sided Fisher p of at most `level`.

    Raises:
        ValueError: no whole numbers 0 < events < n, or a share or level outside [0, 1].

    >>> placebo(13, 5, 0.0)  # nobody carries it
    0.0
    >>> round(placebo(13, 5, 0.5), 3)  # three of the five or more: C(5, k) / 32 for k from 3
    0.5
    """
    n, events = whole(n, "n", 2), whole(events, "events", 1)
    if events >= n:
        raise ValueError(f"events: {one_line(events)}; allowed: a whole number below n, {n}")
    carried, level = number(carried, "carried", 0, 1), number(level, "level", 0, 1)
    others = 0 if reported else n - events
    chance_e, chance_o = (
        binom.pmf(np.arange(size + 1), size, carried).tolist() for size in (events, others)
    )
    total = 0.0
    for e in range(events + 1):
        for o in range(others + 1):
            if 0 < e + o < n and p_of(e, e + o, n - e - o, events) <= level:
                total += chance_e[e] * chance_o[o]
    return total


@dataclass(frozen=True)
class Mentions:
    """A cause is mentioned for so many of the units with the event, and of the others.

    >>> Mentions(mentioned_events=3, events=5, mentioned_others=0, others=8).events
    5
    """

    mentioned_events: int
    events: int
    mentioned_others: int
    others: int

    def __post_init__(self) -> None:
        for mentioned, of in (("mentioned_events", "events"), ("mentioned_others", "others")):
            size = whole(getattr(self, of), of, 1)
            if whole(getattr(self, mentioned), mentioned) > size:
                told = getattr(self, mentioned)
                raise ValueError(f"{mentioned}: {told!r}; allowed: 0 to {size}")


def reporting_map(
    mentions: Mentions, if_event: ArrayLike, if_none: ArrayLike, level: float = 0.05
) -> pd.DataFrame:
    """Return which shares with the cause would give the notice, for each way of reporting.

    `if_event`, `if_none`: probabilities that a cause that is there is mentioned, where the event is
    and where it is not, shapes (a,) and (b,). One row a pair. Columns: both; `events_lower`,
    `events_upper`: shares with the cause among units with the event that fit the mentions
    (Clopper-Pearson over the probability of a mention, within 0 to 1; NaN where none fits);
    `others_lower`, `others_upper`: among the others; `equal_p`: the largest probability, over a
    share common to both, of mentions at least as much commoner among the events.

    Raises:
        ValueError: probabilities outside 0 to 1, a level outside (0, 1).

    Source:
        The unconditional test of two shares with known probabilities of being reported: Suissa and
        Shuster (1985), JRSS A 148:317, ordered by the difference of the shares mentioned.

    >>> said = Mentions(3, 5, 0, 8)
    >>> frame = reporting_map(said, [1.0], [0.0, 1.0])  # nobody tells of the others, or everybody
    >>> frame["others_upper"].round(3).tolist()  # 1 - .025 ** (1 / 8)
    [1.0, 0.369]
    """
    if not isinstance(mentions, Mentions):
        raise ValueError(f"mentions: {one_line(mentions)}; allowed: Mentions")
    r, s = shares(if_event, "if_event"), shares(if_none, "if_none")
    level = number(level, "level", 0, 1, ends=False)
    first = _fitting(mentions.mentioned_events, mentions.events, r, level)
    second = _fitting(mentions.mentioned_others, mentions.others, s, level)
    # the largest probability of mentions as lopsided, shape (a, b)
    e, o = np.arange(mentions.events + 1), np.arange(mentions.others + 1)
    apart = e[:, None] / mentions.events - o[None, :] / mentions.others
    seen = mentions.mentioned_events / mentions.events - mentions.mentioned_others / mentions.others
    region = (apart >= seen - TIE).astype(float)
    of_events = binom.pmf(e, mentions.events, (r[:, None] * GRID)[..., None]) @ region
    of_others = binom.pmf(o, mentions.others, (s[:, None] * GRID)[..., None])
    equal_p = np.einsum("aqj,bqj->abq", of_events, of_others).max(axis=-1)
    rows, columns = (places.ravel() for places in np.indices(equal_p.shape))
    return pd.DataFrame(
        {
            "if_event": r[rows],
            "if_none": s[columns],
            "events_lower": first[0][rows],
            "events_upper": first[1][rows],
            "others_lower": second[0][columns],
            "others_upper": second[1][columns],
            "equal_p": equal_p.ravel(),
        }
    )


def _fitting(mentioned: int, of: int, told: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the lowest and highest share with the cause that fits so many mentions."""
    ends = share_interval(mentioned, of, "clopper-pearson", 1 - level)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(ends.lower > 0, ends.lower / told, 0.0)
        upper = np.minimum(1.0, np.where(told > 0, ends.upper / told, 1.0))
    possible = lower <= 1 + TIE
    return np.where(possible, lower, np.nan), np.where(possible, upper, np.nan)
