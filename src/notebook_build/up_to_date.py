"""The manifest of a build, what went in and came out, and whether it still holds: by content.

Only the standard library is imported here, so that a build with nothing to do ends at once. The
manifest is the only place of a build where time stands.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(*parts: bytes | str) -> str:
    """Return one hash of several parts, their limits included."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(b"%d:" % len(content))
        whole.update(content)
    return whole.hexdigest()


def hashes(folder: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every file that a pattern matches. Keys: paths inside `folder`.

    A pattern that begins with `!` takes files out again.
    """
    files = set[Path]()
    for pattern in patterns:
        if pattern.startswith("!"):
            files -= set(folder.glob(pattern[1:]))
        else:
            files |= set(folder.glob(pattern))
    wanted = (p for p in sorted(files) if "__pycache__" not in p.parts and p.is_file())
    return {p.relative_to(folder).as_posix(): sha256(p) for p in wanted}


def python_version() -> str:
    """Return the version of Python, as the manifest states it."""
    return ".".join(map(str, sys.version_info[:3]))


def manifests(builds: Iterable[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folders of builds whose manifest is there and can be read, with the manifest."""
    for build in builds:
        with suppress(OSError, ValueError):
            yield build, json.loads((build / MANIFEST).read_bytes())


def holds(build: Path, manifest: Mapping[str, Any], inputs: Mapping[str, str]) -> bool:
    """Return whether a build is what `inputs` would give now, by this Python, and is all there.

    Raises:
        LookupError, TypeError, AttributeError: the manifest is damaged or of another version.
    """
    return (
        manifest["versions"]["python"] == python_version()
        and manifest["inputs"] == inputs
        and all((build / name).is_file() for name in manifest["outputs"])
    )


def write(
    build: Path,
    *,
    asked: Mapping[str, str],
    inputs: Mapping[str, str],
    versions: Iterable[str],
    runs: list[dict[str, Any]],
    seconds: Mapping[str, float],
) -> None:
    """Write the manifest into a finished build.

    Args:
        build: its folder.
        asked: what was asked for, in the words by which a later build knows this one again.
        inputs: the hash of every file that it depends on. Keys: paths.
        versions: names of the libraries whose version is stated.
        runs: an entry for each run, as `reuse.entries` gives.
        seconds: how long its parts took.
    """
    from importlib.metadata import version

    content: dict[str, Any] = {
        "asked": dict(asked),
        "inputs": dict(inputs),
        "outputs": hashes(build, ("**/*",)),
        "versions": {"python": python_version(), **{name: version(name) for name in versions}},
        "runs": runs,
        "seconds": {part: round(value, 2) for part, value in seconds.items()},
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (build / MANIFEST).write_text(text + "\n", encoding="utf-8")
