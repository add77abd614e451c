"""What coders make of a simulated notice: their passes, what is added, what could be otherwise.

Every coder sees the same rows (`coded`) but for a few cells of causes where one differs (`passes`).
A contradiction is settled by a ruling, as in a real study: the verdict counts, the other statement
is kept beside it. Rows are dicts by column; columns that a row lacks are written empty.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from analysis.study import KEPT_BESIDE, PROGRAMME
from analysis.study.codebook import Codebook
from simulated_study import TEXTS, WAVE
from simulated_study.notice import NOWHERE, Notice, Place
from simulated_study.simulated_counts import PROJECT_STATUS, Said, project
from simulated_study.true_effects import CAUSES, Unit

Cells = dict[str, str]
PASSES = ("a", "b", "c")
# what is told of a group, with one unit as its example
GROUPED = ("targets_too_high", "fiscal_shortfall")
# share of the cells of a factor where one coder differs from the others
DIFFERING = 0.01
BESIDE = ("variable", "settled_value", "settled_status", "alternative_value", "alternative_status")
ADDED = "rule: added after the passes"


def _cell(
    unit: str, variable: str, value: str, status: str,
    place: Place = NOWHERE, note: str = "stated",
) -> Cells:  # fmt: skip
    about = {"wave": WAVE, "pilot_id": unit, "variable": variable, "value": value, "status": status}
    written = TEXTS["notes"][note]["note_en"]
    return {**about, **place.cells(), "note": written, "confidence": "high"}


def coded(
    codebook: Codebook, units: list[Unit], said: Mapping[str, Said], notice: Notice
) -> list[Cells]:
    """Return the rows as every coder sees them: for each unit and each variable of the passes."""
    variables = [name for name, v in codebook.variables.items() if v.coded == "passes"]
    return [row for unit in units for row in _of_unit(variables, unit, said[unit.id], notice)]


def _of_unit(variables: list[str], unit: Unit, said: Said, notice: Notice) -> Iterator[Cells]:
    own = {v: (value, "stated", notice.of[unit.id, v]) for v, value in said.values.items()}
    named = notice.of.get((unit.id, "listed" if unit.slow else "described"), NOWHERE)
    own["named_slow"] = ("yes", "stated", named) if unit.slow else ("no", "implied", named)
    settled = "stated" if unit.other_stage is None else "contradictory"
    own["stage"] = (str(unit.stage), settled, notice.of[unit.id, "stage"])
    for cause, there in unit.told.items():
        grouped = unit.id == notice.example and cause in GROUPED
        status = "group" if grouped else "stated"
        own[cause] = ("yes" if there else "no", status, notice.of[unit.id, cause])
    if unit.advancing:
        own["batch"] = (unit.batch, "stated", notice.everywhere[f"batch {unit.batch}"])
        own["top_level_plan"] = ("yes", "group", notice.everywhere["top_level_plan"])
    for variable in variables:
        if variable in ("level", "parent"):
            yield _cell(unit.id, variable, getattr(unit, variable), "implied", note="listed")
        elif variable in own:
            yield _cell(unit.id, variable, *own[variable])
        else:
            yield _cell(unit.id, variable, "", "silent", note="silent")
        if variable == "stage" and unit.other_stage is not None:
            other = str(unit.other_stage), "contradictory", notice.of[unit.id, "other_stage"]
            yield _cell(unit.id, "stage", *other)


def passes(rows: list[Cells], seed: int) -> dict[str, list[Cells]]:
    """Return a coding for each coder: in a few cells of a cause one of them differs."""
    random = np.random.default_rng([seed, len(rows), 2])
    given: dict[str, list[Cells]] = {name: [] for name in PASSES}
    for row in rows:
        differs = row["variable"] in CAUSES and bool(random.random() < DIFFERING)
        who = PASSES[int(random.integers(len(PASSES)))] if differs else ""
        for name, coding in given.items():
            coding.append(_otherwise(row) if name == who else row)
    return given


def _otherwise(row: Cells) -> Cells:
    more = {"note": TEXTS["notes"]["otherwise"]["note_en"], "confidence": "low"}
    if row["status"] != "silent":
        return {**row, **more, "value": "", "status": "silent", **NOWHERE.cells()}
    return {**row, **more, "value": "no", "status": "implied", "paragraph": "1", "span": "0:4"}


def rulings(rows: list[Cells]) -> Iterator[Cells]:
    """Return a ruling for each contradiction: the lower stage counts, the other stands beside."""
    differing = [row for row in rows if row["status"] == "contradictory"]
    lowest: dict[str, str] = {}
    for row in differing:
        lowest[row["pilot_id"]] = min(row["value"], lowest.get(row["pilot_id"], row["value"]))
    for row in differing:
        counts = row["value"] == lowest[row["pilot_id"]]
        by = "rule: the verdict counts" if counts else f"{KEPT_BESIDE} the settled value"
        yield {**row, "settled_by": by, "note": TEXTS["notes"]["verdict"]["note_en"]}


def additions(units: list[Unit], notice: Notice) -> Iterator[Cells]:
    """Return what was coded once: who is described under progress, which cause is given."""
    rows = []
    for unit in units:
        described = notice.of.get((unit.id, "described"), NOWHERE)
        value, status = ("yes", "stated") if unit.advancing else ("no", "implied")
        rows.append(_cell(unit.id, "named_advancing", value, status, described))
        if unit.slow and unit.mentioned:
            cause = unit.mentioned[0]
            given, place = TEXTS["cause_given"][cause], notice.of[unit.id, cause]
            rows.append(_cell(unit.id, "cause_given", given, "stated", place))
        else:
            rows.append(_cell(unit.id, "cause_given", "", "silent", note="silent"))
    for variable, (value, _, _) in TEXTS["about_all"].items():
        rows.append(_cell(PROGRAMME, variable, value, "stated", notice.everywhere[variable]))
    return ({**row, "settled_by": ADDED} for row in rows)


def projects(units: list[Unit], said: Mapping[str, Said], notice: Notice) -> Iterator[Cells]:
    """Return the projects that the notice names, in the order of its units."""
    for unit, domain in ((u, d) for u in units for d in said[u.id].projects):
        yield {
            "wave": WAVE,
            "pilot_id": unit.id,
            "project_zh": project(unit, domain, "zh"),
            "project_en": project(unit, domain, "en"),
            "domain": domain,
            "status": PROJECT_STATUS[unit.stage],
            "status_basis": "stated",
            **notice.of[unit.id, f"domain_{domain}"].cells(),
            "term": "",
            "confidence": "high",
            "settled_by": "unanimous",
        }


def alternatives(units: list[Unit], most: int) -> Iterator[Cells]:
    """Return at most `most` other values that a cell could defensibly have, spread over units."""
    step = max(1, len(units) * 2 // most)
    for number, unit in enumerate(units[::step][:most]):
        one = {"wave": WAVE, "pilot_id": unit.id, "reason": "Simulated: another reading."}
        if unit.other_stage is not None or number % 2:
            named = ("yes", "stated") if unit.slow else ("no", "implied")
            cells = ("named_slow", *named, "", "silent")
        else:
            other = str(unit.stage - 1 if unit.stage else 1)
            cells = ("stage", str(unit.stage), "stated", other, "implied")
        yield {**one, **dict(zip(BESIDE, cells, strict=True))}
