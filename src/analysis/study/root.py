"""Where the repository is: never taken from the working folder."""

import os
from pathlib import Path

from analysis.study.errors import StudyError


def root() -> Path:
    """Return the root of the repository: `ANALYSIS_ROOT`, else the folder above `src/`.

    Raises:
        StudyError: `ANALYSIS_ROOT` names a folder without `data/`.
    """
    named = os.environ.get("ANALYSIS_ROOT")
    place = Path(named).resolve() if named else Path(__file__).resolve().parents[3]
    if not (place / "data").is_dir():
        raise StudyError(f"{place}: no folder data/ there; set ANALYSIS_ROOT to the repository")
    return place


def study_folder(name: str, within: Path | None = None) -> Path:
    """Return `data/<name>`; an unknown name lists those that exist.

    Raises:
        StudyError: there is no such study.
    """
    data = (within or root()) / "data"
    folder = data / name
    if name in ("", ".", "..") or Path(name).name != name or not (folder / "study.yaml").is_file():
        known = ", ".join(sorted(p.parent.name for p in data.glob("*/study.yaml"))) or "none"
        raise StudyError(f"data/{name}: no such study (no study.yaml there); studies: {known}")
    return folder


def chosen_study(name: str) -> str:
    """Return the study named, or the only one there is.

    Raises:
        StudyError: none is named, and there are several or none.
    """
    if name:
        return name
    known = sorted(p.parent.name for p in (root() / "data").glob("*/study.yaml"))
    if len(known) != 1:
        raise StudyError(f"STUDY: name one of: {', '.join(known) or 'none found in data/'}")
    return known[0]
