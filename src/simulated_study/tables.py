"""The rows of a simulated study's tables: what coders make of the notice, and facts from elsewhere.

Rows are dicts by column; what a row lacks is written empty.
"""

from collections.abc import Iterator

import numpy as np

from analysis.study import KEPT_BESIDE, PARENT_PREFIX, PROGRAMME
from analysis.study.codebook import Codebook
from analysis.study.declaration import Window
from simulated_study import TEXTS, WAVE
from simulated_study.notice import NOWHERE, Counts, Notice, Place, project
from simulated_study.true_effects import CAUSES, Unit

Cells = dict[str, str]
PASSES = ("a", "b", "c")
# what is told of a group, with one unit as its example
GROUPED = ("targets_too_high", "fiscal_shortfall")
# share of the cells of a factor where one coder differs from the others
DIFFERING = 0.01
# at most so many other codings
ALTERNATIVES = 24
# by stage of the unit: status of its projects
PROJECT_STATUS = ("planned", "planned", "started", "built", "trial", "operating")
BESIDE = ("variable", "settled_value", "settled_status", "alternative_value", "alternative_status")
FIGURES, OFFICE = "S01", "S02"
CONTEXT = ("variable", "year", "value", "unit", "level", "source_id", "status")
LEADERS = ("pilot_id", "role", "holder_id", "start", "end", "source_id", "status")


def _cell(
    unit: str, variable: str, value: str, status: str,
    place: Place = NOWHERE, note: str = "stated",
) -> Cells:  # fmt: skip
    about = {"wave": WAVE, "pilot_id": unit, "variable": variable, "value": value, "status": status}
    return {**about, **place, "note": TEXTS["notes"][note]["note_en"], "confidence": "high"}


def pilots(units: list[Unit]) -> Iterator[Cells]:
    """Yield `pilots.csv`: the units in order, with their names."""
    forms = [(form, language) for form in ("short", "long") for language in ("en", "zh")]
    for order, unit in enumerate(units, start=1):
        names = {f"{form}_{language}": unit.name(form, language) for form, language in forms}
        yield {"pilot_id": unit.id, "order": str(order), **names}


def coded(codebook: Codebook, units: list[Unit], counts: Counts, notice: Notice) -> Iterator[Cells]:
    """Yield the rows as every coder sees them: for each unit and each variable of the passes."""
    places, variables = notice.places, codebook.variables.items()
    for unit in units:
        named = places.get((unit.id, "listed" if unit.slow else "described"), NOWHERE)
        contradicted = unit.other_stage is not None
        stated = {variable: (value, "stated") for variable, value in counts[unit.id].items()}
        stated["stage"] = str(unit.stage), "contradictory" if contradicted else "stated"
        for cause in unit.told:
            grouped = unit.id == notice.example and cause in GROUPED
            stated[cause] = "yes", "group" if grouped else "stated"
        coding = {v: (*said, places[unit.id, v]) for v, said in stated.items()}
        coding["named_slow"] = ("yes", "stated", named) if unit.slow else ("no", "implied", named)
        if unit.advancing:
            coding["batch"] = (unit.batch, "stated", places[PROGRAMME, f"batch {unit.batch}"])
            coding["top_level_plan"] = ("yes", "group", places[PROGRAMME, "top_level_plan"])
        for variable in (name for name, declared in variables if declared.coded == "passes"):
            if variable in ("level", "parent"):
                yield _cell(unit.id, variable, getattr(unit, variable), "implied", note="listed")
            elif variable in coding:
                yield _cell(unit.id, variable, *coding[variable])
            else:
                yield _cell(unit.id, variable, "", "silent", note="silent")
            if variable == "stage" and contradicted:
                other = str(unit.other_stage), "contradictory", places[unit.id, "other_stage"]
                yield _cell(unit.id, "stage", *other)


def passes(rows: list[Cells], seed: int) -> dict[str, list[Cells]]:
    """Return a coding for each coder: in a few cells of a cause one of them differs."""
    random = np.random.default_rng([seed, len(rows), 2])
    codings = {coder: list(rows) for coder in PASSES}
    for number, row in enumerate(rows):
        if row["variable"] in CAUSES and random.random() < DIFFERING:
            if row["status"] != "silent":
                other = {"value": "", "status": "silent", **NOWHERE}
            else:
                other = {"value": "no", "status": "implied", "paragraph": "1", "span": "0:4"}
            other |= {"note": TEXTS["notes"]["otherwise"]["note_en"], "confidence": "low"}
            codings[PASSES[random.integers(len(PASSES))]][number] = {**row, **other}
    return codings


def rulings(rows: list[Cells]) -> Iterator[Cells]:
    """Yield a ruling for each contradiction: the lower stage counts, the other stands beside."""
    differing = [row for row in rows if row["status"] == "contradictory"]
    for row in differing:
        lowest = min(r["value"] for r in differing if r["pilot_id"] == row["pilot_id"])
        counts = row["value"] == lowest
        by = "rule: the verdict counts" if counts else f"{KEPT_BESIDE} the settled value"
        yield {**row, "settled_by": by, "note": TEXTS["notes"]["verdict"]["note_en"]}


