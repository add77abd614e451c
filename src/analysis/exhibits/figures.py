"""The kinds of figures: a number against a scale, places on a scale, intervals."""

from collections.abc import Mapping, Sequence

import seaborn as sns
from matplotlib.axes import Axes

from analysis.exhibits.figure import INK, Figure, Words
from analysis.exhibits.wording import Language

ACCENT, PALE = "#b35c00", "#8a94a6"
# units that a figure shows one by one
MOST_NAMED = 40


def dots(
    *,
    points: Sequence[tuple[Words, float, float, bool]],
    levels: Mapping[float, Words],
    axis: Words,
    marked: Words,
    unmarked: Words,
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
) -> Figure:
    """Draw units by a number (x) and an ordered stage (y); filled where `marked`, else hollow.

    `points`: name, number, stage, marked. Names stand beside the points; shape tells the groups,
    never colour alone.
    """

    def draw(axes: Axes, language: Language) -> None:
        for label, flag in ((marked, True), (unmarked, False)):
            chosen = [p for p in points if p[3] is flag]
            sns.scatterplot(
                x=[p[1] for p in chosen],
                y=[p[2] for p in chosen],
                ax=axes,
                marker="D" if flag else "o",
                s=70,
                facecolor=ACCENT if flag else "white",
                edgecolor=ACCENT if flag else INK,
                label=label[language],
                zorder=3,
            )
        stacked: dict[tuple[float, float], list[str]] = {}
        for name, x, y, _ in points:
            stacked.setdefault((x, y), []).append(name[language])
        # where names would cover one another the data has them
        for (x, y), names in stacked.items() if len(points) <= MOST_NAMED else ():
            axes.annotate(
                "\n".join(names),
                (x, y),
                xytext=(8, 0),
                textcoords="offset points",
                fontsize=8,
                va="center",
            )
        axes.set_yticks(list(levels), [words[language] for words in levels.values()])
        axes.set_ylim(-0.6, max(levels) + 0.6)
        axes.margins(x=0.2)
        axes.set_xlabel(axis[language])
        axes.set_ylabel("")
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncol=2, frameon=False, fontsize=9)

    rows = [(name["en"], x, y, flag) for name, x, y, flag in points]
    names = ("pilot", "number", "stage", "marked")
    return Figure(title, subtitle, description, source, draw, names, rows)


def ladder(
    *,
    rows: Sequence[tuple[Words, float, float | None, bool]],
    levels: Mapping[float, Words],
    marked: Words,
    unmarked: Words,
    other: Words,
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
) -> Figure:
    """Draw a line of its own for each unit, with its place on an ordered scale.

    `rows`: name, level, the other level where two statements differ, marked. Diamond or circle
    tells the groups, a cross the other statement; never colour alone.
    """

    def draw(axes: Axes, language: Language) -> None:
        for place, (_, level, second, _marked) in enumerate(rows):
            if second is not None:
                axes.plot([level, second], [place, place], color=PALE, linestyle=":", zorder=2)
        kinds = (
            (marked, "D", ACCENT, [(i, r[1]) for i, r in enumerate(rows) if r[3]]),
            (unmarked, "o", "white", [(i, r[1]) for i, r in enumerate(rows) if not r[3]]),
            (other, "X", "white", [(i, r[2]) for i, r in enumerate(rows) if r[2] is not None]),
        )
        for words, marker, face, places in kinds:
            sns.scatterplot(
                x=[x for _, x in places],
                y=[y for y, _ in places],
                ax=axes,
                marker=marker,
                s=70,
                facecolor=face,
                edgecolor=ACCENT if face == ACCENT else INK,
                label=words[language],
                zorder=3,
            )
        axes.set_xticks(list(levels), [words[language] for words in levels.values()])
        axes.set_yticks(range(len(rows)), [row[0][language] for row in rows])
        axes.set_xlim(min(levels) - 0.5, max(levels) + 0.5)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("")
        axes.set_ylabel("")
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.07), ncol=3, frameon=False, fontsize=9)

    data = [(name["en"], level, second, flag) for name, level, second, flag in rows]
    names = ("pilot", "level", "other", "marked")
    height = 1.9 + 0.3 * len(rows)
    return Figure(title, subtitle, description, source, draw, names, data, height)


def heaps(
    *,
    rows: Sequence[tuple[Words, float, float | None, bool]],
    levels: Mapping[float, Words],
    marked: Words,
    unmarked: Words,
    axis: Words,
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
) -> Figure:
    """Draw how many units stand at each place of an ordered scale, marked ones hatched.

    `rows` as of `ladder`; the data has each unit.
    """

    def draw(axes: Axes, language: Language) -> None:
        places = list(levels)
        for words, flag, left in ((unmarked, False, -0.2), (marked, True, 0.2)):
            heights = [sum(r[1] == place and r[3] is flag for r in rows) for place in places]
            bars = axes.bar(
                [place + left for place in places],
                heights,
                width=0.4,
                facecolor=ACCENT if flag else "white",
                edgecolor=INK,
                hatch="//" if flag else None,
                label=words[language],
            )
            axes.bar_label(bars, fontsize=8)
        axes.set_xticks(places, [words[language] for words in levels.values()])
        axes.set_ylabel(axis[language])
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncol=2, frameon=False, fontsize=9)

    data = [(name["en"], level, second, flag) for name, level, second, flag in rows]
    return Figure(
        title, subtitle, description, source, draw, ("pilot", "level", "other", "marked"), data
    )


def ranges(
    *,
    bars: Sequence[tuple[Words, float, float]],
    axis: Words,
    title: Words,
    subtitle: Words,
    description: Words,
    source: Words,
) -> Figure:
    """Draw intervals under one another, with the line of no difference; equal ends are a point."""

    def draw(axes: Axes, language: Language) -> None:
        for place, (_, lower, upper) in enumerate(bars):
            axes.plot([lower, upper], [place, place], color=INK, linewidth=4, solid_capstyle="butt")
            mark, size = ("D", 8) if lower == upper else ("|", 14)
            axes.plot([lower, upper], [place, place], mark, color=INK, markersize=size)
        axes.axvline(0, color=PALE, linestyle="--")
        axes.set_yticks(range(len(bars)), [bar[0][language] for bar in bars])
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xlabel(axis[language])

    rows = [(name["en"], lower, upper) for name, lower, upper in bars]
    names, height = ("reading", "lower", "upper"), 1.9 + 0.5 * len(bars)
    return Figure(title, subtitle, description, source, draw, names, rows, height)
