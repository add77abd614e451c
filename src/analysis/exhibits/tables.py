"""A table in two languages: caption, column heads with scope, a scrollable region, and its CSV."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.bundle import bundle
from analysis.exhibits.wording import LANGUAGES, Language, fill

Cell = Any


@dataclass(frozen=True)
class Table:
    """Rows under heads; `columns`: name in the CSV -> head in both languages.

    A cell is text, a number, a mapping {en, zh} or any value of `wording` that renders itself.
    """

    title: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    rows: Sequence[Sequence[Cell]]
    source: Mapping[str, str]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        shown: dict[str, str] = {lang: self._html(lang) for lang in LANGUAGES}
        plain: dict[str, str] = {lang: self.title[lang] for lang in LANGUAGES}
        csv = {
            "names": list(self.columns),
            "rows": [[_text(cell, "en") for cell in row] for row in self.rows],
            "header": {lang: [head[lang] for head in self.columns.values()] for lang in LANGUAGES},
            "rows_zh": [[_text(cell, "zh") for cell in row] for row in self.rows],
        }
        return bundle("table", shown, plain, title=dict(self.title), csv=csv)

    def _html(self, language: Language) -> str:
        heads = "".join(
            f'<th scope="col">{html.escape(head[language])}</th>' for head in self.columns.values()
        )
        body = "".join(f"<tr>{_row(row, language)}</tr>" for row in self.rows)
        title = html.escape(self.title[language])
        return (
            f'<div class="table-region" role="region" aria-label="{title}" tabindex="0">'
            f'<table class="analysis"><caption>{title}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
            f'<p class="source">{html.escape(self.source[language])}</p>'
        )


def _row(row: Sequence[Cell], language: Language) -> str:
    first, *rest = (html.escape(_text(cell, language)) for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)


def _text(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else fill("{cell}", {"cell": cell}, language)
