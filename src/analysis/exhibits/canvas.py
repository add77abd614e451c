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
from zlib import crc32

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.transforms import Bbox
from PIL import Image

from analysis.claims.cell import bundle, languages, watching
from analysis.claims.words import Message, say, translated, without_blanks
from analysis.exhibits import LINKS, font_file
from analysis.exhibits.table import source_line

# the colours of figures; on a page each is a variable that its style sheet sets (`--figure-ink`)
INK, ACCENT, PALE, PAPER = "#1b2a41", "#b35c00", "#8a94a6", "#ffffff"
VARIABLES = {INK: "ink", ACCENT: "accent", PALE: "pale", PAPER: "paper"}
_STYLE = re.compile(r'style="([^"]*)"(?=[^<>]*>)')  # within a tag
_COLOUR = re.compile("|".join(VARIABLES))
# what matplotlib says of a picture itself, turns by nothing, blanks before a line, names of parts
# that nothing refers to
_UNUSED = re.compile(
    r'<metadata>.*?</metadata>\s*| transform="rotate\(-0 [^"]*"|(?<=\n) +'
    r'| id="(?:text|line2d|xtick|ytick|patch(?=_[^12]|_\d\d)|\w*Collection\w*)_\d+"',
    re.DOTALL,
)
# of a tag: a place, told to a hundredth of a point, and where a line goes on; rectangles; groups
# of no name
_TAG, _PLACE = re.compile(r"<[^<>]*>"), re.compile(r"\d+\.\d+")
_ON = re.compile(r"(?<=[\dz]) ?\n([A-Zz]?) ?")
_BOX = re.compile(r"M (\S+) (\S+?)L(\S+) \2L\3 (\S+?)L\1 \4(?:L\1 \2)?z")
_GROUP = re.compile(r"<g>\s*((?:(?!</?g\b).)*?)\s*</g>", re.DOTALL)
# what opens and what ends a Chinese phrase; a line is broken after a word or a Chinese sign, never
# between it and these
_OPEN = r"\u2018\u201c\u3008\u300a\u300c\u3010\uff08"
_STOP = r"\u2019\u201d\u3001\u3002\u3009\u300b\u300d\u3011\uff01\uff09\uff0c\uff1a\uff1b\uff1f"
_PIECE = re.compile(rf"[{_OPEN}]*(?:[^\s\u2e80-\uffff{_OPEN}{_STOP}]+|.)[{_STOP}]*\s*")
# where words of a figure begin, as a share of its width; points between its parts
LEFT, GAP = 0.01, 6
# inches across: of a picture, and of the one for a narrow page
WIDE, NARROW = 7.6, 3.7
# of a picture to be saved: dots an inch, colours (those of `VARIABLES` and between them)
DOTS, SHADES = 150, 64
# text stays text, a dollar sign is one; letters that are not fitted to dots are drawn sooner
STYLE: dict[str, Any] = {
    **{"svg.fonttype": "none", "axes.unicode_minus": False, "text.parse_math": False},
    "text.hinting": "no_hinting",
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("axes.edgecolor", "grid.color", "hatch.color"), PALE),
    "grid.alpha": 0.4,
}
# says a message, given in English, or a study's words in the language drawn
Translator = Callable[..., str]
Draw = Callable[[Any, Translator], None]


@dataclass
class Figure:
    """Shows what the function that it decorates draws, in every language of the study.

    The function is given an axis and `_`, which says words in the language drawn. `description`:
    what a screen reader says; `data`: the frame behind it, kept as CSV; `height` in inches.
    `narrow`, of a figure that reading pages show: the height of a second picture for narrow ones,
    which the same function draws (`is_narrow`); the wide one is also saved as PNG. Without it a
    narrow page shows a part of the wide one, moved sideways. `sources`: besides the text.
    """

    title: str | Message
    subtitle: str | Message
    description: str | Message
    data: pd.DataFrame = field(repr=False)
    height: float = 4.2
    narrow: float | None = None
    sources: Sequence[Message] = ()
    draw: Draw = field(init=False)

    def __call__(self, draw: Draw) -> "Figure":
        """Show what a function draws."""
        self.draw = draw
        display(self)  # type: ignore[no-untyped-call]
        return self

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self.data.isna().all(axis=None):
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
        png = {lang: base64.b64encode(png).decode() for lang, (_svg, png) in drawn.items() if png}
        return bundle(shown, titles, csv=csv, titles=titles, png=png)

    def _html(self, language: str, pictures: Sequence[str]) -> str:
        """Return the pictures, wide and perhaps narrow, as one with one description."""
        said = (translated(language, words) for words in (self.title, self.description))
        title, about = map(html.escape, said)
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
        """Return the pictures for a page as SVG, and the wide one as PNG if it is to be saved."""
        narrow = [(NARROW, self.narrow, 0.75)] if self.narrow else []
        # quotation marks of the Chinese font are as wide as a character
        fonts = [] if without_blanks(language) else ["DejaVu Sans"]
        above_and_below = self.title, self.subtitle, source_line(self.sources)
        words = [translated(language, each) for each in above_and_below]
        style = {"svg.hashsalt": words[0], "font.family": [*fonts, font_name()]}
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            canvases = []
            for width, height, scale in ((WIDE, self.height, 0.85), *narrow):
                sns.set_theme(style="whitegrid", font_scale=scale, rc=STYLE | style)
                canvas = Canvas(figsize=(width, height), dpi=72, layout=None)
                FigureCanvasSVG(canvas)
                self.draw(canvas.subplots(), partial(translated, language))
                _lay_out(canvas, *words)
                canvases.append(canvas)
            saved = _png(canvases[0]) if self.narrow else b""
            return [_svg(canvas) for canvas in canvases], saved


