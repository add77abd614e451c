"""What is known: the study, its codings, its facts, and the record of what was asked of it.

Here: where studies lie, the fixed words of their tables, and what is raised if a rule is broken.
The standard library alone is imported, so that a build with nothing to do ends at once.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")

# problems that a message shows, and characters of each
MOST, LONGEST = 40, 1000

# units up to which each has sentences, and pages, of its own
MOST_EACH = 60

# how data may be read: arguments of the study, parameters of notebooks
Silence = Literal["unknown", "absent", "absent_if_slow"]
Group = Literal["example", "none"]
WindowName = Literal["since_designation", "fixed"]
RolesName = Literal["notice", "wider"]
# of the levels of trust that a coder may have, the highest first
CONFIDENCES = ("high", "medium", "low")
# in place of a pilot: the whole programme, the unit above a pilot
PROGRAMME = "all"
PARENT_PREFIX = "PARENT_"
# of the two rows of a contradiction, the one that stays beside the settled value says so
KEPT_BESIDE = "rule: kept beside"

CODINGS = "codings.csv"
# in a key by which rows are looked up: whatever stands there
ANY = "*"
# who looked at what, and said so; there need be none
SIGN_OFFS = "audit/sign-offs.csv"
# the tables as they are read, and the columns by which a row is looked up: the rest is its content
KEYS: dict[str, tuple[str, ...]] = {
    "sources.csv": ("source_id",),
    "pilots.csv": ("pilot_id", "order"),
    CODINGS: ("wave", "pilot_id", "variable"),
    "projects.csv": ("wave", "pilot_id"),
    "context.csv": ("pilot_id", "variable", "year"),
    "leaders.csv": ("pilot_id", "role"),
    "rates.csv": ("event", "population", "window_start", "window_end"),
    "events.csv": ("pilot_id",),
}


class StudyError(Exception):
    """Data of a study break a rule; the message names the thing, the place and the mend.

    A line is a problem: of many the first are shown, and how many more there are.
    """

    def __init__(self, said: str) -> None:
        lines = said.split("\n")
        more = [f"and {len(lines) - MOST} more problems"] if len(lines) > MOST else []
        cut = (f"{line[:LONGEST]} ..." if len(line) > LONGEST else line for line in lines[:MOST])
        super().__init__("\n".join([*cut, *more]))


def complain(problems: Iterable[str]) -> None:
    """Raise a StudyError with a line for each problem, where there is any."""
    if said := list(dict.fromkeys(problems)):
        raise StudyError("\n".join(said))


def declared(known: Mapping[str, T], name: str, place: str) -> T:
    """Return what is declared under a name; a StudyError says in which place, and what there is."""
    if name not in known:
        raise StudyError(f"{place}: no {str(name)[:60]!r}; declared: {', '.join(known) or 'none'}")
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
    """Return `data/<name>`; a StudyError lists those that exist, or names a link out of it."""
    data = (within or root()) / "data"
    folder = data / name
    # the name becomes a pattern of paths, a folder and an address
    if not re.fullmatch(r"\w[\w.-]{0,99}", name) or not os.path.lexists(folder / "study.yaml"):
        known = ", ".join(sorted(p.parent.name for p in data.glob("*/study.yaml"))) or "none"
        raise StudyError(
            f"data/{name[:100]}: no such study (no study.yaml there, or a name of more than "
            f"letters, digits, _ - and .); studies: {known}"
        )
    inside = Path(os.path.realpath(folder))
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
            raise StudyError(
                f"data/{path.relative_to(data)}: a link out of the study's folder; put the file "
                "itself in its place (texts may lie elsewhere: SOURCES=folder)"
            )
    return folder


def chosen_study(name: str) -> str:
    """Return the study named, else the only one there is; a StudyError if there is not just one."""
    if name:
        return name
    known = sorted(p.parent.name for p in (root() / "data").glob("*/study.yaml"))
    if len(known) != 1:
        raise StudyError(f"STUDY: name one of: {', '.join(known) or 'none found in data/'}")
    return known[0]
