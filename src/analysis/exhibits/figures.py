"""Figures in two languages, as SVG with text as text; everything a reader needs is inside."""

import html
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import seaborn as sns
import zhplot
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from analysis.exhibits.bundle import bundle
from analysis.exhibits.wording import LANGUAGES, Language

Words = Mapping[str, str]
INK, ACCENT, PALE = "#1b2a41", "#b35c00", "#8a94a6"


@dataclass(frozen=True)
class Figure:
    """A figure drawn once for each language, with title, subtitle, description, source and data."""

    title: Words
    subtitle: Words
    description: Words
    source: Words
    draw: Callable[[Axes, Language], None]
    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    height: float = 4.2

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        shown = {lang: self._html(lang) for lang in LANGUAGES}
        plain = {lang: self.title[lang] for lang in LANGUAGES}
        csv = {"names": list(self.names), "rows": [[str(c) for c in row] for row in self.rows]}
        return bundle("figure", shown, plain, title=dict(self.title), csv=csv)

    def _html(self, language: Language) -> str:
        title, about = html.escape(self.title[language]), html.escape(self.description[language])
        return (
            f'<figure class="analysis" role="group" aria-label="{title}">'
            f'<div class="picture" role="img" aria-label="{about}">{self._svg(language)}</div>'
            f"<figcaption>{title}. {html.escape(self.subtitle[language])}</figcaption></figure>"
        )

    def _svg(self, language: Language) -> str:
        style = {
            "svg.fonttype": "none",
            "svg.hashsalt": self.title["en"],
            "font.family": [_font()],
            "axes.unicode_minus": False,
        }
        with mpl.rc_context(), warnings.catch_warnings():
            # a character without a glyph would be shown as a box: fail instead
            warnings.filterwarnings("error", message="Glyph .* missing")
            sns.set_theme(style="whitegrid", rc=style)
            canvas = Canvas(figsize=(7.6, self.height), layout="constrained")
            FigureCanvasSVG(canvas)
            axes = canvas.subplots()
            self.draw(axes, language)
            axes.set_title(f"{self.title[language]}\n{self.subtitle[language]}", loc="left", fontsize=11)
            canvas.supxlabel(self.source[language], fontsize=8, x=0.01, ha="left", color=INK)
            out = io.StringIO()
            canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()[out.getvalue().index("<svg") :]


@cache
def _font() -> str:
    path = next(Path(zhplot.__file__).parent.rglob("NotoSansSC-Regular.ttf"))
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


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
        for (x, y), names in stacked.items():
            axes.annotate(
                "\n".join(names), (x, y), xytext=(8, 0), textcoords="offset points",
                fontsize=8, va="center",
            )
        axes.set_yticks(list(levels), [words[language] for words in levels.values()])
        axes.set_ylim(-0.6, max(levels) + 0.6)
        axes.margins(x=0.2)
        axes.set_xlabel(axis[language])
        axes.set_ylabel("")
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncol=2, frameon=False, fontsize=9)

    rows = [(name["en"], x, y, flag) for name, x, y, flag in points]
    return Figure(
        title, subtitle, description, source, draw, ("pilot", "number", "stage", "marked"), rows
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
            axes.plot([lower, upper], [place, place], "|", color=INK, markersize=14)
        axes.axvline(0, color=PALE, linestyle="--")
        axes.set_yticks(range(len(bars)), [bar[0][language] for bar in bars])
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xlabel(axis[language])

    rows = [(name["en"], lower, upper) for name, lower, upper in bars]
    return Figure(
        title, subtitle, description, source, draw, ("reading", "lower", "upper"), rows,
        height=1.9 + 0.5 * len(bars),
    )
