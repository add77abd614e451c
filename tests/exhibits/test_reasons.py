"""Why a method cannot answer is said in each language, from the catalogues."""

import ast

from analysis.exhibits.reasons import _chinese, reason_words
from support import ROOT

from smalln import NotEstimable, boschloo


def test_a_reason_is_translated_and_then_filled() -> None:
    found = boschloo([[100, 101], [3, 4]])
    assert isinstance(found, NotEstimable)
    words = reason_words(found)
    assert words["en"].startswith("a group of 201 is above 200")
    assert words["zh"].startswith("一组有201个单位，超过200：")


def test_several_reasons_are_joined_as_each_language_joins_them() -> None:
    both = NotEstimable("every unit has the same outcome", {}, (NotEstimable("untold"),))
    assert reason_words(both) == {
        "en": "every unit has the same outcome; untold",
        "zh": "所有单位结果相同；untold",
    }


def test_every_reason_of_the_package_is_in_a_catalogue() -> None:
    for path in (ROOT / "src" / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "NotEstimable":
                assert ast.literal_eval(node.args[0]) in _chinese(), path
