"""Policy pages: templates of `report/text/` filled from claims and coded rows, in one language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from analysis.claims.catalogue import translate
from analysis.claims.words import Month, fill, lower_higher, page_text, say, without_blanks
from analysis.exhibits.coded import SAID_OF_ALL, coded_rows, project_rows
from analysis.exhibits.table import HTML, NOT_OFFICIAL, as_of, coded_by, text_source
from analysis.publish.executed import Content, anchor, bundles, exhibit
from analysis.publish.page_words import WORDS
from analysis.study import PROGRAMME, root
from analysis.study.evidence import passage
from analysis.study.files import Record
from analysis.study.study import Study
from notebook_build.project import BuildError

# what a template can ask for of its pages, beside the tables of evidence
GIVEN = (
    "brief", "claims", "each", "exhibit", "files", "first_line", "grade", "headline", "notebooks",
    "num", "rows", "say", "shows", "study", "texts", "title", "up", "words",
)  # fmt: skip
TAG = re.compile(r"<[^>]*>")
# a sign written as its number that means nothing to HTML
HARMLESS = re.compile(r"&#(?!34;|38;|39;|60;|62;)(\d+);")
# numbers, and those of one count together: `5 of 13`
_ONE = r"\d+(?:[.,]\d+)*%?"
_NUMBERS = re.compile(rf"({_ONE}(?:[^\d.:;!?\u3002\uff1a\uff1b]{{1,6}}{_ONE})*)")
_LABEL = re.compile(r'aria-label="([^"]*)"')
_ROW, _CELL = re.compile(r"<tr\b.*?</tr>"), re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>")
# columns of the table of sources
SOURCES = ("source_id", "title", "issuer", "date", "address", "terms")


@cache
def _engine(report: Path) -> jinja2.Environment:
    """Return what fills the templates of a folder; whatever they are given is text."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(report),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=page_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True)
