"""Tables and figures are whole in every language: words, data, markup, bytes."""

import base64
import io
import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from PIL import Image
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims import Month, _, cell
from analysis.claims.cell import MIME, Watch
from analysis.claims.words import say
from analysis.exhibits.canvas import ACCENT, INK, PALE, PAPER, Figure, figure, fitted, is_narrow
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


def test_a_figure_hands_its_axis_to_its_cell_once_for_each_picture(
    study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[Any] = []
    monkeypatch.setattr("analysis.exhibits.canvas.display", displayed.append)
    narrow: list[bool] = []

    @figure(title="none", subtitle="none", description="none", data=FRAME, narrow=3)
    def two(ax: Any, _: Any) -> None:
        narrow.append(is_narrow(ax))
        ax.plot([0, 1], [1, 0])

    assert displayed == [two]
    shown = two._repr_mimebundle_()[MIME]["en"]
    assert shown.count("<svg") == 2
    assert shown.count('role="img"') == 1
    assert narrow == [False, True] * 2


def test_colours_of_a_figure_are_variables_with_a_value_of_their_own(study: Any) -> None:
    def draw(ax: Any, _: Any) -> None:
        colours = {"facecolor": "white", "edgecolor": PALE, "hatch": "////"}
        ax.add_patch(Rectangle((0, 0), 1, 1, **colours))
        ax.plot([0, 1], [1, 0], color=ACCENT)
        ax.text(0, 0, 'style="fill: #1b2a41"')

    made = Figure("none", "none", "none", FRAME)
    made.draw = draw
    svg = made._repr_mimebundle_()[MIME]["en"]
    rules = dict(re.findall(r"\.(f[0-9a-f]{8})\{([^}]*)\}", svg))
    assert {*re.findall(r'<[^<>]* class="([^"]*)"', svg)} - {"analysis", "picture"} >= rules.keys()
    assert not re.findall(r'<[^<>]* style="', svg)
    styles = " ".join(rules.values())
    for name, value in (("ink", INK), ("accent", ACCENT), ("pale", PALE), ("paper", PAPER)):
        assert f"var(--figure-{name}, {value})" in styles
    assert not re.findall(r"(?<!, )#[0-9a-f]{6}", styles)
    assert '>style="fill: #1b2a41"<' in svg
    pattern = re.search(r"<pattern.*?</pattern>", svg, re.DOTALL)
    assert pattern is not None
    (look,) = re.findall('class="(.*?)" */>', pattern[0].split("<path")[-1])
    assert "--figure-pale" in rules[look]


@pytest.mark.parametrize("width", [None, 3.0])
def test_words_that_are_too_long_go_on_in_another_line(study: Any, width: float | None) -> None:
    shown = drawn("A title of many words that says what was found, and where " * 2, narrow=width)
    svgs = re.findall("<svg.*?</svg>", shown[MIME]["en"], re.DOTALL)
    assert [
        len(re.findall("<text", s[s.index('id="title"') :].split("</g>")[0])) for s in svgs
    ] == ([2] if width is None else [2, 4])


@pytest.mark.parametrize("points", range(5, 30, 3))
def test_a_line_does_not_begin_with_a_stop(points: int) -> None:
    words = "一二“三四”五，六七（八九）十。2016年检查"
    lines = fitted(Canvas(figsize=(1, 1)), words, points).split("\n")
    assert "".join(lines) == words
    assert not [line for line in lines if line[0] in "，”）。" or line[-1] in "“（"]
    assert any("2016" in line for line in lines)


def test_a_picture_to_be_saved_is_small_and_the_same_to_the_byte(study: Any) -> None:
    first, second = (drawn(narrow=3.0)[MIME]["png"] for _ in range(2))
    assert first == second
    assert set(first) == {"en", "zh"}
    for png in map(base64.b64decode, first.values()):
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.size == (1140, 630)
        assert len(png) < 60_000


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
