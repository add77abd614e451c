"""Runs of earlier builds that need not be made again: their executed notebooks are taken over."""

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.pipeline import notebook_file
from analysis.pipeline.current import sha256
from analysis.pipeline.keys import Keys
from analysis.pipeline.plan import Run
from analysis.pipeline.tidy import stable
from analysis.study.noted import Read

INJECTED = "injected-parameters"


@dataclass(frozen=True)
class Kept:
    """An executed notebook of an earlier build, what it read, and how long it took then."""

    path: Path
    read: tuple[Read, ...]
    seconds: float


@dataclass(frozen=True)
class Earlier:
    """The finished builds of one study, the one to be replaced first."""

    builds: tuple[Path, ...]

    @classmethod
    def of(cls, target: Path) -> "Earlier":
        """Return the build at `target` and those beside it."""
        others = sorted(p.parent for p in target.parent.glob("*/manifest.json"))
        unfinished = sorted(p.parent for p in target.parent.glob(".*.finished/manifest.json"))
        return cls((target, *unfinished, *(place for place in others if place != target)))

    @cached_property
    def _manifests(self) -> list[tuple[Path, Any]]:
        """Return the manifests that are there and can be read."""
        found = []
        for build in self.builds:
            with suppress(OSError, ValueError):
                found.append((build, json.loads((build / "manifest.json").read_bytes())))
        return found

    @property
    def seconds(self) -> dict[str, float]:
        """Return how long each run took when it was made last. Keys: pages."""
        found: dict[str, float] = {}
        for page, made in self._kept.items():
            found[page] = made[0][2].seconds
        return found

    @property
    def rendering(self) -> float:
        """Return how long pages took when they were all written last; 0 if nothing is known."""
        for _, manifest in self._manifests:
            with suppress(LookupError, TypeError, ValueError):
                return float(manifest["seconds"]["rendering"])
        return 0.0

    @cached_property
    def _kept(self) -> dict[str, list[tuple[str, str, Kept]]]:
        """Return by page what each build has: its key, the hash of the notebook, the notebook."""
        found: dict[str, list[tuple[str, str, Kept]]] = {}
        for build, manifest in self._manifests:
            # one of another version gives nothing
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                for entry in manifest["runs"]:
                    name = f"notebooks/{entry['page']}.ipynb"
                    read = tuple(tuple(each.split("\t")) for each in entry["read"])
                    kept = Kept(build / name, read, float(entry["seconds"]))
                    of_page = found.setdefault(entry["page"], [])
                    of_page.append((entry["key"], manifest["outputs"][name], kept))
        return found

    def find(self, run: Run, keys: Keys) -> Kept | None:
        """Return the executed notebook of a run whose key has not changed, whole as it was."""
        for key, content, kept in self._kept.get(run.page, []):
            whole = kept.path.is_file() and sha256(kept.path) == content
            if whole and key == keys.of(run, kept.read):
                return kept
        return None


def take_over(kept: Path, source: Path, target: Path) -> None:
    """Write an executed notebook with the outputs kept and the prose as it is in `source` now."""
    old, new = notebook_file.read(kept), notebook_file.read(source)
    if _prose(old) == _prose(new):
        shutil.copyfile(kept, target)
        return
    outputs = {cell["id"]: cell for cell in old["cells"] if cell["cell_type"] == "code"}
    cells = []
    for cell in new["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        cells.append(outputs[cell["id"]])
        outputs[cell["id"]]["metadata"] = cell["metadata"]
        if "parameters" in notebook_file.tags(cell) and INJECTED in outputs:
            cells.append(outputs[INJECTED])
    new["cells"] = cells
    stable(new)
    notebook_file.write(new, target)


def _prose(notebook: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return all of a notebook's cells but what was run: id, text, tags."""
    return [
        (
            c["id"],
            "" if c["cell_type"] == "code" else notebook_file.text(c["source"]),
            notebook_file.tags(c),
        )
        for c in notebook["cells"]
        if c["id"] != INJECTED
    ]


def read_of(notebook: dict[str, Any], mime: str) -> tuple[Read, ...]:
    """Take out of an executed notebook what its cells told of their reading; return it."""
    found: set[Read] = set()
    for cell in notebook["cells"]:
        kept: list[Any] = []
        for output in cell.get("outputs", []):
            told: Iterable[Iterable[str]] = output.get("data", {}).get(mime, ())
            found |= {tuple(each) for each in told}
            if mime not in output.get("data", {}):
                kept.append(output)
        if cell["cell_type"] == "code":
            cell["outputs"] = kept
    return tuple(sorted(found))
