"""What a person prints of a study, its claims and results fits in a few lines."""

from typing import Any

import pandas as pd
import pytest

import smalln
from analysis.claims import Claim, Claims, count
from analysis.exhibits.declared_analyses import DeclaredAnalyses
from analysis.exhibits.table import Table
from analysis.study.passes import of_study
from analysis.study.study import Study

LONGEST = 300
GROUPS = [1, 1, 1, 0, 0, 0, 0]
MADE = [0, 1, 1, 0, 1, 0, 0]
SPECIFICATIONS = [smalln.Specification({"factor": str(n)}, MADE, GROUPS) for n in range(9)]


def of_the_study(study: Study) -> list[Any]:
    """Every object that a question to the default study or its declaration gives, but frames."""
    declared, codebook, passes = study.declared, study.codebook, of_study(study)
    study.frame(*declared.factors)
    parts = [declared, codebook, declared.rivals, declared.multiverse, declared.elapsed]
    many = [
        declared.factors,
        declared.outcomes,
        declared.windows,
        declared.batches,
        codebook.variables,
    ]
    parts += [each for named in many for each in named.values()]
    claim = Claim(count(3, of=5), "A sentence of {n} of {of}. " * 30)
    analyses = DeclaredAnalyses(study, "unit_type")
    return [
        study, study.log, *parts, *codebook.figures.values(), passes, *passes.every, *study.alternatives(),
        study.names(study.pilots), claim, Claims([claim] * 50), claim.quantity, analyses, analyses.curve,
        Table(study.codings(), title="Codings", columns={"value": "Value"}),
    ]  # fmt: skip


def of_smalln() -> list[Any]:
    predictors = pd.DataFrame({"a": GROUPS * 30, "b": range(210)})
    return [
        smalln.compare(MADE, GROUPS), smalln.settling(MADE, [1, None, 0, 1, None, 0, 0]),
        smalln.adjusted(MADE, [GROUPS] * 40), smalln.multiverse(SPECIFICATIONS), smalln.multiverse(SPECIFICATIONS).joint(),
        smalln.truth_table(pd.DataFrame({"y": MADE, "x": GROUPS}), "y", ["x"]), smalln.ordered_logit(MADE * 30, predictors),
        smalln.mentioned_for(MADE, 2), smalln.rank_sum(MADE, GROUPS),
    ]  # fmt: skip


def test_no_representation_is_longer_than_a_few_lines(study: Study) -> None:
    told = {f"{type(each).__name__}: {each!r}" for each in [*of_the_study(study), *of_smalln()]}
    assert not {text[:200] for text in told if len(text) > LONGEST}
    assert repr(study) == str(study)
    assert str(study.codebook) == repr(study.codebook)
    assert "variables=42 of them" in repr(study.codebook)


@pytest.fixture
def study() -> Study:
    from analysis.study.load import load_study

    return load_study("jilin-2016", "2016-01")
