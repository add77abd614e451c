"""Figures that a factor draws on beside its coded variable; one result a pilot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from analysis.study.declaration import Ratio
from analysis.study.ratio import by_year
from analysis.study.reader import Study


@dataclass(frozen=True)
class Figure:
    """One pilot's figure, with numerator and denominator where it is a share of counts."""

    pilot: str
    value: float
    n: int | None = None
    of: int | None = None
    words: dict[str, Any] = field(default_factory=dict)


def _declared(study: Study, factor: str, name: str) -> Ratio | None:
    ratio = study.factor_declared(factor).ratio
    return ratio if ratio is not None and ratio.id == name else None


def ratios(
    study: Study,
    factor: str,
    name: str,
    parent: bool,
    amount: Callable[[str, str], Any],
    number: Callable[[float, int], str],
) -> list[Figure]:
    """Return the declared ratio `name` for every pilot that has both figures; none if undeclared.

    A figure of another kind is left out. `words`: the pilot's names, the numerator as an amount,
    the year in force, the ratio in the other years, and what must be said with it.
    """
    ratio = _declared(study, factor, name)
    if ratio is None:
        return []
    found = []
    for pilot in by_year(study, ratio, ratio.year, parent):
        values = {y: by_year(study, ratio, y, parent).get(pilot) for y in ratio.years}
        top, value = values[ratio.year] or (None, 0.0)
        places = 1 if ratio.unit == "years_of_revenue" else 0
        others = [(y, number(v[1], places)) for y, v in values.items() if v and y != ratio.year]
        words = {
            "name": study.names([pilot]),
            "top": amount(top["value"], top["unit"]) if top else "",
            "year": ratio.year,
            "years": {
                "en": ", ".join(f"{y}: {shown}" for y, shown in others),
                "zh": "，".join(f"{y}年为{shown}" for y, shown in others),
            },
            "said": ratio.said_with,
        }
        found.append(Figure(pilot, value, words=words))
    return found


def other_kinds(study: Study, factor: str, amount: Callable[[str, str], Any]) -> list[Figure]:
    """Return the figures of another kind that the factor declares."""
    ratio = study.factor_declared(factor).ratio
    found = []
    for other in ratio.other_kind if ratio else ():
        row = study.facts(ratio.numerator, pilots=[other.pilot])[other.pilot] if ratio else None
        if row is not None:
            words = {
                "name": study.names([other.pilot]),
                "top": amount(row["value"], row["unit"]),
                "kind": other.label,
            }
            found.append(Figure(other.pilot, float(row["value"]), words=words))
    return found


@dataclass(frozen=True)
class BatchConflict:
    """Pilots named in the event whose batch the programme-wide statement does not speak of."""

    paragraph: int
    slow: int
    outside: tuple[str, ...]
    recalled: tuple[str, ...]


def batch_conflict(study: Study) -> BatchConflict:
    """Return who of the event is outside the declared batches, by the text and by recollection."""
    elapsed, variable = study.declared.elapsed, study.declared.batch_variable
    slow = study.outcome().where(1)
    coded = study.levels(variable, slow)
    outside = tuple(p for p in slow if coded[p] is not None and coded[p] not in elapsed.batches)
    unsaid = [p for p in slow if coded[p] is None]
    recalled = tuple(
        p for p in unsaid if (study.recalled_level(variable, p) or "") not in elapsed.batches
    )
    row = study.programme(elapsed.variable)
    return BatchConflict(int(row["paragraph"]), len(slow), outside, recalled)


def same_parent(study: Study, factor: str) -> list[Figure]:
    """Return pilots under the same parent as those with the factor, with their share in trial.

    Only pilots for which the text counts both key projects and projects in trial.
    """
    if not study.factor_declared(factor).same_parent:
        return []
    taken = study.factor(factor, study.having(study.contrast(factor).variable)).where(1)
    parents = {study.value(p, "parent") for p in taken}
    beside = [
        p
        for p in study.having("key_projects", "projects_in_trial")
        if study.value(p, "parent") in parents and p not in taken
    ]
    study.levels("parent", [*taken, *beside])
    study.outcome(beside)
    totals = study.numbers("key_projects", beside)
    running = study.numbers("projects_in_trial", beside)
    return [
        Figure(p, n / of, int(n), int(of), {"name": study.names([p])})
        for p, n, of in zip(beside, running, totals, strict=True)
    ]
