"""The search: how texts are split, and what a reader of either language finds from a file."""

import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
import yaml
from playwright.sync_api import Browser, Page
from sphinx.search.en import SearchEnglish
from support import STUDY, Built, article_of

from analysis.publish.sphinx_hooks import Words

TEXT = "Named as slow:\n\t磐石市 stage 3, 3 of 13，plans planning\r\nID ids a 〇五 一"
# what the search of an opened page finds, best first
FIND = """(question) => {
    const found = Search._performSearch(...Search._parseQuery(question));
    return found.reverse().map((result) => result[0]);
}"""
each_language = pytest.mark.parametrize("lang", ["en", "zh"])
chromium = pytest.mark.slow
# pages are read once in one process
pytestmark = pytest.mark.xdist_group("search")


def test_words_and_stems_are_those_of_sphinx_but_for_chinese() -> None:
    kept, plain = Words({}), SearchEnglish({})
    for _ in range(2):
        found = kept.split(TEXT)
        assert [w for w in found if w.isascii()] == re.findall(r"[A-Za-z0-9]+", TEXT)
        assert {w: kept.stem(w) for w in found} == {w: plain.stem(w) for w in found}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("磐石市", ["磐", "石", "市", "磐石", "石市"]),
        ("县", ["县"]),
        ("2016年", ["2016", "年"]),
        ("", []),
    ],
)
def test_chinese_is_split_into_characters_and_pairs(text: str, words: list[str]) -> None:
    assert Words({}).split(text) == words


@pytest.fixture(scope="module")
def opened(built: Built, browser: Browser) -> Iterator[dict[str, Page]]:
    """The page of the search in each language, offline."""
    with browser.new_context(offline=True) as context:
        pages = {lang: context.new_page() for lang in ("en", "zh")}
        for lang, page in pages.items():
            page.goto((built.folder / lang / "search.html").as_uri())
        yield pages


def missed(page: Page, wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which pages a question did not find: `(question, page)`."""
    return [(asked, name) for asked, name in wanted if name not in page.evaluate(FIND, asked)]


@cache
def texts(folder: Path) -> dict[str, str]:
    """The texts of each page's own part, a block a line, by page; claims are found by their list."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        # the page of the search has no part of its own
        if path.parent.name == "claims" or path.stem == "search":
            continue
        article = article_of(path)
        for apart in article.select(".cell summary, .report-banner"):
            apart.decompose()
        blocks = article.find_all(
            ["p", "li", "th", "td", "caption", "figcaption", "h1", "h2", "text", "summary"]
        )
        name = path.relative_to(folder).with_suffix("").as_posix()
        found[name] = "\n".join(b.get_text() for b in blocks if not b.find(["p", "li", "td"]))
    return found


@chromium
@each_language
def test_a_pilot_is_found_by_its_long_and_short_name(
    built: Built, opened: dict[str, Page], lang: str
) -> None:
    pilots = pd.read_csv(built.root / "data" / STUDY / "pilots.csv", dtype=str)
    wanted = [
        (name, page)
        for row in pilots.to_dict("records")
        for name in (row[f"short_{lang}"], row[f"long_{lang}"])
        for page in ("pilots",) * (name == row[f"short_{lang}"]) + (f"pilots/{row['pilot_id']}",)
    ]
    assert missed(opened[lang], wanted) == []


@chromium
@each_language
def test_a_factor_is_found_by_its_name(built: Built, opened: dict[str, Page], lang: str) -> None:
    text = (built.root / "data" / STUDY / "study.yaml").read_text(encoding="utf-8")
    factors = yaml.safe_load(text)["factors"]
    wanted = [(each["label"][lang], f"factors/{name}") for name, each in factors.items()]
    assert missed(opened[lang], wanted) == []


@chromium
def test_any_two_neighbouring_characters_of_a_page_find_it(
    built: Built, opened: dict[str, Page]
) -> None:
    draw, wanted = random.Random(0), []
    for name, text in texts(built.folder / "zh").items():
        runs = re.findall("[\u3400-\u9fff]{2,}", text)
        for run in draw.sample(runs, min(5, len(runs))):
            place = draw.randrange(len(run) - 1)
            wanted += [(run[place : place + 2], name), (run, name), (run[place], name)]
    assert len(wanted) > 500
    assert missed(opened["zh"], wanted) == []


@chromium
def test_a_whole_phrase_finds_the_pages_that_hold_it(built: Built, opened: dict[str, Page]) -> None:
    """Seen once with a search by a dictionary's words: 0 hits for both."""
    for phrase in ("取消试点资格", "净月"):
        holds = {name for name, text in texts(built.folder / "zh").items() if phrase in text}
        assert len(holds) >= 2
        assert set(opened["zh"].evaluate(FIND, phrase)) == holds, phrase


@chromium
@pytest.mark.parametrize(
    ("lang", "asked", "said"),
    [
        ("en", "Siping", r"Results\nPlaces found: \d+\n"),
        ("zh", "四平市", r"搜索结果\n共找到\d+处\n"),
        (
            "en",
            "zzzqq",
            "Results\nNothing found. Try fewer or shorter words.",
        ),
        ("zh", "鑫龘", "搜索结果\n没有找到。"),
    ],
)
def test_what_is_found_or_not_is_said_in_the_readers_language(
    built: Built, browser: Browser, lang: str, asked: str, said: str
) -> None:
    with browser.new_context(offline=True) as context:
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto((built.folder / lang / "search.html").as_uri() + f"?q={quote(asked)}")
        page.locator("#search-results .search-summary:not(:empty)").wait_for()
        shown = re.sub(r"\n+", "\n", page.locator("#search-results").inner_text())
        assert re.match(said, shown), shown
        if lang == "zh":
            assert not re.search("[A-Za-z]{3}", shown.split("\n")[1])
        links = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
        assert bool(links) == (asked in ("Siping", "四平市"))
        # the page about it first
        assert all(link.endswith(f"{lang}/pilots/siping.html") for link in links[:1]), links
        for link in links:
            assert Path(link.removeprefix("file://").partition("#")[0]).is_file(), link
        assert complaints == []
