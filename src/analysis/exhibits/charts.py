"""Parts of figures that several notebooks draw the same way, each on an axis that it is given."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.claims.words import Joined, Message, _
from analysis.exhibits.canvas import ACCENT, INK, PALE, Translator, fitted, is_narrow
from analysis.exhibits.coded import document
from analysis.study.study import Study

DIFFERENCE = _("Difference in the share named as slow, from -1 to 1; the broken line is none")
# pilots whose names a figure shows one by one
MOST_NAMED = 40
# and beside their marks; shares of the width for a level and for a line at an axis
MOST_BESIDE, TICK, LINE = 15, 0.12, 0.34


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
    words = [fitted(axis.axes.figure, word, 9, TICK) for word in levels.values()]
    axis.set_ticks(list(levels), words, linespacing=1.35)
    limit = axis.axes.set_xlim if axis is axis.axes.xaxis else axis.axes.set_ylim
    limit(min(levels) - 0.5, max(levels) + 0.5)


def lines(ax: Axes, words: Iterable[str], count: int = 0) -> None:
    """Give each line its words, the first on top; in a narrow picture they stand above the line."""
    names, narrow, size = list(words), is_narrow(ax), 8
    beside = [""] * len(names) if narrow else [fitted(ax.figure, n, size, LINE) for n in names]
    look: dict[str, Any] = {"fontsize": size} if len(names) > MOST_BESIDE else {}
    ax.set_yticks(range(len(names)), beside, linespacing=1.35, **look)
    ax.set(ylim=((count or len(names)) - 0.4, -0.6 - 0.3 * narrow), xlabel="", ylabel="")
    for line, name in enumerate(names if narrow else ()):
        above = ax.text(0.01, line - 0.38, fitted(ax.figure, name, size), fontsize=size)
        above.set(transform=ax.get_yaxis_transform(), in_layout=False)


def range_frame(ranges: Iterable[tuple[Any, Any]]) -> pd.DataFrame:
    """Return bounds with their words as a frame, a row each: words, lower, upper.

    What cannot be estimated has no row.
    """
    rows = [(words, *bounds.ends) for words, bounds in ranges if hasattr(bounds, "ends")]
    return pd.DataFrame(rows, columns=["words", "lower", "upper"])


def allowed(study: Study, factor: str, bounds: Any) -> Message:
    """Return as a title what the text alone allows of a difference (bounds, or none)."""
    words = {"label": study.label(factor), "bounds": bounds, "document": document(study)}
    if not hasattr(bounds, "ends"):
        return _("What each reading allows: {label}", **words)
    lower, upper = bounds.ends
    if lower < 0 < upper:
        return _("The {document} alone leaves open whether there is a difference: {label}", **words)
    return _("By the {document} alone the difference is {bounds:bounds}: {label}", **words)


def said_of_curves(names: Iterable[Any], curves: pd.DataFrame) -> Joined:
    """Return in words where named curves begin and end: a column each, the index is across."""
    known = [curves[column].dropna() for column in curves]
    ends = [zip(y.iloc[[0, -1]], y.index[[0, -1]], strict=True) for y in known]
    said = [[_("{y:.2g} at {x:.2g}", y=y, x=x) for y, x in each] for each in ends]
    words = zip(names, said, strict=False)
    return Joined([_("{name}: {first} to {last}.", name=n, first=a, last=b) for n, (a, b) in words])


def minus(study: Study, factor: str) -> Message:
    """Return which share is taken from which."""
    return _("“{yes}” minus “{no}”", yes=study.label(factor, 1), no=study.label(factor, 0))


def difference_axis(ax: Axes, words: Iterable[str], xlabel: str) -> None:
    """Give each line its words, the first on top; the broken line is no difference."""
    lines(ax, words)
    ax.axvline(0, color=PALE, linestyle="--")
    ax.set(xlabel=xlabel, xlim=(-1.05, 1.05))


def level_line(ax: Axes, xlabel: str) -> None:
    """Draw the level of no difference under lines of shares on the axis."""
    ax.axhline(0, color=PALE, linestyle="--")
    ax.set(xlabel=xlabel, ylabel="", ylim=(-1.08, 1.08))


def stage_words(ax: Any, _: Translator, study: Study, points: pd.DataFrame) -> None:
    """Write the words of a figure of pilots by a number (x) and the stage that they reached (y).

    `points`: by pilot; the number is its first column, the others are stage and main outcome. Of so
    many pilots that names would cover one another none is written: the data has them.
    """
    stage, few = study.declared.stage_outcome, len(points) <= MOST_BESIDE
    look: dict[str, Any] = {"xytext": (8, 0), "va": "center", "fontsize": 8}
    for place, there in points.groupby([points.columns[0], stage]) if few else ():
        # one under the other where marks coincide
        names = [fitted(ax.figure, _(study.pilot_name(pilot)), 8, 0.15) for pilot in there.index]
        ax.annotate("\n".join(names), place, textcoords="offset points", **look)
    level_ticks(ax.yaxis, _, study, study.declared.outcomes[stage].variable)
    ax.margins(x=0.25)
