"""Facts from other sources on a simulated programme: figures, terms in office, base rates."""

from collections.abc import Iterator

import numpy as np

from analysis.study.vocabulary import PARENT_PREFIX
from simulated_study.drawing import Unit

Cells = dict[str, str]
FIGURES, OFFICE = "S01", "S02"
YEARS = ("2017", "2018", "2019")
ROLES = ("party_secretary", "government_head")
PARENT = "parent_prefecture"


def context(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Return figures: of cities their own, of other units those of the city above."""
    random = np.random.default_rng([seed, len(units), 3])
    above: dict[str, tuple[float, float]] = {}
    cities = [unit.id for unit in units if unit.city]
    for unit in units:
        drawn = float(random.uniform(30, 400)), float(random.uniform(5e4, 9e5))
        own = unit.city or bool(random.random() < 0.1)
        people, revenue = drawn if own else above.setdefault(unit.parent, drawn)
        level = "own" if own else PARENT
        for number, year in enumerate(YEARS):
            grown = revenue * 1.05**number
            yield _figure(unit, "gpb_revenue", year, f"{grown:.0f}", "10k CNY", level)
            yield _figure(
                unit, "registered_population", year, f"{people:.1f}", "10k persons", level
            )
            yield _figure(unit, "gdp", year, f"{grown / 700:.1f}", "100m CNY", level)
        # the first of every ten cities
        if unit.id in cities[::10]:
            plan, share = float(random.uniform(5, 150)), float(random.uniform(0.2, 0.95))
            yield _figure(unit, "plan_investment", "2018", f"{plan:.2f}", "100m CNY", "own")
            yield _figure(unit, "private_share", "2018", f"{share:.2f}", "ratio", "own")
        if not unit.advancing:
            recalled = bool(random.random() < 0.5)
            value, status = (unit.batch, "recalled") if recalled else ("", "missing")
            yield _figure(unit, "batch", "", value, "batch", "own", "", status)


def _figure(
    unit: Unit,
    variable: str,
    year: str,
    value: str,
    measure: str,
    level: str,
    source: str = FIGURES,
    status: str = "verified",
) -> Cells:
    return {
        "pilot_id": unit.id,
        "variable": variable,
        "year": year,
        "value": value,
        "unit": measure,
        "level": level,
        "source_id": source,
        "status": status,
    }


def leaders(units: list[Unit], seed: int) -> Iterator[Cells]:
    """Return terms in office: dated for some units, as the truth is; for the rest not found."""
    random = np.random.default_rng([seed, len(units), 4])
    holder = 0
    for unit in units:
        if not unit.city or bool(random.random() < 0.5):
            for role in ROLES:
                yield _spell(unit.id, role, "", "", "", status="missing")
            continue
        holder += 2
        first, second = f"H{holder - 1:03d}", f"H{holder:03d}"
        # a month that lies after every designation and before the inspection
        month = f"2020-0{int(random.integers(1, 6))}"
        if unit.carried["leadership_change"]:
            yield _spell(unit.id, "government_head", first, "2015-03", month)
            yield _spell(unit.id, "government_head", second, month, "")
        else:
            yield _spell(unit.id, "government_head", first, "2015-03", "2021-03")
    for parent in sorted({unit.parent for unit in units} - {"province"}):
        holder += 1
        yield _spell(f"{PARENT_PREFIX}{parent}", "government_head", f"H{holder:03d}", "2016-01", "")


def _spell(
    place: str, role: str, holder: str, start: str, end: str, status: str = "verified"
) -> Cells:
    return {
        "pilot_id": place,
        "role": role,
        "holder_id": holder,
        "start": start,
        "end": end,
        "seen_first": "",
        "seen_last": "",
        "source_id": "" if status == "missing" else OFFICE,
        "status": status,
        "note": "",
    }


def rates(units: list[Unit], window: tuple[str, str]) -> Iterator[Cells]:
    """Return how common a new head of government is in the province and in the country."""
    cities = [unit for unit in units if unit.level == "prefecture_city"]
    changed = sum(unit.carried["leadership_change"] for unit in cities)
    for population, count, of in (
        ("province", changed, len(cities)),
        ("nation", 10 * changed + 3, 10 * len(cities) + 7),
    ):
        yield {
            "population": population,
            "event": "new_government_head",
            "window_start": window[0],
            "window_end": window[1],
            "count": str(count),
            "of": str(of),
            "source_id": OFFICE,
            "status": "verified",
            "note_en": "Simulated.",
            "note_zh": "模拟。",
        }


def sources(text_sha256: str) -> Iterator[Cells]:
    """Return the sources: all made up, the notice first."""
    for source, title, digest in (
        ("S00", "Simulated notice", text_sha256),
        (FIGURES, "Simulated figures", "not recorded"),
        (OFFICE, "Simulated terms in office", "not recorded"),
        ("S04", "Simulated designations", "not recorded"),
        ("S05", "Simulated list of units", "not recorded"),
    ):
        yield {
            "source_id": source,
            "title": title,
            "issuer": "this package, by a seeded draw",
            "date": "not recorded",
            "address": "none",
            "what": "made up; describes no real place",
            "how": "drawn",
            "retrieved": "not recorded",
            "terms": "free to use",
            "citation": "not recorded",
            "sha256": digest,
        }
