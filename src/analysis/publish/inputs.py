"""What a report depends on, and whether the last one still holds; a study as a `Project`.

Only the standard library is imported here, so that a `make report` with nothing to do ends at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import analysis
from analysis.study.guard import VARIABLE
from analysis.study.root import root, study_folder
from notebook_build.up_to_date import MANIFEST, hashes, holds, manifests, sha256

if TYPE_CHECKING:
    from notebook_build.project import Project

# what was asked for, as it was typed; how kernels start and how much is said change no output
ASKED = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK", "SOURCES")
CHECKOUT = Path(analysis.__file__).resolve().parents[2]
LOCK, CATALOGUES = "requirements.lock", "locale/**/*.po"
# an output of a cell that is no exhibit: what a run read of the study (see `exhibits.bundle`)
READ = "application/vnd.analysis.read+json"
# pages are made anew without a run
OF_PAGES = ("report/", "texts/")


def project_of(study: str, place: Path | None = None) -> Project:
    """Return what a build is told of a study's notebooks; `place`: the repository.

    Raises:
        StudyError: this process does not find the repository or the study.
    """
    from notebook_build.project import Project

    if place is None:
        place = root()
        study_folder(study, place)
    return Project(
        place,
        inputs=_data(study),
        code=CHECKOUT,
        always=(LOCK, CATALOGUES),
        preload=("analysis.claims", "analysis.exhibits", "smalln"),
        # from its first cell on a run reads data through the study alone
        extension="analysis.study.guard",
        environment={"ANALYSIS_ROOT": str(place), VARIABLE: "1"},
        personal=("ANALYSIS_LANGUAGE", "MPLBACKEND"),
        # of pandera
        set_by_imports={"SPARK_LOCAL_IP": "127.0.0.1", "PYARROW_IGNORE_TIMEZONE": "1"},
        reads=READ,
        elsewhere=partial(project_of, study),
    )


def _data(study: str) -> tuple[str, ...]:
    # texts of sources are shown by whoever builds, not read by a run
    return (f"data/{study}/**/*", f"!data/{study}/**/sources/**/*")


def inputs(place: Path, study: str, sources: str) -> dict[str, str]:
    """Return the hash of every file that a report of a study depends on. Keys: paths.

    `sources`: the folder named for texts of sources, else "" for the usual one.
    """
    files = (*_data(study), "notebooks/*.ipynb", "report/**/*", "src/**/*", CATALOGUES, LOCK)
    own = hashes(place, files)
    folder = Path(sources) if sources else place / "data" / study / "sources"
    return own | {f"texts/{path.name}": sha256(path) for path in sorted(folder.glob("*.txt"))}


def current(place: Path, asked: Mapping[str, str]) -> Path | None:
    """Return the first page of the build that was asked for in these words, if it is up to date.

    `asked`: the variables of `ASKED` that are set. A build is up to date if it was made from the
    files that are there now, by this Python, and nothing of it is missing.
    """
    for build, manifest in manifests(_reports(place)):
        # a manifest that is damaged or of another version is not up to date
        with suppress(LookupError, TypeError, AttributeError):
            if manifest["asked"] == {name: asked.get(name, "") for name in ASKED}:
                now = inputs(place, build.parent.name, asked.get("SOURCES", ""))
                if holds(build, manifest, now):
                    return build / "index.html"
    return None


def needs_runs(place: Path, asked: Mapping[str, str]) -> bool:
    """Return whether what was asked for in these words looks as if notebooks must be run.

    A guess, for who would get ready for it: words alone may have changed, a value that none reads.
    """
    for build, manifest in manifests(_reports(place)):
        with suppress(LookupError, TypeError, AttributeError):
            if manifest["asked"] == {name: asked.get(name, "") for name in ASKED}:
                before = manifest["inputs"]
                now = inputs(place, build.parent.name, asked.get("SOURCES", ""))
                differ = {p for p in before.keys() | now.keys() if before.get(p) != now.get(p)}
                return any(not path.startswith(OF_PAGES) for path in differ)
    return True


def _reports(place: Path) -> list[Path]:
    return [path.parent for path in sorted((place / "build").glob(f"*/*/{MANIFEST}"))]