def additions(units: list[Unit], notice: Notice) -> Iterator[Cells]:
    """Yield what was coded once: who is described under progress, which cause is given."""
    settled, places = {"settled_by": "rule: added after the passes"}, notice.places
    for unit in units:
        described = places.get((unit.id, "described"), NOWHERE)
        value, status = ("yes", "stated") if unit.advancing else ("no", "implied")
        yield _cell(unit.id, "named_advancing", value, status, described) | settled
        if unit.slow and unit.mentioned:
            cause = unit.mentioned[0]
            value, place = TEXTS["cause_given"][cause], places[unit.id, cause]
            yield _cell(unit.id, "cause_given", value, "stated", place) | settled
        else:
            yield _cell(unit.id, "cause_given", "", "silent", note="silent") | settled
    for variable, (value, _, _) in TEXTS["about_all"].items():
        yield _cell(PROGRAMME, variable, value, "stated", places[PROGRAMME, variable]) | settled


def projects(units: list[Unit], counts: Counts, notice: Notice) -> Iterator[Cells]:
    """Yield the projects that the notice names, in the order of its units."""
    for unit, variable in ((u, v) for u in units for v in counts[u.id]):
        _, named, domain = variable.partition("domain_")
        if named:
            yield {
                "wave": WAVE,
                "pilot_id": unit.id,
                "project_zh": project(unit, domain, "zh"),
                "project_en": project(unit, domain, "en"),
                "domain": domain,
                "status": PROJECT_STATUS[unit.stage],
                "status_basis": "stated",
                **notice.places[unit.id, variable],
                "term": "",
                "confidence": "high",
                "settled_by": "unanimous",
            }


def alternatives(units: list[Unit]) -> Iterator[Cells]:
    """Yield a few other values that a cell could defensibly have, spread over units."""
    step = max(1, len(units) * 2 // ALTERNATIVES)
    for number, unit in enumerate(units[::step][:ALTERNATIVES]):
        one = {"wave": WAVE, "pilot_id": unit.id, "reason": "Simulated: another reading."}
        if unit.other_stage is not None or number % 2:
            named = ("yes", "stated") if unit.slow else ("no", "implied")
            cells = ("named_slow", *named, "", "silent")
        else:
            other = str(unit.stage - 1 if unit.stage else 1)
            cells = ("stage", str(unit.stage), "stated", other, "implied")
        yield {**one, **dict(zip(BESIDE, cells, strict=True))}


def context(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Yield `context.csv`: of cities their own figures, of other units those of the city above."""
    random = np.random.default_rng([seed, len(units), 3])
    above: dict[str, tuple[float, float]] = {}
    cities = [unit.id for unit in units if unit.city]
    for unit in units:
        drawn = random.uniform(30, 400), random.uniform(5e4, 9e5)
        own = unit.city or random.random() < 0.1
        people, revenue = drawn if own else above.setdefault(unit.parent, drawn)
        level, source = "own" if own else "parent_prefecture", (FIGURES, "verified")
        rows = []
        for number, year in enumerate(("2017", "2018", "2019")):
            grown = revenue * 1.05**number
            rows += [
                ("gpb_revenue", year, f"{grown:.0f}", "10k CNY", level, *source),
                ("registered_population", year, f"{people:.1f}", "10k persons", level, *source),
                ("gdp", year, f"{grown / 700:.1f}", "100m CNY", level, *source),
            ]
        # the first of every ten cities
        if unit.id in cities[::10]:
            plan, share = random.uniform(5, 150), random.uniform(0.2, 0.95)
            rows += [
                ("plan_investment", "2018", f"{plan:.2f}", "100m CNY", "own", *source),
                ("private_share", "2018", f"{share:.2f}", "ratio", "own", *source),
            ]
        if not unit.advancing:
            recalled = (unit.batch, "recalled") if random.random() < 0.5 else ("", "missing")
            rows.append(("batch", "", recalled[0], "batch", "own", "", recalled[1]))
        yield from ({"pilot_id": unit.id, **dict(zip(CONTEXT, r, strict=True))} for r in rows)


def leaders(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Yield `leaders.csv`: terms dated for some units, as the truth is; for the rest not found."""
    random, holders = np.random.default_rng([seed, len(units), 4]), 0

    def term(place: str, holder: int, start: str, end: str) -> Cells:
        row = (place, "government_head", f"H{holder:03d}", start, end, OFFICE, "verified")
        return dict(zip(LEADERS, row, strict=True))

    for unit in units:
        if not unit.city or random.random() < 0.5:
            for role in ("party_secretary", "government_head"):
                yield {"pilot_id": unit.id, "role": role, "status": "missing"}
            continue
        holders += 2
        # a month that lies after every designation and before the inspection
        month, changed = f"2020-0{random.integers(1, 6)}", unit.carried["leadership_change"]
        yield term(unit.id, holders - 1, "2015-03", month if changed else "2021-03")
        if changed:
            yield term(unit.id, holders, month, "")
    for number, parent in enumerate(sorted({u.parent for u in units} - {"province"}), holders + 1):
        yield term(f"{PARENT_PREFIX}{parent}", number, "2016-01", "")


def rates(units: list[Unit], window: Window) -> Iterator[Cells]:
    """Yield `rates.csv`: how common a new head of government is there and in the country."""
    cities = [unit for unit in units if unit.level == "prefecture_city"]
    changed = sum(unit.carried["leadership_change"] for unit in cities)
    about = {"window_start": window.start, "window_end": window.end, **TEXTS["rate"]}
    yield {"population": "province", "count": str(changed), "of": str(len(cities)), **about}
    changed, of = 10 * changed + 3, 10 * len(cities) + 7
    yield {"population": "nation", "count": str(changed), "of": str(of), **about}
