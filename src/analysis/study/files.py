"""Reading a study's files so that every complaint can name file, line, place and value."""

import csv
import io
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import pandas as pd
import pandera.errors
import pandera.pandas as pa
import yaml
from pydantic import BaseModel, ValidationError

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # no libyaml on this machine: the same in Python, slower
    from yaml import SafeLoader  # type: ignore[assignment]

from analysis.study import StudyError
from analysis.study.guard import reading

T = TypeVar("T", bound=BaseModel)
# a row by column, with the line of the file on which it starts under "line"
Record = dict[str, Any]
BOOL, DAY = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


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


# YAML 1.1 reads a bare yes or no as a truth value, a day as a date; here they are levels and text
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag not in (BOOL, DAY)]
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

    def model(self, model: type[T], known: Mapping[str, Any] | None = None) -> T:
        """Return the content as a model; `known`: what its parts may name, by kind of thing.

        A StudyError has a line for each problem: file, line, place, value, what is allowed.
        """
        try:
            return model.model_validate(self.content, context=known)
        except ValidationError as errors:
            said = []
            for error in errors.errors():
                # the choices of a union are no part of the place
                place = [part for part in error["loc"] if not re.search(r"[\[\]()]", str(part))]
                if error["type"] == "missing":
                    said.append(f"{self.at(*place)}: missing; allowed: a value")
                    continue
                allowed = error["msg"].removeprefix("Value error, ")
                value = str(error["input"])[:60]
                if error["type"] == "extra_forbidden":
                    found: type[BaseModel] = model
                    for part in map(str, place[:-1]):
                        if part in found.model_fields:
                            found = next(_models(found.model_fields[part].annotation), found)
                    value, allowed = str(place[-1]), ", ".join(found.model_fields)
                said.append(f"{self.at(*place)}: value {value!r}; allowed: {allowed}")
            raise StudyError("\n".join(dict.fromkeys(said))) from errors


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Return the models inside an annotation such as `dict[str, Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def read_yaml(path: Path, shown: str) -> YamlFile:
    """Read a YAML file, called `shown` in messages; a StudyError says what is no YAML in it."""
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


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the rows of a table, each with its line."""
    found: list[Record] = frame.reset_index().to_dict("records")  # type: ignore[assignment]
    return found


def bad_cell(name: str, row: Mapping[str, Any], column: str, allowed: str) -> str:
    """Return the message that a cell does not hold what is allowed; columns joined by a comma."""
    value = ", ".join(row[each] for each in column.split(", "))
    return f"{name}: line {row['line']}: column {column}: value {value!r}; allowed: {allowed}"


def read_table(
    path: Path, name: str, schema: pa.DataFrameSchema, checked: bool = False
) -> pd.DataFrame:
    """Read `path` and check it against `schema`; `name` is how messages call it.

    `checked`: it is known that no cell breaks the schema. Every cell of the frame is text; its
    index, named `line`, is the line of the file on which a row starts.

    Raises:
        StudyError: missing file, not UTF-8, ragged rows, or any cell that breaks the schema;
            each problem on a line of its own: file, line, column, value, what is allowed.
    """
    if not path.is_file():
        raise StudyError(f"{name}: missing; put the file back")
    with reading():
        content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{name}: byte {error.start} is not UTF-8; save as UTF-8") from error
    columns = list(schema.columns)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, rows, start = [], [], 2
    try:
        _check_header(next(reader, []), name, columns)
        for cells in reader:
            if len(cells) != len(columns):
                wanted = f"{len(columns)} ({','.join(columns)})"
                raise StudyError(f"{name}: line {start}: {len(cells)} cells, allowed: {wanted}")
            lines.append(start)
            rows.append(cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{name}: line {reader.line_num}: not CSV: {error}") from error
    index = pd.Index(lines, name="line", dtype="int64")
    frame = pd.DataFrame(rows, index=index, columns=columns, dtype=object)
    if not checked and (found := _problems(frame, name, schema)):
        raise StudyError("\n".join(dict.fromkeys(found)))
    return frame


def _check_header(header: list[str], name: str, columns: list[str]) -> None:
    if header == columns:
        return
    wrong = [
        *(f"column {c!r} is too many" for c in header if c not in columns),
        *(f"column {c!r} is missing" for c in columns if c not in header),
    ]
    if header and header[0].startswith("\ufeff"):
        wrong = ["starts with a byte order mark; save as UTF-8 without it"]
    what = "; ".join(wrong or [f"columns in another order, or twice: {','.join(header)!r}"])
    raise StudyError(f"{name}: line 1: {what}; allowed: {','.join(columns)!r}")


def _problems(frame: pd.DataFrame, name: str, schema: pa.DataFrameSchema) -> list[str]:
    """Return a complaint for each cell that breaks the schema, and each key that stands twice."""
    found, rows = [], records(frame)
    try:
        schema.validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as error:
        # a rule over rows fails in every column; it is about the one that it is named after
        about = {check.error: check.name for check in schema.checks}
        found = [
            bad_cell(name, rows[int(case.index)], str(case.column), str(case.check))
            for case in error.failure_cases.itertuples()
            if about.get(case.check, case.column) == case.column
            and case.check != "multiple_fields_uniqueness"
        ]
    first: dict[tuple[str, ...], int] = {}
    for row in rows if schema.unique else ():
        line = first.setdefault(tuple(row[column] for column in schema.unique), row["line"])
        if line != row["line"]:
            allowed = f"each once (see line {line})"
            found.append(bad_cell(name, row, ", ".join(schema.unique), allowed))
    return found
