"""The site of a build: the same pages built by Sphinx once for each language of the study."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from html import unescape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from babel import Locale

from analysis.claims.catalogue import paragraphs, translate
from analysis.exhibits import font_file
from analysis.exhibits.coded import STATUSES
from analysis.publish.executed import in_language
from analysis.publish.pages import Pages, page_words
from analysis.publish.rendering import OWN, STATIC, Renderer, done, kept_as, take
from analysis.study import root
from notebook_build import sha256
from notebook_build.faults import fault
from notebook_build.notebook import text
from notebook_build.project import BuildError, Run

# the pages of the menu by their group, in the order of reading
GROUPS = {
    "read": ("index", "requirements", "progress", "pilots", "factors", "ask"),
    "check": ("evidence", "data", "about"),
    "audit": ("claims", "notebooks", "method"),
}
# what can be passed on alone, beside the site
TAKEN_ALONG = {"brief": "brief-{}.html", "text": "brief-{}.txt", "tables": "tables-{}.xlsx"}
# what Sphinx and browsers call a language, where that is not its own name
SPHINX, TAGS = {"zh": "zh_CN"}, {"zh": "zh-CN"}
FONT = "NotoSansSC-subset.ttf"


@contextmanager
def rendered(
    build: Path, kept: Path, pages: list[Pages], renderer: Renderer, runs: list[Run], whole: bool
) -> Iterator[None]:
    """Write `index.html` and a folder for each language; the block goes on while Sphinx works.

    `kept`: a folder beside the build for what the next one need not render again; `whole`: False
    where one notebook was run alone, whose claims do not fill the policy pages.

    Raises:
        BuildError: a page names what does not exist, or Sphinx warned.
    """
    for each in reversed(pages):
        source = build / f".{each.language}"
        _write_source(source, each, runs, whole)
        take(kept / each.language, source)
        renderer.begin(kept / each.language)
    yield
    choice = build / "index.html"
    more = {"tags": TAGS, "font": f"{STATIC}/{FONT}"}
    filled = pages[-1].render("choose.html", pages=pages[::-1], **more)
    choice.write_text(filled + "\n", encoding="utf-8", newline="\n")
    for folder, status, said in renderer.ended():
        if status:
            told = [line for line in said.splitlines() if "WARNING" in line or "Error" in line]
            what = fault(BuildError(said)) or (told or [said.strip()])[0].strip()
            where = f"report/: the pages in {folder.name} were not built"
            raise BuildError(f"{where}: {what}") from BuildError(said)
        done(folder, build / folder.name)
    sites = [build / each.language for each in pages]
    _share(sites)
    characters = set(filled)
    for page in (page for site in sites for page in site.rglob("*.html")):
        characters |= set(unescape(page.read_text(encoding="utf-8")))
    (build / STATIC / FONT).write_bytes(cut_font(characters, kept))


def _write_source(place: Path, pages: Pages, runs: list[Run], whole: bool) -> None:
    """Write what Sphinx reads for one language; `whole`: with all policy pages."""
    report = root() / "report"
    (place / "notebooks").mkdir(parents=True)
    shutil.copyfile(report / "conf.py", place / "conf.py")
    for folder in ("templates", "static"):
        shutil.copytree(report / folder, place / f"_{folder}")
    titles = _write_notebooks(place, pages, runs, whole)
    # under some pages one a pilot or factor, filled from a text of their own
    below, own = replace(pages, up="../"), f"text/{pages.folder}"
    every = [name for names in GROUPS.values() for name in names if name != "notebooks"]
    for name in every if whole else ("evidence", "claims"):
        (place / f"{name}.md").write_text(
            pages.render(f"{own}/{name}.md", titles=titles), encoding="utf-8"
        )
        (place / name).mkdir()
        for thing in pages.things.get(name, ()):
            each = below.render(f"{own}/{name}-each.md", thing=thing, whole=whole)
            (place / name / f"{thing}.md").write_text(each, encoding="utf-8")
    _write_settings(place, pages, whole)


def _write_notebooks(place: Path, pages: Pages, runs: list[Run], whole: bool) -> dict[str, str]:
    """Write the notebooks, and the page that lists them; return the title of each page."""
    study, words, listed = pages.study, pages.words, dict[str, dict[str, list[Any]]]()
    labels = {name: factor.label for name, factor in study.declared.factors.items()}
    labels |= {pilot: study.pilot_name(pilot) for pilot in study.pilots}
    keys, titles = _keys(pages), dict[str, str]()
    for run in runs:
        notebook = pages.notebooks[run.page]
        thing = run.parameters.get("factor") or run.parameters.get("pilot", "")
        label = pages.say(labels.get(thing))
        # what a page is about goes into its title, where a notebook gives several
        subject = label and words["title.joined"].format(subject=label[0].upper() + label[1:])
        spoken = in_language(notebook, run.page, pages.language, subject, keys)
        _write_json(place / "notebooks" / f"{run.page}.ipynb", spoken)
        # each with its question and a page for each thing
        group = "factor" if thing in study.declared.factors else "pilot" if thing else "single"
        heading = text(notebook["cells"][0]["source"])
        question = translate(next(iter(paragraphs(heading)), run.page), pages.language)
        each = listed.setdefault(words[f"notebooks.{group}"], {}).setdefault(question, [])
        each.append((run.page, label))
        titles[run.page] = f"{subject}{question}"
    listing = pages.render("text/notebooks.md", groups=listed, whole=whole)
    (place / ("notebooks.md" if whole else "index.md")).write_text(listing, encoding="utf-8")
    return titles


def _keys(pages: Pages) -> dict[str, str]:
    """Return the words for what frames show by key: heads, pilots, variables, levels, status.

    The first language keeps the keys: they are those of the code beside the frame.
    """
    study, first = pages.study, pages.study.languages[0]
    if pages.language == first:
        return {}
    names = [*study.codebook.variables, *study.declared.factors, *study.declared.outcomes]
    words: dict[str, Any] = {**page_words(pages.folder, "frames"), **STATUSES}
    words |= {name: pages.say(unit.words).format("") for name, unit in study.codebook.units.items()}
    words |= {key: each for known in study.codebook.facts.values() for key, each in known.items()}
    for variable in study.codebook.variables.values():
        words |= {level: label for level, label in variable.levels.items() if not level.isdecimal()}
    words |= {name: study.label(name) for name in names}
    pilots = {pilot: study.pilot_name(pilot) for pilot in study.pilots}
    words |= {**pilots, **{name.in_language(first): name for name in pilots.values()}}
    return {key: pages.say(each) for key, each in words.items()}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def _write_settings(place: Path, pages: Pages, whole: bool) -> None:
    """Write what the settings of Sphinx and its templates read."""
    language, study, words = pages.language, pages.study, pages.words
    along = TAKEN_ALONG if whole else {}
    settings = {
        "title": pages.title,
        "language": SPHINX.get(language, language),
        "groups": [
            {"title": words[f"group.{group}"], "pages": [(n, words[f"menu.{n}"]) for n in names]}
            for group, names in GROUPS.items()
        ],
        "words": words,
        "theme": {en: words[k] for k, en in page_words("en").items() if k.startswith("theme.")},
        "along": [(name.format(language), words[f"take.{kind}"]) for kind, name in along.items()],
        "banner": pages.banner(),
        "line": pages.first_line(),
        "changed": pages.differences(),
        "joint": pages.joint,
        "twins": [
            {"language": twin, "lang": TAGS.get(twin, twin), "name": Locale(twin).display_name}
            for twin in study.languages
            if twin != language
        ],
    }
    _write_json(place / "site.json", settings)


def _share(sites: list[Path]) -> None:
    """Keep once, beside the languages, what is not a language's own."""
    for site in sites:
        for path in sorted((site / STATIC).rglob("*.*")):
            if path.is_file() and path.name not in OWN:
                target = site.parent / path.relative_to(site)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)


def cut_font(
    characters: Iterable[str], kept: Path, name: str = "site.ttf", font: Path | None = None
) -> bytes:
    """Return the font, whole or as cut before, cut to characters; or as `kept` in a folder."""
    font, wanted = font or font_file(), "".join(sorted(characters))
    made_of = wanted, sha256(font), version("fonttools")
    return kept_as(kept, name, made_of, partial(_cut, wanted, font)).read_bytes()


def _cut(characters: str, font_path: Path, target: Path) -> None:
    """Write a font cut to characters: the same ones, the same bytes."""
    from fontTools import subset

    options = subset.Options(recalc_timestamp=False, notdef_outline=True)
    font = subset.load_font(str(font_path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    subset.save_font(font, str(target), options)
