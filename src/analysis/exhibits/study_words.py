"""Words and rows about a study that several pages show the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.exhibits.reasons import reason_words
from analysis.exhibits.wording import (
    UNITS,
    Amount,
    Language,
    difference,
    fill,
    month,
    p_text,
    rounded,
    term,
)
from analysis.study import facts
from analysis.study.codebook import Text
from analysis.study.declaration import Spells
from analysis.study.reader import Study
from smalln import NotEstimable

if TYPE_CHECKING:
    from smalln import Alpha, Comparison, Settling, TippingPoint
    # the pages' words are filled without the methods

Words = Mapping[str, str]


def both(key: str) -> dict[str, str]:
    """Return one label of `terms.csv` in both languages."""
    return {"en": term(key, "en"), "zh": term(key, "zh")}


def source_line(study: Study) -> dict[str, str]:
    """Return the source line of a table or figure: what the text is, as of when, not official."""
    wave = study.declared.waves[study.wave].month
    return {
        "en": " ".join(_source_parts(study, "en", wave)),
        "zh": "".join(_source_parts(study, "zh", wave)),
    }


def _source_parts(study: Study, language: Language, wave: str) -> tuple[str, ...]:
    as_of = term("report.as_of", language).format(month=month(wave, language))
    source = term(
        "report." + ("simulated" if study.declared.simulated else "source_line"), language
    )
    return source, as_of, term("report.not_official", language)


def stage_words(study: Study) -> dict[float, Text]:
    """Return the levels of the declared stage: number -> words."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    return {float(k): words for k, words in study.codebook.variables[variable].levels.items()}


def level_words(study: Study, variable: str, value: str | None) -> Any:
    """Return a value as shown: a level's label, a number with its unit, or 'not reported'."""
    if value is None or value == "":
        return both("status.silent")
    declared = study.codebook.variables[variable]
    if declared.unit in UNITS:
        return Amount(value, declared.unit)
    if declared.kind == "month":
        return {"en": month(value, "en"), "zh": month(value, "zh")}
    return declared.levels.get(value, value)


def status_words(study: Study, row: Mapping[str, str]) -> Words:
    """Return how a coding is known: by the text, from another source, or said of nearly all."""
    if row["paragraph"] and int(row["paragraph"]) in study.declared.general_passages:
        return both("term.said_of_all")
    if row["source_id"] not in ("", study.declared.waves[study.wave].source_id):
        return both("status.other_source")
    return both(f"status.{row['status']}")


def outcome_words(study: Study, pilot: str) -> Words:
    """Return whether a pilot is named, in the declared words."""
    declared = study.declared.outcomes[study.declared.main_outcome]
    named = study.outcome([pilot]).count(1) == 1
    label = declared.label if named else declared.other
    return {"en": label.en, "zh": label.zh}


def post_hoc(study: Study, factor: str) -> Words:
    """Return the sentence that a pattern was looked for after the fact, if it was."""
    if not study.factor_declared(factor).post_hoc:
        return {"en": "", "zh": ""}
    return {
        "en": "Post hoc: " + term("term.post_hoc", "en") + ".",
        "zh": term("term.post_hoc", "zh") + "。",
    }


def two_statements(study: Study, item: tuple[tuple[str, str], Mapping[str, str]]) -> dict[str, Any]:
    """Return the words of a contradictory cell: pilot, variable, the value used, and the other."""
    (pilot, variable), other = item
    return {
        "name": study.names([pilot]),
        "label": study.codebook.variables[variable].label,
        "here": level_words(study, variable, study.value(pilot, variable)),
        "other": level_words(study, variable, other["value"]),
    }


def filled(sentences: Iterable[tuple[Text, str]]) -> Words:
    """Return sentences that each name `{value}`, filled and joined."""
    given = list(sentences)
    return {
        "en": " ".join(fill(text.en, {"value": value}, "en") for text, value in given),
        "zh": "".join(fill(text.zh, {"value": value}, "zh") for text, value in given),
    }


