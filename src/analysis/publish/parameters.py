"""The parameters of each notebook, declared once: names, types, choices, defaults."""

import difflib
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from analysis.study import StudyError
from analysis.study.study import Study
from notebook_build.project import Run

Share = Annotated[float, Field(ge=0, le=1)]
# what a build may set: the values that are allowed, and the default
PARAMETERS: dict[str, tuple[Any, Any]] = {
    "silence": (Literal["unknown", "absent", "absent_if_slow"], "unknown"),
    "window": (Literal["since_designation", "fixed"], "since_designation"),
    "group": (Literal["example", "none"], "example"),
    "roles": (Literal["notice", "wider"], "notice"),
    "recalled": (bool, False),
    "parent": (bool, False),
    "share": (Share, 0.5),
    "carried": (Share, 0.5),
    "base": (Share, 0.25),
    "effect": (Annotated[float, Field(ge=-1, le=1)], 0.3),
    "if_named": (Share, 0.9),
    "if_not_named": (Share, 0.1),
    "seed": (Annotated[int, Field(ge=0)], 0),
}


@dataclass(frozen=True)
class Notebook:
    """What a notebook takes beside study and wave, and what it is run once for each of.

    `each`: the parameter that says which factor or pilot; `has`: whether one has what the notebook
    takes; `page`: how its pages begin, where not with its own name.
    """

    takes: tuple[str, ...] = ()
    each: Literal["", "factor", "pilot"] = ""
    has: Callable[[Study, str], bool] = lambda study, thing: True
    page: str = ""


# in the order of reading
NOTEBOOKS = {
    "coding": Notebook(),
    "progress": Notebook(),
    "factor": Notebook(
        ("silence", "window", "group", "roles", "recalled"),
        "factor",
        lambda study, name: not study.fully_coded(name),
    ),
    "known": Notebook(
        ("group",), "factor", lambda study, name: study.fully_coded(name), page="factor"
    ),
    "silence": Notebook(("group",)),
    "changes": Notebook(
        ("silence", "window", "group", "roles"),
        "factor",
        lambda study, name: study.factor_declared(name).spells is not None,
    ),
    "ratios": Notebook(
        ("parent",), "factor", lambda study, name: study.factor_declared(name).ratio is not None
    ),
    "exposure": Notebook(
        ("recalled",), "factor", lambda study, name: study.factor_declared(name).dated
    ),
    "rivals": Notebook(),
    "multiverse": Notebook(
        ("seed",), "factor", lambda study, name: study.factor_declared(name).curve
    ),
    "configurations": Notebook(),
    "design": Notebook(
        ("window", "share", "carried", "base", "effect", "if_named", "if_not_named", "seed")
    ),
    "pilot": Notebook(each="pilot"),
}


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run for: pilots, factors that have what it takes, or "" alone."""
    own = NOTEBOOKS[notebook]
    every = {"": ("",), "pilot": study.pilots, "factor": study.declared.factors}[own.each]
    return tuple(thing for thing in every if own.has(study, thing))


def run_of(study: Study, notebook: str, thing: str, changed: Mapping[str, Any]) -> Run:
    """Return the run of a notebook for one thing, or for all ("")."""
    own, default = NOTEBOOKS[notebook], settable(notebook)
    about, page = {"study": study.name, "wave": study.wave}, own.page or notebook
    if own.each:
        about[own.each], page = thing, f"{page}-{thing}"
    # of `changed` each notebook takes its own
    values = default | {name: value for name, value in changed.items() if name in default}
    return Run(notebook, page, about | values)


def select(notebook: str | None, place: str = "NOTEBOOK") -> list[str]:
    """Return the notebooks asked for: all, or the one named in `place`.

    Raises:
        StudyError: there is no such notebook.
    """
    if notebook is None:
        return list(NOTEBOOKS)
    if notebook not in NOTEBOOKS:
        raise StudyError(f"{place}: no notebook {notebook!r}; notebooks: {', '.join(NOTEBOOKS)}")
    return [notebook]


def settable(notebook: str) -> dict[str, Any]:
    """Return the parameters of a notebook that a build may set, with their defaults."""
    return {name: PARAMETERS[name][1] for name in NOTEBOOKS[notebook].takes}


def parse(text: str) -> dict[str, str]:
    """Read `name=value name=value`, values quoted where they hold a blank.

    Raises:
        StudyError: not of that form, or a name given twice.
    """
    values: dict[str, str] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise StudyError(f"PARAMS: {error}: {text!r}; close the quotation") from error
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise StudyError(f"PARAMS: {word!r}; write name=value, blanks between")
        if name in values:
            raise StudyError(f"PARAMS: {name} is given twice; give it once")
        values[name] = value
    return values


def check(
    texts: Mapping[str, str], notebooks: Iterable[str], place: str = "PARAMS"
) -> dict[str, Any]:
    """Return the parameters in `texts` with their types; what equals the default is left out.

    `place` is where they were written, for messages.

    Raises:
        StudyError: as `typed`, or values that do not go together.
    """
    chosen = list(notebooks)
    values = typed(texts, chosen, place)
    for notebook in chosen:
        default = settable(notebook)
        given = {name: value for name, value in values.items() if name in default}
        both = default | given
        if "effect" in both and not 0 <= both["base"] + both["effect"] <= 1:
            listed = " ".join(f"{name}={value}" for name, value in given.items())
            raise StudyError(
                f"{place}: {listed}; in {notebook} base + effect must be within 0 to 1"
            )
    return {name: value for name, value in sorted(values.items()) if value != PARAMETERS[name][1]}


def typed(texts: Mapping[str, str], notebooks: list[str], place: str) -> dict[str, Any]:
    """Return the parameters in `texts` with their types, each looked at alone.

    Raises:
        StudyError: no selected notebook has the name (with a suggestion), or the value is not
            allowed (with what is).
    """
    known = {name for notebook in notebooks for name in settable(notebook)}
    values: dict[str, Any] = {}
    for name, value in texts.items():
        if name not in known:
            raise StudyError(
                f"{place}: no parameter {name!r} in {', '.join(notebooks)}{meant(name, known)} "
                f"(parameters: {', '.join(sorted(known)) or 'none'})"
            )
        allowed = PARAMETERS[name][0]
        try:
            values[name] = TypeAdapter(allowed).validate_python(value)
        except ValidationError as error:
            choices = ["True", "False"] if allowed is bool else []
            if get_origin(allowed) is Literal:
                choices = list(get_args(allowed))
            what = ", ".join(choices) or error.errors()[0]["msg"].removeprefix("Input should be ")
            raise StudyError(
                f"{place}: {name}={value!r}; allowed: {what}{meant(value, choices)}"
            ) from error
    return values


def meant(name: str, known: Iterable[str]) -> str:
    """Return the question whether a known name was meant, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
