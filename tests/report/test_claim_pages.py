"""Pages of claims: every number leads to one, and each goes on to row and passage, or says where it ends."""

import csv
import html
import io
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from support import STUDY, WAVE, Built, run_process

from analysis import open_study
from analysis.publish.chain import FACTS, chain
from analysis.publish.claim_pages import MOST_ROWS
from analysis.publish.explain import ENDS, explain

# as many claims as are followed to their ends: those of the first page, then of the next ones
TRACED = 12


def page(built: Built, lang: str, name: str) -> BeautifulSoup:
    text = (built.folder / lang / "claims" / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


HEADS = {"value": "For its value", "grade": "For its grade and what would overturn it"}


def named(built: Built, lang: str, name: str = "index") -> list[str]:
    """The claims whose numbers a page shows, in its order."""
    text = (built.folder / lang / f"{name}.html").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r'data-claim="([^"]+)"', text)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_claim_has_a_page_and_every_number_leads_to_one(built: Built, lang: str) -> None:
    pages = {p.stem for p in (built.folder / lang / "claims").glob("*.html")}
    assert pages == {*built.claims, "rows", "functions"}
    listed = (built.folder / lang / "claims.html").read_text(encoding="utf-8")
    linked = re.findall(r'href="claims/([^"]+)\.html"', listed)
    assert {*map(html.unescape, linked)} == pages
    shown = 0
    for path in (built.folder / lang).rglob("*.html"):
        for link in re.findall(
            r'<a class="num" data-claim[^>]*>', path.read_text(encoding="utf-8")
        ):
            claim, target = re.search('data-claim="([^"]+)".* href="([^"]+)"', link).groups()  # type: ignore[union-attr]
            assert (path.parent / target).resolve() == (
                built.folder / lang / "claims" / f"{claim}.html"
            ).resolve()
            shown += 1
    assert shown > 100


@pytest.mark.parametrize("number", range(TRACED))
def test_numbers_of_the_first_pages_go_on_to_row_and_passage_or_say_where_they_end(
    built: Built, number: int
) -> None:
    """Sentence, reason, cell, text of functions, rows with their place, and the end of each."""
    every = [n for each in ("index", "requirements", "progress") for n in named(built, "en", each)]
    name = list(dict.fromkeys(every))[number]
    entry, shown = built.claims[name], page(built, "en", name)
    text = shown.get_text(" ")
    assert html.unescape(entry["text"]["en"]) in text
    assert entry["grade_reason"]["en"] in text
    notebook, cell = name.split(".", 1)
    assert shown.find("a", href=f"../notebooks/{notebook}.html#{cell}")
    functions = {each.text: each for each in shown.select("details code, p a[href^=functions]")}
    assert {f["name"] for f in entry["functions"]} <= functions.keys()
    for f in entry["functions"]:
        head = functions[f["name"]].find_previous("h3")
        assert head is not None
        assert head.text == HEADS[f["for"]]
    for f in entry["functions"]:
        if functions[f["name"]].name == "code":
            assert f"def {f['name'].rpartition('.')[2]}(" in str(shown.select("details pre"))
    found = chain(built.root, STUDY, entry, {})
    assert found["ends"]
    assert all(row["end"] for row in found["rows"])
    for row in [row for row in found["rows"] if not row.get("key")][:MOST_ROWS]:
        if row["file"] == "codings.csv":
            at = f"#codings-{row['line']}"
            assert shown.select(f'a[href$="{at}"]'), at
        if row["end"] == "text":
            assert f"paragraph {row['paragraph']}, characters {row['span']}" in text
            assert row["held"]["term"] in text
    for source in found["sources"]:
        assert source["terms"] in text
        assert source["sha256"] in text


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", [
    "progress.slow-pilots", "changes-leadership_change.base-rate", "factor-unit_type.difference",
    "changes-leadership_change.bounds-with-facts", "design.fewest-with-factor",
])  # fmt: skip
def test_page_and_terminal_say_the_same(built: Built, name: str, lang: str) -> None:
    """Every number, row, function, source and reading that one shows, the other shows too."""
    entry = built.claims[name]
    found = chain(built.root, STUDY, entry, {})
    told, text = explain(built.root, STUDY, WAVE, name), page(built, lang, name).get_text(" ")
    both = [entry["id"], entry["cell"], *(f["name"] for f in entry["functions"])]
    rows = [row for row in found["rows"] if not row.get("key")][:MOST_ROWS]
    both += [row["held"]["term"] for row in rows if row["held"].get("term")]
    both += [other["by"] for row in rows for other in row["others"]]
    both += [row["key"] for row in found["rows"] if row.get("key")]
    both += [f"{row['file']}:{row['line']}" for row in rows if row["file"] in FACTS]
    terms = open_study(STUDY, WAVE).codebook.sources["terms"]
    for source in found["sources"]:
        assert source["terms"] in told
        assert terms[source["terms"]].in_language(lang) in text
    for part in both:
        assert part in told, part
        assert part in text, part
    lines = found["lines"]
    assert f"{lines['value']} lines of project code for the value, {lines['grade']} more" in told
    assert re.search(rf"\b{lines['value']}\D+\b{lines['grade']}\D", text, re.ASCII)
    assert entry["text"][lang] in told
    assert entry["text"][lang] in text
    assert entry["grade_reason"]["en"] in told
    assert entry["grade_reason"][lang] in text
    ends = page(built, lang, name).select("h2")[0].find_next_sibling("ul")
    assert isinstance(ends, Tag)
    assert (
        len(ends.select("li"))
        == len(found["ends"])
        == sum(words in told for words in ENDS.values())
    )


