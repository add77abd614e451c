"""Tables as the chain of classes holds them: rows that note that they were read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.study import noted
from analysis.study.tables import records


@dataclass(frozen=True)
class Row(Mapping[str, str]):
    """One row of a table: its cells as text, and the line of the file on which it starts.

    `place`: what is noted when a cell that says more than which row this is is read.
    """

    line: int
    cells: dict[str, str]
    place: noted.Read | None = None

    def __getitem__(self, column: str) -> str:
        if self.place is not None and column not in noted.KEYS[self.place[1]]:
            noted.note(self.place)
        return self.cells[column]

    def read(self) -> None:
        """Note that the row was read, by who knows from before what it holds."""
        if self.place is not None:
            noted.note(self.place)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True)
class Table:
    """A checked table: `name` is how messages call the file."""

    name: str
    columns: tuple[str, ...]
    every: tuple[Row, ...]
    sha256: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows; which there are is noted."""
        noted.note_table(self.name)
        return self.every

    def of(self, pilot: str) -> tuple[Row, ...]:
        """Return the rows of one pilot, in the file's order; which rows there are is noted."""
        noted.note_table(self.name)
        return tuple(self._by_pilot.get(pilot, ()))

    def at(self, line: int) -> Row:
        """Return the row that starts on a line."""
        return self._by_line[line]

    # looked up once for every pilot, or every row of a claim's evidence
    @cached_property
    def _by_pilot(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.every:
            found.setdefault(row.cells["pilot_id"], []).append(row)
        return found

    @cached_property
    def _by_line(self) -> dict[int, Row]:
        return {row.line: row for row in self.every}

    @classmethod
    def of_frame(cls, name: str, frame: pd.DataFrame) -> "Table":
        """Return a table that was read as a frame."""
        rows = []
        for record in records(frame):
            line = record.pop("line")
            rows.append(Row(line, record, noted.place(name, record)))
        return cls(name, tuple(frame.columns), tuple(rows), "")
