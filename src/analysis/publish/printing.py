"""PDFs of a finished report, printed by Chromium: the brief, and the reading pages as one."""

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.publish.site import FONT, GROUPS, SHARED
from notebook_build.project import BuildError

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
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
BANNER = re.compile(r'<aside class="report-banner".*?</aside>', re.DOTALL)
STYLES = re.compile(
    r'<html\b[^>]*>|<title>.*?</title>|<style>.*?</style>|<link[^>]*"stylesheet"[^>]*>', re.DOTALL
)
LINK = re.compile(r' href="(?!https?:|#)([^"#]*)[^"]*"')


def chromium() -> str:
    """Return the program named in `CHROMIUM`, else the one on the PATH.

    Raises:
        BuildError: there is none; the message says what to install.
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

    They lie beside the report, in a folder of its name with `+pdf`: within it they would be files
    that no build wrote.

    Raises:
        BuildError: Chromium is missing, fails or takes too long.
    """
    program, target = chromium(), report.with_name(f"{report.name}+pdf")
    target.mkdir(exist_ok=True)
    made = []
    with TemporaryDirectory() as folder:
        for brief in sorted(report.glob("brief-*.html")):
            language = brief.stem.removeprefix("brief-")
            whole = Path(folder, "whole.html")
            whole.write_text(_whole(report / language), encoding="utf-8")
            for kind, page in (("brief", brief), ("report", whole)):
                out = Path(folder, f"{kind}-{language}.pdf")
                _print(program, page, out)
                made.append(Path(shutil.move(out, target / out.name)))
    return made


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
    names, static = list(_reading(site)), (site.parent / SHARED).as_uri()
    texts = {name: (site / name).read_text(encoding="utf-8") for name in names}
    head = "".join(STYLES.findall(texts[names[0]])).replace(f'"../{SHARED}/', f'"{static}/')
    head += f'<style>@font-face {{ font-family: "Noto Sans SC"; src: url("{static}/{FONT}"); }}'
    head += "main > article + article { break-before: page; }</style>"
    banner, parts = "".join(BANNER.findall(texts[names[0]])), list[str]()

    def within(link: re.Match[str]) -> str:
        page = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[1]))
        return f' href="#{page}"' if page in names else ""

    for name in names:
        shown = LINK.sub(within, "".join(ARTICLE.findall(texts[name])))
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
