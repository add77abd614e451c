"""Policy pages: templates of `report/text/` filled from claims, in one language."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2

from analysis.claims.catalogue import translate
from analysis.claims.grades import PHRASES
from analysis.claims.words import Joined, fill, lower_higher, say
from analysis.exhibits.table import NOT_OFFICIAL, NOT_REVIEWED, SIMULATED, SOURCE, as_of
from analysis.publish.executed import bundles
from analysis.publish.page_words import WORDS
from analysis.publish.views import Passages, StudyView
from analysis.study.study import Study
from notebook_build.project import BuildError


class SiteError(BuildError):
    """The pages cannot be made; the message names the file and what is wrong there."""


@dataclass(frozen=True)
class Pages:
    """What the pages of one language are filled from.

    `report`: the folder with the texts; `notebooks`: the executed ones; `changed`: parameters
    that differ from the default.
    """

    study: Study
    claims: Mapping[str, Mapping[str, Any]]
    language: str
    report: Path
    notebooks: Path
    passages: Passages
    changed: Mapping[str, Any]

    @cached_property
    def view(self) -> StudyView:
        """Return the study in this language."""
        return StudyView(self.study, self.language)

    @cached_property
    def words(self) -> dict[str, str]:
        """Return the words of the pages in this language, unfilled."""
        return {key: translate(m.template, self.language, m.context) for key, m in WORDS.items()}

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one entry of the ledger.

        Raises:
            SiteError: no such claim.
        """
        if name not in self.claims:
            raise SiteError(f"no claim {name!r} in claims.json; run its notebook or mend the page")
        return self.claims[name]

    def num(self, name: str, words: str = "") -> str:
        """Return words filled from a claim, linked to its cell.

        Without words, or where the claim has no answer, the claim's own sentence. `{span}` is a
        range of a difference in points: from so many lower to so many higher.
        """
        entry = self.claim(name)
        ends = entry["interval"] or (entry["value"], entry["value"])
        answered = None not in ends
        compared = answered and entry["unit"] == "difference"
        span = lower_higher(ends[0], ends[1]) if compared else ""
        lower, upper = ends
        values = {**entry["words"], **entry, "span": span, "lower": lower, "upper": upper}
        sentence = fill(words, values, self.language) if words and answered else None
        sentence = sentence or entry["text"][self.language]
        page, cell = name.split(".", 1)
        target = f"notebooks/{page}.html#{cell}"
        return f'<a class="num" data-claim="{name}" href="{target}">{html.escape(sentence)}</a>'

    def each(self, page: str, *cells: str) -> list[str]:
        """Return the ids of all claims of some cells of a page, in the order of the cells."""
        return [
            name
            for cell in cells
            for name, entry in self.claims.items()
            if entry["cell"] == cell and name.startswith(f"{page}.")
        ]

    def exhibit(self, page: str, cell: str) -> str:
        """Return the table or figure of a cell, as one block of HTML.

        Raises:
            SiteError: no such cell, or it shows nothing.
        """
        for name, shown in bundles(self.notebooks / f"{page}.ipynb"):
            if name == cell:
                return "\n".join(line for line in shown[self.language].splitlines() if line.strip())
        raise SiteError(f"no exhibit {page}.{cell}; name a cell that shows a table or figure")

    def grade(self, name: str) -> str:
        """Return the fixed phrase of a claim's grade."""
        return f'<em class="grade">{say(PHRASES[self.claim(name)["grade"]], self.language)}</em>'

    def differences(self) -> list[str]:
        """Return what to say on top of each page of a build with other parameters."""
        if not self.changed:
            return []
        choices = [
            self.words.get(f"choice.{name}={value}".lower(), f"{name} = {value}")
            for name, value in self.changed.items()
        ]
        joined = self.words["changed.stop"].join(choices)
        listed = self.words["changed.list"].replace("{changes}", joined)
        return [self.words["changed.title"], listed]

    def banner(self) -> list[str]:
        """Return what stands on every page: as of when, what this is, who coded it."""
        declared = self.study.declared
        reviewed = [] if declared.reviewed_by_person else [NOT_REVIEWED]
        words = (
            [SIMULATED, NOT_OFFICIAL]
            if declared.simulated
            else [as_of(self.study), NOT_OFFICIAL, *reviewed, SOURCE]
        )
        return [say(each, self.language) for each in words]

    def joined(self, *sentences: Any) -> str:
        """Return sentences one after the other, as the language has it."""
        return say(Joined(sentences), self.language)

    def render(self, source: Path, **more: Any) -> str:
        """Fill one template.

        Raises:
            SiteError: the template names what does not exist; the message names the template.
        """
        engine = jinja2.Environment(
            undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
        )
        context = {
            "claim": self.claim,
            "claims": self.claims,
            "num": self.num,
            "each": self.each,
            "exhibit": self.exhibit,
            "grade": self.grade,
            "words": self.words,
            "passage": self.passages.of,
            "texts_given": bool(self.passages.texts),
            "study": self.view,
            **more,
        }
        try:
            return engine.from_string(source.read_text(encoding="utf-8")).render(context)
        except (jinja2.TemplateError, SiteError, KeyError, ValueError, TypeError) as error:
            place = source.relative_to(self.report.parent)
            raise SiteError(f"{place.as_posix()}: {error}") from error
