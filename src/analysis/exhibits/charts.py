"""Parts of figures that several notebooks draw the same way, each on an axis that it is given."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.exhibits.canvas import INK, PALE

FRAME = ["words", "lower", "upper"]
# a little more than the range of a difference of shares
LIMITS = (-1.08, 1.08)


def range_frame(found: Iterable[tuple[Any, Any]]) -> pd.DataFrame:
    """Return bounds with their words as a frame, a row each: words, lower, upper.

    What cannot be estimated has no row.
    """
    rows = [(words, *bounds.ends) for words, bounds in found if hasattr(bounds, "ends")]
    return pd.DataFrame(rows, columns=FRAME)


def ranges(
    ax: Axes, names: Sequence[str], lower: Iterable[float], upper: Iterable[float]
) -> None:
    """Draw intervals of a difference of shares under one another, the first on top.

    Equal ends are one point. The broken line is no difference.
    """
    ends = np.column_stack([list(lower), list(upper)])
    for place, (low, high) in enumerate(ends.tolist()):
        mark, size = ("D", 8) if low == high else ("|", 14)
        ax.hlines(place, low, high, color=INK, linewidth=4)
        ax.plot([low, high], [place, place], mark, color=INK, markersize=size)
    ax.axvline(0, color=PALE, linestyle="--")
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(-1.05, 1.05)


def level_line(
    ax: Axes, xlabel: str, ylabel: str, limits: tuple[float, float] = LIMITS
) -> None:
    """Draw the level of no difference under lines that stand on the axis; their names below it."""
    ax.axhline(0, color=PALE, linestyle="--")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=limits)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.19), frameon=False, fontsize=9)
