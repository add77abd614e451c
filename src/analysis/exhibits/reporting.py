"""The map of reporting: which shares would give the notice, by how causes are mentioned."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from analysis.exhibits.figure import INK, Figure
from analysis.exhibits.study_words import both, source_line
from analysis.exhibits.wording import Language, percent, rounded
from analysis.study.reader import Study
from smalln import Mentions, NotEstimable, reporting_map

LEVEL = 0.05
VARIED = {"en": "the probabilities of a mention", "zh": "被提到的概率"}
MAP = np.linspace(0.0, 1.0, 101)
NEVER_EQUAL = NotEstimable("equal shares do not fit, however cases are mentioned")
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FILL = "#dfe3ea"
Ends = Mapping[float, tuple[float, float]]


def mentions(study: Study, factor: str) -> Mentions:
    """Return for how many named pilots, and others, the text mentions a factor."""
    named = study.outcome().where(1)
    told = study.factor(factor).where(1)
    mine = sum(p in named for p in told)
    return Mentions(mine, len(named), len(told) - mine, len(study.pilots) - len(named))


def most_mentioned(study: Study) -> str:
    """Return the named cause that the text mentions for most pilots."""
    causes = [name for name, f in study.declared.factors.items() if f.named_cause]
    return max(causes, key=lambda name: study.factor(name).count(1))


def equal_until(study: Study, factor: str) -> float | NotEstimable:
    """Return how likely a mention must be, where it is not named, to rule out equal shares.

    The highest such probability on the map at which equal shares still fit, with every case at a
    named pilot mentioned.
    """
    found = reporting_map(mentions(study, factor), [1.0], MAP)
    fitting = found[found["equal_p"] >= LEVEL]["if_none"]
    return float(fitting.max()) if len(fitting) else NEVER_EQUAL


def reporting_figure(study: Study, factor: str) -> Figure:
    """Draw over both probabilities of a mention where equal shares would give this notice."""
    given = mentions(study, factor)
    found = reporting_map(given, MAP, MAP)
    equal = found["equal_p"].to_numpy().reshape(len(MAP), len(MAP)).T
    at_ticks = reporting_map(given, TICKS, TICKS)
    first, second = (
        _ends(at_ticks, *side) for side in (("if_event", "events"), ("if_none", "others"))
    )
    label = study.factor_declared(factor).label

    def draw(axes: Axes, language: Language) -> None:
        axes.contourf(MAP, MAP, equal, levels=[LEVEL, 1.1], colors=[FILL])
        axes.contour(MAP, MAP, equal, levels=[LEVEL], colors=[INK], linewidths=1.6)
        for x, y, key in ((0.62, 0.2, "map.equal"), (0.3, 0.85, "map.unequal")):
            axes.text(x, y, both(key)[language], ha="center", va="center", fontsize=9, color=INK)
        axes.xaxis.set_major_locator(FixedLocator(TICKS))
        axes.yaxis.set_major_locator(FixedLocator(TICKS))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _tick(v, first, "\n")))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: _tick(v, second, " ")))
        axes.set_xlabel(both("map.x")[language])
        axes.set_ylabel(both("map.y")[language])

    return Figure(
        title={"en": f"A map of reporting: {label.en}", "zh": f"报道方式图：{label.zh}"},
        subtitle={
            "en": f"Mentioned for {given.mentioned_events} of {given.events} named, "
            f"{given.mentioned_others} of {given.others} others",
            "zh": f"被通报的{given.events}个中提到{given.mentioned_events}个，"
            f"其余{given.others}个中提到{given.mentioned_others}个",
        },
        description={
            "en": "Across: probability that a case at a named pilot is mentioned. Up: at a pilot "
            "not named. In the grey field equal shares of cases could give this notice; the line "
            "is where they cease to. Beside each probability: the shares that fit.",
            "zh": "横轴为被通报试点的情形被提到的概率，纵轴为未被通报试点的情形被提到的概率。"
            "灰色区域内，两类试点比例相同也可能得到这份通报；粗线为分界。刻度旁为相应的可能比例。",
        },
        source=source_line(study),
        draw=draw,
        names=[str(name) for name in found],
        rows=_rows(found),
        height=5.6,
    )


def _rows(found: pd.DataFrame) -> list[list[str]]:
    """Return the map at every fifth step: what a reader's table can hold."""
    steps = {round(v, 9) for v in MAP[::5]}
    kept = found["if_event"].round(9).isin(steps) & found["if_none"].round(9).isin(steps)
    cells: list[list[float]] = found[kept].to_numpy().tolist()
    return [["" if np.isnan(v) else rounded(v, 4) for v in row] for row in cells]


def _ends(found: pd.DataFrame, column: str, side: str) -> Ends:
    """Return the shares that fit at each probability of one axis."""
    once = found.drop_duplicates(column)
    columns = (column, f"{side}_lower", f"{side}_upper")
    return {p: (lower, upper) for p, lower, upper in zip(*(once[c] for c in columns), strict=True)}


def _tick(value: float, ends: Ends, joint: str) -> str:
    """Return a probability with the shares that fit at it; a dash where none does."""
    lower, upper = ends[value]
    fit = "–" if np.isnan(lower) else f"{percent(lower, 0)}–{percent(upper, 0)}"
    return f"{percent(value, 0)}{joint}({fit})"
