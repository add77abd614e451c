"""What is taken along: the brief as one file and as text, workbooks, CSVs, the ZIP, printing."""

import csv
import io
import json
import os
import re
import shutil
import stat
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from hostile_study import FORMULA
from support import Built, run_command, soup

from analysis.publish import exports
from analysis.publish.take_along import (
    LONGEST_PATH,
    READ_FIRST,
    chromium,
    pack,
    print_report,
    write_zip,
)
from notebook_build.project import BuildError

# pages are read once in one process
pytestmark = pytest.mark.xdist_group("site")

each_language = pytest.mark.parametrize("lang", ["en", "zh"])
STANDING = {
    "en": ("January 2016", "Later rectification is not included", "not an official document",
           "Not a basis for assessment or accountability", "no person has reviewed"),
    "zh": ("情况截至2016年1月", "整改结果未收录", "不是官方文件", "不作为考核、问责依据", "尚未经人工复核"),
}  # fmt: skip
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@cache
def single(folder: Path, lang: str) -> BeautifulSoup:
    return BeautifulSoup((folder / f"brief-{lang}.html").read_text("utf-8"), "html.parser")


@cache
def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@cache
def sheets(path: Path) -> dict[str, list[list[str | float]]]:
    """Return the rows of each sheet of a workbook by its name: texts, and numbers as numbers."""
    files = members(path)
    book = ElementTree.fromstring(files["xl/workbook.xml"])
    names = [sheet.attrib["name"] for sheet in book.iter(f"{MAIN}sheet")]
    assert len(set(map(str.casefold, names))) == len(names)
    found = {}
    for number, name in enumerate(names, 1):
        sheet = ElementTree.fromstring(files[f"xl/worksheets/sheet{number}.xml"])
        found[name] = [[_value(cell) for cell in row] for row in sheet.iter(f"{MAIN}row")]
    return found


def _value(cell: ElementTree.Element) -> str | float:
    assert cell.find(f"{MAIN}f") is None
    if cell.attrib.get("t") == "inlineStr":
        return "".join(cell.itertext())
    return float(cell.findtext(f"{MAIN}v") or "nan")


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:\.\d+)?%?", text))


# --- the brief as one file


@each_language
def test_the_brief_needs_no_other_file_and_runs_nothing(built: Built, lang: str) -> None:
    path, page = built.folder / f"brief-{lang}.html", single(built.folder, lang)
    assert path.stat().st_size < 1_000_000
    assert not page.find_all(["script", "img", "link", "iframe", "object", "base", "a", "form"])
    assert not page.find_all(["details", "dialog"]), "nothing is folded"
    assert not page.find_all(attrs={"hidden": True})
    outside = re.findall(r"url\((?!\"data:font/ttf;base64,|#)[^)]*\)", path.read_text("utf-8"))
    assert outside == []
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert "default-src 'none'" in str(policy["content"])
    assert "script" not in str(policy["content"])


@each_language
def test_the_brief_says_what_it_is(built: Built, lang: str) -> None:
    shown = single(built.folder, lang).get_text(" ")
    text = (built.folder / f"brief-{lang}.txt").read_text("utf-8")
    for words in STANDING[lang]:
        assert words in shown
        assert words in text


@each_language
def test_brief_and_first_page_say_the_same(built: Built, lang: str) -> None:
    first = BeautifulSoup((built.folder / lang / "index.html").read_text("utf-8"), "html.parser")
    headline, brief = first.find("h1"), first.find(class_="brief")
    assert isinstance(headline, Tag)
    assert isinstance(brief, Tag)
    alone = single(built.folder, lang)
    assert alone.h1 is not None
    assert alone.h1.get_text() == headline.get_text().strip()
    block = BeautifulSoup(str(alone.find(class_="brief")), "html.parser")
    ids = [small.extract().get_text() for small in block.find_all("small", class_="claim-id")]
    linked = brief.find_all("a", attrs={"data-claim": True})
    assert [name.strip("[]") for name in ids] == [str(link["data-claim"]) for link in linked]
    assert {name.strip("[]") for name in ids} <= set(built.claims)
    for extra in brief.select(".take, .downloads"):
        extra.decompose()
    assert numbers(block.get_text(" ")) == numbers(brief.get_text(" "))


