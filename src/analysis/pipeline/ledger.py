"""The ledger of a build: every claim of every executed notebook, and the data of every exhibit."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.exhibits.bundle import MIME
from analysis.pipeline.build import BuildError
from analysis.pipeline.plan import Run


class LedgerError(BuildError):
    """Two claims with one id."""


def bundles(notebook: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each bilingual output of an executed notebook with the id of its cell."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield cell["id"], output["data"][MIME]


def claims(runs: list[Run], notebooks: Path) -> list[dict[str, Any]]:
    """Return all claims, with ids, sorted by id.

    Raises:
        LedgerError: two claims share an id.
    """
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        for cell, bundle in bundles(notebooks / f"{run.page}.ipynb"):
            for claim in bundle.get("claims", []):
                suffix = f"-{claim['suffix']}" if claim["suffix"] else ""
                name = f"{run.page}.{cell}{suffix}"
                if name in found:
                    raise LedgerError(f"{run.page}: cell {cell}: two claims {name}; give one each")
                kept = {k: v for k, v in claim.items() if k != "suffix"}
                found[name] = {
                    "id": name,
                    "notebook": run.notebook,
                    "cell": cell,
                    "parameters": dict(run.parameters),
                    **kept,
                }
    return [found[name] for name in sorted(found)]


def write_claims(path: Path, ledger: list[dict[str, Any]]) -> None:
    """Write `claims.json`."""
    text = json.dumps(ledger, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def write_data(runs: list[Run], notebooks: Path, folder: Path, tables: Mapping[str, Path]) -> None:
    """Write a CSV for each exhibit (`<page>.<cell>.csv`) and copy the coded tables."""
    folder.mkdir()
    for run in runs:
        for cell, bundle in bundles(notebooks / f"{run.page}.ipynb"):
            if "csv" in bundle:
                out = io.StringIO()
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(bundle["csv"]["names"])
                writer.writerows(bundle["csv"]["rows"])
                name = f"{run.page}.{cell}.csv"
                (folder / name).write_text(out.getvalue(), encoding="utf-8", newline="")
    for name, path in tables.items():
        (folder / name).write_bytes(path.read_bytes())
