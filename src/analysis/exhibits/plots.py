"""What is drawn of a study: a factor's figure, the stages, the ranges under each reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.exhibits.figure import Figure, Words
from analysis.exhibits.figures import MOST_NAMED, dots, heaps, ladder, ranges
from analysis.exhibits.study_words import both, ratios, source_line, stage_words
from analysis.study.codebook import Text
from analysis.study.reader import Study
from smalln import Comparison, NotEstimable, compare


def _numbers(
    study: Study, factor: str, parent: bool, recalled: bool
) -> tuple[dict[str, float], Text] | None:
    """Return a factor's figure for each pilot that has one, and its words."""
    declared = study.factor_declared(factor)
    if declared.ratio is not None:
        found = ratios(study, factor, declared.ratio.id, parent)
        return {f.pilot: f.value for f in found}, declared.ratio.label
    if declared.dated:
        cells = study.months_exposed(recalled=recalled)
        known = {p: v for p, v in zip(cells.pilots, cells, strict=True) if v == v}
        return known, Text(en="months since designation", zh="列入试点的月数")
    return None


def number_by_stage(study: Study, factor: str, parent: bool, recalled: bool) -> Figure | None:
    """Draw a factor's figure against the stage; None where the factor has no figure."""
    drawn = _numbers(study, factor, parent, recalled)
    if drawn is None:
        return None
    (numbers, axis), label = drawn, study.factor_declared(factor).label
    pilots = list(numbers)
    stages = study.numbers(study.declared.outcomes[study.declared.stage_outcome].variable, pilots)
    slow, declared = study.outcome(pilots), study.main_outcome()
    points = [
        (study.names([p]), numbers[p], stage, named == 1)
        for p, stage, named in zip(pilots, stages, slow, strict=True)
    ]
    n, of = len(points), len(study.pilots)
    return dots(
        points=points,
        levels=stage_words(study),
        axis={"en": axis.en, "zh": axis.zh},
        marked=declared.label,
        unmarked=declared.other,
        title={"en": f"Stage reached and {label.en}", "zh": f"进展阶段与{label.zh}"},
        subtitle={"en": f"{n} of {of} pilots have a figure", "zh": f"{of}个试点中{n}个有数字"},
        description={
            "en": f"Stage against {axis.en}; diamonds are named as slow. {n} of {of} are drawn.",
            "zh": f"纵轴为进展阶段，横轴为{axis.zh}；菱形为被通报的试点。{of}个中画出{n}个。",
        },
        source=source_line(study),
    )


def stages(study: Study) -> Figure:
    """Draw every pilot's stage, in the order of the notice, with the other statement beside it.

    Of many pilots, how many reached each stage.
    """
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    settled, slow = study.numbers(variable), study.outcome()
    others = {
        pilot: float(row["value"]) for (pilot, _), row in study.contradictions(variable).items()
    }
    declared = study.main_outcome()
    rows = [
        (study.names([p]), stage, others.get(p), named == 1)
        for p, stage, named in zip(study.pilots, settled, slow, strict=True)
    ]
    if len(rows) > MOST_NAMED:
        return heaps(
            rows=rows,
            levels=stage_words(study),
            marked=declared.label,
            unmarked=declared.other,
            axis={"en": "pilots", "zh": "试点数"},
            title={"en": "Stage reached, number of pilots", "zh": "各进展阶段的试点数"},
            subtitle={"en": "The data name each pilot", "zh": "数据文件列出每个试点"},
            description={
                "en": "Two bars a stage with the number of pilots; hatched ones are named as slow.",
                "zh": "每个阶段两根柱，标有试点数；斜线柱为被通报进展缓慢的试点。",
            },
            source=source_line(study),
        )
    return ladder(
        rows=rows,
        levels=stage_words(study),
        marked=declared.label,
        unmarked=declared.other,
        other=both("status.contradictory"),
        title={"en": "Stage reached by each pilot", "zh": "各试点的进展阶段"},
        subtitle={"en": "In the order of the notice, no ranking", "zh": "按通报顺序，不代表名次"},
        description={
            "en": "One line a pilot, its mark at the stage reached; diamonds are named as slow.",
            "zh": "每个试点一行，标记位于所达到的阶段；菱形为被通报进展缓慢的试点。",
        },
        source=source_line(study),
    )


@dataclass(frozen=True)
class Reading:
    """One way to read the evidence, with what it gives."""

    words: Words
    found: Comparison | NotEstimable


def readings(study: Study, factor: str, group: str, roles: str) -> list[Reading]:
    """Return the comparison under each reading that makes a difference for a factor."""
    y, declared = study.outcome(), study.factor_declared(factor)
    made = [
        Reading(
            {"en": "the notice alone", "zh": "仅凭通报"},
            compare(y, study.factor(factor, group=group)),
        )
    ]
    for name, window in study.declared.windows.items() if declared.spells else ():
        x = study.factor(factor, group=group, window=name, roles=roles)
        label = window.label
        words = {"en": f"with dated changes,\n{label.en}", "zh": f"加入有日期的变更，\n{label.zh}"}
        made.append(Reading(words, compare(y, x)))
    if study.fully_coded(factor):
        x = study.factor(factor, group=group)
        words = {"en": "if the list is not complete", "zh": "若名单未列全"}
        made.append(Reading(words, compare(study.outcome(open_list=True), x)))
    else:
        x = study.factor(factor, silence="absent", group=group)
        words = {"en": "only if silence\nmeant “no”", "zh": "仅在假定未提及\n即没有时"}
        made.append(Reading(words, compare(y, x)))
    return made


def reading_ranges(study: Study, factor: str, group: str, roles: str) -> Figure:
    """Draw the range of the difference under each reading; a reading without answer is left out."""
    bars = []
    for reading in readings(study, factor, group, roles):
        found = reading.found
        if isinstance(found, Comparison):
            value = found.difference or 0.0
            lower, upper = found.ends or (value, value)
            bars.append((reading.words, lower, upper))
    contrast: Mapping[str, Text] = study.words(factor)
    yes, no, label = contrast["yes"], contrast["no"], contrast["label"]
    return ranges(
        bars=bars,
        axis={"en": "difference in the share named as slow", "zh": "被通报比例之差"},
        title={
            "en": f"What each reading allows: {label.en}",
            "zh": f"各种读法下的可能范围：{label.zh}",
        },
        subtitle={"en": f"“{yes.en}” minus “{no.en}”", "zh": f"“{yes.zh}”减“{no.zh}”"},
        description={
            "en": "A bar a reading, from the lowest to the highest difference possible; "
            "a single mark is a single value. The broken line is no difference.",
            "zh": "每种读法一条横线，从差异的最小值到最大值；只有一个标记即为单一数值。"
            "虚线表示没有差异。",
        },
        source=source_line(study),
    )
