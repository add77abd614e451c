"""The ledger of a study, made in this process: claim cells alone, nothing drawn.

For tests that ask what claims say of many studies that differ in little.
"""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from support import ROOT

from analysis.claims import cell as cells
from analysis.claims.cell import MIME
from analysis.publish.parameters import select
from analysis.publish.report import plan
from analysis.study.study import Study
from notebook_build.project import Run

Entry = dict[str, Any]
Order = Callable[[list[Mapping[str, Any]]], Iterable[Mapping[str, Any]]]


class _Kept(DisplayHook):
    """Keeps what a cell ends with, as a page would get it, in place of printing it."""

    shown: ClassVar[list[dict[str, Any]]] = []

    def __call__(self, result: Any = None) -> None:
        if result is not None:
            self.shown.append(self.compute_format_data(result)[0])


class _Shell(InteractiveShell):
    displayhook_class = _Kept


def runs(study: Study) -> list[Run]:
    """Return the runs of a default report."""
    return plan(study, select(None), {})


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = _Shell.instance(history_length=0)
    shell.history_manager.enabled = False
    try:
        yield shell
    finally:
        if cells._current is not None:
            cells._current.end()
        cells._current = None
        _Shell.clear_instance()


def _is_claim(source: str) -> bool:
    last = ast.parse(source).body[-1]
    return isinstance(last, ast.Expr) and "Claim" in source and "@figure" not in source


def code_cells(notebook: str) -> list[Mapping[str, Any]]:
    """Return the code cells of a notebook whose claims are wanted, but for what is only shown."""
    content = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    wanted = []
    for each in content["cells"]:
        source = "".join(each["source"])
        if each["cell_type"] != "code":
            continue
        if each["id"] not in ("parameters", "setup") and not _is_claim(source):
            # of all else the functions that claim cells use
            tree = ast.parse(source)
            kept = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
            if not kept or "@figure" in source or "(ax" in source:
                continue
            source = "\n".join(ast.unparse(node) for node in kept)
        wanted.append({"id": each["id"], "source": source, "claims": _is_claim(source)})
    return wanted


def claims_of(
    study: Study, run: Run, order: Order = list, around: Callable[[str], Any] | None = None
) -> dict[str, Entry]:
    """Run the claim cells of a notebook on a study; return the ledger's entries by id.

    `order`: of the claim cells. `around`: a context in which each claim cell is run, by id.
    """
    found: dict[str, Entry] = {}
    code = code_cells(run.notebook)
    claims = [each for each in code if each["claims"]]
    with _shell() as shell:
        for each in [*(c for c in code if not c["claims"]), *order(claims)]:
            _Kept.shown.clear()
            source = each["source"]
            if around is not None and each["claims"]:
                with around(each["id"]):
                    done = shell.run_cell(source)
            else:
                done = shell.run_cell(source)
            done.raise_error()
            if each["id"] == "parameters":
                shell.user_ns.update({**run.parameters, "study": study})
            for shown in _Kept.shown:
                for entry in shown.get(MIME, {}).get("claims", ()):
                    name = "-".join(filter(None, [each["id"], entry["suffix"]]))
                    found[f"{run.page}.{name}"] = {**entry, "cell": each["id"]}
    return found


def ledger(study: Study, notebooks: Iterable[str] | None = None) -> dict[str, Entry]:
    """Return all claims of a study's default report, or of some notebooks, by id."""
    found: dict[str, Entry] = {}
    for run in runs(study):
        if notebooks is None or run.notebook in notebooks:
            found |= claims_of(study, run)
    return found
