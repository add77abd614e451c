"""The site of a build: two Sphinx builds of the same pages, one for each language."""

import html
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.exhibits.wording import LANGUAGES, Language, fill, term
from analysis.pipeline.fonts import write_subset
from analysis.pipeline.pages import Pages, notebook_page
from analysis.study.reader import Study
from analysis.study.root import root

POLICY = ("index", "progress", "factors", "pilots", "evidence", "method")
SPHINX = {"en": "en", "zh": "zh_CN"}
NAMES = {"en": "English", "zh": "中文"}


class SiteError(Exception):
    """Sphinx did not build the site; the message holds what it said."""


def render(
    build: Path,
    *,
    study: Study,
    claims: Sequence[Mapping[str, Any]],
    changed: Mapping[str, Any],
    sources: Path | None = None,
) -> None:
    """Write `en/`, `zh/` and `index.html` of a build from its notebooks and claims.

    `changed`: parameters that differ from the default; every page says so on top.

    Raises:
        PageError: a page names a claim that does not exist.
        SiteError: Sphinx failed or warned.
    """
    places = {}
    for language in LANGUAGES:
        place = build / f".{language}"
        _write_source(place, build, Pages(study, {c["id"]: c for c in claims}, language), changed)
        places[language] = place
    running = {lang: _sphinx(place, build / lang) for lang, place in places.items()}
    said = {lang: process.communicate()[0] for lang, process in running.items()}
    for language, process in running.items():
        if process.returncode:
            raise SiteError(f"pages in {language} were not built:\n{said[language]}")
        _clean(build / language)
        shutil.rmtree(places[language])
    _write_choice(build / "index.html", study)


def _write_source(
    place: Path, build: Path, pages: Pages, changed: Mapping[str, Any]
) -> None:
    report, language = root() / "report", pages.language
    (place / "notebooks").mkdir(parents=True)
    shutil.copyfile(report / "conf.py", place / "conf.py")
    shutil.copytree(report / "templates", place / "_templates")
    shutil.copytree(report / "static", place / "_static")
    notebooks = sorted(path.stem for path in (build / "notebooks").glob("*.ipynb"))
    for name in notebooks:
        page = notebook_page(build / "notebooks" / f"{name}.ipynb", language)
        text = json.dumps(page, ensure_ascii=False, sort_keys=True)
        (place / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    # a build of one notebook has no claims for the other pages: only its own pages are made
    whole = {name.split("-")[0] for name in notebooks} >= {"coding", "progress", "factor", "pilot"}
    chosen = POLICY if whole else ("partial",)
    for name in chosen:
        filled = pages.render(report / "text" / language / f"{name}.md", notebooks=notebooks)
        (place / f"{'index' if name == 'partial' else name}.md").write_text(filled, encoding="utf-8")
    settings = _settings(pages.study, language, changed)
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    (place / "site.json").write_text(text, encoding="utf-8")
    study = pages.study
    both = [study.pilot_name(p, "zh", long) for p in study.pilots for long in (False, True)]
    (place / "words.txt").write_text("\n".join(f"{w} 10000" for w in both), encoding="utf-8")
    shown = "".join(p.read_text(encoding="utf-8") for p in sorted(place.rglob("*.[mi]*[db]")))
    write_subset(shown + text + "".join(both), place / "_static" / "NotoSansSC-subset.ttf")


def _settings(study: Study, language: Language, changed: Mapping[str, Any]) -> dict[str, Any]:
    values = {"month": study.declared.waves[study.wave].month}
    as_of = fill(term("report.as_of", language).replace("{month}", "{month:month}"), values, language)
    keys = ["report.not_official", "report.source_line"]
    if not study.declared.reviewed_by_person:
        keys.insert(1, "report.not_reviewed")
    lines = [as_of, *(term(key, language) for key in keys)]
    if changed:
        what = ", ".join(f"{name} = {value}" for name, value in changed.items())
        lines.insert(0, f"Not the default report: {what}." if language == "en" else f"非默认报告：{what}。")
    twin: Language = "zh" if language == "en" else "en"
    title = study.declared.title[language]
    return {
        "title": title,
        "short_title": "Why pilots lag" if language == "en" else "试点为何进展缓慢",
        "language": SPHINX[language],
        "banner": (" " if language == "en" else "").join(html.escape(line) for line in lines),
        "context": {"twin": twin, "twin_name": NAMES[twin]},
    }


def _sphinx(source: Path, out: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "."]
    return subprocess.Popen(
        [*command, str(out)],
        cwd=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"},
    )


def _clean(site: Path) -> None:
    for pattern in ("**/*.map", ".buildinfo", ".doctrees", "objects.inv"):
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _write_choice(path: Path, study: Study) -> None:
    title = study.declared.title
    path.write_text(
        "<!doctype html>\n"
        '<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title.zh)} / {html.escape(title.en)}</title></head>\n"
        '<body><main style="font-family: sans-serif; max-width: 40rem; margin: 3rem auto; '
        'padding: 0 1rem; font-size: 1.2rem">\n'
        f'<h1><a href="zh/index.html">{html.escape(title.zh)}</a></h1>\n'
        f'<p lang="en"><a href="en/index.html" hreflang="en">{html.escape(title.en)}</a></p>\n'
        "</main></body></html>\n",
        encoding="utf-8",
    )
