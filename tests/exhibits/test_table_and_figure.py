"""Tables and figures are whole in every language: words, data, markup, bytes."""

import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims import Month, _, cell
from analysis.claims.cell import MIME, Watch
from analysis.claims.words import say
from analysis.exhibits.canvas import Figure, figure
from analysis.exhibits.table import Table, coded_by
from analysis.study.passes import Coders

FRAME = pd.DataFrame({"x": ["<i>", "b"], "y": [None, 0.25]})


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A study that is watched, as in a notebook: what is shown comes in its languages."""
    opened = open_study(STUDY, WAVE)
    monkeypatch.setattr(cell, "_current", Watch(opened, shell=None))
    return opened


def drawn(title: str = "Range & more", axis: Any = "none", **more: Any) -> dict[str, Any]:
    def draw(ax: Any, _: Any) -> None:
        ax.plot([0, 1], [0, 1])
        ax.set_xlabel(_(axis))

    made = Figure(title, "none", "none", FRAME, **more)
    made.draw = draw
    shown: dict[str, Any] = made._repr_mimebundle_()
    return shown


def words_of(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_figure_is_the_same_to_the_byte_with_text_as_text(study: Any) -> None:
    first, second = drawn(), drawn()
    assert first == second
    assert re.search(r"<text[^>]*>无</text>", first[MIME]["zh"])
    assert 'aria-label="Range &amp; more"' in first[MIME]["en"]
    assert first[MIME]["csv"]["names"] == ["x", "y"]


def test_the_source_line_stands_inside_the_picture(study: Any) -> None:
    for narrow in (None, 3.0):
        shown = drawn(narrow=narrow)[MIME]
        for svg in re.findall("<svg.*?</svg>", shown["en"], re.DOTALL):
            assert "not an official document" in " ".join(words_of(svg))
        for svg in re.findall("<svg.*?</svg>", shown["zh"], re.DOTALL):
            assert "不是官方文件" in "".join(words_of(svg))
            assert "2016年1月" in "".join(words_of(svg))


@pytest.mark.parametrize(
    ("told", "reviewed", "words"),
    [
        (
            (3, 1, 0),
            False,
            "Coded by one language model (3 passes); no person has reviewed it yet.",
        ),
        ((1, 1, 0), False, "Coded by one language model; no person has reviewed it yet."),
        ((1, 1, 0), True, "Coded by one language model."),
        ((3, 3, 0), False, "Coded by several language models; no person has reviewed it yet."),
        ((2, 0, 1), False, "Coded by one person (2 passes)."),
        ((2, 0, 2), False, "Coded by several persons."),
        ((3, 1, 1), False, "Coded by language models and persons (3 passes)."),
        ((0, 0, 0), False, "Values from a register; no text was coded."),
    ],
)
def test_who_coded_how_often_is_said_as_the_passes_tell_it(
    told: tuple[int, int, int], reviewed: bool, words: str
) -> None:
    declared = SimpleNamespace(reviewed_by_person=reviewed)
    study: Any = SimpleNamespace(coders=lambda: Coders(*told), declared=declared)
    assert say(coded_by(study), "en") == words


def test_a_character_without_a_glyph_fails_instead_of_a_box(study: Any) -> None:
    with pytest.raises(UserWarning, match="missing"):
        drawn(axis="\U000f0000")


def test_a_figure_of_two_panels_hands_both_axes_to_its_cell(
    study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[Any] = []
    monkeypatch.setattr("analysis.exhibits.canvas.display", displayed.append)

    @figure(title="none", subtitle="none", description="none", data=FRAME, panels=(1, 2))
    def two(axes: Any, _: Any) -> None:
        upper, lower = axes
        upper.plot([0, 1], [1, 0])
        lower.plot([0, 1], [0, 1])

    assert displayed == [two]
    assert two._repr_mimebundle_()[MIME]["en"].count('id="axes_') == 2


def test_a_table_escapes_and_can_be_read_out(study: Any) -> None:
    table = Table(FRAME, "A <b>", {"x": "none", "y": _("none")}, {"y": "percent0"})
    shown = table._repr_mimebundle_()[MIME]
    html = shown["en"]
    assert "<caption>A &lt;b&gt;</caption>" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 2
    assert "&lt;i&gt;" in html
    assert '<th scope="col">无</th>' in shown["zh"]
    assert shown["csv"]["rows"] == [["<i>", ""], ["b", "25%"]]


def test_a_table_shows_levels_of_the_index_and_words_of_a_study(study: Any) -> None:
    frame = pd.DataFrame(
        {"stage": [study.variable("stage").levels["4"]], "when": [Month("2016-01")]},
        index=pd.Index([study.pilot_name("panshi")], name="pilot"),
    )
    columns = {"pilot": "none", "stage": "none", "when": "none"}
    shown = Table(frame, "none", columns)._repr_mimebundle_()[MIME]
    assert '<th scope="row">Panshi</th>' in shown["en"]
    assert "<td>2016年1月</td>" in shown["zh"]


def test_outside_a_notebook_exhibits_are_english() -> None:
    shown = Table(FRAME, "none", {"x": "none"}, source="none")._repr_mimebundle_()[MIME]
    assert "en" in shown
    assert "zh" not in shown
