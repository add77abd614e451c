"""What executed notebooks hold: the ledger of claims, exhibits, a page in each language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from markupsafe import Markup, escape

from analysis.claims.catalogue import paragraphs, translate
from analysis.claims.cell import MIME
from analysis.claims.claim import EVIDENCE
from analysis.claims.words import _, page_text
from analysis.exhibits import LINKS
from analysis.publish.rendering import MARK
from analysis.study import PROGRAMME
from analysis.study.evidence import UNSEEN
from notebook_build.notebook import INJECTED, text
from notebook_build.project import BuildError, Run

if TYPE_CHECKING:
    from analysis.publish.pages import Pages

# of a notebook or one of its cells, as it lies on disk
Content = dict[str, Any]
RESTS_ON, DATA = _("What this rests on"), _("Data:")
LAST = _("Data, code and parameters")
# what a reader can take along of an exhibit -> the words of the link to it
FILES = {"csv": _("Data (CSV)"), "png": _("Picture (PNG)")}
# what pages show of an output; how pandas marks a frame
SHOWN = {"text/html", "text/plain"}
FRAME = 'class="dataframe"'
# the text of a cell of it that needs no escape
_CELL = re.compile(r"(?<=>)[^<&]+(?=</t[hd]>)")
TAG = re.compile(r"<[^>]*>")
# the head of a row of a table
_HEAD = re.compile(r'(?<=<th scope="row">)[^<]+(?=</th>)')
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# a picture beside another one for a narrow page, as `exhibits.canvas` writes them
_NARROW = re.compile(
    r'(<div class="picture"[^>]*)>(<div class="wide">.*?</div>)<div class="narrow">.*?</div>',
    re.DOTALL,
)
_ID = re.compile(r'(\bid="|url\(#|href="#)(?=[^<>]*>)')  # within a tag


def bundles(notebook: Content) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each bilingual output of an executed notebook with the id of its cell."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield cell["id"], output["data"][MIME]


def claims(executed: Iterable[tuple[Run, Content]]) -> list[dict[str, Any]]:
    """Return all claims, with ids, sorted by id; a BuildError says which two share one."""
    by_id: dict[str, dict[str, Any]] = {}
    for run, notebook in executed:
        for cell, bundle in bundles(notebook):
            for claim in bundle.get("claims", []):
                name = f"{run.page}.{_within(cell, claim)}"
                if name in by_id:
                    raise BuildError(f"{run.page}: cell {cell}: two claims {name}; give one each")
                about = {"id": name, "notebook": run.notebook, "cell": cell}
                by_id[name] = {**about, "parameters": dict(run.parameters), **claim}
                del by_id[name]["suffix"]
    return [by_id[name] for name in sorted(by_id)]


def _within(cell: str, claim: Mapping[str, Any]) -> str:
    """Return the id of a claim within its page."""
    return f"{cell}-{claim['suffix']}" if claim["suffix"] else cell


def write_claims(path: Path, ledger: list[dict[str, Any]]) -> None:
    """Write `claims.json`, a line for each claim."""
    lines = (json.dumps(claim, ensure_ascii=False, sort_keys=True) for claim in ledger)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def anchor(file: str, line: int) -> str:
    """Return the id of a row on its page of evidence: `codings-12`."""
    return f"{file.removesuffix('.csv')}-{line}"


def evidence_page(file: str, pilot: str) -> str:
    """Return the page on which a row stands: a pilot's own, or that of all and of other sources."""
    own = file in ("codings.csv", "projects.csv") and pilot not in ("", PROGRAMME)
    return f"evidence/{pilot}" if own else "evidence"


