"""Sphinx extension: every notebook cell is a target by its id, and links to it are checked.

myst-nb drops the ids of cells. `notebook_pages` hands them over: a code cell in its metadata, a
prose cell as a mark after its first heading. A cell is linked to as `#<page>.<id>`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARK = '<div data-cell="{}"></div>'
_MARK = re.compile(r'<div data-cell="([^"]+)"></div>\s*')


def _take_ids(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    if not docname.startswith("notebooks/"):
        return
    standard, cells = app.env.get_domain("std"), _cells(doctree)
    holders: dict[str, nodes.Element] = {}
    for element in doctree.findall(nodes.Element):
        holders |= dict.fromkeys(element.get("ids", []), element)
    for node, names in cells:
        for name in names:
            _free(holders.get(name), name, docname)
            node["ids"].append(name)
            holders[name] = node
            label = f"{docname.removeprefix('notebooks/')}.{name}"
            standard.data["anonlabels"][label] = (docname, name)
            standard.data["labels"][label] = (docname, name, name)


def _cells(doctree: nodes.document) -> list[tuple[Any, list[str]]]:
    found: list[tuple[Any, list[str]]] = [
        (node, node["cell_metadata"]["anchors"])
        for node in doctree.findall(nodes.container)
        if node.get("nb_element") == "cell_code"
    ]
    for raw in list(doctree.findall(nodes.raw)):
        marked = _MARK.fullmatch(raw.astext())
        if marked:
            parent = raw.parent
            headed = isinstance(parent, nodes.section) and parent.index(raw) == 1
            target: Any = parent if headed else nodes.target()
            raw.replace_self([] if headed else target)
            found.append((target, [marked.group(1)]))
    return found


def _free(holder: nodes.Element | None, name: str, docname: str) -> None:
    """Give way: a heading whose own id is the name of a cell gets another one."""
    if holder is None:
        return
    if not isinstance(holder, nodes.section):
        from sphinx.errors import ExtensionError

        raise ExtensionError(f"{docname}: two cells or claims have the id {name!r}")
    holder["ids"] = [f"heading-{name}" if i == name else i for i in holder["ids"]]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hook, before the tables of contents are collected."""
    app.connect("doctree-read", _take_ids, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
