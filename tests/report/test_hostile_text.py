"""Whatever a study's texts hold is shown as text: nothing runs, is fetched, read or computed."""

import csv
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pandas as pd
import pytest
from hostile_study import FORMULA, LINE, SECRET, spoil
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Browser
from support import SMALL, SMALL_WAVE, copy_repository, run_command

from analysis.claims.words import one_line, page_text
from analysis.publish.exports import disarmed, write_csv, write_data

# its report is built once
in_one_process = pytest.mark.xdist_group("hostile")
# what a page would show of a text that is more than text
FOUND = """() => ({
    ran: window.ran, title: document.title,
    made: [...document.querySelectorAll(
        "img, iframe, object, embed, base, math, [onerror], a[href^='javascript:'], article script"
    )].map(made => made.outerHTML),
    headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(h => h.textContent.trim()),
    away: [...document.querySelectorAll("a[href*='evil.invalid']")].length,
    text: document.body.textContent,
})"""
# of the payload, what typography leaves alone
SHOWN = "<script>window.ran=2</script>$x^2$ {math}`y` {download}`secret.txt` {ref}`Codings` ![p]"
PAGES = (
    "index.html", "zh/factors.html", "en/index.html", "en/factors.html", "en/evidence.html",
    "en/notebooks/pilot-birch.html", "en/notebooks/factor-exposure.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a study each text of which is hostile, with its passages, in one build."""
    root = copy_repository(tmp_path_factory.mktemp("hostile") / "copy", SMALL)
    spoil(root)
    done = run_command(root, "report")
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "build" / SMALL / SMALL_WAVE


@pytest.fixture(scope="module")
def served(hostile: Path) -> Iterator[str]:
    """The report behind a web server of this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(hostile)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def html_of(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]


class More(HTMLParser):
    """What of the source of a page is more than text, as `FOUND` sees it in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        led = [value or "" for name, value in attrs if name in ("href", "src")]
        if (
            tag in ("img", "iframe", "object", "embed", "base", "math")
            or any(name == "onerror" for name, _ in attrs)
            or any(each.startswith("javascript:") or "evil.invalid" in each for each in led)
        ):
            self.found.append(self.get_starttag_text() or tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "window.ran" in data:
            self.found.append(data)


def more_than_text(source: str) -> list[str]:
    reader = More()
    reader.feed(source)
    return reader.found


@in_one_process
@pytest.mark.slow
def test_no_source_of_a_page_of_a_hostile_report_has_more_than_text(hostile: Path) -> None:
    assert len(more_than_text(f"{LINE}<a href=javascript:1>")) == 3
    names = html_of(hostile)
    assert len(names) > 200
    for name in names:
        source = (hostile / name).read_text(encoding="utf-8")
        assert (more_than_text(source), SECRET in source) == ([], False), name


SOME = ("en/claims/factor-l", "en/claims/progress", "zh/claims/coding", "zh/claims/rows")


def looked_at(name: str) -> bool:
    """Whether a browser opens it: of claims, which one template makes, some in one language."""
    return "/claims/" not in name or name.startswith(SOME)


@in_one_process
@pytest.mark.slow
@pytest.mark.parametrize("way", ["file", "http"])
def test_no_text_of_a_study_is_more_than_text(
    hostile: Path, served: str, browser: Browser, way: str
) -> None:
    base = hostile.as_uri() if way == "file" else served
    asked, complaints = list[str](), list[str]()
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Policy" in m.text else None)
        every = [name for name in html_of(hostile) if looked_at(name)]
        assert sum("/claims/" in name for name in every) > 5
        for name in every if way == "file" else PAGES:
            page.goto(f"{base}/{name}")
            found = page.evaluate(FOUND)
            assert (found["ran"], found["made"], found["away"]) == (None, [], 0), name
            assert not [h for h in found["headings"] if h.startswith("Injected")], name
            assert SECRET not in found["text"], name
            if name in PAGES:
                assert SHOWN in found["text"].replace("’", "'"), name
                assert "\u202e" not in found["text"] + found["title"], name
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert complaints == []


@in_one_process
@pytest.mark.slow
def test_a_hostile_heading_is_found_by_the_search_as_text(hostile: Path, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{(hostile / 'en' / 'search.html').as_uri()}?q={quote('window')}")
        page.wait_for_selector("#search-results li a", timeout=20_000)
        found = page.evaluate(FOUND)
        assert (found["ran"], found["made"]) == (None, [])
        assert SHOWN in found["text"]
        index = (hostile / "en" / "searchindex.js").read_text(encoding="utf-8")
        entries = json.loads(index.partition("(")[2].removesuffix(")"))
        assert "<" not in "".join([*entries["alltitles"], *entries["titles"]])


@in_one_process
@pytest.mark.slow
def test_no_table_of_a_hostile_report_is_computed(hostile: Path) -> None:
    cells = []
    for path in sorted((hostile / "data").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells += [cell for row in csv.reader(file) for cell in row]
    for path in hostile.glob("tables-*.xlsx"):
        with zipfile.ZipFile(path) as book:
            sheets = [ElementTree.fromstring(book.read(name)) for name in book.namelist()]
        assert not [
            node.tag for sheet in sheets for node in sheet.iter() if node.tag.endswith("}f")
        ]
        found = [node.text for sheet in sheets for node in sheet.iter() if node.tag.endswith("}t")]
        assert any(SHOWN in (text or "") for text in found)
        cells += [text for text in found if text]
    assert any(cell.startswith(f"'{FORMULA}") for cell in cells)
    assert not [cell for cell in cells if cell != disarmed(cell)]


@in_one_process
@pytest.mark.slow
def test_one_notebook_alone_has_its_hostile_title_as_text(hostile: Path, browser: Browser) -> None:
    """The list of the notebooks is its first page, and its titles are those of pilots."""
    root = hostile.parents[2]
    done = run_command(root, "report", NOTEBOOK="pilot")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = root / "build" / SMALL / f"{SMALL_WAVE}+notebook=pilot"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((folder / "en" / "index.html").as_uri())
        found = page.evaluate(FOUND)
        assert (found["ran"], found["made"]) == (None, [])
        assert SHOWN in page.locator("body").text_content()  # type: ignore[operator]


@given(st.text() | st.text("`*_{}[]()#+-.!|~>$<&:=^%\\\"' \n\t1a", min_size=1))
def test_page_text_is_one_paragraph_of_just_that_text(text: str) -> None:
    """Read as Markdown it is nothing but a text; how whitespace lies in it apart."""
    shown = " ".join(one_line(text).split())
    (*tokens,) = MarkdownIt("commonmark").enable("table").parse(f"{page_text(text)}")
    if not shown:
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert " ".join("".join(child.content for child in children).split()) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\u2028c\vd", "a  b c d"),
        ("a\u202eb\u2066c", "a[U+202E]b[U+2066]c"),
        ("\x1b[31m\x00\ufeff", "[U+001B][31m[U+0000][U+FEFF]"),
        ("\ud800", "[U+D800]"),
        # scripts need what joins or parts letters, and marks of direction for one place
        ("می\u200cخواهم \u200fא 👨\u200d👩", "می\u200cخواهم \u200fא 👨\u200d👩"),
        ("通报\u3000“部分”", "通报\u3000“部分”"),
    ],
)
def test_every_character_is_seen_and_what_scripts_need_stays(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "－1"])
def test_a_text_that_a_spreadsheet_would_compute_has_an_apostrophe(cell: str) -> None:
    assert disarmed(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-0.31", "+0.800", "-1e-05", "-5%", "-0.727 … +1.000", "-0.7", "a=1", "", -0.31, None]
)
def test_numbers_and_harmless_texts_stay_as_they_are(cell: Any) -> None:
    assert disarmed(cell) is cell


def test_tables_for_the_site_are_disarmed_and_the_study_stays(tmp_path: Path) -> None:
    own = pd.DataFrame({"name": ["=1+1, a\rb"], "n": ["-3"]}, dtype=object)
    write_data({}, tmp_path / "data", {"own.csv": own})
    assert own["name"][0] == "=1+1, a\rb"
    assert (tmp_path / "data" / "own.csv").read_bytes() == b'name,n\n"\'=1+1, a\rb",-3\n'
    frame = pd.DataFrame({"=x": ["@a", -0.5], "n": [0, None]}, dtype=object)
    write_csv(tmp_path / "frame.csv", frame)
    assert (tmp_path / "frame.csv").read_text(encoding="utf-8") == "'=x,n\n'@a,0\n-0.5,\n"
