"""Policy pages: templates of `report/text/` filled from claims and coded rows, in one language."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup, escape

from analysis.claims.grades import PHRASES
from analysis.claims.words import Month, fill, lower_higher, page_text, say, without_blanks
from analysis.exhibits.coded import document
from analysis.exhibits.table import NOT_OFFICIAL, as_of, coded_by, text_source
from analysis.publish.audit import looked_at
from analysis.publish.executed import EXHIBITS, TAG, Content, anchor
from analysis.publish.fact_tables import TABLES
from analysis.publish.parameters import things
from analysis.study import root
from analysis.study.evidence import UNSEEN
from analysis.study.study import Study
from notebook_build.project import BuildError

VERSION = version("analysis")
# a sign written as its number that means nothing to HTML
HARMLESS = re.compile(r"&#(?!34;|38;|39;|60;|62;)(\d+);")
# numbers, and those of one count or date together: `5 of 13`
_ONE = r"\d+(?:[.,]\d+)*[%\u5e74\u6708]?"
_APART = r"\d.,:;!?(+=\-\u3001\u3002\u548c\uff08\uff0b-\uff0d\uff1a\uff1b\uff1d"
_NUMBERS = re.compile(rf"({_ONE}(?:[^{_APART}]{{0,6}}{_ONE})*)")


def _seen(value: Any) -> Any:
    return value.translate(UNSEEN) if type(value) is str else value


def _text(value: Any) -> Any:
    return value if hasattr(value, "__html__") else page_text(value)


@cache
def engine(report: Path, plain: bool = False) -> jinja2.Environment:
    """Return what fills the templates of a folder; whatever they are given is text.

    `plain`: what is filled is HTML alone, no Markdown; text keeps its lines.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(report),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_seen if plain else _text,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def page_words(folder: str, name: str = "words") -> dict[str, str]:
    """Return the words that stand in no text of their own, of a folder of `report/text/`."""
    path = root() / "report/text" / folder / f"{name}.yaml"
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError, TypeError) as error:
        at = path.relative_to(root()).as_posix()
        raise BuildError(f"{at}: no list of words (key: text, in UTF-8): {error}") from error


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
        codebook = self.study.codebook
        own: dict[str, Any] = {f"grade.{name}": phrase for name, phrase in PHRASES.items()}
        for kind, columns in (("fact", codebook.facts), ("source", codebook.sources)):
            for column, known in columns.items():
                own |= {f"{kind}.{column}.{value}": words for value, words in known.items()}
        own |= {f"fact.variable.{n}": f.label for n, f in codebook.figures.items() if f.label.root}
        return {key: self.say(words) for key, words in own.items()} | page_words(self.folder)

    def say(self, value: Any, kind: str = "") -> str:
        """Return a value in this language, as of `words.say`."""
        return say(value, self.language, kind)

    def of_text(self, words: str, tag: str) -> Markup:
        """Return quoted words of a text in a tag, which says that they are Chinese, if they are."""
        lang = ' lang="zh-CN"' if any(sign > "\u2e7f" for sign in words) else ""
        return Markup(f"<{tag}{lang}>{{}}</{tag.split()[0]}>").format(self.say(words))

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one entry of the ledger; a BuildError says that there is none."""
        if name not in self.claims:
            raise BuildError(f"no claim {name!r} in claims.json; run its notebook or mend the page")
        return self.claims[name]

    def num(self, name: str, words: str = "") -> Markup:
        """Return words filled from a claim; their numbers lead to its page, the last with its id.

        Without words, or where the claim has no answer, the claim's own sentence. `{span}` is a
        range of a difference in points: from so many lower to so many higher. A sentence without a
        number is followed by a word that leads there.
        """
        entry = self.claim(name)
        lower, upper = entry["interval"] or (entry["value"], entry["value"])
        sentence = entry["text"][self.language]
        if words and lower is not None and upper is not None:
            span = lower_higher(lower, upper) if entry["unit"] == "difference" else ""
            values = {**entry["words"], **entry, "span": span, "lower": lower, "upper": upper}
            sentence = fill(words, values, self.language)
        parts = _NUMBERS.split(sentence)
        if len(parts) == 1:
            parts = [sentence + self.joint, self.words["num.basis"], ""]
        said, *pieces = map(page_text, parts)
        link, last = Markup('<a class="num"{} href="{}claims/{}.html">{}</a>'), len(pieces) - 2
        for i in range(0, len(pieces), 2):
            named = Markup(' data-claim="{}"').format(name) if i == last else ""
            said += link.format(named, self.up, name, pieces[i]) + pieces[i + 1]
        return said

    def numbers(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Return the numbers of a claim as text by their name: value, interval, n, p."""
        kinds = {"difference": "difference", "share": "percent", "p_value": "p"}
        kind, n, of = kinds.get(entry["unit"], ""), entry["n"], entry["of"]

        def told(value: Any, kind: str) -> str:
            return self.say(value, kind or ("" if isinstance(value, int) else "3"))

        counted, n_of = isinstance(n, int) and isinstance(of, int), self.words["claim.n_of"]
        found = {
            "value": "" if counted and entry["value"] == n else told(entry["value"], kind),
            "interval": self.words["range"].join(told(e, kind) for e in entry["interval"] or ()),
            "n": n_of.format(n=self.say(n), of=self.say(of)) if counted else "",
            "p_value": told(entry["p_value"], "p"),
            "p_smallest": told(entry["p_smallest"], "p"),
        }
        return {name: text for name, text in found.items() if text}

    @cached_property
    def resting(self) -> Counter[str]:
        """Return how many claims rest on each row, by its anchor."""
        rows = (row for entry in self.claims.values() for row in entry["evidence"])
        return Counter(anchor(row["file"], row["line"]) for row in rows if row["line"])

    def each(self, page: str, *cells: str) -> list[str]:
        """Return the ids of all claims with an answer of some cells of a page, cell by cell."""
        own = [n for n in self.claims if n.startswith(f"{page}.") and self.numbers(self.claims[n])]
        return [name for cell in cells for name in own if self.claims[name]["cell"] == cell]

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
        words, changed = self.words, self.changed.items()
        choices = [words.get(f"choice.{n}={v}".lower(), f"{n} = {v}") for n, v in changed]
        listed = words["changed.list"].format(changes=words["changed.stop"].join(choices))
        return [words["changed.title"], listed] if choices else []

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
        seen = told.seen_as or told.document_title or declared.title
        month = self.say(Month(declared.waves[self.study.wave].month))
        first, *said = map(self.say, filter(None, (seen, told.issuers)))
        signs = ["made-up"] if declared.simulated else ["unofficial", *["unreviewed"] * unseen]
        said += [self.words[f"line.{each}"].format(month=month) for each in ("inspected", *signs)]
        return [first[:1].upper() + first[1:], *said]

    def template(self, name: str) -> jinja2.Template:
        """Return a template of `report/` that gives HTML alone, no Markdown."""
        return engine(root() / "report", plain=True).get_template(name)

    def render(self, name: str, **more: Any) -> str:
        """Fill one template of `report/`, which can ask for all that the pages have, and `more`.

        A BuildError says which names what does not exist.
        """
        context = {each: getattr(self, each) for each in dir(self) if not each.startswith("_")}
        context |= {"coded_by": self.say(coded_by(self.study)), "version": VERSION}
        context["document"] = self.say(document(self.study))
        context |= {each.__name__: partial(each, self) for each in (*EXHIBITS, *TABLES)}
        try:
            return engine(root() / "report").get_template(name).render(context | more)
        except (BuildError, jinja2.TemplateError, KeyError, ValueError, TypeError) as error:
            raise BuildError(f"report/{name}: {error}") from error
