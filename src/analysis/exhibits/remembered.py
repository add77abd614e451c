"""What several cells of a notebook ask for, computed once: each is told all that it rests on."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from analysis.exhibits.cell import current
from analysis.study.reader import Study

T = TypeVar("T")


def remembered(study: Study, key: Hashable, compute: Callable[[], T]) -> T:
    """Return what `compute` gives for the study, from an earlier cell if one asked for `key`.

    The rows that it asked for and the functions that it reached are noted for each cell that uses
    it, as if the cell had computed it. Only for the watched study as it is: a recoded one, and a
    study outside a notebook, are computed anew. What is returned must not be changed.
    """
    watched = current()
    if watched is None or watched.study is not study:
        return compute()
    if key in watched.kept:
        value, asked, reached = watched.kept[key]
        study.record.note(asked)
    else:
        before = len(study.record.asked)
        with watched.apart() as reached:
            value = compute()
        watched.kept[key] = value, study.record.asked[before:], reached
    watched.more |= reached
    found: T = value
    return found
