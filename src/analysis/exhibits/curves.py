"""Figures of curves: many analyses side by side, and lines over a number that nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes

from analysis.exhibits.figure import INK, Figure, Words
from analysis.exhibits.figures import ACCENT, PALE
from analysis.exhibits.wording import Language

LEVEL = 0.05


@dataclass(frozen=True)
class Analysis:
    """One analysis of a curve: a value with its p, or the ends of a range; its choices by axis."""

    lower: float
    upper: float
    p_value: float | None
    choices: Mapping[str, frozenset[str]]


def specification_curve(
    *,
    analyses: Sequence[Analysis],
    choices: Sequence[tuple[str, str, Words]],
    axis: Words,
    small: Words,
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
    names: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> Figure:
    """Draw analyses in the order given: values or ranges above, the choices that lead there below.

    `choices`: axis, choice, words: one line each; `small`: words for a p below .05 (a diamond).
    """

    def draw(axes: Axes, language: Language) -> None:
        at = np.arange(len(analyses))
        lower, upper = (np.array([getattr(a, end) for a in analyses]) for end in ("lower", "upper"))
        single = np.array([a.p_value is not None for a in analyses])
        marked = np.array([a.p_value is not None and a.p_value < LEVEL for a in analyses])
        axes.plot(*_upright(at[~single], lower[~single], upper[~single]), color=PALE, linewidth=1)
        axes.plot(at[single], lower[single], ".", color=INK, markersize=3)
        axes.plot(at[marked], lower[marked], "D", color=ACCENT, markersize=4, label=small[language])
        axes.axhline(0, color=INK, linestyle="--", linewidth=0.8)
        axes.set_ylim(-1.08, 1.08)
        axes.set_ylabel(axis[language])
        if marked.any():
            axes.legend(loc="lower right", frameon=True, fontsize=8)

    strokes = _strokes(analyses, choices)

    def below(axes: Axes, language: Language) -> None:
        axes.plot(*strokes, color=INK, linewidth=4, solid_capstyle="butt")
        axes.set_yticks(range(len(choices)), [words[language] for _, _, words in choices])
        axes.tick_params(axis="y", labelsize=7.5)
        axes.set_ylim(len(choices) - 0.4, -0.6)
        axes.set_xticks([])
        for row in _firsts(choices)[1:]:
            axes.axhline(row - 0.5, color=PALE, linewidth=0.8)

    height = 3.6 + 0.2 * len(choices)
    ratio = 0.2 * len(choices) / 2.4
    return Figure(
        title, subtitle, description, source, draw, names, rows, height, below=below, ratio=ratio
    )


def _upright(x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of upright strokes as one line with gaps."""
    gap = np.full(len(x), np.nan)
    return np.column_stack([x, x, gap]).ravel(), np.column_stack([lower, upper, gap]).ravel()


def _strokes(
    analyses: Sequence[Analysis], choices: Sequence[tuple[str, str, Words]]
) -> tuple[list[float], list[float]]:
    """Return the points of level strokes, a row a choice, a stroke for each run of analyses."""
    xs, ys = list[float](), list[float]()
    for row, (name, choice, _) in enumerate(choices):
        start = 0
        for taken, run in groupby(choice in a.choices.get(name, ()) for a in analyses):
            end = start + len(list(run))
            if taken:
                xs += [start - 0.5, end - 0.5, np.nan]
                ys += [row] * 3
            start = end
    return xs, ys


def _firsts(choices: Sequence[tuple[str, str, Words]]) -> list[int]:
    """Return the first line of each axis."""
    names = [name for name, _, _ in choices]
    return [i for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


@dataclass(frozen=True)
class Line:
    """One line of a figure: words, points, and how it is told from the others."""

    words: Words
    x: Sequence[float]
    y: Sequence[float]
    style: str = "-"
    marker: str = "o"


def lines(
    *,
    drawn: Sequence[Line],
    x_axis: Words,
    y_axis: Words,
    limits: tuple[float, float],
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
    names: tuple[str, str, str],
) -> Figure:
    """Draw lines over a common x; told apart by stroke and marker, never by colour alone.

    `names`: of the columns of the data: line, x, y. A broken line marks no difference.
    """

    def draw(axes: Axes, language: Language) -> None:
        for line in drawn:
            axes.plot(
                line.x,
                line.y,
                line.style,
                marker=line.marker,
                color=INK,
                markerfacecolor="white",
                label=line.words[language],
            )
        axes.axhline(0, color=PALE, linestyle="--")
        axes.set_ylim(*limits)
        axes.set_xlabel(x_axis[language])
        axes.set_ylabel(y_axis[language])
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.19), ncol=1, frameon=False, fontsize=9)

    rows = [(line.words["en"], x, y) for line in drawn for x, y in zip(line.x, line.y, strict=True)]
    return Figure(title, subtitle, description, source, draw, names, rows, 4.6)
