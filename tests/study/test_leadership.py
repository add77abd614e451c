"""A change of leadership from dated spells: each rule of the design, one by one."""

import pytest

from analysis.study.external_facts import any_changed, months_between, post_changed

FIRST, LAST = "2013-02", "2015-12"
Spell = dict[str, str]


def held(
    holder: str = "H1",
    start: str = "",
    end: str = "",
    first: str = "",
    last: str = "",
    role: str = "head",
) -> Spell:
    seen = {"seen_first": first, "seen_last": last}
    return {"role": role, "holder_id": holder, "start": start, "end": end, **seen}


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
    assert post_changed(spells, FIRST, LAST) is expected


def test_one_changed_post_is_enough_and_no_needs_every_post() -> None:
    stayed = held(start="2012-01", last="2016-01")
    left = held("H3", start="2010-01", end="2014-01", role="secretary")
    kept = held("H3", start="2010-01", last="2016-01", role="secretary")
    assert any_changed([stayed, left], ("head", "secretary"), FIRST, LAST) is True
    assert any_changed([stayed, left], ("head",), FIRST, LAST) is False
    assert any_changed([stayed, kept], ("head", "secretary"), FIRST, LAST) is False
    assert any_changed([stayed], ("head", "secretary"), FIRST, LAST) is None
    assert any_changed([], (), FIRST, LAST) is None


def test_months_count_across_years() -> None:
    assert months_between("2013-01", "2016-01") == 36
    assert months_between("2015-04-07", "2016-01") == 9
    assert months_between("2015-12", "2016-01") == 1
