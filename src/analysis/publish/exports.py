"""Tables and figures as files: CSVs, pictures, and in each language a workbook with all tables.

No spreadsheet computes a text or takes it for a date; its numbers have the digits of the pages.
"""

import csv
import re
import shutil
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from analysis.claims.words import without_blanks
from analysis.exhibits.table import Written
from analysis.publish.chain import FACTS
from analysis.publish.executed import Content, bundles
from analysis.publish.fact_tables import codings, facts, sources
from analysis.publish.pages import Pages
from analysis.publish.rendering import kept_as
from analysis.publish.take_along import HAN, write_zip
from analysis.study import PROGRAMME
from notebook_build import python_version, sha256
from notebook_build.project import Run

# how a text begins that a spreadsheet computes; numbers and ranges of them stay what they are
_COMPUTED = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_FIGURE = r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?%?"
_FIGURES = re.compile(rf"{_FIGURE}( … {_FIGURE})?")
NUMBER = re.compile(r"([-+]?)((?:0|[1-9]\d{0,11}|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d{1,12})?)")
# what a program reads as the number of a character
NUMBERED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
# whose tables come first: what policy pages show
FIRST = ("overview", "gaps", "progress")
# the form of a cell that is no number; the one time that a workbook knows
TEXT, MADE = "@", datetime(1980, 1, 1)


