"""Facts from other sources on a simulated programme: figures, terms in office, base rates.

Each function gives the rows of one file of a study. As in real studies cities have figures of their
own, most other units only those of the city above, and terms in office are found for some.
"""

from collections.abc import Iterator

import numpy as np

from analysis.study import PARENT_PREFIX
from analysis.study.declaration import Window
from simulated_study import TEXTS
from simulated_study.true_effects import Unit

Cells = dict[str, str]
FIGURES, OFFICE = "S01", "S02"
CONTEXT = ("variable", "year", "value", "unit", "level", "source_id", "status")
LEADERS = ("pilot_id", "role", "holder_id", "start", "end", "source_id", "status")


def context(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Return `context.csv`: of cities their own figures, of other units those of the city above."""
    random = np.random.default_rng([seed, len(units), 3])
    above: dict[str, tuple[float, float]] = {}
    cities = [unit.id for unit in units if unit.city]
    for unit in units:
        drawn = float(random.uniform(30, 400)), float(random.uniform(5e4, 9e5))
        own = unit.city or bool(random.random() < 0.1)
        people, revenue = drawn if own else above.setdefault(unit.parent, drawn)
        level, found = "own" if own else "parent_prefecture", (FIGURES, "verified")
        rows = []
        for number, year in enumerate(("2017", "2018", "2019")):
            grown = revenue * 1.05**number
            rows += [
                ("gpb_revenue", year, f"{grown:.0f}", "10k CNY", level, *found),
                ("registered_population", year, f"{people:.1f}", "10k persons", level, *found),
                ("gdp", year, f"{grown / 700:.1f}", "100m CNY", level, *found),
            ]
        # the first of every ten cities
        if unit.id in cities[::10]:
            plan, share = float(random.uniform(5, 150)), float(random.uniform(0.2, 0.95))
            rows += [
                ("plan_investment", "2018", f"{plan:.2f}", "100m CNY", "own", *found),
                ("private_share", "2018", f"{share:.2f}", "ratio", "own", *found),
            ]
        if not unit.advancing:
            recalled = bool(random.random() < 0.5)
            value, status = (unit.batch, "recalled") if recalled else ("", "missing")
            rows.append(("batch", "", value, "batch", "own", "", status))
        for row in rows:
            yield {"pilot_id": unit.id, **dict(zip(CONTEXT, row, strict=True))}


def leaders(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Return `leaders.csv`: terms dated for some units, as the truth is; for the rest not found."""
    random = np.random.default_rng([seed, len(units), 4])
    holder = 0
    for unit in units:
        if not unit.city or bool(random.random() < 0.5):
            for role in ("party_secretary", "government_head"):
                yield _term(unit.id, role, "", "", "", "", "missing")
            continue
        holder += 2
        head = (unit.id, "government_head")
        first, second = f"H{holder - 1:03d}", f"H{holder:03d}"
        # a month that lies after every designation and before the inspection
        month = f"2020-0{int(random.integers(1, 6))}"
        if unit.carried["leadership_change"]:
            yield _term(*head, first, "2015-03", month)
            yield _term(*head, second, month, "")
        else:
            yield _term(*head, first, "2015-03", "2021-03")
    for parent in sorted({unit.parent for unit in units} - {"province"}):
        holder += 1
        yield _term(f"{PARENT_PREFIX}{parent}", "government_head", f"H{holder:03d}", "2016-01", "")


def _term(
    place: str, role: str, holder: str, start: str, end: str,
    source: str = OFFICE, status: str = "verified",
) -> Cells:  # fmt: skip
    return dict(zip(LEADERS, (place, role, holder, start, end, source, status), strict=True))


def rates(units: list[Unit], window: Window) -> Iterator[Cells]:
    """Return `rates.csv`: how common a new head of government is there and in the country."""
    cities = [unit for unit in units if unit.level == "prefecture_city"]
    changed = sum(unit.carried["leadership_change"] for unit in cities)
    for population, count, of in (
        ("province", changed, len(cities)),
        ("nation", 10 * changed + 3, 10 * len(cities) + 7),
    ):
        yield {
            "population": population,
            "event": "new_government_head",
            "window_start": window.start,
            "window_end": window.end,
            "count": str(count),
            "of": str(of),
            "source_id": OFFICE,
            "status": "verified",
            **TEXTS["rate_note"],
        }
