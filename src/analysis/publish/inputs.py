"""What a report and its runs depend on, and whether the last report still holds.

Only the standard library is imported here, so that a `make report` with nothing to do ends at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis.study import KEPT_BESIDE, KEYS, root, study_folder
from analysis.study.guard import VARIABLE
from notebook_build import MANIFEST, digest, hashes, holds, manifests, sha256

if TYPE_CHECKING:
    from analysis.study.files import Record
    from analysis.study.study import Study
    from notebook_build.project import Project, Read

# what was asked for, as it was typed; how kernels start and how much is said change no output
ASKED = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK", "SOURCES")
CHECKOUT = Path(analysis.__file__).resolve().parents[2]
LOCK, CATALOGUES = "requirements.lock", "locale/**/*.po"
# an output of a cell that is no exhibit: what a run read of the study (see `claims.cell`)
READ = "application/vnd.analysis.read+json"
# pages are made anew without a run
OF_PAGES = ("report/", "texts/")
# what every run reads of a study
ALWAYS = ("study.yaml", "codebook.yaml")


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


def project_with_data(study: Study, place: Path) -> Project:
    """Return a loaded study as a build takes it: a run depends on what it read of the study."""
    from dataclasses import replace

    content = _Content(study)
    return replace(project_of(study.name, place), data_key=lambda _, read: content.key(read))


class _Content:
    """What the files of a study hold, as a key of what was read of it."""

    def __init__(self, study: Study) -> None:
        self._study = study

    def key(self, read: Iterable[Read]) -> str:
        """Return the content of what was read, and of what every run reads, as one hash."""
        folder = self._study.folder
        parts = [(folder / name).read_bytes() for name in ALWAYS]
        parts += [self._which("pilots.csv").encode(), self._which("codings.csv").encode()]
        for kind, name, *key in sorted(set(read)):
            parts.append(f"{kind} {name} {key}".encode())
            if kind == "file":
                path = folder / name
                parts.append(path.read_bytes() if path.is_file() else b"missing")
            elif kind == "table":
                parts.append(self._which(name).encode())
            else:
                rows = self._rows(name).get(tuple(key), [])
                parts.append(json.dumps(rows, sort_keys=True).encode())
        return digest(*parts)

    def _which(self, name: str) -> str:
        """Return which rows a table has: lines, keys, and which stand beside a settled one."""
        rows = [
            [row["line"], *(row[c] for c in KEYS[name]), _beside(row)]
            for row in self._study.rows(name)
        ]
        return json.dumps(rows)

    def _rows(self, name: str) -> dict[tuple[str, ...], list[Record]]:
        if name not in self._tables:
            rows: dict[tuple[str, ...], list[Record]] = {}
            for row in self._study.rows(name):
                content = {column: cell for column, cell in row.items() if column != "line"}
                rows.setdefault(tuple(row[c] for c in KEYS[name]), []).append(content)
            self._tables[name] = rows
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, dict[tuple[str, ...], list[Record]]]:
        return {}


def _beside(cells: Mapping[str, Any]) -> bool:
    return bool(cells.get("settled_by", "").startswith(KEPT_BESIDE))