class Pages:
    """What the pages of one language are filled from.

    `claims`: the ledger by id; `notebooks`: the executed ones, by page; `texts`: of sources, by id;
    `changed`: parameters that differ from the default, which every page says on top. `up`: the way
    from the page to the first one, for links.
    """

    language: str
    study: Study
    claims: Mapping[str, Mapping[str, Any]]
    notebooks: Mapping[str, Content]
    texts: Mapping[str, str]
    changed: Mapping[str, Any]
    up: str = ""

    @property
    def joint(self) -> str:
        """Return what stands between two sentences."""
        return "" if without_blanks(self.language) else " "

    @property
    def title(self) -> str:
        """Return the title of the study."""
        return self.say(self.study.declared.title)

    @cached_property
    def words(self) -> dict[str, str]:
        """Return the words of the pages in this language, unfilled, and the study's for facts."""
        own = {
            f"fact.{column}.{value}": self.say(words)
            for column, known in self.study.codebook.facts.items()
            for value, words in known.items()
        } | {
            f"fact.variable.{name}": self.say(figure.label)
            for name, figure in self.study.codebook.figures.items()
            if figure.label.root
        }
        return own | {k: translate(m.template, self.language, m.context) for k, m in WORDS.items()}

    def say(self, value: Any, kind: str = "") -> str:
        """Return a value in this language, as of `words.say`."""
        return say(value, self.language, kind)

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one entry of the ledger; a BuildError says that there is none."""
        if name not in self.claims:
            raise BuildError(f"no claim {name!r} in claims.json; run its notebook or mend the page")
        return self.claims[name]

    def num(self, name: str, words: str = "") -> Markup:
        """Return words filled from a claim, linked to its cell.

        Without words, or where the claim has no answer, the claim's own sentence. `{span}` is a
        range of a difference in points: from so many lower to so many higher.
        """
        entry = self.claim(name)
        lower, upper = entry["interval"] or (entry["value"], entry["value"])
        sentence = entry["text"][self.language]
        if words and lower is not None and upper is not None:
            span = lower_higher(lower, upper) if entry["unit"] == "difference" else ""
            values = {**entry["words"], **entry, "span": span, "lower": lower, "upper": upper}
            sentence = fill(words, values, self.language)
        return self._linked(name, sentence)

    def _linked(self, name: str, sentence: str) -> Markup:
        """Return a sentence whose numbers lead to a claim's cell, the last one with its id.

        A sentence without one is followed by a word that leads there.
        """
        page, cell = name.split(".", 1)
        parts = _NUMBERS.split(sentence)
        if len(parts) == 1:
            parts = [sentence + self.joint, self.words["num.basis"], ""]
        said, *parts = map(page_text, parts)
        link = Markup('<a class="num"{} href="{}notebooks/{}.html#{}">{}</a>')
        last = len(parts) - 2
        for i in range(0, len(parts), 2):
            named = Markup(' data-claim="{}"').format(name) if i == last else ""
            said += link.format(named, self.up, page, cell, parts[i]) + parts[i + 1]
        return said

    def each(self, page: str, *cells: str) -> list[str]:
        """Return the ids of all claims of some cells of a page, in the order of the cells."""
        return [
            name
            for cell in cells
            for name, entry in self.claims.items()
            if entry["cell"] == cell and name.startswith(f"{page}.")
        ]

    def exhibit(self, page: str, cell: str) -> Markup:
        """Return the table or figure of a cell, as one block of HTML; it must show one."""
        for name, shown in bundles(self.notebooks[page]):
            if name == cell:
                lines = exhibit(page, cell, shown, self.language, f"{self.up}../").split("\n")
                return Markup("\n".join(line for line in lines if line.strip()))
        raise BuildError(f"no exhibit {page}.{cell}; name a cell that shows a table or figure")

    def shows(self, page: str, cell: str) -> bool:
        """Return whether a cell of a page shows a table or figure."""
        return page in self.notebooks and cell in dict(bundles(self.notebooks[page]))

    def files(self, page: str) -> list[tuple[str, Markup, bool]]:
        """Return the cells of a page whose tables and figures can be taken along, with the title.

        And whether there is a picture.
        """
        return [
            (cell, Markup(_LABEL.search(shown[self.language])[1]), "png" in shown)  # type: ignore[index]
            for cell, shown in bundles(self.notebooks[page])
            if "csv" in shown
        ]

    def rows(self, page: str, cell: str) -> list[list[Markup]]:
        """Return the rows of a cell's table, without its head, as their cells."""
        found = [
            _CELL.findall(row) for row in _ROW.findall(self.exhibit(page, cell).replace("\n", " "))
        ]
        return [[Markup(each) for each in row] for row in found[1:]]

    def grade(self, name: str) -> Markup:
        """Return the fixed phrase of a claim's grade."""
        phrase = self.words[f"grade.{self.claim(name)['grade']}"]
        return Markup('<em class="grade">{}</em>').format(self.words["grade"].format(phrase=phrase))

    @property
    def folder(self) -> str:
        """Return the folder of `report/text/` with the texts of these pages."""
        return self.language if (root() / "report/text" / self.language).is_dir() else "en"

    @cached_property
    def _filled(self) -> list[str]:
        """Return the headline of the first page and its body, without a line that is empty."""
        filled = self.render(f"text/{self.folder}/brief.html")
        lines = "\n".join(line for line in filled.split("\n") if line.strip())
        return lines.removeprefix("<h1>").split("</h1>\n", 1)

    def headline(self) -> Markup:
        """Return the headline of the first page, as text."""
        return Markup(TAG.sub("", self._filled[0]))

    def brief(self) -> Markup:
        """Return what first page and brief have in common, as one block of HTML.

        No sign in HTML needs to be written as its number that `page_text` wrote so for Markdown.
        """
        return Markup(HARMLESS.sub(lambda sign: chr(int(sign[1])), self._filled[1]))

    def differences(self) -> list[str]:
        """Return what to say on top of each page of a build with other parameters."""
        if not self.changed:
            return []
        choices = [
            self.words.get(f"choice.{name}={value}".lower(), f"{name} = {value}")
            for name, value in self.changed.items()
        ]
        joined = self.words["changed.stop"].join(choices)
        return [self.words["changed.title"], self.words["changed.list"].format(changes=joined)]

    def banner(self) -> list[str]:
        """Return what stands on every page: as of when, what this is, who coded it."""
        source = text_source(self.study)
        words = [as_of(self.study), NOT_OFFICIAL, coded_by(self.study), source]
        if self.study.declared.simulated:
            words = [source, NOT_OFFICIAL]
        return [self.say(each) for each in words]

    def first_line(self) -> list[str]:
        """Return in a few words what the text is, whose and of when, and what the report is."""
        declared = self.study.declared
        told, coded = declared.pages, self.study.coders()
        unseen = bool(coded.models) and not (coded.persons or declared.reviewed_by_person)
        words = [
            *filter(None, (told.document_title or declared.title, told.issuers)),
            Month(declared.waves[self.study.wave].month),
        ]
        signs = ["made-up"] if declared.simulated else ["unofficial", *["unreviewed"] * unseen]
        return [*map(self.say, words), *(self.words[f"line.{sign}"] for sign in signs)]

    def render(self, name: str, **more: Any) -> str:
        """Fill one template of `report/`; a BuildError says which names what does not exist."""
        context = {name: getattr(self, name) for name in GIVEN}
        context |= {"coded_by": self.say(coded_by(self.study)), "version": version("analysis")}
        tables = {f.__name__: partial(f, self) for f in (codings, silent, facts, sources, projects)}
        try:
            return _engine(root() / "report").get_template(name).render(context | tables | more)
        except (BuildError, jinja2.TemplateError, KeyError, ValueError, TypeError) as error:
            raise BuildError(f"report/{name}: {error}") from error

    @cached_property
    def coded(self) -> pd.DataFrame:
        """Return every coded row as it is, and in words (`said_...`). Index: lines."""
        return pd.concat(
            self.study.codings(pilot).join(
                coded_rows(self.study, pilot, silent=True).add_prefix("said_")
            )
            for pilot in (None, PROGRAMME)
        )


