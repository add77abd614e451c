"""Whether a post changed hands inside a window, from dated spells and sightings (design: data)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.study.months import number


@dataclass(frozen=True)
class Spell:
    """One holder of one post: months in office (numbers, None = unknown) and months seen in it.

    `holder` is opaque; "" is a holder whom the source does not tell from others.
    """

    role: str
    holder: str
    start: int | None
    end: int | None
    seen_first: int | None
    seen_last: int | None
    line: int


def spell(row: Mapping[str, str], line: int) -> Spell:
    """Return the spell of one row of `leaders.csv`."""

    def month(column: str) -> int | None:
        return number(row[column]) if row[column] else None

    return Spell(
        row["role"],
        row["holder_id"],
        month("start"),
        month("end"),
        month("seen_first"),
        month("seen_last"),
        line,
    )


def role_changed(spells: Sequence[Spell], first: int, last: int) -> bool | None:
    """Return whether one post changed hands after month `first` and up to month `last`.

    True: a spell starts or ends inside, or two sightings inside show two holders. False: one
    holder, and no other, is known to have been in office from `first` to `last`. None: neither is
    known; so is a change dated only to the month `first` itself, or one between two sightings of
    which one lies outside the window.
    """
    for each in spells:
        if any(m is not None and first < m <= last for m in (each.start, each.end)):
            return True
    inside = {
        s.holder
        for s in spells
        for m in (s.seen_first, s.seen_last)
        if s.holder and m is not None and first < m <= last
    }
    if len(inside) > 1:
        return True
    for each in spells:
        begun = [m for m in (each.start, each.seen_first) if m is not None]
        held = [m for m in (each.end, each.seen_last) if m is not None]
        throughout = begun and held and min(begun) < first and max(held) >= last
        if each.holder and throughout and not inside - {each.holder}:
            return False
    return None


def changed(spells: Sequence[Spell], roles: Iterable[str], first: int, last: int) -> bool | None:
    """Return whether any of `roles` changed hands: any yes, else all no, else None."""
    answers = [role_changed([s for s in spells if s.role == r], first, last) for r in roles]
    if any(answer is True for answer in answers):
        return True
    return False if answers and all(answer is False for answer in answers) else None
