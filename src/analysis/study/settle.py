"""Settling coding passes into the adjudicated set: rulings, then unanimity, then majority."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.study.codebook import read_codebook
from analysis.study.declaration import read_declaration
from analysis.study.errors import StudyError
from analysis.study.passes import CellKey, Pass, read_passes, read_rows
from analysis.study.schema import CONFIDENCES
from analysis.study.settled_rows import Finish
from analysis.study.spans import COLUMNS, read_hashes, spans_of

CODINGS = [
    "wave",
    "pilot_id",
    "variable",
    "value",
    "status",
    "source_id",
    "paragraph",
    "span",
    "span_sha256",
    "term",
    "note_en",
    "note_zh",
    "confidence",
    "settled_by",
]
PROJECTS = [
    "wave",
    "pilot_id",
    "project_zh",
    "project_en",
    "domain",
    "status",
    "status_basis",
    "source_id",
    "paragraph",
    "span",
    "span_sha256",
    "term",
    "note_en",
    "note_zh",
    "confidence",
    "settled_by",
]
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Settlement:
    """How many rows were written, and how many cells each way of settling decided."""

    codings: int
    projects: int
    ways: dict[str, int]


def settle(study: Path, source: Path | None = None) -> Settlement:
    """Settle the passes of a study and write `codings.csv` and `projects.csv`.

    `source`: the text of the notice; with it `passes/spans.csv` is written anew, without it the
    hashes of spans are taken from there.

    Raises:
        StudyError: a changed pass, a cell without majority or ruling, a span without a hash.
    """
    folder = study / "passes"
    codebook = read_codebook(study / "codebook.yaml", "codebook.yaml")
    declared = read_declaration(study / "study.yaml", "study.yaml")
    notice = {wave: w.source_id for wave, w in declared.waves.items()}
    passes = read_passes(folder)
    rulings = read_rows(folder / "rulings.csv", "passes/rulings.csv")
    added = read_rows(folder / "additions.csv", "passes/additions.csv")
    named = read_rows(folder / "rulings_projects.csv", "passes/rulings_projects.csv")
    every = [r for p in passes for rows in p.codings.values() for r in rows]
    every += [r for p in passes for r in p.projects] + rulings + added + named
    if source is not None:
        write(folder / "spans.csv", COLUMNS, spans_of(every, notice, source))
    chinese = {r["note_en"]: r["note_zh"] for r in _optional(folder / "notes_zh.csv")}
    finish = Finish(codebook, notice, declared.divisions_source, read_hashes(folder), chinese)
    settled = [*_settled(passes, rulings), *added]
    rows = [finish.coding(row) for row in settled]
    order = {r["pilot_id"]: i for i, r in enumerate(read_rows(study / "pilots.csv", "pilots.csv"))}
    variables = {v: i for i, v in enumerate(codebook.variables)}
    rows.sort(
        key=lambda r: (r["wave"], order.get(r["pilot_id"], len(order)), variables[r["variable"]])
    )
    projects = [finish.project(row) for row in named]
    write(study / "codings.csv", CODINGS, rows)
    write(study / "projects.csv", PROJECTS, projects)
    ways = Counter(row["settled_by"].split(";")[0].split(":")[0] for row in rows)
    return Settlement(len(rows), len(projects), dict(sorted(ways.items())))


def _optional(path: Path) -> Rows:
    return read_rows(path, f"passes/{path.name}") if path.is_file() else []


def _settled(passes: list[Pass], rulings: Rows) -> Iterable[dict[str, str]]:
    ruled: dict[CellKey, Rows] = {}
    for row in rulings:
        ruled.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
    keys = sorted({key for p in passes for key in p.codings} | set(ruled))
    open_cells = []
    for key in keys:
        rows = ruled.get(key) or _voted(key, passes)
        if rows is None:
            given = "; ".join(f"{p.name}: {_shown(p.codings.get(key, []))}" for p in passes)
            open_cells.append(f"{key[1]}, {key[2]} ({key[0]}): no majority ({given})")
        else:
            yield from rows
    if open_cells:
        raise StudyError(
            "\n".join([*open_cells, "passes/rulings.csv: add a ruling for each of these cells"])
        )


def _voted(key: CellKey, passes: list[Pass]) -> Rows | None:
    """Return the rows that more than half of the passes give, with their lowest confidence."""
    votes: dict[tuple[tuple[str, ...], ...], list[Rows]] = {}
    for each in passes:
        rows = each.codings.get(key, [])
        content = sorted((r["value"], r["status"], r["paragraph"], r["span"]) for r in rows)
        votes.setdefault(tuple(content), []).append(rows)
    best = max(votes.values(), key=len)
    if not best[0] or len(best) * 2 <= len(passes):
        return None
    way = "unanimous" if len(best) == len(passes) else "majority"
    result = []
    for row in best[0]:
        same = [r for rows in best for r in rows if r["value"] == row["value"]]
        lowest = max((r["confidence"] for r in same), key=CONFIDENCES.index)
        result.append({**row, "confidence": lowest, "settled_by": way})
    return result


def _shown(rows: Rows) -> str:
    return " and ".join(f"{r['value'] or 'silent'} ({r['status']})" for r in rows) or "no row"


def write(path: Path, columns: list[str], rows: Rows) -> None:
    """Write rows as CSV, whole or not at all."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    aside = path.with_suffix(".csv.new")
    aside.write_text(out.getvalue(), encoding="utf-8", newline="")
    aside.replace(path)
