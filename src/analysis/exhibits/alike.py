"""Recodings that a claim cannot tell apart: only one of each kind need be tried.

A study answers pilot by pilot. So two levels of a cell are alike for a claim if, whatever the other
cells of that pilot are, the study gives the claim's cell the same answers under both.
"""

import pickle
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from analysis.exhibits.flips import Cell, Change
from analysis.study.reader import Study

# a pilot with more settings than this is searched in full
MOST_SETTINGS = 400


class Listening:
    """A study that notes what it answers; to a claim's cell it is the study itself."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._answers: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._study, name)
        if not callable(found):
            return found

        def answer(*args: Any, **more: Any) -> Any:
            given = found(*args, **more)
            self._answers.append((name, given))
            return given

        return answer

    def heard(self) -> Hashable:
        """Return everything answered, and which cells were known, as one key."""
        return pickle.dumps((self._answers, self._study.record.cells()))


def unlike(
    changes: Sequence[Change], heard: Callable[[Mapping[Cell, str]], Hashable]
) -> list[Change]:
    """Return one recoding of each kind; those alike to leaving the cell as it is are dropped.

    `heard` gives what a claim's cell is answered under a set of recodings.
    """
    levels: dict[Cell, list[str | None]] = {}
    for cell, level in changes:
        levels.setdefault(cell, [None]).append(level)
    kept = []
    for cell, own in levels.items():
        others = {c: found for c, found in levels.items() if c[0] == cell[0] and c != cell}
        if prod(map(len, others.values())) * len(own) > MOST_SETTINGS:
            kept += [(cell, level) for level in own if level is not None]
            continue
        kinds: dict[Hashable, str | None] = {}
        for each in own:
            kinds.setdefault(_kind(cell, each, others, heard), each)
        kept += [(cell, level) for level in kinds.values() if level is not None]
    return kept


def _kind(
    cell: Cell,
    level: str | None,
    others: Mapping[Cell, list[str | None]],
    heard: Callable[[Mapping[Cell, str]], Hashable],
) -> Hashable:
    """Return what is heard with the cell at this level, under every setting of the others."""
    found = []
    for setting in product(*others.values()):
        recoded: dict[Cell, str | None] = dict(zip(others, setting, strict=True))
        recoded[cell] = level
        found.append(heard({c: v for c, v in recoded.items() if v is not None}))
    return tuple(found)
