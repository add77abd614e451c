"""What no person has looked at yet, what changed since somebody did, and one more sign-off."""

import csv
import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from analysis.publish.compare import write_whole
from analysis.publish.inputs import claims_now
from analysis.publish.sign_offs import Part, hash_of, parts, results, signed, state, text_of
from analysis.study import SIGN_OFFS, StudyError, study_folder
from analysis.study.evidence import ONE_LINE
from analysis.study.files import read_table
from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from notebook_build import MANIFEST

Users = dict[Part, list[Mapping[str, Any]]]
# what changed of each kind, if anything did
OF = {"function": "code", "cell": "code", "row": "data", "page": "text"}


def users(root: Path, study: str, claims: list[dict[str, Any]]) -> Users:
    """Return all that can be looked at, with the claims that rest on it; on texts of pages none."""
    found: Users = {}
    for entry in claims:
        for part in parts(study_folder(study, root), entry):
            found.setdefault(part, []).append(entry)
    texts = root / "report" / "text"
    for path in sorted(path for path in texts.rglob("*") if path.is_file()):
        found[Part("page", path.relative_to(texts).as_posix())] = []
    return found


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
    pages = "".join(path.read_text("utf-8") for path in build.glob("*/index.html"))
    named = re.findall(r'(?:data-claim="|claims/)([^"]+?)(?:\.html)?"', pages)
    first = {entry["id"] for entry in claims} & set(named)
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
        near = ", ".join(difflib.get_close_matches(part.key, keys, 3, 0.3)) or "none like it"
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
    held = load_study(study, wave, root)
    path, schema = folder / SIGN_OFFS, Schemas(held.declared, held.codebook).of(SIGN_OFFS)
    told = {**part._asdict(), "hash": signs, "results": results(every[part])}
    text, aside = StringIO(newline=""), folder / ".checked"
    writer = csv.DictWriter(text, list(schema.columns), lineterminator="\n")
    if path.is_file():
        text.write(path.read_text("utf-8"))
    else:
        writer.writeheader()
    writer.writerow({**told, **given})
    write_whole(aside, text.getvalue())
    try:
        read_table(aside, f"data/{study}/{SIGN_OFFS}", schema)
        path.parent.mkdir(exist_ok=True)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    yield f"Signed: {SIGN_OFFS} has one row more"
