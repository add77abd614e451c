"""How few recodings overturn a claim: a search over the coded cells that it used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

DEPTH = 3
# evaluations a search may spend; beyond, it goes less deep and says so
BUDGET = 60_000

Cell = tuple[str, str]
Turn = Literal["sign", "p", "grade"]


@dataclass(frozen=True)
class Standing:
    """What of a claim can be overturned: the sign, the side of .05, the grade."""

    sign: int
    p_small: bool | None
    grade: str


@dataclass(frozen=True)
class Flips:
    """The smallest number of recodings found; None if none was found up to `searched`."""

    number: int | None
    changes: tuple[tuple[Cell, str], ...]
    turns: Turn | None
    searched: int

    def shown(self) -> int | str:
        """Return the number, or `>3` if the search found none."""
        return self.number if self.number is not None else f">{self.searched}"


def search(
    now: Standing,
    evaluate: Callable[[Mapping[Cell, str]], Standing],
    changes: Sequence[tuple[Cell, str]],
) -> Flips:
    """Try all sets of one, then two, then three recodings until one overturns the claim.

    `changes`: each cell with a level that it could be recoded to; `evaluate` computes the claim
    under a set of recodings. Sets that recode one cell twice are left out.
    """
    searched = 0
    for size in range(1, DEPTH + 1):
        if sum(comb(len(changes), k) for k in range(1, size + 1)) > BUDGET:
            break
        for chosen in combinations(changes, size):
            recoded = dict(chosen)
            if len(recoded) == size and (turn := turned(now, evaluate(recoded))):
                return Flips(size, chosen, turn, size)
        searched = size
    return Flips(None, (), None, searched)


def turned(now: Standing, then: Standing) -> Turn | None:
    """Return what turned; a sign that becomes 0 or leaves 0 is a change of grade, if anything."""
    if now.sign * then.sign < 0:
        return "sign"
    if None not in (now.p_small, then.p_small) and now.p_small != then.p_small:
        return "p"
    return "grade" if now.grade != then.grade else None