def test_both_briefs_have_the_same_numbers_and_claims(built: Built) -> None:
    said = {
        lang: [small.get_text() for small in single(built.folder, lang).select(".claim-id")]
        for lang in ("en", "zh")
    }
    assert sorted(said["en"]) == sorted(said["zh"])
    assert len(said["en"]) >= 5


@each_language
def test_the_text_can_be_pasted(built: Built, lang: str) -> None:
    raw = (built.folder / f"brief-{lang}.txt").read_bytes()
    text = raw.decode("utf-8")
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert not re.search(r"<[a-z/]|&[#a-z0-9]+;|\r|\t|  |\n\n\n", text)
    assert len(text) < 5000, "one message"
    lines = [line for line in text.splitlines() if line]
    assert single(built.folder, lang).h1.get_text() == lines[0]  # type: ignore[union-attr]
    assert not re.search(r" [.,;:]|^ ?· | · *$", text, re.MULTILINE)
    # each point, box and heading of the file is a line of the text
    for heading in single(built.folder, lang).select(".brief h2, .brief h3"):
        assert heading.get_text().strip() in lines
    assert sum(line.startswith("- ") for line in lines) >= 3


# --- the workbook


@each_language
def test_the_first_sheet_says_what_the_workbook_is_and_lists_the_others(
    built: Built, lang: str
) -> None:
    (_, *others), rows = zip(*sheets(built.folder / f"tables-{lang}.xlsx").items(), strict=True)
    said = " ".join(str(row[0]) for row in rows[0] if row)
    for words in STANDING[lang]:
        assert words in said
    listed = [row for row in rows[0] if isinstance(row[0], float)]
    assert [row[1] for row in listed] == [table[0][0] for table in rows[1:]]
    for row, name in zip(listed, others, strict=True):
        assert name.startswith(f"{row[0]:.0f} ")
        assert len(name) <= 31
    files = members(built.folder / f"tables-{lang}.xlsx")
    links = re.findall(r"location=\"([^\"]+)\"", files["xl/worksheets/sheet1.xml"].decode())
    assert len(links) == len(others)


@each_language
def test_every_table_of_notebooks_and_evidence_is_in_the_workbook(built: Built, lang: str) -> None:
    made = sheets(built.folder / f"tables-{lang}.xlsx")
    contents = next(iter(made.values()))
    sources = {str(row[2]) for row in contents if len(row) == 3}
    for page in (built.folder / "notebooks").glob("*.ipynb"):
        notebook = page.stem.split("-")[0]
        for cell in json.loads(page.read_text("utf-8"))["cells"]:
            shown = [out.get("data", {}) for out in cell.get("outputs", [])]
            bundles = [
                b for data in shown for kind, b in data.items() if kind.endswith("bundle+json")
            ]
            if any("<caption>" in bundle[lang] for bundle in bundles):
                names = {f"{notebook}.{cell['id']}", f"known.{cell['id']}"}
                assert names & sources, (page.stem, cell["id"])
    assert {"context.csv", "leaders.csv", "sources.csv"} <= sources
    assert sum(map(len, made.values())) > 500


