"""Grades come from the cells: each rule of the design."""

from typing import Any

import pytest

from analysis.claims.grades import grade, informative, sign

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
    assert grade(**{**BASE, **given}) == expected


def test_a_sign_is_known_only_off_the_neutral_value() -> None:
    assert sign("difference", 0.3, None) == 1
    assert sign("difference", -1e-15, None) == 0
    assert sign("ratio", 0.5, None) == -1
    assert sign("difference", None, (-0.2, 0.4)) == 0
    assert sign("difference", None, (0.1, 0.4)) == 1
    assert sign("count", 5, None) == 0
    assert not informative("difference", (0.0, 1.0))
