"""A search is answered from what it was answered before: the same as a study that answers anew."""

import random
from typing import Any

import numpy as np
import pytest
from support import STUDY, WAVE

from analysis.study.load import load
from analysis.study.reader import Study
from analysis.study.record import Record

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"silence": "absent"},
    {"silence": "absent_if_slow"},
    {"window": "fixed"},
    {"window": "since_designation"},
    {"group": "none", "recalled": True},
    {"figures": True, "parent": True},
)


@pytest.fixture(scope="module")
def study() -> Study:
    return load(STUDY, WAVE)


def asked(study: Study, factor: str) -> list[Any]:
    """Everything that a search could be answered, as lists, and what its record tells."""
    versions = [None, *study.declared.multiverse.outcomes]
    cells = [study.outcome(version=v) for v in versions] + [study.outcome(open_list=True)]
    windows = study.declared.windows
    for option in OPTIONS:
        if option.get("window") in (None, *windows):
            cells.append(study.factor(factor, **option))
    found = [(c.variable, c.pilots, c.values.tolist(), c.known.tolist()) for c in cells]
    return [repr(found), study.record.all_known, study.record.any_assumed]


@pytest.mark.parametrize(
    "factor", ["leadership_change", "target_ambition", "exposure", "funding", "unit_type"]
)
def test_kept_answers_are_those_of_a_study_that_answers_anew(study: Study, factor: str) -> None:
    chance = random.Random(20160101)
    variables = [
        study.main_outcome().variable,
        study.contrast(factor).variable,
        study.declared.outcomes[study.declared.stage_outcome].variable,
        study.declared.batch_variable,
    ]
    changes = [
        ((pilot, variable), level)
        for pilot in study.pilots
        for variable in dict.fromkeys(variables)
        for level in study.codebook.variables[variable].levels
    ]
    searched, differing = load(STUDY, WAVE), set()
    for _ in range(60):
        recoded = dict(chance.sample(changes, chance.randint(0, 3)))
        kept = asked(searched.with_changes(recoded, Record(detailed=False)), factor)
        fresh = asked(study.with_changes(recoded), factor)
        assert kept == fresh
        differing.add(fresh[0])
    # the recodings mattered, and answers were kept
    assert len(differing) > 20
    assert any(isinstance(k, tuple) and k[0] == "factor" for k in searched.unchanged)


def test_a_search_is_answered_the_same_with_what_a_question_leaves_out(study: Study) -> None:
    searched = study.with_changes({}, Record(detailed=False))
    found = searched.factor("funding")
    assert searched.factor("funding", None, silence="unknown", window=None) is found
    assert searched.factor(name="funding", group="example") is found
    assert searched.factor("funding", silence="absent") is not found


def test_the_answers_of_a_study_cannot_be_changed_in_place(study: Study) -> None:
    cells = study.outcome()
    with pytest.raises(ValueError, match="read-only"):
        cells.values[0] = 1.0
    copied = np.asarray(cells)
    copied[0] = 1.0
