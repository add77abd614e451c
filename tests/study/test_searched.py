"""A search is answered from what it was answered before: the same as a study that answers anew."""

import random
from typing import Any

import numpy as np
import pytest
from support import STUDY, WAVE

from analysis.study.load import load_study
from analysis.study.study import Study

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"silence": "absent"},
    {"silence": "absent_if_slow"},
    {"window": "fixed"},
    {"window": "since_designation"},
    {"group": "none", "use_unverified": True},
    {"use_ratio": True, "use_parent_figures": True},
)


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(STUDY, WAVE)


def asked(study: Study, factor: str) -> list[Any]:
    """Everything that a search could be answered, as lists, and what its log tells."""
    versions = [None, *study.declared.multiverse.outcomes]
    answers = [study.outcome(version=v) for v in versions] + [study.outcome(open_list=True)]
    answers += [study.factor(factor, **options) for options in OPTIONS]
    answers += [study.numbers("stage"), study.numbers("key_projects")]
    values = [np.asarray(each, dtype=float).tolist() for each in answers]
    return [repr(values), study.log.all_known, study.log.any_assumed]


@pytest.mark.parametrize(
    "factor", ["leadership_change", "target_ambition", "exposure", "funding", "unit_type"]
)
def test_kept_answers_are_those_of_a_study_that_answers_anew(study: Study, factor: str) -> None:
    chance = random.Random(20160101)
    variables = [
        study.main_outcome().variable,
        study.factor_declared(factor).coded.variable,
        study.declared.outcomes[study.declared.stage_outcome].variable,
        study.declared.batch_variable,
    ]
    changes = [
        ((pilot, variable), level)
        for pilot in study.pilots
        for variable in dict.fromkeys(variables)
        for level in study.codebook.variables[variable].levels
    ]
    searched, differing = load_study(STUDY, WAVE), set()
    for _ in range(60):
        recoded = dict(chance.sample(changes, chance.randint(0, 3)))
        fresh = asked(study.with_changes(recoded), factor)
        assert asked(searched.with_changes(recoded, search=True), factor) == fresh
        assert asked(searched.with_changes(recoded, search=True, arrays=False), factor) == fresh
        differing.add(fresh[0])
    # the recodings mattered, and answers were kept
    assert len(differing) > 20
    assert any(isinstance(key, tuple) and key[0] == "factor" for key in searched.cache)


def test_a_search_keeps_what_it_answered(study: Study) -> None:
    searched = study.with_changes({}, search=True)
    answer = searched.factor("funding", silence="unknown")
    assert searched.factor("funding", silence="unknown") is answer
    assert np.array_equal(searched.factor(name="funding", group="example"), answer, equal_nan=True)
    assert searched.factor("funding", silence="absent") is not answer
