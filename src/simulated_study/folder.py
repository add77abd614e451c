"""The files of a simulated study: declaration, codebook, coding passes, and what is true."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.schemas import Schemas
from analysis.study.settle import write
from simulated_study import coding
from simulated_study.assumed import CAUSES, Assumptions
from simulated_study.drawing import Unit
from simulated_study.notice import Places

TEMPLATES = Path(__file__).parent / "simulated"
Cells = Mapping[str, str]


def write_declared(folder: Path, name: str, units: list[Unit], places: Places) -> None:
    """Write `study.yaml` and `codebook.yaml`: the templates, filled for these units."""
    study = yaml.safe_load((TEMPLATES / "study.yaml").read_text(encoding="utf-8"))
    study["study"] = name
    study["title"] = {
        "en": f"{len(units)} simulated pilots",
        "zh": f"{len(units)}个模拟试点",
    }
    study["general_passages"] = [places.general]
    if places.example:
        paragraph = int(places.of[places.example, "targets_too_high"].paragraph)
        study["group_examples"] = [{"paragraph": paragraph, "pilots": [places.example]}]
    study["outcomes"]["named_slow"]["open_list"]["paragraph"] = places.listed
    for batch, declared in study["batches"].items():
        declared["size"] = sum(unit.batch == batch for unit in units)
    codebook = yaml.safe_load((TEMPLATES / "codebook.yaml").read_text(encoding="utf-8"))
    levels = codebook["variables"]["parent"]["levels"]
    for parent in sorted({unit.parent for unit in units} - {"province"}):
        number = parent.removeprefix("city_")
        levels[parent] = {"en": f"simulated city {number}", "zh": f"模拟{number}市"}
    _yaml(folder / "study.yaml", study)
    _yaml(folder / "codebook.yaml", codebook)


def _yaml(path: Path, content: Any) -> None:
    text = yaml.dump(content, Dumper=_NoAlias, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8", newline="\n")


class _NoAlias(yaml.SafeDumper):
    """Writes what stands twice twice: a study is read and changed by people."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True: no anchors."""
        return True


def write_passes(
    folder: Path,
    declared: Declaration,
    codebook: Codebook,
    rows: list[dict[str, str]],
    named: list[dict[str, str]],
    added: list[dict[str, str]],
    seed: int,
) -> None:
    """Write the passes of all coders, rulings, additions, and their sums."""
    schemas = Schemas(declared, codebook)
    one, ruled = list(schemas.pass_codings().columns), list(schemas.ruled_codings().columns)
    project = list(schemas.pass_projects().columns)
    sums = []
    for name, coded in coding.passes(rows, seed).items():
        (folder / name).mkdir(parents=True)
        described = {"coder": f"simulated {name}", "kind": "model", "date": "2020-07-01"}
        _yaml(folder / name / "pass.yaml", {**described, "codebook": codebook.version})
        for file, columns, held in (("codings.csv", one, coded), ("projects.csv", project, named)):
            write(folder / name / file, columns, held)
            digest = hashlib.sha256((folder / name / file).read_bytes()).hexdigest()
            sums.append(f"{digest}  {name}/{file}\n")
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")
    write(folder / "rulings.csv", ruled, coding.rulings(rows))
    write(folder / "additions.csv", ruled, added)
    write(folder / "rulings_projects.csv", list(schemas.ruled_projects().columns), named)
    write(folder / "spans.csv", list(schemas.spans_csv().columns), ())
    notes = [{"note_en": en, "note_zh": zh} for en, zh in coding.NOTES.items()]
    write(folder / "notes_zh.csv", ["note_en", "note_zh"], notes)


def write_truth(folder: Path, units: list[Unit], seed: int, assumed: Assumptions) -> None:
    """Write what is true of each unit, and by which numbers it was drawn."""
    write(folder / "truth.csv", ["pilot_id", "city", *CAUSES, "chance", "slow"], _truth(units))
    lines = [
        "# A simulated study",
        "",
        "Every pilot, every value and the text are made up by a seeded draw. No real place is "
        "described. Each pilot's true causes stand in `truth.csv`. The notice mentions them as the "
        "numbers below say.",
        "",
        "| assumption | value |",
        "|---|---|",
        f"| pilots | {len(units)} |",
        f"| seed | {seed} |",
        *(f"| {name} | {value} |" for name, value in assumed.rows()),
    ]
    text = "\n".join(lines) + "\n"
    (folder / "SIMULATED.md").write_text(text, encoding="utf-8", newline="\n")


def _truth(units: list[Unit]) -> Iterable[Cells]:
    for unit in units:
        yield {
            "pilot_id": unit.id,
            "city": _word(unit.city),
            **{cause: _word(unit.carried[cause]) for cause in CAUSES},
            "chance": f"{unit.chance:.2f}",
            "slow": _word(unit.slow),
        }


def _word(value: bool) -> str:
    return "yes" if value else "no"
