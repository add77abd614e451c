"""The parameters of each notebook, declared once: names, types, choices, defaults."""

import ast
import difflib
import json
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from analysis.study import StudyError
from analysis.study.study import Study

Share = Annotated[float, Field(ge=0, le=1)]
Silence = Literal["unknown", "absent", "absent_if_slow"]
Window = Literal["since_designation", "fixed"]
Group = Literal["example", "none"]
Roles = Literal["notice", "wider"]
Over = Literal["", "pilots", "known", "unknown", "spells", "ratio", "dated", "curve"]


class Parameters(BaseModel):
    """What every notebook takes.

    `over`: what a notebook is run once for each of, `each` the parameter that says which; `page`:
    how its pages begin, where not with its own name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    over: ClassVar[Over] = ""
    each: ClassVar[str] = ""
    page: ClassVar[str] = ""

    study: str
    wave: str


class OfFactor(Parameters):
    """Of a notebook that looks at one factor."""

    each = "factor"

    factor: str


class FactorParameters(OfFactor):
    """Of `factor`: a factor of which something is unknown."""

    over = "unknown"

    silence: Silence = "unknown"
    window: Window = "since_designation"
    group: Group = "example"
    roles: Roles = "notice"
    recalled: bool = False


class KnownParameters(OfFactor):
    """Of `known`: a factor known for every pilot."""

    over = "known"
    page = "factor"

    group: Group = "example"


class SilenceParameters(Parameters):
    """Of `silence`: all named causes, were silence read as no."""

    group: Group = "example"


class ChangesParameters(OfFactor):
    """Of `changes`: a factor with dated spells in office."""

    over = "spells"

    silence: Silence = "unknown"
    window: Window = "since_designation"
    group: Group = "example"
    roles: Roles = "notice"


class RatiosParameters(OfFactor):
    """Of `ratios`: a factor with figures in money."""

    over = "ratio"

    parent: bool = False


class ExposureParameters(OfFactor):
    """Of `exposure`: a factor with dates."""

    over = "dated"

    recalled: bool = False


class MultiverseParameters(OfFactor):
    """Of `multiverse`: the study's declared grid, for a factor with a curve of its own."""

    over = "curve"

    seed: Annotated[int, Field(ge=0)] = 0


class DesignParameters(Parameters):
    """Of `design`: what so few pilots can show, in part by made-up programmes."""

    window: Window = "since_designation"
    share: Share = 0.5
    carried: Share = 0.5
    base: Share = 0.25
    effect: Annotated[float, Field(ge=-1, le=1)] = 0.3
    if_named: Share = 0.9
    if_not_named: Share = 0.1
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not 0 <= self.base + self.effect <= 1:
            raise ValueError("base + effect must be within 0 to 1")
        return self


class PilotParameters(Parameters):
    """Of `pilot`: one run for each pilot of the study."""

    over = "pilots"
    each = "pilot"

    pilot: str


# in the order of reading
NOTEBOOKS: dict[str, type[Parameters]] = {
    "coding": Parameters,
    "progress": Parameters,
    "factor": FactorParameters,
    "known": KnownParameters,
    "silence": SilenceParameters,
    "changes": ChangesParameters,
    "ratios": RatiosParameters,
    "exposure": ExposureParameters,
    "rivals": Parameters,
    "multiverse": MultiverseParameters,
    "configurations": Parameters,
    "design": DesignParameters,
    "pilot": PilotParameters,
}


def things(study: Study, notebook: str) -> tuple[str, ...]:
    """Return what a notebook is run once for each of: pilots, factors that have what it takes.

    What a factor has decides: whether it is known for every pilot, dated spells, a ratio, dates, a
    curve of its own.
    """
    over, factors = NOTEBOOKS[notebook].over, study.declared.factors
    if over == "pilots":
        return tuple(study.pilots)
    has = {
        "known": lambda name: study.fully_coded(name),
        "unknown": lambda name: not study.fully_coded(name),
        "spells": lambda name: factors[name].spells is not None,
        "ratio": lambda name: factors[name].ratio is not None,
        "dated": lambda name: factors[name].dated,
        "curve": lambda name: factors[name].curve,
    }
    return tuple(filter(has[over], factors)) if over else ()


def page_of(notebook: str, thing: str) -> str:
    """Return the name of the page that a notebook gives for one thing, or for all ("")."""
    page = NOTEBOOKS[notebook].page or notebook
    return f"{page}-{thing}" if thing else page


class ParameterError(StudyError):
    """A parameter that no notebook has, or a value that is not allowed."""


