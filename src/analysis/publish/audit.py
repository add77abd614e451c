"""Who looked at what: sign-offs of functions, cells, rows and pages by persons, and if they hold.

What a person is shown of a thing is a text, and its hash is what they sign. A claim's parts are its
cell, its functions and the rows of its evidence.
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from analysis.publish.chain import FIELDS, Entry, Row, by_key, cells, function, table
from analysis.publish.inputs import claims_now
from analysis.study import SIGN_OFFS, StudyError, study_folder
from analysis.study.evidence import ONE_LINE
from analysis.study.files import read_table
from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from notebook_build import MANIFEST, digest

# what changed of each kind, if anything did
OF = {"function": "code", "cell": "code", "row": "data", "page": "text"}


class Part(NamedTuple):
    """A thing that a person can look at: `function`, `cell`, `row` or `page`, and its key."""

    kind: str
    key: str


Users = dict[Part, list[Entry]]


def looked_at(root: Path, folder: Path, *entries: Entry) -> tuple[int, int]:
    """Return how many parts of claims a person looked at and nobody rejected, and of how many.

    `folder`: of the study; `entries`: of the ledger. What changed since does not count.
    """
    every = {part for entry in entries for part in parts(folder, entry)}
    return sum(state(root, folder, part)[0] == "signed" for part in every), len(every)


def parts(folder: Path, entry: Entry) -> list[Part]:
    """Return what a claim rests on, each once: its cell, functions, rows, keys of YAML files."""
    every = [Part("cell", f"{entry['notebook']}.{entry['cell']}")]
    every += [Part("function", f"{each['file']}:{each['name']}") for each in entry["functions"]]
    files = {row["file"] for row in entry["evidence"]}
    names = {file: _names(folder / file) for file in files if file.endswith(".csv")}
    for row in entry["evidence"]:
        file, line = row["file"], row.get("line")
        known = names.get(file, {}).get(line) or row.get("key") or f"line {line}"
        every.append(Part("row", f"{file}:{known}"))
    return list(dict.fromkeys(every))


def state(root: Path, folder: Path, part: Part) -> tuple[str, list[Row]]:
    """Return how a part stands, with the last sign-off of each reviewer.

    `signed`: as it is now, and rejected by nobody; `rejected`; `changed` since; `unsigned`.
    """
    rows = list({row["reviewer"]: row for row in signed(folder).get(part, ())}.values())
    now = hash_of(root, folder, part) if rows else ""
    verdicts = {row["verdict"] for row in rows if row["hash"] == now}
    changed = "changed" if rows else "unsigned"
    return "rejected" if "disagree" in verdicts else "signed" if verdicts else changed, rows


def hash_of(root: Path, folder: Path, part: Part) -> str:
    """Return the hash of a thing as it is now, "" if it is gone."""
    try:
        return digest(text_of(root, folder, part))
    except (LookupError, ValueError, OSError):
        return ""


def text_of(root: Path, folder: Path, part: Part) -> str:
    """Return a thing as a person is shown it; a LookupError or OSError says that it is gone."""
    place, _, name = part.key.partition(".") if part.kind == "cell" else part.key.partition(":")
    if part.kind == "page":
        return (root / "report" / "text" / place).read_text("utf-8")
    if part.kind == "function":
        return "\n".join(function(root, place, name))
    if part.kind == "cell":
        return cells(root / "notebooks" / f"{place}.ipynb")[name]
    held = _held(folder / place)
    # where many were read, the key has a `*`, or is a part of it
    many = re.escape(name).replace(r"\*", "[^./]*")
    for more in ("", "/.*"):
        matching = {key: each for key, each in held.items() if re.fullmatch(f"{many}{more}", key)}
        if matching:
            break
    # what a YAML file leaves out has its default
    if not matching and place.endswith(".csv"):
        raise LookupError(part.key)
    return json.dumps(matching, ensure_ascii=False, indent=1)


def results(users: Iterable[Entry]) -> str:
    """Return a short hash of the numbers of the claims that rest on a part, given by id."""
    told = [[each["id"], *(each[field] for field in FIELDS)] for each in users]
    return digest(json.dumps(told))[:12]


@cache
def signed(folder: Path) -> dict[Part, list[Row]]:
    """Return the sign-offs of a study by what was looked at, in their order."""
    by_part: dict[Part, list[Row]] = {}
    for row in table(folder / SIGN_OFFS).values():
        by_part.setdefault(Part(row["kind"], row["key"]), []).append(row)
    return by_part


@cache
def _names(path: Path) -> dict[int, str]:
    """Return the key of each row of a table by line; the second with a key has `#2` behind it."""
    keys = ((n, line, key) for key, rows in by_key(path).items() for n, line in enumerate(rows, 1))
    return {line: f"{key}#{n}" if n > 1 else key for n, line, key in keys}


@cache
def _held(path: Path) -> dict[str, Any]:
    """Return the rows of a table, or what stands in a YAML file as text, by (dotted) key."""

    def inside(value: Any, *place: str) -> Iterator[tuple[str, Any]]:
        yield ".".join(place), value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs if isinstance(value, dict | list) else ():
            yield from inside(each, *place, str(key))

    if path.suffix == ".csv":
        return {_names(path)[line]: row for line, row in table(path).items()}
    return dict(inside(yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)))


def users(root: Path, study: str, claims: list[dict[str, Any]]) -> Users:
    """Return all that can be looked at, with the claims that rest on it; on texts of pages none."""
    every: Users = {}
    for entry in claims:
        for part in parts(study_folder(study, root), entry):
            every.setdefault(part, []).append(entry)
    texts = root / "report" / "text"
    for path in sorted(path for path in texts.rglob("*") if path.is_file()):
        every[Part("page", path.relative_to(texts).as_posix())] = []
    return every


def audit(root: Path, study: str, wave: str) -> Iterator[str]:
    """Yield the lines of the list: the first page's claims, what changed, what nobody looked at.

    A StudyError says that there is no report of the files as they are now.
    """
    folder, build = study_folder(study, root), root / "build" / study / wave
    claims = claims_now(root, study, wave)
    load_study(study, wave, root)
    every: Users = {part: [] for part in signed(folder)}
    every |= users(root, study, claims)
    stands = {part: state(root, folder, part) for part in every}
    of, done = (Counter(p.kind for p in every if not k or stands[p][0] == "signed") for k in (0, 1))
    told = ", ".join(f"{done[kind]} of {of[kind]} {kind}s" for kind in OF)
    yield f"{study}/{wave}, looked at by a person: {told}"
    about = json.loads((build / MANIFEST).read_bytes())
    took = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in about["seconds"].items())
    runs = [run["seconds"] for run in about["runs"]]
    system, cores, memory = (about["machine"][n] for n in ("system", "cores", "megabytes"))
    yield (
        f"Last build: {took} (its {len(runs)} runs took {sum(runs):.0f} s when they were made); "
        f"{system}, {cores} cores, largest process {memory} MB"
    )
    shown = table(build / "data" / "claims.csv").values()
    first = {row["claim"] for row in shown if "index" in row["pages"].split("; ")}
    yield "Claims of the first page, and how many of their parts were looked at:"
    for entry in claims:
        if entry["id"] in first:
            own = parts(folder, entry)
            yield f"  {entry['id']}: {sum(stands[p][0] == 'signed' for p in own)} of {len(own)}"
    order = {p: (-sum(u["id"] in first for u in every[p]), -len(every[p]), p) for p in every}
    for kind, title in (
        ("changed", "Changed since somebody looked at it:"),
        ("rejected", "Somebody disagrees:"),
        ("unsigned", "Nobody has looked at it (claims of the first page, of all):"),
    ):
        listed = sorted((p for p in every if stands[p][0] == kind), key=order.__getitem__)
        yield from [title] * bool(listed)
        for part in listed:
            more = f"({-order[part][0]}, {-order[part][1]})"
            for row in stands[part][1][-1:]:
                same = "the same" if row["results"] == results(every[part]) else "changed"
                gone = "gone" if not hash_of(root, folder, part) else f"{OF[part.kind]} changed"
                said = f"{gone}, result {same}" if kind == "changed" else row["checked"]
                more = f"{row['reviewer']}, {row['date']}: {said}"
            yield f"  {part.kind} {part.key} {more}".translate(ONE_LINE)


def sign(root: Path, study: str, wave: str, part: Part, given: Mapping[str, str]) -> Iterator[str]:
    """Yield what a person is to look at; then, if a verdict is given, add one row and say so.

    `given`: verdict, reviewer, checked, date.

    Raises:
        StudyError: there is no such thing (one at a time: no pattern names many), no report of the
            files as they are now, or something in the row is not allowed.
    """
    folder, every = study_folder(study, root), users(root, study, claims_now(root, study, wave))
    if part not in every:
        keys = [each.key for each in every if each.kind == part.kind]
        kinds = f"none like it; kinds: {', '.join(dict.fromkeys(each.kind for each in every))}"
        near = ", ".join(difflib.get_close_matches(part.key, keys, 3, 0.3)) or kinds
        raise StudyError(
            f"{part.kind} {part.key!r}: nothing of that name; one at a time; near: {near}"
        )
    if not (signs := hash_of(root, folder, part)):
        raise StudyError(f"{part.kind} {part.key}: not where its report has it; run: make report")
    yield "\n".join(line.translate(ONE_LINE) for line in text_of(root, folder, part).split("\n"))
    yield f"Claims that rest on it: {', '.join(each['id'] for each in every[part]) or 'none'}"
    if not given["verdict"]:
        yield "Not signed. To sign: --verdict, --reviewer and --checked"
        return
    if given["date"] > (today := date.today().isoformat()):
        raise StudyError(f"--date {given['date']!r}: allowed: a day up to today, {today}")
    held = load_study(study, wave, root)
    path, schema = folder / SIGN_OFFS, Schemas(held.declared, held.codebook).of(SIGN_OFFS)
    row = {**part._asdict(), "hash": signs, "results": results(every[part]), **given}
    before, aside = path.read_text("utf-8") if path.is_file() else "", folder / ".checked"
    before += "\n" * bool(before and not before.endswith("\n"))
    added = pd.DataFrame([row], columns=list(schema.columns))
    text = added.to_csv(index=False, header=not before, lineterminator="\n")
    aside.write_bytes(f"{before}{text}".encode())
    try:
        read_table(aside, f"data/{study}/{SIGN_OFFS}", schema)
        path.parent.mkdir(exist_ok=True)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    yield f"Signed: {SIGN_OFFS} has one row more"
