"""The same question put to several exact tests: rows of a table, each with its smallest p."""

from itertools import product
from math import prod
from typing import Any

import numpy as np

from analysis.exhibits.reasons import reason_words
from analysis.exhibits.study_words import Words, level_words
from analysis.exhibits.wording import fill, p_text
from analysis.study.reader import Study
from analysis.study.versions import doubtful
from smalln import (
    NotEstimable,
    Permutation,
    boschloo,
    cross_table,
    fisher,
    freeman_halton,
    rank_sum,
)

FISHER = {"en": "named or not, two groups: Fisher", "zh": "是否被通报，分两组：Fisher"}
BOSCHLOO = {"en": "the same, group sizes fixed: Boschloo", "zh": "同上，固定组的大小：Boschloo"}
OMNIBUS = {
    "en": "named or not, all levels: Freeman-Halton",
    "zh": "是否被通报，全部类别：Freeman-Halton",
}
RANKS = {
    "en": "stage reached, two groups: rank test, {name} at “{stage}”",
    "zh": "进展阶段，分两组：秩检验，{name}取“{stage}”",
}
RANKS_RANGE = {
    "en": "the same, all {k} ways to code the {n} stages that no pass was sure of",
    "zh": "同上，对各次编码都不确定的{n}个阶段取全部{k}种编码",
}
RANKS_PLAIN = {
    "en": "stage reached, two groups: rank test",
    "zh": "进展阶段，分两组：秩检验",
}
RANKS_OTHERS = {
    "en": "the same, with the other statement wherever two differ",
    "zh": "同上，凡两处表述不一致者取另一处",
}
TOO_MANY = {
    "en": "not computed: more than {most} ways",
    "zh": "未计算：编码方式超过{most}种",
}
# pilots with two statements that are shown one by one; ways to code the stages that are tried
MOST_DIFFERING, MOST_CODINGS = 3, 1000


def rows(study: Study, factor: str) -> list[list[Any]]:
    """Return a row a test of a factor known for every pilot: what is tested, p, smallest p."""
    outcome, values = np.asarray(study.outcome()), np.asarray(study.factor(factor))
    table = cross_table(outcome, values)
    levels = study.levels(study.contrast(factor).variable)
    of_level = np.array([level or "" for level in levels.values()])
    by_level = [
        [int(((of_level == k) & (outcome == event)).sum()) for event in (1, 0)]
        for k in sorted(set(of_level.tolist()))
    ]
    found = [
        _row(FISHER, fisher(table)),
        _row(BOSCHLOO, boschloo(table)),
        _row(OMNIBUS, freeman_halton(by_level)),
    ]
    return [*found, *_rank_rows(study, values), *_recoded_row(study, values)]


def _rank_rows(study: Study, values: np.ndarray) -> list[list[Any]]:
    """Return the rank test on the stage: as settled, and with each statement that differs."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    stages = study.numbers(variable)
    settled = np.asarray(stages)
    differing = {p: row for (p, v), row in study.contradictions(variable).items()}
    if not differing:
        return [_row(RANKS_PLAIN, rank_sum(settled, values))]
    if len(differing) > MOST_DIFFERING:
        others = settled.copy()
        for pilot, row in differing.items():
            others[stages.pilots.index(pilot)] = float(row["value"])
        both_ways = ((RANKS_PLAIN, settled), (RANKS_OTHERS, others))
        return [_row(words, rank_sum(stage, values)) for words, stage in both_ways]
    found = []
    for pilot, row in differing.items():
        at = stages.pilots.index(pilot)
        for value in (f"{settled[at]:g}", row["value"]):
            changed = settled.copy()
            changed[at] = float(value)
            given = {"name": study.names([pilot]), "stage": level_words(study, variable, value)}
            words = {"en": fill(RANKS["en"], given, "en"), "zh": fill(RANKS["zh"], given, "zh")}
            found.append(_row(words, rank_sum(changed, values)))
    return found


def _recoded_row(study: Study, values: np.ndarray) -> list[list[Any]]:
    """Return the range of the rank test over the codings of the stages that no pass was sure of."""
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    unsure, stages = doubtful(study, variable), study.numbers(variable)
    ways = prod(map(len, unsure.values()))
    if ways > MOST_CODINGS:
        words = _recoded_words(ways, len(unsure))
        return [[words, {k: text.format(most=MOST_CODINGS) for k, text in TOO_MANY.items()}, ""]]
    places, found = [stages.pilots.index(pilot) for pilot in unsure], []
    for levels in product(*unsure.values()):
        changed = np.asarray(stages).copy()
        changed[places] = [float(level) for level in levels]
        found.append(rank_sum(changed, values))
    tests = [each for each in found if isinstance(each, Permutation)]
    if not unsure or not tests:
        return []
    words = _recoded_words(len(found), len(unsure))
    low, high = (p_text(end(t.p_value for t in tests)) for end in (min, max))
    return [[words, f"{low} … {high}", p_text(min(t.p_smallest for t in tests))]]


def _recoded_words(ways: int, unsure: int) -> Words:
    given = {"k": ways, "n": unsure}
    return {"en": fill(RANKS_RANGE["en"], given, "en"), "zh": fill(RANKS_RANGE["zh"], given, "zh")}


def _row(words: Words, test: Any) -> list[Any]:
    if isinstance(test, NotEstimable):
        return [words, reason_words(test), ""]
    return [words, p_text(test.p_value), p_text(test.p_smallest)]
