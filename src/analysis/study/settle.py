"""Settling coding passes into the adjudicated set: rulings, then unanimity, then majority."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.study import schema, schema_passes
from analysis.study.codebook import read_codebook
from analysis.study.declaration import read_declaration
from analysis.study.errors import StudyError
from analysis.study.old_passes import CellKey, Pass, Reader
from analysis.study.settled_rows import Finish
from analysis.study.spans import COLUMNS, by_span, spans_of
from analysis.study.table import read
from analysis.study.vocabulary import CONFIDENCES, KEPT_BESIDE

Given = Mapping[str, str]


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
        StudyError: a changed pass, a cell without majority or ruling, a span without a hash, or
            anything in the files of the passes that is not allowed.
    """
    folder = study / "passes"
    codebook = read_codebook(study / "codebook.yaml", "codebook.yaml")
    declared = read_declaration(study / "study.yaml", "study.yaml")
    notice = {wave: w.source_id for wave, w in declared.waves.items()}
    ids = [
        r["source_id"] for r in read(study / "sources.csv", "sources.csv", schema.sources()).rows
    ]
    pilots = read(study / "pilots.csv", "pilots.csv", schema.pilots()).rows
    reader = Reader(folder, declared, codebook, tuple(row["pilot_id"] for row in pilots))
    passes = reader.passes()
    rulings, added = reader.codings("rulings.csv"), reader.codings("additions.csv")
    named = reader.projects("rulings_projects.csv")
    if source is not None:
        every = [*(r for p in passes for r in p.rows()), *rulings, *added, *named]
        write(folder / "spans.csv", COLUMNS, spans_of(every, notice, source))
    hashes = by_span(reader.table("spans.csv", schema_passes.spans(ids)).rows)
    chinese: dict[str, str] = {}
    if (folder / "notes_zh.csv").is_file():
        notes = reader.table("notes_zh.csv", schema_passes.notes_zh()).rows
        chinese = {row["note_en"]: row["note_zh"] for row in notes}
    finish = Finish(codebook, notice, declared.divisions_source, hashes, chinese)
    rows = [finish.coding(row) for row in [*_settled(passes, rulings), *added]]
    order = {row["pilot_id"]: i for i, row in enumerate(pilots)}
    variables = {name: i for i, name in enumerate(codebook.variables)}
    rows.sort(
        key=lambda r: (
            r["wave"],
            order.get(r["pilot_id"], len(order)),
            variables[r["variable"]],
            not r["settled_by"].startswith(KEPT_BESIDE),
            r["value"],
        )
    )
    projects = [finish.project(row) for row in named]
    write(study / "codings.csv", list(schema.codings(declared, codebook, (), ()).columns), rows)
    write(
        study / "projects.csv", list(schema.projects(declared, codebook, (), ()).columns), projects
    )
    ways = Counter(row["settled_by"].split(";")[0].split(":")[0] for row in rows)
    return Settlement(len(rows), len(projects), dict(sorted(ways.items())))


def _settled(passes: Sequence[Pass], rulings: Iterable[Given]) -> Iterator[Given]:
    ruled: dict[CellKey, list[Given]] = {}
    for row in rulings:
        ruled.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
    keys = sorted({key for p in passes for key in p.codings} | set(ruled))
    open_cells = []
    for key in keys:
        rows = ruled.get(key) or _voted(key, passes)
        if rows is None:
            given = "; ".join(f"{p.name}: {_shown(p.codings.get(key, ()))}" for p in passes)
            open_cells.append(f"{key[1]}, {key[2]} ({key[0]}): no majority ({given})")
        else:
            yield from rows
    if open_cells:
        raise StudyError(
            "\n".join([*open_cells, "passes/rulings.csv: add a ruling for each of these cells"])
        )


def _voted(key: CellKey, passes: Sequence[Pass]) -> list[Given] | None:
    """Return the rows that more than half of the passes give.

    Their confidence is the lowest among all passes that gave the value.
    """
    votes: dict[tuple[tuple[str, ...], ...], list[Sequence[Given]]] = {}
    for each in passes:
        rows = each.codings.get(key, ())
        content = sorted((r["value"], r["status"], r["paragraph"], r["span"]) for r in rows)
        votes.setdefault(tuple(content), []).append(rows)
    best = max(votes.values(), key=len)
    if not best[0] or len(best) * 2 <= len(passes):
        return None
    way = "unanimous" if len(best) == len(passes) else "majority"
    every = [row for each in passes for row in each.codings.get(key, ())]
    return [{**row, "confidence": _lowest(row, every), "settled_by": way} for row in best[0]]


def _lowest(row: Given, every: Iterable[Given]) -> str:
    same = [r["confidence"] for r in every if r["value"] == row["value"]]
    return max(same, key=CONFIDENCES.index)


def _shown(rows: Sequence[Given]) -> str:
    def one(row: Given) -> str:
        place = f", paragraph {row['paragraph']}, span {row['span']}" if row["span"] else ""
        return f"{row['value'] or 'silent'} ({row['status']}{place})"

    return " and ".join(map(one, rows)) or "no row"


def write(path: Path, columns: Sequence[str], rows: Iterable[Given]) -> None:
    """Write rows as CSV, whole or not at all."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    aside = path.with_suffix(".csv.new")
    aside.write_text(out.getvalue(), encoding="utf-8", newline="")
    aside.replace(path)
