"""What is taken along from a report: the brief as a file and as text, the whole as a ZIP, PDFs."""

import os
import posixpath
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import unescape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from markupsafe import Markup

from analysis.claims.words import Joined, _, without_blanks
from analysis.exhibits.table import NOT_OFFICIAL
from analysis.publish.executed import TAG
from analysis.publish.pages import Pages
from analysis.publish.rendering import STATIC
from analysis.publish.site import FONT, GROUPS, TAGS, cut_font
from analysis.study import root
from notebook_build import MANIFEST, write_whole
from notebook_build.project import BuildError

# the first file of a ZIP, which sorts before all others; the longest path that unpacks anywhere
READ_FIRST, LONGEST_PATH = "00-READ-FIRST.txt", 119
UNPACK = _(
    "Unpack this ZIP into a folder first: inside it pages do not find one another. Then open "
    "index.html; no network is needed. Files whose names begin with brief can be passed on alone."
)
# where fonts for Chinese are asked for
HAN = "\u2e80"
# what a single file cannot have: a font beside it, a link into the site
_FACE = re.compile(r"@font-face \{[^}]*\}")
# a number, the words that it counts
_COUNTED = r"([^<,.;:?()\uff0c\u3002\uff1b\uff1a\uff1f\uff08\uff09]*)"
_NUMBER = re.compile(rf'<a class="num" data-claim="([^"]*)"[^>]*>(.*?)</a>{_COUNTED}')
_TAKE = re.compile(r'<(span|p) class="(?:take|downloads)">.*?</\1>', re.DOTALL)
_LINK = re.compile(r"</?a\b[^>]*>")
# a figure in the text is its title and what a screen reader says of it
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SAID = re.compile(r'(?<= aria-label=")[^"]+')
# heads and empty cells, where cells of a row meet, points of lists begin, lines break, and a stop
# follows what is left out
_LAID_OUT = (
    (re.compile(r"\n|<thead>.*?</thead>|<td\b[^>]*></td>", re.DOTALL), " "),
    (re.compile(r"</t[hd]>\s*<t[hd]\b[^>]*>"), " · "),
    (re.compile(r"<li\b[^>]*>"), "\n- "),
    (re.compile(r"</?(?:p|h\d|[dou]l|li|div|section|table|tr|caption)\b[^>]*>"), "\n"),
    (re.compile(r" +(?=[.,;:])"), ""),
)

# what Chromium goes by on various systems
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
    "--export-tagged-pdf", "--generate-pdf-document-outline",
)  # fmt: skip
# seconds that one PDF may take
WITHIN = 180
# of a page: what is printed, what shows it, what leads elsewhere, what is one page's own
_ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
_BANNER = re.compile(r'<aside class="report-banner".*?</aside>', re.DOTALL)
_STYLES = re.compile(
    r'<html\b[^>]*>|<title>.*?</title>|<style>.*?</style>|<link[^>]*"stylesheet"[^>]*>', re.DOTALL
)
_HREF = re.compile(r' href="(?!https?:|#)([^"#]*)[^"]*"')


def write_briefs(folder: Path, pages: list[Pages], kept: Path) -> None:
    """Write `brief-<language>.html`, which needs no file beside it, and the same as `.txt`."""
    for each in pages:
        single = brief(each, folder / STATIC / FONT, kept)
        for kind, content in ("html", single), ("txt", brief_text(each)):
            path = folder / f"brief-{each.language}.{kind}"
            path.write_text(content, encoding="utf-8", newline="\n")


def brief(pages: Pages, font: Path, kept: Path) -> str:
    """Return the first page as one file: no program, link or picture beside it, nothing folded.

    The id of its claim stands beside a number in place of the link. `font`: the site's; what the
    Chinese text needs of it is put into the file.
    """
    css = _FACE.sub("", (root() / "report/static/report.css").read_text(encoding="utf-8"))
    basis, wide = pages.words["num.basis"], without_blanks(pages.language)

    def named(link: re.Match[str]) -> str:
        name, number, counted = link.groups()
        of, after = ("", counted) if number == basis else (f"{number}{counted}", "")
        return f'{of} <small class="claim-id">[{name}]</small>{after}'

    body = _LINK.sub("", _NUMBER.sub(named, _TAKE.sub("", pages.brief())))
    tag = TAGS.get(pages.language, pages.language)
    filled = pages.render("brief.html", css=Markup(css), body=Markup(body), tag=tag) + "\n"
    needed = {sign for sign in filled if wide or sign >= HAN}
    if max(needed, default="") < HAN:
        return filled
    data = b64encode(cut_font(needed, kept, f"brief-{pages.language}.ttf", font)).decode()
    face = f'@font-face {{ font-family: "{"Noto Sans SC" if wide else "Report Han"}"; '
    return filled.replace("<style>", f'<style>{face}src: url("data:font/ttf;base64,{data}"); }}', 1)