@each_language
def test_cells_are_texts_or_numbers_and_heads_stay(built: Built, lang: str) -> None:
    path = built.folder / f"tables-{lang}.xlsx"
    found = [value for rows in sheets(path).values() for row in rows for value in row]
    texts = [value for value in found if isinstance(value, str)]
    assert sum(isinstance(value, float) for value in found) > 500
    assert any(re.fullmatch(r"\d{4}-\d{2}", text) for text in texts), "a month is a text"
    assert not [text for text in texts if re.fullmatch(r"[-+]?\d+(\.\d+)?%?", text)]
    for name, content in members(path).items():
        assert not re.search("vba|macro|externalLink", name)
        if name.startswith("xl/worksheets/"):
            sheet = content.decode()
            assert 'state="frozen"' in sheet
            assert 'orientation="landscape" paperSize="9"' in sheet
            assert "&amp;P" in sheet.replace("&#38;", "&amp;")
            assert STANDING[lang][0].split()[-1] in sheet, "printed sheets say as of when"
    assert b"Print_Titles" in members(path)["xl/workbook.xml"]


def test_money_stands_as_a_number_under_its_unit(built: Built) -> None:
    heads = {
        lang: {
            str(head)
            for rows in sheets(built.folder / f"tables-{lang}.xlsx").values()
            for row in rows[1:2]
            for head in row
        }
        for lang in ("en", "zh")
    }
    assert any(head.endswith(" (%)") for head in heads["en"])
    assert not [head for head in heads["zh"] if re.search("[a-z]{6,}", head)]


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), (".035", 0.035), ("+0.800", 0.8), ("-0.067", -0.067), ("2016-01", None), ("0:2", None),
     ("0220", None), ("1e5", None), ("1" * 15, None), ("", None), ("-", None), ("S01", None), ("1,219,200", 1219200), ("11.4%", 0.114), ("%", None)],
)  # fmt: skip
def test_what_is_a_number(text: str, number: float | None) -> None:
    typed, form = exports._typed(text)
    if number is None:
        assert isinstance(typed, str)
        assert form == "@"
    else:
        assert float(typed) == number


@pytest.mark.parametrize(
    ("text", "form"),
    [("+0.800", "+0.000;-0.000;0.000"), ("0.80", "0.00"), ("7", "0"), ("11.4%", "0.0%")],
)
def test_a_number_keeps_its_digits_and_its_sign(text: str, form: str) -> None:
    assert exports._typed(text)[1] == form


def test_texts_in_a_workbook_are_neither_formulas_nor_codes() -> None:
    assert exports._typed(FORMULA)[0] == f"'{FORMULA}"
    assert exports._typed("a_x0041_b")[0] == "a_x005F_x0041_b"


def test_a_unit_goes_into_the_head_if_all_numbers_have_it() -> None:
    sheet = exports.Sheet("t", "m", ["a", "b", "c"], "", [])
    sheet.rows = [["CNY 18.334 billion", "5%", "CNY 1 million"], ["not reported", "7.5%", "5%"]]
    heads, rows = exports._measured(sheet, ["{}%", "CNY {} billion", "CNY {} million"])
    assert heads == ["a (CNY billion)", "b (%)", "c"]
    assert rows == [["18.334", "5", "CNY 1 million"], ["not reported", "7.5", "5%"]]


# --- tables as CSV


@each_language
def test_tables_for_readers_open_in_a_spreadsheet(built: Built, lang: str) -> None:
    paths = list((built.folder / "data").glob(f"*.{lang}.csv"))
    assert len(paths) > 50
    for path in paths:
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), path
        assert b"\n" not in raw.replace(b"\r\n", b""), path
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1
        if lang == "zh":
            assert not re.search("[a-z]{7,}", "".join(rows[0])), path


# --- the ZIP and the PDFs


@pytest.fixture(scope="module")
def packed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("zip") / "study" / "wave"
    shutil.copytree(built.folder, copy)
    return pack(copy)


