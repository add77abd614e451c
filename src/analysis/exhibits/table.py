"""A table in every language: caption, column heads with scope, a scrollable region, and its CSV."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
import pandas as pd

from analysis.claims.bundle import bundle
from analysis.claims.cell import watching
from analysis.claims.words import Message, say
from analysis.exhibits.source import source_line

# the one way a table is written, here and on the pages; a cell is text, or Markup of its own
HTML = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """\
<div class="table-region" role="region" aria-label="{{ title }}" tabindex="0">
<table class="analysis"><caption>{{ title }}</caption>
<thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}
<tr{% if ids %} id="{{ ids[loop.index0] }}"{% endif %}><th scope="row">{{ row[0] }}</th>
{%- for cell in row[1:] %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% if source %}<p class="source">{{ source }}</p>{% endif %}
"""
)


@dataclass(frozen=True)
class Table:
    """Some columns of a frame under heads, a row of the frame a line.

    `columns`: column (or level of the index) -> its head, in the order shown. `kinds`: column ->
    how its numbers are written, as of `words.say`. A cell may hold words that know their languages.
    `source`: what stands under it; by default what the study's text is. A frame without rows shows
    nothing.
    """

    frame: pd.DataFrame
    title: str | Message
    columns: Mapping[str, str | Message]
    kinds: Mapping[str, str] = field(default_factory=dict)
    source: Any = None

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self.frame.empty:
            return {"text/plain": ""}
        watched = watching()
        languages = watched.study.languages if watched else ("en",)
        title = {lang: _said(self.title, lang) for lang in languages}
        heads = {lang: [_said(h, lang) for h in self.columns.values()] for lang in languages}
        rows = {lang: self._rows(lang) for lang in languages}
        source = self.source or (source_line(watched.study) if watched else "")
        shown = {
            lang: HTML.render(
                title=title[lang], heads=heads[lang], rows=rows[lang], source=_said(source, lang)
            )
            for lang in languages
        }
        first = languages[0]
        csv = {"names": list(self.columns), "rows": rows[first], "header": heads, "by": rows}
        return bundle("table", shown, title, title=title, csv=csv)

    def _rows(self, language: str) -> list[list[str]]:
        left = self.columns.keys() - set(self.frame)
        names = [name for name in self.frame.index.names if name in left]
        frame = self.frame.reset_index(names) if names else self.frame
        kinds = [self.kinds.get(name, "") for name in self.columns]
        return [
            [say(cell, language, kind) for cell, kind in zip(row, kinds, strict=True)]
            for row in frame[list(self.columns)].itertuples(index=False, name=None)
        ]


def _said(words: Any, language: str) -> str:
    return say(Message(words) if isinstance(words, str) else words, language)
