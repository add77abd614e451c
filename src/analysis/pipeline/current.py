"""Whether a build is what its inputs would give now: decided by content, before anything is loaded.

Only the standard library is imported here, so that a `make report` with nothing to do ends at once.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

# what was asked for, as it was typed; how kernels start and how much is said change no output
ASKED = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK", "SOURCES")
PATTERNS = ("notebooks/*.ipynb", "report/**/*", "src/**/*", "locale/**/*", "requirements.lock")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes(folder: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every file that a pattern finds. Keys: paths inside `folder`."""
    files = {p for pattern in patterns for p in folder.glob(pattern)}
    kept = (p for p in sorted(files) if "__pycache__" not in p.parts and p.is_file())
    return {p.relative_to(folder).as_posix(): sha256(p) for p in kept}


def inputs(root: Path, study: str) -> dict[str, str]:
    """Return the hash of every file that a report of a study depends on; texts of sources apart."""
    found = hashes(root, (f"data/{study}/**/*", *PATTERNS))
    return {path: value for path, value in found.items() if "/sources/" not in path}


def texts(root: Path, study: str, named: str) -> dict[str, str]:
    """Return the hash of each text in the folder named, else in the usual one. Keys: file names."""
    folder = Path(named) if named else root / "data" / study / "sources"
    return {path.name: sha256(path) for path in sorted(folder.glob("*.txt"))}


def python_version() -> str:
    """Return the version of Python, as the manifest keeps it."""
    return ".".join(map(str, sys.version_info[:3]))


def current(root: Path, asked: Mapping[str, str]) -> Path | None:
    """Return the first page of the build that was asked for in these words, if it is up to date.

    `asked`: the variables of `ASKED` that are set. A build is up to date if it was made from the
    files that are there now, by this Python, and nothing of it is missing.
    """
    wanted = {name: asked.get(name, "") for name in ASKED}
    for path in sorted((root / "build").glob("*/*/manifest.json")):
        # a manifest that is damaged or of another version is not up to date
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            manifest: dict[str, Any] = json.loads(path.read_bytes())
            if manifest["asked"] == wanted and is_current(root, path.parent, manifest):
                return path.parent / "index.html"
    return None


def needs_runs(root: Path, asked: Mapping[str, str]) -> bool:
    """Return whether what was asked for in these words looks as if notebooks must be run.

    A guess, for who would get ready for it: words alone may have changed, a value that none reads.
    """
    wanted = {name: asked.get(name, "") for name in ASKED}
    for path in (root / "build").glob("*/*/manifest.json"):
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            manifest: dict[str, Any] = json.loads(path.read_bytes())
            if manifest["asked"] == wanted:
                before, now = manifest["inputs"], inputs(root, path.parents[1].name)
                differ = {p for p in before.keys() | now.keys() if before.get(p) != now.get(p)}
                return any(not p.startswith("report/") for p in differ)
    return True


def is_current(root: Path, build: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether a build is what its inputs would give now, and is all there."""
    study = build.parent.name
    return (
        manifest["versions"]["python"] == python_version()
        and manifest["texts"] == texts(root, study, manifest["asked"]["SOURCES"])
        and all((build / name).is_file() for name in manifest["outputs"])
        and manifest["inputs"] == inputs(root, study)
    )
