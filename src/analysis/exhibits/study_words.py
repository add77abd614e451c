"""Words and rows about a study that several pages show the same way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.wording import Amount, difference, fill, p_text, rounded, term
from analysis.methods.agreement import Alpha
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


def stages_drawn(study: Study) -> StagePlot:
    """Return every pilot's stage against its place in the order of the notice."""
    stages = study.numbers(study.declared.outcomes[study.declared.stage_outcome].variable)
    slow = study.outcome()
    points = [
        (study.names([p]), float(i + 1), stage, named == 1)
        for i, (p, stage, named) in enumerate(zip(study.pilots, stages, slow, strict=True))
    ]
    return StagePlot(
        points,
        {"en": "order in the notice (no ranking)", "zh": "通报中的顺序（不代表名次）"},
        {"en": "Stage reached by each pilot", "zh": "各试点的进展阶段"},
        {"en": f"{len(points)} pilots", "zh": f"{len(points)}个试点"},
        {
            "en": "One mark a pilot by stage; diamonds are named as slow.",
            "zh": "每个试点一个标记，纵轴为阶段；菱形为被通报进展缓慢的试点。",
        },
    )


def stage_rows(study: Study) -> list[list[Any]]:
    """Return a row a pilot: name, settled stage, the other statement if two differ, outcome."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    stages, others = study.levels(variable), study.contradictions(variable)
    rows = []
    for pilot in study.pilots:
        other = others.get((pilot, variable))
        beside = level_words(study, variable, other["value"]) if other else ""
        settled = level_words(study, variable, stages[pilot])
        rows.append([study.names([pilot]), settled, beside, outcome_words(study, pilot)])
    return rows


def coded_rows(study: Study, pilot: str | None = None) -> list[list[Any]]:
    """Return a row for each coding of a pilot (or of all) that is not silent."""
    rows = []
    for row in study.tables["codings.csv"].rows:
        mine = row["pilot_id"] in (study.pilots if pilot is None else (pilot,))
        if not mine or row["status"] == "silent" or row["wave"] != study.wave:
            continue
        variable = row["variable"]
        rows.append(
            [
                study.names([row["pilot_id"]]),
                study.codebook.variables[variable].label,
                level_words(study, variable, row["value"]),
                both(f"status.{row['status']}"),
                row["paragraph"],
                row["term"],
                {"en": row["note_en"], "zh": row["note_zh"]},
            ]
        )
    return rows


def project_rows(study: Study, pilot: str) -> list[list[Any]]:
    """Return a row for each project that the text names for a pilot."""
    return [
        [{"en": r["project_en"], "zh": r["project_zh"]}, r["status"], r["paragraph"]]
        for r in study.tables["projects.csv"].rows
        if r["pilot_id"] == pilot
    ]


def alpha_words(found: Alpha | NotEstimable) -> Any:
    """Return an alpha, or the reason why there is none."""
    if isinstance(found, NotEstimable):
        return {"en": found.reason, "zh": found.reason_zh}
    return rounded(found.value, 3)


def money(number: float) -> Amount:
    """Return a sum of the notice, which counts in 100 million CNY."""
    return Amount(f"{number:.12g}", "100m CNY")
