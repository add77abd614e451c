"""The parameters of each notebook, declared once: names, types, choices, defaults."""

import ast
import difflib
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.study import MOST_EACH, Group, RolesName, Silence, StudyError, WindowName
from analysis.study.study import Study
from notebook_build import digest
from notebook_build.project import Run

# file systems allow 255 bytes in a name, of which a build takes some for itself
LONGEST = 180
# how papermill and Quarto begin the cell that they write
GIVEN = ("# Parameters\n", "# Injected Parameters\n")
Share = Annotated[float, Field(ge=0, le=1)]


class Values(BaseModel):
    """What a build may set: the values that are allowed, and the defaults."""

    model_config = ConfigDict(allow_inf_nan=False)

    silence: Silence = "unknown"
    window: WindowName = "since_designation"
    group: Group = "example"
    roles: RolesName = "notice"
    recalled: bool = False
    parent: bool = False
    share: Share = 0.5
    carried: Share = 0.5
    base: Share = 0.25
    effect: Annotated[float, Field(ge=-1, le=1)] = 0.3
    if_named: Share = 0.9
    if_not_named: Share = 0.1
    seed: Annotated[int, Field(ge=0)] = 0


DEFAULTS = Values().model_dump()


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


def _compares(study: Study, _thing: str) -> bool:
    """Return whether some pilots have the main outcome and others have not."""
    return study.outcome().nunique() == 2


def _silent_causes(study: Study, thing: str) -> bool:
    """Return whether there is a named cause of which the text does not tell at each pilot."""
    causes = (name for name, factor in study.declared.factors.items() if factor.named_cause)
    return _compares(study, thing) and not all(map(study.fully_coded, causes))


def _declared(what: str) -> Callable[[Study, str], bool]:
    """Return the question whether a factor is declared with spells, a ratio, dates, a curve."""
    return lambda study, name: bool(getattr(study.declared.factors[name], what))


