"""Who looked at what: sign-offs of functions, cells, rows and pages by persons, and if they hold.

What a person is shown of a thing is a text, and its hash is what they sign. A claim's parts are its
cell, its functions and the rows of its evidence.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from analysis.publish.chain import FIELDS, table
from analysis.study import KEYS, SIGN_OFFS
from notebook_build import digest

Entry = Mapping[str, Any]
Row = dict[str, str]


class Part(NamedTuple):
    """A thing that a person can look at: `function`, `cell`, `row` or `page`, and its key."""

    kind: str
    key: str


def looked_at(root: Path, folder: Path, *entries: Entry) -> tuple[int, int]:
    """Return how many parts of claims a person looked at and nobody rejected, and of how many.

    `folder`: of the study; `entries`: of the ledger. What changed since does not count.
    """
    every = {part for entry in entries for part in parts(folder, entry)}
    return sum(state(root, folder, part)[0] == "signed" for part in every), len(every)


def parts(folder: Path, entry: Entry) -> list[Part]:
    """Return what a claim rests on, each once: its cell, functions, rows, keys of YAML files."""
    found = [Part("cell", f"{entry['notebook']}.{entry['cell']}")]
    found += [Part("function", f"{each['file']}:{each['name']}") for each in entry["functions"]]
    for row in entry["evidence"]:
        file, line = row["file"], row.get("line")
        known = _rows(folder / file)[1].get(line) if file.endswith(".csv") else None
        found.append(Part("row", f"{file}:{known or row.get('key') or f'line {line}'}"))
    return list(dict.fromkeys(found))


def state(root: Path, folder: Path, part: Part) -> tuple[str, list[Row]]:
    """Return how a part stands, with the last sign-off of each reviewer.

    `signed`: as it is now, and rejected by nobody; `rejected`; `changed` since; `unsigned`.
    """
    rows = list({row["reviewer"]: row for row in signed(folder).get(part, ())}.values())
    now = hash_of(root, folder, part) if rows else ""
    verdicts = {row["verdict"] for row in rows if row["hash"] == now}
    changed = "changed" if rows else "unsigned"
    return "rejected" if "disagree" in verdicts else "signed" if verdicts else changed, rows


def hash_of(root: Path, folder: Path, part: Part) -> str:
    """Return the hash of a thing as it is now, "" if it is gone."""
    try:
        return digest(text_of(root, folder, part))
    except (LookupError, ValueError, OSError):
        return ""


def text_of(root: Path, folder: Path, part: Part) -> str:
    """Return a thing as a person is shown it; a LookupError or OSError says that it is gone."""
    place, _, name = part.key.partition(".") if part.kind == "cell" else part.key.partition(":")
    if part.kind == "page":
        return (root / "report" / "text" / place).read_text("utf-8")
    if part.kind == "function":
        return "\n".join(_function(root, place, name.split(".")))
    if part.kind == "cell":
        cells = json.loads((root / "notebooks" / f"{place}.ipynb").read_bytes())["cells"]
        return {cell["id"]: "".join(cell["source"]) for cell in cells}[name]
    held = _rows(folder / place)[0] if place.endswith(".csv") else _keys(folder / place)
    # where many were read, the key has a `*`, or is a part of it
    many = re.escape(name).replace(r"\*", "[^./]*")
    for more in ("", "/.*"):
        found = {key: each for key, each in held.items() if re.fullmatch(f"{many}{more}", key)}
        if found:
            break
    # what a YAML file leaves out has its default
    if not found and place.endswith(".csv"):
        raise LookupError(part.key)
    return json.dumps(found, ensure_ascii=False, indent=1)


def results(users: Iterable[Entry]) -> str:
    """Return a short hash of the numbers of the claims that rest on a part, given by id."""
    told = [[each["id"], *(each[field] for field in FIELDS)] for each in users]
    return digest(json.dumps(told))[:12]


@cache
def signed(folder: Path) -> dict[Part, list[Row]]:
    """Return the sign-offs of a study by what was looked at, in their order."""
    found: dict[Part, list[Row]] = {}
    for row in table(folder / SIGN_OFFS).values():
        found.setdefault(Part(row["kind"], row["key"]), []).append(row)
    return found


@cache
def _rows(path: Path) -> tuple[dict[str, Row], dict[int, str]]:
    """Return the rows of a table by key, and the keys by line.

    A key is as `2016-01/birch/stage`; the second row with it has `#2` behind it.
    """
    rows, keys, often = dict[str, Row](), dict[int, str](), Counter[str]()
    for line, row in table(path).items():
        key = "/".join(row[column] for column in KEYS.get(path.name) or [*row][:3])
        often[key] += 1
        keys[line] = f"{key}#{often[key]}" if often[key] > 1 else key
        rows[keys[line]] = row
    return rows, keys


@cache
def _keys(path: Path) -> dict[str, Any]:
    """Return what stands in a YAML file under each dotted key, as text."""

    def inside(value: Any, *place: str) -> Iterator[tuple[str, Any]]:
        yield ".".join(place), value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs if isinstance(value, dict | list) else ():
            yield from inside(each, *place, str(key))

    return dict(inside(yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)))


@cache
def _module(path: Path) -> tuple[list[str], list[ast.stmt]]:
    text = path.read_text("utf-8")
    return text.split("\n"), ast.parse(text).body


def _names(*nodes: ast.AST) -> set[str]:
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def _source(path: Path, node: Any) -> Iterator[str]:
    """Yield the lines of a function or statement, blank ones and comments apart."""
    first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
    for line in _module(path)[0][first - 1 : node.end_lineno]:
        if line.strip() and not line.strip().startswith("#"):
            yield line.rstrip()


def _function(root: Path, file: str, name: list[str]) -> Iterator[str]:
    """Yield the lines of a function and of the constants that it uses, be they of other modules."""
    nodes: list[ast.AST] = [ast.Module(_module(root / file)[1], [])]
    for part in name:
        below = (child for node in nodes for child in ast.iter_child_nodes(node))
        nodes = [child for child in below if getattr(child, "name", "") == part]
    if not nodes:
        raise LookupError(file, name)
    for node in nodes:
        yield from _source(root / file, node)
    yield from _constants(root / "src", root / file, _names(*nodes), set())


def _constants(
    source: Path, path: Path, names: set[str], seen: set[tuple[Path, str]]
) -> Iterator[str]:
    for name in sorted(name for name in names if name.isupper() and (path, name) not in seen):
        seen.add((path, name))
        for node in _module(path)[1]:
            if isinstance(node, ast.ImportFrom) and name in (each.name for each in node.names):
                place = source.joinpath(*(node.module or "").split("."))
                for home in (place.with_suffix(".py"), place / "__init__.py"):
                    if home.is_file():
                        yield from _constants(source, home, {name}, seen)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if name in _names(*targets):
                    yield from _source(path, node)
                    yield from _constants(source, path, _names(node), seen)
