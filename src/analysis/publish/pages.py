"""Policy pages: templates of `report/text/` filled from claims and coded rows, in one language."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup, escape

from analysis.claims.grades import PHRASES
from analysis.claims.words import Month, fill, lower_higher, page_text, say, without_blanks
from analysis.exhibits.table import NOT_OFFICIAL, as_of, coded_by, text_source
from analysis.publish.executed import TAG, Content, anchor, bundles, exhibit
from analysis.publish.fact_tables import TABLES
from analysis.publish.parameters import things
from analysis.publish.sign_offs import looked_at
from analysis.study import root
from analysis.study.evidence import UNSEEN
from analysis.study.study import Study
from notebook_build.project import BuildError

# what a template can ask for of its pages, beside the tables of evidence
GIVEN = (
    "brief", "claims", "each", "exhibit", "files", "first_line", "grade", "headline", "language",
    "looked_at", "notebooks", "num", "numbers", "rows", "say", "shows", "study", "texts", "things",
    "title", "up", "words",
)  # fmt: skip
# a sign written as its number that means nothing to HTML
HARMLESS = re.compile(r"&#(?!34;|38;|39;|60;|62;)(\d+);")
# numbers, and those of one count or date together: `5 of 13`
_ONE = r"\d+(?:[.,]\d+)*[%\u5e74\u6708]?"
_APART = r"\d.,:;!?(+=\-\u3001\u3002\u548c\uff08\uff0b-\uff0d\uff1a\uff1b\uff1d"
_NUMBERS = re.compile(rf"({_ONE}(?:[^{_APART}]{{0,6}}{_ONE})*)")
# the head of a row of a table
_HEAD = re.compile(r'(?<=<th scope="row">)[^<]+(?=</th>)')


def _seen(value: Any) -> Any:
    return value.translate(UNSEEN) if type(value) is str else value


@cache
def engine(report: Path, plain: bool = False) -> jinja2.Environment:
    """Return what fills the templates of a folder; whatever they are given is text.

    `plain`: what is filled is HTML alone, no Markdown; text keeps its lines.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(report),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_seen if plain else page_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def page_words(folder: str) -> dict[str, str]:
    """Return the words that stand in no text of their own, of a folder of `report/text/`."""
    text = (root() / "report/text" / folder / "words.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


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
        words = page_words(self.folder) | {f"grade.{n}": self.say(p) for n, p in PHRASES.items()}
        own = {
            f"fact.{column}.{value}": self.say(words)
            for column, known in self.study.codebook.facts.items()
            for value, words in known.items()
        } | {
            f"fact.variable.{name}": self.say(figure.label)
            for name, figure in self.study.codebook.figures.items()
            if figure.label.root
        }
        return own | words

    def say(self, value: Any, kind: str = "") -> str:
        """Return a value in this language, as of `words.say`."""
        return say(value, self.language, kind)

    def of_text(self, words: str) -> Markup:
        """Return the attribute by which quoted words of a text are Chinese, if they are."""
        return Markup(' lang="zh-CN"' if any(sign > "\u2e7f" for sign in words) else "")

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one entry of the ledger; a BuildError says that there is none."""
        if name not in self.claims:
            raise BuildError(f"no claim {name!r} in claims.json; run its notebook or mend the page")
        return self.claims[name]

    def num(self, name: str, words: str = "") -> Markup:
        """Return words filled from a claim, linked to its page.

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
        """Return a sentence whose numbers lead to a claim's page, the last one with its id.

        A sentence without one is followed by a word that leads there.
        """
        parts = _NUMBERS.split(sentence)
        if len(parts) == 1:
            parts = [sentence + self.joint, self.words["num.basis"], ""]
        said, *pieces = map(page_text, parts)
        link = Markup('<a class="num"{} href="{}claims/{}.html">{}</a>')
        last = len(pieces) - 2
        for i in range(0, len(pieces), 2):
            named = Markup(' data-claim="{}"').format(name) if i == last else ""
            said += link.format(named, self.up, name, pieces[i]) + pieces[i + 1]
        return said

    def numbers(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Return the numbers of a claim as text by their name: value, interval, n, p."""
        kinds = {"difference": "difference", "share": "percent", "p_value": "p"}

        def told(value: Any, kind: str = "") -> str:
            return self.say(value, kind or ("" if isinstance(value, int) else "3"))

        kind, found = kinds.get(entry["unit"], ""), dict[str, str]()
        counted = entry["value"] == entry["n"] and entry["of"] is not None
        if entry["value"] is not None and not counted:
            found["value"] = told(entry["value"], kind)
        if entry["interval"] is not None:
            found["interval"] = " … ".join(told(end, kind) for end in entry["interval"])
        if entry["n"] is not None and entry["of"] is not None:
            n, of = map(told, (entry["n"], entry["of"]))
            found["n"] = self.words["claim.n_of"].format(n=n, of=of)
        least = {name: entry[name] for name in ("p_value", "p_smallest")}
        return found | {name: self.say(p, "p") for name, p in least.items() if p is not None}

    @cached_property
    def resting(self) -> Counter[str]:
        """Return how many claims rest on each row, by its anchor."""
        rows = (row for entry in self.claims.values() for row in entry["evidence"])
        return Counter(anchor(row["file"], row["line"]) for row in rows if row["line"])

    def each(self, page: str, *cells: str) -> list[str]:
        """Return the ids of all claims of some cells of a page, in the order of the cells."""
        return [
            name
            for cell in cells
            for name, entry in self.claims.items()
            if entry["cell"] == cell and name.startswith(f"{page}.")
        ]

    def shows(self, page: str, cell: str) -> bool:
        """Return whether there is such a page, and a cell of it shows a table or figure."""
        return page in self.notebooks and cell in dict(bundles(self.notebooks[page]))

    def exhibit(self, page: str, cell: str, own: str = "", about: str = "") -> Markup:
        """Return the table or figure of a cell, as one block of HTML; it must show one.

        A row of a table that begins with the name of a pilot or factor links to its page. `own`: a
        pilot whose marks stand out in the figure, `about`: what a screen reader says of it first.
        """

        def link(head: re.Match[str]) -> str:
            place = self.places.get(head[0])
            return f'<a href="{self.up}{place}.html">{head[0]}</a>' if place else head[0]

        content = self._bundle(page, cell)
        shown = exhibit(page, cell, content, self.language, f"{self.up}../")
        lines = (line for line in shown.split("\n") if line.strip())
        shown = _HEAD.sub(link, "\n".join(lines))
        if own:
            marks = rf'<g (?=id="[^"]*-pilot-{re.escape(own)}(?:-line|-other)?")'
            shown = re.sub(marks, '<g class="own" ', shown)
            named = f'role="img" aria-label="{escape(about)} '
            shown = shown.replace('role="img" aria-label="', named)
        return Markup(shown)

    def _bundle(self, page: str, cell: str) -> Mapping[str, Any]:
        if self.shows(page, cell):
            found: Mapping[str, Any] = dict(bundles(self.notebooks[page]))[cell]
            return found
        raise BuildError(f"no exhibit {page}.{cell}; name a cell that shows a table or figure")

    def files(self, page: str) -> list[tuple[str, str, Any]]:
        """Return the cells of a page whose tables and figures can be taken along, with the title.

        And the pictures in each language of a figure, which may be none.
        """
        return [
            (cell, shown["titles"][self.language], shown.get("png"))
            for cell, shown in bundles(self.notebooks[page])
            if "csv" in shown
        ]

    def rows(self, page: str, cell: str) -> list[list[str]]:
        """Return the rows of a cell's table, without its head, as text."""
        rows: list[list[str]] = self._bundle(page, cell)["tables"][self.language]["rows"]
        return rows

    @cached_property
    def things(self) -> dict[str, list[str]]:
        """Return the pilots and factors that have a page each, by the page under which they are."""
        pilots = list(things(self.study, "pilot"))
        return {"pilots": pilots, "factors": [*self.study.declared.factors], "evidence": pilots}

    @cached_property
    def places(self) -> dict[str, str]:
        """Return the page of each pilot and factor by its name, as HTML has it."""
        labels = {f"factors/{n}": each.label for n, each in self.study.declared.factors.items()}
        for pilot in self.things["pilots"]:
            labels[f"pilots/{pilot}"] = self.study.pilot_name(pilot)
        return {escape(self.say(label)): place for place, label in labels.items()}

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

    def looked_at(self, *names: str) -> tuple[int, int]:
        """Return how many parts of these claims, or of all, a person looked at, and of how many."""
        entries = map(self.claim, names or self.claims)
        return looked_at(root(), self.study.folder, *entries)

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
        tables = {
            table.__name__: lambda *about, table=table: Markup(table(self, *about))
            for table in TABLES
        }
        try:
            return engine(root() / "report").get_template(name).render(context | tables | more)
        except (BuildError, jinja2.TemplateError, KeyError, ValueError, TypeError) as error:
            raise BuildError(f"report/{name}: {error}") from error
