"""A search reads each cell once: its answers are those of a study that reads all anew."""

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
def test_a_search_is_answered_as_a_study_that_reads_anew(study: Study, factor: str) -> None:
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
    # the recodings mattered, and cells were read once
    assert len(differing) > 20
    assert any(key[0] == "cells" for key in searched.cache)
