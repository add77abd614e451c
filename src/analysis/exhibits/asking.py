"""What to ask next: unknown values by what an answer is worth, and the fewest that would settle."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.exhibits.reasons import reason_words
from analysis.exhibits.rivals import labels
from analysis.exhibits.wording import rounded
from analysis.study.reader import Study
from smalln import NotEstimable, cell_values, settling

VARIED = {"en": "every unknown value, each way", "zh": "每个不明之处的每种取值"}
# narrower by this much is a tie
TIE = 1e-9
COLUMNS = ("outcome", "if_zero", "if_one", "mean")


@dataclass(frozen=True)
class Answer:
    """One unknown value that could be asked for: whose, of what, and by how much it narrows."""

    factor: str
    named: bool
    pilots: tuple[str, ...]
    if_zero: float
    if_one: float
    mean: float


def answers(study: Study, share: float, window: str) -> list[Answer]:
    """Return what each unknown value is worth, the most first; facts from elsewhere are used.

    `share`: probability that the answer is yes. Pilots of one kind are worth the same and stand
    together. An answer after which nothing could be compared is left out.
    """
    y, found = study.outcome(), []
    for name in study.declared.factors:
        x = study.factor(name, window=window)
        silent = x.where(None)
        worth = cell_values(y, x, share)
        for outcome, if_zero, if_one, mean in zip(*(worth[c] for c in COLUMNS), strict=True):
            of_kind = tuple(p for p in silent if (p in y.where(1)) == (outcome == 1))
            if not np.isnan(mean):
                found.append(Answer(name, outcome == 1, of_kind, if_zero, if_one, mean))
    return sorted(found, key=lambda a: -a.mean)


def answer_rows(study: Study, share: float, window: str) -> list[list[Any]]:
    """Return a row a kind of answer: factor, whom to ask, how many, what each narrows."""
    factors, main = study.declared.factors, study.main_outcome()
    return [
        [
            factors[a.factor].label,
            main.label if a.named else main.other,
            str(len(a.pilots)),
            rounded(a.mean, 3),
            rounded(a.if_zero, 3),
            rounded(a.if_one, 3),
        ]
        for a in answers(study, share, window)
    ]


def settling_rows(study: Study, window: str) -> list[list[Any]]:
    """Return a row a factor with unknown values: the fewest answers that could fix the direction.

    Columns: factor; of any pilot, of pilots not named only; unknown values.
    """
    y, found = study.outcome(), []
    for name, factor in study.declared.factors.items():
        x = study.factor(name, window=window)
        if x.count(None):
            both_kinds, others = settling(y, x), settling(y, x, others_only=True)
            shown = [
                reason_words(s)
                if isinstance(s, NotEstimable)
                else str(s.answers)
                for s in (both_kinds, others)
            ]
            found.append([factor.label, *shown, str(x.count(None))])
    return found


def best(study: Study, share: float, window: str) -> dict[str, Any]:
    """Return what a claim on the most useful single answer is given."""
    found = answers(study, share, window)
    if not found:
        return {"value": NotEstimable("nothing is unknown")}
    first, main = found[0], study.main_outcome()
    alike = [a for a in found if a.mean >= first.mean - TIE]
    words = {
        "labels": labels(study, [a.factor for a in alike]),
        "kind": main.label if first.named else main.other,
        "narrows": first.mean,
    }
    return {"value": first.mean, "words": words}
