"""Cells as targets: what happens where an id is taken."""

from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.errors import ExtensionError

from analysis.publish import sphinx_hooks


def page(*cells: list[str], heading: str = "start") -> Any:
    """Return a page with one heading and code cells, each with its names."""
    document = new_document("page")
    section = nodes.section(ids=[heading])
    document += section
    for names in cells:
        cell = {"nb_element": "cell_code", "cell_metadata": {"anchors": names}, "ids": []}
        section += nodes.container(**cell)
    return document


def taken(document: Any) -> dict[str, Any]:
    """Let a page's cells take their ids; return where the labels point."""
    standard = SimpleNamespace(data={"labels": {}, "anonlabels": {}})
    env = SimpleNamespace(docname="notebooks/rivals", get_domain=lambda _: standard)
    sphinx_hooks._take_ids(SimpleNamespace(env=env), document)  # type: ignore[arg-type]
    return standard.data["anonlabels"]


def test_a_cell_is_a_target_under_each_of_its_names() -> None:
    document = page(["table", "table.siping"])
    assert taken(document) == {
        f"rivals.{name}": ("notebooks/rivals", name) for name in ("table", "table.siping")
    }
    assert next(iter(document.findall(nodes.container)))["ids"] == ["table", "table.siping"]


def test_a_heading_gives_its_id_to_a_cell() -> None:
    document = page(["table"], heading="table")
    taken(document)
    ids = [node["ids"] for node in document.findall(nodes.Element) if node["ids"]]
    assert ids == [["heading-table"], ["table"]]


def test_two_cells_with_one_id_are_refused() -> None:
    with pytest.raises(ExtensionError, match=r"rivals: two cells or claims have the id 'table'"):
        taken(page(["table"], ["table"]))
