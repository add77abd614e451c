"""Settling the coding passes: rulings first, then unanimity, then majority; two tables written."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.study import CONFIDENCES, KEPT_BESIDE, StudyError
from analysis.study.codebook import Codebook, Notes, Text, Variable
from analysis.study.declaration import Declaration
from analysis.study.evidence import hash_of, spans_of
from analysis.study.files import read_table, read_yaml
from analysis.study.passes import CellKey, Pass, Passes
from analysis.study.schemas import Schemas

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
    codebook = read_yaml(study / "codebook.yaml", "codebook.yaml").model(Codebook)
    declared = read_yaml(study / "study.yaml", "study.yaml").model(Declaration)
    columns = Schemas(declared, codebook)
    sources = read_table(study / "sources.csv", "sources.csv", columns.of("sources.csv"))[
        "source_id"
    ]
    pilots = read_table(study / "pilots.csv", "pilots.csv", columns.of("pilots.csv"))["pilot_id"]
    files = Passes(folder, declared, codebook, tuple(pilots))
    passes = files.all()
    rulings, added = files.codings("rulings.csv"), files.codings("additions.csv")
    named = files.projects("rulings_projects.csv")
    if source is not None:
        every = [*(r for each in passes for r in each.rows()), *rulings, *added, *named]
        notice = {wave: w.source_id for wave, w in declared.waves.items()}
        found = spans_of(every, notice, source)
        write(folder / "spans.csv", list(columns.of("spans.csv").columns), found)
    known = Schemas(declared, codebook, sources=tuple(sources))
    spans = files.table("spans.csv", known.of("spans.csv"))
    hashes = {(r["source_id"], r["paragraph"], r["span"]): r["sha256"] for r in spans}
    finish = Finish(declared, codebook, hashes, _translated(files))
    rows = [finish.coding(row) for row in [*_settled(passes, rulings), *added]]
    order = {pilot: i for i, pilot in enumerate(pilots)}
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
    write(study / "codings.csv", list(columns.of("codings.csv").columns), rows)
    write(study / "projects.csv", list(columns.of("projects.csv").columns), projects)
    ways = Counter(row["settled_by"].split(";")[0].split(":")[0] for row in rows)
    return Settlement(len(rows), len(projects), dict(sorted(ways.items())))


def _translated(files: Passes) -> dict[tuple[str, str], str]:
    """Return coders' notes in the other languages. Keys: (note, language)."""
    found, first = {}, files.declared.languages[0]
    for language in files.declared.languages[1:]:
        name = f"notes_{language}.csv"
        if (files.folder / name).is_file():
            for row in files.table(name, files.schemas.notes(language)):
                found[row[f"note_{first}"], language] = row[f"note_{language}"]
    return found


def _settled(passes: Sequence[Pass], rulings: Iterable[Given]) -> Iterator[Given]:
    ruled: dict[CellKey, list[Given]] = {}
    for row in rulings:
        ruled.setdefault((row["wave"], row["pilot_id"], row["variable"]), []).append(row)
    keys = sorted({key for each in passes for key in each.codings} | set(ruled))
    open_cells = []
    for key in keys:
        rows = ruled.get(key) or _voted(key, passes)
        if rows is None:
            told = "; ".join(f"{p.name}: {_as_told(p.codings.get(key, ()))}" for p in passes)
            open_cells.append(f"{key[1]}, {key[2]} ({key[0]}): no majority ({told})")
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


def _as_told(rows: Sequence[Given]) -> str:
    def one(row: Given) -> str:
        place = f", paragraph {row['paragraph']}, span {row['span']}" if row["span"] else ""
        return f"{row['value'] or 'silent'} ({row['status']}{place})"

    return " and ".join(map(one, rows)) or "no row"


@dataclass(frozen=True)
class Finish:
    """Completes settled rows: their source, the hash of their span, a note in each language.

    `hashes`: by (source, paragraph, span); `translated`: by (note, language).
    """

    declared: Declaration
    codebook: Codebook
    hashes: Mapping[tuple[str, str, str], str]
    translated: Mapping[tuple[str, str], str]

    def coding(self, row: Given) -> dict[str, str]:
        """Return a row of `codings.csv`; a StudyError says that its span has no hash."""
        variable = self.codebook.variables[row["variable"]]
        silent, text = row["status"] == "silent", self.declared.waves[row["wave"]].source_id
        outside = variable.room == "structure" and not row["span"] and not silent
        return {
            **row,
            "source_id": "" if silent else (self.declared.divisions_source if outside else text),
            "span_sha256": hash_of(row, text, self.hashes),
            **self._notes(row, self._of_coding(row, variable), row["note"] and not silent),
        }

    def _of_coding(self, row: Given, variable: Variable) -> tuple[Text, dict[str, Text | str]]:
        """Return the sentence that stands where nobody wrote or translated a note."""
        notes = self._sentences()
        value = variable.levels.get(row["value"], row["value"])
        words = {"label": variable.label, "value": value, "paragraph": row["paragraph"]}
        if row["status"] == "silent":
            return notes.silent, words
        return notes.coded if row["span"] else notes.coded_elsewhere, words

    def project(self, row: Given) -> dict[str, str]:
        """Return a row of `projects.csv`; a StudyError says that its span has no hash."""
        text, notes = self.declared.waves[row["wave"]].source_id, self._sentences()
        domain = self.codebook.project_domains.get(row["domain"])
        words: dict[str, Text | str] = {
            "paragraph": row["paragraph"],
            "domain": domain or "",
            "status": self.codebook.project_statuses[row["status"]],
            "basis": self.codebook.project_bases[row["status_basis"]],
        }
        sentence = notes.project if domain else notes.project_without_domain
        return {
            **row,
            "source_id": text,
            "span_sha256": hash_of(row, text, self.hashes),
            **self._notes(row, (sentence, words), row["note"] != ""),
        }

    def _notes(
        self, row: Given, sentence: tuple[Text, dict[str, Text | str]], written: bool | str
    ) -> dict[str, str]:
        notes, (template, words) = {}, sentence
        for language in self.declared.languages:
            in_words = {
                name: word.in_language(language) if isinstance(word, Text) else word
                for name, word in words.items()
            }
            note = template.in_language(language).format(**in_words)
            if written and language == self.declared.languages[0]:
                note = row["note"]
            elif written:
                note = self.translated.get((row["note"], language), note)
            notes[f"note_{language}"] = note
        return notes

    def _sentences(self) -> Notes:
        if self.codebook.notes is None:
            raise StudyError("codebook.yaml: notes: missing; allowed: the sentences of notes")
        return self.codebook.notes


def write(path: Path, columns: Sequence[str], rows: Iterable[Given]) -> None:
    """Write rows as CSV, whole or not at all."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    aside = path.with_suffix(".csv.new")
    aside.write_text(out.getvalue(), encoding="utf-8", newline="")
    aside.replace(path)
