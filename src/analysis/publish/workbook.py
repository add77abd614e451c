"""The workbook of a language: each table that notebooks and evidence show, on a sheet of its own.

Written as plain SpreadsheetML: texts as texts, so that no program takes one for a date or computes
it, numbers as numbers with the digits that the pages show.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from analysis.claims.words import without_blanks
from analysis.publish.executed import bundles, disarmed, taken_apart
from analysis.publish.fact_tables import codings, facts, sources
from analysis.publish.pages import Pages
from analysis.publish.take_along import HAN, write_zip
from analysis.study import PROGRAMME
from notebook_build.project import Run

NUMBER = re.compile(r"([-+]?)((?:0|[1-9]\d{0,11}|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d{1,12})?)")
# what a program reads as the number of a character
NUMBERED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
# whose tables come first: what policy pages show
FIRST = ("overview", "progress")
FACTS = ("context.csv", "leaders.csv", "rates.csv", "events.csv")
# the members of a workbook, from `report/workbook/`, beside its sheets
MEMBERS = {
    "types": "[Content_Types].xml",
    "package": "_rels/.rels",
    "book": "xl/workbook.xml",
    "parts": "xl/_rels/workbook.xml.rels",
    "styles": "xl/styles.xml",
}
# how a cell that is no number is declared in the styles; numbers follow
TEXT = 3


@dataclass
class Sheet:
    """A table as pages show it: its title, what made it, its heads, its rows.

    `each`: what its first column is about, where a notebook ran for several; else "".
    """

    title: str
    made_by: str
    heads: list[str]
    each: str
    rows: list[list[str]] = field(default_factory=list)


def write_workbook(path: Path, pages: Pages, runs: list[Run]) -> None:
    """Write the tables of a language; the first sheet says what this is and lists the others."""
    words, formats = pages.words, list[str]()
    listed = sorted(
        _sheets(pages, runs), key=lambda sheet: sheet.made_by.split(".")[0] not in FIRST
    )
    names = [words["workbook.first"], *(f"{n} {s.title}" for n, s in enumerate(listed, 1))]
    names = [NOT_IN_NAMES.sub(" ", name)[:31].strip() for name in names]
    over = [pages.title, *pages.differences(), *pages.banner(), ""]
    heads = [words["source.source_id"], words["source.title"], words["workbook.made_by"]]
    first = [[str(n), sheet.title, sheet.made_by] for n, sheet in enumerate(listed, 1)]
    tops = [len(over) + 1, *(2 for _ in listed)]
    footer = f"&L{pages.joint.join(pages.banner()[:2]).replace('&', '&&')[:200]}"
    footer += f"&R{words['print.page'].format(page='&P', pages='&N')}"

    declared = pages.study.codebook.units.values()
    units = ["{}%", *(unit.words.in_language(pages.language) for unit in declared)]

    def sheet(over: list[str], heads: list[str], rows: list[list[str]], **more: Any) -> str:
        columns = zip(heads, *rows, strict=True)
        more["widths"] = [min(max(9, *map(_width, column)), 60) for column in columns]
        more["rows"] = [[_typed(cell, formats) for cell in row] for row in rows]
        more |= {"over": over, "heads": heads, "top": len(over) + 1, "footer": footer}
        return pages.render("workbook/sheet.xml", **more)

    sheets = [sheet(over, heads, first, names=names[1:])]
    sheets += [sheet([s.title], *_measured(s, units), names=[]) for s in listed]
    font = "Microsoft YaHei" if without_blanks(pages.language) else "Calibri"
    given = {"names": names, "tops": tops, "formats": formats, "font": font}
    members = {m: pages.render(f"workbook/{name}.xml", **given) for name, m in MEMBERS.items()}
    members |= {f"xl/worksheets/sheet{n}.xml": content for n, content in enumerate(sheets, 1)}
    write_zip(path, {name: content.encode() for name, content in members.items()})


def _sheets(pages: Pages, runs: list[Run]) -> list[Sheet]:
    """Return every table once: those of one cell, run for each pilot or factor, are one sheet."""
    study, words, found = pages.study, pages.words, dict[tuple[str, ...], Sheet]()
    often = {"pilot": study.pilot_name, "factor": lambda name: study.declared.factors[name].label}

    def add(shown: str, made_by: str, each: str = "", thing: str = "") -> None:
        subject = pages.say(often[each](thing)) if each else ""
        for title, heads, rows in taken_apart(shown):
            if each:
                heads = [words[f"workbook.{each}"], *heads]
                rows = [[subject, *row] for row in rows]
            sheet = found.setdefault((made_by, *heads), Sheet(title, made_by, heads, each))
            sheet.rows += rows

    for run in runs:
        each = next((name for name in often if name in run.parameters), "")
        for cell, bundle in bundles(pages.notebooks[run.page]):
            thing = str(run.parameters.get(each, ""))
            add(bundle[pages.language], f"{run.notebook}.{cell}", each, thing)
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


def _typed(text: str, formats: list[str]) -> str | tuple[int, str]:
    """Return a text as it is, a number with its kind in the styles: its digits and its sign."""
    number = NUMBER.fullmatch(text.removesuffix("%"))
    if number is None or not number[2]:
        return NUMBERED.sub("_x005F_", disarmed(text))
    places, value = number[2].partition(".")[2], Decimal(number[0].replace(",", ""))
    digits = f"{'#,##0' if ',' in text else '0'}{'.' * bool(places)}{'0' * len(places)}"
    form = f"+{digits};-{digits};{digits}" if number[1] == "+" else digits
    if text.endswith("%"):
        form, value = f"{digits}%", value.scaleb(-2)
    if form not in formats:
        formats.append(form)
    return TEXT + 1 + formats.index(form), format(value, "f")


def _width(text: str) -> int:
    """Return about how many letters wide a text is."""
    return 2 + sum(2 if sign >= HAN else 1 for sign in text)
