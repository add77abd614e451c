"""What executed notebooks hold: the ledger of claims, exhibits as data, a page in each language."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.claims.catalogue import paragraphs, translate
from analysis.claims.cell import MIME
from analysis.claims.claim import EVIDENCE
from analysis.claims.words import _
from analysis.publish.rendering import MARK
from notebook_build.notebook import INJECTED, read, tags, text
from notebook_build.project import BuildError, Run

SHOW_EVIDENCE, DATA = _("Show the evidence"), _("Data:")
# how pandas marks a frame
FRAME = 'class="dataframe"'
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ID = re.compile(r'(\bid="|url\(#|href="#)')


class LedgerError(BuildError):
    """Two claims with one id."""


def bundles(notebook: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each bilingual output of an executed notebook with the id of its cell."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield cell["id"], output["data"][MIME]


def claims(runs: list[Run], notebooks: Path) -> list[dict[str, Any]]:
    """Return all claims, with ids, sorted by id.

    Raises:
        LedgerError: two claims share an id.
    """
    by_id: dict[str, dict[str, Any]] = {}
    for run in runs:
        for cell, bundle in bundles(notebooks / f"{run.page}.ipynb"):
            for claim in bundle.get("claims", []):
                suffix = f"-{claim['suffix']}" if claim["suffix"] else ""
                name = f"{run.page}.{cell}{suffix}"
                if name in by_id:
                    raise LedgerError(f"{run.page}: cell {cell}: two claims {name}; give one each")
                fields = {k: v for k, v in claim.items() if k != "suffix"}
                by_id[name] = {
                    "id": name,
                    "notebook": run.notebook,
                    "cell": cell,
                    "parameters": dict(run.parameters),
                    **fields,
                }
    return [by_id[name] for name in sorted(by_id)]


def write_claims(path: Path, ledger: list[dict[str, Any]]) -> None:
    """Write `claims.json`."""
    text = json.dumps(ledger, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def write_data(runs: list[Run], notebooks: Path, folder: Path, tables: Mapping[str, Path]) -> None:
    """Write a CSV for each exhibit (`<page>.<cell>.csv`) and copy the coded tables."""
    folder.mkdir()
    for run in runs:
        for cell, bundle in bundles(notebooks / f"{run.page}.ipynb"):
            if "csv" in bundle:
                out = io.StringIO()
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(bundle["csv"]["names"])
                writer.writerows(bundle["csv"]["rows"])
                name = f"{run.page}.{cell}.csv"
                (folder / name).write_text(out.getvalue(), encoding="utf-8", newline="")
    for name, path in tables.items():
        (folder / name).write_bytes(path.read_bytes())


def anchor(file: str, line: int) -> str:
    """Return the id of a row on the evidence page: `codings-12`."""
    return f"{file.removesuffix('.csv')}-{line}"


def in_language(notebook: Path, language: str, subject: str = "") -> dict[str, Any]:
    """Return the notebook with its prose and outputs in one language, ready for myst-nb.

    `subject` is what this run is about; it goes before the first heading, so that the pages of one
    notebook run many times differ in their titles.
    """
    page = read(notebook)
    headed = False
    for cell in page["cells"]:
        cell["source"] = text(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = translated(cell["source"], language)
            cell["source"], headed = _prose(cell, "" if headed else subject), True
        elif cell["cell_type"] == "code":
            _show(cell, language)
    return page


def translated(prose: str, language: str) -> str:
    """Return a prose cell in a language, paragraph by paragraph; marks of headings stay."""
    for english in paragraphs(prose):
        prose = prose.replace(english, translate(english, language), 1)
    return prose


def _prose(cell: dict[str, Any], subject: str) -> str:
    source: str = cell["source"]
    first, _, rest = source.partition("\n")
    mark = MARK.format(cell["id"])
    if not first.startswith("#"):
        return f"{mark}\n\n{source}"
    if subject:
        hashes, _, title = first.partition(" ")
        first = f"{hashes} {subject}{title}"
    return f"{first}\n\n{mark}\n\n{rest}"


def _show(cell: dict[str, Any], language: str) -> None:
    claims = []
    for output in cell["outputs"]:
        content = output.get("data", {}).get(MIME)
        if content:
            claims += content.get("claims", [])
            own = _own_ids(content[language], cell["id"])
            output["data"] = {"text/html": _with_evidence(own, content.get("claims", []), language)}
            output["metadata"] = {}
        elif FRAME in (plain := text(output.get("data", {}).get("text/html", ""))):
            output["data"] = {"text/html": _frame(plain, cell["id"], language)}
        if "execution_count" in output:
            output["execution_count"] = None
    suffixed = [f"{cell['id']}-{c['suffix']}" for c in claims if c.get("suffix")]
    cell["execution_count"] = None
    others = [tag for tag in tags(cell) if tag != "parameters"]
    cell["metadata"] = {
        "anchors": list(dict.fromkeys([cell["id"], *suffixed])),
        "tags": [*others, "box" if cell["id"] == INJECTED else "hide-input"],
    }


def _frame(shown: str, cell: str, language: str) -> str:
    """Return a frame as pandas shows it with what a screen reader needs, in the pages' style."""
    head, _, body = shown[shown.index("<table") : shown.rindex("</table>")].partition("</thead>")
    head = re.sub(r"<th\b[^>]*></th>", "<td></td>", head)
    head = re.sub(r"<th(?=[ >])", '<th scope="col"', head)
    body = re.sub(r"<th(?=[ >])", '<th scope="row"', body)
    label = html.escape(f"{DATA.in_language(language)} {cell}")
    caption = f'<caption class="visually-hidden">{label}</caption>'
    head = head.replace(f'border="1" {FRAME}>', f'class="analysis">{caption}')
    region = f'class="table-region" role="region" aria-label="{label}" tabindex="0"'
    return f"<div {region}>{head}</thead>{body}</table></div>"


def _with_evidence(text: str, claims: list[Mapping[str, Any]], language: str) -> str:
    """Put each claim's rows and functions after it, linked to the evidence page."""
    entries: Iterator[Mapping[str, Any]] = iter(claims)
    return re.sub(re.escape(EVIDENCE), lambda _: _details(next(entries), language), text)


def _details(entry: Mapping[str, Any], language: str) -> str:
    rows = "".join(
        f'<li><a href="../evidence.html#{anchor(e["file"], e["line"])}">'
        f"{html.escape(_row_words(e))}</a></li>"
        for e in entry["evidence"]
    )
    functions = "".join(
        f"<li><code>{html.escape(f['name'])}</code> {html.escape(f['file'])}:{f['line']}</li>"
        for f in entry["functions"]
    )
    return (
        f"<details><summary>{html.escape(SHOW_EVIDENCE.in_language(language))}</summary>"
        f"<ul>{rows}</ul><ul>{functions}</ul></details>"
    )


def _row_words(row: Mapping[str, Any]) -> str:
    parts = [row["file"], row["pilot_id"], row["variable"], row["value"] or row["status"]]
    return " · ".join(str(part) for part in parts if part)


def _own_ids(content: str, cell: str) -> str:
    """Prefix the ids inside pictures: two pictures on a page must not share one."""
    return _SVG.sub(lambda svg: _ID.sub(rf"\g<1>{cell}-", svg.group()), content)
