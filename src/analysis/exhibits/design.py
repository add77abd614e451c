"""What so few pilots can show at all: rows of tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.exhibits.operating import NOMINAL as NOMINAL
from analysis.exhibits.operating import VARIED as VARIED
from analysis.exhibits.operating import kept as kept
from analysis.exhibits.operating import operating_rows as operating_rows
from analysis.exhibits.study_words import both
from analysis.exhibits.wording import p_text, percent, rounded
from analysis.study.reader import Study
from smalln import (
    Coverage,
    NotEstimable,
    Programme,
    Reading,
    asking_all,
    coverage,
    fisher,
    placebo,
    silence_as_no,
)

LEVEL = 0.05
MADE_UP = {
    "en": "Seeded draws; the parameters stand at the top of the page.",
    "zh": "按固定种子抽取；参数见页首。",
}
SIMULATED = (
    {"en": "Units", "zh": "单位数"},
    {"en": "Everybody asked: share with p of .05 or less", "zh": "逐一询问：p不超过.05"},
    {"en": "Of these, wrong sign", "zh": "其中方向错误"},
    {"en": "Of these, size over the true size", "zh": "其中大小与真值之比"},
    {
        "en": "Silence read as no: share with p of .05 or less",
        "zh": "未提及视为没有：p不超过.05",
    },
    {"en": "The same without any effect", "zh": "同上，但并无效应"},
    {"en": "Width of the range, silence unknown", "zh": "未提及作为不明：范围的宽度"},
)
HELD = (
    {"en": "Units", "zh": "单位数"},
    {"en": "Silence unknown: units at hand", "zh": "未提及作为不明：现有单位"},
    {
        "en": "The same, mentioned at one in ten without it",
        "zh": "同上，但一成无该因素者被误提",
    },
    {"en": "Imbens-Manski interval: true effect", "zh": "Imbens-Manski区间：真实效应"},
    {"en": "Full reporting assumed, and true", "zh": "假定被通报者全部提到，且属实"},
    {"en": "Full reporting assumed, not true", "zh": "假定被通报者全部提到，但不属实"},
)
# share of units without the factor for which it is mentioned all the same
INVENTED = 0.1


def smallest(study: Study) -> dict[int, float]:
    """Return for each number of pilots with a factor the smallest two-sided Fisher p possible."""
    n, events = len(study.pilots), study.outcome().count(1)
    found = {}
    for k in range(1, n // 2 + 1):
        both_, rest = min(k, events), max(0, k - events)
        table = [[both_, rest], [events - both_, n - events - rest]]
        found[k] = fisher(table).p_smallest
    return found


def fewest(study: Study) -> dict[str, Any]:
    """Return what a claim on the fewest pilots that a factor needs for a small p is given."""
    small = [k for k, p in smallest(study).items() if p <= LEVEL]
    if not small:
        return {"value": NotEstimable("no number of pilots gives a small p")}
    return {"value": small[0], "n": small[0], "of": len(study.pilots)}


def smallest_rows(study: Study) -> list[list[Any]]:
    """Return a row a number of pilots with the factor: the smallest p, and if it can be small."""
    return [
        [str(k), p_text(p), both("label.yes" if p <= LEVEL else "label.no")]
        for k, p in smallest(study).items()
    ]


def placebo_rows(study: Study, shares: Sequence[float]) -> list[list[str]]:
    """Return a row a share: how often a mark without meaning gets p <= .05, reported or asked."""
    n, events = len(study.pilots), study.outcome().count(1)
    return [
        [
            percent(q, 0),
            rounded(placebo(n, events, q), 3),
            rounded(placebo(n, events, q, reported=False), 3),
        ]
        for q in shares
    ]


def simulated_rows(programme: Programme, sizes: Sequence[int], seed: int) -> list[list[str]]:
    """Return a row a size: what asking everybody, and what reading silence as no, would find.

    Columns: units; asking all: power, sign error, exaggeration; silence read as no: power, and
    power without any effect; width of the bounds.
    """
    rows = []
    for n in sizes:
        here, none = replace(programme, n=n), replace(programme, n=n, effect=0.0)
        asked = asking_all(here, seed=seed)
        told, false = (silence_as_no(p, seed=seed) for p in (here, none))
        held = coverage(here, seed=seed)
        shares = (
            *(_read(asked, name) for name in ("power", "sign_error", "exaggeration")),
            *(_read(told, "power"), _read(false, "power"), _read(held, "width")),
        )
        rows.append([str(n), *(_number(value) for value in shares)])
    return rows


def _read(found: Reading | Coverage | NotEstimable, name: str) -> float:
    """Return a number of a result, NaN where there is none."""
    return float("nan") if isinstance(found, NotEstimable) else float(getattr(found, name))


def _number(value: float, places: int = 2) -> str:
    return "" if np.isnan(value) else rounded(value, places)


def coverage_rows(programme: Programme, sizes: Sequence[int], seed: int) -> list[list[str]]:
    """Return a row a size: how often bounds hold, with assumptions that are true or not.

    Columns: units; silence unknown: bounds for the units at hand, and with some mentions invented;
    the Imbens-Manski interval for the effect; bounds under full reporting.
    """
    rows = []
    for n in sizes:
        here = replace(programme, n=n)
        open_ = coverage(here, seed=seed)
        invented = coverage(replace(here, invented=INVENTED), seed=seed)
        full = coverage(here, seed=seed, full_reporting=True)
        told = coverage(replace(here, if_event=1.0), seed=seed, full_reporting=True)
        at_hand = [_read(each, "at_hand") for each in (open_, invented, told, full)]
        shares = (*at_hand[:2], _read(open_, "interval"), *at_hand[2:])
        rows.append([str(n), *(_number(share, 3) for share in shares)])
    return rows