def test_a_zip_unpacks_anywhere(packed: Path, built: Built) -> None:
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert packed.name == "study-wave.zip"
    assert names[0] == READ_FIRST
    assert all(name.isascii() and len(name) < 120 for name in names)
    assert names == sorted(names)
    first = members(packed)[READ_FIRST].decode("utf-8-sig")
    assert "Unpack" in first
    assert "解压" in first
    there = {p.relative_to(built.folder).as_posix() for p in built.folder.rglob("*") if p.is_file()}
    assert set(names) - {READ_FIRST} == there - {"manifest.json"}
    assert {Path(name).name for name in names if name.endswith(".ipynb")}
    assert len([n for n in names if n.endswith(".ipynb")]) == len(
        list((built.folder / "notebooks").iterdir())
    )


def test_a_zip_is_the_same_to_the_byte(packed: Path) -> None:
    before = packed.read_bytes()
    report = packed.parent / "wave"
    os.utime(report / "index.html", (1, 1))
    assert pack(report).read_bytes() == before


@pytest.mark.parametrize("name", ["试点.txt", "x" * (LONGEST_PATH + 1)])
def test_a_name_that_would_not_unpack_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave" / name).write_text("", encoding="utf-8")
    with pytest.raises(BuildError, match="not to be packed"):
        pack(tmp_path / "wave")


def test_members_are_sorted_and_of_one_time(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"b": b"1", "a": b"2"})
    write_zip(tmp_path / "b.zip", {"a": b"2", "b": b"1"})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_without_chromium_it_is_said_what_to_install(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_command(built.root, "pdf", CHROMIUM="no-such-program")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no-such-program" in done.stderr
    assert "apt install chromium" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(BuildError, match="install"):
        chromium()


def program(place: Path, lines: str) -> str:
    place.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    return str(place)


@pytest.mark.parametrize(
    ("lines", "said"), [("echo no display >&2; exit 3", "no display"), ("exec sleep 60", "not done within")]
)  # fmt: skip
def test_a_chromium_that_fails_or_hangs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, said: str
) -> None:
    report = tmp_path / "wave"
    (report / "en" / "_static").mkdir(parents=True)
    (report / "brief-en.html").write_text("<p>", encoding="utf-8")
    (report / "en" / "index.html").write_text(
        "<html lang='en'><article>x</article>", encoding="utf-8"
    )
    monkeypatch.setenv("CHROMIUM", program(tmp_path / "browser", lines))
    monkeypatch.setattr("analysis.publish.take_along.WITHIN", 1)
    with pytest.raises(BuildError, match=said):
        print_report(report)
    assert not list(tmp_path.rglob("*.pdf"))
    assert not report.with_name("wave+pdf").exists()


@pytest.mark.slow
def test_printed_the_brief_is_one_side_and_the_report_has_all_reading_pages(
    built: Built, tmp_path: Path
) -> None:
    shutil.copytree(built.folder, tmp_path / "wave")
    made = {path.name: path.read_bytes() for path in print_report(tmp_path / "wave")}
    assert set(made) == {
        f"{kind}-{lang}.pdf" for kind in ("brief", "report") for lang in ("en", "zh")
    }
    for name, content in made.items():
        assert b"/MarkInfo" in content, "tagged"
        assert b"/Lang" in content
        sides = len(re.findall(rb"/Type\s*/Page\b", content))
        assert sides == 1 if name.startswith("brief") else sides > 10, name
        if "zh" in name:
            assert b"NotoSansSC" in content


def test_what_is_printed_changes_nothing_of_the_report(built: Built) -> None:
    assert not [path for path in built.folder.rglob("*") if path.suffix in (".pdf", ".zip")]


# --- links


@each_language
def test_every_page_links_what_can_be_taken_along(built: Built, lang: str) -> None:
    for page in built.pages[lang]:
        found = soup(page).select(".downloads a")
        names = {str(link["href"]).rsplit("/", 1)[-1] for link in found}
        if page.name == "search.html" or page.parent.name == "claims":
            continue
        assert {f"brief-{lang}.html", f"brief-{lang}.txt", f"tables-{lang}.xlsx"} <= names, page
        if page.parent.name == "notebooks":
            assert f"{page.stem}.ipynb" in names
