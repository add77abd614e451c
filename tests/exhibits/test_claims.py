"""A claim knows what its cell asked for and which methods it reached; figures and tables are whole."""

import re
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support import STUDY, WAVE

from analysis.exhibits import Claim, Table
from analysis.exhibits.bundle import MIME
from analysis.exhibits.figures import ranges
from smalln import NotEstimable

SETUP = f"""
from analysis.exhibits import Claim, Claims, watch
from analysis.study.load import load
from smalln import compare
data = watch(load({STUDY!r}, {WAVE!r}))
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    import builtins

    made = InteractiveShell()
    monkeypatch.setattr(builtins, "get_ipython", lambda: made, raising=False)
    monkeypatch.setattr("analysis.exhibits.cell._current", None)
    made.run_cell(SETUP).raise_error()
    return made


def entries(shell: InteractiveShell, cell: str) -> list[dict[str, Any]]:
    done = shell.run_cell(cell, store_history=True)
    done.raise_error()
    found: list[dict[str, Any]] = done.result._repr_mimebundle_()[MIME]["claims"]
    return found


def test_evidence_is_what_the_cell_asked_for_and_no_more(shell: InteractiveShell) -> None:
    shell.run_cell("data.outcome()")
    (entry,) = entries(
        shell,
        'n = data.numbers("stage", ["panshi"])\n'
        'Claim(n.values[0], unit="count", en="{value:0}", zh="{value:0}")',
    )
    assert [(e["pilot_id"], e["variable"], e["value"]) for e in entry["evidence"]] == [
        ("panshi", "stage", "4")
    ]
    assert entry["evidence"][0]["paragraph"] == 7
    assert entry["grade"] == "counted"


def test_functions_are_those_reached(shell: InteractiveShell) -> None:
    (entry,) = entries(
        shell,
        'y, x = data.outcome(), data.factor("unit_type")\n'
        'Claim(compare(y, x), unit="difference", en="{value:difference}", zh="{value:difference}")',
    )
    names = {f["name"] for f in entry["functions"]}
    assert {"compare", "fisher", "risk_difference"} <= names
    assert entry["text"]["en"] == "+0.714"
    assert entry["flips"] == 1
    assert entry["flips_by"]["turns"] == "p"


def test_each_claim_of_several_has_the_rows_of_its_own_pilot(shell: InteractiveShell) -> None:
    found = entries(
        shell,
        'pilots = ["panshi", "liaoyuan"]\nn = data.numbers("stage", pilots)\n'
        'Claims(tuple(Claim(v, unit="count", pilot=p, en="x", zh="x") for p, v in zip(n.pilots, n)))',
    )
    assert [(e["suffix"], {r["pilot_id"] for r in e["evidence"]}) for e in found] == [
        ("liaoyuan", {"liaoyuan"}),
        ("panshi", {"panshi"}),
    ]


def test_a_claim_without_an_answer_says_why_in_words() -> None:
    claim = Claim(NotEstimable("every unit has the same outcome"), "{value:3}", "{value:3}", "alpha")
    assert "every unit has the same outcome" in claim.text("en", "not_identified")
    assert "所有单位结果相同" in claim.text("zh", "not_identified")
    assert claim._repr_mimebundle_()[MIME]["claims"][0]["grade"] == "not_identified"


def figure() -> Any:
    words = {"en": "Range & more", "zh": "范围"}
    return ranges(
        bars=[(words, -0.7, 1.0), (words, 0.8, 0.8)], axis=words, title=words, subtitle=words,
        description=words, source=words,
    )  # fmt: skip


def test_a_figure_is_the_same_to_the_byte_with_text_as_text() -> None:
    first, second = figure()._repr_mimebundle_(), figure()._repr_mimebundle_()
    assert first == second
    assert re.search(r"<text[^>]*>范围</text>", first[MIME]["zh"])
    assert 'aria-label="Range &amp; more"' in first[MIME]["en"]
    assert first[MIME]["csv"]["names"] == ["reading", "lower", "upper"]


def test_a_character_without_a_glyph_fails_instead_of_a_box() -> None:
    odd = {"en": "x", "zh": "\U000f0000"}
    broken = ranges(
        bars=[(odd, 0, 1)], axis=odd, title=odd, subtitle=odd, description=odd, source=odd
    )
    with pytest.raises(UserWarning, match="missing"):
        broken._repr_mimebundle_()


def test_a_table_escapes_and_can_be_read_out() -> None:
    words = {"en": "A <b>", "zh": "甲"}
    shown = Table(
        words, {"x": words, "y": words}, [["<i>", None], ["b", 2]], words
    )._repr_mimebundle_()
    html = shown[MIME]["en"]
    assert "<caption>A &lt;b&gt;</caption>" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 2
    assert "&lt;i&gt;" in html
    assert shown[MIME]["csv"]["rows"] == [["<i>", ""], ["b", "2"]]
