"""Parts of charts that a notebook draws on its axes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.exhibits.canvas import INK, PALE


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
