"""How few recodings overturn a claim: a search over the coded cells that it used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

DEPTH = 3
# evaluations a search may spend over so many pilots; beyond, it goes less deep and says so. Each
# asks every pilot, and more pilots have more cells: the budget falls with their number squared
BUDGET, PILOTS = 60_000, 13

Cell = tuple[str, str]
Change = tuple[Cell, str]
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


def budget(pilots: int) -> int:
    """Return how many evaluations a search over a study of so many pilots may spend."""
    return BUDGET * PILOTS**2 // max(pilots, PILOTS) ** 2


def deepest(changes: int, most: int = BUDGET) -> int:
    """Return up to which size all sets of so many recodings can be tried with `most` evaluations.

    Single recodings always can: a search that tries nothing would tell nothing.
    """
    sizes = (k for k in range(2, DEPTH + 1) if sum(comb(changes, i + 1) for i in range(k)) > most)
    return next(sizes, DEPTH + 1) - 1


def search(
    now: Standing,
    evaluate: Callable[[Mapping[Cell, str]], Standing],
    changes: Sequence[Change],
    most: int = BUDGET,
    told_apart: Callable[[Sequence[Change]], Sequence[Change]] = lambda changes: changes,
) -> Flips:
    """Try all sets of one, then two, then three recodings until one overturns the claim.

    `changes`: each cell with a level that it could be recoded to; `evaluate` computes the claim
    under a set of recodings; `most`: how many evaluations are spent. Sets that recode one cell
    twice are left out. `told_apart` drops recodings that the claim cannot tell from one that it
    leaves; it is asked once, before there are many sets to try.
    """
    all_apart = False
    for size in range(1, DEPTH + 1):
        if not all_apart and (size == DEPTH or deepest(len(changes), most) < size):
            changes, all_apart = told_apart(changes), True
        if deepest(len(changes), most) < size:
            return Flips(None, (), None, size - 1)
        for chosen in combinations(changes, size):
            recoded = dict(chosen)
            if len(recoded) == size and (turn := turned(now, evaluate(recoded))):
                return Flips(size, chosen, turn, size)
    return Flips(None, (), None, DEPTH)


def turned(now: Standing, then: Standing) -> Turn | None:
    """Return what turned; a sign that becomes 0 or leaves 0 is a change of grade, if anything."""
    if now.sign * then.sign < 0:
        return "sign"
    if None not in (now.p_small, then.p_small) and now.p_small != then.p_small:
        return "p"
    return "grade" if now.grade != then.grade else None
