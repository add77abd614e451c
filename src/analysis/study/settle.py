"""Settling the coding passes: rulings first, then unanimity, then majority; two tables written."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pandas as pd

from analysis.study import CODINGS, CONFIDENCES, KEPT_BESIDE, KEYS, PROGRAMME, StudyError, declared
from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.evidence import span_hash
from analysis.study.files import Record, by_columns, read_table, read_yaml
from analysis.study.forms import Text
from analysis.study.guard import read_bytes
from analysis.study.passes import CellKey, Pass, Passes
from analysis.study.schemas import Schemas

PROJECTS = "projects.csv"
STATUSES, BASES = "codebook.yaml: project_statuses", "codebook.yaml: project_bases"
Given = Mapping[str, str]


def settle(study: Path, source: Path | None = None) -> tuple[dict[str, int], int]:
    """Settle the passes of a study and write `codings.csv` and `projects.csv`.

    Return the number of codings by the way in which they were settled, and that of projects.
    `source`: the text of the notice; with it `passes/spans.csv` is written anew, without it the
    hashes of spans are taken from there.

    Raises:
        StudyError: a changed pass, a cell without majority or ruling, a span without a hash, or
            anything in the files of the passes that is not allowed.
    """
    codebook = read_yaml(study / "codebook.yaml", "codebook.yaml").model(Codebook)
    declared = read_yaml(study / "study.yaml", "study.yaml").model(Declaration)
    columns = Schemas(declared, codebook)
    both = "pilots.csv", "sources.csv"
    schemas = columns.about(*(read_table(study / each, each, columns.of(each)) for each in both))
    files = Passes(study / "passes", schemas)
    if source is not None:
        coded = [row for each in files.every for rows in each.codings.values() for row in rows]
        coded += [row for each in files.every for row in each.projects]
        found = _spans(files, chain(coded, *_afterwards(files)), source)
        write(files.folder / "spans.csv", list(columns.of("spans.csv").columns), found)
    tables = settled(files)
    for name, rows in tables.items():
        write(study / name, list(columns.of(name).columns), rows)
    ways = Counter(row["settled_by"].split(";")[0].split(":")[0] for row in tables[CODINGS])
    return dict(sorted(ways.items())), len(tables[PROJECTS])


def _afterwards(files: Passes) -> tuple[list[Record], list[Record], list[Record]]:
    """Return what was written after the passes came: rulings, additions, projects as settled."""
    rulings, added = (files.codings(f"{n}.csv", "ruled codings") for n in ("rulings", "additions"))
    return rulings, added, files.table("rulings_projects.csv", files.schemas.of("ruled projects"))


def settled(files: Passes) -> dict[str, list[dict[str, str]]]:
    """Return the rows of the two tables to which the passes settle; a StudyError as of `settle`."""
    (rulings, added, named), finish = _afterwards(files), Finish(files)
    rows = [finish.coding(row) for row in [*_settled(files.every, rulings), *added]]
    pilots = {name: n for n, name in enumerate([*files.schemas.pilots, PROGRAMME])}
    variables = {name: n for n, name in enumerate(finish.codebook.variables)}
    rows.sort(
        key=lambda r: (
            r["wave"],
            pilots[r["pilot_id"]],
            variables[r["variable"]],
            not r["settled_by"].startswith(KEPT_BESIDE),
            r["value"],
        )
    )
    return {CODINGS: rows, PROJECTS: [finish.project(row) for row in named]}


def _spans(files: Passes, rows: Iterable[Given], source: Path) -> list[Given]:
    """Return a row for each span of `rows`, hashed in the text; those of other texts as they are.

    Where waves have several texts, the file is named by the one that it holds.
    """
    text_of = {wave: each.source_id for wave, each in files.schemas.declared.waves.items()}
    texts = sorted({*text_of.values()})
    held = source.stem if len(texts) > 1 else texts[0]
    declared(dict.fromkeys(texts), held, f"--source {source}: named by its text, SOURCE_ID.txt")
    wanted = {(r["paragraph"], r["span"]) for r in rows if r["span"] and text_of[r["wave"]] == held}
    kept = (files.folder / "spans.csv").is_file()
    known = files.table("spans.csv", files.schemas.of("spans.csv")) if kept else []
    spans: list[Given] = [row for row in known if row["source_id"] in {*texts} - {held}]
    before = {(r["paragraph"], r["span"]): r["sha256"] for r in known if r["source_id"] == held}
    try:
        text = read_bytes(source, f"--source {source}").decode("utf-8")
        for p, span in wanted:
            hashed = span_hash(text, int(p), span)
            if before.get((p, span), hashed) != hashed:
                other = "has another hash in passes/spans.csv; remove that if the text is a new one"
                raise ValueError(f"paragraph {p}: span {span} {other}")
            spans.append({"source_id": held, "paragraph": p, "span": span, "sha256": hashed})
    except ValueError as error:
        raise StudyError(f"--source {source}: not the text that was coded: {error}") from error
    return sorted(
        spans,
        key=lambda r: (r["source_id"], int(r["paragraph"]), [*map(int, r["span"].split(":"))]),
    )


def _settled(passes: Sequence[Pass], rulings: Iterable[Given]) -> Iterator[Given]:
    ruled, open_cells = by_columns(rulings, KEYS[CODINGS]), []
    for key in sorted({key for each in passes for key in each.codings} | set(ruled)):
        coded = [each for each in passes if key[0] in each.waves]
        rows = ruled.get(key) or _voted(key, coded)
        if rows is None:
            told = "; ".join(f"{each.name}: {each.told(key)}" for each in coded)
            open_cells.append(f"{key[1]}, {key[2]} ({key[0]}): no majority for one value ({told})")
        else:
            yield from rows
    if open_cells:
        first = "passes/rulings.csv: add a ruling for each of these cells:"
        raise StudyError("\n".join([first, *open_cells]))


def _voted(key: CellKey, passes: Sequence[Pass]) -> list[Given] | None:
    """Return the row that more than half of the passes give, none if they give several values.

    Its confidence is the lowest among all passes that gave the value.
    """
    votes: dict[tuple[tuple[str, ...], ...], list[Sequence[Given]]] = {}
    lowest: dict[str, str] = {}
    for each in passes:
        rows = each.codings.get(key, ())
        content = sorted((r["value"], r["status"], r["paragraph"], r["span"]) for r in rows)
        votes.setdefault(tuple(content), []).append(rows)
        for row in rows:
            same = (row["confidence"], lowest.get(row["value"], CONFIDENCES[0]))
            lowest[row["value"]] = max(same, key=CONFIDENCES.index)
    best = max(votes.values(), key=len)
    if len(best[0]) != 1 or len(best) * 2 <= len(passes):
        return None
    way = "unanimous" if len(best) == len(passes) else "majority"
    return [{**row, "confidence": lowest[row["value"]], "settled_by": way} for row in best[0]]


class Finish:
    """Completes settled rows: their source, the hash of their span, a note in each language.

    A StudyError says that a span has no hash, or that the codebook lacks the sentences of notes.
    """

    def __init__(self, files: Passes) -> None:
        schemas = files.schemas
        self.declared, self.codebook = schemas.declared, schemas.codebook
        spans = files.table("spans.csv", schemas.of("spans.csv"))
        self.hashes = {(r["source_id"], r["paragraph"], r["span"]): r["sha256"] for r in spans}
        first, *others = self.declared.languages
        self.translated = {
            (row[f"note_{first}"], language): row[f"note_{language}"]
            for language in others
            for row in files.table(f"notes_{language}.csv", schemas.notes(language))
        }
        if self.codebook.notes is None:
            raise StudyError("codebook.yaml: notes: missing; allowed: the sentences of notes")
        self.sentences = self.codebook.notes

    def coding(self, row: Given) -> dict[str, str]:
        """Return a row of `codings.csv`."""
        variable, notes = self.codebook.variables[row["variable"]], self.sentences
        value = variable.levels.get(row["value"], row["value"])
        words = {"label": variable.label, "value": value, "paragraph": row["paragraph"]}
        if row["status"] == "silent":
            return {**self._finished({**row, "note": ""}, notes.silent, words), "source_id": ""}
        sentence = notes.coded if row["span"] else notes.coded_elsewhere
        finished = self._finished(row, sentence, words)
        if variable.room == "structure" and not row["span"]:
            listed, others = self.declared.divisions_source, self.declared.divisions_unlisted
            finished["source_id"] = others.get(row["pilot_id"], listed)
        return finished

    def project(self, row: Given) -> dict[str, str]:
        """Return a row of `projects.csv`."""
        notes, domain = self.sentences, self.codebook.project_domains.get(row["domain"])
        words: dict[str, Text | str] = {
            "paragraph": row["paragraph"],
            "domain": domain or "",
            "status": declared(self.codebook.project_statuses, row["status"], STATUSES),
            "basis": declared(self.codebook.project_bases, row["status_basis"], BASES),
        }
        return self._finished(row, notes.project if domain else notes.project_without_domain, words)

    def _finished(
        self, row: Given, sentence: Text, words: Mapping[str, Text | str]
    ) -> dict[str, str]:
        """Complete a row; where no note is written or translated, `sentence` stands."""
        text, first = self.declared.waves[row["wave"]].source_id, self.declared.languages[0]
        finished = {**row, "source_id": text, "span_sha256": ""}
        if row["span"]:
            key = (text, row["paragraph"], row["span"])
            if key not in self.hashes:
                raise StudyError(
                    f"passes/spans.csv: no hash for {text}, paragraph {row['paragraph']}, span "
                    f"{row['span']}; run: python -m analysis settle --source FILE (the text of "
                    f"{text})"
                )
            finished["span_sha256"] = self.hashes[key]
        for language in self.declared.languages:
            # coders write in the first language
            written = row["note"] if language == first else ""
            note = self.translated.get((row["note"], language), written)
            said = {
                name: word.in_language(language) if isinstance(word, Text) else word
                for name, word in words.items()
            }
            finished[f"note_{language}"] = note or sentence.in_language(language).format(**said)
        return finished


def as_csv(columns: Sequence[str], rows: Iterable[Given]) -> bytes:
    """Return rows as a CSV file holds them."""
    table = pd.DataFrame(list(rows), columns=list(columns), dtype=object)
    return table.to_csv(index=False, lineterminator="\n").encode()


def write(path: Path, columns: Sequence[str], rows: Iterable[Given]) -> None:
    """Write rows as CSV, whole or not at all; a StudyError says why it cannot be."""
    aside = path.with_suffix(".csv.new")
    content = as_csv(columns, rows)
    try:
        # never through a link that lies there
        aside.unlink(missing_ok=True)
        with aside.open("xb") as file:
            file.write(content)
        aside.replace(path)
    except OSError as error:
        why = f"cannot be written ({error.strerror}); make room for it, then do it again"
        raise StudyError(f"{path}: {why}") from error
    finally:
        with suppress(OSError):
            aside.unlink()