def brief_text(pages: Pages) -> str:
    """Return the brief as text to be pasted: a line for each paragraph, point and heading."""
    body = _FIGURE.sub(
        lambda figure: "".join(f"<p>{words}</p>" for words in _SAID.findall(figure[0])),
        _TAKE.sub("", pages.brief()),
    )
    body = re.sub(rf" *<a\b[^>]*>{re.escape(pages.words['num.basis'])}</a>", "", body)
    beside = "\uff08\\1\uff09" if without_blanks(pages.language) else r" (\1)"
    body = re.sub(r' *<span class="where">(.*?)</span>', beside, body)
    for found, written in _LAID_OUT:
        body = found.sub(written, body)
    lines = [TAG.sub("", line) for line in body.split("\n")]
    said = [*pages.differences(), pages.headline(), *lines, *pages.banner()]
    stripped = (" ".join(unescape(line).split()) for line in said)
    # the points of a list stand under one another
    return "\n\n".join(filter(None, stripped)).replace("\n\n- ", "\n- ") + "\n"


def pack(report: Path) -> Path:
    """Pack a finished report into `<study>-<wave>.zip` beside it, to be unpacked on any system.

    Its first file says so in each language. The manifest, in which times stand, stays out. A
    BuildError names a file whose name other systems garble or cut.
    """
    files = (path for path in report.rglob("*") if path.is_file() and path.name != MANIFEST)
    members = {path.relative_to(report).as_posix(): path.read_bytes() for path in files}
    for name in members:
        if not name.isascii() or len(name) > LONGEST_PATH:
            raise BuildError(f"{name}: not to be packed: longer than {LONGEST_PATH} or not ASCII")
    words = Joined([UNPACK, NOT_OFFICIAL])
    said = [words.in_language(path.stem[6:]) for path in sorted(report.glob("brief-*.txt"))]
    first = "\r\n\r\n".join([*said, ""]).encode("utf-8-sig")
    target = report.with_name(f"{report.parent.name}-{report.name}.zip")
    write_zip(target, {READ_FIRST: first, **members})
    return target


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """Write files into a ZIP, by name, all of one time: the same files give the same bytes."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in sorted(members):
            archive.writestr(ZipInfo(name), members[name], ZIP_DEFLATED)
    write_whole(path, made.getvalue())


def chromium() -> str:
    """Return the program named in `CHROMIUM`, else the one on the PATH.

    A BuildError says that there is none, and what to install.
    """
    named = os.environ.get("CHROMIUM", "")
    for name in [named] if named else NAMES:
        if found := shutil.which(name):
            return found
    what = f"CHROMIUM: {named}: no such program" if named else "Chromium: not found on the PATH"
    raise BuildError(
        f"{what}; install it (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium; "
        "macOS: brew install --cask chromium), or name one: make pdf CHROMIUM=/path/to/chromium"
    )


def print_report(report: Path) -> list[Path]:
    """Print `brief-<language>.pdf` and `report-<language>.pdf`; return their paths.

    They lie beside the report, in `<report>+pdf`: within it they would be files of no build.

    Raises:
        BuildError: Chromium is missing, fails or takes too long.
    """
    program, target = chromium(), report.with_name(f"{report.name}+pdf")
    made = []
    with TemporaryDirectory() as folder:
        for brief in sorted(report.glob("brief-*.html")):
            language = brief.stem.removeprefix("brief-")
            whole = Path(folder, "whole.html")
            whole.write_text(_whole(report / language), encoding="utf-8")
            for kind, page in (("brief", brief), ("report", whole)):
                out = Path(folder, f"{kind}-{language}.pdf")
                _print(program, page, out)
                made.append(out)
        # all or none: those of two reports would not be told apart
        target.mkdir(exist_ok=True)
        return [Path(shutil.move(out, target / out.name)) for out in made]


def _print(program: str, page: Path, out: Path) -> None:
    # a user's own profile may be open, and root has no sandbox
    more = ["--no-sandbox"] if os.geteuid() == 0 else []
    profile = f"--user-data-dir={out.parent / 'profile'}"
    command = [program, *QUIET, *more, profile, f"--print-to-pdf={out}", page.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{program}: {out.name} was not done within {WITHIN} s") from error
    if not out.is_file():
        said = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise BuildError(f"{program}: {out.name} was not printed: {said}")


def _whole(site: Path) -> str:
    """Return the reading pages of a language as one, in their order; links lead within it."""
    names, static = list(_reading(site)), (site.parent / STATIC).as_uri()
    texts = {name: (site / name).read_text(encoding="utf-8") for name in names}
    head = "".join(_STYLES.findall(texts[names[0]])).replace(f'"../{STATIC}/', f'"{static}/')
    head = head.replace(f'"{STATIC}/', f'"{site.as_uri()}/{STATIC}/')
    head += f'<style>@font-face {{ font-family: "Noto Sans SC"; src: url("{static}/{FONT}"); }}'
    head += "main > article + article { break-before: page; }</style>"
    banner, parts = "".join(_BANNER.findall(texts[names[0]])), list[str]()

    def within(link: re.Match[str]) -> str:
        page = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[1]))
        return f' href="#{page}"' if page in names else ""

    for name in names:
        shown = _HREF.sub(within, "".join(_ARTICLE.findall(texts[name])))
        parts.append(f'<article class="bd-article" id="{name}">{shown}</article>')
    return f"<!doctype html>{head}<body>{banner}<main>{''.join(parts)}</main>"


def _reading(site: Path) -> Iterator[str]:
    """Yield the reading pages, after each those of pilots or factors to which it leads."""
    for group in GROUPS["read"]:
        page = site / f"{group}.html"
        if page.is_file():
            yield page.name
            links = re.findall(rf'href="({group}/[^"#/]+\.html)', page.read_text(encoding="utf-8"))
            yield from (name for name in dict.fromkeys(links) if (site / name).is_file())
