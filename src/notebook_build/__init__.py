"""Incremental, forked and distributed builds of papermill notebooks; see README.md beside this.

Here: what went into a build and came out, its manifest, and whether it holds. Content decides,
never a time. Only the standard library is imported: a build with nothing to do ends at once.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from platform import python_version as python_version
from typing import Any

# a checker of addresses that jsonschema, hence nbformat, would import: it builds a grammar for a
# second of every process, and no notebook holds an address to check
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# the only place of a build where time stands
MANIFEST = "manifest.json"
OUTPUTS = ("**/*", f"!{MANIFEST}")


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


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that it holds, where there is one."""
    # a build with nothing to do needs it not
    import shutil

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole, with the folders that it needs: if interrupted, the last one stays."""
    aside = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def manifests(builds: Iterable[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folders of builds whose manifest is there as it was written, with the manifest."""
    for build in (build for build in builds if (build / MANIFEST).is_file()):
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            text = (build / MANIFEST).read_bytes()
            manifest = json.loads(text)
            own = manifest["sha256"]
            if own == digest(text.replace(own.encode(), b"", 1)):
                yield build, manifest


def holds(build: Path, manifest: Mapping[str, Any], inputs: Mapping[str, str]) -> bool:
    """Return whether a build is what `inputs` would give now, by this Python, and is whole.

    Raises:
        LookupError: the manifest is of another version.
        OSError: something of it cannot be read.
    """
    return bool(
        manifest["versions"]["python"] == python_version()
        and manifest["inputs"] == inputs
        and manifest["outputs"] == hashes(build, OUTPUTS)
    )


def write_manifest(build: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest of a build, with the hashes of its files and of the manifest itself."""
    whole = {**content, "outputs": hashes(build, OUTPUTS), "sha256": ""}
    text = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    text = f'"sha256": "{digest(text)}"'.join(text.rsplit('"sha256": ""', 1))
    (build / MANIFEST).write_text(text, encoding="utf-8")
