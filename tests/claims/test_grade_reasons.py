"""The reason of a grade names the condition that decided, in both languages."""

from typing import Any

import pytest

from analysis.claims.grades import Quantity, judged, reason
from analysis.study.read_log import Read


def row(known: bool = True, assumed: bool = False) -> Any:
    return Read("codings.csv", 2, "a", "b", known, assumed)


ROWS = [row()] * 18 + [row(known=False)] * 8


@pytest.mark.parametrize(
    ("quantity", "rows", "analyses", "english", "chinese"),
    [
        (Quantity(5, "count"), [row()] * 13, False, "all 13 rows used are known", "13行数据全部已知"),
        (Quantity(0.7, "difference", p_value=0.021), [row()], False, "p = .021 is at most", "不超过0.05"),
        (Quantity(0.2, "difference", p_value=0.6), [row()], False, "p = .600 is above", "大于0.05"),
        (Quantity(None, "difference", interval=(-0.7, 1)), ROWS, False, "8 of the 26 rows used are unknown, and the range contains 0", "范围包含0"),
        (Quantity(None, "difference", interval=(0.1, 1)), ROWS, False, "does not contain 0", "不包含0"),
        (Quantity(None, "ratio", interval=(0.5, 2)), ROWS, False, "contains 1", "包含1"),
        (Quantity(None, "share", interval=(0, 1)), ROWS, False, "all that is possible", "一切可能"),
        (Quantity(None, "p_value", interval=(0.01, 1)), ROWS, False, "both sides of .05", "跨过0.05"),
        (Quantity(0.3, "share"), ROWS, False, "no range holds", "不存在"),
        (Quantity(0.8, "difference", p_value=0.01), [row(False, True), row()], False, "1 of the 2 rows used are filled by an assumption", "按假定填入"),
        (Quantity(5, "count"), ROWS, True, "analyses", "分析"),
        (Quantity(5, "count"), [], False, "the method alone", "只涉及方法"),
        (None, ROWS, False, "no answer", "没有结果"),
    ],
)  # fmt: skip
def test_the_reason_says_which_condition_decided(
    quantity: Quantity | None, rows: list[Any], analyses: bool, english: str, chinese: str
) -> None:
    known, assumed = all(r.known for r in rows), any(r.assumed for r in rows)
    condition = judged(quantity, known, assumed, counts_analyses=analyses)[1]
    said = reason(condition, quantity or Quantity(None), rows)
    assert english in said.in_language("en")
    assert chinese in said.in_language("zh")
