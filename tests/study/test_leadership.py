"""A change of leadership from dated spells: each rule of the design, one by one."""

import pytest

from analysis.study.leadership import Spell, changed, role_changed
from analysis.study.months import between, number

FIRST, LAST = number("2013-02"), number("2015-12")


def month(text: str | None) -> int | None:
    return number(text) if text else None


def held(
    holder: str = "H1",
    start: str | None = None,
    end: str | None = None,
    first: str | None = None,
    last: str | None = None,
    role: str = "head",
) -> Spell:
    return Spell(role, holder, month(start), month(end), month(first), month(last), 2)


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        # a start or an end inside the window is a change
        ([held(start="2014-05")], True),
        ([held(start="2010-01", end="2013-03")], True),
        ([held(start="2010-01", end="2015-12")], True),
        # dated only to the window's first month: before or after it is not known
        ([held(end="2013-02")], None),
        ([held(start="2013-02", last="2016-01")], None),
        # after the window
        ([held(start="2010-01", end="2016-02")], False),
        # no only if one person is known to have held the post throughout
        ([held(start="2012-01", last="2016-01")], False),
        ([held(first="2012-01", last="2015-12")], False),
        ([held(start="2012-01", last="2015-11")], None),
        ([held("", start="2012-01", last="2016-01")], None),
        # two holders seen inside: changed in between; one seen outside: when is not known
        ([held("H1", first="2013-05", last="2013-05"), held("H2", first="2015-06", last="2015-06")], True),
        ([held("H1", first="2012-05", last="2012-05"), held("H2", first="2015-06", last="2015-06")], None),
        ([held("", first="2013-05", last="2013-05"), held("", first="2015-06", last="2015-06")], None),
        # nothing known
        ([], None),
        ([held()], None),
    ],
)  # fmt: skip
def test_one_post(spells: list[Spell], expected: bool | None) -> None:
    assert role_changed(spells, FIRST, LAST) is expected


def test_one_changed_post_is_enough_and_no_needs_every_post() -> None:
    stayed = held(start="2012-01", last="2016-01")
    left = held("H3", start="2010-01", end="2014-01", role="secretary")
    kept = held("H3", start="2010-01", last="2016-01", role="secretary")
    assert changed([stayed, left], ("head", "secretary"), FIRST, LAST) is True
    assert changed([stayed, left], ("head",), FIRST, LAST) is False
    assert changed([stayed, kept], ("head", "secretary"), FIRST, LAST) is False
    assert changed([stayed], ("head", "secretary"), FIRST, LAST) is None
    assert changed([], (), FIRST, LAST) is None


def test_months_count_across_years() -> None:
    assert between("2013-01", "2016-01") == 36
    assert between("2015-04-07", "2016-01") == 9
    assert number("2016-01") - number("2015-12") == 1
