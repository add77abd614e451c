"""What is taken along: the brief as one file and as text, the whole report as one ZIP."""

import re
from base64 import b64encode
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from markupsafe import Markup

from analysis.claims.words import Joined, _, without_blanks
from analysis.exhibits.table import NOT_OFFICIAL
from analysis.publish.executed import TAG
from analysis.publish.pages import Pages
from analysis.publish.site import FONT, SHARED, TAGS, cut_font
from analysis.study import root
from notebook_build import MANIFEST
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


def write_briefs(folder: Path, pages: list[Pages]) -> None:
    """Write `brief-<language>.html`, which needs no file beside it, and the same as `.txt`."""
    for each in pages:
        single = brief(each, folder / SHARED / FONT)
        for kind, content in ("html", single), ("txt", brief_text(each)):
            path = folder / f"brief-{each.language}.{kind}"
            path.write_text(content, encoding="utf-8", newline="\n")


def brief(pages: Pages, font: Path) -> str:
    """Return the first page as one file: no program, link or picture beside it, nothing folded.

    The id of its claim stands beside a number in place of the link. `font`: the site's; what the
    Chinese text needs of it is put into the file.
    """
    css = (root() / "report/static/report.css").read_text(encoding="utf-8")
    basis = pages.words["num.basis"]

    def named(link: re.Match[str]) -> str:
        name, number, counted = link.groups()
        of, after = ("", counted) if number == basis else (f"{number}{counted}", "")
        return f'{of} <small class="claim-id">[{name}]</small>{after}'

    shown = _NUMBER.sub(named, _TAKE.sub("", pages.brief()))
    wide = without_blanks(pages.language)
    more: dict[str, Any] = {"css": Markup(_FACE.sub("", css)), "body": Markup(_LINK.sub("", shown))}
    more |= {"banner": pages.banner(), "changed": pages.differences(), "joint": pages.joint}
    more["tag"] = TAGS.get(pages.language, pages.language)
    filled = pages.render("brief.html", **more) + "\n"
    needed = {sign for sign in filled if wide or sign >= HAN}
    if max(needed, default="") < HAN:
        return filled
    data = b64encode(cut_font(needed, font)).decode()
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

    Its first file says so in each language. The manifest, in which times stand, stays out.

    Raises:
        BuildError: a file has a name that other systems garble or cut.
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
    # one that is interrupted leaves the last one
    making = path.with_name(f".{path.name}")
    with ZipFile(making, "w") as archive:
        for name in sorted(members):
            archive.writestr(ZipInfo(name), members[name], ZIP_DEFLATED)
    making.replace(path)
