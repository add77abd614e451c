"""Catalogues of words, one for each notebook and one for each package, in every other language.

English stands in the code and in the notebooks and is the key. `make words` brings the gettext
files `locale/<language>/LC_MESSAGES/*.po` up to date and checks them; they are read as they are.
"""

import ast
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from analysis.study.guard import reading
from analysis.study.root import root

SOURCE = "en"
HEADER = "# Translations of why-pilots-lag; made and checked by: make words"
# function -> the place of its message; keywords that hold words
PLACES = {"_": 0, "Message": 0, "NotEstimable": 0, "translate": 0, "Claim": 1}
WORDED = {"Table", "figure"}
KEYWORDS = ("title", "subtitle", "description", "source")
# what a catalogue's first entry says of the moment it was written, or would ask somebody to fill in
VOLATILE = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|'
    rb"Report-Msgid-Bugs-To|Last-Translator|Language-Team):.*\n",
    re.MULTILINE,
)


def languages() -> list[str]:
    """Return the languages that there are catalogues for, English first."""
    return [SOURCE, *(path.parent.name for path in sorted(root().glob("locale/*/LC_MESSAGES")))]


@cache
def messages(language: str) -> dict[tuple[str | None, str], str]:
    """Return every translation into a language: (context, English) -> words.

    `context` tells apart two meanings of one English text. Fuzzy entries are guesses that nobody
    has confirmed, and count as missing.
    """
    known: dict[tuple[str | None, str], str] = {}
    for path in sorted(root().glob(f"locale/{language}/LC_MESSAGES/*.po")):
        with reading():
            entries = _read(path, language)
        known |= {
            (entry.context, str(entry.id)): str(entry.string)
            for entry in entries
            if entry.id and entry.string and not entry.fuzzy
        }
    return known


def translate(english: str, language: str, context: str | None = None) -> str:
    """Return a message in a language; in English where the catalogue does not have it."""
    if language == SOURCE:
        return english
    return messages(language).get((context, english), english)


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


class Entry(NamedTuple):
    """One message, with the context that tells it apart, and where it stands."""

    english: str
    context: str | None
    place: str


def in_code(source: str, place: str) -> Iterator[Entry]:
    """Yield the messages of a program.

    A message is the first text given to `_`, `Message`, `translate` or `NotEstimable`, the sentence
    of a `Claim`, and the words of a `Table` or `figure`.
    """
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        held = call.args[PLACES[name] :][:1] if name in PLACES else []
        for keyword in call.keywords if name in WORDED else ():
            if keyword.arg in KEYWORDS:
                held.append(keyword.value)
            elif keyword.arg == "columns" and isinstance(keyword.value, ast.Dict):
                held += keyword.value.values
        given = [keyword.value for keyword in call.keywords if keyword.arg == "context"]
        given += call.args[2:3] if name == "translate" else []
        context = next((str(n.value) for n in given if isinstance(n, ast.Constant)), None)
        yield from (Entry(text, context, place) for node in held for text in _texts(node))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def paragraphs(source: str) -> list[str]:
    """Return the paragraphs of a prose cell; of a heading its words alone."""
    return [part.lstrip("#").strip() for part in re.split(r"\n\s*\n", source) if part.strip()]


def in_notebook(path: Path) -> Iterator[Entry]:
    """Yield the messages of a notebook in its order: those of its code, its prose by paragraph."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source, place = "".join(cell["source"]), f"{path.stem}.{cell['id']}"
        if cell["cell_type"] == "code":
            yield from in_code(source, place)
        else:
            yield from (Entry(text, None, place) for text in paragraphs(source))


def parts(root: Path) -> dict[str, list[Entry]]:
    """Return the messages of each catalogue: one for each notebook, one for each package."""
    every = {path.stem: list(in_notebook(path)) for path in sorted(root.glob("notebooks/*.ipynb"))}
    for package in ("smalln", "analysis"):
        every[package] = [
            entry
            for path in sorted((root / "src" / package).rglob("*.py"))
            for entry in in_code(path.read_text("utf-8"), path.relative_to(root).as_posix())
        ]
    return {name: entries for name, entries in every.items() if entries}


def update(root: Path, language: str) -> None:
    """Bring the catalogues of a language up to date.

    A message that changed a little takes its old translation over, marked as fuzzy.
    """
    folder, every = root / "locale" / language / "LC_MESSAGES", parts(root)
    folder.mkdir(parents=True, exist_ok=True)
    for name, entries in every.items():
        template, path = Catalog(), folder / f"{name}.po"
        for entry in entries:
            template.add(entry.english, context=entry.context, locations=[(entry.place, 1)])
        new = Catalog(locale=language, project="why-pilots-lag", fuzzy=False)
        catalogue = _read(path, language) if path.is_file() else new
        catalogue.update(template)
        catalogue.obsolete.clear()
        catalogue.header_comment = HEADER
        write_po(out := io.BytesIO(), catalogue, width=100, include_lineno=False)
        path.write_bytes(VOLATILE.sub(b"", out.getvalue()))
    for path in folder.glob("*.po"):
        if path.stem not in every:
            path.unlink()


def problems(root: Path, language: str) -> list[str]:
    """Return what is wrong with the catalogues: each message missing, fuzzy or filled otherwise."""
    wrong = []
    for name, entries in parts(root).items():
        path = root / "locale" / language / "LC_MESSAGES" / f"{name}.po"
        catalogue = _read(path, language) if path.is_file() else Catalog()
        for english, context in dict.fromkeys((e.english, e.context) for e in entries):
            message: Any = catalogue.get(english, context)
            if message is None or not message.string:
                fault = "not translated; run make words and fill it in"
            elif message.fuzzy:
                fault = "fuzzy: check the translation and take the mark away"
            elif (asked := _fields(english)) != (filled := _fields(message.string)):
                fault = f"names {sorted(filled)}, the message {sorted(asked)}"
            else:
                continue
            wrong.append(f"{path.relative_to(root).as_posix()}: {english!r}: {fault}")
    return wrong


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
