"""Grades come from the cells: each rule of the design."""

from typing import Any

import pytest

from analysis.claims import Claim
from analysis.claims.grades import Quantity, count, judged, share
from analysis.study import StudyError
from smalln.result import NotEstimable

BASE: dict[str, Any] = {
    "unit": "difference", "all_known": True, "any_assumed": False, "estimable": True,
    "interval": None, "p_value": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "counted"),
        ({"p_value": 0.3}, "counted"),
        ({"p_value": 0.05}, "suggestive"),
        ({"all_known": False, "interval": (-0.7, 1.0)}, "not_identified"),
        ({"all_known": False, "interval": (0.05, 0.86)}, "bounded"),
        ({"all_known": False, "interval": (-0.9, -0.1)}, "bounded"),
        ({"all_known": False, "interval": (0.0, 0.9)}, "not_identified"),
        ({"all_known": False}, "not_identified"),
        ({"unit": "ratio", "all_known": False, "interval": (0.2, 0.9)}, "bounded"),
        ({"unit": "ratio", "all_known": False, "interval": (0.9, 2.0)}, "not_identified"),
        ({"unit": "share", "all_known": False, "interval": (0.1, 1.0)}, "bounded"),
        ({"unit": "share", "all_known": False, "interval": (0.0, 1.0)}, "not_identified"),
        # a range of p tells something if it is on one side of .05 as a whole
        ({"unit": "p_value", "all_known": False, "interval": (0.0008, 1.0)}, "not_identified"),
        ({"unit": "p_value", "all_known": False, "interval": (0.27, 1.0)}, "bounded"),
        ({"unit": "p_value", "all_known": False, "interval": (0.024, 0.048)}, "bounded"),
        ({"estimable": False}, "not_identified"),
        # what silence was read as never lifts a claim, however small its p
        ({"any_assumed": True, "p_value": 0.001}, "not_identified"),
        # analyses are counted, though something in them is unknown or assumed
        ({"unit": "count", "all_known": False, "counts_analyses": True}, "counted"),
        ({"unit": "count", "any_assumed": True, "counts_analyses": True}, "counted"),
        ({"counts_analyses": True, "estimable": False}, "not_identified"),
    ],
)
def test_the_grade_follows_from_the_cells(given: dict[str, Any], expected: str) -> None:
    asked = {**BASE, **given}
    unit, interval, p = (asked.pop(name) for name in ("unit", "interval", "p_value"))
    known = asked.pop("estimable")
    quantity = Quantity(None, unit, interval=interval, p_value=p) if known else None
    assert judged(quantity, **asked)[0] == expected


def test_a_sign_is_known_only_off_the_neutral_value() -> None:
    assert Quantity(0.3, "difference").sign == 1
    assert Quantity(-1e-15, "difference").sign == 0
    assert Quantity(0.5, "ratio").sign == -1
    assert Quantity(None, "difference", interval=(-0.2, 0.4)).sign == 0
    assert Quantity(None, "difference", interval=(0.1, 0.4)).sign == 1
    assert Quantity(5, "count").sign == 0
    assert not Quantity(None, "difference", interval=(0.0, 1.0)).informative


def test_no_count_is_of_fewer_and_no_share_of_none() -> None:
    with pytest.raises(StudyError, match="5 of 3; allowed: at most as many"):
        Claim(count(5, of=3), "{n} of {of}")
    assert share(0, of=0) == NotEstimable("there are none to take a share of")
