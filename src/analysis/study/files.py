"""Reading a study's files so that every complaint can name file, line, place and value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
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

from analysis.study import StudyError, complain
from analysis.study.guard import CONTROL, read_text

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R", bound=Mapping[str, Any])
# a row by column, with the line of the file on which it starts under "line"
Record = dict[str, Any]
# of a YAML file: bytes, maps and lists inside of each other, things with what aliases repeat
LARGEST, DEEPEST, MOST_THINGS = 2**20, 40, 100_000


class _Loader(SafeLoader):
    """YAML in which all is text as it was written, but for null; no key stands twice.

    YAML 1.1 would read a bare yes as a truth value, 1:30 as 90, 010 as 8, and fail at 2016-02-30.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key, value in node.value:
            what = "" if key.value else "an empty key; write a word"
            if not isinstance(key, yaml.ScalarNode):
                what = "a map or a list as a key; write a word"
            elif key.value in found:
                what = f"key {key.value!r} stands twice"
            if what:
                raise yaml.MarkedYAMLError(None, None, what, key.start_mark)
            found[key.value] = self.construct_object(value, deep=True)
        return found


_Loader.yaml_implicit_resolvers = {
    first: [("tag:yaml.org,2002:null", re.compile("^(?:~|null|Null|NULL|)$"))]
    for first in ("", *"~nN")
}


@dataclass(frozen=True)
class YamlFile:
    """A YAML file as read: `shown` is its name in messages.

    `lines`: that of each key and each entry of a list, by place.
    """

    shown: str
    content: Any
    lines: Mapping[tuple[str, ...], int]

    def at(self, *place: str | int) -> str:
        """Return `file: line N: a.b.c`; the line is that of the last part that is there."""
        parts = tuple(map(str, place))
        known = (parts[:n] for n in range(len(parts), 0, -1) if parts[:n] in self.lines)
        line = self.lines.get(next(known, ()), 1)
        return f"{self.shown}: line {line}: {'.'.join(parts) or 'the whole file'}"

    def overlaid(self, *place: str) -> YamlFile:
        """Return the file with what stands at a place put over the whole, maps part by part."""
        over, deep = self.content, len(place)
        for part in place:
            over = over[part]
        below = {at[deep:]: line for at, line in self.lines.items() if at[:deep] == place}
        return YamlFile(self.shown, _over(self.content, over), {**self.lines, **below})

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


def _lines_of(node: yaml.Node | None, *place: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Return the line of each key and each entry of a list, by place."""
    for number, each in enumerate(node.value if isinstance(node, yaml.CollectionNode) else ()):
        key, value = each if isinstance(each, tuple) else (each, each)
        below = *place, str(number) if key is value else key.value
        yield below, key.start_mark.line + 1
        yield from _lines_of(value, *below)


def _over(content: Any, over: Any) -> Any:
    if not (isinstance(content, dict) and isinstance(over, dict)):
        return over
    return content | {key: _over(content.get(key), value) for key, value in over.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Return the models inside an annotation such as `dict[str, Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def read_yaml(path: Path, shown: str) -> YamlFile:
    """Read a YAML file, called `shown` in messages; a StudyError says what is no YAML in it."""
    text = read_text(path, shown, LARGEST)
    try:
        _check_bounds(text)
        node = yaml.compose(text, Loader=_Loader)
        content = _Loader("").construct_document(node) if node else None
        return YamlFile(shown, content, dict(_lines_of(node)))
    except yaml.YAMLError as error:
        mark, what = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        line = f"line {mark.line + 1}: " if mark else ""
        tab = "; indent with blanks" if mark and text[mark.index : mark.index + 1] == "\t" else ""
        raise StudyError(f"{shown}: {line}not readable as YAML: {what}{tab}") from error


def _check_bounds(text: str) -> None:
    """Refuse YAML by its events, before anything is built: too deep, too much, or with tags.

    What an alias repeats counts again; what it stands in has no end.
    """
    count, inside, sizes = 0, list[tuple[str | None, int]](), dict[str | None, int]()
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append((event.anchor, count))
            sizes[event.anchor] = MOST_THINGS
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = inside.pop()
            sizes[anchor] = count - before
        count += sizes.get(event.anchor, 0) if isinstance(event, yaml.AliasEvent) else 1
        tag = getattr(event, "tag", None)
        for wrong, what in (
            (tag, f"the tag {tag}; write the value alone"),
            (CONTROL.search(getattr(event, "value", "")), "a control character; take it out"),
            (len(inside) > DEEPEST, f"maps and lists more than {DEEPEST} deep; write fewer"),
            (count > MOST_THINGS, f"more than {MOST_THINGS} things, aliases repeated; write fewer"),
        ):
            if wrong:
                raise yaml.MarkedYAMLError(None, None, what, event.start_mark)  # type: ignore[arg-type]


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the rows of a table, each with its line."""
    found: list[Record] = frame.reset_index().to_dict("records")  # type: ignore[assignment]
    return found


def by_columns(rows: Iterable[R], columns: Iterable[str]) -> dict[tuple[str, ...], list[R]]:
    """Return rows by what they hold in some columns."""
    found: dict[tuple[str, ...], list[R]] = {}
    for row in rows:
        found.setdefault(tuple(row[each] for each in columns), []).append(row)
    return found


def bad_cell(name: str, row: Mapping[str, Any], column: str, allowed: str) -> str:
    """Return the message that a cell does not hold what is allowed; columns joined by a comma."""
    value = ", ".join(row[each] for each in column.split(", "))[:200]
    return f"{name}: line {row['line']}: column {column}: value {value!r}; allowed: {allowed}"


def read_table(path: Path, name: str, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read `path` and check it against `schema`; `name` is how messages call it.

    Every cell of the frame is text; its index, `line`, is the line on which a row starts.

    Raises:
        StudyError: missing file, not UTF-8, ragged rows, or any cell that breaks the schema;
            each problem on a line of its own: file, line, column, value, what is allowed.
    """
    columns = list(schema.columns)
    reader = csv.reader(io.StringIO(read_text(path, name), newline=""), strict=True)
    lines, rows, start = [], [], 1
    try:
        _check_header(next(reader, []), name, columns)
        start = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(columns):
                wanted = f"{len(columns)} ({','.join(columns)})"
                raise StudyError(f"{name}: line {start}: {len(cells)} cells, allowed: {wanted}")
            lines.append(start)
            rows.append(cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{name}: line {start}: not CSV: {error}") from error
    index = pd.Index(lines, name="line", dtype="int64")
    frame = pd.DataFrame(rows, index=index, columns=columns, dtype=object)
    # of what is known to be all right a schema has the names of columns alone
    if any(column.checks for column in schema.columns.values()):
        complain(_problems(frame, name, schema))
    return frame


def _check_header(header: list[str], name: str, columns: list[str]) -> None:
    if header == columns:
        return
    wrong = [
        *(f"column {c!r} is too many" for c in header if c not in columns),
        *(f"column {c!r} is missing" for c in columns if c not in header),
    ]
    for mark in ";\t|":
        if len(header) == 1 < header[0].count(mark):
            wrong = [f"columns are separated by {mark!r}; save with commas between"]
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
            for case in error.failure_cases.sort_values("index", kind="stable").itertuples()
            if about.get(case.check, case.column) == case.column
            and case.check != "multiple_fields_uniqueness"
        ]
    for first, *others in by_columns(rows, schema.unique).values() if schema.unique else ():
        allowed = f"each once (see line {first['line']})"
        found += [bad_cell(name, row, ", ".join(schema.unique), allowed) for row in others]
    return found