def _exhibit(page: str, cell: str, content: Mapping[str, Any], language: str, up: str) -> str:
    """Return what a bilingual output of a cell shows in one language, with links to its data.

    Its pictures share no id with others on the same page. `up`: from there to the report's folder.
    """
    number, own = count(1), f"{crc32(f'{page}.{cell}'.encode()):x}"
    shown = _SVG.sub(lambda svg: _ID.sub(rf"\g<1>{own}-{next(number)}-", svg[0]), content[language])
    # a figure's data have the names of the code
    ends = {"csv": "csv" if "png" in content else f"{language}.csv", "png": f"{language}.png"}
    links = []
    for kind in filter(content.get, FILES if LINKS in shown else ()):
        words, end = FILES[kind].in_language(language), ends[kind]
        label = html.escape(f"{words}: {content['titles'][language]}")
        links.append(f'<a href="{up}data/{page}.{cell}.{end}" aria-label="{label}">{words}</a>')
    return shown.replace(LINKS, f'<span class="take">{" · ".join(sorted(links))}</span>')


def shows(pages: Pages, page: str, cell: str) -> bool:
    """Return whether there is such a page, and a cell of it shows a table or figure."""
    return page in pages.notebooks and cell in dict(bundles(pages.notebooks[page]))


def exhibit(pages: Pages, page: str, cell: str, own: str = "", about: str = "") -> Markup:
    """Return the table or figure of a cell, as one block of HTML; it must show one.

    A row of a table that begins with the name of a pilot or factor links to its page. `own`: a
    pilot whose marks stand out in the figure, `about`: what a screen reader says of it first.
    """

    def link(head: re.Match[str]) -> str:
        place = pages.places.get(head[0])
        return f'<a href="{pages.up}{place}.html">{head[0]}</a>' if place else head[0]

    shown = _exhibit(page, cell, _bundle(pages, page, cell), pages.language, f"{pages.up}../")
    shown = _HEAD.sub(link, "\n".join(line for line in shown.split("\n") if line.strip()))
    if own:
        marks = rf'<g (?=id="[^"]*-pilot-{re.escape(own)}(?:-line|-other)?")'
        shown = re.sub(marks, '<g class="own" ', shown)
        named = f'role="img" aria-label="{escape(about)} '
        shown = shown.replace('role="img" aria-label="', named)
    return Markup(shown)


def _bundle(pages: Pages, page: str, cell: str) -> dict[str, Any]:
    if not shows(pages, page, cell):
        raise BuildError(f"no exhibit {page}.{cell}; name a cell that shows a table or figure")
    return dict(bundles(pages.notebooks[page]))[cell]


def files(pages: Pages, page: str) -> list[tuple[str, str, Any]]:
    """Return the cells of a page whose tables and figures can be taken along, with the title.

    And the pictures in each language of a figure, which may be none.
    """
    return [
        (cell, shown["titles"][pages.language], shown.get("png"))
        for cell, shown in bundles(pages.notebooks[page])
        if "csv" in shown
    ]


def rows(pages: Pages, page: str, cell: str) -> list[list[str]]:
    """Return the rows of a cell's table, without its head, as text."""
    return list(_bundle(pages, page, cell)["tables"][pages.language]["rows"])


# what a template can ask for
EXHIBITS = (shows, exhibit, files, rows)


def in_language(
    notebook: Content, page: str, language: str, subject: str, keys: Mapping[str, str]
) -> Content:
    """Return the notebook with its prose and outputs in one language, ready for myst-nb.

    `subject` is what this run is about; it goes before the first heading, so that the pages of one
    notebook run many times differ in their titles. `keys`: the words for what a frame shows by its
    key, as pandas prints it. Headings lead: code without output, frames before the first section
    and, last, the parameters go to the end; prose that leads to nothing else is left out.
    """
    head = {"cell_type": "markdown", "id": "last", "metadata": {}}
    head["source"] = f"## {LAST.in_language(language)}"
    cells, last, headed = list[Content](), list[Content](), False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cells.append({**cell, "source": _prose(cell, language, subject)})
            subject, headed = "", headed or text(cell["source"]).startswith("## ")
        elif cell["cell_type"] == "code":
            spoken = {**cell, **_shown(cell, page, language, keys)}
            seen = any("".join(map(text, o.get("data", o).values())) for o in spoken["outputs"])
            told = any(MIME in output.get("data", {}) for output in cell["outputs"])
            (cells if seen and (headed or told) else last).append(spoken)
    leading = {*_leading(notebook["cells"], {cell["id"] for cell in last})}
    cells = [cell for cell in cells if cell["id"] in leading]
    last.sort(key=lambda cell: cell["id"] == INJECTED)
    return {**notebook, "cells": [*cells, head, *last] if last else cells}


