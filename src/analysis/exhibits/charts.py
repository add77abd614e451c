"""What several figures of pilots share: their marks, scales in words, a legend below."""

import textwrap
from typing import Any

import pandas as pd
import seaborn as sns

from analysis.exhibits.canvas import ACCENT, INK, Translator
from analysis.study.study import Study

# pilots whose names a figure shows one by one
MOST_NAMED = 40
# and beside their marks; characters of a name in one line there
MOST_BESIDE, LINE = 15, 16


def pilot_marks(
    ax: Any, _: Translator, study: Study, frame: pd.DataFrame, x: str, y: str
) -> None:
    """Draw a mark for each pilot of a frame, which holds the main outcome and columns `x`, `y`.

    A filled diamond where the pilot has the outcome, else a hollow circle: never colour alone.
    """
    outcome = study.declared.main_outcome
    for value, marker, face, edge in ((1, "D", ACCENT, ACCENT), (0, "o", "white", INK)):
        sns.scatterplot(
            frame[frame[outcome] == value],
            x=x,
            y=y,
            marker=marker,
            s=70,
            facecolor=face,
            edgecolor=edge,
            label=_(study.label(outcome, value)),
            zorder=3,
            ax=ax,
        )


def level_ticks(axis: Any, _: Translator, study: Study, variable: str) -> None:
    """Put the words of a variable's numbered levels at their places on an axis."""
    levels = {float(level): words for level, words in study.variable(variable).levels.items()}
    axis.set_ticks(list(levels), [_(words) for words in levels.values()])
    across = axis is axis.axes.xaxis
    limit = axis.axes.set_xlim if across else axis.axes.set_ylim
    limit(min(levels) - 0.5, max(levels) + 0.5)


def pilot_lines(ax: Any, _: Translator, study: Study) -> None:
    """Give each pilot a line from the top, in the notice's order, with the legend below.

    Of many pilots no names are shown.
    """
    names = [_(study.pilot_name(pilot)) for pilot in study.pilots]
    of_few = len(names) <= MOST_NAMED
    ax.set_yticks(range(len(names)) if of_few else [], names if of_few else [])
    ax.set(ylim=(len(names) - 0.4, -0.6), xlabel="", ylabel="")
    legend_below(ax, columns=3)


def legend_below(ax: Any, columns: int, inches: float = 0.35) -> None:
    """Put the legend under the axis, so many inches below it."""
    height = ax.get_position().height * ax.figure.get_figheight()
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0, -inches / height),
        ncol=columns,
        frameon=False,
        fontsize=9,
    )


def names_beside(
    ax: Any, _: Translator, study: Study, frame: pd.DataFrame, x: str, y: str
) -> None:
    """Write pilots' names beside their marks, one under the other where marks coincide.

    Of so many pilots that names would cover one another none is written: the data has them.
    """
    for place, there in frame.groupby([x, y]) if len(frame) <= MOST_BESIDE else ():
        names = [_(study.pilot_name(pilot)) for pilot in there.index]
        lines = "\n".join(textwrap.fill(n, LINE, break_on_hyphens=False) for n in names)
        beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(lines, place, fontsize=8, linespacing=1.3, **beside)


def against_stage(ax: Any, _: Translator, study: Study, points: pd.DataFrame) -> None:
    """Draw pilots by a number (x) and the stage that they reached (y), with their names beside.

    `points`: by pilot; the number is its first column, the others are stage and main outcome.
    """
    number, stage = points.columns[0], study.declared.stage_outcome
    pilot_marks(ax, _, study, points, number, stage)
    names_beside(ax, _, study, points, number, stage)
    level_ticks(ax.yaxis, _, study, study.declared.outcomes[stage].variable)
    ax.margins(x=0.2)
    legend_below(ax, columns=2, inches=0.6)
