"""Numbers and sentences in two languages: one rounding rule, one table of units."""

import string

import pytest

from analysis.exhibits.wording import (
    Amount,
    Names,
    difference,
    fill,
    listed,
    lower_higher,
    month,
    p_text,
    percent,
    points,
    rounded,
    term,
    terms,
)


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
    assert lower_higher(lower, upper, "en") == en
    assert lower_higher(lower, upper, "zh") == zh


def test_shares_and_points() -> None:
    assert percent(70 / 219) == "32.0%"
    assert points(-8 / 11) == "73"


def test_lists_read_as_lists() -> None:
    assert listed(["A"], "en") == "A"
    assert listed(["A", "B", "C"], "en") == "A, B and C"
    assert listed(["甲", "乙"], "zh") == "甲、乙"
    assert (listed([], "en"), listed([], "zh")) == ("none", "无")


def test_months_are_words_in_english_and_figures_in_chinese() -> None:
    assert (month("2016-01", "en"), month("2016-01", "zh")) == ("January 2016", "2016年1月")
    assert month("2015-04-07", "zh") == "2015年4月"


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (Amount("183.34", "100m CNY"), "CNY 18.334 billion", "183.34亿元"),
        (Amount("268211", "10k CNY"), "CNY 2682.11 million", "268211万元"),
    ],
)
def test_a_sum_keeps_its_digits_in_both_languages(amount: Amount, en: str, zh: str) -> None:
    values = {"sum": amount}
    assert (fill("{sum}", values, "en"), fill("{sum}", values, "zh")) == (en, zh)


def test_names_and_texts_fill_by_language() -> None:
    values = {"who": Names(("A", "B"), ("甲", "乙")), "what": {"en": "x", "zh": "叉"}}
    assert fill("{who}: {what}", values, "en") == "A and B: x"
    assert fill("{who}：{what}", values, "zh") == "甲、乙：叉"


def test_a_template_that_names_nothing_known_fails() -> None:
    with pytest.raises(KeyError):
        fill("{nothing}", {}, "en")


def test_every_label_stands_in_both_languages_with_the_same_fields() -> None:
    for key, words in terms().items():
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(words[lang]) if name}
            for lang in words
        ]
        assert words["en"], key
        assert words["zh"], key
        assert fields[0] == fields[1], key


def test_an_unknown_label_says_where_to_add_it() -> None:
    with pytest.raises(KeyError, match=r"terms\.csv.*in both languages"):
        term("no.such", "en")
