"""What is taken along: the brief as one file and as text."""

import re
from base64 import b64encode
from html import unescape
from pathlib import Path

from markupsafe import Markup

from analysis.claims.words import without_blanks
from analysis.publish.pages import TAG, Pages
from analysis.publish.site import FONT, TAGS, cut_font
from analysis.study import root

# where fonts for Chinese are asked for
HAN = "\u2e80"
# what a single file cannot have: a font beside it, a link into the site
_FACE = re.compile(r"@font-face \{[^}]*\}")
_NUMBER = re.compile(r'<a class="num" data-claim="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_LINK = re.compile(r"</?a\b[^>]*>")
# a figure in the text is its title and what a screen reader says of it
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SAID = re.compile(r'(?<= aria-label=")[^"]+')
# where lines break in it, points of lists begin, cells of a row meet
_LAID_OUT = (
    (re.compile(r"\n"), " "),
    (re.compile(r"</t[hd]>\s*<t[hd]\b[^>]*>"), " · "),
    (re.compile(r"<li\b[^>]*>"), "\n- "),
    (re.compile(r"</?(?:p|h\d|[dou]l|li|div|section|table|tr|caption)\b[^>]*>"), "\n"),
)


def write_briefs(folder: Path, pages: list[Pages]) -> None:
    """Write `brief-<language>.html`, which needs no file beside it, and the same as `.txt`."""
    for each in pages:
        name = f"brief-{each.language}"
        single = brief(each, folder / each.language / "_static" / FONT)
        for kind, content in ("html", single), ("txt", brief_text(each)):
            path = folder / f"{name}.{kind}"
            path.write_text(content, encoding="utf-8", newline="\n")


def brief(pages: Pages, font: Path) -> str:
    """Return the first page as one file: no program, link or picture beside it, nothing folded.

    The id of its claim stands beside a number in place of the link. `font`: the site's; what the
    Chinese text needs of it is put into the file.
    """
    css = (root() / "report/static/report.css").read_text(encoding="utf-8")
    number = r'<span class="num">\2</span> <small class="claim-id">[\1]</small>'
    shown = _NUMBER.sub(number, str(pages.brief()))
    body = Markup(_LINK.sub("", shown))
    characters = {*body, *pages.headline(), *"".join([*pages.banner(), *pages.differences()])}
    han = max(characters) >= HAN
    wide = without_blanks(pages.language)
    needed = characters if wide else {c for c in characters if c >= HAN}
    more = {
        "font": b64encode(cut_font(needed, font)).decode() if han else "",
        "family": "Noto Sans SC" if wide else "Report Han",
        "tag": TAGS.get(pages.language, pages.language),
        "css": Markup(_FACE.sub("", css)),
        "body": body,
        "banner": pages.banner(),
        "changed": pages.differences(),
        "joint": pages.joint,
    }
    return pages.render("brief.html", **more) + "\n"


def brief_text(pages: Pages) -> str:
    """Return the brief as text to be pasted: a line for each paragraph, point and heading."""
    body = _FIGURE.sub(lambda figure: _said(figure.group()), str(pages.brief()))
    for found, written in _LAID_OUT:
        body = found.sub(written, body)
    lines = [TAG.sub("", line) for line in body.split("\n")]
    said = [*pages.differences(), pages.headline(), *lines, *pages.banner()]
    stripped = (" ".join(unescape(line).split()) for line in said)
    # the points of a list stand under one another
    return "\n\n".join(filter(None, stripped)).replace("\n\n- ", "\n- ") + "\n"


def _said(figure: str) -> str:
    return "".join(f"<p>{words}</p>" for words in _SAID.findall(figure))
