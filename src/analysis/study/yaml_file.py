"""Reading a YAML file so that every complaint can name file, line, place and value."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # no libyaml on this machine: the same in Python, slower
    from yaml import SafeLoader  # type: ignore[assignment]

from analysis.study.guard import reading
from analysis.study.layout import StudyError

T = TypeVar("T", bound=BaseModel)
Place = Sequence[str | int]
BOOL = "tag:yaml.org,2002:bool"


class _Loader(SafeLoader):
    """YAML in which only `true` and `false` are truth values, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# YAML 1.1 reads a bare yes or no as a truth value; here they are levels
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != BOOL]
    for first, pairs in SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(BOOL, re.compile("^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class YamlFile:
    """A YAML file as read: `shown` is its name in messages, `node` knows the lines."""

    shown: str
    content: Any
    node: yaml.Node | None

    def at(self, *place: str | int) -> str:
        """Return `file: line N: a.b.c`; the line is that of the last part that is there."""
        line, found = 1, self.node
        for part in place:
            if isinstance(found, yaml.MappingNode):
                pairs = {key.value: (key, value) for key, value in found.value}
                if str(part) not in pairs:
                    break
                key, found = pairs[str(part)]
                line = key.start_mark.line + 1
            elif isinstance(found, yaml.SequenceNode) and isinstance(part, int):
                found = found.value[part]
                line = found.start_mark.line + 1
            else:
                break
        return f"{self.shown}: line {line}: {'.'.join(map(str, place)) or 'the whole file'}"

    def model(self, model: type[T]) -> T:
        """Return the content as a model.

        Raises:
            StudyError: each problem on a line: file, line, place, value, what is allowed.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            lines = [self._complaint(dict(each), model) for each in error.errors()]
            raise StudyError("\n".join(dict.fromkeys(lines))) from error

    def _complaint(self, error: dict[str, Any], model: type[BaseModel]) -> str:
        # the choices of a union are no part of the place
        place = [part for part in error["loc"] if not re.search(r"[\[\]()]", str(part))]
        if error["type"] == "missing":
            return f"{self.at(*place)}: missing; allowed: a value"
        allowed = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            allowed = ", ".join(_fields(model, place[:-1]))
        value = str(place[-1]) if error["type"] == "extra_forbidden" else str(error["input"])[:60]
        return f"{self.at(*place)}: value {value!r}; allowed: {allowed}"


def _fields(model: type[BaseModel], place: Place) -> list[str]:
    """Return the fields that a model has at a place."""
    found: type[BaseModel] = model
    for part in place:
        field = found.model_fields.get(str(part))
        if field is not None and (inner := _inner(field.annotation)) is not None:
            found = inner
    return list(found.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as `dict[str, Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for each in get_args(annotation) if (m := _inner(each)) is not None), None)


def read_yaml(path: Path, shown: str) -> YamlFile:
    """Read a YAML file; `shown` is its name in messages.

    Raises:
        StudyError: missing, not UTF-8, not YAML, or a key that stands twice.
    """
    if not path.is_file():
        raise StudyError(f"{shown}: missing; put it back or check the name of the study")
    try:
        with reading():
            loader = _Loader(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            return YamlFile(shown, loader.construct_document(node) if node else None, node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark, what = error.problem_mark, error.problem or error.context
        line = f"line {mark.line + 1}: " if mark else ""
        raise StudyError(f"{shown}: {line}not readable as YAML: {what}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{shown}: not readable as YAML: {error}") from error
