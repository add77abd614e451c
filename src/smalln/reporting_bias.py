"""What a notice that mentions causes unevenly does to those who read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import betaln
from scipy.stats import binom

from smalln.hypergeometric import binomial, p_by_cell
from smalln.inputs import LOWEST, Floats, listed, number, one_line, shares, vectors, whole
from smalln.intervals import share_interval
from smalln.result import NotEstimable
from smalln.unknown_cells import completions

# common shares at which equal groups are tried: close together at the ends, where peaks are narrow
NEAR = np.geomspace(1e-7, 0.02, 150)
GRID = np.sort(np.concatenate([np.linspace(0.0, 1.0, 401), NEAR, 1 - NEAR]))
TIE = 1e-9
# mean and weight of a beta distribution
Belief = tuple[float, float]


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
    chance_e, chance_o = (binomial(size, np.array(carried)).tolist() for size in (events, others))
    total = 0.0
    for e in range(events + 1):
        for o in range(others + 1):
            split = 0 < e + o < n
            if split and p_by_cell(e + o, n - e - o, events, "two-sided")[e] <= level:
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
            size, told = whole(getattr(self, of), of, 1), whole(getattr(self, mentioned), mentioned)
            if told > size:
                raise ValueError(f"{mentioned}: {told!r}; allowed: 0 to {size}")
            # numbers of a narrow type would overflow
            vars(self).update({of: size, mentioned: told})


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
        ValueError: probabilities outside 0 to 1, a level outside 0.000001 to 0.999999.

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
    level = number(level, "level", LOWEST, 1 - LOWEST)
    first = _fitting(mentions.mentioned_events, mentions.events, r, level)
    second = _fitting(mentions.mentioned_others, mentions.others, s, level)
    # the largest probability of mentions as lopsided, shape (a, b)
    e, o = np.arange(mentions.events + 1), np.arange(mentions.others + 1)
    apart = e[:, None] / mentions.events - o[None, :] / mentions.others
    seen = mentions.mentioned_events / mentions.events - mentions.mentioned_others / mentions.others
    region = (apart >= seen - TIE).astype(float)
    of_events = binomial(mentions.events, r[:, None] * GRID) @ region
    of_others = binomial(mentions.others, s[:, None] * GRID)
    equal_p = np.einsum("aqj,bqj->abq", of_events, of_others).max(axis=-1).clip(max=1.0)
    rows, columns = (places.ravel() for places in np.indices(equal_p.shape))
    frame = pd.DataFrame({"if_event": r[rows], "if_none": s[columns]})
    frame["events_lower"], frame["events_upper"] = (end[rows] for end in first)
    frame["others_lower"], frame["others_upper"] = (end[columns] for end in second)
    return frame.assign(equal_p=equal_p.ravel())


def _fitting(mentioned: int, of: int, told: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the lowest and highest share with the cause that fits so many mentions."""
    ends = share_interval(mentioned, of, "clopper-pearson", 1 - level)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(ends.lower > 0, ends.lower / told, 0.0)
        upper = np.minimum(1.0, np.where(told > 0, ends.upper / told, 1.0))
    possible = lower <= 1 + TIE
    return np.where(possible, lower, np.nan), np.where(possible, upper, np.nan)


def chance_positive(
    outcome: ArrayLike,
    factor: ArrayLike,
    mentioned: ArrayLike,
    carried: Belief,
    if_event: Belief,
    if_none: Belief,
    common: bool = True,
) -> float | NotEstimable:
    """Return the probability that the difference of shares is above 0, given beliefs.

    `factor`: 1, 0, NaN where unknown; `mentioned`: 1 where the text says that the unit has it.
    Beliefs are beta distributions, as mean and weight (of how many units seen they are worth):
    `carried`, of how common the factor is, in all units (`common`) or apart in units with the event
    and the others; `if_event`, `if_none`, of a mention where it is there. Mean .5 and weight 2:
    every value is as likely; a mean of 0 or 1: no other is possible. What is known but not
    mentioned counts as known whatever it is. Summed over all completions, exactly.

    Raises:
        ValueError: other lengths or values, a mention without the factor, over 250,000 completions.

    Source:
        Bayes' rule with beta-binomial probabilities; to be given over a range of beliefs: Greenland
        (2005), JRSS A 168:267 (multiple-bias modelling).

    >>> even, y, x = (0.5, 2), [1, 1, 0, 0], [1, None, 0, None]
    >>> round(chance_positive(y, x, [1, 0, 0, 0], even, even, even), 3)
    0.806
    """
    y, x, told = vectors({"factor"}, outcome=outcome, factor=factor, mentioned=mentioned)
    if ((told == 1) & (x != 1)).any():
        raise ValueError("mentioned: a unit whose factor is not 1; allowed: units that have it")
    every = completions(y, x)
    logs, seen = np.zeros(len(every)), []
    for event, column, belief in ((1, "named_yes", if_event), (0, "others_yes", if_none)):
        of, k = y == event, every[column].to_numpy()
        unknown, mentions, yes = np.isnan(x[of]).sum(), told[of].sum(), (x[of] == 1).sum() + k
        logs += _log_chance(belief, mentions, yes - mentions)
        logs -= betaln(k + 1, unknown - k + 1) + np.log(unknown + 1)
        seen.append(np.array([yes, of.sum() - yes]))
    for yes, no in [seen[0] + seen[1]] if common else seen:
        logs += _log_chance(carried, yes, no)
    if not np.isfinite(logs).any():
        return NotEstimable("no way to fill the unknown cells is possible under these beliefs")
    weights = np.exp(logs - logs.max())
    return min(1.0, float(weights @ (every["difference"] > 0) / weights.sum()))


def _log_chance(belief: Belief, yes: ArrayLike, no: ArrayLike) -> Floats:
    """Return the log probability of so many that have something, then so many that do not."""
    given = listed(belief, "belief", "a mean and a weight")
    if len(given) != 2:
        raise ValueError(f"belief: {one_line(belief)}; allowed: a mean and a weight")
    mean, weight = number(given[0], "mean", 0, 1), number(given[1], "weight", 0, 1e6, ends=False)
    if mean in (0, 1):
        return np.where(np.equal(no if mean else yes, 0), 0.0, -np.inf)
    a, b = mean * weight, (1 - mean) * weight
    return np.asarray(betaln(np.add(a, yes), np.add(b, no)) - betaln(a, b))
