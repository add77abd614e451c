"""A figure drawn once for each language, as SVG with text as text; what a reader needs is inside.

A notebook's cell holds the drawing itself, on a plain matplotlib axis:

    @figure(title="...", subtitle="...", description="...", data=frame)
    def stages(ax, _):
        sns.scatterplot(frame, x="stage", y="pilot", ax=ax)
        ax.set(xlabel=_("stage reached"))
"""

import html
import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from analysis.claims.bundle import bundle
from analysis.claims.catalogue import translate
from analysis.claims.cell import unwatched, watching
from analysis.claims.words import Message, fill, say, without_blanks
from analysis.exhibits.font_file import font_file
from analysis.exhibits.source import source_line

INK, ACCENT, PALE = "#1b2a41", "#b35c00", "#8a94a6"
# where words of a figure begin, as a share of its width; inches above the title
LEFT, TITLE = 0.01, 0.08
# points between a panel and its subtitle: half of a number beside the top of the panel lies there
PAD = 10
# characters of a source line that stay inside the picture, also with a wider font
NARROW, WIDE = 100, 52
Translator = Callable[..., str]
Draw = Callable[[Any, Translator], None]


def figure(
    *,
    title: str | Message,
    subtitle: str | Message,
    description: str | Message,
    data: pd.DataFrame,
    height: float = 4.2,
    panels: Sequence[float] = (1.0,),
) -> Callable[[Draw], "Figure"]:
    """Show what the decorated function draws, in every language of the study.

    The function is given an axis (a list of them where there are several `panels`, which names
    their relative heights) and `_`, which says a message or a study's words in the language drawn.
    `description`: what a screen reader says; `data`: the frame behind it, kept as CSV; `height` in
    inches.
    """

    def shown(draw: Draw) -> Figure:
        made = Figure(title, subtitle, description, data, draw, height, tuple(panels))
        display(made)  # type: ignore[no-untyped-call]
        return made

    return shown


@dataclass(frozen=True)
class Figure:
    """A figure with its words and its data; see `figure`."""

    title: str | Message
    subtitle: str | Message
    description: str | Message
    data: pd.DataFrame
    draw: Draw
    height: float
    panels: tuple[float, ...]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched = watching()
        languages = watched.study.languages if watched else ("en",)
        with unwatched():
            shown = {lang: self._html(lang) for lang in languages}
        titles = {lang: _translator(lang)(self.title) for lang in languages}
        frame = self.data.reset_index() if self.data.index.name else self.data
        rows = [[say(c, languages[0]) for c in row] for row in frame.itertuples(index=False)]
        csv = {"names": [str(name) for name in frame], "rows": rows}
        return bundle("figure", shown, titles, title=titles, csv=csv)

    def _html(self, language: str) -> str:
        say_in = _translator(language)
        title, about, under = (
            html.escape(say_in(words)) for words in (self.title, self.description, self.subtitle)
        )
        stop = translate(". ", language, "after a title")
        return (
            f'<figure class="analysis" role="group" aria-label="{title}">'
            f'<div class="picture" role="img" tabindex="0" aria-label="{about}">'
            f"{self._svg(language)}</div>"
            f"<figcaption>{title}{stop}{under}</figcaption></figure>"
        )

    def _svg(self, language: str) -> str:
        say_in = _translator(language)
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            sns.set_theme(style="whitegrid", rc=_style(language, _translator("en")(self.title)))
            canvas = Canvas(figsize=(7.6, self.height), layout=None)
            FigureCanvasSVG(canvas)
            rows = canvas.subplots(len(self.panels), 1, sharex=True, height_ratios=self.panels)
            axes: list[Axes] = list(np.ravel(rows))
            self.draw(axes[0] if len(axes) == 1 else axes, say_in)
            watched = watching()
            source = say(source_line(watched.study), language) if watched else ""
            wrapped = "\n".join(textwrap.wrap(source, WIDE if without_blanks(language) else NARROW))
            canvas.supxlabel(wrapped, fontsize=8, x=LEFT, ha="left", color=INK)
            # a Chinese font is higher than its characters
            top = 1 - TITLE / self.height
            canvas.suptitle(say_in(self.title), fontsize=13, x=LEFT, y=top, ha="left")
            _lay_out(canvas, axes[0], say_in(self.subtitle))
            out = io.StringIO()
            canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()[out.getvalue().index("<svg") :]


def _style(language: str, salt: str) -> dict[str, Any]:
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": salt,
        # quotation marks of the Chinese font are as wide as a character
        "font.family": [font_name()] if without_blanks(language) else ["DejaVu Sans", font_name()],
        "axes.unicode_minus": False,
    }


def _lay_out(canvas: Canvas, axes: Axes, subtitle: str) -> None:
    """Place the panels between title and source; the subtitle begins where the title does."""
    under = axes.set_title(subtitle, loc="left", y=1.0, pad=PAD, fontsize=10)
    for panel in canvas.axes:
        _measured_by_words(panel)
    canvas.tight_layout(pad=0.4)
    box = axes.get_position()
    under.set_x((LEFT - box.x0) / box.width)
    canvas.set_layout_engine(None)


def _measured_by_words(panel: Axes) -> None:
    """Have a layout measure the words of a panel: what else is drawn lies within its box."""
    for inside in (*panel.lines, *panel.collections, *panel.patches, *panel.spines.values()):
        inside.set_in_layout(False)
    for axis in (panel.xaxis, panel.yaxis):
        if not axis.get_label_text():
            # or it is placed beside the words of every tick, again and again
            axis.set_label_coords(0, 0)


def _translator(language: str) -> Translator:
    """Return what says a message, given in English, or a study's words in a language."""

    def say_in(words: Any, /, *, context: str | None = None, **values: Any) -> str:
        if isinstance(words, str):
            return fill(translate(words, language, context), values, language)
        return say(words, language)

    return say_in


@cache
def font_name() -> str:
    """Return the family of that font, known to matplotlib from now on."""
    path = font_file()
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()
