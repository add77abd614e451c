"""An executed notebook as a page of one language: what Sphinx is given to read."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.exhibits.bundle import EVIDENCE, MIME
from analysis.exhibits.wording import LANGUAGES, Language, term
from analysis.pipeline.anchors import MARK
from analysis.pipeline.evidence_tables import anchor
from analysis.pipeline.notebook_file import read, tags, text

INJECTED = "injected-parameters"
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ID = re.compile(r'(\bid="|url\(#|href="#)')


def in_language(notebook: Path, language: Language, subject: str = "") -> dict[str, Any]:
    """Return the notebook with one language's prose and outputs, ready for myst-nb.

    `subject` is what this run is about; it goes before the first heading, so that the pages of one
    notebook run many times differ in their titles.
    """
    page = read(notebook)
    others = {lang for lang in LANGUAGES if lang != language}
    page["cells"] = [c for c in page["cells"] if not others & set(tags(c))]
    headed = False
    for cell in page["cells"]:
        cell["source"] = text(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"], headed = _prose(cell, "" if headed else subject), True
        elif cell["cell_type"] == "code":
            _show(cell, language)
    return page


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


def _show(cell: dict[str, Any], language: Language) -> None:
    claims = []
    for output in cell["outputs"]:
        shown = output.get("data", {}).get(MIME)
        if shown:
            claims += shown.get("claims", [])
            own = _own_ids(shown[language], cell["id"])
            output["data"] = {"text/html": _with_evidence(own, shown.get("claims", []), language)}
            output["metadata"] = {}
        if "execution_count" in output:
            output["execution_count"] = None
    suffixed = [f"{cell['id']}-{c['suffix']}" for c in claims if c.get("suffix")]
    cell["execution_count"] = None
    kept = [tag for tag in tags(cell) if tag != "parameters"]
    cell["metadata"] = {
        "anchors": list(dict.fromkeys([cell["id"], *suffixed])),
        "tags": [*kept, "box" if cell["id"] == INJECTED else "hide-input"],
    }


def _with_evidence(text: str, claims: list[Mapping[str, Any]], language: Language) -> str:
    """Put each claim's rows and functions after it, linked to the evidence page."""
    entries: Iterator[Mapping[str, Any]] = iter(claims)
    return re.sub(re.escape(EVIDENCE), lambda _: _details(next(entries), language), text)


def _details(entry: Mapping[str, Any], language: Language) -> str:
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
        f"<details><summary>{html.escape(term('button.show_evidence', language))}</summary>"
        f"<ul>{rows}</ul><ul>{functions}</ul></details>"
    )


def _row_words(row: Mapping[str, Any]) -> str:
    parts = [row["file"], row["pilot_id"], row["variable"], row["value"] or row["status"]]
    return " · ".join(str(part) for part in parts if part)


def _own_ids(shown: str, cell: str) -> str:
    """Prefix the ids inside pictures: two pictures on a page must not share one."""
    return _SVG.sub(lambda svg: _ID.sub(rf"\g<1>{cell}-", svg.group()), shown)
