"""Pictures of policy pages: what they write and where, wide and narrow, for few pilots and many."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims.words import translated
from analysis.exhibits import charts
from analysis.exhibits.canvas import NARROW, WIDE, figure
from analysis.exhibits.charts import field, grid, key, mark, put, scale, sheet, tiers

WIDTHS = pytest.mark.parametrize("width", [WIDE, NARROW])


@pytest.fixture(scope="module")
def study() -> Any:
    return open_study(STUDY, WAVE)


def axis(width: float) -> Any:
    return Canvas(figsize=(width, 5)).subplots()


def said(words: Any, /, **values: Any) -> str:
    return translated("en", words, **values)


def written(ax: Any) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def test_a_curve_without_a_value_is_not_told_and_of_such_alone_nothing_is_drawn() -> None:
    curves = pd.DataFrame({"b": [np.nan] * 2, "a": [0.1, 0.9]})
    assert said(charts.said_of_curves(curves, curves)) == "a: 0.1 at 0 to 0.9 at 1."
    none = figure(title="t", subtitle="s", description="d", data=curves[["b"]])
    none.draw = lambda *_: pytest.fail("drawn")
    assert none._repr_mimebundle_() == {"text/plain": ""}


def test_shape_not_colour_alone_tells_who_is_named() -> None:
    assert mark(1)["marker"] != mark(0)["marker"]
    assert mark(1)["markerfacecolor"] != mark(1, filled=False)["markerfacecolor"]


@WIDTHS
def test_words_are_broken_within_their_share(width: float) -> None:
    ax = axis(width)
    put(ax, 0, 0, "taken into the city's own programme", 0.2)
    put(ax, 0, 0, "first\nsecond", 1)
    (long, short) = (text.get_text() for text in ax.texts)
    assert long.count("\n") >= 1
    assert long.replace("\n", " ") == "taken into the city's own programme"
    assert short == "first\nsecond"


def test_what_is_not_reported_is_hatched_and_says_so() -> None:
    ax = axis(WIDE)
    sheet(ax, 1)
    field(ax, (0.1, 0, 0.5, 0.8), text="not reported")
    (patch,) = (each for each in ax.patches if isinstance(each, Rectangle))
    assert patch.get_hatch() == charts.SILENT
    assert written(ax) == ["not reported"]


@WIDTHS
def test_stages_lie_in_order_and_each_has_its_word(study: Any, width: float) -> None:
    ax = axis(width)
    sheet(ax, 3, 2, 4)
    at = scale(ax, said, study, 0.2, 0.8)
    assert list(at.index) == [0, 1, 2, 3, 4, 5]
    assert (np.diff(at) > 0).all()
    assert (at.iloc[0], round(at.iloc[-1], 9)) == (0.2, 0.8)
    every = " ".join(written(ax))
    assert all(label in every for label in study.labels("stage").values())


@pytest.mark.parametrize("differ", [False, True])
def test_the_key_says_that_not_named_is_not_on_schedule(study: Any, differ: bool) -> None:
    ax = axis(WIDE)
    key(ax, said, study, differ=differ)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words[0] == "named as slow"
    assert "not “on schedule”" in words[1]
    assert len(words) == 2 + differ


def dots(study: Any) -> pd.DataFrame:
    factor = study.factor("leadership_change", window="since_designation")
    text = study.factor("leadership_change")
    other = factor.notna() & text.isna()
    return pd.DataFrame({"named": study.outcome(), "value": factor, "other": other})


def test_rows_of_a_grid_hold_each_pilot_once(study: Any) -> None:
    found = tiers(dots(study), 2)
    assert [way for way, *_ in found] == ["yes", "", "no"]
    assert [[len(each) for each in both] for _, both, _ in found] == [[3, 2], [2, 6], [0, 0]]
    assert [lines for *_, lines in found] == [2, 3, 1]


@WIDTHS
def test_a_grid_names_each_pilot_in_its_box(study: Any, width: float) -> None:
    ax, points = axis(width), dots(study)
    places = grid(ax, said, study, "leadership_change", points)
    assert set(places.index) == set(study.pilots)
    words = written(ax)
    assert {"Liaoyuan*", "Siping*", "Fusong"} <= set(words)
    assert {"named as slow (5)", "not named as slow (8)", "0 pilots"} <= set(words)
    # named ones stand left of the others, and what is reported above what is not
    named = points["named"] == 1
    assert places["x"][named[named].index].max() < places["x"][named[~named].index].min()
    assert places["y"]["fusong"] < places["y"]["soudengzhan"]
    assert len(places.drop_duplicates()) == len(places)


@WIDTHS
def test_of_many_pilots_a_grid_gives_numbers(
    study: Any, width: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "MOST_NAMED", 12)
    ax = axis(width)
    assert grid(ax, said, study, "leadership_change", dots(study)).empty
    assert {"3 pilots", "2 pilots", "6 pilots"} <= set(written(ax))
