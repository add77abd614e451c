"""What is said: claims with their grades, evidence and flips, in the words of every language."""

from analysis.claims.claim import Claim, Claims
from analysis.claims.grades import Quantity, count, share, with_test
from analysis.claims.words import (
    Amount,
    Joined,
    Message,
    Month,
    Names,
    _,
    difference,
    p_text,
    percent,
    rounded,
)

__all__ = ["Amount", "Claim", "Claims", "Joined", "Message", "Month", "Names", "Quantity", "_"]
__all__ += ["count", "difference", "p_text", "percent", "rounded", "share", "with_test"]
