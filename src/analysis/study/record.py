"""What was asked of a study: the evidence of a claim comes from here, not from its author."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

CODINGS = "codings.csv"


class Asked(NamedTuple):
    """One row that was asked for: its table and line, the cell, and whether its value is known.

    `known` is False for a silent cell, and for one that an assumption filled; `assumed` is True for
    the latter: a silence regime, a parent's figure or a recollection.
    """

    table: str
    line: int
    pilot: str
    variable: str
    known: bool
    assumed: bool = False


@dataclass
class Record:
    """All rows asked for since the last `clear`, in the order of asking.

    `detailed`: False where nobody will ask which rows, only whether all were known: a search asks
    tens of thousands of times.
    """

    detailed: bool = True
    asked: list[Asked] = field(default_factory=list)
    all_known: bool = True
    any_assumed: bool = False
    # variables of which cells were read, in a search
    touched: set[str] = field(default_factory=set)

    def touch(self, variables: Iterable[str]) -> None:
        """Add variables of which cells were read."""
        self.touched.update(variables)

    def note(self, entries: Iterable[Asked]) -> None:
        """Add rows."""
        noted = list(entries)
        if self.detailed:
            self.asked += noted
        self.tally(all(entry.known for entry in noted), any(entry.assumed for entry in noted))

    def tally(self, all_known: bool, any_assumed: bool) -> None:
        """Add rows of which only this is kept."""
        self.all_known = self.all_known and all_known
        self.any_assumed = self.any_assumed or any_assumed

    def clear(self) -> None:
        """Forget everything: a new cell of a notebook begins."""
        self.asked = []
        self.all_known, self.any_assumed = True, False

    def cells(self) -> list[Asked]:
        """Return the rows, each once, by table, line; unknown if any use of it was."""
        rows: dict[tuple[str, int], Asked] = {}
        for entry in self.asked:
            key = (entry.table, entry.line)
            if key not in rows or not entry.known:
                rows[key] = entry
        return [rows[key] for key in sorted(rows)]
