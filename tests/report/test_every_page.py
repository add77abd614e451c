"""Every page of both languages in Chromium, from the file system and offline, one load a page.

Each page is made narrow and shown as on paper. axe looks at the first page of each kind, in English
at two more of it, which are drawn; there also at the colours of the first, and at it made narrow.
It sees the first rows of a table and the first code.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize
from support import Built

pytestmark = pytest.mark.slow

PARTS = 2
WIDE, NARROW = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=768)
# an A4 side without its margins, in the browser's pixels
PAPER = ViewportSize(width=643, height=971)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
NO_COLOURS = {rule: {"enabled": False} for rule in COLOURS}
AXE = Axe().axe_script
FEWER = """() => {
    document.querySelectorAll("details.hide > div, tbody tr:nth-child(n + 8)").forEach(
        (e) => e == document.querySelector("details.hide > div") || e.remove());
    document.querySelector("details.hide")?.setAttribute("open", "");
}"""
# what is wider than the screen and cannot be moved, or cut off by a box around it
CUT = """() => {
    const cut = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const scrolls = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    for (let text = words.nextNode(); text; text = words.nextNode()) {
        const holder = text.parentElement;
        if (!text.data.trim() || holder.closest("script, style, noscript, dialog, .visually-hidden, .sr-only")) continue;
        if (!holder.checkVisibility({visibilityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        if (box.width && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(holder)) cut.push(text.data.trim());
    }
    return cut;
}"""
# what a key cannot reach: links, buttons and summaries out of the order, boxes that scroll
UNREACHED = """() => [...document.querySelectorAll("a[href], button, summary, input, .table-region")]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && (e.tabIndex < 0 || e.tabIndex > 0))
    .concat([...document.querySelectorAll("article *")].filter((e) => e.scrollWidth > e.clientWidth + 1
        && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex < 0 && !e.querySelector("a, button")
        && e.checkVisibility()))
    .map((e) => e.outerHTML.slice(0, 120))"""
# rows and captions that paper lacks (but links to files), boxes that are cut there, bars that nobody
# can press, numbers without the id of their claim
UNPRINTED = """() => [
    ...[...document.querySelectorAll("article tr, article caption, article figcaption")].filter((e) =>
        !e.closest("details, .visually-hidden") && !e.querySelector(".take") && !e.matches(".visually-hidden") && !e.getBoundingClientRect().height),
    ...[...document.querySelectorAll("article *")].filter((e) =>
        getComputedStyle(e).overflowX != "visible" && e.scrollWidth > e.clientWidth + 1 && !e.closest(".visually-hidden, svg")),
    ...[...document.querySelectorAll("div.cell summary, .claim summary")].filter((e) => e.checkVisibility()),
    ...[...document.querySelectorAll("a.num[data-claim]")].filter((e) =>
        !getComputedStyle(e, "::after").content.includes(e.dataset.claim)),
].map((e) => e.outerHTML.slice(0, 120))"""


def kind(page: Path, folder: Path) -> str:
    """Pages of one template: `pilots/x`, `notebooks/factor-x`; each other page is its own."""
    name = page.relative_to(folder).with_suffix("").as_posix()
    return re.sub(r"(/[a-z]+)-.*", r"\1-x", re.sub(r"^(?!notebooks)(\w+)/.*", r"\1/x", name))


def looked_at(pages: list[Path], folder: Path, more: int) -> tuple[set[Path], set[Path]]:
    """The first page of each kind, and these with so many more of it, drawn.

    Of claims all: of them some were chosen.
    """
    kinds: dict[str, list[Path]] = {}
    for page in pages:
        kinds.setdefault(kind(page, folder), []).append(page)
    drawn = random.Random(1)
    first = {found[0] for found in kinds.values()}
    some = set(kinds.pop("claims/x")) if more else first
    for _, *others in kinds.values():
        some |= set(drawn.sample(others, min(more, len(others))))
    return first, first | some


def axe(page: Page, **options: Any) -> list[str]:
    """Run axe and return what it found."""
    options = {"resultTypes": ["violations"], "preload": False} | options
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [f"axe {v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]


def faults(page: Page, path: Path, *, axed: bool, ways: bool) -> Iterator[str]:
    """Open a page and yield what is wrong with it; `ways`: axe sees it in all colours and widths."""
    page.set_viewport_size(WIDE)
    page.goto(path.as_uri())
    yield from (f"no key reaches {e}" for e in page.evaluate(UNREACHED))
    page.set_viewport_size(NARROW)
    if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > NARROW["width"]:
        yield f"narrow: {wide} pixels wide"
    yield from (f"narrow: cut: {words}" for words in page.evaluate(CUT))
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    yield from (f"not printed, or cut: {e}" for e in page.evaluate(UNPRINTED))
    page.emulate_media(media="screen")
    if axed:
        page.set_viewport_size(WIDE)
        page.evaluate(FEWER)
        page.evaluate(AXE)
        yield from axe(page, runOnly=RULES, rules=NO_COLOURS)
    for scheme in ("light", "dark") if ways else ():
        page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
        yield from (f"{scheme}: {found}" for found in axe(page, runOnly=COLOURS))
    if ways:
        page.set_viewport_size(NARROW)
        yield from (f"narrow: {found}" for found in axe(page, runOnly=RULES, rules=NO_COLOURS))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_can_be_used_by_everybody(
    built: Built, browser: Browser, lang: str, part: int
) -> None:
    """Offline, without sight or mouse, dark, narrow and printed."""
    folder, found = built.folder / lang, list[str]()
    first, some = looked_at(built.pages[lang], folder, 2 if lang == "en" else 0)
    context = browser.new_context(offline=True, color_scheme="light", reduced_motion="reduce")
    with context, context.new_page() as page:
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or found.append(r.url))
        page.on("requestfailed", lambda r: found.append(f"failed: {r.url}"))
        page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: found.append(str(e)))
        for path in built.pages[lang][part::PARTS]:
            found.append(f"{path.relative_to(folder)}:")
            found += faults(page, path, axed=path in some, ways=lang == "en" and path in first)
            if found[-1].endswith(".html:"):
                found.pop()
    assert not found, "\n".join(found)
