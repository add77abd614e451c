"""Every page of both languages in Chromium, from the file system and offline, one load a page.

Each page is made narrow and wide, and its words and figures are measured. On paper, by keys and by
axe it is looked at in one language, the first page of each kind in both, in the dark and made
narrow too: at the first rows of a table, the first items of a list, the first code, and the colours
of one text of each look. Of the pages of claims, which come from one template, there are those of
every grade and kind (`CLAIM_PAGES`).
"""

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
# what stands again and again goes, and what a picture holds, which has one description
FEWER = """() => {
    document.querySelectorAll("[role=img] svg").forEach((e) => e.replaceChildren());
    document.querySelectorAll("details.hide > div, tbody tr:nth-child(n + 4), li:nth-child(n + 6)").forEach(
        (e) => e == document.querySelector("details.hide > div") || e.remove());
    document.querySelector("details.hide")?.setAttribute("open", "");
}"""
# axe looks at the colours of one text of each look: of the same elements in the same ones
LOOKS = """() => {
    const looks = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const look = (e) => e && `${look(e.parentElement)} ${e.tagName}.${e.getAttribute("class")}`;
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const holder = text.parentElement, own = look(holder);
        if (!text.data.trim() || looks.has(own) || !holder.checkVisibility({visibilityProperty: true})) continue;
        looks.add(own);
        holder.dataset.look = "";
    }
    axe.configure({rules: [{id: "color-contrast", selector: "[data-look]"}]});
    return looks.size;
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
# of the pictures that a page shows: texts that reach out of them, marks outside their panel, what
# is too small to read (below 8.4 pixels), pictures wider than their figure or without words
DRAWN = """() => {
    const cut = [];
    const within = (box, frame) => box.left >= frame.left - 1 && box.right <= frame.right + 1
        && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
    for (const figure of document.querySelectorAll("figure.analysis")) {
        const shown = [...figure.querySelectorAll("svg")].filter(svg => svg.clientWidth);
        if (shown.length != 1) cut.push(`${shown.length} pictures`);
        const outer = figure.getBoundingClientRect();
        for (const svg of shown) {
            const inside = svg.getBoundingClientRect();
            const scale = inside.width / svg.viewBox.baseVal.width;
            if (inside.left < outer.left - 1 || inside.right > outer.right + 1) cut.push("moved");
            if (svg.querySelectorAll("text").length < 5) cut.push("no words");
            for (const text of svg.querySelectorAll("text")) {
                if (!within(text.getBoundingClientRect(), inside)) cut.push(text.textContent);
                if (parseFloat(getComputedStyle(text).fontSize) * scale < 8.4) cut.push("small");
            }
            // a drawing without axes has the whole picture
            const axes = svg.querySelector("[id*=axis_]") && svg.querySelector("[id$=patch_2]");
            const panel = (axes || svg).getBoundingClientRect();
            for (const mark of svg.querySelectorAll("[id*=axes_1] use")) {
                if (mark.closest("[id*=axis_], [id*=legend_]")) continue;
                const box = mark.getBoundingClientRect(), x = (box.left + box.right) / 2;
                const y = (box.top + box.bottom) / 2;
                if (!within({left: x, right: x, top: y, bottom: y}, panel)) cut.push("mark");
            }
        }
    }
    return [...new Set(cut)];
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


def axe(page: Page, **options: Any) -> list[str]:
    """Run axe and return what it found."""
    options = {"resultTypes": ["violations"], "preload": False} | options
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [f"axe {v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]


def faults(page: Page, path: Path, *, seen: bool, ways: bool) -> Iterator[str]:
    """Open a page and yield what is wrong with it.

    `seen`: also by axe, by keys and on paper; `ways`: dark and narrow too.
    """
    page.set_viewport_size(NARROW)
    page.goto(path.as_uri())
    page.evaluate("document.fonts.ready")
    if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > NARROW["width"]:
        yield f"narrow: {wide} pixels wide"
    yield from (f"narrow: cut: {words}" for words in page.evaluate(CUT))
    # what is read at a desk has no second picture: on a narrow page it is moved sideways
    sideways = {"moved", "small"} if path.parent.name == "notebooks" else set()
    yield from (f"narrow: figure: {what}" for what in {*page.evaluate(DRAWN)} - sideways)
    page.set_viewport_size(WIDE)
    yield from (f"figure: {what}" for what in page.evaluate(DRAWN))
    if not seen:
        return
    yield from (f"no key reaches {e}" for e in page.evaluate(UNREACHED))
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    yield from (f"not printed, or cut: {e}" for e in page.evaluate(UNPRINTED))
    page.emulate_media(media="screen")
    page.set_viewport_size(WIDE)
    page.evaluate(FEWER)
    page.evaluate(AXE)
    assert page.evaluate(LOOKS) > 5
    yield from axe(page, runOnly=RULES)
    if ways:
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        yield from (f"dark: {found}" for found in axe(page, runOnly=COLOURS))
        page.set_viewport_size(NARROW)
        yield from (f"narrow: {found}" for found in axe(page, runOnly=RULES, rules=NO_COLOURS))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_can_be_used_by_everybody(
    built: Built, browser: Browser, lang: str, part: int
) -> None:
    """Offline, without sight or mouse, dark, narrow and printed."""
    folder, found = built.folder / lang, list[str]()
    assert [p.name for p in built.pages["en"]] == [p.name for p in built.pages["zh"]]
    first = {kind(page, folder): page for page in reversed(built.pages[lang])}.values()
    context = browser.new_context(offline=True, color_scheme="light", reduced_motion="reduce")
    with context, context.new_page() as page:
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or found.append(r.url))
        page.on("requestfailed", lambda r: found.append(f"failed: {r.url}"))
        page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: found.append(str(e)))
        for number, path in enumerate(built.pages[lang][part::PARTS]):
            found.append(f"{path.relative_to(folder)}:")
            in_turn = number % 2 == (lang == "zh")
            found += faults(page, path, seen=in_turn or path in first, ways=path in first)
            if found[-1].endswith(".html:"):
                found.pop()
    assert not found, "\n".join(found)
