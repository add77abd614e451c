"""Parts of figures that several notebooks draw the same way, each on an axis that it is given."""

import textwrap
from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.exhibits.canvas import ACCENT, INK, PALE, Translator
from analysis.study.study import Study

# pilots whose names a figure shows one by one
MOST_NAMED = 40
# and beside their marks; characters of a name in one line there
MOST_BESIDE, LINE = 15, 16


def outcome_marks(_: Translator, study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    """Return how `sns.scatterplot` marks the pilots of a frame that holds the main outcome.

    A filled diamond where a pilot has the outcome, else a hollow circle: never colour alone.
    """
    outcome = study.declared.main_outcome
    words = {value: _(study.label(outcome, value)) for value in (1, 0)}
    marked, order = frame[outcome].map(words), list(words.values())
    by = {"hue": marked, "style": marked, "hue_order": order, "style_order": order}
    look = {"palette": [ACCENT, "white"], "markers": ["D", "o"], "edgecolor": INK}
    return {**by, **look, "linewidth": 1, "s": 70, "zorder": 3}


def level_ticks(axis: Any, _: Translator, study: Study, variable: str) -> None:
    """Put the words of a variable's numbered levels at their places on an axis."""
    levels = {float(level): _(words) for level, words in study.variable(variable).levels.items()}
    axis.set_ticks(list(levels), list(levels.values()))
    limit = axis.axes.set_xlim if axis is axis.axes.xaxis else axis.axes.set_ylim
    limit(min(levels) - 0.5, max(levels) + 0.5)


def pilot_lines(ax: Any, _: Translator, study: Study) -> None:
    """Give each pilot a line from the top, in the notice's order, with the legend below.

    Of many pilots no names are shown.
    """
    named = study.pilots if len(study.pilots) <= MOST_NAMED else []
    ax.set_yticks(range(len(named)), [_(study.pilot_name(pilot)) for pilot in named])
    ax.set(ylim=(len(study.pilots) - 0.4, -0.6), xlabel="", ylabel="")
    legend_below(ax, columns=3)


def legend_below(ax: Any, columns: int, inches: float = 0.35) -> None:
    """Put the legend under the axis, so many inches below it."""
    height = ax.get_position().height * ax.figure.get_figheight()
    place = (0, -inches / height)
    ax.legend(loc="upper left", bbox_to_anchor=place, ncol=columns, frameon=False, fontsize=9)


def range_frame(found: Iterable[tuple[Any, Any]]) -> pd.DataFrame:
    """Return bounds with their words as a frame, a row each: words, lower, upper.

    What cannot be estimated has no row.
    """
    rows = [(words, *bounds.ends) for words, bounds in found if hasattr(bounds, "ends")]
    return pd.DataFrame(rows, columns=["words", "lower", "upper"])


def difference_axis(ax: Axes, words: Iterable[str], xlabel: str) -> None:
    """Give each line its words, the first on top; the broken line is no difference."""
    names = list(words)
    ax.axvline(0, color=PALE, linestyle="--")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel=xlabel, xlim=(-1.05, 1.05), ylim=(len(names) - 0.4, -0.6))


def level_line(ax: Axes, xlabel: str, ylabel: str) -> None:
    """Draw the level of no difference under lines of shares on the axis; their names below it."""
    ax.axhline(0, color=PALE, linestyle="--")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-1.08, 1.08))
    legend_below(ax, columns=1, inches=0.6)


def stage_words(ax: Any, _: Translator, study: Study, points: pd.DataFrame) -> None:
    """Write the words of a figure of pilots by a number (x) and the stage that they reached (y).

    `points`: by pilot; the number is its first column, the others are stage and main outcome. Of so
    many pilots that names would cover one another none is written: the data has them.
    """
    stage = study.declared.stage_outcome
    few = len(points) <= MOST_BESIDE
    for place, there in points.groupby([points.columns[0], stage]) if few else ():
        # one under the other where marks coincide
        names = [_(study.pilot_name(pilot)) for pilot in there.index]
        lines = "\n".join(textwrap.fill(n, LINE, break_on_hyphens=False) for n in names)
        beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(lines, place, fontsize=8, linespacing=1.3, **beside)
    level_ticks(ax.yaxis, _, study, study.declared.outcomes[stage].variable)
    ax.margins(x=0.2)
    legend_below(ax, columns=2, inches=0.7)
