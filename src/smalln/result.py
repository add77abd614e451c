"""What a method returns when it cannot answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NotEstimable:
    """No answer, and why: returned in place of a number that would mislead.

    `reason`: a sentence in English with named fields, which a catalogue may translate; `values`:
    what fills them, by name; `also`: further reasons. `str` gives all of them filled.

    >>> str(NotEstimable("only {n} units", {"n": 3}))
    'only 3 units'
    """

    reason: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    also: tuple["NotEstimable", ...] = ()

    def __str__(self) -> str:
        first = self.reason.format(**self.values)
        return "; ".join([first, *map(str, self.also)])


ONE_GROUP = NotEstimable("every unit falls into one group, so there is nothing to compare")
NO_VARIATION = NotEstimable("every unit has the same outcome, so there is nothing to explain")