# --- the evidence page: every coded row, project and fact as a row that claims link to


def codings(pages: Pages, pilot: str) -> Markup:
    """Return the table of a pilot's codings that are not silent; `all`: of the programme's."""
    rows = pages.coded.query("pilot == @pilot and status != 'silent'")
    columns = ("variable", "value", "status", "paragraph", "note")
    cells = []
    for row in rows.to_dict("records"):
        note = escape(pages.say(row["said_note"]))
        if row["term"]:
            term = pages.say(row["term"])
            note += Markup(' <span class="key-term" lang="zh-CN">{}</span>').format(term)
        if row["source_id"] in pages.texts and row["span"]:
            text, paragraph = pages.texts[row["source_id"]], int(row["paragraph"])
            quoted = pages.say(passage(text, paragraph, row["span"]))
            note += Markup('<blockquote lang="zh-CN">{}</blockquote>').format(quoted)
        said = [pages.say(row[f"said_{column}"]) for column in columns[:-1]]
        cells.append([*said, note])
    title = SAID_OF_ALL if pilot == PROGRAMME else pages.study.pilot_name(pilot)
    ids = [anchor("codings.csv", line) for line in rows.index]
    return _table(pages, "fact", columns, rows=cells, title=pages.say(title), ids=ids)


def silent(pages: Pages, pilot: str) -> Markup:
    """Return the labels of the variables on which the text is silent for a pilot, with anchors."""
    rows = pages.coded.query("pilot == @pilot and status == 'silent'")
    return Markup(pages.words["evidence.comma"]).join(
        Markup('<span id="{}">{}</span>').format(anchor("codings.csv", line), pages.say(label))
        for line, label in zip(rows.index, rows["said_variable"], strict=True)
    )


def facts(pages: Pages, file: str) -> Markup:
    """Return the table of one file of facts from other sources, notes apart."""

    def shown(column: str, value: str) -> str:
        if column == "pilot_id" and value in pages.study.pilots:
            return pages.say(pages.study.pilot_name(value))
        return pages.words.get(f"fact.{column}.{value}", value.replace("_", " "))

    rows = pages.study.tables[file].filter(regex="^(?!note)")
    cells = [[shown(str(c), v) for c, v in row.items()] for row in rows.to_dict("records")]
    ids = [anchor(file, line) for line in rows.index]
    return _table(pages, "fact", rows, rows=cells, title=pages.words[f"file.{file}"], ids=ids)


def sources(pages: Pages) -> Markup:
    """Return the table of sources."""

    def shown(row: Record, column: str) -> str:
        text: str = row[column]
        if column == "title" and text == "not recorded":
            return str(row["what"])
        if column == "address" and text.startswith(("http://", "https://")):
            return Markup('<a href="{0}" rel="noopener">{0}</a>').format(pages.say(text))
        return text

    rows = pages.study.rows("sources.csv")
    cells = [[shown(row, column) for column in SOURCES] for row in rows]
    ids = [f"source-{row['source_id']}" for row in rows]
    return _table(pages, "source", SOURCES, rows=cells, title=pages.words["table.source"], ids=ids)


def projects(pages: Pages, pilot: str) -> Markup:
    """Return the table of the projects that the text names for a pilot."""
    rows = project_rows(pages.study, pilot).drop(columns="pilot")
    cells = [[*map(pages.say, row)] for row in rows.itertuples(index=False)]
    if not cells:
        return Markup()
    ids = [anchor("projects.csv", line) for line in rows.index]
    return _table(
        pages, "project", rows, rows=cells, title=pages.words["evidence.projects"], ids=ids
    )


def _table(pages: Pages, kind: str, columns: Iterable[Any], **more: Any) -> Markup:
    heads = [pages.words[f"{kind}.{column}"] for column in columns]
    return Markup(HTML.render(heads=heads, **more))
