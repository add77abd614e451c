"""What was read of a study: a claim's evidence, a run's data key.

Every question is noted here when it is asked: the rows that a claim rests on (`ReadLog.evidence`),
and what a run of a notebook depends on (`ReadLog.new_reads`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import ANY, CODINGS, KEYS, Group, Silence, StudyError

if TYPE_CHECKING:
    from analysis.study.study import Chosen, Study

# of a run's data key: ("row", table, key ...), in it `*` for any, ("table", name) for which rows
# there are, ("passes", "*") for which passes, ("file", path in the study)
Part = tuple[str, ...]
P = ParamSpec("P")
T = TypeVar("T")

# arguments that say how data are read, and what each may be
READINGS: dict[str, tuple[str | bool, ...]] = {
    "silence": get_args(Silence),
    "group": get_args(Group),
    "open_list": (False, True, "all"),
    **dict.fromkeys(("use_unverified", "use_parent_figures", "use_ratio"), (False, True)),
}
# what this process read of any study since it started, and how much of it was told
_reads: dict[Part, None] = {}
_told = 0


class Read(NamedTuple):
    """One thing that was read: a row of a table, or what is declared under one key of a YAML file.

    `pilot`, `variable`: of a row about a pilot. Of all else `key`: the columns by which a row is
    looked up, `*` for each of many, or the place in the YAML file; and `value`. `known` is False
    for a silent cell whose silence leaves the answer open, and for one that an assumption filled;
    `assumed` is True for the latter: a silence regime, a parent's figure or a recollection.
    """

    file: str
    line: int | None
    pilot: str = ""
    variable: str = ""
    known: bool = True
    assumed: bool = False
    key: str = ""
    value: str = ""

    @classmethod
    def of_row(cls, table: str, row: Mapping[str, Any]) -> Read:
        """Return that a row was read: by pilot and variable, else by what it is looked up by."""
        if table in ("pilots.csv", "sources.csv"):
            return cls(table, row["line"], key=row[KEYS[table][0]])
        if "alternative_value" in row:
            key = "/".join(row[column] for column in KEYS[CODINGS])
            return cls(table, row["line"], key=key, value=row["alternative_value"])
        what = next((row[name] for name in ("variable", "role", "event") if name in row), "project")
        return cls(table, row["line"], row.get("population", row.get("pilot_id")), what)


@dataclass
class ReadLog:
    """What was asked since the last `clear`, in the order of asking."""

    entries: list[Read] = field(default_factory=list, repr=False)

    @property
    def all_known(self) -> bool:
        """Return whether every cell that was asked for is known."""
        return all(read.known for read in self.entries)

    @property
    def any_assumed(self) -> bool:
        """Return whether an assumption filled a cell that was asked for."""
        return any(read.assumed for read in self.entries)

    def note(self, entries: Iterable[Read]) -> None:
        """Add rows to the evidence."""
        self.entries += entries

    def note_passes(self, name: str, wave: str, variables: Collection[str]) -> None:
        """Add what a pass says of variables, of every pilot."""
        file = f"passes/{name}/codings.csv"
        self.read_rows(file, wave, variables)
        self.note(Read(file, None, key=f"{wave}/{ANY}/{each}") for each in variables)

    def note_known(self, other: ReadLog) -> None:
        """Add what another log holds to a count: a cell looked at is known to be silent."""
        self.note(read._replace(known=True, assumed=False) for read in other.entries)

    def clear(self) -> None:
        """Forget the evidence: a new cell of a notebook begins. The data key stays."""
        self.entries.clear()

    def evidence(self) -> list[Read]:
        """Return what was read, each once, by file, line; unknown, assumed if any use was."""
        rows: dict[tuple[str, int, str], Read] = {}
        for entry in self.entries:
            key = (entry.file, entry.line or 0, entry.key)
            if key not in rows:
                rows[key] = entry
            elif not entry.known:
                rows[key] = entry._replace(assumed=entry.assumed or rows[key].assumed)
        return [rows[key] for key in sorted(rows)]

    @staticmethod
    def read(part: Part) -> None:
        """Add a row, a table or a file to what this process depends on."""
        _reads[part] = None

    def read_rows(self, table: str, wave: str, variables: Iterable[str]) -> None:
        """Add all rows about variables to what this process depends on."""
        for each in variables:
            self.read(("row", table, wave, ANY, each))

    def read_row(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row of a table to the evidence, as known, and to what this process depends on."""
        self.read(("row", table, *(row[column] for column in KEYS[table])))
        self.entries.append(Read.of_row(table, row))

    def new_reads(self) -> list[Part]:
        """Return what was read since the last call, of any study in this process."""
        global _told
        new = list(_reads)[_told:]
        _told = len(_reads)
        return new


@contextmanager
def checking() -> Iterator[None]:
    """Keep what is read meanwhile out of the data key: a check of all rows is no reading."""
    kept = dict(_reads)
    try:
        yield
    finally:
        _reads.clear()
        _reads.update(kept)


def forget_reads() -> None:
    """Begin the data key anew: nothing was read yet."""
    global _told
    _reads.clear()
    _told = 0


def note_unknown(
    study: Study,
    variable: str,
    pilots: Sequence[str],
    known: Sequence[bool] | NDArray[np.bool_],
    filled: NDArray[np.bool_] | None = None,
) -> None:
    """Note of cells, which were read as known, those that are not; `filled`: by an assumption."""
    assumed = [False] * len(pilots) if filled is None else filled
    study.log.note(
        Read(CODINGS, study.settled[p, variable]["line"], p, variable, False, bool(a))
        for p, sure, a in zip(pilots, known, assumed, strict=True)
        if not sure and (p, variable) in study.settled
    )


def note_source(study: Study, name: str) -> None:
    """Note that a source was asked for, if there is one: whether somebody read it decides."""
    if name:
        study.log.read_row("sources.csv", study.sources[name])


def series(study: Study, name: str, pilots: Chosen, values: NDArray[Any]) -> pd.Series[Any]:
    """Return an answer: a Series, or in a search the bare array."""
    if study.arrays:
        return values  # type: ignore[return-value]
    return pd.Series(values, index=pd.Index(pilots, name="pilot"), name=name, dtype=values.dtype)


def checks_options(method: Callable[P, T]) -> Callable[P, T]:
    """Have a method refuse a reading of the data that there is not: none is taken for another."""

    @wraps(method)
    def answer(*args: P.args, **options: P.kwargs) -> T:
        for name in READINGS.keys() & options:
            if options[name] not in READINGS[name]:
                raise StudyError(f"{name}={options[name]!r}; allowed: {READINGS[name]}")
        return method(*args, **options)

    return answer
