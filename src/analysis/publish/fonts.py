"""A font with the characters of the pages only, for machines without a Chinese font."""

import gettext
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from analysis.exhibits import font_file

# what Sphinx makes of straight quotation marks and of two or three hyphens or dots
TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026"
# words of the theme and of the search in Chinese, by package
CATALOG, SEARCH = ("pydata_sphinx_theme", "locale/zh"), ("sphinx", "locale/zh_CN")
MESSAGES = "LC_MESSAGES/sphinx"


@dataclass(frozen=True)
class Font:
    """Noto Sans SC cut to some characters."""

    characters: frozenset[str]
    content: bytes

    @classmethod
    def of(cls, sources: Iterable[Path]) -> "Font":
        """Return the font for pages made from these files and folders, and the theme's own words.

        It is cut before the pages are there, while they are made.
        """
        files = [path for source in sources for path in (source, *source.rglob("*"))]
        characters = set(TYPOGRAPHIC) | _of_theme()
        for path in files:
            # a picture shows no characters
            with suppress(UnicodeDecodeError):
                characters |= set(path.read_text(encoding="utf-8")) if path.is_file() else set()
        return cls(frozenset(characters), _cut(characters))

    def write(self, target: Path, characters: set[str]) -> None:
        """Write the font for a site with these characters; one that lacks any is cut anew."""
        lacks = characters - self.characters
        target.write_bytes(_cut(self.characters | lacks) if lacks else self.content)


def _cut(characters: Iterable[str]) -> bytes:
    """Return the font cut to characters; the same ones give the same bytes."""
    from io import BytesIO

    from fontTools import subset

    options = subset.Options(recalc_timestamp=False, notdef_outline=True)
    font = subset.load_font(str(font_file()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters)))
    cutter.subset(font)
    written = BytesIO()
    subset.save_font(font, written, options)
    return written.getvalue()


def _of_theme() -> set[str]:
    """Return the characters of the words that the theme and the search bring."""
    catalog = _translation(*CATALOG).with_suffix(".mo")
    with catalog.open("rb") as file:
        words = "".join(map(str, gettext.GNUTranslations(file)._catalog.values()))  # type: ignore[attr-defined]
    search = _translation(*SEARCH).with_suffix(".js").read_text(encoding="utf-8")
    return set(words) | set(search)


def _translation(package: str, language: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / language / MESSAGES
