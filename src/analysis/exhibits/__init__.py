"""What is shown: claims, tables and figures, with their words in two languages."""

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
