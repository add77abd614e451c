"""A figure in two languages, as SVG with text as text; everything a reader needs is inside."""

import html
import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from analysis.exhibits.bundle import bundle
from analysis.exhibits.cell import current
from analysis.exhibits.font_file import font_file
from analysis.exhibits.wording import LANGUAGES, Bilingual, Language

Words = Bilingual
INK = "#1b2a41"
# where words of a figure begin, as a share of its width; inches above the title
LEFT, TITLE = 0.01, 0.08
# points between a panel and its subtitle: half of a number beside the top of the panel lies there
PAD = 10


@dataclass(frozen=True)
class Figure:
    """A figure drawn once for each language, with title, subtitle, description, source and data.

    `below`: draws a second panel under the first, on the same x; `ratio`: its height over that of
    the first.
    """

    title: Words
    subtitle: Words
    description: Words
    source: Words
    draw: Callable[[Axes, Language], None]
    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    height: float = 4.2
    below: Callable[[Axes, Language], None] | None = None
    ratio: float = 1.0

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched = current()
        with watched.unwatched() if watched else nullcontext():
            shown: dict[str, str] = {lang: self._html(lang) for lang in LANGUAGES}
        plain: dict[str, str] = {lang: self.title[lang] for lang in LANGUAGES}
        csv = {"names": list(self.names), "rows": [[str(c) for c in row] for row in self.rows]}
        return bundle("figure", shown, plain, title=plain, csv=csv)

    def _html(self, language: Language) -> str:
        title, about = html.escape(self.title[language]), html.escape(self.description[language])
        stop = ". " if language == "en" else "。"
        return (
            f'<figure class="analysis" role="group" aria-label="{title}">'
            f'<div class="picture" role="img" tabindex="0" aria-label="{about}">'
            f"{self._svg(language)}</div>"
            f"<figcaption>{title}{stop}{html.escape(self.subtitle[language])}</figcaption></figure>"
        )

    def _svg(self, language: Language) -> str:
        style = {
            "svg.fonttype": "none",
            "svg.hashsalt": self.title["en"],
            # quotation marks of the Chinese font are as wide as a character
            "font.family": [_font()] if language == "zh" else ["DejaVu Sans", _font()],
            "axes.unicode_minus": False,
        }
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            sns.set_theme(style="whitegrid", rc=style)
            canvas = Canvas(figsize=(7.6, self.height), layout=None)
            FigureCanvasSVG(canvas)
            axes = self._panels(canvas, language)
            # a Chinese font is higher than its characters
            top = 1 - TITLE / self.height
            canvas.suptitle(self.title[language], fontsize=13, x=LEFT, y=top, ha="left")
            subtitle = axes.set_title(
                self.subtitle[language], loc="left", y=1.0, pad=PAD, fontsize=10
            )
            for panel in canvas.axes:
                _measured_by_words(panel)
            source = _wrapped(self.source[language], language)
            canvas.supxlabel(source, fontsize=8, x=LEFT, ha="left", color=INK)
            canvas.tight_layout(pad=0.4)
            # under the title, where there is room for long words
            box = axes.get_position()
            subtitle.set_x((LEFT - box.x0) / box.width)
            canvas.set_layout_engine(None)
            out = io.StringIO()
            canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()[out.getvalue().index("<svg") :]

    def _panels(self, canvas: Canvas, language: Language) -> Axes:
        """Draw the panels; return the upper one, which carries the subtitle."""
        if self.below is None:
            only: Axes = canvas.subplots()
            self.draw(only, language)
            return only
        axes: Axes
        axes, lower = canvas.subplots(2, 1, sharex=True, height_ratios=(1.0, self.ratio))
        self.draw(axes, language)
        self.below(lower, language)
        return axes


def _measured_by_words(panel: Axes) -> None:
    """Have a layout measure the words of a panel: what else is drawn lies within its box."""
    for inside in (*panel.lines, *panel.collections, *panel.patches, *panel.spines.values()):
        inside.set_in_layout(False)
    for axis in (panel.xaxis, panel.yaxis):
        if not axis.get_label_text():
            # or it is placed beside the words of every tick, again and again
            axis.set_label_coords(0, 0)


def _wrapped(text: str, language: Language) -> str:
    """Break a source line so that it stays inside the picture, also with a wider font."""
    return "\n".join(textwrap.wrap(text, 100 if language == "en" else 52))


@cache
def _font() -> str:
    path = font_file()
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()
