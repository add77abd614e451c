"""What several figures of pilots share: their marks, scales in words, a legend below."""

from typing import Any

import pandas as pd
import seaborn as sns

from analysis.exhibits.canvas import ACCENT, INK, Translator
from analysis.study.study import Study

# pilots whose names a figure shows one by one
MOST_NAMED = 40


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
    levels = study.variable(variable).levels
    axis.set_ticks([float(level) for level in levels], [_(words) for words in levels.values()])


def pilot_lines(ax: Any, _: Translator, study: Study) -> None:
    """Give each pilot a line from the top, in the notice's order; of many no names are shown."""
    names = [_(study.pilot_name(pilot)) for pilot in study.pilots]
    of_few = len(names) <= MOST_NAMED
    ax.set_yticks(range(len(names)) if of_few else [], names if of_few else [])
    ax.set_ylim(len(names) - 0.4, -0.6)


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


def against_stage(ax: Any, _: Translator, study: Study, points: pd.DataFrame) -> None:
    """Draw pilots by a number (x) and the stage that they reached (y), with their names beside.

    `points`: by pilot; the number is its first column, further ones are stage and main outcome.
    """
    stage = study.declared.stage_outcome
    pilot_marks(ax, _, study, points, points.columns[0], stage)
    names_beside(ax, _, study, points, points.columns[0], stage)
    level_ticks(ax.yaxis, _, study, study.declared.outcomes[stage].variable)
    ax.set_ylim(-0.6, ax.get_yticks()[-1] + 0.6)
    ax.margins(x=0.2)
    legend_below(ax, 2, 0.6)


def names_beside(
    ax: Any, _: Translator, study: Study, frame: pd.DataFrame, x: str, y: str
) -> None:
    """Write pilots' names beside their marks, one under the other where marks coincide.

    Of so many pilots that names would cover one another none is written: the data has them.
    """
    for place, there in frame.groupby([x, y]) if len(frame) <= MOST_NAMED else ():
        names = "\n".join(_(study.pilot_name(pilot)) for pilot in there.index)
        ax.annotate(
            names, place, xytext=(8, 0), textcoords="offset points", fontsize=8, va="center"
        )