def is_narrow(ax: Any) -> bool:
    """Return whether an axis belongs to the picture for a narrow page."""
    return bool(ax.figure.get_figwidth() <= NARROW)


def fitted(canvas: Any, text: str, points: float, share: float = 1.0) -> str:
    """Return text in lines that fit a share of a figure's width, in letters of so many points.

    As few lines as there can be, of like length. A Chinese sign is as wide as two letters; a line
    ends after it or a word, never before a stop.
    """
    # a letter is half as wide as high, a font may be a tenth wider
    most = int(share * canvas.get_figwidth() * 72 * (1 - 2 * LEFT) / (points * 0.55))
    widest = _lines(text, most)
    even = (_lines(text, letters) for letters in range(most // 2, most))
    lines = next((each for each in even if len(each) == len(widest)), widest)
    return "\n".join(line.rstrip() for line in lines)


def _lines(text: str, letters: int) -> list[str]:
    lines, length = [""], 0
    for piece in _PIECE.findall(text):
        width = sum(2 if sign > "\u2e7f" else 1 for sign in piece)
        if length and length + width - piece.endswith(" ") > letters:
            lines, length = [*lines, ""], 0
        lines[-1] += piece
        length = 0 if "\n" in piece else length + width
    return lines


def _svg(canvas: Canvas) -> str:
    """Return a figure as SVG whose colours a page can set; saved by itself it has its own.

    How parts look stands once, as a class: named after what it says, it is one for all pictures.
    """
    out = io.StringIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = _UNUSED.sub("", out.getvalue()[out.getvalue().index("<svg") :])
    svg = _TAG.sub(lambda tag: _PLACE.sub(_short, _ON.sub(r"\1", tag[0])), svg)
    svg = _BOX.sub(r"M\1 \2H\3V\4H\1z", svg)
    while (fewer := _GROUP.sub(r"\1", svg)) != svg:
        svg = fewer
    looks = dict[str, str]()

    def named(style: re.Match[str]) -> str:
        look = _COLOUR.sub(lambda c: f"var(--figure-{VARIABLES[c[0]]}, {c[0]})", style[1])
        look = look.replace(": ", ":").replace("; ", ";")
        name = f"f{crc32(look.encode()):08x}"
        looks[name] = look
        return f'class="{name}"'

    svg = _STYLE.sub(named, svg)
    rules = "".join(f".{name}{{{look}}}" for name, look in looks.items())
    return svg.replace("</style>", f"{rules}</style>", 1)


def _short(place: re.Match[str]) -> str:
    return f"{float(place[0]):.2f}".rstrip("0").rstrip(".")


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


def _lay_out(canvas: Canvas, title: str, subtitle: str, source: str) -> None:
    """Stack title, subtitle, legend, panel and source; all words begin at the same place."""
    high, (ax,) = canvas.bbox.height, canvas.axes
    large, columns = (12, 1) if is_narrow(ax) else (13, 3)
    y, write = 1 - GAP / high, partial(canvas.text, LEFT, linespacing=1.3)
    # a page shows the title in bold letters, which are wider
    for name, words, points, share in (("title", title, large, 0.9), ("subtitle", subtitle, 10, 1)):
        lines = fitted(canvas, words, points, share)
        shown = write(y, lines, fontsize=points, va="top", gid=name)
        y = (shown.get_window_extent().y0 - GAP) / high
    # a drawing without axes places its own legend
    if ax.axison and (keys := dict(zip(*ax.get_legend_handles_labels()[::-1], strict=True))):
        ax.legend().remove()
        look: dict[str, Any] = {"frameon": False, "borderpad": 0.2, "borderaxespad": 0}
        look |= {"loc": "upper left", "bbox_to_anchor": (LEFT, y), "ncols": columns, "fontsize": 9}
        legend = canvas.legend(list(keys.values()), list(keys), **look)
        y = (legend.get_window_extent().y0 - GAP) / high
    foot = write(0.7 * GAP / high, fitted(canvas, source, 8), fontsize=8, va="bottom")
    # a layout measures the words of a panel: what else is drawn lies within its box
    for inside in (*ax.lines, *ax.collections, *ax.patches, *ax.spines.values()):
        inside.set_in_layout(False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_text(fitted(canvas, axis.get_label_text(), 10, 0.8))
        if not axis.get_label_text():
            # or it is placed beside the words of every tick, again and again
            axis.set_label_coords(0, 0)
    bottom = (foot.get_window_extent().y1 + GAP) / high
    if not ax.axison:
        # all that a drawing without axes shows stands inside its box
        ax.set_position((LEFT, bottom, 1 - 2 * LEFT, y - bottom))
        return
    # the panel is as large as there is room, less what its words take beside it
    edge = np.array([1 / canvas.bbox.width, 1 / high]) * 0.4 * mpl.rcParams["font.size"]
    room = np.array([(edge[0], bottom + edge[1]), (1 - edge[0], y - edge[1])])
    ax.set_position(Bbox(room))
    if (panel := ax.get_tightbbox(for_layout_only=True)) is not None:
        beside = ax.bbox.get_points() - panel.get_points()
        ax.set_position(Bbox(room + beside / canvas.bbox.size))


@cache
def font_name() -> str:
    """Return the family of the Chinese font, known to matplotlib from now on."""
    path = font_file()
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


# as notebooks write it
figure = Figure
