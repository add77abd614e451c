"""Translations: gettext catalogues in `locale/<language>/LC_MESSAGES/*.po`, read as they are.

English stands in the code and in the notebooks and is the key. A catalogue for each notebook and
one for each package holds the other languages; `make words` updates them.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from analysis.study import root
from analysis.study.guard import reading

SOURCE = "en"
# a message's context, where one English word means two things, and the message itself
Key = tuple[str | None, str]


def catalogues(language: str, place: Path | None = None) -> list[Path]:
    """Return the catalogues of a language, by name; `place`: the repository."""
    return sorted(((place or root()) / "locale" / language / "LC_MESSAGES").glob("*.po"))


def languages(place: Path | None = None) -> list[str]:
    """Return the languages that there are catalogues for, English first."""
    folders = sorted(((place or root()) / "locale").glob("*/LC_MESSAGES"))
    return [SOURCE, *(folder.parent.name for folder in folders)]


@cache
def messages(language: str) -> dict[Key, str]:
    """Return every translation into a language: (context, English) -> words.

    Fuzzy entries are guesses that nobody has confirmed, and count as missing.
    """
    known: dict[Key, str] = {}
    for path in catalogues(language):
        with reading(), path.open("rb") as file:
            entries = read_po(file, locale=language)
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
