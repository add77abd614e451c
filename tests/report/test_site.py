"""The built site: every link leads somewhere, both languages say the same, nothing is fetched."""

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from support import PAGES, STUDY, WAVE, Built, soup

from analysis import open_study
from analysis.publish.rendering import OWN

# pages are read once in one process
pytestmark = pytest.mark.xdist_group("site")

POLICY = (
    "index", "requirements", "progress", "pilots", "factors", "ask", "evidence", "data", "about",
    "claims", "method",
)  # fmt: skip
BANNER = {
    "en": ("January 2016", "not an official document", "no person has reviewed", "repost"),
    "zh": ("2016年1月", "不是官方文件", "尚未经人工复核", "转载稿"),
}
# loaded by the browser without a click
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@cache
def anchors(page: Path) -> frozenset[str]:
    return frozenset(str(tag["id"]) for tag in soup(page).find_all(id=True))


def article(page: Path) -> Tag:
    found = soup(page).find("article")
    assert isinstance(found, Tag), page
    return found


def test_no_program_stands_in_a_page_but_what_its_policy_names(built: Built) -> None:
    for page in [built.folder / "index.html", *built.pages["en"], *built.pages["zh"]]:
        policy = soup(page).find("meta", {"http-equiv": "Content-Security-Policy"})
        assert isinstance(policy, Tag), page
        allowed = str(policy["content"])
        assert "unsafe-inline" not in allowed.partition("script-src")[2].partition(";")[0]
        for script in soup(page).find_all("script", src=False):
            content = sha256(script.text.encode()).digest()
            assert f"'sha256-{b64encode(content).decode()}'" in allowed, (page, script.text)


def test_both_languages_have_the_same_pages(built: Built) -> None:
    names = {
        lang: [p.relative_to(built.folder / lang).as_posix() for p in pages]
        for lang, pages in built.pages.items()
    }
    assert names["en"] == names["zh"]
    assert {f"{name}.html" for name in POLICY} <= set(names["en"])
    assert len([n for n in names["en"] if n.startswith("notebooks/")]) == PAGES


def test_every_internal_link_and_anchor_resolves(built: Built) -> None:
    broken = []
    for page in [built.folder / "index.html", *built.pages["en"], *built.pages["zh"]]:
        for tag in soup(page).find_all(["a", "link", "script", "img"]):
            parts = urlsplit(str(tag.get("href") or tag.get("src") or ""))
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            name = unquote(parts.fragment)
            if not target.is_file() or (name and name not in anchors(target)):
                broken.append(
                    f"{page.relative_to(built.folder)} -> {tag.get('href') or tag.get('src')}"
                )
    assert not broken


def test_no_page_fetches_from_a_host(built: Built) -> None:
    outside = re.compile(r"^(https?:)?//")
    for page in [built.folder / "index.html", *built.pages["en"], *built.pages["zh"]]:
        for name, attribute in FETCHED.items():
            for tag in soup(page).find_all(name):
                assert not outside.match(str(tag.get(attribute, ""))), (page, tag)
    for sheet in built.folder.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet
        )


def test_every_page_says_what_it_is_and_links_to_its_twin(built: Built) -> None:
    for lang, pages in built.pages.items():
        twin = "zh" if lang == "en" else "en"
        for page in pages:
            text = soup(page).get_text(" ")
            assert all(words in text for words in BANNER[lang]), page
            assert soup(page).find("a", class_="language-link", hreflang=re.compile(f"^{twin}")), (
                page
            )


def test_no_english_words_of_the_theme_on_chinese_pages(built: Built) -> None:
    for page in built.pages["zh"]:
        text = page.read_text(encoding="utf-8")
        for words in ("Color mode", "System Settings", "Breadcrumb", "Collapse Sidebar", "Toggle"):
            assert words not in text, (page, words)


def brief(built: Built, lang: str) -> Tag:
    """Return what the first page has in common with the single file, read anew."""
    page = BeautifulSoup(str(article(built.folder / lang / "index.html")), "html.parser")
    found = page.select_one(".brief")
    assert isinstance(found, Tag)
    return found


def test_each_number_of_the_brief_links_to_its_claim(built: Built) -> None:
    for lang in ("en", "zh"):
        linked = soup(built.folder / lang / "index.html").select("a.num")
        named = [tag for tag in linked if tag.get("data-claim")]
        assert len(named) >= 7
        for tag in named:
            name = str(tag["data-claim"])
            assert tag["href"] == f"claims/{name}.html"
            assert name in built.claims
        assert {tag["href"] for tag in linked} == {tag["href"] for tag in named}


