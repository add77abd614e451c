"""The built pages in Chromium: nothing fetched, nothing broken, readable narrow, dark and aloud."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from support import Built

pytestmark = pytest.mark.slow

# how many things a key stops at; where it stands, and whether a reader sees that
PRESSED = """() => [...document.querySelectorAll("a[href], button, summary, input, [tabindex='0']")]
    .filter((e) => e.checkVisibility({visibilityProperty: true})).length"""
FOCUS = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const box = [...at.getClientRects()].find((r) => r.width && r.height) ?? at.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    return {
        what: at.outerHTML.slice(0, 120),
        hidden: !top || !(at.contains(top) || top.contains(at)),
        // a field's form shows it
        ring: [at, at.form ?? at].some((e) =>
            getComputedStyle(e).outlineStyle != "none" || getComputedStyle(e).boxShadow != "none"),
    };
}"""
PRINTED_A4 = {"format": "A4", "print_background": True}
each_language = pytest.mark.parametrize("lang", ["en", "zh"])


class Visit:
    """A page that was opened, with what it asked for and complained of."""

    def __init__(
        self, browser: Browser, path: Path, width: int, height: int, scheme: str, query: str
    ):
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url}"))
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type == "error" else None
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.goto(path.as_uri() + query)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def visit(
    browser: Browser, path: Path, width: int = 1366, height: int = 768, *, dark: bool = False,
    query: str = "",
) -> Visit:  # fmt: skip
    return Visit(browser, path, width, height, "dark" if dark else "light", query)


def test_figures_follow_the_theme(built: Built, browser: Browser) -> None:
    """In the dark they are no white slabs; printed they are dark on white whatever the theme."""
    colours = """() => ["ink", "paper"].map(name =>
        getComputedStyle(document.documentElement).getPropertyValue(`--figure-${name}`))"""
    path = built.folder / "en" / "notebooks" / "progress.html"
    with visit(browser, path) as light, visit(browser, path, dark=True) as dark:
        plain = light.page.evaluate(colours)
        title = "figure svg [id$='-title'] text"
        shown = [
            v.page.eval_on_selector(title, "t => getComputedStyle(t).fill") for v in (light, dark)
        ]
        assert len(set(shown)) == 2
        assert dark.page.evaluate(colours) != plain
        dark.page.emulate_media(media="print")
        assert dark.page.evaluate(colours) == plain


@pytest.mark.parametrize("name", ["progress", "notebooks/factor-leadership_change"])
@each_language
def test_what_can_be_taken_along_lies_where_its_link_says(
    built: Built, browser: Browser, lang: str, name: str
) -> None:
    with visit(browser, built.folder / lang / f"{name}.html") as seen:
        links = seen.page.locator(".take a")
        found = [(a.get_attribute("href"), a.get_attribute("aria-label")) for a in links.all()]
        figures = seen.page.locator("figure.analysis").count()
        tables = seen.page.locator(".take:not(figcaption .take)").count()
    pictures = [href for href, _ in found if str(href).endswith(".png")]
    assert len(found) == figures + tables + len(pictures)
    assert pictures
    assert len({label for _href, label in found}) == len(found)
    for href, _label in found:
        assert (built.folder / lang / f"{name}.html").parent.joinpath(str(href)).is_file()


@each_language
def test_the_first_page_is_one_screen(built: Built, browser: Browser, lang: str) -> None:
    with visit(browser, built.folder / lang / "index.html") as seen:
        for part in (
            ".brief figure .wide svg",
            ".brief-points",
            ".box.ask",
            ".limits",
            ".downloads",
        ):
            box = seen.page.locator(part).bounding_box()
            assert box is not None, part
            assert box["y"] + box["height"] <= 768, part
        figure, points = (
            seen.page.locator(part).bounding_box() for part in (".brief-figure", ".brief-points")
        )
        assert figure is not None
        assert points is not None
        assert figure["x"] + figure["width"] <= points["x"]


@each_language
@pytest.mark.parametrize("name", ["{lang}/index.html", "brief-{lang}.html"])
def test_the_first_page_is_one_printed_side(
    built: Built, browser: Browser, lang: str, name: str
) -> None:
    with visit(browser, built.folder / name.format(lang=lang)) as seen:
        printed = seen.page.pdf(**PRINTED_A4)  # type: ignore[arg-type]
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@each_language
def test_the_menu_is_one_line_and_stands_in_the_bar_of_narrow_pages(
    built: Built, browser: Browser, lang: str
) -> None:
    page = built.folder / lang / "ask.html"
    with visit(browser, page) as seen:
        links = seen.page.locator("header .menu a:visible")
        assert links.count() == 12
        assert len({round(box["y"]) for link in links.all() if (box := link.bounding_box())}) == 1
    with visit(browser, page, 390, 844) as seen:
        seen.page.locator("button.primary-toggle").click()
        links = seen.page.locator("dialog[open] .menu a:visible")
        assert links.count() == 12
        assert seen.page.locator("dialog[open] .menu a[aria-current]").count() == 1