def test_chinese_pages_give_reasons_and_how_cells_are_settled_in_chinese(built: Built) -> None:
    """In the words of `passes/notes_zh.csv`; in English none is left."""
    rows, folder = list[dict[str, str]](), built.root / "data" / STUDY
    for name in ("codings.csv", "passes/alternatives.csv", "passes/notes_zh.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    english = {row[name] for row in rows for name in ("reason", "settled_by") if row.get(name)}
    chinese = {
        row["note_en"]: row["note_zh"] for row in rows if "note_en" in row and "line" not in row
    }
    assert english <= chinese.keys()
    shown = set()
    for path in sorted((built.folder / "zh" / "claims").glob("*.html")):
        text = html.unescape(path.read_text(encoding="utf-8"))
        # the shortest are words of code, too
        left = {words for words in english if len(words) > 9 and words in text}
        assert not left, path.name
        shown |= {words for words in english if chinese[words] in text}
    assert len(shown) > len(english) / 2
    first = page(built, "en", "pilot-jiangyuan.two-statements").get_text(" ")
    assert "the four works may predate the pilot" in first


def test_explain_answers_at_once(built: Built) -> None:
    """It imports none of the libraries that take long."""
    done = run_process(built.root, "explain", "progress.slow-pilots", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "analysis.publish.chain" in imported
    assert not imported & {"pandas", "numpy", "jinja2", "babel", "yaml", "pydantic"}


def test_the_list_of_exhibits_names_page_cell_functions_and_output(built: Built) -> None:
    text = (built.folder / "data" / "claims.csv").read_text(encoding="utf-8")
    rows = {row["claim"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows.keys() == built.claims.keys()
    first = rows["progress.slow-pilots"]
    assert first["notebook"] == "notebooks/progress.ipynb"
    assert first["cell"] == "slow-pilots"
    assert "index" in first["pages"].split("; ")
    for name, row in rows.items():
        assert (built.folder / row["output"]).is_file(), name
        assert len(row["functions"].split("; ")) == max(1, len(built.claims[name]["functions"]))
        for shown in filter(None, row["pages"].split("; ")):
            assert (built.folder / "en" / f"{shown}.html").is_file(), shown


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_coded_row_leads_to_the_claims_that_rest_on_it(built: Built, lang: str) -> None:
    rows, resting = page(built, lang, "rows"), dict[str, set[str]]()
    for name, entry in built.claims.items():
        for row in entry["evidence"]:
            if row["file"] == "codings.csv" and row["line"]:
                resting.setdefault(f"codings-{row['line']}", set()).add(name)
    for at, names in resting.items():
        item = rows.find(id=at)
        assert isinstance(item, Tag), at
        section = item.find_parent("section")
        assert isinstance(section, Tag)
        listed = [*section.select("p a"), *item.select("a")[1:]]
        assert {str(link["href"]).removesuffix(".html") for link in listed} == names
    linked = 0
    for path in sorted((built.folder / lang / "evidence").glob("*.html")):
        assert path.stat().st_size < 1_000_000
        for link in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(
            "a.rests"
        ):
            at = str(link["href"]).rpartition("#")[2]
            assert re.search(r"\d+", link.text)[0] == str(len(resting[at]))  # type: ignore[index]
            linked += 1
    assert linked > 300


def test_the_base_rate_names_its_units_and_says_that_it_is_taken_over(built: Built) -> None:
    text = page(built, "en", "changes-leadership_change.base-rate").get_text(" ")
    for name in ("Liaoyuan", "Changchun City", "Songyuan City", "Yanbian Prefecture"):
        assert name in text
    assert "taken over, not recomputed" in text
    rows = built.claims["changes-leadership_change.base-rate-rows"]
    assert (rows["n"], rows["of"]) == (6, 9)
    assert "Songyuan City, Baicheng City and Yanbian Prefecture" in rows["text"]["en"]


def test_passages_stand_where_the_text_is_at_hand(tmp_path: Path) -> None:
    """The chain holds them; without the text it says that it is not supplied."""
    (tmp_path / "data" / "s").mkdir(parents=True)
    row = {
        "file": "codings.csv", "line": 2, "pilot_id": "a", "variable": "v", "value": "yes", "wave": "w",
        "status": "stated", "paragraph": 1, "span": "0:2", "source_id": "S00", "known": True, "assumed": False,
    }  # fmt: skip
    entry = dict.fromkeys(("value", "interval", "n", "of", "unit", "p_value", "p_smallest", "test"))
    entry |= {"notebook": "n", "cell": "c", "functions": [], "evidence": [row]}  # type: ignore[dict-item]
    with_text = chain(tmp_path, "s", entry, {"S00": "一二三"})
    assert (with_text["rows"][0]["passage"], with_text["ends"]) == ("一二", ["passage"])
    assert chain(tmp_path, "s", entry, {})["ends"] == ["text"]
