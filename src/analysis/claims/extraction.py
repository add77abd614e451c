"""What is to be translated: every message of the code and of the notebooks, kept in catalogues.

A message is the first text given to `_`, `Message`, `translate` or `NotEstimable`, the sentence of
a `Claim`, the words of a `Table` or `figure`, and each paragraph of a notebook's prose.
"""

import ast
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

# function -> the place of its message; keywords that hold words; the keyword that holds heads
PLACES = {"_": 0, "Message": 0, "NotEstimable": 0, "translate": 0, "Claim": 1}
WORDED = {"Table", "figure"}
KEYWORDS = ("title", "subtitle", "description", "source")
# what a catalogue's first entry says of the moment it was written, or would ask somebody to fill in
UNUSED = rb"POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To"
UNUSED += rb"|Last-Translator|Language-Team"
VOLATILE = re.compile(rb'^"(?:' + UNUSED + rb"):.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One message, with the context that tells it apart, and where it stands."""

    english: str
    context: str | None
    place: str
    line: int


def in_code(source: str, place: str) -> Iterator[Entry]:
    """Yield the messages of a program."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for text in _messages(node, name):
                yield Entry(text, _context(node, name), place, node.lineno)


def _messages(call: ast.Call, name: str) -> Iterator[str]:
    if name in PLACES and len(call.args) > PLACES[name]:
        yield from _texts(call.args[PLACES[name]])
    for keyword in call.keywords if name in WORDED else ():
        if keyword.arg in KEYWORDS:
            yield from _texts(keyword.value)
        elif keyword.arg == "columns" and isinstance(keyword.value, ast.Dict):
            for value in keyword.value.values:
                yield from _texts(value)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _context(call: ast.Call, name: str) -> str | None:
    given: list[ast.AST] = [k.value for k in call.keywords if k.arg == "context"]
    given += call.args[2:3] if name == "translate" else []
    return next((str(n.value) for n in given if isinstance(n, ast.Constant)), None)


def paragraphs(source: str) -> list[str]:
    """Return the paragraphs of a prose cell; of a heading its words alone."""
    return [part.lstrip("#").strip() for part in re.split(r"\n\s*\n", source) if part.strip()]


def in_notebook(path: Path) -> Iterator[Entry]:
    """Yield the messages of a notebook, prose and code, in its order."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source, place = "".join(cell["source"]), f"{path.stem}.{cell['id']}"
        if cell["cell_type"] == "code":
            yield from in_code(source, place)
        else:
            yield from (Entry(text, None, place, 0) for text in paragraphs(source))


def parts(root: Path) -> dict[str, list[Entry]]:
    """Return the messages of each catalogue: one for each notebook, one for each package."""
    every = {path.stem: list(in_notebook(path)) for path in sorted(root.glob("notebooks/*.ipynb"))}
    for package in ("smalln", "analysis"):
        files = sorted((root / "src" / package).rglob("*.py"))
        texts = {p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in files}
        every[package] = [entry for place in texts for entry in in_code(texts[place], place)]
    return {name: entries for name, entries in every.items() if entries}


def update(root: Path, language: str) -> dict[str, int]:
    """Bring the catalogues of a language up to date; return how many messages each leaves open.

    A message that changed a little takes its old translation over, marked as fuzzy.
    """
    folder, left = root / "locale" / language / "LC_MESSAGES", {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, entries in parts(root).items():
        template, path = Catalog(), folder / f"{name}.po"
        for entry in entries:
            where = [(entry.place, entry.line)] if entry.line else [(entry.place, 1)]
            template.add(entry.english, context=entry.context, locations=where)
        catalogue = _read(path, language)
        catalogue.update(template)
        catalogue.obsolete.clear()
        _write(path, catalogue)
        left[name] = sum(not m.string or m.fuzzy for m in catalogue if m.id)
    for path in folder.glob("*.po"):
        if path.stem not in left:
            path.unlink()
    return left


def _read(path: Path, language: str) -> Catalog:
    if not path.is_file():
        return Catalog(locale=language, project="why-pilots-lag", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(path: Path, catalogue: Catalog) -> None:
    out = io.BytesIO()
    catalogue.header_comment = "# Translations of why-pilots-lag; made and checked by: make words"
    write_po(out, catalogue, width=100, include_lineno=False)
    path.write_bytes(VOLATILE.sub(b"", out.getvalue()))


def problems(root: Path, language: str) -> list[str]:
    """Return what is wrong with the catalogues: each message missing, fuzzy or filled otherwise."""
    wrong = []
    for name, entries in parts(root).items():
        path = root / "locale" / language / "LC_MESSAGES" / f"{name}.po"
        catalogue = _read(path, language)
        for entry in dict.fromkeys((e.english, e.context) for e in entries):
            message = catalogue.get(*entry)
            fault = _fault(message)
            if fault:
                wrong.append(f"{path.relative_to(root).as_posix()}: {entry[0]!r}: {fault}")
    return wrong


def _fault(message: Any) -> str | None:
    if message is None or not message.string:
        return "not translated; run make words and fill it in"
    if message.fuzzy:
        return "fuzzy: check the translation and take the mark away"
    asked, filled = fields(message.id), fields(message.string)
    return None if asked == filled else f"names {sorted(filled)}, the message {sorted(asked)}"


def fields(template: str) -> set[str]:
    """Return the names of a template's fields."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}
