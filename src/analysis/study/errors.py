"""What goes wrong with a study's data, in one message."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


class StudyError(Exception):
    """Data of a study break a rule; the message names the thing, the place and the mend."""


def declared(known: Mapping[str, T], name: str, place: str) -> T:
    """Return what is declared under a name.

    Raises:
        StudyError: nothing is; the message says where it was looked for and what there is.
    """
    if name not in known:
        raise StudyError(f"{place}: no {name!r}; declared: {', '.join(known) or 'none'}")
    return known[name]