# in the order of reading
NOTEBOOKS = {
    "overview": Notebook(("window", "group", "roles")),
    "gaps": Notebook(("window", "group", "roles")),
    "coding": Notebook(),
    "progress": Notebook(),
    "factor": Notebook(
        ("silence", "window", "group", "roles", "recalled"),
        "factor",
        lambda study, name: not study.fully_coded(name),
    ),
    "known": Notebook(("group",), "factor", Study.fully_coded, page="factor"),
    "silence": Notebook(("group",), has=_silent_causes),
    "changes": Notebook(("silence", "window", "group", "roles"), "factor", _declared("spells")),
    "ratios": Notebook(("parent",), "factor", _declared("ratio")),
    "exposure": Notebook(("recalled",), "factor", _declared("dated")),
    "rivals": Notebook(),
    "multiverse": Notebook(("seed",), "factor", _declared("curve")),
    "configurations": Notebook(has=_silent_causes),
    "design": Notebook(
        ("window", "share", "carried", "base", "effect", "if_named", "if_not_named", "seed"),
        has=_compares,
    ),
    "pilot": Notebook(each="pilot"),
}


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run for: few pilots, factors, or "", that have what it takes."""
    own = NOTEBOOKS[notebook]
    pilots = study.every if len(study.every) <= MOST_EACH else ()
    every = {"": ("",), "pilot": pilots, "factor": tuple(study.declared.factors)}[own.each]
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
    """Return all notebooks, or the one named in `place`; a StudyError says that there is none."""
    if notebook is None:
        return list(NOTEBOOKS)
    if notebook not in NOTEBOOKS:
        raise StudyError(f"{place}: no notebook {notebook!r}; notebooks: {', '.join(NOTEBOOKS)}")
    return [notebook]


def settable(notebook: str) -> dict[str, Any]:
    """Return the parameters of a notebook that a build may set, with their defaults."""
    return {name: DEFAULTS[name] for name in NOTEBOOKS[notebook].takes}


def parse(text: str) -> dict[str, str]:
    """Read `name=value name=value`, values quoted where they hold a blank.

    A StudyError says that it has another form, or a name twice.
    """
    values: dict[str, str] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise StudyError(f"PARAMS: {error}: {text[:60]!r}; close the quotation") from error
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise StudyError(f"PARAMS: {word[:60]!r}; write name=value, blanks between")
        if name in values:
            raise StudyError(f"PARAMS: {name} is given twice; give it once")
        values[name] = value
    return values


def check(
    given: Mapping[str, Any], notebooks: Collection[str], place: str = "PARAMS", exact: bool = False
) -> dict[str, Any]:
    """Return parameters with their types, as of `typed`; what equals the default is left out.

    `place`: where they were written. A StudyError says, too, that values do not go together.
    """
    values = typed(given, notebooks, place, exact)
    both = {**DEFAULTS, **values}
    if not 0 <= both["base"] + both["effect"] <= 1:
        listed = " ".join(f"{name}={values[name]}" for name in ("base", "effect") if name in values)
        taking = next(name for name in notebooks if "effect" in NOTEBOOKS[name].takes)
        raise StudyError(f"{place}: {listed}; in {taking} base + effect must be within 0 to 1")
    return {name: value for name, value in sorted(values.items()) if value != DEFAULTS[name]}


def typed(
    given: Mapping[str, Any], notebooks: Collection[str], place: str, exact: bool = False
) -> dict[str, Any]:
    """Return parameters with their types, each looked at alone; `exact`: none is turned into it.

    Raises:
        StudyError: no selected notebook has the name (with a suggestion), or the value is not
            allowed (with what is).
    """
    known = {name for notebook in notebooks for name in NOTEBOOKS[notebook].takes}
    for name in (name for name in given if name not in known):
        raise StudyError(
            f"{place}: no parameter {name[:60]!r} in {', '.join(notebooks)}"
            f"{meant(name, known)} (parameters: {', '.join(sorted(known)) or 'none'})"
        )
    try:
        values = Values.model_validate(dict(given), strict=exact)
    except ValidationError as errors:
        error = errors.errors()[0]
        name, value = str(error["loc"][0]), error["input"]
        kind = Values.model_fields[name].annotation
        choices = ["True", "False"] if kind is bool else [*get_args(kind)]
        what = ", ".join(choices) or error["msg"].removeprefix("Input should be ")
        raise StudyError(
            f"{place}: {name}={repr(value)[:60]}; allowed: {what}{meant(str(value), choices)}"
        ) from errors
    return {name: getattr(values, name) for name in given}


def check_given(kernel: Mapping[str, Any], notebook: str, study: Study) -> None:
    """Refuse what a notebook, started by whomever, would use and must not, or would not use.

    `kernel`: the names that its kernel knows, with the cells that were run under `In`.

    Raises:
        StudyError: there is no such parameter, value, factor or pilot, or another was given.
    """
    (notebook,), place = select(notebook), f"notebook {notebook}"
    each = NOTEBOOKS[notebook].each
    used = {name: kernel.get(name) for name in settable(notebook)}
    check(used, [notebook], place, exact=True)
    if each:
        check_thing(study, notebook, kernel.get(each), place)
    used |= {"study": study.name, "wave": study.wave, each: kernel.get(each)}
    cells = ["", *(cell for cell in kernel.get("In", ()) if cell.startswith(GIVEN))]
    for name, value in assigned(cells[-1]):
        if name not in used:
            typed({name: value}, [notebook], place)
        elif value != repr(used[name]):
            raise StudyError(
                f"{place}: {name}={value[:60]} was given, {used[name]!r} would be used; tag the "
                "cell with the defaults `parameters`, and assign them in no other"
            )


def check_thing(study: Study, notebook: str, thing: Any, place: str) -> None:
    """Raise a StudyError if a notebook is not run for such a factor or pilot."""
    if thing not in (known := things(study, notebook)):
        none = f"{place}: no {NOTEBOOKS[notebook].each} {repr(thing)[:60]}"
        among = f"{meant(str(thing), known)} (allowed: {', '.join(known)})"
        raise StudyError(f"{none} for the notebook {notebook}{among}")


def assigned(source: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values that a cell of parameters assigns, as Python writes them."""
    for node in ast.parse(source).body:
        name, _, value = ast.unparse(node).partition(" = ")
        if not isinstance(node, ast.Expr):
            yield name, value


def file_name(name: str) -> str:
    """Return a name that file systems take: of another, or a long one, with what tells it apart.

    A point stands in numbers alone: builds give names with one to what lies beside them.
    """
    safe = re.sub(r"[^A-Za-z0-9_=,.+-]|(?<!\d)\.|\.(?!\d)", "_", name)[:LONGEST]
    return name if name == safe else f"{safe}-{digest(name)[:12]}"


def meant(name: str, known: Iterable[str]) -> str:
    """Return the question whether a known name was meant, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
