"""Source pages in one language: policy pages filled from claims, notebooks without the other."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from analysis.exhibits.bundle import MIME
from analysis.exhibits.wording import Language, fill, month, percent, points, rounded, term
from analysis.study.reader import Study


class PageError(Exception):
    """A page names a claim or label that does not exist."""


@dataclass(frozen=True)
class Pages:
    """What pages of one language are filled from."""

    study: Study
    claims: Mapping[str, Mapping[str, Any]]
    language: Language

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one entry of the ledger.

        Raises:
            PageError: no such claim.
        """
        if name not in self.claims:
            raise PageError(f"no claim {name!r} in claims.json; run its notebook or mend the page")
        return self.claims[name]

    def num(self, name: str, words: str = "") -> str:
        """Return words filled from a claim, linked to its cell; default: the claim's sentence."""
        entry = self.claim(name)
        lower, upper = entry["interval"] or (None, None)
        values = {**entry, "p": entry["p_value"], "lower": lower, "upper": upper}
        shown = fill(words, values, self.language) if words else entry["text"][self.language]
        page = name.split(".")[0]
        return f'<a href="notebooks/{page}.html#{entry["cell"]}">{html.escape(shown)}</a>'

    def grade(self, name: str) -> str:
        """Return the fixed phrase of a claim's grade."""
        words = term(f"grade.{self.claim(name)['grade']}", self.language)
        return f'<span class="grade">{words}</span>'

    def short(self, pilot: str) -> str:
        """Return a pilot's short name."""
        return self.study.pilot_name(pilot, self.language)

    def render(self, source: Path, **more: Any) -> str:
        """Fill one template.

        Raises:
            PageError: the template names what does not exist; the message names the template.
        """
        engine = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
        engine.filters.update(percent=percent, points=points, rounded=rounded)
        study = self.study
        context = {
            "claim": self.claim,
            "num": self.num,
            "grade": self.grade,
            "short": self.short,
            "term": lambda key: term(key, self.language),
            "pilots": study.pilots,
            "factors": {n: f.label[self.language] for n, f in study.declared.factors.items()},
            "claims": self.claims,
            "sources": study.tables["sources.csv"].rows,
            "month": month(study.declared.waves[study.wave].month, self.language),
            "title": study.declared.title[self.language],
            **more,
        }
        try:
            return engine.from_string(source.read_text(encoding="utf-8")).render(context)
        except (jinja2.TemplateError, PageError, KeyError) as error:
            raise PageError(f"report/text/{self.language}/{source.name}: {error}") from error


def notebook_page(path: Path, language: Language) -> dict[str, Any]:
    """Return an executed notebook for the site: one language, an anchor before each cell."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    other = "zh" if language == "en" else "en"
    cells = []
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if other in tags:
            continue
        if cell["cell_type"] == "code":
            anchor = f'<span id="{cell["id"]}"></span>'
            cells.append(_markdown(anchor, f"at-{cell['id']}"))
            cell["metadata"] = {"tags": [*tags, "hide-input"]}
            cell["outputs"] = [_shown(o, language) for o in cell.get("outputs", [])]
        cells.append(cell)
    notebook["cells"] = cells
    return notebook


def _markdown(text: str, name: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": [text]}


def _shown(output: dict[str, Any], language: Language) -> dict[str, Any]:
    data = output.get("data", {})
    if MIME not in data:
        return output
    shown = {"text/html": data[MIME][language]}
    return {"output_type": "display_data", "metadata": {}, "data": shown}
