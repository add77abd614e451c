"""What a report and its runs depend on, and whether the last report still holds.

Only the standard library is imported here, so that a `make report` with nothing to do ends at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis.study import ANY, CODINGS, KEPT_BESIDE, KEYS, SIGN_OFFS, StudyError, study_folder
from analysis.study.guard import READ, VARIABLE
from notebook_build import MANIFEST, digest, hashes, holds, manifests

if TYPE_CHECKING:
    from analysis.study.files import Record
    from analysis.study.study import Study
    from notebook_build.project import Project, Read, Run

# what was asked for, as it was typed; how kernels start and how much is said change no output
ASKED = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK", "SOURCES")
CHECKOUT = Path(analysis.__file__).resolve().parents[2]
LOCK, CATALOGUES = "requirements.lock", "locale/**/*.po"
# pages are made anew without a run
OF_PAGES = ("report/", "texts/")
# what editors and sync clients leave: blanks and signs in a name, hidden files, two endings
COPIES, NO_DATA = ("*[!A-Za-z0-9_.]*", ".*", "*.*.*"), ("notebooks", "src/**", "locale/**")
# what every run reads of a study
ALWAYS: tuple[Read, ...] = (
    ("file", "study.yaml"),
    ("file", "codebook.yaml"),
    ("table", "pilots.csv"),
    ("table", CODINGS),
)


def project_of(study: str, place: Path | None = None) -> Project:
    """Return what a build is told of a study's notebooks; `place`: the repository.

    A StudyError says that this process does not find the repository or the study.
    """
    from notebook_build.project import Project

    if place is None:
        place = study_folder(study).parents[1]
    return Project(
        place,
        inputs=_data(study),
        code=CHECKOUT,
        always=(LOCK, CATALOGUES, *_copies("!", "locale/**")),
        preload=("analysis.study", "analysis.claims", "analysis.exhibits", "smalln"),
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
    folder = f"data/{study}/**"
    return (f"{folder}/*", f"!{folder}/sources/**/*", *_copies("!", folder))


def _copies(sign: str, *folders: str) -> tuple[str, ...]:
    return tuple(f"{sign}{folder}/{each}" for folder in folders for each in COPIES)


def inputs(place: Path, study: str, sources: str) -> dict[str, str]:
    """Return the hash of every file that a report of a study depends on. Keys: paths.

    `sources`: the folder named for texts of sources, else "" for the usual one.
    """
    files = ("notebooks/*.ipynb", "src/**/*", CATALOGUES, *_copies("!", *NO_DATA))
    signed = f"data/{study}/{SIGN_OFFS}"
    own = hashes(place, (*_data(study), *files, "report/**/*", LOCK, signed))
    folder = Path(sources) if sources else place / "data" / study / "sources"
    texts = hashes(folder, ("*.txt", *(f"!{each}" for each in COPIES)))
    return own | {f"texts/{name}": content for name, content in texts.items()}


def say_left_aside(place: Path, study: str) -> None:
    """Name the copies beside notebooks, data, code and catalogues: nothing reads them."""
    from notebook_build.progress import say

    signed = f"!data/{study}/{SIGN_OFFS}"
    copies = hashes(place, (*_copies("", f"data/{study}/**", *NO_DATA), signed))
    if listed := ", ".join(name for name in copies if "/sources/" not in name and "/." not in name):
        say(f"left aside, copies that nothing reads: {listed}")


def last_report(place: Path, asked: Mapping[str, str]) -> tuple[Path | None, bool]:
    """Return the first page of the report that was asked for in these words, if it is up to date.

    That is, if it was made from the files that are there now, by this Python, and nothing of it is
    missing. Else None, and whether it looks as if notebooks must be run: a guess, for who would get
    ready for it. `asked`: the variables of `ASKED` that are set.
    """
    must_run, wanted = True, {name: asked.get(name, "") for name in ASKED}
    builds = [path.parent for path in sorted((place / "build").glob(f"*/[!.]*/{MANIFEST}"))]
    for build, manifest in manifests(builds):
        # one of another version, or of which something cannot be read, is not up to date
        with suppress(LookupError, TypeError, AttributeError, OSError):
            if manifest["asked"] == wanted:
                now = inputs(place, build.parent.name, wanted["SOURCES"])
                if holds(build, manifest, now):
                    return build / "index.html", False
                differ = {path for path, _ in now.items() ^ manifest["inputs"].items()}
                must_run = any(not path.startswith(OF_PAGES) for path in differ)
    return None, must_run


def claims_now(place: Path, study: str, wave: str, within: str = "") -> list[dict[str, Any]]:
    """Return the ledger of a study's default report; who looked at what may have changed since.

    `within`: how the paths of files begin that count; "" for all. A StudyError says that there is
    no report of these files as they are now.
    """
    folder, differ, ledger = place / "build" / study / wave, None, b""
    for _, manifest in manifests([folder]):
        with suppress(OSError):
            ledger = (folder / "claims.json").read_bytes()
        if sha256(ledger).hexdigest() != manifest["outputs"].get("claims.json"):
            raise StudyError(f"{study}/{wave}: claims.json is not as built; run: make report")
        now = inputs(place, study, manifest["asked"]["SOURCES"])
        other = {path for path, _ in now.items() ^ manifest["inputs"].items()}
        other -= {f"data/{study}/{SIGN_OFFS}"}
        differ = sorted(path for path in other if path.startswith(within))
    if differ is None:
        raise StudyError(f"{study}/{wave}: no report, or none of this version; run: make report")
    if differ:
        first = ", ".join(differ[:3])
        raise StudyError(f"{study}/{wave}: no report since {first} changed; run: make report")
    entries: list[dict[str, Any]] = json.loads(ledger)
    return entries


def project_with_data(study: Study, place: Path) -> Project:
    """Return a loaded study as a build takes it: a run depends on what it read of the study."""
    from dataclasses import replace

    from analysis.study.files import by_columns
    from analysis.study.passes import of_study

    @cache
    def held(table: str) -> tuple[str, dict[tuple[str, ...], list[Record]]]:
        """Return which rows a table has (by line, beside a settled one or not), and them by key."""
        of_passes = table.startswith("passes/")
        columns = KEYS[CODINGS if of_passes else table]
        rows = list(of_study(study).rows(table) if of_passes else study.rows(table))
        told = [
            [row["line"], *map(row.get, columns), row.get("settled_by", "").startswith(KEPT_BESIDE)]
            for row in rows
        ]
        return json.dumps(told), by_columns(rows, columns)

    @cache
    def content(kind: str, name: str, *row: str) -> bytes | str:
        """Return what was read, as it is now."""
        if kind == "file":
            path = study.folder / name
            return path.read_bytes() if path.is_file() else b"missing"
        if kind == "passes":
            return json.dumps([each.name for each in of_study(study).every])
        which, rows = held(name)
        if kind == "table":
            return which
        found: Any = rows.get(row, [])
        if ANY in row:
            fits = (all(a in (ANY, b) for a, b in zip(row, key, strict=True)) for key in rows)
            found = [*compress(rows.values(), fits)]
        return json.dumps(found, sort_keys=True)

    def key(_: Run, read: Iterable[Read]) -> str:
        """Return the content of what was read, and of what every run reads, as one hash."""
        parts = [*ALWAYS, *sorted(set(read))]
        return digest(*(each for part in parts for each in (repr(part), content(*part))))

    return replace(project_of(study.name, place), data_key=key)
