"""Sphinx extension: words of the search, each split, stemmed and highlighted once for all pages.

Pages of one notebook share most of their text. The words are Sphinx's own; but cells of a table in
raw HTML stay apart, which Sphinx would join when it drops the tags.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.search.en import SearchEnglish
from sphinx.search.zh import SearchChinese

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_END = re.compile(r"</(?:td|th|li|p|text|summary|caption|figcaption)>(?=<)")


class _Stemmer:
    """A stemmer that keeps what it has stemmed."""

    def __init__(self, stemmer: Any) -> None:
        self.stemWord = cache(stemmer.stemWord)


class English(SearchEnglish):
    """Sphinx's English search."""

    def init(self, options: dict[str, str]) -> None:
        """Keep the stems."""
        super().init(options)
        self.stemmer = _Stemmer(self.stemmer)


class Chinese(SearchChinese):
    """Sphinx's Chinese search; white space always ends a word, so what it separates is kept."""

    def init(self, options: dict[str, str]) -> None:
        """Keep the stems and the words of each piece of text."""
        super().init(options)
        self.stemmer = _Stemmer(self.stemmer)
        self._words = cache(super().split)

    def split(self, input: str) -> list[str]:
        """Split a text into words."""
        return [word for piece in input.split() for word in self._words(piece)]


def _keep_apart(_app: Sphinx, doctree: nodes.document) -> None:
    for raw in doctree.findall(nodes.raw):
        if raw.get("format") == "html":
            raw[:] = [nodes.Text(_END.sub(r"\g<0>\n", raw.astext()))]


def _keep_highlighted(app: Sphinx) -> None:
    bridge = getattr(app.builder, "highlighter", None)
    if bridge is None:
        return
    highlight, kept = bridge.highlight_block, dict[str, str]()

    def once(source: str, lang: str, *rest: Any, location: Any = None, **more: Any) -> str:
        key = repr((source, lang, rest, sorted(more.items())))
        if key not in kept:
            kept[key] = highlight(source, lang, *rest, location=location, **more)
        return kept[key]

    bridge.highlight_block = once


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the searches and the hooks."""
    app.add_search_language(English)
    app.add_search_language(Chinese)
    app.connect("doctree-read", _keep_apart)
    app.connect("builder-inited", _keep_highlighted)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
