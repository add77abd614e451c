"""What is computed once for several cells tells each of them all that it rests on."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims import cell
from analysis.claims.cell import Watch, computed_once
from analysis.exhibits.canvas import Figure
from analysis.study.study import Study
from smalln import Comparison, compare


class Ran:
    """What IPython tells of a cell before it runs."""

    raw_cell = ""


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watch = Watch(open_study(STUDY, WAVE), shell=None)
    monkeypatch.setattr(cell, "_current", watch)
    watch.begin(Ran)
    yield watch
    watch.end()


def names(watch: Watch) -> set[Any]:
    watch.end()
    return {function["name"] for function in watch.reached()}


def compared(study: Study) -> Comparison:
    found = compare(study.outcome(), study.factor("unit_type"))
    assert isinstance(found, Comparison)
    return found


def test_drawing_is_no_part_of_what_a_claim_reached_and_what_follows_is(watched: Watch) -> None:
    drawn = []

    def draw(axes: Axes, _: Any) -> None:
        drawn.append(compared(watched.study))

    figure = Figure("a", "b", "c", pd.DataFrame({"x": [1]}))
    figure.draw = draw
    figure._repr_mimebundle_()
    watched.study.outcome()
    reached = names(watched)
    assert "Study.outcome" in reached
    assert len(drawn) == 2
    assert "compare" not in reached


def test_a_second_cell_computes_nothing_and_is_told_everything(watched: Watch) -> None:
    made = []

    def inner() -> float | None:
        made.append("inner")
        return compared(watched.study).difference

    def outer() -> float:
        made.append("outer")
        within = computed_once(watched.study, "inner", inner) or 0.0
        return within + float(watched.study.outcome().sum())

    first = computed_once(watched.study, "outer", outer)
    reached, rows = names(watched), watched.study.log.evidence()
    assert {"compare", "Study.factor", "Study.outcome"} <= reached
    # of 13 pilots who is named and the level, of five the name by which the text calls them a city
    assert len([row for row in rows if not row.key]) == 13 + 13 + 5
    watched.begin(Ran)
    assert names(watched) == set()
    assert watched.study.log.evidence() == []
    watched.begin(Ran)
    assert computed_once(watched.study, "outer", outer) == first
    assert made == ["outer", "inner"]
    assert names(watched) == reached
    assert watched.study.log.evidence() == rows
    # a part of it is told its part alone, and what a cell reaches beside it is still seen
    watched.begin(Ran)
    computed_once(watched.study, "inner", inner)
    watched.study.numbers("stage")
    assert made == ["outer", "inner"]
    assert "Study.numbers" in names(watched)


def test_a_recoded_study_and_one_outside_a_notebook_are_computed_anew(watched: Watch) -> None:
    study = watched.study
    (pilot,) = [p for p, y in zip(study.pilots, study.outcome(), strict=True) if y == 1][:1]
    variable = study.main_outcome().variable
    before = computed_once(study, "compared", lambda: compared(study))
    recoded = study.with_changes({(pilot, variable): "no"})
    after = computed_once(recoded, "compared", lambda: compared(recoded))
    assert before.difference != after.difference
    assert computed_once(study, "compared", lambda: compared(recoded)) == before
    other = open_study(STUDY, WAVE)
    assert computed_once(other, "compared", lambda: "anew") == "anew"


def test_what_fails_is_not_kept_and_the_cell_is_watched_on(watched: Watch) -> None:
    def fails() -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        computed_once(watched.study, "fails", fails)
    assert computed_once(watched.study, "fails", lambda: 1.0) == 1.0
    compared(watched.study)
    assert "compare" in names(watched)
