"""Settling coding passes into the adjudicated set: rulings, then unanimity, then majority."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.study.declaration import Codebook, read_codebook, read_declaration
from analysis.study.errors import StudyError
from analysis.study.evidence import span_hash
from analysis.study.passes import CellKey, Pass, read_passes, read_rows
from analysis.study.schema import CONFIDENCES

CODINGS = (
    "wave,pilot_id,variable,value,status,source_id,paragraph,span,span_sha256,term,"
    "note_en,note_zh,confidence,settled_by"
).split(",")
PROJECTS = (
    "wave,pilot_id,project_zh,project_en,domain,status,status_basis,source_id,paragraph,span,"
    "span_sha256,term,note_en,note_zh,confidence,settled_by"
).split(",")
SPANS = ["source_id", "paragraph", "span", "sha256"]
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
        write(folder / "spans.csv", SPANS, _spans(every, notice, source))
    hashes = _hashes(folder)
    settled = [*_settled(passes, rulings), *added]
    rows = [_coding(row, codebook, notice, declared.divisions_source, hashes) for row in settled]
    order = {r["pilot_id"]: i for i, r in enumerate(read_rows(study / "pilots.csv", "pilots.csv"))}
    variables = {v: i for i, v in enumerate(codebook.variables)}
    rows.sort(
        key=lambda r: (r["wave"], order.get(r["pilot_id"], len(order)), variables[r["variable"]])
    )
    projects = [_project(row, notice, hashes) for row in named]
    write(study / "codings.csv", CODINGS, rows)
    write(study / "projects.csv", PROJECTS, projects)
    ways = Counter(row["settled_by"].split(";")[0].split(":")[0] for row in rows)
    return Settlement(len(rows), len(projects), dict(sorted(ways.items())))


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
    """Return the rows that all, or more than half of, the passes give, with the lowest confidence."""
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


def _coding(
    row: dict[str, str],
    codebook: Codebook,
    notice: dict[str, str],
    divisions: str,
    hashes: dict[tuple[str, ...], str],
) -> dict[str, str]:
    variable = codebook.variables[row["variable"]]
    silent, text = row["status"] == "silent", notice[row["wave"]]
    outside = variable.room == "structure" and not row["span"] and not silent
    english, chinese = variable.label.en, variable.label.zh
    if silent:
        note_en = f"The text says nothing of this pilot on: {english}."
        note_zh = f"文中未提及该试点的“{chinese}”。"
    else:
        where = f"第{row['paragraph']}段" if row["span"] else "原文未直接载明"
        level = variable.levels.get(row["value"])
        shown = level.zh if level else row["value"]
        note_en, note_zh = row["note"], f"{chinese}：{shown}。依据：{where}，按编码规则认定。"
    return {
        **row,
        "source_id": "" if silent else (divisions if outside else text),
        "span_sha256": _hash(row, text, hashes),
        "note_en": note_en,
        "note_zh": note_zh,
    }


def _project(
    row: dict[str, str], notice: dict[str, str], hashes: dict[tuple[str, ...], str]
) -> dict[str, str]:
    text = notice[row["wave"]]
    more = {"source_id": text, "span_sha256": _hash(row, text, hashes)}
    return {**row, **more, "note_en": row["note"], "note_zh": ""}


def _hash(row: dict[str, str], source: str, hashes: dict[tuple[str, ...], str]) -> str:
    if not row["span"]:
        return ""
    key = (source, row["paragraph"], row["span"])
    if key not in hashes:
        raise StudyError(
            f"passes/spans.csv: no hash for {source}, paragraph {row['paragraph']}, span "
            f"{row['span']}; run: python -m analysis settle --source FILE (the text of {source})"
        )
    return hashes[key]


def _hashes(folder: Path) -> dict[tuple[str, ...], str]:
    rows = read_rows(folder / "spans.csv", "passes/spans.csv")
    return {(r["source_id"], r["paragraph"], r["span"]): r["sha256"] for r in rows}


def _spans(rows: Rows, notice: dict[str, str], source: Path) -> Rows:
    text = source.read_bytes().decode("utf-8")
    wanted = {(notice[r["wave"]], r["paragraph"], r["span"]) for r in rows if r["span"]}
    ordered = sorted(wanted, key=lambda w: (w[0], int(w[1]), [int(n) for n in w[2].split(":")]))
    return [
        dict(zip(SPANS, (s, p, span, span_hash(text, int(p), span)), strict=True))
        for s, p, span in ordered
    ]


def write(path: Path, columns: list[str], rows: Rows) -> None:
    """Write rows as CSV, whole or not at all."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    aside = path.with_suffix(".csv.new")
    aside.write_text(out.getvalue(), encoding="utf-8", newline="")
    aside.replace(path)
