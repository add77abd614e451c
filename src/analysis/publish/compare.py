"""Builds side by side: which claims moved, by how much, which changed grade; what is expected."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from analysis.publish.chain import FIELDS
from analysis.publish.inputs import claims_now
from analysis.study import StudyError
from analysis.study.evidence import ONE_LINE
from notebook_build import MANIFEST, remove, write_whole
from notebook_build.progress import say

Compact = dict[str, dict[str, Any]]
LEDGER, EXPECTED, CHANGES = "claims.json", "tests/expected/claims.json", "CHANGELOG.md"
# what is compared besides `FIELDS`: its English sentence, or first one, if nothing else moved
SENTENCE = "sentence"


class Move(NamedTuple):
    """What moved: a claim, which of its fields (or `new`, `gone`), both values, by how much."""

    claim: str
    what: str
    before: str
    after: str
    by: str = ""


def compact(ledger: Iterable[Mapping[str, Any]]) -> Compact:
    """Return of a ledger what is compared, by id; what is null is left out.

    Numbers have ten digits: sums of floats end differently on other processors.
    """

    def rounded(value: Any) -> Any:
        if isinstance(value, list):
            return [*map(rounded, value)]
        return float(f"{value:.10g}") if isinstance(value, float) else value

    return {
        entry["id"]: {name: rounded(entry[name]) for name in FIELDS if entry[name] is not None}
        | {SENTENCE: entry["text"].get("en") or next(iter(entry["text"].values()))}
        for entry in ledger
    }


def moves(old: Compact, new: Compact) -> list[Move]:
    """Return what moved from one set of claims to another, by claim."""
    moved = list[Move]()
    for name in sorted(old.keys() | new.keys()):
        a, b = old.get(name, {}), new.get(name, {})
        if not (a and b):
            said = (_shown(each.get(SENTENCE, "")) for each in (a, b))
            moved.append(Move(name, "new" if b else "gone", *said))
            continue
        what = [field for field in FIELDS if a.get(field) != b.get(field)]
        for field in what or [SENTENCE] * (a[SENTENCE] != b[SENTENCE]):
            x, y = a.get(field), b.get(field)
            by = y - x if isinstance(x, int | float) and isinstance(y, int | float) else ""
            moved.append(Move(name, field, *map(_shown, (x, y, by))))
    return moved


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    text = "none" if value is None else str(value).translate(ONE_LINE)
    return f"{value:.6g}" if isinstance(value, float) else text


def counted(every: Sequence[Move]) -> str:
    """Return how many claims moved: `3 claims moved, 1 changed grade, 1 new`."""
    ids = {what: {m.claim for m in every if m.what == what} for what in ("grade", "new", "gone")}
    moved = len({m.claim for m in every} - ids["new"] - ids["gone"])
    more = (f", {len(ids[what])} {what}" for what in ids if ids[what])
    return f"{moved} claim{'s' * (moved != 1)} moved{''.join(more)}".replace(
        " grade", " changed grade"
    )


def table(listed: Sequence[Move]) -> list[str]:
    """Return the lines of a table for a terminal, none if nothing moved; long ones are cut."""
    if not listed:
        return []
    rows = [[f"{cell[:58]} …" if len(cell) > 60 else cell for cell in row]
            for row in (Move._fields, *listed)]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def compared(old: Path, new: Path) -> dict[str, Any]:
    """Return what a table and a page show of two builds, whose folders are given.

    `files`: those that they were made from and that differ, None if that is not known. A StudyError
    names the folder in which there are no claims of this version.
    """
    (a, made_of_a), (b, made_of_b) = _build(old), _build(new)
    moved, files = moves(a, b), sorted({path for path, _ in made_of_a.items() ^ made_of_b.items()})
    same = len(a.keys() & b.keys() - {move.claim for move in moved})
    more = {"counted": counted(moved), "files": files if made_of_a and made_of_b else None}
    return {"old": str(old), "new": str(new), "moves": moved, "same": same, **more}


def _build(folder: Path) -> tuple[Compact, dict[str, str]]:
    try:
        about = folder / MANIFEST
        made_of = dict(json.loads(about.read_bytes())["inputs"] if about.is_file() else {})
        return compact(json.loads((folder / LEDGER).read_bytes())), made_of
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        what = f"no {LEDGER} of this version there" if folder.is_dir() else "no such folder"
        said = f"{folder}: {what}; name a folder build/<study>/<wave>"
        raise StudyError(said) from error


def write_page(root: Path, path: Path, shown: Mapping[str, Any]) -> None:
    """Write what `compared` found as one page that needs nothing else."""
    from analysis.publish.pages import engine

    filled = engine(root / "report", plain=True).get_template("compare.html").render(shown)
    write_whole(path, f"{filled}\n".encode())


def say_moves(last: Path, made: Path) -> None:
    """Say in short which claims moved from the last report to one that will replace it.

    Ledger and manifest of the last one are then kept beside it, to be compared.
    """
    # the first one, or one of another version: nothing to compare with
    with suppress(StudyError, OSError):
        if moved := moves(_build(last)[0], _build(made)[0]):
            remove(kept := last.with_name(f".{last.name}.before"))
            kept.mkdir()
            for name in (LEDGER, MANIFEST):
                shutil.copyfile(last / name, kept / name)
            told = [f"{m.claim} {m.what} {m.before} -> {m.after}"[:120] for m in moved[:3]]
            more = " ..." * (len(moved) > 3)
            say(f"{counted(moved)} since the last report: {'; '.join(told)}{more}")
            say(f"  all of them: python -m analysis compare '{kept}' '{last}'")


def expected(root: Path) -> dict[str, Compact]:
    """Return the claims that are expected, by `study/wave`; none if nothing was accepted yet."""
    path = root / EXPECTED
    try:
        return dict(json.loads(path.read_bytes()) if path.is_file() else {})
    except (ValueError, TypeError) as error:
        raise StudyError(f"{EXPECTED}: no claims: {error}; restore it from git") from error


def accept(root: Path, study: str, wave: str, because: str) -> str:
    """Have the claims of the last report expected, and say so in CHANGELOG.md; return that line.

    A StudyError says what is missing: a reason, a report of the files as they are, or a place in
    CHANGELOG.md.
    """
    known, key, reason = expected(root), f"{study}/{wave}", " ".join(because.split()).rstrip(".")
    new = compact(claims_now(root, study, wave))
    head, mark, rest = (root / CHANGES).read_text("utf-8").partition("## Unreleased\n\n")
    if not reason or not mark:
        place = f"{CHANGES}: no heading '## Unreleased' and a blank line below; write them"
        raise StudyError(place if reason else "--because: empty; say why the claims moved")
    if not (moved := moves(known.get(key, {}), new)):
        return f"nothing to accept: the claims of {key} are as in {EXPECTED}"
    names = [f"`{name}`" for name in dict.fromkeys(move.claim for move in moved)]
    listed = ", ".join(names[:12]) + f" and {len(names) - 12} more" * (len(names) > 12)
    line = f"- Claims of {key}, {counted(moved)}, because {reason}: {listed}."
    text = json.dumps({**known, key: new}, ensure_ascii=False, indent=1, sort_keys=True)
    write_whole(root / EXPECTED, f"{text}\n".encode())
    write_whole(root / CHANGES, f"{head}{mark}{line}\n{rest}".encode())
    return line
