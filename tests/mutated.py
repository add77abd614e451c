"""Studies that differ from one in one thing: a row of a table, a key of `study.yaml`."""

import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from ledger import Entry

from analysis.study import KEYS, StudyError
from analysis.study.forms import Declared, Text, place
from analysis.study.load import load_study
from analysis.study.study import Study

TABLES = tuple(KEYS)
ALTERNATIVES = "passes/alternatives.csv"
# what of a claim moves
MOVES = ("value", "interval", "n", "of", "p_value", "p_smallest", "grade", "flips", "text")
# what is changed: its file; its line, or its key
Changed = tuple[str, int | str]


def change_row(root: Path, study: str, wave: str, table: str, rng: random.Random) -> Changed | None:
    """Have one cell of one row of a table hold what another row holds; None if none can be changed.

    `root`: a copy of the repository. A cell whose change the loader refuses is left as it is, and
    another is tried.
    """
    path = root / "data" / study / table
    before = path.read_bytes()
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    # every row is on one line in these tables
    assert before.count(b"\n") == len(frame) + 1, table
    keys = (*KEYS.get(table, KEYS["codings.csv"]), "settled_value", "settled_status", "reason")
    columns = [column for column in frame if column not in keys]
    for _ in range(20 if len(frame) else 0):
        at, column = rng.randrange(len(frame)), rng.choice(columns)
        old, new = frame.at[at, column], rng.choice(sorted(set(frame[column])))
        if table == "pilots.csv":
            new = f"{old} II"
        if table == "codings.csv" and column == "status":
            new = "silent"
        if new == old:
            continue
        changed = frame.copy()
        changed.at[at, column] = new
        if table == "codings.csv" and new == "silent":
            none = ["value", "source_id", "paragraph", "span", "span_sha256", "term"]
            changed.loc[at, none] = ""
        changed.to_csv(path, index=False, lineterminator="\n")
        try:
            load_study(study, wave, root).alternatives()
            return table, at + 2
        except StudyError:
            path.write_bytes(before)
    return None


def _leaves(thing: Any, *path: str) -> Iterator[tuple[Declared, str, str]]:
    """Yield each declared value: what holds it, its name, its key."""
    inside = dict(enumerate(thing)) if isinstance(thing, tuple) else thing
    for name, value in dict(inside).items() if isinstance(inside, Declared | dict) else ():
        key = (*path, str(name))
        if isinstance(thing, Declared) and name in vars(thing)["_reads"]:
            yield thing, str(name), ".".join(key)
        yield from _leaves(value, *key)


def _other(value: Any) -> Any:
    """Return another value of the same kind; None if there is none at hand."""
    if isinstance(value, Text) and value.root:
        return Text({language: f"{said} *" for language, said in value.root.items()})
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str) and re.match(r"\d{4}-\d\d", value):
        return f"{int(value[:4]) - 1}{value[4:]}"
    if isinstance(value, tuple) and len(value) > 1:
        return value[:-1]
    return None


def change_key(study: Study, rng: random.Random) -> tuple[Study, Changed]:
    """Return a loaded study, itself no longer to be used, with another value for one key."""
    leaves = [
        (thing, name, key)
        for thing, name, key in _leaves(study.declared)
        if _other(vars(thing)[name]) is not None
        # of all pages, or of none
        if not key.startswith(("languages", "study", "title", "province", "reviewed", "simulated"))
    ]
    thing, name, key = rng.choice(leaves)
    vars(thing)[name] = _other(vars(thing)[name])
    place(study.declared, "study.yaml", {})
    parts = study.declared, study.codebook, study.tables, study.folder
    return Study(study.name, study.wave, *parts), ("study.yaml", key)


def lists(claim: Entry, changed: Changed) -> bool:
    """Return whether a claim lists what was changed."""
    file, at = changed
    return any(
        row["file"] == file and at in (row["line"], row.get("key")) for row in claim["evidence"]
    )


def moved(before: dict[str, Entry], after: dict[str, Entry]) -> list[str]:
    """Return the claims that say something else, or are gone."""
    return [
        name
        for name, claim in before.items()
        if name not in after or any(claim[each] != after[name][each] for each in MOVES)
    ]


def copy_of(study: Path, root: Path) -> Path:
    """Copy a study's folder into the place of a repository."""
    shutil.copytree(study, root / "data" / study.name, ignore=shutil.ignore_patterns("sources"))
    return root
