"""Which notebooks a report runs, and with which parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.pipeline.parameters import NOTEBOOKS, ParameterError, settable
from analysis.study.reader import Study


@dataclass(frozen=True)
class Run:
    """One notebook with one set of parameters, giving one page."""

    notebook: str
    page: str
    parameters: Mapping[str, Any]


def select(notebook: str | None) -> list[str]:
    """Return the notebooks asked for: all, or the one named.

    Raises:
        ParameterError: there is no such notebook.
    """
    if notebook is None:
        return list(NOTEBOOKS)
    if notebook not in NOTEBOOKS:
        raise ParameterError(
            f"NOTEBOOK: no notebook {notebook!r}; notebooks: {', '.join(NOTEBOOKS)}"
        )
    return [notebook]


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run once for each of: factors, pilots, or nothing."""
    found = {"": (), "factors": tuple(study.declared.factors), "pilots": tuple(study.pilots)}
    return found[NOTEBOOKS[notebook].over]


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
