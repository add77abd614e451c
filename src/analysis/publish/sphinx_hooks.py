"""Sphinx extension: cells of notebooks as targets, pages as they are read, words of the search.

myst-nb drops the ids of cells. `executed` hands them over: a code cell in its metadata, a prose
cell as a mark after its first heading. Links are `#<page>.<id>`, and are checked. Words of the
search are Sphinx's own, each worked out once for all pages, which share most of their text.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from pydata_sphinx_theme import toctree
from sphinx.errors import ExtensionError
from sphinx.search import IndexBuilder
from sphinx.search.en import SearchEnglish

from analysis.publish.rendering import MARK, OWN, STATIC, without_unseen

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_END = re.compile(r"</(?:td|th|li|p|text|summary|caption|figcaption)>(?=<)")
_HAN = "[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_WORD, _PAIR = re.compile(f"{_HAN}|(?:(?!{_HAN})\\w)+"), re.compile(f"(?=({_HAN}{{2}}))")
_TAG = re.compile(r"<[^<]+?>")
# code in the colour of all text: names and signs
_UNCOLOURED = re.compile(r'<span class="(?:n|nn|nx|o|p|w)">([^<]*)</span>')
# a link to what lies beside the languages
_SHARED = re.compile(rf'((?:href|src)=")((?:\.\./)*{STATIC}/(?!{"|".join(map(re.escape, OWN))}))')
_MARK = re.compile(MARK.format('([^"]+)') + r"\s*")


def _take_ids(app: Sphinx, doctree: nodes.document) -> None:
    """Make each cell of a notebook's page a target under its names."""
    docname = app.env.docname
    if not docname.startswith("notebooks/"):
        return
    cells: list[tuple[nodes.Element, list[str]]] = [
        (node, node["cell_metadata"]["anchors"])
        for node in doctree.findall(nodes.container)
        if node.get("nb_element") == "cell_code"
    ]
    for raw in list(doctree.findall(nodes.raw)):
        if marked := _MARK.fullmatch(raw.astext()):
            parent = raw.parent
            headed = isinstance(parent, nodes.section) and parent.index(raw) == 1
            target = parent if headed else nodes.target()
            raw.replace_self([] if headed else target)
            cells.append((target, [marked.group(1)]))
    holders: dict[str, nodes.Element] = {}
    for element in doctree.findall(nodes.Element):
        holders |= dict.fromkeys(element.get("ids", []), element)
    standard = app.env.get_domain("std")
    for node, name in ((node, name) for node, names in cells for name in names):
        holder = holders.get(name)
        if isinstance(holder, nodes.section):
            # a heading gives way
            holder["ids"] = [f"heading-{name}" if i == name else i for i in holder["ids"]]
        elif holder is not None:
            raise ExtensionError(f"{docname}: two cells or claims have the id {name!r}")
        node["ids"].append(name)
        holders[name] = node
        label = f"{docname.removeprefix('notebooks/')}.{name}"
        standard.data["anonlabels"][label] = (docname, name)
        standard.data["labels"][label] = (docname, name, name)


def _show_code_last(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            node.append(node.pop(0))


def _finish_pages(app: Sphinx) -> None:
    """Translate what the theme's mark-up leaves English, and link what all languages share."""
    templates = app.builder.templates
    render, theme = templates.render, app.config.html_context["site"]["theme"]

    def finished(template: str, context: dict[str, Any]) -> str:
        page = _SHARED.sub(r"\1../\2", without_unseen(render(template, context)))
        # a label that would hide the words of the toggle
        page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        for english, words in theme.items():
            for place in ('"{}"', "</i>{}<"):
                page = page.replace(place.format(english), place.format(words))
        return page

    templates.render = finished


class Words(SearchEnglish):
    """Sphinx's search; of Chinese, which has no blanks, each character and each pair of neighbours.

    `report/static/search.js` splits what a reader asks for in the same way.
    """

    stem = cache(SearchEnglish.stem)

    def split(self, input: str) -> list[str]:
        """Split a text into words."""
        return [*_WORD.findall(input), *_PAIR.findall(input)]


def _keep_apart(_app: Sphinx, doctree: nodes.document) -> None:
    # Sphinx drops the tags of raw HTML, and would join the words of neighbouring cells
    for raw in doctree.findall(nodes.raw):
        if raw.get("format") == "html":
            raw[:] = [nodes.Text(_END.sub(r"\g<0>\n", raw.astext()))]


def _keep_highlighted(app: Sphinx) -> None:
    bridge: Any = app.builder.highlighter  # type: ignore[attr-defined]
    highlight, done = bridge.highlight_block, dict[tuple[str, str], str]()

    def once(source: str, lang: str, *_: Any, location: Any = None, **__: Any) -> str:
        if (source, lang) not in done:
            shown = highlight(source, lang, location=location)
            done[source, lang] = _UNCOLOURED.sub(r"\1", shown)
        return done[source, lang]

    bridge.highlight_block = once


def _escape_titles() -> None:
    # the head of each page and the search show titles as HTML
    link, feed = toctree.LinkInfo, IndexBuilder.feed
    toctree.LinkInfo = lambda title, **more: link(title=escape(title, quote=False), **more)

    def fed(index: Any, docname: str, *rest: Any) -> None:
        feed(index, docname, *rest)
        # Sphinx splits what stands before, in and after a mark by itself
        for block in rest[-1].findall(nodes.TextElement):
            for word in map(index.lang.stem, index.lang.split(_TAG.sub("", block.astext()))):
                if len(block) > 1 and index.lang.word_filter(word):
                    index._mapping.setdefault(word, set()).add(docname)
        titles = index._all_titles[docname]
        index._all_titles[docname] = [(escape(title, quote=False), at) for title, at in titles]

    IndexBuilder.feed = fed  # type: ignore[assignment]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the searches and the hooks; targets before the tables of contents are collected."""
    app.add_search_language(Words)
    app.connect("doctree-read", _take_ids, priority=400)
    app.connect("doctree-read", _keep_apart)
    app.connect("doctree-resolved", _show_code_last)
    app.connect("builder-inited", _keep_highlighted)
    app.connect("builder-inited", _finish_pages)
    no_file = {"file_insertion_enabled": False, "raw_enabled": False}
    app.connect("builder-inited", lambda app: app.env.settings.update(no_file))
    _escape_titles()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
