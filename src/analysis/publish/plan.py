"""Which notebooks a report runs, with which parameters, and what a run read of the study."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.publish.inputs import project_of
from analysis.publish.parameters import NOTEBOOKS, settable
from analysis.study.read_log import KEYS
from analysis.study.study import Study
from analysis.study.tables import Record
from analysis.study.vocabulary import KEPT_BESIDE
from notebook_build.project import Project, Read, Run
from notebook_build.up_to_date import digest

ALWAYS = ("study.yaml", "codebook.yaml")


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run once for each of: pilots, factors that have what it takes.

    What a factor has decides: whether it is known for every pilot, dated spells, a ratio, dates, a
    curve of its own.
    """
    over, factors = NOTEBOOKS[notebook].over, study.declared.factors
    if over == "pilots":
        return tuple(study.pilots)
    has = {
        "known": lambda name: study.fully_coded(name),
        "unknown": lambda name: not study.fully_coded(name),
        "spells": lambda name: factors[name].spells is not None,
        "ratio": lambda name: factors[name].ratio is not None,
        "dated": lambda name: factors[name].dated,
        "curve": lambda name: factors[name].curve,
    }
    return tuple(filter(has[over], factors)) if over else ()


def page_of(notebook: str, thing: str) -> str:
    """Return the name of the page that a notebook gives for one thing, or for all ("")."""
    page = NOTEBOOKS[notebook].page or notebook
    return f"{page}-{thing}" if thing else page


def plan(study: Study, notebooks: list[str], changed: Mapping[str, Any]) -> list[Run]:
    """Return every run of the selected notebooks; `changed` parameters go where they exist."""
    runs = []
    for notebook in notebooks:
        model = NOTEBOOKS[notebook]
        shared = {n: v for n, v in changed.items() if n in settable(notebook)}
        base = {"study": study.name, "wave": study.wave, **shared}
        for thing in things(study, notebook) if model.over else ("",):
            more = {model.each: thing} if thing else {}
            checked = model.model_validate({**base, **more})
            runs.append(Run(notebook, page_of(notebook, thing), checked.model_dump()))
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
