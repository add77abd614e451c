"""The site of a build: two Sphinx builds of the same pages, one for each language."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from babel import Locale

from analysis.claims.catalogue import SOURCE
from analysis.claims.words import without_blanks
from analysis.publish import evidence_tables
from analysis.publish.executed import in_language
from analysis.publish.fonts import Font
from analysis.publish.kept_pages import KeptPages
from analysis.publish.page_words import WORDS
from analysis.publish.pages import Pages, SiteError
from analysis.publish.parameters import NOTEBOOKS, page_of, things
from analysis.publish.rendering import Renderer
from analysis.publish.views import Passages
from analysis.study import root
from analysis.study.study import Study

POLICY = ("index", "progress", "factors", "pilots", "evidence", "method")
# what Sphinx and browsers call a language, where that is not its own name
SPHINX, TAGS = {"zh": "zh_CN"}, {"zh": "zh-CN"}
UNUSED = ("**/*.map", ".buildinfo*", ".doctrees", "objects.inv", "_sources", "_static/*.html")
FONT = "NotoSansSC-subset.ttf"


@dataclass(frozen=True)
class Site:
    """The site of a build that is being rendered: `begin`, then `end`."""

    build: Path
    renderer: Renderer
    pages: Mapping[str, Pages]
    places: Mapping[str, KeptPages]

    @classmethod
    def begin(
        cls,
        build: Path,
        rendered_before: Path,
        renderer: Renderer,
        *,
        study: Study,
        claims: Sequence[Mapping[str, Any]],
        changed: Mapping[str, Any],
        whole: bool = True,
        passages: Passages | None = None,
    ) -> "Site":
        """Write what Sphinx reads, from a build's notebooks and claims, and have it begin.

        `rendered_before`: a folder beside the build for what the next one need not render again.
        `changed`: parameters that differ from the default; every page says so on top. `whole`:
        False where one notebook was run alone, whose claims do not fill the policy pages.
        `passages`: the texts of sources, where somebody has them.

        Raises:
            SiteError: a page names a claim that does not exist.
        """
        entries, texts = {c["id"]: c for c in claims}, passages or Passages({})
        report, notebooks = root() / "report", build / "notebooks"
        # the first language is done last: Chinese, which is split into words, takes longest
        pages = {
            lang: Pages(study, entries, lang, report, notebooks, texts, changed)
            for lang in reversed(study.languages)
        }
        places = {lang: KeptPages(rendered_before / lang) for lang in pages}
        for language, place in places.items():
            _write_source(build / f".{language}", build, pages[language], whole)
            place.take(build / f".{language}")
            renderer.begin(place.job)
        return cls(build, renderer, pages, places)

    def end(self) -> None:
        """Write `en/`, `zh/` and `index.html` of the build.

        Raises:
            SiteError: Sphinx failed or warned.
        """
        choice = self.build / "index.html"
        _write_choice(choice, list(self.pages.values()))
        font = Font.of([*(place.job.source for place in self.places.values()), choice])
        for number, rendered in self.renderer.ended():
            language = list(self.pages)[number]
            if rendered.status:
                said = rendered.said
                raise SiteError(f"report/: the pages in {language} were not built:\n{said}")
            site = self.build / language
            self.places[language].done(site)
            characters = _clean(site, self.pages[language].words)
            font.write(site / "_static" / FONT, characters)


def _write_source(place: Path, build: Path, pages: Pages, whole: bool) -> None:
    report, language = pages.report, pages.language
    own = report / "text" / language
    text_of = own if own.is_dir() else report / "text" / SOURCE
    (place / "notebooks").mkdir(parents=True)
    shutil.copyfile(report / "conf.py", place / "conf.py")
    shutil.copytree(report / "templates", place / "_templates")
    shutil.copytree(report / "static", place / "_static")
    subjects = {
        page_of(name, thing): label
        for name in NOTEBOOKS
        for thing, label in _things(pages, name).items()
    }
    for path in sorted((build / "notebooks").glob("*.ipynb")):
        subject = subjects.get(path.stem)
        joined = pages.words["title.joined"].format(subject=_capital(subject)) if subject else ""
        page = in_language(path, language, joined)
        text = json.dumps(page, ensure_ascii=False, sort_keys=True)
        (place / "notebooks" / path.name).write_text(text, encoding="utf-8")
    groups = _groups(pages, build)
    helpers = evidence_tables.helpers(pages)
    for name in POLICY if whole else ("evidence",):
        filled = pages.render(text_of / f"{name}.md", **helpers)
        (place / f"{name}.md").write_text(filled, encoding="utf-8")
    listing = pages.render(report / "text" / "notebooks.md", groups=groups, whole=whole)
    (place / ("notebooks.md" if whole else "index.md")).write_text(listing, encoding="utf-8")
    _write_settings(place, pages)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _things(pages: Pages, notebook: str) -> dict[str, str]:
    """Return what a notebook is run once for each of: its name in a page's name, its label."""
    labels = {f.id: f.label for f in pages.view.factors} | {p.id: p.name for p in pages.view.pilots}
    return {thing: labels[thing] for thing in things(pages.study, notebook)}


