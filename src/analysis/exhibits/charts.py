"""Parts of figures that several notebooks draw the same way, each on an axis that it is given.

On a sheet, pilots are lines of words and marks or names in boxes. What is not reported is hatched,
a shape or word stands beside every colour, places are shares of the width across and lines down.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.hatch import get_path
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, IdentityTransform, TransformedPath

from analysis.claims.words import Joined, _
from analysis.exhibits.canvas import ACCENT, INK, PALE, PAPER, Translator, fitted, is_narrow
from analysis.exhibits.coded import NOT_REPORTED
from analysis.study.study import Study

DIFFERENCE = _("Difference in the share named as slow, from -1 to 1; the broken line is none")
# pilots whose names a figure shows one by one
MOST_NAMED = 40
# and beside their marks; shares of the width for a line and a level at an axis: wide, narrow, side
MOST_BESIDE, LINE, TICKS = 15, 0.34, (0.12, 0.16, 0.2)
# letters of a sheet, in points: 10 pixels on a page, also of the picture for a narrow one
SIZE, SMALL = 8.5, 7.5
# the hatch of what is not reported
SILENT = "////"
# a path is cut one unit beyond where it is to be: so many make a pixel
FINE = 1000
UNCUT = TransformedPath(Path([(0, 0)]), IdentityTransform())


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
    ax, across = axis.axes, axis is axis.axes.xaxis
    share = TICKS[is_narrow(ax) if across else 2]
    words = [fitted(ax.figure, word, 9, share) for word in levels.values()]
    axis.set_ticks(list(levels), words, linespacing=1.35)
    (ax.set_xlim if across else ax.set_ylim)(min(levels) - 0.5, max(levels) + 0.5)


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


def said_of_curves(names: Iterable[Any], curves: pd.DataFrame) -> Joined:
    """Return in words where named curves begin and end: a column each, the index is across."""
    said, columns = [], (curves[column].dropna() for column in curves)
    for name, curve in ((n, curve) for n, curve in zip(names, columns, strict=False) if len(curve)):
        first, last = (_("{y:.2g} at {x:.2g}", y=y, x=x) for x, y in curve.iloc[[0, -1]].items())
        said.append(_("{name}: {first} to {last}.", name=name, first=first, last=last))
    return Joined(said)


def difference_axis(
    ax: Axes, _: Translator, study: Study, factor: str, words: Iterable[Any]
) -> None:
    """Give each line its words, the first on top; say which share is taken from which."""
    lines(ax, map(_, words))
    ax.axvline(0, color=PALE, linestyle="--")
    yes, no = (study.label(factor, side) for side in (1, 0))
    ax.set(xlabel=_("“{yes}” minus “{no}”", yes=yes, no=no), xlim=(-1.05, 1.05))


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


def sheet(ax: Any, lines: float, above: float = 0.0, below: float = 0.0) -> None:
    """Turn an axis into a sheet of so many lines, with room above and below them."""
    ax.set(xlim=(0, 1), ylim=(lines - 0.5 + below, -0.5 - above))
    ax.axis("off")


def put(ax: Any, x: float, y: float, text: str, share: float = 1.0, **how: Any) -> None:
    """Write words, in lines that fit a share of the width; the place is their left middle.

    A page shows those with `gid="title"` in bold letters.
    """
    size = how.pop("size", SMALL if is_narrow(ax) else SIZE)
    look = {"fontsize": size, "va": "center", "linespacing": 1.05, "color": INK, **how}
    lines = [fitted(ax.figure, line, size, share) for line in text.split("\n")]
    # nothing is cut at the edges: an axis would work out anew where for each word
    ax.add_artist(Text(x, y, "\n".join(lines), clip_on=False, clip_path=UNCUT, **look))


class Hatched(Rectangle):
    """A rectangle with lines across: a pattern of SVG is a picture each time that it is printed."""

    def draw(self, renderer: Any) -> None:
        """Draw it, then the lines of its hatch, cut at its edges."""
        pattern = self.get_hatch()
        self.set_hatch(None)  # type: ignore[arg-type]
        super().draw(renderer)
        self.set_hatch(pattern)
        if not pattern:
            return
        box, look = self.get_bbox().transformed(self.get_data_transform()), renderer.new_gc()
        # of an axis that runs downwards a height is below 0
        width, height, points = box.width, abs(box.height), renderer.points_to_pixels(1)
        side = max(width, height)
        look.set_foreground(self.get_edgecolor())
        look.set_linewidth(0.7 * points)
        inside = (0, 0, width * FINE, height * FINE)
        lines = get_path(pattern, max(1, round(side / points / 16)))
        lines = lines.cleaned(Affine2D().scale(side * FINE), clip=inside)
        renderer.draw_path(look, lines, Affine2D().scale(1 / FINE).translate(*box.min))
        look.restore()


def field(ax: Any, place: Sequence[float], hatch: str = SILENT, text: str = "", **how: Any) -> None:
    """Draw a patterned field with a word in it: left, middle, width, height."""
    x, y, width, height = place
    edge = PALE if hatch == SILENT else INK
    look = {"facecolor": "none", "edgecolor": edge, "hatch": hatch, "linewidth": 0.8, **how}
    look |= {"clip_on": False, "clip_path": UNCUT}
    ax.add_artist(Hatched((x, y - height / 2), width, height, **look))
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
    put(ax, x + width / 2, y, text, width, ha="center", bbox=box) if text else None


def mark(named: Any, filled: bool = True) -> dict[str, Any]:
    """Return how `ax.plot` marks a pilot: a diamond if it has the main outcome, else a circle.

    A diamond is hollow where it is the other of two statements.
    """
    shape, colour = ("D", ACCENT) if named else ("o", INK)
    inside = colour if named and filled else PAPER
    look = {"markeredgecolor": colour, "markerfacecolor": inside, "markeredgewidth": 1.4}
    return {"marker": shape, "linestyle": "none", "markersize": 7, "zorder": 3, **look}


def scale(ax: Any, _: Translator, study: Study, left: float, right: float) -> "pd.Series[float]":
    """Return where the stages lie between two places across; their words stand above the lines.

    Every other one stands higher, so that they do not touch; on a narrow page numbers stand there.
    """
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    levels = study.variable(variable).levels
    step = (right - left) / max(len(levels) - 1, 1)
    for i, (level, label) in enumerate(levels.items()):
        words, y = (level, -0.5) if is_narrow(ax) else (_(label), -0.55 if i % 2 else -1.35)
        x = left + i * step
        put(ax, x, y, words, min(3 * step, 2 * x, 2 - 2 * x), ha="center", va="bottom")
    if is_narrow(ax):
        words = "\n".join(f"{level} {_(label)}" for level, label in levels.items())
        bottom, top = ax.get_ylim()
        inch = (bottom - top) / (ax.figure.get_figheight() - 1.7)
        put(ax, 0.005, bottom - 0.6 * inch, words, va="bottom")
    return pd.Series({float(level): left + i * step for i, level in enumerate(levels)})


def key(ax: Any, _: Translator, study: Study, differ: bool = False) -> None:
    """Say at the foot what the marks mean; the third only where statements `differ`."""
    words = study.label(study.declared.main_outcome, 0)
    said = [_(study.label(study.declared.main_outcome, 1))]
    said += [_("{words} (which is not “on schedule”)", words=words), _("two statements differ")]
    looks = mark(1), mark(0), mark(1, filled=False)
    for label, look in zip(said[: 2 + differ], looks, strict=False):
        ax.plot([], [], label=label, **look)
    columns, size = (1, SMALL) if is_narrow(ax) else (3, SIZE)
    place = {"loc": "lower left", "bbox_to_anchor": (-0.01, 0), "handletextpad": 0.2}
    ax.legend(ncols=columns, fontsize=size, frameon=False, **place)


def tiers(dots: pd.DataFrame, columns: int) -> list[tuple[str, list["pd.Index[str]"], int]]:
    """Return the rows of a grid: what is known, its pilots with and without the outcome, lines.

    `dots`: by pilot `named`, `value` (1, 0, NaN: not known), `other`: known from elsewhere alone.
    """
    ways = {"yes": dots["value"] == 1, "": dots["value"].isna(), "no": dots["value"] == 0}
    found = [(w, [dots.index[a & (dots["named"] == k)] for k in (1, 0)]) for w, a in ways.items()]
    many = len(dots) > MOST_NAMED
    return [
        (way, both, 1 if many else max(1, *(-(-len(each) // columns) for each in both)))
        for way, both in found
    ]


def said_of_grid(study: Study, factor: str, dots: pd.DataFrame) -> Joined:
    """Return in words which pilots stand in each box of `grid`."""
    outcome, boxes = study.declared.main_outcome, dots.groupby(["named", "value"], dropna=False)
    said = [
        (study.label(factor, x) if x == x else NOT_REPORTED, study.label(outcome, y), there.index)
        for (y, x), there in boxes
    ]
    return Joined([_("{a}, {b}: {who}.", a=a, b=b, who=study.names(who)) for a, b, who in said])


def grid(ax: Any, _: Translator, study: Study, factor: str, dots: pd.DataFrame) -> pd.DataFrame:
    """Write the names of pilots into boxes, all but the marks; return their places by pilot.

    Columns: with the main outcome, and without; rows: `tiers`. Many pilots stand as numbers.
    """
    narrow, columns, top = is_narrow(ax), 1 if is_narrow(ax) else 2, 0.0
    heads = {"yes": study.label(factor, 1), "": NOT_REPORTED, "no": study.label(factor, 0)}
    left, width = ((0.0, 0.51), 0.49) if narrow else ((0.16, 0.585), 0.41)
    places: dict[str, tuple[float, float]] = {}
    for way, both, lines in tiers(dots, columns):
        put(ax, 0.0, top if narrow else top + lines / 2, _(heads[way]), 1 if narrow else 0.15)
        top += 0.5 if narrow else 0
        for x, pilots in zip(left, both, strict=True):
            field(ax, (x, top + lines / 2, width, lines), "" if way else SILENT, edgecolor=PALE)
            names = [_(study.pilot_name(p)) + "*" * bool(dots["other"][p]) for p in pilots]
            if len(dots) > MOST_NAMED or not names:
                names, pilots = [_("{n} pilots", n=len(names))], pilots[:0]
            for i, name in enumerate(names):
                at = x + 0.03 + i % columns * width / columns, top + 0.5 + i // columns
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
                put(ax, at[0] + 0.03, at[1], name, width / columns - 0.06, bbox=box)
                places |= dict.fromkeys(pilots[i : i + 1], at)
        top += lines + (0.8 if narrow else 0.3)
    sheet(ax, top, above=0.6, below=0.2)
    for x, named in zip(left, (1, 0), strict=True):
        label, n = study.label(study.declared.main_outcome, named), dots["named"].eq(named).sum()
        y = -0.75 if narrow else -0.35
        put(ax, x, y, _("{words} ({n})", words=label, n=n), width, gid="title")
    return pd.DataFrame(places, index=["x", "y"]).T
