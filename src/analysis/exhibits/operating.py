"""How often tests and intervals are wrong at the group sizes of a study: every outcome counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, prod
from typing import Any

import numpy as np

from analysis.exhibits.remembered import remembered
from analysis.exhibits.study_words import both
from analysis.exhibits.wording import rounded
from analysis.study.reader import Study
from smalln import TESTS, pair_coverage, share_coverage, type_one_error

LEVEL = 0.05
# outcomes that are enumerated, times units: each is tested anew, and their number grows with a
# power of the units
MOST_TESTED = 10_000
TOO_MANY = {
    "en": "not computed: too many outcomes to enumerate",
    "zh": "未计算：可能结果过多，无法逐一列举",
}
VARIED = {"en": "the true shares, over their whole range", "zh": "真实比例，取遍全部范围"}
NOMINAL = {
    "en": "Nominal level: error .05, coverage .95. All outcomes are enumerated.",
    "zh": "名义水平：第一类错误.05，覆盖率.95。全部可能结果逐一累加。",
}
SHARES = np.linspace(0.0, 1.0, 2001)
PAIRS = np.linspace(0.0, 1.0, 41)
INTERVALS = ("clopper-pearson", "wilson")
PAIR_INTERVALS = ("newcombe", "miettinen-nurminen", "koopman")


@dataclass(frozen=True)
class Operating:
    """How often a test or interval is wrong, over true shares; `keeps` is the exact ones' promise.

    `worst` and `mean`: type I error of a test (highest), coverage of an interval (least); NaN where
    there are too many outcomes to enumerate.
    """

    name: str
    is_test: bool
    worst: float
    mean: float

    @property
    def computed(self) -> bool:
        """Whether its outcomes were enumerated."""
        return not np.isnan(self.worst)

    @property
    def keeps(self) -> bool:
        """Whether it is never on the wrong side of the nominal level."""
        return self.worst <= LEVEL if self.is_test else self.worst >= 1 - LEVEL


def operating(study: Study) -> list[Operating]:
    """Return how often each test and interval is wrong, at the group sizes of this study.

    By enumeration of all outcomes: two groups as the declared factor makes them, many as its
    levels, strata as declared (of the pilots whose stratum is known).
    """
    return remembered(study, "operating", lambda: _operating(study))


def _operating(study: Study) -> list[Operating]:
    pair = study.declared.rivals.within
    cells = study.factor(pair.factor)
    known = study.having(study.contrast(pair.strata).variable)
    x, stratum = (np.asarray(study.factor(name, known)) for name in (pair.factor, pair.strata))
    levels = [level or "" for level in study.levels(study.contrast(pair.factor).variable).values()]
    two = (cells.count(1), cells.count(0))
    many = tuple(levels.count(level) for level in dict.fromkeys(levels))
    four = tuple(int(((x == i) & (stratum == s)).sum()) for s in (0, 1) for i in (1, 0))
    sizes = {"freeman_halton": many, "min_p": many, "stratified": four}
    found = []
    for test in TESTS:
        of = sizes.get(test, two)
        if min(of) > 0 and _few(of):
            error = type_one_error(test, of, SHARES[::20])["error"]
            found.append(Operating(test, True, float(error.max()), float(error.mean())))
        elif min(of) > 0:
            found.append(Operating(test, True, nan, nan))
    for method in (*INTERVALS, *PAIR_INTERVALS):
        if method in PAIR_INTERVALS and not _few(two):
            found.append(Operating(method, False, nan, nan))
            continue
        held = (
            share_coverage(method, len(study.pilots), SHARES)
            if method in INTERVALS
            else pair_coverage(method, *two, PAIRS)
        )["coverage"]
        found.append(Operating(method, False, float(held.min()), float(held.mean())))
    return found


def _few(sizes: Sequence[int]) -> bool:
    """Return whether the outcomes of groups of these sizes can be enumerated."""
    return prod(size + 1 for size in sizes) * sum(sizes) <= MOST_TESTED


def kept(study: Study) -> dict[str, Any]:
    """Return what a claim on tests and intervals that keep their level is given."""
    found = [each for each in operating(study) if each.computed]
    keeping = [each for each in found if each.keeps]
    wilson = next(each for each in found if each.name == "wilson")
    words = {"worst": wilson.worst, "mean": wilson.mean}
    return {"value": len(keeping), "n": len(keeping), "of": len(found), "words": words}


def operating_rows(study: Study) -> list[list[Any]]:
    """Return a row a test or interval: what it is, its worst, its mean, whether it keeps its level.

    Shares with three places, so that the nominal level can be read against them.
    """
    return [
        [
            both(f"method.{each.name}"),
            both("method.is_test" if each.is_test else "method.is_interval"),
            *_shown(each),
        ]
        for each in operating(study)
    ]


def _shown(each: Operating) -> list[Any]:
    if not each.computed:
        return [TOO_MANY, "", ""]
    keeps = both("method.keeps" if each.keeps else "method.falls")
    return [rounded(each.worst, 3), rounded(each.mean, 3), keeps]
