"""What a search over recodings has been answered before.

A search asks a study the same under tens of thousands of sets of recodings, of which most differ in
cells that an answer does not rest on. So an answer is kept with the variables whose cells were read
for it: under the same recodings of these it would be the same, since what is read next depends on
what was read so far alone.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from analysis.study.base import Base
from analysis.study.record import Record

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Base)


def kept(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Have a study's recoded copies in a search keep what `method` answers.

    A study whose record is detailed answers anew, and so does one that is asked with anything but
    words, truth values and None.
    """

    @wraps(method)
    def answer(study: S, /, *args: P.args, **more: P.kwargs) -> T:
        record = study.record
        if record.detailed:
            return method(study, *args, **more)
        question = (method.__name__, args, *more.items())
        try:
            known = study.unchanged[question]
        except (KeyError, TypeError):
            if not all(map(_is_word, (*args, *more.values()))):
                return method(study, *args, **more)
            # what is left out means the same as what stands for it
            meant = signature(method).bind(study, *args, **more)
            meant.apply_defaults()
            asked = (method.__name__, *list(meant.arguments.items())[1:])
            known = study.unchanged[question] = study.unchanged.setdefault(asked, {})
        for variables, answers in known.items():
            given = answers.get(study.recoded(variables))
            if given is not None:
                record.touch(variables)
                record.tally(*given[1:])
                return cast(T, given[0])
        part = Record(detailed=False)
        value = method(study.with_changes(study.changes, part), *args, **more)
        found: dict[Any, Any] = known.setdefault(frozenset(part.touched), {})
        found[study.recoded(part.touched)] = value, part.all_known, part.any_assumed
        record.touch(part.touched)
        record.tally(part.all_known, part.any_assumed)
        return value

    return answer


def _is_word(given: object) -> bool:
    return given is None or isinstance(given, str | bool)
