"""The reading pages: a page for each pilot and each factor, what each has, and how they are linked."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from support import STUDY, WAVE, Built, article_of

from analysis import open_study
from analysis.claims import Month

pytestmark = pytest.mark.xdist_group("site")

LANGUAGES = ("en", "zh")
STUDY_OPEN = open_study(STUDY, WAVE)
PILOTS, FACTORS = list(STUDY_OPEN.pilots), list(STUDY_OPEN.declared.factors)
REASON = {"en": "Reason as stated:", "zh": "文中给出的原因："}
NOT_REPORTED = {"en": "not reported", "zh": "未提及"}
CANNOT = {"en": r"[Cc]annot be told", "zh": "无法判定|不足以判定"}


@cache
def article(page: Path) -> Tag:
    found = article_of(page)
    for hidden in found.select(".toctree-wrapper"):
        hidden.decompose()
    return found


def words(page: Path) -> str:
    return " ".join(article(page).get_text(" ").split())


def hrefs(tag: Tag) -> list[str]:
    return [str(a["href"]) for a in tag.find_all("a", href=True)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("folder", "things"), [("pilots", PILOTS), ("evidence", PILOTS), ("factors", FACTORS)]
)
def test_pages_lead_to_the_one_before_and_the_one_after(
    built: Built, lang: str, folder: str, things: list[str]
) -> None:
    for i, thing in enumerate(things):
        page = article(built.folder / lang / folder / f"{thing}.html")
        beside = page.find(class_="neighbours")
        assert isinstance(beside, Tag), thing
        near = [*things[max(i - 1, 0) : i], *things[i + 1 : i + 2]]
        assert hrefs(beside) == [*(f"{each}.html" for each in near), f"../{folder}.html"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pilots_page_says_when_its_leaders_held_office(built: Built, lang: str) -> None:
    known = STUDY_OPEN.tables["leaders.csv"].query("pilot_id in @PILOTS and status != 'missing'")
    assert len(known[known["end"] != ""]) > 4
    for row in known.to_dict("records"):
        said = words(built.folder / lang / "pilots" / f"{row['pilot_id']}.html")
        first = row["start"] or row["seen_first"]
        for month in filter(None, [first, row["end"]]):
            assert Month(month).in_language(lang) in said, row


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pilot", PILOTS)
def test_a_pilot_has_its_status_its_reason_and_what_is_known(
    built: Built, lang: str, pilot: str
) -> None:
    page = built.folder / lang / "pilots" / f"{pilot}.html"
    said, claims = words(page), {t.get("data-claim") for t in article(page).select("a.num")}
    assert {f"pilot-{pilot}.named", f"pilot-{pilot}.silent-share"} <= claims
    reason = said[said.index(REASON[lang].split()[0]) :][:60]
    named = built.claims[f"pilot-{pilot}.named"]["n"] == 1
    # the text gives a reason for those that it names, and for nobody else
    assert (NOT_REPORTED[lang] in reason) != named
    found = hrefs(article(page))
    assert f"../evidence/{pilot}.html" in found
    assert f"../notebooks/pilot-{pilot}.html" in found
    assert any(link.startswith(f"../evidence/{pilot}.html#codings-") for link in found)
    two = [name for name in built.claims if name.startswith(f"pilot-{pilot}.two-statements")]
    assert set(two) <= claims


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_lead_to_a_page_for_each_in_the_notices_order(built: Built, lang: str) -> None:
    for folder, things in (("pilots", PILOTS), ("factors", FACTORS)):
        table = article(built.folder / lang / f"{folder}.html").find("table")
        assert isinstance(table, Tag)
        assert hrefs(table) == [f"{folder}/{thing}.html" for thing in things]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_factors_is_short(built: Built, lang: str) -> None:
    page = article(built.folder / lang / "factors.html")
    outside = BeautifulSoup(str(page), "html.parser")
    for picture in outside.select("svg"):
        picture.decompose()
    text = outside.get_text(" ")
    counted = text.split() if lang == "en" else re.findall(r"[\u4e00-\u9fff]", text)
    assert len(counted) <= {"en": 500, "zh": 900}[lang]
    assert len(re.findall(CANNOT[lang], page.get_text(" "))) <= 7


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_has_its_counts_and_keeps_ranges_folded(
    built: Built, lang: str, factor: str
) -> None:
    page = built.folder / lang / "factors" / f"{factor}.html"
    shown = BeautifulSoup(str(article(page)), "html.parser")
    (folded,) = shown.select("details")
    assert not folded.has_attr("open")
    assert any(f"notebooks/factor-{factor}.html" in link for link in hrefs(folded))
    folded.decompose()
    assert len([a for a in shown.select("a.num") if "#factors-table" in str(a["href"])]) >= 2
    open_ = " ".join(shown.get_text(" ").split())
    assert not re.search(r"points (lower|higher)|百分点", open_)
    assert len(re.findall(CANNOT[lang], open_)) <= 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_type_of_unit_has_both_cautions_and_says_what_it_rests_on(built: Built, lang: str) -> None:
    page = built.folder / lang / "factors" / "unit_type.html"
    said = words(page)
    assert "factor-unit_type.adjusted" in str(article(page))
    picked = {"en": "picking this one of 7 factors", "zh": "看到名单后才从7个因素中选这一个"}
    assert picked[lang].replace(" ", "") in said.replace(" ", "")
    assert {"en": "list of divisions", "zh": "行政区划代码表"}[lang] in said
    first = words(built.folder / lang / "index.html")
    assert re.search(
        {"en": "12 of 13 , by another source for Liaoyuan", "zh": "辽源市 ?依据其他来源"}[lang],
        first,
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_base_rate_says_its_months_and_of_whom_it_is(built: Built, lang: str) -> None:
    said = words(built.folder / lang / "factors" / "leadership_change.html")
    assert {"en": "February 2013 to December 2015", "zh": "2013年2月至2015年12月"}[lang] in said
    assert {"en": "None of the 5 pilots", "zh": "都不属于这一级"}[lang] in said
    assert built.claims["changes-leadership_change.base-rate-of"]["n"] == 0


def test_sources_and_events_have_a_chinese_title_on_chinese_pages(built: Built) -> None:
    page = article(built.folder / "zh" / "evidence.html")
    for row in STUDY_OPEN.rows("sources.csv"):
        line = page.find(id=f"source-{row['source_id']}")
        assert isinstance(line, Tag)
        assert row["title_zh"] in line.get_text()
    for row in STUDY_OPEN.rows("events.csv"):
        line = page.find(id=f"events-{row['line']}")
        assert isinstance(line, Tag)
        assert row["event_zh"] in line.get_text()


def test_an_event_of_a_remembered_year_is_unverified(built: Built) -> None:
    page = article(built.folder / "en" / "evidence.html")
    recalled = [r for r in STUDY_OPEN.rows("events.csv") if "unverified" in r["event_en"]]
    assert len(recalled) == 2
    for row in recalled:
        line = page.find(id=f"events-{row['line']}")
        assert isinstance(line, Tag)
        assert "unverified" in line.get_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_question_of_the_notebooks_stands_once(built: Built, lang: str) -> None:
    items = [
        li.get_text(" ") for li in article(built.folder / lang / "notebooks.html").select("li")
    ]
    questions = [re.split(r"[?？]", item)[0] for item in items]
    assert len(questions) == len(set(questions)) <= 20


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pilot", PILOTS)
def test_a_pilot_stands_out_among_all_in_the_one_figure_of_stages(
    built: Built, lang: str, pilot: str
) -> None:
    (shown,) = article(built.folder / lang / "pilots" / f"{pilot}.html").select(".among")
    for picture in shown.select("svg"):
        marks = {
            str(g["id"]).partition("-pilot-")[2]: g for g in picture.select('g[id*="-pilot-"]')
        }
        assert {name.partition("-")[0] for name in marks} == set(PILOTS)
        own = {name for name, g in marks.items() if g.get("class") == ["own"]}
        assert own == {name for name in marks if name.partition("-")[0] == pilot}
    name, stage = built.claims[f"pilot-{pilot}.named"], built.claims[f"pilot-{pilot}.stage"]
    (caption,), (said,) = shown.select("strong"), shown.select("[role=img]")
    for words in (name["words"]["name"][lang], str(stage["value"]), stage["words"]["label"][lang]):
        assert words in caption.get_text()
        assert words in str(said["aria-label"])


def test_a_run_of_a_pilot_reads_no_row_of_another(built: Built) -> None:
    manifest = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    for run in manifest["runs"]:
        if pilot := run["parameters"].get("pilot"):
            rows = [each.split("\t") for each in run["read"] if each.startswith("row\tcodings.csv")]
            assert {row[3] for row in rows} == {pilot}, run["page"]
