"""Parts of the figures of policy pages: pilots as lines of words and marks, or as names in boxes.

What is not reported is hatched, and a shape or a word stands beside every colour. Places are shares
of the width across, and lines down.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.patches import Rectangle

from analysis.exhibits.canvas import ACCENT, INK, PALE, PAPER, Translator, fitted, is_narrow
from analysis.exhibits.charts import MOST_NAMED
from analysis.exhibits.coded import NOT_REPORTED
from analysis.study.forms import Text
from analysis.study.study import Study

# letters of a figure, in points: 10 pixels on a page, also of the picture for a narrow one
SIZE, SMALL = 8.5, 7.5
# a hatched field says that nothing is reported; these tell apart what is
SILENT = "////"
PATTERNS = ("xxxx", "....", "----", "||||", "++++", "oooo", "\\\\\\\\")


def sheet(ax: Any, lines: float, above: float = 0.0, below: float = 0.0) -> None:
    """Turn an axis into a sheet of so many lines, with room above and below them."""
    ax.set(xlim=(0, 1), ylim=(lines - 0.5 + below, -0.5 - above))
    ax.axis("off")


def put(ax: Any, x: float, y: float, text: str, share: float = 1.0, **how: Any) -> None:
    """Write words, in lines that fit a share of the width; the place is their left middle."""
    size = how.pop("size", SMALL if is_narrow(ax) else SIZE)
    look = {"fontsize": size, "va": "center", "linespacing": 1.05, "color": INK, **how}
    lines = [fitted(ax.figure, line, size, share) for line in text.split("\n")]
    ax.text(x, y, "\n".join(lines), **look)


def field(ax: Any, place: Sequence[float], hatch: str = SILENT, text: str = "", **how: Any) -> None:
    """Draw a patterned field with a word in it: left, middle, width, height."""
    x, y, width, height = place
    edge = PALE if hatch == SILENT else INK
    look = {"facecolor": "none", "edgecolor": edge, "hatch": hatch, "linewidth": 0.8, **how}
    ax.add_patch(Rectangle((x, y - height / 2), width, height, **look))
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
    put(ax, x + width / 2, y, text, width, ha="center", bbox=box) if text else None


def mark(named: Any, filled: bool = True, grey: bool = False) -> dict[str, Any]:
    """Return how `ax.plot` marks a pilot: a diamond if it has the main outcome, else a circle.

    A diamond is hollow where it is the other of two statements, or nothing is known.
    """
    shape, colour = ("D", ACCENT) if named else ("o", INK)
    colour = PALE if grey else colour
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
        put(ax, left + i * step, y, words, 3 * step, ha="center", va="bottom")
    if is_narrow(ax):
        stop = _("; ", context="between choices")
        words = stop.join(f"{level} {_(label)}" for level, label in levels.items())
        bottom, top = ax.get_ylim()
        inch = (bottom - top) / (ax.figure.get_figheight() - 1.7)
        put(ax, 0.005, bottom - 0.95 * inch, words, va="top")
    return pd.Series({float(level): left + i * step for i, level in enumerate(levels)})


def strip(ax: Any, _: Translator, study: Study, rows: pd.DataFrame, kind: Text) -> pd.DataFrame:
    """Write a line a pilot, all but the marks; return their places: line, stage reached, other.

    `rows`: the words `pilot`, `unit`, `batch`, `why`; `months`, `named`, and `reason`, the number
    of the reason given (NaN: none is). `kind`: the head of `unit`.
    """
    narrow = is_narrow(ax)
    sheet(ax, len(rows), *((0.8, 3.9) if narrow else (2.6, 2.0)))
    upper, lower = (-0.2, 0.23) if narrow else (0.0, 0.0)
    left, right, why = (0.61, 0.97, 0.56) if narrow else (0.46, 0.705, 0.765)
    heads = {0.16: _(kind), 0.325: _("As a pilot"), why: _("Reason given")}
    for x, head in heads.items() if not narrow else ():
        put(ax, x, -0.55, head, va="bottom", fontweight="bold")
    across = scale(ax, _, study, left, right)
    for line, row in enumerate(rows.itertuples()):
        if row.named == 1:
            ax.add_patch(Rectangle((0, line - 0.48), 1, 0.96, facecolor=ACCENT, alpha=0.1, lw=0))
        bold = {"fontweight": "bold" if row.named == 1 else "normal"}
        put(ax, 0.005, line + upper, _(row.pilot), 0.58 if narrow else 0.16, **bold)
        batch = _("unverified") if row.batch == NOT_REPORTED else _(row.batch)
        since = [] if pd.isna(row.months) else [_("{n} months", n=f"{row.months:.0f}")]
        if narrow:
            told = f"{_(row.unit)}{_('; ', context='between choices')}{(since or [batch])[0]}"
            put(ax, 0.005, line + lower, told, 0.58)
        else:
            put(ax, 0.16, line, _(row.unit), 0.18, size=8)
            put(ax, 0.325, line, "\n".join([batch, *since]), 0.13, size=8)
        ax.plot([left, right], [line + upper] * 2, color=PALE, linewidth=0.8)
        size = (0.045, 0.36) if narrow else (0.022, 0.6)
        if pd.isna(row.reason):
            wide = 0.995 - why, 0.42 if narrow else 0.7
            field(ax, (why, line + lower, *wide), text=_(NOT_REPORTED))
        else:
            field(ax, (why, line + lower, *size), PATTERNS[int(row.reason) % len(PATTERNS)])
            put(ax, why + size[0] + 0.01, line + lower, _(row.why), 0.99 - why - size[0])
    lines = [line + upper for line in range(len(rows))]
    return rows[["stage", "other"]].apply(lambda stages: stages.map(across)).assign(line=lines)


def key(ax: Any, _: Translator, study: Study, differ: bool = False) -> None:
    """Say at the foot what the marks mean; the third only where statements `differ`."""
    words = study.label(study.declared.main_outcome, 0)
    said = [_(study.label(study.declared.main_outcome, 1))]
    said += [_("{words} (which is not “on schedule”)", words=words), _("two statements differ")]
    looks = mark(1), mark(0), mark(1, filled=False)
    for label, look in zip(said[: 2 + differ], looks, strict=False):
        ax.plot([], [], label=label, **look)
    look = {"frameon": False, "handletextpad": 0.2, "fontsize": SMALL if is_narrow(ax) else SIZE}
    columns = 1 if is_narrow(ax) else 3
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 0), ncols=columns, **look)


def tiers(dots: pd.DataFrame, columns: int) -> list[tuple[str, list["pd.Index[str]"], int]]:
    """Return the rows of a grid: what is known, its pilots with and without the outcome, lines.

    `dots`: by pilot `named`, `value` (1, 0, NaN: not known), `other` (known from elsewhere alone).
    """
    ways = {"yes": dots["value"] == 1, "": dots["value"].isna(), "no": dots["value"] == 0}
    found = [(w, [dots.index[a & (dots["named"] == k)] for k in (1, 0)]) for w, a in ways.items()]
    many = len(dots) > MOST_NAMED
    lines = [1 if many else max(1, *(-(-len(each) // columns) for each in b)) for _w, b in found]
    return [(way, both, n) for (way, both), n in zip(found, lines, strict=True)]


def grid(ax: Any, _: Translator, study: Study, factor: str, dots: pd.DataFrame) -> pd.DataFrame:
    """Write the names of pilots into boxes, all but the marks; return their places by pilot.

    Columns: with the main outcome, and without; rows: `tiers`. Of many pilots only numbers stand
    there.
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
                names = [_("{n} pilots", n=len(names)) if names else _("no pilot")]
                pilots = pd.Index([])
            for i, name in enumerate(names):
                at = x + 0.03 + i % columns * width / columns, top + 0.5 + i // columns
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
                put(ax, at[0] + 0.03, at[1], name, width / columns - 0.06, bbox=box)
                places |= dict.fromkeys(pilots[i : i + 1], at)
        top += lines + (0.8 if narrow else 0.3)
    sheet(ax, top, above=0.6, below=0.2)
    for x, named in zip(left, (1, 0), strict=True):
        label, n = study.label(study.declared.main_outcome, named), dots["named"].eq(named).sum()
        words = _("{words} ({n})", words=label, n=n)
        put(ax, x, -0.75 if narrow else -0.35, words, width, fontweight="bold")
    return pd.DataFrame(places, index=["x", "y"]).T
