"""What the tests of the study room share: breaking a copy of a study, reading what is said."""

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from support import STUDY, WAVE

from analysis.study import StudyError
from analysis.study.load import load_study

Row = dict[str, str]
Find = Callable[[Row], bool]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[Row], columns: list[str] | None = None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, find: Find, **cells: str) -> int:
    """Put values into the first row that fits; return its line (no committed cell has breaks)."""
    rows = rows_of(path)
    at = next(i for i, row in enumerate(rows) if find(row))
    assert set(cells) <= set(rows[at])
    assert any(rows[at][column] != value for column, value in cells.items())
    rows[at].update(cells)
    write_rows(path, rows)
    return at + 2


def replace(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in a file; return its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refused(root: Path, study: str = STUDY, wave: str = WAVE) -> list[str]:
    """Return the lines of the one message with which a study is refused."""
    with pytest.raises(StudyError) as caught:
        load_study(study, wave, root)
    return str(caught.value).splitlines()


def seal(passes: Path) -> None:
    """Write SHA256SUMS anew: a test's way to have other passes."""
    files = sorted(p for p in passes.glob("*/*") if p.is_file() and p.name != "pass.yaml")
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(passes)}" for p in files]
    (passes / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def cell(pilot: str, variable: str) -> Find:
    return lambda row: (row["pilot_id"], row["variable"]) == (pilot, variable)
