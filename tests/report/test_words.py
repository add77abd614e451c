"""The words of the pages that policy readers see: short sentences, no jargon, fixed phrases."""

import re
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from support import Built, article_of

from analysis.publish.pages import page_words

# pages are read once in one process
pytestmark = pytest.mark.xdist_group("words")

POLICY = (
    "index", "requirements", "progress", "pilots", "factors", "ask", "evidence", "data", "about",
    "method",
)  # fmt: skip
GRADES = {
    "en": ("Counted", "Known only within a range", "A lead, not a finding", "Cannot be told"),
    "zh": ("计数", "只能给出范围", "仅为线索", "无法判定"),
}
AVOIDED = {
    "en": (
        r"p-values?", r"p = ", r"coefficients?", r"confidence intervals?", r"significan\w+",
        r"not slow", r"on track", r"praised?", r"backward", r"below a city", r"rank(ed|s)? ", r"map of",
        r"\bJilin\b(?! Province| City)",
    ),
    "zh": (
        "[Pp]值", "系数", "置信区间", "显著", "风险差", "表扬", "落后", "排名", "接管", "吉林(?!省|市)"
    ),
}  # fmt: skip


@cache
def blocks(page: Path) -> list[Tag]:
    article = article_of(page)
    for toctree in article.select(".toctree-wrapper, .key-term, blockquote, figure svg, details"):
        toctree.decompose()
    return list(article.find_all(["h1", "h2", "h3", "p", "li", "td", "th", "caption"]))


def policy_pages(built: Built, lang: str) -> list[Path]:
    folder = built.folder / lang
    below = [page for name in ("pilots", "factors") for page in sorted((folder / name).iterdir())]
    return [*(folder / f"{name}.html" for name in POLICY), *below]


def test_words_of_pages_are_in_each_language_with_the_same_fields() -> None:
    fields = {
        lang: {name: set(re.findall(r"{\w*}", words)) for name, words in page_words(lang).items()}
        for lang in ("en", "zh")
    }
    assert fields["en"] == fields["zh"]
    assert all(words for lang in fields for words in page_words(lang).values())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_word_that_misleads(built: Built, lang: str) -> None:
    found = [
        (page.stem, word, block.get_text()[:80])
        for page in policy_pages(built, lang)
        for block in blocks(page)
        for word in AVOIDED[lang]
        if block.name != "td" and re.search(word, block.get_text())
    ]
    assert not found


def test_english_sentences_have_25_words_at_most(built: Built) -> None:
    long = [
        (page.stem, len(sentence.split()), sentence)
        for page in policy_pages(built, "en")
        for block in blocks(page)
        if block.name in ("p", "li") and "silent" not in block.get("class", [])
        for sentence in re.split(r"(?<=[.?!:])\s+", block.get_text().strip())
        if len(sentence.split()) > 25
    ]
    assert not long


def test_chinese_sentences_have_50_characters_at_most(built: Built) -> None:
    long = [
        (page.stem, len(sentence), sentence)
        for page in policy_pages(built, "zh")
        for block in blocks(page)
        if block.name in ("p", "li") and "silent" not in block.get("class", [])
        for sentence in re.split(r"[。？！]", block.get_text().strip())
        if len(sentence) > 50
    ]
    assert not long


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_minus_sign_before_a_number(built: Built, lang: str) -> None:
    for page in policy_pages(built, lang):
        for block in blocks(page):
            if block.name in ("p", "li"):
                assert not re.search(r"(?<![\d\w])[-−–]\d", block.get_text()), (page.stem, block)


def test_chinese_punctuation_is_full_width_and_unspaced(built: Built) -> None:
    wrong = []
    for page in policy_pages(built, "zh"):
        for block in blocks(page):
            # cells of tables hold titles and issuers as their sources write them
            text = "" if block.name == "td" else block.get_text().strip()
            wrong += re.findall(r".{0,6}[\u4e00-\u9fff] +[\d\u4e00-\u9fff].{0,6}", text)
            wrong += re.findall(r".{0,6}\d +[\u4e00-\u9fff].{0,6}", text)
            wrong += re.findall(r".{0,6}[\u4e00-\u9fff][,;:!?](?!\w*=).{0,6}", text)
    assert not wrong


def test_chinese_pages_have_no_english_values_heads_or_stops_between_numbers(built: Built) -> None:
    """What the notice says of the programme, what a frame shows by its key, ranges of a claim."""
    said = article_of(built.folder / "zh" / "evidence.html").find("table")
    assert isinstance(said, Tag)
    cells = [row.find_all("td")[0].get_text() for row in said.select("tbody tr")]
    assert len(cells) >= 10
    assert not [cell for cell in cells if re.search("[A-Za-z]", cell)]
    frames = {
        (page.stem, cell.get_text(strip=True))
        for page in sorted((built.folder / "zh" / "notebooks").glob("*.html"))
        for frame in article_of(page).select("table.analysis:has(caption.visually-hidden)")
        for cell in frame.select("thead th, tbody th, td")
    }
    assert len(frames) > 300
    # PPP as it stands in the text, P-values
    english = r"(?!PPP|P\b)\D*[A-Za-z]{2}"
    assert not {said for said in frames if re.match(english, said[1])}
    listed = article_of(built.folder / "zh" / "claims.html").select('td[data-head="数值"]')
    assert not [cell for cell in listed if re.search("[;\u2026]", cell.get_text())]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_point_of_the_brief_begins_with_its_grade(built: Built, lang: str) -> None:
    page = BeautifulSoup(
        (built.folder / lang / "index.html").read_text(encoding="utf-8"), "html.parser"
    )
    points = page.select(".brief-points p")
    assert len(points) == 4
    for point in points:
        assert re.match(rf"[\[【]({'|'.join(GRADES[lang])})[\]】]", point.get_text()), point


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_unit_type_line_is_never_alone(built: Built, lang: str) -> None:
    for name in ("index", "factors"):
        text = (built.folder / lang / f"{name}.html").read_text(encoding="utf-8")
        assert "factor-unit_type.difference" in text
        assert "factor-unit_type.adjusted" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_other_reasons_are_said_on_each_others_page(built: Built, lang: str) -> None:
    for name in ("target_ambition", "fiscal_capacity"):
        text = (built.folder / lang / "notebooks" / f"factor-{name}.html").read_text(
            encoding="utf-8"
        )
        assert {"en": "one observation, not two", "zh": "是一条观察，不是两条"}[lang] in text
