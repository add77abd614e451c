"""A figure drawn once for each language, as SVG with text as text; what a reader needs is inside.

A notebook's cell holds the drawing itself, on a plain matplotlib axis:

    @figure(title="...", subtitle="...", description="...", data=frame)
    def stages(ax, _):
        sns.scatterplot(frame, x="stage", y="pilot", ax=ax)
        ax.set(xlabel=_("stage reached"))
"""

import base64
import html
import io
import re
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
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from PIL import Image

from analysis.claims.cell import bundle, languages, watching
from analysis.claims.words import Message, say, translated, without_blanks
from analysis.exhibits import LINKS, font_file
from analysis.exhibits.table import source_line

# the colours of figures; on a page each is a variable that its style sheet sets (`--figure-ink`)
INK, ACCENT, PALE, PAPER = "#1b2a41", "#b35c00", "#8a94a6", "#ffffff"
VARIABLES = {INK: "ink", ACCENT: "accent", PALE: "pale", PAPER: "paper"}
_STYLE = re.compile(r'style="[^"]*"(?=[^<>]*>)')  # within a tag
_COLOUR = re.compile("|".join(VARIABLES))
# what opens and what ends a Chinese phrase; a line is broken after a word or a Chinese sign, never
# between it and these
_OPEN = r"\u2018\u201c\u3008\u300a\u300c\u3010\uff08"
_STOP = r"\u2019\u201d\u3001\u3002\u3009\u300b\u300d\u3011\uff01\uff09\uff0c\uff1a\uff1b\uff1f"
_PIECE = re.compile(rf"[{_OPEN}]*(?:[^\s\u2e80-\uffff{_OPEN}{_STOP}]+|.)[{_STOP}]*\s*")
# where words of a figure begin, as a share of its width; inches above the title
LEFT, TITLE = 0.01, 0.08
# points between a panel and its subtitle: half of a number beside the top of the panel lies there
PAD = 10
# inches across: of a picture, and of the one for a narrow page
WIDE, NARROW = 7.6, 3.7
# of a picture to be saved: dots an inch, colours (those of `VARIABLES` and between them)
DOTS, SHADES = 150, 64
# says a message, given in English, or a study's words in the language drawn
Translator = Callable[..., str]
Draw = Callable[[Any, Translator], None]


