"""What is known: the study, its codings, its facts, and the record of what was asked of it.

Here: where studies lie, the fixed words of their tables, and what is raised if a rule is broken.
The standard library alone is imported, so that a build with nothing to do ends at once.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# of the levels of trust that a coder may have, the highest first
CONFIDENCES = ("high", "medium", "low")
# in place of a pilot: the whole programme, the unit above a pilot
PROGRAMME = "all"
PARENT_PREFIX = "PARENT_"
# of the two rows of a contradiction, the one that stays beside the settled value says so
KEPT_BESIDE = "rule: kept beside"

CODINGS = "codings.csv"
# the tables as they are read, and the columns by which a row is looked up: the rest is its content
KEYS: dict[str, tuple[str, ...]] = {
    "sources.csv": ("source_id",),
    "pilots.csv": ("pilot_id", "order"),
    CODINGS: ("wave", "pilot_id", "variable"),
    "projects.csv": ("wave", "pilot_id"),
    "context.csv": ("pilot_id", "variable", "year"),
    "leaders.csv": ("pilot_id", "role"),
    "rates.csv": ("event", "population"),
    "events.csv": ("pilot_id",),
}


class StudyError(Exception):
    """Data of a study break a rule; the message names the thing, the place and the mend."""


def declared(known: Mapping[str, T], name: str, place: str) -> T:
    """Return what is declared under a name; a StudyError says in which place, and what there is."""
    if name not in known:
        raise StudyError(f"{place}: no {name!r}; declared: {', '.join(known) or 'none'}")
    return known[name]


def root() -> Path:
    """Return the root of the repository: `ANALYSIS_ROOT`, else the folder above `src/`.

    Never taken from the working folder. A StudyError says that there is no `data/` in it.
    """
    named = os.environ.get("ANALYSIS_ROOT")
    place = Path(named).resolve() if named else Path(__file__).resolve().parents[3]
    if not (place / "data").is_dir():
        raise StudyError(f"{place}: no folder data/ there; set ANALYSIS_ROOT to the repository")
    return place


def study_folder(name: str, within: Path | None = None) -> Path:
    """Return `data/<name>`; for an unknown name a StudyError lists those that exist."""
    data = (within or root()) / "data"
    folder = data / name
    if name in ("", ".", "..") or Path(name).name != name or not (folder / "study.yaml").is_file():
        known = ", ".join(sorted(p.parent.name for p in data.glob("*/study.yaml"))) or "none"
        raise StudyError(f"data/{name}: no such study (no study.yaml there); studies: {known}")
    return folder


def chosen_study(name: str) -> str:
    """Return the study named, else the only one there is; a StudyError if there is not just one."""
    if name:
        return name
    known = sorted(p.parent.name for p in (root() / "data").glob("*/study.yaml"))
    if len(known) != 1:
        raise StudyError(f"STUDY: name one of: {', '.join(known) or 'none found in data/'}")
    return known[0]
