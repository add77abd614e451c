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
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from analysis.claims.catalogue import translate
from analysis.claims.cell import bundle, languages, watching
from analysis.claims.words import Message, say, translated, without_blanks
from analysis.exhibits import font_file
from analysis.exhibits.table import source_line

INK, ACCENT, PALE = "#1b2a41", "#b35c00", "#8a94a6"
# where words of a figure begin, as a share of its width; inches above the title
LEFT, TITLE = 0.01, 0.08
# points between a panel and its subtitle: half of a number beside the top of the panel lies there
PAD = 10
# characters of a source line that stay inside the picture, also with a wider font
NARROW, WIDE = 100, 52
# says a message, given in English, or a study's words in the language drawn
Translator = Callable[..., str]
Draw = Callable[[Any, Translator], None]


@dataclass
class Figure:
    """Shows what the function that it decorates draws, in every language of the study.

    The function is given an axis (a list of them where there are several `panels`, which names
    their relative heights) and `_`, which says a message or a study's words in the language drawn.
    `description`: what a screen reader says; `data`: the frame behind it, kept as CSV; `height` in
    inches.
    """

    title: str | Message
    subtitle: str | Message
    description: str | Message
    data: pd.DataFrame = field(repr=False)
    height: float = 4.2
    panels: Sequence[float] = (1.0,)
    draw: Draw = field(init=False)

    def __call__(self, draw: Draw) -> "Figure":
        """Show what a function draws."""
        self.draw = draw
        display(self)  # type: ignore[no-untyped-call]
        return self

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self.data.empty:
            return {"text/plain": ""}
        watched = watching()
        with watched.apart(noted=False) if watched else nullcontext():
            shown = {lang: self._html(lang) for lang in languages()}
        titles = {lang: translated(lang, self.title) for lang in languages()}
        frame = self.data.reset_index() if self.data.index.name else self.data
        rows = [[say(c, languages()[0]) for c in row] for row in frame.itertuples(index=False)]
        csv = {"names": [str(name) for name in frame], "rows": rows}
        return bundle(shown, titles, csv=csv)

    def _html(self, language: str) -> str:
        title, about, under = (
            html.escape(translated(language, words))
            for words in (self.title, self.description, self.subtitle)
        )
        stop = translate(". ", language, "after a title")
        return (
            f'<figure class="analysis" role="group" aria-label="{title}">'
            f'<div class="picture" role="img" tabindex="0" aria-label="{about}">'
            f"{self._svg(language)}</div>"
            f"<figcaption>{title}{stop}{under}</figcaption></figure>"
        )

    def _svg(self, language: str) -> str:
        wide, say_in = without_blanks(language), partial(translated, language)
        style = {
            "svg.fonttype": "none",
            "svg.hashsalt": translated("en", self.title),
            # quotation marks of the Chinese font are as wide as a character
            "font.family": [font_name()] if wide else ["DejaVu Sans", font_name()],
            "axes.unicode_minus": False,
            # a dollar sign is one
            "text.parse_math": False,
        }
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            sns.set_theme(style="whitegrid", rc=style)
            canvas = Canvas(figsize=(7.6, self.height), layout=None)
            FigureCanvasSVG(canvas)
            rows = canvas.subplots(len(self.panels), 1, sharex=True, height_ratios=self.panels)
            axes = list(np.ravel(rows))
            self.draw(axes[0] if len(axes) == 1 else axes, say_in)
            source = "\n".join(textwrap.wrap(say_in(source_line()), WIDE if wide else NARROW))
            canvas.supxlabel(source, fontsize=8, x=LEFT, ha="left", color=INK)
            # a Chinese font is higher than its characters
            top = 1 - TITLE / self.height
            canvas.suptitle(say_in(self.title), fontsize=13, x=LEFT, y=top, ha="left")
            _lay_out(canvas, say_in(self.subtitle))
            out = io.StringIO()
            canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()[out.getvalue().index("<svg") :]


def _lay_out(canvas: Canvas, subtitle: str) -> None:
    """Place the panels between title and source; the subtitle begins where the title does."""
    first = canvas.axes[0]
    under = first.set_title(subtitle, loc="left", y=1.0, pad=PAD, fontsize=10)
    for panel in canvas.axes:
        # a layout measures the words of a panel: what else is drawn lies within its box
        for inside in (*panel.lines, *panel.collections, *panel.patches, *panel.spines.values()):
            inside.set_in_layout(False)
        for axis in (panel.xaxis, panel.yaxis):
            if not axis.get_label_text():
                # or it is placed beside the words of every tick, again and again
                axis.set_label_coords(0, 0)
    canvas.tight_layout(pad=0.4)
    box = first.get_position()
    under.set_x((LEFT - box.x0) / box.width)
    canvas.set_layout_engine(None)


@cache
def font_name() -> str:
    """Return the family of the Chinese font, known to matplotlib from now on."""
    path = font_file()
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


# as notebooks write it
figure = Figure