@dataclass
class Figure:
    """Shows what the function that it decorates draws, in every language of the study.

    The function is given an axis (a list of them where there are several `panels`, which names
    their relative heights) and `_`, which says a message or a study's words in the language drawn.
    `description`: what a screen reader says; `data`: the frame behind it, kept as CSV; `height` in
    inches. `narrow`: the height of a second picture for narrow pages, which the same function draws
    (`is_narrow`); without it a narrow page shows a part of the wide one, to be moved sideways.
    """

    title: str | Message
    subtitle: str | Message
    description: str | Message
    data: pd.DataFrame = field(repr=False)
    height: float = 4.2
    panels: Sequence[float] = (1.0,)
    narrow: float | None = None
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
            drawn = {lang: self._drawn(lang) for lang in languages()}
        shown = {lang: self._html(lang, svg) for lang, (svg, _png) in drawn.items()}
        titles = {lang: translated(lang, self.title) for lang in languages()}
        frame, index = self.data, self.data.index.name
        frame = frame if index is None or index in frame else frame.reset_index()
        rows = [[say(c, languages()[0]) for c in row] for row in frame.itertuples(index=False)]
        csv = {"names": [str(name) for name in frame], "rows": rows}
        png = {lang: base64.b64encode(png).decode() for lang, (_svg, png) in drawn.items()}
        return bundle(shown, titles, csv=csv, png=png)

    def _html(self, language: str, pictures: Sequence[str]) -> str:
        """Return the pictures, wide and perhaps narrow, as one with one description."""
        title, about = (
            html.escape(translated(language, words)) for words in (self.title, self.description)
        )
        kinds = zip(("wide", "narrow"), pictures, strict=False)
        shown = "".join(f'<div class="{kind}">{svg}</div>' for kind, svg in kinds)
        # what is moved sideways has to be reached by keyboard
        moved = "" if len(pictures) > 1 else ' tabindex="0"'
        return (
            f'<figure class="analysis" role="group" aria-label="{title}">'
            f'<div class="picture" role="img" aria-label="{about}"{moved}>{shown}</div>'
            f"<figcaption>{LINKS}</figcaption></figure>"
        )

    def _drawn(self, language: str) -> tuple[list[str], bytes]:
        """Return the pictures for a page as SVG, and the wide one as a file to be saved, PNG."""
        sizes = [(WIDE, self.height), *([(NARROW, self.narrow)] if self.narrow else [])]
        style = {
            "svg.fonttype": "none",
            "svg.hashsalt": translated("en", self.title),
            # quotation marks of the Chinese font are as wide as a character
            "font.family": [
                *([] if without_blanks(language) else ["DejaVu Sans"]),
                font_name(),
            ],
            "axes.unicode_minus": False,
            # a dollar sign is one
            "text.parse_math": False,
            **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
            **dict.fromkeys(("axes.edgecolor", "grid.color", "hatch.color"), PALE),
            "grid.alpha": 0.4,
            "grid.linewidth": 0.8,
        }
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            sns.set_theme(style="whitegrid", rc=style)
            canvases = [self._canvas(language, *size) for size in sizes]
            return [_svg(canvas) for canvas in canvases], _png(canvases[0])

    def _canvas(self, language: str, width: float, height: float) -> Canvas:
        """Return the figure drawn in one language on a canvas of so many inches."""
        canvas, say_in = Canvas(figsize=(width, height), layout=None), partial(translated, language)
        FigureCanvasSVG(canvas)
        rows = canvas.subplots(len(self.panels), 1, sharex=True, height_ratios=self.panels)
        axes = list(np.ravel(rows))
        self.draw(axes[0] if len(axes) == 1 else axes, say_in)
        source = fitted(canvas, say_in(source_line()), 8)
        canvas.supxlabel(source, fontsize=8, x=LEFT, ha="left")
        # a Chinese font is higher than its characters
        large, top = 12 if is_narrow(axes[0]) else 13, 1 - TITLE / height
        # a page shows it in bold letters, which are wider
        title = fitted(canvas, say_in(self.title), 1.1 * large)
        canvas.suptitle(title, fontsize=large, x=LEFT, y=top, ha="left", gid="title")
        _lay_out(canvas, fitted(canvas, say_in(self.subtitle), 10))
        return canvas


def is_narrow(ax: Any) -> bool:
    """Return whether an axis belongs to the picture for a narrow page."""
    return bool(ax.figure.get_figwidth() <= NARROW)


def fitted(canvas: Canvas, text: str, points: float, share: float = 1.0) -> str:
    """Return text in lines that fit a share of a figure's width, in letters of so many points.

    A Chinese sign is as wide as two letters, and a line can end after each but before a stop.
    """
    # a letter is half as wide as high, a font may be a tenth wider
    most = share * canvas.get_figwidth() * 72 * 0.98 / (points * 0.55)
    lines, length = [""], 0.0
    for piece in _PIECE.findall(text):
        width = sum(2 if sign > "\u2e7f" else 1 for sign in piece.rstrip())
        if length and length + width > most:
            lines, length = [*lines, ""], 0.0
        lines[-1] += piece
        length += width + len(piece) - len(piece.rstrip())
    return "\n".join(line.rstrip() for line in lines)


def not_reported(ax: Any, x: float, y: float, width: float, height: float) -> None:
    """Draw a hatched field in data units: nothing is reported there."""
    hatched = Rectangle((x, y), width, height, hatch="////", facecolor=PAPER, edgecolor=PALE)
    ax.add_patch(hatched)


def _svg(canvas: Canvas) -> str:
    """Return a figure as SVG whose colours a page can set; saved by itself it has its own."""
    out = io.StringIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()[out.getvalue().index("<svg") :]

    def variable(colour: re.Match[str]) -> str:
        return f"var(--figure-{VARIABLES[colour[0]]}, {colour[0]})"

    return _STYLE.sub(lambda style: _COLOUR.sub(variable, style[0]), svg)


def _png(canvas: Canvas) -> bytes:
    """Return a figure as a small PNG; the same figure gives the same bytes."""
    canvas.dpi = DOTS
    agg: Any = FigureCanvasAgg(canvas)
    agg.draw()
    picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    out, how = io.BytesIO(), Image.Quantize.FASTOCTREE
    reduced = picture.quantize(SHADES, how, dither=Image.Dither.NONE)
    reduced.save(out, "PNG", dpi=(DOTS, DOTS))
    return out.getvalue()


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
