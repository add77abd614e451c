"""Parts of figures that several notebooks draw the same way, each on an axis that it is given."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.exhibits.canvas import ACCENT, INK, PALE, Translator
from analysis.study.study import Study

# pilots whose names a figure shows one by one
MOST_NAMED = 40
# and beside their marks; characters of a name in one line there
MOST_BESIDE, LINE = 15, 16


def pilot_marks(ax: Any, _: Translator, study: Study, frame: pd.DataFrame, x: str, y: str) -> None:
    """Draw a mark for each pilot of a frame, which holds the main outcome and columns `x`, `y`.

    A filled diamond where the pilot has the outcome, else a hollow circle: never colour alone.
    """
    outcome = study.declared.main_outcome
    looks: dict[int, dict[str, str]] = {
        1: {"marker": "D", "facecolor": ACCENT, "edgecolor": ACCENT},
        0: {"marker": "o", "facecolor": "white", "edgecolor": INK},
    }
    for value, look in looks.items():
        there, label = frame[frame[outcome] == value], _(study.label(outcome, value))
        sns.scatterplot(there, x=x, y=y, s=70, label=label, zorder=3, ax=ax, **look)


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


def ranges(ax: Axes, names: Sequence[str], lower: Iterable[float], upper: Iterable[float]) -> None:
    """Draw intervals of a difference of shares under one another, the first on top.

    Equal ends are one point. The broken line is no difference.
    """
    for place, (low, high) in enumerate(zip(lower, upper, strict=True)):
        mark, size = ("D", 8) if low == high else ("|", 14)
        ax.hlines(place, low, high, color=INK, linewidth=4)
        ax.plot([low, high], [place, place], mark, color=INK, markersize=size)
    ax.axvline(0, color=PALE, linestyle="--")
    ax.set_yticks(range(len(names)), list(names))
    ax.set(xlim=(-1.05, 1.05), ylim=(len(names) - 0.4, -0.6))


def level_line(ax: Axes, xlabel: str, ylabel: str) -> None:
    """Draw the level of no difference under lines of shares on the axis; their names below it."""
    ax.axhline(0, color=PALE, linestyle="--")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-1.08, 1.08))
    legend_below(ax, columns=1, inches=0.6)


def against_stage(ax: Any, _: Translator, study: Study, points: pd.DataFrame) -> None:
    """Draw pilots by a number (x) and the stage that they reached (y), with their names beside.

    `points`: by pilot; the number is its first column, the others are stage and main outcome. Of so
    many pilots that names would cover one another none is written: the data has them.
    """
    number, stage = points.columns[0], study.declared.stage_outcome
    pilot_marks(ax, _, study, points, number, stage)
    few = len(points) <= MOST_BESIDE
    for place, there in points.groupby([number, stage]) if few else ():
        # one under the other where marks coincide
        names = [_(study.pilot_name(pilot)) for pilot in there.index]
        lines = "\n".join(textwrap.fill(n, LINE, break_on_hyphens=False) for n in names)
        beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(lines, place, fontsize=8, linespacing=1.3, **beside)
    level_ticks(ax.yaxis, _, study, study.declared.outcomes[stage].variable)
    ax.margins(x=0.2)
    legend_below(ax, columns=2, inches=0.6)


def choice_lines(
    ax: Axes, choices: pd.DataFrame, taken: pd.DataFrame, say: Callable[[Any], str]
) -> None:
    """Draw which analyses take each choice: a line a choice, a stroke over each run of analyses.

    `choices`: a row a line, by (axis, choice), with its `label`; `taken`: a row for each choice of
    an analysis: `analysis` (its place from the left), `axis`, `choice`. `say` gives words in the
    language drawn.
    """
    lines = choices.reset_index().assign(line=range(len(choices)))
    points = taken.merge(lines, on=["axis", "choice"]).sort_values(["line", "analysis"])
    run = (points["analysis"].diff() != 1).cumsum().rename("run")
    runs = points.groupby(["line", run])["analysis"].agg(["min", "max"]).reset_index()
    # one line with gaps: a path for each stroke makes the picture ten times as large
    x = np.column_stack([runs["min"] - 0.5, runs["max"] + 0.5, np.full(len(runs), np.nan)])
    ax.plot(x.ravel(), runs["line"].repeat(3), color=INK, linewidth=4, solid_capstyle="butt")
    ax.set_yticks(lines["line"], [say(label) for label in lines["label"]])
    ax.tick_params(axis="y", labelsize=7.5)
    ax.set(xticks=[], ylim=(len(lines) - 0.4, -0.6))
    for first in lines.groupby("axis", sort=False)["line"].first()[1:]:
        ax.axhline(first - 0.5, color=PALE, linewidth=0.8)
