"""Every declared analysis is computed once, and its choices say which questions give it."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact
from support import STUDY, WAVE

from analysis import open_study
from analysis.exhibits import declared_analyses
from analysis.exhibits.declared_analyses import DeclaredAnalyses
from smalln.result import NotEstimable


@pytest.fixture(scope="module")
def study() -> Any:
    return open_study(STUDY, WAVE)


def test_an_analysis_is_what_its_choices_ask_the_study_for(study: Any) -> None:
    frame = DeclaredAnalyses(study, "unit_type").frame
    choices = {"outcome": "named", "grouping": "city", "coding": "settled"}
    for axis, choice in choices.items():
        frame = frame[[choice in each.split("; ") for each in frame[axis]]]
    y, x = np.asarray(study.outcome()), np.asarray(study.factor("unit_type", grouping="city"))
    table = [[int(((x == side) & (y == one)).sum()) for one in (1, 0)] for side in (1, 0)]
    (row,) = frame.to_dict("records")
    assert row["estimate"] == row["lower"] == row["upper"] == y[x == 1].mean() - y[x == 0].mean()
    assert row["p_value"] == pytest.approx(fisher_exact(table)[1])


def test_the_choices_combine_to_what_is_declared(study: Any) -> None:
    analyses = DeclaredAnalyses(study, "leadership_change")
    # outcomes x codings x sources, windows and readings of silence
    assert analyses.declared == 11 * 28 * (2 * 2 * 3) == analyses.frame["names"].sum()
    assert set(zip(*map(analyses.by_choice().get, ("axis", "choice")), strict=True)) == set(
        analyses.choices.index
    )


@pytest.mark.parametrize(
    ("factor", "declared"),
    [
        ("fiscal_capacity", 11 * 28 * (2 * 2 * 3)),
        ("unit_type", 11 * 28 * 5),
        ("exposure", 11 * 28 * 3),
    ],
)
def test_every_factor_has_the_choices_that_can_vary_for_it(
    study: Any, factor: str, declared: int
) -> None:
    assert DeclaredAnalyses(study, factor).declared == declared


def test_where_nothing_can_be_compared_there_are_no_analyses_but_a_reason(
    study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = NotEstimable("no specification has two groups to compare")
    monkeypatch.setattr(declared_analyses, "multiverse", lambda _: reason)
    analyses = DeclaredAnalyses(study, "unit_type")
    assert analyses.span() is reason
    assert analyses.frame.empty
    assert analyses.by_choice().empty
    assert analyses.single_values() == ""
