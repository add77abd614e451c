"""Coding passes as they came: one folder each, never edited, checked against their hashes."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from analysis.study.codebook import read_yaml
from analysis.study.errors import StudyError

CellKey = tuple[str, str, str]


@dataclass(frozen=True)
class Pass:
    """One coder's complete set: rows by (wave, pilot, variable), and the project rows."""

    name: str
    codings: dict[CellKey, list[dict[str, str]]]
    projects: list[dict[str, str]]


def read_rows(path: Path, shown: str) -> list[dict[str, str]]:
    """Read a CSV of a pass or of rulings.

    Raises:
        StudyError: the file is missing.
    """
    if not path.is_file():
        raise StudyError(f"{shown}: missing; put the file back")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_sums(folder: Path) -> None:
    """Check every file of `passes/SHA256SUMS`.

    Raises:
        StudyError: a file is missing or was changed; passes are kept as they came.
    """
    problems = []
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            problems.append(f"passes/{name}: missing or changed since it came; restore it from git")
    if problems:
        raise StudyError("\n".join(problems))


def read_passes(folder: Path) -> list[Pass]:
    """Read every pass under `passes/`, spellings mapped to the codebook's.

    Raises:
        StudyError: no pass, or a changed file.
    """
    check_sums(folder)
    spelling = read_yaml(folder / "spelling.yaml", "passes/spelling.yaml") or {}
    found = []
    for place in sorted(p.parent for p in folder.glob("*/pass.yaml")):
        shown = f"passes/{place.name}"
        cells: dict[CellKey, list[dict[str, str]]] = {}
        for row in read_rows(place / "codings.csv", f"{shown}/codings.csv"):
            row["value"] = spelling.get(row["variable"], {}).get(row["value"], row["value"])
            cells.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
        projects = read_rows(place / "projects.csv", f"{shown}/projects.csv")
        found.append(Pass(place.name, cells, projects))
    if not found:
        raise StudyError("passes/: no pass there (a folder with pass.yaml and codings.csv)")
    return found


def value_of(rows: list[dict[str, str]]) -> str:
    """Return a cell's value as one text: `silent`, or its values joined where two are given."""
    values = sorted(row["value"] for row in rows if row["status"] != "silent")
    return " and ".join(values) if values else "silent"
