"""What a notice that mentions causes unevenly says about how common they are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from smalln.checks import number, shares, whole
from smalln.intervals import share as share_interval

Floats = NDArray[np.float64]
# common shares at which equal groups are tried
GRID = np.linspace(0.0, 1.0, 401)
TIE = 1e-9


@dataclass(frozen=True)
class Mentions:
    """A cause is mentioned for so many of the units with the event, and of the others."""

    mentioned_events: int
    events: int
    mentioned_others: int
    others: int

    def __post_init__(self) -> None:
        for mentioned, of in (("mentioned_events", "events"), ("mentioned_others", "others")):
            size = whole(getattr(self, of), of, 1)
            if whole(getattr(self, mentioned), mentioned) > size:
                given = getattr(self, mentioned)
                raise ValueError(f"{mentioned}: {given!r}; allowed: 0 to {size}")


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
    """
    if not isinstance(mentions, Mentions):
        raise ValueError(f"mentions: {mentions!r}; allowed: Mentions")
    r, s = shares(if_event, "if_event"), shares(if_none, "if_none")
    level = number(level, "level", 0, 1, ends=False)
    first = _fitting(mentions.mentioned_events, mentions.events, r, level)
    second = _fitting(mentions.mentioned_others, mentions.others, s, level)
    rows, columns = np.repeat(np.arange(len(r)), len(s)), np.tile(np.arange(len(s)), len(r))
    return pd.DataFrame(
        {
            "if_event": r[rows],
            "if_none": s[columns],
            "events_lower": first[0][rows],
            "events_upper": first[1][rows],
            "others_lower": second[0][columns],
            "others_upper": second[1][columns],
            "equal_p": _equal_p(mentions, r, s).ravel(),
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


def _equal_p(mentions: Mentions, r: Floats, s: Floats) -> Floats:
    """Return for each pair the largest probability of mentions as lopsided, shape (a, b)."""
    e, o = np.arange(mentions.events + 1), np.arange(mentions.others + 1)
    apart = e[:, None] / mentions.events - o[None, :] / mentions.others
    seen = mentions.mentioned_events / mentions.events - mentions.mentioned_others / mentions.others
    region = (apart >= seen - TIE).astype(float)
    of_events = binom.pmf(e, mentions.events, (r[:, None] * GRID)[..., None]) @ region
    of_others = binom.pmf(o, mentions.others, (s[:, None] * GRID)[..., None])
    found: Floats = np.einsum("aqj,bqj->abq", of_events, of_others).max(axis=-1)
    return found