def _leading(cells: list[Content], silent: Container[str]) -> Iterator[str]:
    """Yield the ids of cells but of prose that leads to code alone of which nothing is shown."""
    depths = [_depth(cell) for cell in cells]
    for number, cell in enumerate(cells):
        after = range(number + 1, len(cells))
        end = next((n for n in after if depths[n] <= depths[number]), len(cells))
        led = [each["id"] for each in cells[number + 1 : end] if each["cell_type"] == "code"]
        if not led or any(name not in silent for name in led):
            yield cell["id"]


def _depth(cell: Content) -> int:
    """Return how deep a heading is, 7 of prose without one, 8 of code."""
    marks = re.match("#*", text(cell["source"]))
    return 8 if cell["cell_type"] == "code" else len(marks[0]) if marks and marks[0] else 7


def _prose(cell: dict[str, Any], language: str, subject: str) -> str:
    """Return a prose cell in a language, paragraph by paragraph; marks of headings stay."""
    source = text(cell["source"])
    for english in paragraphs(source):
        source = source.replace(english, translate(english, language), 1)
    first, _, rest = source.partition("\n")
    mark = MARK.format(cell["id"])
    if not first.startswith("#"):
        return f"{mark}\n\n{source}"
    hashes, _, title = first.partition(" ")
    return f"{hashes} {page_text(subject)}{title}\n\n{mark}\n\n{rest}"


def _shown(cell: Content, page: str, language: str, keys: Mapping[str, str]) -> Content:
    """Return what one language shows of a code cell, with the names by which it can be linked."""
    names, outputs = [cell["id"]], []
    for output in cell["outputs"]:
        made: dict[str, Any] = {"execution_count": None} if "execution_count" in output else {}
        if content := output.get("data", {}).get(MIME):
            words = html.escape(RESTS_ON.in_language(language))
            # what is read at a desk needs no second picture
            shown = _NARROW.sub(
                r'\1 tabindex="0">\2', _exhibit(page, cell["id"], content, language, "../../")
            )
            for name in (_within(cell["id"], claim) for claim in content.get("claims", [])):
                names.append(name)
                link = f'<a href="../claims/{page}.{name}.html">{words}</a>'
                shown = shown.replace(EVIDENCE, f'<p class="claim-notes">{link}</p>', 1)
            made |= {"data": {"text/html": shown}, "metadata": {}}
        elif "data" in output:
            seen = {k: text(v).translate(UNSEEN) for k, v in output["data"].items() if k in SHOWN}
            made["data"] = {**output["data"], **seen}
            if FRAME in (frame := seen.get("text/html", "")):
                made["data"] = {"text/html": _frame(frame, cell["id"], language, keys)}
        outputs.append({**output, **made})
    styles = [INJECTED, "box"] if cell["id"] == INJECTED else ["hide-input"]
    metadata = {"anchors": list(dict.fromkeys(names)), "tags": styles}
    source = text(cell["source"])
    return {"source": source, "outputs": outputs, "execution_count": None, "metadata": metadata}


def _frame(shown: str, cell: str, language: str, keys: Mapping[str, str]) -> str:
    """Return a frame as pandas shows it with what a screen reader needs, in the pages' style."""
    shown = _CELL.sub(lambda key: html.escape(keys.get(key[0], key[0])), shown)
    head, _, body = shown[shown.index("<table") : shown.rindex("</table>")].partition("</thead>")
    head = re.sub(r"<th\b[^>]*></th>", "<td></td>", head)
    head = re.sub(r"<th(?=[ >])", '<th scope="col"', head)
    body = re.sub(r"<th(?=[ >])", '<th scope="row"', body)
    label = html.escape(f"{DATA.in_language(language)} {cell}")
    caption = f'<caption class="visually-hidden">{label}</caption>'
    head = head.replace(f'border="1" {FRAME}>', f'class="analysis">{caption}')
    region = f'class="table-region" role="region" aria-label="{label}" tabindex="0"'
    return f"<div {region}>{head}</thead>{body}</table></div>"
