"""Words that render in any language: one rounding rule, one table of units, lists, months."""

import numpy as np
import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims.words import (
    Amount,
    Joined,
    Message,
    Month,
    _,
    difference,
    fill,
    lower_higher,
    p_text,
    percent,
    rounded,
    say,
)
from analysis.study import StudyError
from smalln.result import NotEstimable

UNITS = open_study(STUDY, WAVE).codebook.units


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (0.125, 2, "0.13"),
        (2.5, 0, "3"),
        (0.1 + 0.2, 1, "0.3"),
        ("1.005", 2, "1.01"),
        (-0.5, 0, "-1"),
    ],
)
def test_half_is_rounded_up_on_the_decimal_digits(number: float, places: int, text: str) -> None:
    assert rounded(number, places) == text


def test_differences_carry_a_sign_and_zero_none() -> None:
    assert [difference(n) for n in (0.8, -8 / 11, 0.0, -0.0001)] == [
        "+0.800",
        "-0.727",
        "0.000",
        "-0.000",
    ]


def test_p_values_keep_a_digit_that_tells() -> None:
    assert [p_text(n) for n in (0.0349, 0.00078, 1.0, 0.9996)] == [".035", ".0008", "1", "1"]
    assert [p_text(n) for n in (0.00005, 0.00004, 1e-300)] == [".0001", "<.0001", "<.0001"]
    assert say(1e-9, "zh", "p") == "<0.0001"


@pytest.mark.parametrize(
    ("lower", "upper", "en", "zh"),
    [
        (
            -8 / 11,
            1,
            "anywhere from 73 points lower to 100 points higher",
            "可能低73个百分点，也可能高100个百分点",
        ),
        (0.048, 0.857, "from 5 points higher to 86 points higher", "高5个百分点至高86个百分点"),
        (-0.5, -0.1, "from 50 points lower to 10 points lower", "低50个百分点至低10个百分点"),
        (0.8, 0.8, "80 points higher", "高80个百分点"),
        (-0.5, 0, "from 50 points lower to 0 points higher", "低50个百分点至高0个百分点"),
    ],
)
def test_a_range_says_lower_and_higher_by_its_signs(
    lower: float, upper: float, en: str, zh: str
) -> None:
    words = lower_higher(lower, upper)
    assert (words.in_language("en"), words.in_language("zh")) == (en, zh)


def test_a_share_is_a_percentage_of_one_place() -> None:
    assert percent(70 / 219) == "32.0%"
    # none by rounding alone is not none
    assert [percent(0.0), percent(0.0004), percent(0.0005)] == ["0.0%", "<0.1%", "0.1%"]
    assert percent(0.004, 0) == "<1%"


def test_of_one_nothing_is_said_in_the_plural() -> None:
    words = "of {k:pilots} {n:are} slow"
    assert fill(words, {"k": 1, "n": 0}, "en") == "of 1 pilot 0 are slow"
    assert fill(words, {"k": 2, "n": 1}, "en") == "of 2 pilots 1 is slow"


def test_what_is_below_the_smallest_p_is_not_equal_to_it() -> None:
    assert fill("p = {p:p}", {"p": 1e-9}, "en") == "p < .0001"
    assert fill("P={p:p}", {"p": 1e-9}, "zh") == "P<0.0001"
    assert fill("p = {p:p}", {"p": 0.5}, "en") == "p = .500"


def test_months_are_words_in_english_and_figures_in_chinese() -> None:
    month = Month("2016-01")
    assert (month.in_language("en"), month.in_language("zh")) == ("January 2016", "2016年1月")
    assert Month("2015-04-07").in_language("zh") == "2015年4月"
    assert fill("{m:month}", {"m": "2016-06"}, "zh") == "2016年6月"


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (Amount("183.34", UNITS["100m CNY"]), "CNY 18.334 billion", "183.34亿元"),
        (Amount("268211", UNITS["10k CNY"]), "CNY 2,682.11 million", "268211万元"),
        (Amount("117.5", UNITS["10k persons"]), "1,175,000 people", "117.5万人"),
    ],
)
def test_a_sum_keeps_its_digits_in_every_language(amount: Amount, en: str, zh: str) -> None:
    assert (say(amount, "en"), say(amount, "zh")) == (en, zh)


def test_values_that_know_their_languages_fill_by_language() -> None:
    words = {"what": {"en": "x", "zh": "叉"}, "when": Month("2016-01")}
    assert fill("{when}: {what}", words, "en") == "January 2016: x"
    assert fill("{when}：{what}", words, "zh") == "2016年1月：叉"
    inside = Message("{what}!", {"what": Message("none")})
    assert inside.in_language("zh") == "无!"


def test_sentences_are_joined_as_the_language_has_it() -> None:
    parts = Joined([Message("One."), "", Message("Two.")])
    assert (say(parts, "en"), say(parts, "zh")) == ("One. Two.", "One.Two.")


def test_a_refusal_is_said_by_its_reason() -> None:
    assert "nothing" in say(_("{why}", why=NotEstimable("nothing varies")), "en")


def test_nothing_is_said_of_what_is_missing() -> None:
    assert (say(None, "en"), say(float("nan"), "zh", "percent")) == ("", "")


def test_a_template_that_names_nothing_known_fails() -> None:
    with pytest.raises(StudyError, match=r"'a \{nothing\}' \(en\): no value for \{nothing\}"):
        fill("a {nothing}", {}, "en")


@pytest.mark.parametrize("value", [None, float("nan"), np.float64("nan")])
def test_no_sentence_has_a_hole(value: object) -> None:
    """Found: a claim without a test read `p = .`."""
    with pytest.raises(StudyError, match=r"no value for \{p\}"):
        _("p = {p:p}", p=value).in_language("zh")
