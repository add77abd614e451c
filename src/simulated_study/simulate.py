"""A whole made-up study on disk: a programme drawn with a seed, reported, coded three times.

`simulate` writes the folder of a study as any other: declaration, codebook, tables of facts, coding
passes with rulings and additions, and what settling makes of them. Two files more say what is true:
`truth.csv` of each unit, `SIMULATED.md` by which numbers it was drawn.
"""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from analysis.study import StudyError
from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.files import read_yaml
from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from analysis.study.settle import settle, write
from simulated_study import TEMPLATES, TEXTS, WAVE, coding, template
from simulated_study import simulated_facts as facts
from simulated_study.notice import Notice, write_notice
from simulated_study.simulated_counts import draw_counts
from simulated_study.true_effects import CAUSES, Assumptions, Unit, draw

FEWEST, MOST = 10, 9999
Cells = Mapping[str, str]
YES = {True: "yes", False: "no"}


def simulate(
    root: Path,
    name: str,
    pilots: int,
    seed: int,
    assumed: Assumptions | None = None,
    alternatives: int = 24,
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
    units = draw(pilots, seed, assumed)
    said = draw_counts(units, seed)
    notice = write_notice(units, {u: s.phrases for u, s in said.items()})
    _write_declared(folder, units, notice)
    (folder / "sources").mkdir()
    text = folder / "sources" / "S00.txt"
    text.write_text(notice.text, encoding="utf-8", newline="\n")
    declared = read_yaml(folder / "study.yaml", "study.yaml").model(Declaration)
    codebook = read_yaml(folder / "codebook.yaml", "codebook.yaml").model(Codebook)
    window, schemas = declared.windows["fixed"], Schemas(declared, codebook)
    ruled = schemas.of("ruled codings")
    rows = coding.coded(codebook, units, said, notice)
    projects = list(coding.projects(units, said, notice))
    # the schema knows a table's columns
    for name, table, content in (
        ("pilots.csv", schemas.of("pilots.csv"), _pilots(units)),
        ("sources.csv", schemas.of("sources.csv"), _sources(text)),
        ("context.csv", schemas.of("context.csv"), facts.context(units, seed)),
        ("leaders.csv", schemas.of("leaders.csv"), facts.leaders(units, seed)),
        ("rates.csv", schemas.of("rates.csv"), facts.rates(units, window)),
        ("events.csv", schemas.of("events.csv"), ()),
        ("passes/rulings.csv", ruled, coding.rulings(rows)),
        ("passes/additions.csv", ruled,
         coding.additions(units, notice)),
        ("passes/rulings_projects.csv", schemas.of("ruled projects"), projects),
        ("passes/notes_zh.csv", schemas.notes("zh"), TEXTS["notes"].values()),
        ("passes/spans.csv", schemas.of("spans.csv"), ()),
        ("passes/alternatives.csv", schemas.of("alternatives.csv"),
         coding.alternatives(units, alternatives)),
        *((f"passes/{coder}/codings.csv", schemas.of("pass codings"), coded)
          for coder, coded in coding.passes(rows, seed).items()),
        *((f"passes/{coder}/projects.csv", schemas.of("pass projects"), projects)
          for coder in coding.PASSES),
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / name, list(table.columns), content)
    _write_passes(folder / "passes", codebook.version)
    settle(folder, text)
    _write_truth(folder, units, seed, assumed)


def _pilots(units: list[Unit]) -> Iterable[Cells]:
    forms = [(form, language) for form in ("short", "long") for language in ("en", "zh")]
    for order, unit in enumerate(units, start=1):
        names = {f"{form}_{language}": unit.name(form, language) for form, language in forms}
        yield {"pilot_id": unit.id, "order": str(order), **names}


def _sources(text: Path) -> Iterable[Cells]:
    """Return the sources: all made up, the notice first, with the hash of its text."""
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    with (TEMPLATES / "sources.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {**row, "sha256": row["sha256"] or digest}


def _write_declared(folder: Path, units: list[Unit], notice: Notice) -> None:
    """Write `study.yaml` and `codebook.yaml`: the templates, filled for these units."""
    study, codebook, names = template("study.yaml"), template("codebook.yaml"), TEXTS["names"]
    study["study"] = folder.name
    study["title"] = {k: words.format(count=len(units)) for k, words in names["title"].items()}
    study["general_passages"] = [int(notice.everywhere["top_level_plan"].paragraph)]
    if notice.example:
        paragraph = int(notice.of[notice.example, "targets_too_high"].paragraph)
        study["group_examples"] = [{"paragraph": paragraph, "pilots": [notice.example]}]
    study["outcomes"]["named_slow"]["open_list"]["paragraph"] = notice.listed
    for batch, declared in study["batches"].items():
        declared["size"] = sum(unit.batch == batch for unit in units)
    for parent in sorted({unit.parent for unit in units} - {"province"}):
        number = parent.removeprefix("city_")
        codebook["variables"]["parent"]["levels"][parent] = {
            language: words.format(number=number) for language, words in names["parent"].items()
        }
    _write_yaml(folder / "study.yaml", study)
    _write_yaml(folder / "codebook.yaml", codebook)


def _write_passes(folder: Path, version: str) -> None:
    """Write who coded each pass, and the sums of the passes."""
    sums = []
    for coder in coding.PASSES:
        about = {"coder": f"simulated {coder}", "kind": "model", "date": "2020-07-01"}
        _write_yaml(folder / coder / "pass.yaml", {**about, "codebook": version})
        for name in (f"{coder}/codings.csv", f"{coder}/projects.csv"):
            sums.append(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def _write_truth(folder: Path, units: list[Unit], seed: int, assumed: Assumptions) -> None:
    """Write what is true of each unit, and by which numbers it was drawn."""
    truth = [
        {"pilot_id": unit.id, "city": YES[unit.city], "chance": f"{unit.chance:.2f}",
         "slow": YES[unit.slow], **{cause: YES[unit.carried[cause]] for cause in CAUSES}}
        for unit in units
    ]  # fmt: skip
    write(folder / "truth.csv", ["pilot_id", "city", *CAUSES, "chance", "slow"], truth)
    text = (TEMPLATES / "SIMULATED.md").read_text(encoding="utf-8")
    for name, value in {"pilots": len(units), "seed": seed, **asdict(assumed)}.items():
        text += f"| {name} | {value} |\n"
    (folder / "SIMULATED.md").write_text(text, encoding="utf-8", newline="\n")


def _write_yaml(path: Path, content: Any) -> None:
    # by way of JSON, so that what stands twice is written twice: people read and change a study
    plain = json.loads(json.dumps(content))
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8", newline="\n")
