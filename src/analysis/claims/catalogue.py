"""Catalogues of words, one for each notebook and one for each package, in every other language.

English stands in the code and in the notebooks and is the key. `make words` brings the gettext
files `locale/<language>/LC_MESSAGES/*.po` up to date and checks them; they are read as they are.
"""

import ast
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from analysis.study import StudyError, root
from analysis.study.guard import reading

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
    for path in _own(root().glob(f"locale/{language}/LC_MESSAGES/*.po")):
        with reading():
            entries = _read(path, language)
        known |= {
            (entry.context, str(entry.id)): str(entry.string)
            for entry in entries
            if entry.id and entry.string and not entry.fuzzy
        }
    return known


def _own(paths: Iterable[Path]) -> list[Path]:
    # copies that a sync client leaves have blanks and signs in their name
    return sorted(path for path in paths if path.stem.isidentifier())


def translate(english: str, language: str, context: str | None = None) -> str:
    """Return a message in a language; in English where the catalogue does not have it."""
    if language == SOURCE:
        return english
    return messages(language).get((context, english), english)


def _read(path: Path, language: str) -> Catalog:
    try:
        if not path.is_file():
            return Catalog(locale=language, project="why-pilots-lag", fuzzy=False)
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, ValueError, UnknownLocaleError) as error:
        at = "/".join(path.parts[-4:])
        raise StudyError(f"{at}: not a catalogue in UTF-8, or no language: {error}") from error


def add_code(template: Catalog, source: str, place: str) -> None:
    """Add the messages of a program to a catalogue.

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
        for text in (text for node in held for text in _texts(node)):
            template.add(text, context=context, locations=[(place, 1)])


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def paragraphs(source: str) -> list[str]:
    """Return the paragraphs of a prose cell; of a heading its words alone."""
    return [part.lstrip("#").strip() for part in re.split(r"\n\s*\n", source) if part.strip()]


def add_notebook(template: Catalog, path: Path) -> None:
    """Add the messages of a notebook in its order: those of its code, its prose by paragraph."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source, place = "".join(cell["source"]), f"{path.stem}.{cell['id']}"
        if cell["cell_type"] == "code":
            add_code(template, source, place)
        else:
            for text in paragraphs(source):
                template.add(text, locations=[(place, 1)])


def templates(root: Path) -> dict[str, Catalog]:
    """Return what is to be translated: a catalogue for each notebook, one for each package."""
    every: dict[str, Catalog] = defaultdict(Catalog)
    for path in _own(root.glob("notebooks/*.ipynb")):
        add_notebook(every[path.stem], path)
    for package in ("smalln", "analysis"):
        for path in sorted((root / "src" / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            add_code(every[package], path.read_text(encoding="utf-8"), place)
    return {name: template for name, template in every.items() if len(template)}


def update(root: Path, language: str) -> None:
    """Bring the catalogues of a language up to date.

    A message that changed a little takes its old translation over, marked as fuzzy.
    """
    folder, every = root / "locale" / language / "LC_MESSAGES", templates(root)
    folder.mkdir(parents=True, exist_ok=True)
    for name, template in every.items():
        path = folder / f"{name}.po"
        catalogue = _read(path, language)
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
    for name, template in templates(root).items():
        path = root / "locale" / language / "LC_MESSAGES" / f"{name}.po"
        catalogue = _read(path, language)
        for english, context in ((str(m.id), m.context) for m in template if m.id):
            message: Any = catalogue.get(english, context)
            if message is None or not message.string:
                fault = "not translated; run make words and fill it in"
            elif message.fuzzy:
                fault = "fuzzy: check the translation and take the mark away"
            elif (asked := _fields(english)) != (filled := _fields(message.string)):
                fault = f"names {', '.join(sorted(filled))}; the message {', '.join(sorted(asked))}"
            else:
                continue
            wrong.append(f"{path.relative_to(root).as_posix()}: {english!r}: {fault}")
    return wrong


def _fields(template: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(template) if name}
    except ValueError as error:
        return {f"({error})"}
