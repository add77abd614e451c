"""From a claim to all that it rests on, in the terminal: read from the last build, at once."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.publish.chain import Entry, chain, table
from analysis.publish.inputs import claims_now
from analysis.study import CODINGS, StudyError
from analysis.study.evidence import ONE_LINE, check_locators

# where a chain ends -> what is said of it
ENDS = {
    "passage": "coded rows end in their passages",
    "text": "coded rows end in paragraph, characters and key term (text not supplied)",
    "silent": "rows that are not reported end in the text's silence",
    "fact": "facts end in their sources: taken over, not recomputed, unless said",
    "source": "rows coded from another source end in that source, or in general knowledge",
    "missing": "what was looked for and not found ends there",
    "declared": "what is declared ends in its file and line",
    "method": "no row: the sentence is about the method alone",
}


def explain(root: Path, study: str, wave: str, claim: str, texts: Path | None = None) -> str:
    """Return the chain of a claim of the last default build, as text for a terminal.

    `texts`: the folder with the sources' texts; where none is named the study's own. A StudyError
    says that there is no build of the data as they are now, or no such claim in it, and names near
    ones; or that a text is not the one that was coded.
    """
    entry = _entry(claims_now(root, study, wave, "data/"), claim)
    data, folder = root / "data" / study, texts or root / "data" / study / "sources"
    coded = [row for name in (CODINGS, "projects.csv") for row in table(data / name).values()]
    ids = {row["source_id"] for row in coded}
    at_hand = [path for path in sorted(folder.glob("*.txt")) if path.stem in ids]
    known = {path.stem: path.read_bytes().decode("utf-8", "replace") for path in at_hand}
    if texts and not known:
        raise StudyError(f"SOURCES: {texts}: no text there; name a folder with <source_id>.txt")
    for source, text in known.items():
        if problems := check_locators([r for r in coded if r["source_id"] == source], text):
            said = f"not the text that was coded: {problems[0]}; use the one that sources.csv names"
            raise StudyError(f"{folder / source}.txt: {said}")
    entry = chain(root, study, entry, known)
    parameters = " ".join(f"{name}={value}" for name, value in entry["parameters"].items())
    sections = {
        entry["id"]: [
            *(f"{language}: {text}" for language, text in entry["text"].items()),
            ", ".join(f"{name} {value}" for name, value in entry["numbers"].items()),
            f"grade: {entry['grade']}, because {next(iter(entry['grade_reason'].values()))}",
        ],
        f"Cell {entry['cell']} of notebooks/{entry['notebook']}.ipynb, with {parameters}:": [
            f"| {line}" for line in entry["code"] or ["(gone)"]
        ],
        "Its value is computed by:": _functions(entry["functions"], "value"),
        "Its grade, and what would overturn it:": _functions(entry["functions"], "grade"),
        "Rests on:": _rows(entry["rows"]),
        "Sources:": _sources(entry["sources"]),
        "Where it ends:": [ENDS[end] for end in entry["ends"]],
        "What would overturn it, and more:": [next(iter(n.values())) for n in entry["notes"]],
    }
    parts = [
        "\n".join([title, *(f"  {line.translate(ONE_LINE)}" for line in lines), ""])
        for title, lines in sections.items()
    ]
    parts.append(
        "To audit this number: {value} lines of project code for the value, {grade} more for its "
        "grade and what would overturn it, functions that claims share (bookkeeping and display "
        "apart).".format(**entry["lines"])
    )
    # a function begins on another line than when the claim was computed
    if not all(each["lines"] for each in entry["functions"]):
        parts.insert(0, "The code has changed since this report was built: run make report.\n")
    return "\n".join(parts)


def last_wave(root: Path, study: str) -> str:
    """Return the wave of a study's newest default report; a StudyError says that there is none."""
    built = [p.parent.name for p in (root / "build" / study).glob("*/claims.json")]
    waves = [name for name in built if re.fullmatch(r"\d{4}-\d{2}", name)]
    if not waves:
        raise StudyError(f"{study}: no report to explain from; run: make report")
    return max(waves)


def _entry(ledger: list[dict[str, Any]], claim: str) -> Entry:
    entries = {entry["id"]: entry for entry in ledger}
    if claim not in entries:
        near = ", ".join(difflib.get_close_matches(claim, entries, 3, 0.4)) or "none like it"
        raise StudyError(f"{claim}: no such claim in claims.json; near: {near}")
    if any("for" not in each for each in entries[claim]["functions"]):
        raise StudyError("claims.json: written by an earlier version; run: make report")
    return entries[claim]


def _functions(functions: list[dict[str, Any]], use: str) -> Iterator[str]:
    for each in (each for each in functions if each["for"] == use):
        yield f"{each['name']}  {each['file']}:{each['line']}  {each['lines']} lines"
        yield from (f"| {line}" for line in each["text"].split("\n") if line)


def _rows(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        held, at = row["held"], row.get("key") or row["line"]
        about = " ".join(filter(None, (row["pilot_id"], row["variable"])))
        told = {"": row["status"], "paragraph": row["paragraph"], "characters": row["span"]}
        told |= {name: held.get(name) for name in ("term", "confidence")}
        told["settled:"] = held.get("settled_by")
        told["filled by an"] = row["assumed"] and "assumption"
        value = f" = {row['value'] or 'unknown'}"
        if row["basis"]:
            # a fact is all that its row says
            told, value = {"": row["basis"], **held, "pilot_id": "", "variable": ""}, ""
        said = (f"{name} {each}".strip() for name, each in told.items() if each)
        yield ", ".join([f"{row['file']}:{at} {about}{value}", *said])
        for other in row["others"]:
            reason = f": {other['reason']}" if other["reason"] else ""
            yield f"    {other['by']}: {other['value'] or 'silent'} ({other['status']}){reason}"
        if note := next((v for k, v in held.items() if k.startswith("note") and v), ""):
            yield f"    note: {note}"
        if row["span"]:
            yield f"    {row['passage'] or '(text not supplied)'}"


def _sources(sources: list[dict[str, str]]) -> Iterator[str]:
    for row in sources:
        title = next(value for name, value in row.items() if name.startswith("title"))
        named = (f"{name} {row[name]}" for name in ("address", "terms", "sha256"))
        yield "; ".join([f"{row['source_id']} {title}", *named])