def select(notebook: str | None) -> list[str]:
    """Return the notebooks asked for: all, or the one named.

    Raises:
        ParameterError: there is no such notebook.
    """
    if notebook is None:
        return list(NOTEBOOKS)
    if notebook not in NOTEBOOKS:
        raise ParameterError(
            f"NOTEBOOK: no notebook {notebook!r}; notebooks: {', '.join(NOTEBOOKS)}"
        )
    return [notebook]


def settable(notebook: str) -> dict[str, Any]:
    """Return the parameters of a notebook that a build may set, with their defaults."""
    fields = NOTEBOOKS[notebook].model_fields
    return {n: f.default for n, f in fields.items() if not f.is_required()}


def parse(text: str) -> dict[str, str]:
    """Read `name=value name=value`, values quoted where they hold a blank.

    Raises:
        ParameterError: not of that form, or a name given twice.
    """
    values: dict[str, str] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ParameterError(f"PARAMS: {error}: {text!r}; close the quotation") from error
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ParameterError(f"PARAMS: {word!r}; write name=value, blanks between")
        if name in values:
            raise ParameterError(f"PARAMS: {name} is given twice; give it once")
        values[name] = value
    return values


def check(
    texts: Mapping[str, str], notebooks: Iterable[str], place: str = "PARAMS"
) -> dict[str, Any]:
    """Return the parameters in `texts` with their types; what equals the default is left out.

    `place` is where they were written, for messages.

    Raises:
        ParameterError: as `typed`, or values that do not go together.
    """
    chosen = list(notebooks)
    values = typed(texts, chosen, place)
    known = {name: n for n in chosen for name in settable(n)}
    for notebook in chosen:
        _together(notebook, {n: v for n, v in values.items() if n in settable(notebook)}, place)
    return {n: v for n, v in sorted(values.items()) if v != settable(known[n])[n]}


def typed(texts: Mapping[str, str], notebooks: list[str], place: str) -> dict[str, Any]:
    """Return the parameters in `texts` with their types, each looked at alone.

    Raises:
        ParameterError: no selected notebook has the name (with a suggestion), or the value is not
            allowed (with what is).
    """
    known = {name: n for n in notebooks for name in settable(n)}
    values: dict[str, Any] = {}
    for name, value in texts.items():
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise ParameterError(
                f"{place}: no parameter {name!r} in {', '.join(notebooks)}{meant(name, known)} "
                f"(parameters: {listed})"
            )
        values[name] = _typed(known[name], name, value, place)
    return values


def meant(name: str, known: Iterable[str]) -> str:
    """Return the question whether a known name was meant, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _typed(notebook: str, name: str, value: str, place: str) -> Any:
    field = NOTEBOOKS[notebook].model_fields[name]
    allowed: Any = field.annotation
    if field.metadata:
        allowed = Annotated[allowed, *field.metadata]
    try:
        return TypeAdapter(allowed).validate_python(value)
    except ValidationError as error:
        choices = [str(c) for c in getattr(field.annotation, "__args__", None) or ()]
        if field.annotation is bool:
            choices = ["True", "False"]
        what = ", ".join(choices) or error.errors()[0]["msg"].removeprefix("Input should be ")
        raise ParameterError(
            f"{place}: {name}={value!r}; allowed: {what}{meant(value, choices)}"
        ) from error


def _together(notebook: str, values: Mapping[str, Any], place: str) -> None:
    model = NOTEBOOKS[notebook]
    required = {n: "x" for n, f in model.model_fields.items() if f.is_required()}
    try:
        model.model_validate({**required, **values})
    except ValidationError as error:
        listed = " ".join(f"{name}={value}" for name, value in values.items())
        rule = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ParameterError(f"{place}: {listed}; in {notebook} {rule}") from error


def cell_problems(path: Path) -> list[str]:
    """Return how a notebook's `parameters` cell differs from its declaration; [] if it agrees."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    if len(tagged) != 1:
        return [f"{path.name}: {len(tagged)} cells tagged parameters; allowed: one"]
    in_cell: dict[str, Any] = {}
    for node in ast.parse("".join(tagged[0]["source"])).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            return [f"{path.name}: parameters: line {node.lineno}: allowed: name = literal"]
        in_cell[node.targets[0].id] = ast.literal_eval(node.value)
    model = NOTEBOOKS[path.stem]
    problems = [
        f"{path.name}: parameters: {name} differs between cell and declaration"
        for name in sorted(set(in_cell) ^ set(model.model_fields))
    ]
    for name, default in settable(path.stem).items():
        if name in in_cell and in_cell[name] != default:
            problems.append(
                f"{path.name}: parameters: {name} = {in_cell[name]!r}, declared {default!r}"
            )
    return problems
