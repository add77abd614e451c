"""What is said: claims with their grades, evidence and flips, in the words of every language."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.claims.cell import computed_once
    from analysis.claims.claim import Claim, Claims
    from analysis.claims.sentence import Quantity, count, share, with_test
    from analysis.claims.words import (
        Amount,
        Filled,
        Joined,
        Message,
        Month,
        Names,
        _,
        difference,
        interval,
        p_text,
        percent,
        rounded,
    )

_HOME = {
    "cell": ("computed_once",),
    "claim": ("Claim", "Claims"),
    "sentence": ("Quantity", "count", "share", "with_test"),
    "words": (
        *("Amount", "Filled", "Joined", "Message", "Month", "Names", "_"),
        *("difference", "interval", "p_text", "percent", "rounded"),
    ),
}
__all__ = [
    "Amount",
    "Claim",
    "Claims",
    "Filled",
    "Joined",
    "Message",
    "Month",
    "Names",
    "Quantity",
    "_",
    "computed_once",
    "count",
    "difference",
    "interval",
    "p_text",
    "percent",
    "rounded",
    "share",
    "with_test",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for: whoever only needs the words imports no method."""
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