def said_by(study: Study, variable: str) -> tuple[list[str], list[str]]:
    """Return the pilots whose value stands in the text, and those known from elsewhere."""
    text = study.declared.waves[study.wave].source_id
    statuses = study.statuses([variable])
    known = [p for (p, _), status in statuses.items() if status not in ("silent", "general")]
    said = [p for p in known if study.settled[p, variable].row["source_id"] == text]
    return said, [p for p in known if p not in said]


def few(study: Study, pilots: Sequence[str], most: int = 5) -> Words:
    """Return `: A, B and C`, or nothing where a list would be too long for a sentence."""
    names = study.names(pilots)
    listed = 0 < len(pilots) <= most
    return {"en": f": {names['en']}" if listed else "", "zh": f"：{names['zh']}" if listed else ""}


def elsewhere(pilots: list[str]) -> Words:
    """Return the sentence for values that come from another source than the text, if any do."""
    if not pilots:
        return {"en": "", "zh": ""}
    n = len(pilots)
    return {
        "en": f"For {n} more it is known from another source.",
        "zh": f"另有{n}个据其他来源认定。",
    }


def texts(spells: Spells | None) -> dict[str, Any]:
    """Return the words of a factor's dated changes."""
    return {"change": spells.label, "wider": spells.said_with} if spells else {}


def range_words(found: Comparison | NotEstimable) -> Any:
    """Return a comparison as a range or a number, or the reason why there is none."""
    if isinstance(found, NotEstimable):
        return reason_words(found)
    if found.ends is None:
        return difference(found.difference or 0.0)
    return f"{difference(found.ends[0])} … {difference(found.ends[1])}"


def tipping_words(found: TippingPoint | NotEstimable) -> Words:
    """Return the second half of the tipping sentence: if all silent ones had it."""
    if isinstance(found, NotEstimable):
        why = reason_words(found)
        return {"en": f"if all had: {why['en']}", "zh": f"若都有：{why['zh']}"}
    p = p_text(found.p_value)
    return {
        "en": f"if all had one, it takes {found.k} (p = {p})",
        "zh": f"若都有，则需{found.k}个（p = {p}）",
    }


def settling_words(found: Settling | NotEstimable) -> Any:
    """Return how many answers of pilots not named suffice, with the bounds then left."""
    if isinstance(found, NotEstimable):
        return reason_words(found)
    left = f"{difference(found.lower)} … {difference(found.upper)}"
    return {
        "en": f"{found.answers}, leaving {left}",
        "zh": f"{found.answers}个，此时范围为{left}",
    }


def p_list(values: tuple[float, ...]) -> str:
    """Return p-values in a row."""
    return ", ".join(p_text(p) for p in values[:4])


def amount(number: str, unit: str) -> Amount:
    """Return a sum of the context table."""
    return Amount(number, unit)


def ratios(study: Study, factor: str, name: str, parent: bool) -> list[facts.Figure]:
    """Return the declared ratio of a factor with its words (see `study.facts.ratios`)."""
    found = facts.ratios(study, factor, name, parent, amount, rounded)
    ratio = study.factor_declared(factor).ratio
    if not found or ratio is None or ratio.said_with_fact is None:
        return found
    said = study.facts(ratio.said_with_fact, pilots=[f.pilot for f in found])
    for each in found:
        value = {"fact": float(said[each.pilot]["value"]) * 100 if each.pilot in said else 0.0}
        said_with = ratio.said_with
        each.words["said"] = {
            "en": fill(said_with.en, value, "en"),
            "zh": fill(said_with.zh, value, "zh"),
        }
    return found


def alpha_words(found: Alpha | NotEstimable) -> Any:
    """Return an alpha, or the reason why there is none."""
    if isinstance(found, NotEstimable):
        return reason_words(found)
    return rounded(found.value, 3)


def money(number: float) -> Amount:
    """Return a sum of the notice, which counts in 100 million CNY."""
    return Amount(f"{number:.12g}", "100m CNY")