@each_language
def test_the_language_link_keeps_the_page(built: Built, browser: Browser, lang: str) -> None:
    twin = "zh" if lang == "en" else "en"
    for path in built.pages[lang]:
        links = set(re.findall(r'<a class="[^"]*language-link".*?href="(.*?)"', path.read_text()))
        there = [(path.parent / link).resolve() for link in links]
        assert there == [built.folder / twin / path.relative_to(built.folder / lang)], path
    with visit(browser, built.folder / lang / "notebooks" / "silence.html") as seen:
        seen.page.locator("a.language-link:visible").first.click()
        seen.page.wait_for_url((built.folder / twin / "notebooks" / "silence.html").as_uri())
        assert seen.page.evaluate("document.documentElement.lang").startswith(twin)


@pytest.mark.parametrize(
    "name", ["index", "factors", "pilots/jiangyuan", "evidence/jiangyuan", "search",
             "notebooks/factor-leadership_change"],
)  # fmt: skip
@pytest.mark.parametrize("width", [1366, 390])
def test_a_key_reaches_what_can_be_pressed_and_shows_where_it_is(
    built: Built, browser: Browser, name: str, width: int
) -> None:
    """Forward from the top and back from the end, under the head that stays on top."""
    with visit(browser, built.folder / "en" / f"{name}.html", width) as seen:
        # else a page glides to what is reached, and is looked at on its way
        seen.page.emulate_media(reduced_motion="reduce")
        wanted = seen.page.evaluate(PRESSED)
        assert wanted > 5
        for key, most in (("Tab", 40), ("Shift+Tab", 20)):
            reached = 0
            for _ in range(min(most, wanted)):
                seen.page.keyboard.press(key)
                if at := seen.page.evaluate(FOCUS):
                    reached += 1
                    assert (at["ring"], at["hidden"]) == (True, False), (key, at)
            assert reached >= min(most, wanted) - 2, key
            # beyond the last the cursor leaves the page
            seen.page.evaluate("document.activeElement.blur(), scrollTo(0, 1e6)")
            seen.page.locator("footer a, footer p").last.click()


def test_a_number_of_the_brief_leads_to_its_claim_cell_and_code(
    built: Built, browser: Browser
) -> None:
    with visit(browser, built.folder / "en" / "index.html") as seen:
        seen.page.locator("a.num[data-claim='overview.reasons']").first.click()
        seen.page.get_by_text("Cell reasons on its notebook's page").click()
        cell = seen.page.locator("[id='reasons']")
        cell.wait_for()
        assert "for 5 of the 5 pilots" in cell.inner_text()
        code = cell.locator("details.hide")
        code.locator("summary").click()
        assert "reasons_given(study)" in cell.inner_text()


def test_the_evidence_of_a_claim_leads_to_its_row(built: Built, browser: Browser) -> None:
    page = built.folder / "en" / "notebooks" / "factor-leadership_change.html"
    with visit(browser, page) as seen:
        cell = seen.page.locator("[id='bounds']")
        cell.get_by_text("What this rests on").click()
        rows = seen.page.locator("h3", has_text="change of leaders").locator(
            "xpath=following-sibling::*[1]"
        )
        rows.get_by_text("Jiangyuan", exact=True).click()
        seen.page.wait_for_url("**/evidence/jiangyuan.html#*")
        name = seen.page.url.split("#")[1]
        seen.page.locator(f"[id='{name}']").wait_for()
        page = built.folder / "en" / "evidence" / "jiangyuan.html"
        assert seen.page.url.startswith(page.as_uri())


def test_chinese_is_drawn_where_no_chinese_font_is_installed(
    built: Built, browser: Browser
) -> None:
    """A browser takes an installed font's empty boxes before a font that comes later."""
    for name in ("index.html", "en/index.html", "en/evidence.html"):
        with visit(browser, built.folder / name) as seen:
            family, loaded = seen.page.evaluate(
                """async () => {
                    await document.fonts.ready;
                    const faces = [...document.fonts].filter(f => f.status == "loaded");
                    return [getComputedStyle(document.body).fontFamily, faces.map(f => f.family)];
                }"""
            )
            assert family.replace('"', "").startswith("Report Han"), name
            assert "Report Han" in [face.replace('"', "") for face in loaded], name


def test_the_first_page_offers_both_languages(built: Built, browser: Browser) -> None:
    with visit(browser, built.folder / "index.html") as seen:
        found = [a.get_attribute("href") for a in seen.page.locator("a").all()]
        assert {"zh/index.html", "en/index.html"} <= set(found)
        assert Axe().run(seen.page).response["violations"] == []
