"""Words and rows about a study that several pages show the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.wording import Amount, difference, fill, p_text, rounded, term
from analysis.methods.bounds import Settling
from analysis.methods.compare import Comparison, TippingPoint
from analysis.methods.result import NotEstimable
from analysis.study import facts
from analysis.study.declaration import Spells, Text
from analysis.study.reader import Study

Words = Mapping[str, str]


def both(key: str) -> dict[str, str]:
    """Return one label of `terms.csv` in both languages."""
    return {"en": term(key, "en"), "zh": term(key, "zh")}


def source_line(study: Study) -> dict[str, str]:
    """Return the source line of a table or figure: month, what the text is, not official."""
    month = study.declared.waves[study.wave].month
    line = {}
    for language in ("en", "zh"):
        as_of = fill("{m:month}", {"m": month}, language)  # type: ignore[arg-type]
        parts = (term("report.source_line", language), as_of, term("report.not_official", language))
        line[language] = " ".join(parts) if language == "en" else "".join(parts)
    return line


def stage_words(study: Study) -> dict[float, Text]:
    """Return the levels of the declared stage: number -> words."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    return {float(k): words for k, words in study.codebook.variables[variable].levels.items()}


def level_words(study: Study, variable: str, value: str | None) -> Any:
    """Return a value as shown: a level's label, a number, or 'not reported'."""
    if value is None or value == "":
        return both("status.silent")
    return study.codebook.variables[variable].levels.get(value, value)


def outcome_words(study: Study, pilot: str) -> Words:
    """Return whether a pilot is named, in the declared words."""
    declared = study.declared.outcomes[study.declared.main_outcome]
    named = study.outcome([pilot]).count(1) == 1
    label = declared.label if named or declared.other is None else declared.other
    return {"en": label.en, "zh": label.zh}


def factor_rows(study: Study, factor: str) -> list[list[Any]]:
    """Return a row a pilot: name, value, status, paragraph, outcome."""
    variable = study.contrast(factor).variable
    statuses = study.statuses([variable])
    rows = []
    for pilot in study.pilots:
        row, status = study.settled[pilot, variable].row, statuses[pilot, variable]
        said = both("term.said_of_all") if status == "general" else both(f"status.{status}")
        value = level_words(study, variable, row["value"])
        shown = outcome_words(study, pilot)
        rows.append([study.names([pilot]), value, said, row["paragraph"], shown])
    return rows


def post_hoc(study: Study, factor: str) -> Words:
    """Return the sentence that a pattern was looked for after the fact, if it was."""
    if not study.factor_declared(factor).post_hoc:
        return {"en": "", "zh": ""}
    return {"en": "Post hoc: " + term("term.post_hoc", "en") + ".", "zh": term("term.post_hoc", "zh") + "。"}


def texts(spells: Spells | None) -> dict[str, Any]:
    """Return the words of a factor's dated changes."""
    return {"change": spells.label, "wider": spells.said_with} if spells else {}


def range_words(found: Comparison | NotEstimable) -> Any:
    """Return a comparison as a range or a number, or the reason why there is none."""
    if isinstance(found, NotEstimable):
        return {"en": found.reason, "zh": found.reason_zh}
    if found.ends is None:
        return difference(found.difference or 0.0)
    return f"{difference(found.ends[0])} … {difference(found.ends[1])}"


def tipping_words(found: TippingPoint | NotEstimable) -> Words:
    """Return the second half of the tipping sentence: if all silent ones had it."""
    if isinstance(found, NotEstimable):
        return {"en": f"if all had: {found.reason}", "zh": f"若都有：{found.reason_zh}"}
    p = p_text(found.p_value)
    return {"en": f"if all had one, it takes {found.k} (p = {p})", "zh": f"若都有，则需{found.k}个（p = {p}）"}


def settling_words(found: Settling | NotEstimable) -> Any:
    """Return how many answers of pilots not named suffice, with the bounds then left."""
    if isinstance(found, NotEstimable):
        return {"en": found.reason, "zh": found.reason_zh}
    left = f"{difference(found.lower)} … {difference(found.upper)}"
    return {
        "en": f"{found.answers} of {found.unknown - 0}, leaving {left}",
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
    return facts.ratios(study, factor, name, parent, amount, rounded)


@dataclass(frozen=True)
class StagePlot:
    """Points and words of the plot of a factor's figure against the stage."""

    points: list[tuple[Words, float, float, bool]]
    axis: Words
    title: Words
    subtitle: Words
    description: Words


def stage_plot(study: Study, factor: str, parent: bool, recalled: bool) -> StagePlot | None:
    """Return a factor's figure against the stage, None where the factor has no figure."""
    declared = study.factor_declared(factor)
    if declared.ratio is not None:
        found = ratios(study, factor, declared.ratio.id, parent)
        numbers, axis = {f.pilot: f.value for f in found}, declared.ratio.label
    elif declared.dated:
        cells = study.months_exposed(recalled=recalled)
        numbers = {p: v for p, v in zip(cells.pilots, cells, strict=True) if v == v}
        axis = Text(en="months since designation", zh="列入试点的月数")
    else:
        return None
    pilots = list(numbers)
    stages = study.numbers(study.declared.stage_outcome, pilots)
    slow = study.outcome(pilots)
    points = [
        (study.names([p]), numbers[p], stage, named == 1)
        for p, stage, named in zip(pilots, stages, slow, strict=True)
    ]
    label = declared.label
    shown = f"{len(points)} of {len(study.pilots)}"
    return StagePlot(
        points,
        {"en": axis.en, "zh": axis.zh},
        {"en": f"Stage reached and {label.en}", "zh": f"进展阶段与{label.zh}"},
        {"en": f"{shown} pilots have a figure", "zh": f"{len(study.pilots)}个试点中{len(points)}个有数字"},
        {
            "en": f"Stage against {axis.en}; diamonds are named as slow. {shown} pilots have a figure.",
            "zh": f"纵轴为进展阶段，横轴为{axis.zh}；菱形为被通报进展缓慢的试点。",
        },
    )
