"""What coders make of a simulated notice: their passes, what is added, what could be otherwise."""

from collections.abc import Iterator

import numpy as np

from analysis.study.vocabulary import KEPT_BESIDE, PROGRAMME
from simulated_study.assumed import CAUSES
from simulated_study.drawing import Unit
from simulated_study.figures import PROJECT_STATUS, PROJECTS, Said
from simulated_study.notice import ABOUT_ALL, NOWHERE, Place, Places, told_causes

Cells = dict[str, str]
PASSES = ("a", "b", "c")
# by coded note: its Chinese
NOTES = {
    "Simulated: the notice says so.": "模拟：通报如此表述。",
    "Simulated: the notice is silent here.": "模拟：通报未提及。",
    "Simulated: known from the made-up list of units.": "模拟：据虚构的单位名录。",
    "Simulated: one coder reads it otherwise.": "模拟：一名编码者理解不同。",
    "Simulated: of two statements the verdict counts.": "模拟：两处表述以评价为准。",
}
STATED, SILENT, LISTED, OTHERWISE, VERDICT = NOTES
# what is told of a group, with one unit as its example
GROUPED = ("targets_too_high", "fiscal_shortfall")
# share of the cells of a factor where one coder differs from the others
DIFFERING = 0.01
ALTERNATIVE = (
    "variable",
    "settled_value",
    "settled_status",
    "alternative_value",
    "alternative_status",
)
ADDED = "rule: added after the passes"
CAUSE_GIVEN = {
    "targets_too_high": "targets_and_money",
    "leadership_change": "leadership",
    "superior_takeover": "takeover",
}


def _cell(
    wave: str,
    unit: str,
    variable: str,
    value: str,
    status: str,
    place: Place = NOWHERE,
    note: str = STATED,
) -> Cells:
    return {
        "wave": wave,
        "pilot_id": unit,
        "variable": variable,
        "value": value,
        "status": status,
        **place.cells(),
        "note": note,
        "confidence": "high",
    }


def coded(
    wave: str, variables: list[str], unit: Unit, said: Said, places: Places, ask_all: bool
) -> list[Cells]:
    """Return the rows of one unit as every coder sees them: a row for each of `variables`."""
    own = {v: (value, "stated", _place(places, unit, v)) for v, value in said.values.items()}
    named = places.of.get((unit.id, "listed" if unit.slow else "described"), NOWHERE)
    own["named_slow"] = ("yes", "stated", named) if unit.slow else ("no", "implied", named)
    own["stage"] = (str(unit.stage), "stated", places.of[unit.id, "stage"])
    for cause, there in told_causes(unit, ask_all).items():
        grouped = unit.id == places.example and cause in GROUPED
        status = "group" if grouped else "stated"
        own[cause] = ("yes" if there else "no", status, places.of[unit.id, cause])
    if unit.advancing:
        own["batch"] = (unit.batch, "stated", places.everywhere[f"batch {unit.batch}"])
        own["top_level_plan"] = ("yes", "group", places.everywhere["top_level_plan"])
    rows = []
    for variable in variables:
        if variable in ("level", "parent"):
            row = _cell(wave, unit.id, variable, getattr(unit, variable), "implied", note=LISTED)
        elif variable in own:
            row = _cell(wave, unit.id, variable, *own[variable])
        else:
            row = _cell(wave, unit.id, variable, "", "silent", note=SILENT)
        rows.append(row)
        if variable == "stage" and unit.other_stage is not None:
            row["status"], place = "contradictory", places.of[unit.id, "other_stage"]
            rows.append(
                _cell(wave, unit.id, "stage", str(unit.other_stage), "contradictory", place)
            )
    return rows


def _place(places: Places, unit: Unit, variable: str) -> Place:
    domain = variable.removeprefix("domain_")
    return places.of[unit.id, variable if domain == variable else f"project {domain}"]


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
    more = {"note": OTHERWISE, "confidence": "low"}
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
        yield {**row, "settled_by": by, "note": VERDICT}


def additions(wave: str, units: list[Unit], places: Places) -> Iterator[Cells]:
    """Return what was coded once: who is described under progress, which cause is given."""
    for unit in units:
        described = places.of.get((unit.id, "described"), NOWHERE)
        status = "stated" if unit.advancing else "implied"
        value = "yes" if unit.advancing else "no"
        yield _added(_cell(wave, unit.id, "named_advancing", value, status, described))
        cause = next(iter(unit.mentioned), None) if unit.slow else None
        if cause is None:
            yield _added(_cell(wave, unit.id, "cause_given", "", "silent", note=SILENT))
        else:
            place, given = places.of[unit.id, cause], CAUSE_GIVEN[cause]
            yield _added(_cell(wave, unit.id, "cause_given", given, "stated", place))
    for variable, (value, _, _) in ABOUT_ALL.items():
        place = places.everywhere[variable]
        yield _added(_cell(wave, PROGRAMME, variable, value, "stated", place))


def _added(row: Cells) -> Cells:
    return {**row, "settled_by": ADDED}


def projects(wave: str, unit: Unit, said: Said, places: Places) -> Iterator[Cells]:
    """Return the projects that the notice names for a unit."""
    for domain in said.projects:
        chinese, english = PROJECTS[domain]
        yield {
            "wave": wave,
            "pilot_id": unit.id,
            "project_zh": f"{unit.short[1]}{chinese}",
            "project_en": f"{unit.short[0]} {english}",
            "domain": domain,
            "status": PROJECT_STATUS[unit.stage],
            "status_basis": "stated",
            **places.of[unit.id, f"project {domain}"].cells(),
            "term": "",
            "confidence": "high",
            "settled_by": "unanimous",
            "note": "",
        }


def alternatives(wave: str, units: list[Unit], most: int) -> Iterator[Cells]:
    """Return at most `most` other values that a cell could defensibly have, spread over units."""
    step = max(1, len(units) * 2 // most)
    for number, unit in enumerate(units[::step][:most]):
        one = {"wave": wave, "pilot_id": unit.id, "reason": "Simulated: another reading."}
        if unit.other_stage is not None or number % 2:
            named = ("yes", "stated") if unit.slow else ("no", "implied")
            cells = ("named_slow", *named, "", "silent")
        else:
            other = str(unit.stage - 1 if unit.stage else 1)
            cells = ("stage", str(unit.stage), "stated", other, "implied")
        yield {**one, **dict(zip(ALTERNATIVE, cells, strict=True))}
