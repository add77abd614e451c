"""Cells of notebooks as they are declared: a run uses what it is given, claims keep their ids."""

import ast
import symtable
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from analysis.publish.parameters import NOTEBOOKS, assigned, settable
from analysis.study import StudyError
from notebook_build.notebook import tags, text
from notebook_build.source import WRITTEN, parsed

TAG = "parameters"


def check_cells(root: Path, notebooks: Iterable[str]) -> None:
    """Refuse notebooks that are damaged, or that would not use what a run of them is given.

    papermill writes values below the one cell tagged `parameters`, whatever follows there. An
    InputError or StudyError names the notebook and the cell.
    """
    for notebook in notebooks:
        path = root / "notebooks" / f"{notebook}.ipynb"
        cells = parsed(path)["cells"]
        for problem in chain(_wrong_cells(cells), _wrong_parameters(cells, notebook)):
            raise StudyError(f"notebooks/{path.name}: {problem}")


def _wrong_cells(cells: list[dict[str, Any]]) -> Iterator[str]:
    ids = [cell.get("id", "") for cell in cells]
    for cell, name in zip(cells, ids, strict=True):
        # a claim has its cell's id, by which pages know it
        if not WRITTEN.fullmatch(name):
            yield (
                f"cell {name!r}: an editor made up this id, or left it out; `make tidy` gives back "
                "those that git knows; name a new cell for its claim"
            )
        if ids.count(name) > 1:
            yield f"cell {name}: two cells have this id; give one of them another"
        if odd := set(tags(cell)) - {TAG}:
            yield f"cell {name}: tag {min(odd)!r}; allowed: {TAG}; take it off"
        try:
            ast.parse(text(cell["source"]) if cell["cell_type"] == "code" else "")
        except (SyntaxError, ValueError) as error:
            yield f"cell {name}: not Python: {error}; correct it"


def _wrong_parameters(cells: list[dict[str, Any]], notebook: str) -> Iterator[str]:
    code = {cell["id"]: text(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
    tagged = [cell["id"] for cell in cells if TAG in tags(cell)]
    if len(tagged) != 1 or tagged[0] not in code:
        yield f"cells tagged `{TAG}`: {', '.join(tagged) or 'none'}; tag the one with the defaults"
        return
    each, default = NOTEBOOKS[notebook].each, settable(notebook)
    declared = {"study", "wave", *filter(None, [each]), *default}
    found = list(assigned(code.pop(tagged[0])))
    for name, value in found:
        if name in default and value != repr(default[name]):
            yield f"cell {tagged[0]}: {name} = {value}; allowed: the default, {default[name]!r}"
    if sorted(names := [name for name, _ in found]) != sorted(declared):
        listed = ", ".join(sorted(declared))
        yield f"cell {tagged[0]}: assigns {', '.join(names)}; allowed: each once of {listed}"
    for name, source in code.items():
        symbols = symtable.symtable(source, name, "exec").get_symbols()
        bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        # the study itself takes the place of its name
        if again := bound & (declared - {"study"}):
            yield (
                f"cell {name}: assigns {min(again)}, so that what a run is given would not be "
                f"used; assign it in the cell {tagged[0]} alone"
            )
