"""What is shown: claims, tables and figures, with their words in two languages."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.exhibits.cell import watch
    from analysis.exhibits.claims import Claim, Claims
    from analysis.exhibits.notes import NotApplicable, verdict_words
    from analysis.exhibits.tables import Table
    from analysis.exhibits.wording import Amount, Names, p_text, term

__all__ = [
    "Amount",
    "Claim",
    "Claims",
    "Names",
    "NotApplicable",
    "Table",
    "p_text",
    "term",
    "verdict_words",
    "watch",
]
# found when asked for: whoever only needs the words does not import the methods
_HOME = {
    **dict.fromkeys(("Amount", "Names", "p_text", "term"), "wording"),
    **dict.fromkeys(("Claim", "Claims"), "claims"),
    **dict.fromkeys(("NotApplicable", "verdict_words"), "notes"),
    "Table": "tables",
    "watch": "cell",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