def _groups(pages: Pages, build: Path) -> list[tuple[str, list[str]]]:
    """Return the notebooks' pages under their headings, in the order of reading."""
    single = [name for name, model in NOTEBOOKS.items() if not model.over]
    of_factors = [name for name, model in NOTEBOOKS.items() if model.each == "factor"]
    groups = [
        ("single", single),
        ("factor", [f"{n}-{f.id}" for f in pages.view.factors for n in of_factors]),
        ("pilot", [p.page for p in pages.view.pilots]),
    ]
    made = {path.stem for path in (build / "notebooks").glob("*.ipynb")}
    there = [(key, [page for page in group if page in made]) for key, group in groups]
    return [(pages.words[f"notebooks.{key}"], group) for key, group in there if group]


def _write_settings(place: Path, pages: Pages) -> None:
    language = pages.language
    settings = {
        "title": pages.view.title,
        "short_title": pages.words["short_title"],
        "language": SPHINX.get(language, language),
        "policy": POLICY,
        "words": pages.words,
        "banner": pages.banner(),
        "changed": pages.differences(),
        "joint": "" if without_blanks(language) else " ",
        "twins": [
            {"language": twin, "lang": TAGS.get(twin, twin), "name": Locale(twin).display_name}
            for twin in pages.study.languages
            if twin != language
        ],
    }
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    (place / "site.json").write_text(text, encoding="utf-8")
    # names that the splitting of Chinese into words would tear apart
    every = [(p, long) for p in pages.study.pilots for long in (False, True)]
    names = {pages.study.pilot_name(p, long=long)[language] for p, long in every}
    (place / "words.txt").write_text(
        "\n".join(f"{n} 10000" for n in sorted(names)), encoding="utf-8"
    )


def _clean(site: Path, words: Mapping[str, str]) -> set[str]:
    """Drop what nobody opens, and English words of the theme that it does not translate.

    Returns the characters of the pages.
    """
    characters = set[str]()
    for pattern in UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        # a label that would hide the words of the toggle
        text = text.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        for key, english in WORDS.items():
            if key.startswith("theme."):
                text = text.replace(english.template, words[key])
        path.write_text(text, encoding="utf-8", newline="\n")
        characters |= set(text)
    return characters


def _write_choice(path: Path, languages: list[Pages]) -> None:
    """Write the first page: choose a language."""
    parts = [
        {
            "tag": TAGS.get(pages.language, pages.language),
            "language": pages.language,
            "title": pages.view.title,
            "changed": pages.differences(),
            "banner": pages.joined(*pages.banner()),
            "words": pages.words,
        }
        for pages in languages
    ]
    source = (languages[0].report / "choose.html").read_text(encoding="utf-8")
    engine = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    font = f"{languages[0].language}/_static/{FONT}"
    filled = engine.from_string(source).render(parts=parts, font=font)
    path.write_text(filled + "\n", encoding="utf-8", newline="\n")
