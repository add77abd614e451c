"""What the unknown values of a factor could do: under assumptions, if unreported, if asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import smalln
from analysis.exhibits.curves import Line, lines
from analysis.exhibits.figure import Figure
from analysis.exhibits.reasons import reason_words
from analysis.exhibits.study_words import both, source_line
from analysis.exhibits.wording import LANGUAGES, difference, listed, p_text, percent, rounded
from analysis.study.reader import Study
from smalln import (
    Bounds,
    NotEstimable,
    PRange,
    base_rate_curve,
    cell_values,
    chance_of_reports,
    risk_difference,
    tipping,
)

Words = Mapping[str, str]
# ends of a base rate that is tried beside "nothing is assumed"
BASE_RATE = (0.2, 0.7)
MARKS = (0.3, 0.5, 0.69)
ASSUMPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "full_reporting": {"full_reporting": True},
    "base_rate": {"base_rate": BASE_RATE},
}
TIPPING = {
    "k": {"en": "Unreported cases", "zh": "实际有而未提及的个数"},
    "difference_no": {
        "en": "Difference, silent named read as no",
        "zh": "差异，被通报而未提及者视为没有",
    },
    "p_no": {"en": "p", "zh": "p"},
    "difference_yes": {
        "en": "Difference, silent named read as yes",
        "zh": "差异，被通报而未提及者视为有",
    },
    "p_yes": {"en": "p, these read as yes", "zh": "p，上述视为有"},
}
SHARES = np.linspace(0.0, 1.0, 41)
DEALT = {"en": "the mark or the factor, dealt at random", "zh": "随机分配的标记或因素"}
VARIED = {"en": "every unknown value, each way", "zh": "每个不明之处的每种取值"}


def assumption_rows(study: Study, factor: str, group: str, **facts: str) -> list[list[Any]]:
    """Return a row an assumption: its words, the bounds under it, and with dated changes too.

    `facts`: window and roles of dated changes, for a factor that has any.
    """
    y, x = study.outcome(), study.factor(factor, group=group)
    dated = study.factor_declared(factor).spells is not None
    given = [x, *([study.factor(factor, group=group, **facts)] if dated else [])]  # type: ignore[arg-type]
    low, high = (percent(end, 0) for end in BASE_RATE)
    return [
        [
            {k: w.format(a=low, b=high) for k, w in both(f"assumption.{name}").items()},
            *(_range(risk_difference(y, each, **assumed)) for each in given),
            *([] if dated else [""]),
        ]
        for name, assumed in ASSUMPTIONS.items()
    ]


def _range(found: Bounds | NotEstimable) -> Any:
    if isinstance(found, NotEstimable):
        return reason_words(found)
    return f"{difference(found.lower)} … {difference(found.upper)}"


def p_range(study: Study, factor: str, group: str) -> dict[str, Any]:
    """Return what a claim on the range of the exact p is given."""
    found = smalln.p_range(study.outcome(), study.factor(factor, group=group))
    if not isinstance(found, PRange):
        return {"value": found}
    return {"value": None, "interval": (found.lower, found.upper)}


def tipping_rows(study: Study, factor: str, group: str) -> list[list[str]]:
    """Return a row a number of unreported cases among pilots not named.

    Columns: that number; difference and p, silent named pilots read as no; the same, read as yes.
    """
    low, high = _curves(study, factor, group)
    cells: dict[int, list[str]] = {}
    for place, curve in enumerate((low, high)):
        for k, value, p in zip(curve["k"], curve["difference"], curve["p_value"], strict=True):
            row = cells.setdefault(int(k), [str(k), "", "", "", ""])
            row[1 + 2 * place : 3 + 2 * place] = difference(value), p_text(p)
    return [cells[k] for k in sorted(cells)]


def _curves(study: Study, factor: str, group: str) -> tuple[Any, Any]:
    y, x = study.outcome(), study.factor(factor, group=group)
    low, high = (tipping(y, x, unknown_if_event=u) for u in (0, 1))
    return low, high


def tipping_figure(study: Study, factor: str, group: str) -> Figure:
    """Draw both tipping curves: the difference by the number of unreported cases."""
    label = study.factor_declared(factor).label
    drawn = [
        Line(both(f"tipping.{key}"), curve["k"].tolist(), curve["difference"].tolist(), *style)
        for key, style, curve in zip(
            ("none", "all"), (("-", "o"), ("--", "D")), _curves(study, factor, group), strict=True
        )
    ]
    return lines(
        drawn=drawn,
        x_axis={
            "en": "unreported cases among pilots not named",
            "zh": "未被通报试点中实际有而未提及的个数",
        },
        y_axis={"en": "difference in the share named", "zh": "被通报比例之差"},
        limits=(-1.08, 1.08),
        title={
            "en": f"Difference by unreported cases: {label.en}",
            "zh": f"差异随未报道情形个数的变化：{label.zh}",
        },
        subtitle={
            "en": "Both readings of named pilots on which the text says nothing",
            "zh": "被通报而未提及者的两种读法",
        },
        description={
            "en": "Two falling lines: silent named pilots read as without the factor (circles), "
            "and as with it (diamonds). The broken level line is no difference.",
            "zh": "两条下降的线：被通报而未提及的试点视为没有（圆）和视为有（菱形）。"
            "水平虚线表示没有差异。",
        },
        source=source_line(study),
        names=("reading", "k", "difference"),
    )


def base_rate_figure(study: Study, factor: str, group: str) -> Figure:
    """Draw what follows if each unknown value is yes with a probability: three lines."""
    curve = base_rate_curve(study.outcome(), study.factor(factor, group=group), SHARES)
    label = study.factor_declared(factor).label
    styles = {"mean_difference": ("-", ""), "positive": ("--", ""), "small_p": (":", "")}
    drawn = [
        Line(both(f"base_rate.{name}"), curve["q"].tolist(), curve[name].tolist(), *style)
        for name, style in styles.items()
    ]
    return lines(
        drawn=drawn,
        x_axis={"en": "probability that an unknown value is yes", "zh": "不明之处为“有”的概率"},
        y_axis={"en": "difference, or probability", "zh": "差异或概率"},
        limits=(-1.08, 1.08),
        title={
            "en": f"If unknown values were drawn: {label.en}",
            "zh": f"若不明之处随机取值：{label.zh}",
        },
        subtitle={
            "en": "Each unknown value yes with the same probability, independently",
            "zh": "每个不明之处以相同概率独立取“有”",
        },
        description={
            "en": "Three lines over the probability that an unknown value is yes: the mean "
            "difference, the probability of a difference above 0, and of p of .05 or less.",
            "zh": "横轴为不明之处取“有”的概率，三条线分别为平均差异、差异大于0的概率、"
            "p不超过.05的概率。",
        },
        source=source_line(study),
        names=("line", "q", "value"),
    )


def chances(study: Study, factor: str, group: str) -> dict[str, Any]:
    """Return what a claim on the number of mentions by chance alone is given.

    The shares tried: two round ones and, where any is known, the smallest base rate of the event.
    """
    y, x = study.outcome(), study.factor(factor, group=group)
    named = y.where(1)
    told, spells = sum(p in named for p in x.where(1)), study.factor_declared(factor).spells
    rates = study.rates(spells.event, "fixed").values() if spells else ()
    known = [int(r["count"]) / int(r["of"]) for r in rates]
    shares = [*MARKS[:2], *([min(known)] if known else [])]
    found = [chance_of_reports(told, len(named), share) for share in shares]
    words = {"shares": _listed(shares, 1), "chances": _listed(found, 1)}
    return {"value": found[-1], "n": told, "of": len(named), "words": words}


def placebo(study: Study) -> dict[str, Any]:
    """Return what a claim on a mark without meaning is given."""
    n, events = len(study.pilots), study.outcome().count(1)
    told, asked = (
        [smalln.placebo(n, events, q, reported=r) for q in MARKS] for r in (True, False)
    )
    words = {
        "marks": _listed(MARKS, 0),
        "told": _listed(told, 1),
        "asked": _listed(asked, 1),
    }
    return {"value": told[0], "words": words}


def _listed(shares: Sequence[float], places: int) -> Words:
    shown = [percent(share, places) for share in shares]
    return {language: listed(shown, language) for language in LANGUAGES}


def worth_rows(study: Study, factor: str, **reading: Any) -> list[list[Any]]:
    """Return a row a kind of pilot with an unknown value: how many, what one answer narrows."""
    main = study.main_outcome()
    found = cell_values(study.outcome(), study.factor(factor, **reading))
    return [
        [main.label if row[0] == 1 else main.other, str(int(row[1])), *map(_places, row[2:])]
        for row in found.to_numpy().tolist()
    ]


def _places(value: float) -> str:
    return "" if np.isnan(value) else rounded(value, 3)
