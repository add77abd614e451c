"""A whole made-up study on disk: a programme drawn with a seed, reported, coded three times.

Beside a study's files: `truth.csv`, what is true of each unit; `SIMULATED.md`, how it was drawn.
"""

import csv
import hashlib
import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from analysis.study import PROGRAMME, StudyError
from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from analysis.study.settle import settle, write
from simulated_study import TEMPLATES, TEXTS, WAVE, tables, template
from simulated_study.notice import Notice, draw_counts, write_notice
from simulated_study.true_effects import CAUSES, Assumptions, Unit, draw

FEWEST, MOST = 10, 9999
YES = {True: "yes", False: "no"}


def simulate(
    root: Path, name: str, pilots: int, seed: int, assumed: Assumptions | None = None
) -> Path:
    """Write a simulated study to `data/<name>` of a repository and return its folder.

    The same arguments give the same bytes. The folder is made aside, loaded as a check, then moved.

    Raises:
        StudyError: a name taken or not allowed, a number out of range, a draw with nothing to tell.
    """
    target = root / "data" / name
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", name, re.ASCII):
        allowed = "a small letter, then up to 59 of a-z 0-9 _ -"
        raise StudyError(f"simulate: name {name[:60]!r}; allowed: {allowed}")
    if target.exists():
        raise StudyError(f"data/{name}: there already; take another name, or remove the folder")
    for what, value, least, most in (("pilots", pilots, FEWEST, MOST), ("seed", seed, 0, 2**63)):
        if not least <= value <= most:
            raise StudyError(f"simulate: {what} {str(value)[:60]}; allowed: {least} to {most}")
    # a folder of its own with data/ in it, so that the study can be loaded as a check
    making = root / "data" / f".{name}.making"
    aside = making / "data" / name
    shutil.rmtree(making, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write(aside, pilots, seed, assumed or Assumptions())
        load_study(name, WAVE, making)
        aside.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target


def _write(folder: Path, pilots: int, seed: int, assumed: Assumptions) -> None:
    units = draw(pilots, seed, assumed)
    counts = draw_counts(units, seed)
    notice = write_notice(units, counts)
    declared, codebook = _write_declared(folder, units, notice)
    text = folder / "sources" / "S00.txt"
    _write_text(text, "\n".join(notice.paragraphs) + "\n")
    with (TEMPLATES / "sources.csv").open(encoding="utf-8", newline="") as file:
        sources = [
            {**row, "sha256": row["sha256"] or _sha256(text)} for row in csv.DictReader(file)
        ]
    schemas, passes = Schemas(declared, codebook), folder / "passes"
    ruled = schemas.of("ruled codings")
    rows = list(tables.coded(codebook, units, counts, notice))
    projects = list(tables.projects(units, counts, notice))
    # the schema knows a table's columns
    for name, table, content in (
        ("pilots.csv", schemas.of("pilots.csv"), tables.pilots(units)),
        ("sources.csv", schemas.of("sources.csv"), sources),
        ("context.csv", schemas.of("context.csv"), tables.context(units, seed)),
        ("leaders.csv", schemas.of("leaders.csv"), tables.leaders(units, seed)),
        ("rates.csv", schemas.of("rates.csv"), tables.rates(units, declared.windows["fixed"])),
        ("events.csv", schemas.of("events.csv"), ()),
        ("passes/rulings.csv", ruled, tables.rulings(rows)),
        ("passes/additions.csv", ruled, tables.additions(units, notice)),
        ("passes/rulings_projects.csv", schemas.of("ruled projects"), projects),
        ("passes/notes_zh.csv", schemas.notes("zh"), TEXTS["notes"].values()),
        ("passes/spans.csv", schemas.of("spans.csv"), ()),
        ("passes/alternatives.csv", schemas.of("alternatives.csv"), tables.alternatives(units)),
        *((f"passes/{coder}/codings.csv", schemas.of("pass codings"), coding)
          for coder, coding in tables.passes(rows, seed).items()),
        *((f"passes/{coder}/projects.csv", schemas.of("pass projects"), projects)
          for coder in tables.PASSES),
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / name, list(table.columns), content)
    for coder in tables.PASSES:
        about = {"coder": f"simulated {coder}", "kind": "model", "date": "2020-07-01"}
        _write_yaml(passes / coder / "pass.yaml", {**about, "codebook": codebook.version})
    coded = [f"{coder}/{name}.csv" for coder in tables.PASSES for name in ("codings", "projects")]
    sums = "".join(f"{_sha256(passes / name)}  {name}\n" for name in coded)
    _write_text(passes / "SHA256SUMS", sums)
    settle(folder, text)
    truth = [
        {"pilot_id": unit.id, "city": YES[unit.city], "chance": f"{unit.chance:.2f}",
         "slow": YES[unit.slow], **{cause: YES[unit.carried[cause]] for cause in CAUSES}}
        for unit in units
    ]  # fmt: skip
    write(folder / "truth.csv", ["pilot_id", "city", *CAUSES, "chance", "slow"], truth)
    numbers = {"pilots": len(units), "seed": seed, **asdict(assumed)}
    lines = "".join(f"| {name} | {value} |\n" for name, value in numbers.items())
    about_it = (TEMPLATES / "SIMULATED.md").read_text(encoding="utf-8")
    _write_text(folder / "SIMULATED.md", about_it + lines)


def _write_declared(
    folder: Path, units: list[Unit], notice: Notice
) -> tuple[Declaration, Codebook]:
    """Write `study.yaml` and `codebook.yaml`, the templates filled for these units."""
    study, codebook, names = template("study.yaml"), template("codebook.yaml"), TEXTS["names"]
    study["study"] = folder.name
    study["title"] = {k: words.format(count=len(units)) for k, words in names["title"].items()}
    study["general_passages"] = [notice.paragraph(PROGRAMME, "top_level_plan")]
    if notice.example:
        paragraph = notice.paragraph(notice.example, "targets_too_high")
        study["group_examples"] = [{"paragraph": paragraph, "pilots": [notice.example]}]
    study["outcomes"]["named_slow"]["open_list"]["paragraph"] = notice.paragraph(PROGRAMME, "slow")
    for batch, declared in study["batches"].items():
        declared["size"] = sum(unit.batch == batch for unit in units)
    for parent in sorted({unit.parent for unit in units} - {"province"}):
        number = parent.removeprefix("city_")
        codebook["variables"]["parent"]["levels"][parent] = {
            language: words.format(number=number) for language, words in names["parent"].items()
        }
    _write_yaml(folder / "study.yaml", study)
    _write_yaml(folder / "codebook.yaml", codebook)
    return Declaration.model_validate(study), Codebook.model_validate(codebook)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_yaml(path: Path, content: Any) -> None:
    # by way of JSON, so that what stands twice is written twice: people read and change a study
    plain = json.loads(json.dumps(content))
    _write_text(path, yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100))


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