def disarmed(cell: Any) -> Any:
    """Return a cell of a CSV so that no spreadsheet computes it: before such a text stands `'`."""
    armed = isinstance(cell, str) and cell.startswith(_COMPUTED) and not _FIGURES.fullmatch(cell)
    return f"'{cell}" if armed else cell


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame without its index as `write_rows` does; what is unknown is an empty cell."""
    known = frame.astype(object).where(frame.notna(), None)
    write_rows(path, frame, known.itertuples(index=False, name=None))


def write_rows(
    path: Path, heads: Iterable[Any], rows: Iterable[Iterable[Any]], *, for_readers: bool = False
) -> None:
    """Write heads and rows as a CSV that can be opened in a spreadsheet.

    `for_readers`: with the mark and the ends of lines by which spreadsheets know Chinese.
    """
    coded, end = ("utf-8-sig", "\r\n") if for_readers else ("utf-8", "\n")
    with path.open("w", encoding=coded, newline="") as file:
        write = csv.writer(file, lineterminator=end)
        write.writerows(map(disarmed, row) for row in (heads, *rows))


def write_data(
    notebooks: Mapping[str, Content], folder: Path, tables: Mapping[str, pd.DataFrame]
) -> None:
    """Write a CSV for each exhibit and each coded table, and each figure as a picture a language.

    They are `<page>.<cell>.csv` and `<page>.<cell>.<language>.png`; a table's for readers, with its
    heads in their language, is `<page>.<cell>.<language>.csv`.
    """
    folder.mkdir()
    for page, notebook in notebooks.items():
        for cell, bundle in bundles(notebook):
            if held := bundle.get("csv"):
                write_rows(folder / f"{page}.{cell}.csv", held["names"], held["rows"])
            for language, table in bundle.get("tables", {}).items():
                path = folder / f"{page}.{cell}.{language}.csv"
                write_rows(path, table["heads"], table["rows"], for_readers=True)
            for language, picture in bundle.get("png", {}).items():
                (folder / f"{page}.{cell}.{language}.png").write_bytes(b64decode(picture))
    for name, table in tables.items():
        write_csv(folder / name, table)


@dataclass
class Sheet:
    """A table on its sheet: what made it, and what its first column is about.

    `each`: `pilot` or `factor`, where a notebook ran for several, else "".
    """

    title: str
    made_by: str
    heads: list[str]
    each: str
    rows: list[list[str]] = field(default_factory=list)


def write_workbook(path: Path, pages: Pages, runs: list[Run], kept: Path) -> None:
    """Write the tables of a language, or as they are `kept`; the first sheet lists the others."""
    words = pages.words
    listed = sorted(_sheets(pages, runs), key=lambda s: s.made_by.split(".")[0] not in FIRST)
    names = [words["workbook.first"], *(f"{n} {s.title}" for n, s in enumerate(listed, 1))]
    names = [NOT_IN_NAMES.sub(" ", name)[:31].strip() for name in names]
    over = [pages.title, *pages.differences(), *pages.banner(), ""]
    heads = [words["source.source_id"], words["source.title"], words["workbook.made_by"]]
    rows = [[str(n), sheet.title, sheet.made_by] for n, sheet in enumerate(listed, 1)]
    declared = pages.study.codebook.units.values()
    units = ["{}%", *(unit.words.in_language(pages.language) for unit in declared)]
    tables = [(over, heads, rows), *(([s.title], *_measured(s, units)) for s in listed)]
    font = "Microsoft YaHei" if without_blanks(pages.language) else "Calibri"
    left = pages.joint.join(pages.banner()[:2]).replace("&", "&&")[:200]
    right = words["print.page"].format(page="&P", pages="&N")
    holds = pages.title, (left, right), font, dict(zip(names, tables, strict=True))
    writers = map(Path(__file__).with_name, ("exports.py", "take_along.py"))
    made_of = repr(holds), *map(sha256, writers), version("openpyxl"), python_version()
    shutil.copyfile(kept_as(kept, path.name, made_of, partial(_write_book, *holds)), path)


def _write_book(
    title: str, feet: tuple[str, str], name: str, tables: Mapping[str, Any], path: Path
) -> None:
    """Write a workbook of tables by the name of the sheet: the first leads to the others."""
    book, font, (first, *others) = Workbook(), Font(name, 10.5), tables
    book.remove(book.active)
    for name, table in tables.items():
        sheet = book.create_sheet(name)
        _fill(sheet, table[0], table[1], table[2], font)
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = feet
    for row, name in enumerate(others, len(tables[first][0]) + 2):
        book[first].cell(row, 2).hyperlink = Hyperlink(ref="", location=f"'{name}'!A1")
    book.properties = DocumentProperties(title=title, created=MADE, modified=MADE)
    made = BytesIO()
    ExcelWriter(book, ZipFile(made, "w")).save()
    with ZipFile(made) as archive:
        write_zip(path, {name: archive.read(name) for name in archive.namelist()})


def _fill(sheet: Any, over: list[str], heads: list[str], rows: list[list[str]], font: Font) -> None:
    """Put lines, heads and rows on a sheet, ready to be scrolled and printed."""
    top, styles = len(over) + 1, dict[tuple[bool, bool, bool, str], Any]()
    for number, row in enumerate([*([line] for line in over), heads, *rows], 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value, form = _typed(text) if number > top else (text, TEXT)
            if worded := isinstance(cell.value, str):
                # whatever it looks like
                cell.data_type = "s"
            # worked out once: openpyxl takes long to find out that two are the same
            style = number > top, number == top, worded, form
            if style not in styles:
                cell.number_format = form
                cell.font = font if number > top else font + Font(bold=True)
                if number >= top:
                    cell.alignment = Alignment(vertical="top", wrap_text=worded)
                if number == top:
                    cell.border = Border(bottom=Side("thin"))
                styles[style] = cell._style
            cell._style = styles[style]
    for letters, cells in zip(sheet.columns, zip(heads, *rows, strict=True), strict=True):
        width = min(max(9, *map(_width, cells)), 60)
        sheet.column_dimensions[letters[0].column_letter].width = width
    sheet.freeze_panes, sheet.print_title_rows = f"A{top + 1}", f"{top}:{top}"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True


def _sheets(pages: Pages, runs: list[Run]) -> list[Sheet]:
    """Return every table once: those of one cell, run for each pilot or factor, are one sheet."""
    study, words, found = pages.study, pages.words, dict[tuple[str, ...], Sheet]()
    often = {"pilot": study.pilot_name, "factor": lambda name: study.declared.factors[name].label}

    def add(shown: Written, made_by: str, each: str = "", subject: str = "") -> None:
        heads, rows = list(shown.heads), shown.texts()
        if each:
            heads, rows = [words[f"workbook.{each}"], *heads], [[subject, *row] for row in rows]
        sheet = found.setdefault((made_by, *heads), Sheet(shown.title, made_by, heads, each))
        sheet.rows += rows

    for run in runs:
        each = next((name for name in often if name in run.parameters), "")
        subject = pages.say(often[each](str(run.parameters[each]))) if each else ""
        for cell, bundle in bundles(pages.notebooks[run.page]):
            if "tables" in bundle:
                shown = Written(**bundle["tables"][pages.language])
                add(shown, f"{run.notebook}.{cell}", each, subject)
    # those of pilots stand in notebooks
    add(codings(pages, PROGRAMME), "codings.csv")
    for file in (name for name in FACTS if name in study.tables):
        add(facts(pages, file), file)
    add(sources(pages), "sources.csv")
    for sheet in found.values():
        if sheet.each and len(subjects := {row[0] for row in sheet.rows}) == 1:
            subject = subjects.pop()
            subject = words["title.joined"].format(subject=subject[0].upper() + subject[1:])
            sheet.title = subject + sheet.title
    return [sheet for sheet in found.values() if sheet.rows]


def _measured(sheet: Sheet, units: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows; the unit that all numbers of a column have goes into its head.

    `units`: the words around a number, as `CNY {} million`.
    """
    heads, columns = list[str](), list[list[str]]()
    for head, *cells in zip(sheet.heads, *sheet.rows, strict=True):
        for unit in units:
            before, _, after = unit.partition("{}")
            form = re.compile(f"{re.escape(before)}({NUMBER.pattern}){re.escape(after)}")
            found = [form.fullmatch(cell) for cell in cells]
            other = "".join(c for c, match in zip(cells, found, strict=True) if not match)
            if any(found) and not any(map(str.isdigit, other)):
                cells = [m[1] if m else c for c, m in zip(cells, found, strict=True)]
                head = f"{head} ({before.strip()}{' ' * bool(before)}{after.strip()})"
        heads.append(head)
        columns.append(cells)
    return heads, [list(row) for row in zip(*columns, strict=True)]


def _typed(text: str) -> tuple[str | Decimal, str]:
    """Return a text or a number and its form: the digits and the sign that it is written with."""
    number = NUMBER.fullmatch(text.removesuffix("%"))
    if number is None or not number[2]:
        return NUMBERED.sub("_x005F_", disarmed(text)), TEXT
    places, value = number[2].partition(".")[2], Decimal(number[0].replace(",", ""))
    digits = f"{'#,##0' if ',' in text else '0'}{'.' * bool(places)}{'0' * len(places)}"
    if text.endswith("%"):
        return value.scaleb(-2), f"{digits}%"
    return value, f"+{digits};-{digits};{digits}" if number[1] == "+" else digits


def _width(text: str) -> int:
    """Return about how many letters wide a text is."""
    return 2 + sum(2 if sign >= HAN else 1 for sign in text)
