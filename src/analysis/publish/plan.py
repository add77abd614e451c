"""Which notebooks a report runs, with which parameters, and what a run read of the study."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.publish.inputs import project_of
from analysis.publish.parameters import NOTEBOOKS, settable
from analysis.study.noted import KEYS
from analysis.study.reader import Study
from analysis.study.vocabulary import KEPT_BESIDE
from notebook_build.project import Project, Read, Run
from notebook_build.up_to_date import digest

ALWAYS = ("study.yaml", "codebook.yaml")


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run once for each of: factors, pilots, or nothing."""
    known = {"": (), "factors": tuple(study.declared.factors), "pilots": tuple(study.pilots)}
    return known[NOTEBOOKS[notebook].over]


def plan(study: Study, notebooks: list[str], changed: Mapping[str, Any]) -> list[Run]:
    """Return every run of the selected notebooks; `changed` parameters go where they exist."""
    runs = []
    for notebook in notebooks:
        model = NOTEBOOKS[notebook]
        shared = {n: v for n, v in changed.items() if n in settable(notebook)}
        base = {"study": study.name, "wave": study.wave, **shared}
        for thing in things(study, notebook) or ("",):
            more = {model.each: thing} if thing else {}
            checked = model.model_validate({**base, **more})
            page = f"{notebook}-{thing}" if thing else notebook
            runs.append(Run(notebook, page, checked.model_dump()))
    return runs


def project_with_data(study: Study, place: Path) -> Project:
    """Return a loaded study as a build takes it: a run depends on what it read of the study."""
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
            [r.line, *(r.cells[c] for c in KEYS[name]), _beside(r.cells)]
            for r in self._study.tables[name].every
        ]
        return json.dumps(rows)

    def _rows(self, name: str) -> dict[tuple[str, ...], list[dict[str, str]]]:
        if name not in self._tables:
            rows: dict[tuple[str, ...], list[dict[str, str]]] = {}
            for row in self._study.tables[name].every:
                rows.setdefault(tuple(row.cells[c] for c in KEYS[name]), []).append(row.cells)
            self._tables[name] = rows
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, dict[tuple[str, ...], list[dict[str, str]]]]:
        return {}


def _beside(cells: Mapping[str, str]) -> bool:
    return cells.get("settled_by", "").startswith(KEPT_BESIDE)