def test_the_brief_has_no_number_that_is_not_a_claim(built: Built) -> None:
    slow = built.claims["progress.slow-pilots"]
    for lang in ("en", "zh"):
        points = brief(built, lang).select(".brief-points p, .limits")
        assert len(points) == 5
        for point in points:
            for tag in point.select("a.num"):
                tag.decompose()
            assert not re.search(r"\d", point.get_text()), (lang, point)
        headline = soup(built.folder / lang / "index.html").h1
        assert isinstance(headline, Tag)
        told = re.sub("^Five", "5", headline.get_text())
        assert sorted(re.findall(r"\d+", told), key=int) == [str(slow["n"]), str(slow["of"])]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_page_has_its_parts_in_order(built: Built, lang: str) -> None:
    page = soup(built.folder / lang / "index.html")
    parts = (".report-banner", "h1", ".brief-points", ".box", ".box.ask", ".limits", ".downloads")
    every = list(page.find_all(True))
    places = [every.index(tag) for tag in map(page.select_one, parts) if tag is not None]
    assert places == sorted(places)
    assert len(places) == len(parts)
    assert len(page.select(".box.ask h3")) == 2
    assert page.select_one(".report-footer") is not None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_links_are_on_numbers_and_few(built: Built, lang: str) -> None:
    for name in ("index", "requirements", "progress", "about", "method"):
        page = BeautifulSoup(str(article(built.folder / lang / f"{name}.html")), "html.parser")
        every = len(page.get_text())
        linked = sum(len(tag.get_text()) for tag in page.select("a.num"))
        assert linked <= 0.15 * every, (name, linked, every)
        for tag in page.select("a.num"):
            assert re.search(r"\d", tag.get_text()) or tag.get_text() in ("[basis]", "〔依据〕"), (
                tag
            )


def test_the_first_page_says_it_in_250_words(built: Built) -> None:
    page = BeautifulSoup(str(article(built.folder / "en" / "index.html")), "html.parser")
    for tag in page.select(".box, figure, .toctree-wrapper"):
        tag.decompose()
    assert len(re.findall(r"\b\w[\w'.%-]*", page.get_text(" "))) <= 250


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_menu_has_three_groups_and_marks_the_page(built: Built, lang: str) -> None:
    for name in ("index", "ask", "notebooks", "pilots/jiangyuan", "notebooks/silence"):
        menu = soup(built.folder / lang / f"{name}.html").select_one("header nav.menu")
        assert isinstance(menu, Tag)
        groups = [len(group.select("a")) for group in menu.select("ul > li:has(.menu-group)")]
        assert groups == [6, 3, 3]
        current = menu.select("a[aria-current]")
        assert [str(a["href"]).split("/")[-1].partition(".")[0] for a in current] in (
            [name.split("/")[0]], ["#"], ["" if name.count("/") == 0 else "#"],
        )  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_says_that_something_does_not_apply(built: Built, lang: str) -> None:
    """What has nothing to show for a factor or pilot belongs to a notebook that does not run for it."""
    words = re.compile(r"(?i)not? (\w+ )?appl(y|icable)|n/a\b|not relevant|不适用|不涉及")
    said = {
        page.stem: found.group()
        for page in built.pages[lang]
        if (found := words.search(soup(page).get_text(" ")))
    }
    assert not said


