"""A whole made-up study: a programme drawn with a seed, reported unevenly, coded three times."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.study.codebook import Codebook, read_codebook
from analysis.study.declaration import Declaration, read_declaration
from analysis.study.errors import StudyError
from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from analysis.study.settle import settle, write
from simulated_study import coding, outside
from simulated_study.assumed import Assumptions
from simulated_study.drawing import Unit, draw
from simulated_study.figures import draw_figures
from simulated_study.folder import write_declared, write_passes, write_truth
from simulated_study.notice import write_notice

WAVE = "2020-06"
FEWEST, MOST = 10, 9999
ALTERNATIVES = 24
Cells = Mapping[str, str]


def simulate(
    root: Path,
    name: str,
    pilots: int,
    seed: int,
    assumed: Assumptions | None = None,
    alternatives: int = ALTERNATIVES,
) -> Path:
    """Write a simulated study to `data/<name>` of a repository and return its folder.

    The same arguments give the same bytes. `alternatives`: at most so many other codings. The
    folder is made aside, loaded as a check, and moved into place whole.

    Raises:
        StudyError: the name is taken or not allowed, a number is out of range, or the draw leaves
            nothing to report on.
    """
    target = root / "data" / name
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name, re.ASCII):
        raise StudyError(f"simulate: name {name!r}; allowed: a small letter, then a-z 0-9 _ -")
    if target.exists():
        raise StudyError(f"data/{name}: there already; take another name, or remove the folder")
    for what, value, least, most in (
        ("pilots", pilots, FEWEST, MOST),
        ("seed", seed, 0, 2**63),
        ("alternatives", alternatives, 1, MOST),
    ):
        if not least <= value <= most:
            raise StudyError(f"simulate: {what} {value}; allowed: {least} to {most}")
    # a folder of its own with data/ in it, so that the study can be loaded as a check
    making = root / "data" / f".{name}.making"
    aside = making / "data" / name
    shutil.rmtree(making, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write(aside, pilots, seed, assumed or Assumptions(), alternatives)
        load_study(name, WAVE, making)
        aside.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target


def _write(folder: Path, pilots: int, seed: int, assumed: Assumptions, alternatives: int) -> None:
    units, ask_all = draw(pilots, seed, assumed), assumed.ask_all
    said = draw_figures(units, seed)
    places = write_notice(units, {u: s.phrases for u, s in said.items()}, ask_all)
    write_declared(folder, folder.name, units, places)
    codebook = read_codebook(folder / "codebook.yaml", "codebook.yaml")
    declared = read_declaration(folder / "study.yaml", "study.yaml")
    (folder / "sources").mkdir()
    text = folder / "sources" / "S00.txt"
    text.write_text(places.text, encoding="utf-8", newline="\n")
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    _write_facts(folder, declared, codebook, units, seed, digest)
    variables = [n for n, v in codebook.variables.items() if v.coded == "passes"]
    rows = [
        row
        for unit in units
        for row in coding.coded(WAVE, variables, unit, said[unit.id], places, ask_all)
    ]
    named = [p for u in units for p in coding.projects(WAVE, u, said[u.id], places)]
    added = list(coding.additions(WAVE, units, places))
    write_passes(folder / "passes", declared, codebook, rows, named, added, seed)
    schemas = Schemas(declared, codebook)
    columns = list(schemas.alternatives_csv().columns)
    others = coding.alternatives(WAVE, units, alternatives)
    write(folder / "passes" / "alternatives.csv", columns, others)
    settle(folder, text)
    write_truth(folder, units, seed, assumed)


def _write_facts(
    folder: Path,
    declared: Declaration,
    codebook: Codebook,
    units: list[Unit],
    seed: int,
    digest: str,
) -> None:
    window, schemas = declared.windows["fixed"], Schemas(declared, codebook)
    tables = {
        "pilots.csv": (schemas.pilots_csv, _pilots(units)),
        "sources.csv": (schemas.sources_csv, outside.sources(digest)),
        "context.csv": (schemas.context_csv, outside.context(units, seed)),
        "leaders.csv": (schemas.leaders_csv, outside.leaders(units, seed)),
        "rates.csv": (schemas.rates_csv, outside.rates(units, (window.start, window.end))),
        "events.csv": (schemas.events_csv, ()),
    }
    for name, (schema, rows) in tables.items():
        write(folder / name, list(schema().columns), rows)


def _pilots(units: list[Unit]) -> Iterable[Cells]:
    for order, unit in enumerate(units, start=1):
        yield {
            "pilot_id": unit.id,
            "order": str(order),
            "short_en": unit.short[0],
            "short_zh": unit.short[1],
            "long_en": unit.long[0],
            "long_zh": unit.long[1],
        }
