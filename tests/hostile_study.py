"""A study each text of which tries to be more than text: the three made-up pilots, spoilt."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import yaml
from support import SMALL, SMALL_WAVE, settle_as_coded

from analysis.study import StudyError
from analysis.study.evidence import span_hash
from analysis.study.load import load_study

# what each text holds: marks that scripts ran, elements, links, syntax of MyST, of Jinja and of
# formats, math, quotation marks, marks that turn the direction of writing
LINE = (
    "<img src=x onerror='window.ran=1'><script>window.ran=2</script>$x^2$ {math}`y` "
    "{download}`secret.txt` {ref}`Codings` ![p](http://evil.invalid/p.png) "
    "[l](javascript:window.ran=3) <http://evil.invalid/a> {{ title }} {nope} **bold** "
    "| c | </title></svg></style>]]> &lt;b&gt; \"q\" 'a' [^1] \\new\u202e\u2066<b>"
)
# and what a break of the line opens
BROKEN = (
    f"{LINE}\n\n```{{literalinclude}} ../../../../../secret.txt\n```\n\n"
    "```{include} ../../../../../secret.txt\n```\n\n(target)=\n# Injected\n\nInjected\n===\n\n"
    "<script>window.ran=4</script>\n\n    Injected\n"
)
# what a cell of a spreadsheet would compute
FORMULA = '=HYPERLINK("http://evil.invalid/","x")'
SECRET = "what-no-page-may-show"
# sentences that are filled in
FORMS = (
    "text",
    "sentence",
    "in_year",
    "said_of_rates",
    "words",
    "when",
    "said_with",
    "silent",
    "coded",
    "coded_elsewhere",
    "project",
    "project_without_domain",
)
COMPLAINT = re.compile(rf"data/{SMALL}/(\S+\.csv): line \d+: column (\w+)")


# columns that take any text
TEXTS = {
    "pilots.csv": "short_en short_zh long_en long_zh",
    "sources.csv": "title_en title_zh issuer date what how retrieved terms citation",
    "codings.csv": "note_en note_zh",
    "projects.csv": "project_en project_zh note_en note_zh",
    "context.csv": "",
    "leaders.csv": "note",
    "rates.csv": "note_en note_zh",
    "events.csv": "event_en event_zh",
}
# and those of one variable
OF_VARIABLE = {"sanction": ["value"], "reporting": ["value"]}


def spoil(root: Path) -> set[str]:
    """Spoil every text of the study in a copy; return the columns that refuse breaks of lines.

    What loading refuses with a break of the line has the rest alone.
    """
    folder, refused = root / "data" / SMALL, set[str]()
    (root / "secret.txt").write_text(SECRET, encoding="utf-8")
    clean = {path.name: path.read_bytes() for path in folder.glob("*.*") if path.is_file()}
    clean["events.csv"] += b"birch,2018-05,opened,opened,S01,verified\n"
    _lay_text(folder, clean)
    for _ in range(6):
        for name in [n for n in clean if n.endswith(".csv")]:
            _spoil_table(folder / name, clean[name], refused)
        for name in ("study.yaml", "codebook.yaml"):
            _spoil_yaml(folder / name, clean[name], LINE if name in refused else BROKEN)
        try:
            load_study(SMALL, SMALL_WAVE, root)
            settle_as_coded(folder)
            return refused
        except StudyError as error:
            found = {f"{name}.{column}" for name, column in COMPLAINT.findall(str(error))}
            found |= {n for n in ("study.yaml", "codebook.yaml") if f"/{n}" in str(error)}
            if not found - refused:
                raise
            refused |= found
    raise AssertionError("the study is refused whatever it holds")


def _lay_text(folder: Path, clean: dict[str, bytes]) -> None:
    """Put a text in place whose every passage is hostile; the rows' positions are in it."""
    (folder / "sources").mkdir()
    (folder / "sources" / "S00.txt").write_text(LINE, encoding="utf-8")
    where = {"paragraph": "1", "span": f"0:{len(LINE)}", "term": LINE[:8]}
    where["span_sha256"] = span_hash(LINE, 1, where["span"])
    for name in ("codings.csv", "projects.csv"):
        rows = _rows(clean[name])
        for row in rows:
            row |= where if row["span"] else {}
        clean[name] = _csv(rows)


def _spoil_table(path: Path, content: bytes, refused: set[str]) -> None:
    rows = _rows(content)
    for number, row in enumerate(rows):
        wanted = [*TEXTS[path.name].split(), *OF_VARIABLE.get(row.get("variable", ""), ())]
        for column in wanted:
            payload = LINE if f"{path.name}.{column}" in refused else BROKEN
            # names stand once; the cell begins as a formula
            row[column] = f"{FORMULA} {row[column]} {number} {payload}"
        if path.name == "sources.csv":
            row["address"] = f"javascript:window.ran=5//{number}"
    path.write_bytes(_csv(rows))


def _spoil_yaml(path: Path, content: bytes, payload: str) -> None:
    def each(node: Any, key: str = "") -> Any:
        if isinstance(node, dict) and set(node) == {"en", "zh"}:
            # what is a template takes braces doubled
            filled = payload.replace("{", "{{").replace("}", "}}")
            more = filled if key in FORMS else payload
            return {language: f"{text} {more}" for language, text in node.items()}
        if isinstance(node, dict):
            return {key: each(value, key) for key, value in node.items()}
        return [each(value) for value in node] if isinstance(node, list) else node

    spoilt = yaml.safe_dump(each(yaml.safe_load(content)), allow_unicode=True, sort_keys=False)
    path.write_text(spoilt, encoding="utf-8")


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode().splitlines()))


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return out.getvalue().encode()