def test_frames_name_pilots_and_variables_in_the_language_of_the_page(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    keys = {*study.pilots, *study.declared.factors, *study.declared.outcomes}
    names = {study.pilot_name(pilot).in_language("en") for pilot in study.pilots}
    said: dict[str, set[str]] = {}
    for lang, pages in built.pages.items():
        frames = [
            t for page in pages for t in soup(page).select("table.analysis:has(.visually-hidden)")
        ]
        cells = (cell for frame in frames for cell in frame.find_all(["th", "td"]))
        said[lang] = {cell.get_text() for cell in cells}
    assert said["en"] >= {"Liaoyuan", "named_slow"}
    assert said["zh"] >= {"辽源市", "被通报进展缓慢"}
    assert not said["zh"] & (keys | names)


def test_both_languages_show_the_same_claims(built: Built) -> None:
    for name in POLICY:
        claims = {
            lang: sorted(
                str(t["data-claim"])
                for t in soup(built.folder / lang / f"{name}.html").select("a.num[data-claim]")
            )
            for lang in ("en", "zh")
        }
        assert claims["en"] == claims["zh"], name


def test_every_claim_stands_on_its_notebook_page_in_both_languages(built: Built) -> None:
    for lang in ("en", "zh"):
        for name, claim in built.claims.items():
            page = name.split(".")[0]
            place = soup(built.folder / lang / "notebooks" / f"{page}.html").find(id=claim["cell"])
            assert isinstance(place, Tag), name
            assert claim["text"][lang] in " ".join(place.get_text().split()), name


def numbers(text: str, lang: str) -> list[str]:
    if lang == "en":
        months = (
            "January February March April May June July August September October November December"
        )
        for i, month in enumerate(months.split(), start=1):
            text = re.sub(rf"{month} (\d{{4}})", rf"\1 {i}", text)
        # CNY 18.334 billion is 183.34亿元
        text = re.sub(r"CNY ([\d.]+) billion", lambda m: f"{float(m[1]) * 10:g}", text)
    text = re.sub(r"([\d.]+)亿元", lambda m: f"{float(m[1]):g}", text)
    # .035 is 0.035 in Chinese
    return sorted(found.lstrip("0") for found in re.findall(r"\d+(?:\.\d+)?|\.\d+", text))


def test_both_languages_give_the_same_numbers(built: Built) -> None:
    differ = {
        name: claim["text"]
        for name, claim in built.claims.items()
        if numbers(claim["text"]["en"], "en") != numbers(claim["text"]["zh"], "zh")
    }
    assert not differ


def test_chinese_stands_as_text_in_the_figures(built: Built) -> None:
    page = built.folder / "zh" / "progress.html"
    drawn = " ".join(t.get_text() for t in soup(page).select("figure svg text"))
    assert "江源区" in drawn
    assert "不是官方文件" in drawn
    assert (built.folder / "_static" / "NotoSansSC-subset.ttf").stat().st_size > 50_000


def test_what_stands_once_beside_the_languages_is_the_same_in_each(built: Built) -> None:
    kept = built.folder.with_name(f".{built.folder.name}.pages")
    held = [
        {
            path.relative_to(place): path.read_bytes()
            for path in place.rglob("*.*")
            if path.is_file() and path.name not in OWN
        }
        for place in (kept / lang / "out/_static" for lang in built.pages)
    ]
    assert len(held[0]) > 10
    assert all(each == held[0] for each in held)


def test_the_font_holds_every_chinese_character_of_the_pages(built: Built) -> None:
    from fontTools.ttLib import TTFont

    for lang, pages in built.pages.items():
        font = TTFont(built.folder / "_static" / "NotoSansSC-subset.ttf")
        shown = {c for page in pages for c in page.read_text(encoding="utf-8")}
        missing = {c for c in shown if "\u4e00" <= c <= "\u9fff"} - set(
            map(chr, font.getBestCmap())
        )
        assert not missing, lang


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_of_neighbouring_cells_are_found_each(built: Built, lang: str) -> None:
    index = (built.folder / lang / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index[index.index("(") + 1 : -1])["terms"]
    page = soup(built.folder / lang / "evidence.html")
    for row in page.select("table tr")[:40]:
        cells = [c.get_text().strip() for c in row.select("td, th")]
        for one, two in pairwise(cells):
            if re.fullmatch("[a-z]+", one) and re.fullmatch("[a-z]+", two):
                assert one + two not in terms
    joined = [term for term in terms if re.fullmatch(r"\d+[a-z]+_[a-z]+", term)]
    assert not joined


def test_every_cell_is_an_anchor(built: Built) -> None:
    """But for prose that leads to nothing: there its next code shows nothing."""
    import nbformat

    for page in sorted((built.folder / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(page, as_version=4).cells
        for lang in ("en", "zh"):
            made = anchors(built.folder / lang / "notebooks" / f"{page.stem}.html")
            for number, cell in enumerate(cells):
                if cell.id not in made:
                    code = next(c for c in cells[number:] if c.cell_type == "code")
                    assert cell.cell_type == "markdown", (page.stem, lang, cell.id)
                    assert not any(o.data["text/plain"] for o in code.outputs), (page.stem, cell.id)


def test_figures_and_tables_have_a_csv(built: Built) -> None:
    written = {path.name for path in (built.folder / "data").glob("*.csv")}
    assert {
        "progress.stage-figure.csv",
        "factor-unit_type.levels-table.csv",
        "codings.csv",
    } <= written
    for path in (built.folder / "data").glob("*.csv"):
        # those with their heads in a language are for spreadsheets
        marked = path.stem.endswith((".en", ".zh"))
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") == marked, path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_and_figures_can_be_read_out(built: Built, lang: str) -> None:
    for page in built.pages[lang]:
        for table in soup(page).find_all("table", class_="analysis"):
            assert table.find("caption"), page
            assert all(head.get("scope") for head in table.find_all("th")), page
        for figure in soup(page).find_all("figure", class_="analysis"):
            assert figure.find(attrs={"role": "img", "aria-label": True}), page


def test_pages_are_light(built: Built) -> None:
    """Each page goes by mail; the pages of both languages with all they use go on any stick."""
    site = [p for name in (*built.pages, "_static") for p in (built.folder / name).rglob("*")]
    sizes = {path: path.stat().st_size for path in site if path.is_file()}
    assert [path for path, size in sizes.items() if size > 1_000_000] == []
    assert sum(sizes.values()) < 15_000_000
