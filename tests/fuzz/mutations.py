"""Ways to break a file of a study, each drawn from a seeded random source.

A mutation has bytes in place of a file's (None: no such file), and says what it did, whether it
took something away, and which row of a table it changed.
"""

import csv
import io
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Random = random.Random
NASTY = [
    "", " ", "\u3000", "0", "-0", "-1", "-5", "1", "1.5", "1e3", "1e999", "nan", "NaN", "inf", "-inf", "0x10",
    "9" * 15, "9" * 16, "9" * 400, "9" * 5000, "1_000", "1,000", "½", "１２", "٣", "yes", "no", "true", "Yes", "None",
    "null", "all", "national", "PARENT_", "PARENT_x", "0000-01", "2014-13", "2014-00", "9999-12", "2014-02-31",
    "1900-02-29", "2014-02-28", "2018-02", "2018-02-10", "2018", "18", "2018-02..2017-01", "2018/02", "10k CNYs",
    "10k CNY", "10k persons", "persons", "CNY", "own", "parent", "verified", "recalled", "missing", "stated", "silent",
    "group", "implied", "contradictory", "S00", "S99", "S01;S01", "H001", "H", "5:2", "0:0", "0:999999999", "3:3:3",
    "birch", "cedar", "alder", "oak", "../../x", "/etc/passwd", "<script>alert(1)</script>", "{{ 7 * 7 }}", "{value}",
    "{", "}", "%s", "$(id)", "`id`", "=1+1", "__import__('os')", "a\nb", "a\rb", "a\x00b", "a\x1bb", "\u202e", "\ufeff",
    "\ud800", "e\u0301", "x" * 10_000, "\"", "'", "\\", ";", "stage", "named_slow", "batch", "gpb_revenue", "excluded",
]  # fmt: skip
YAML_NASTY = [
    None, True, False, 0, -5, 1, 2.5, float("nan"), float("inf"), 10**400, [], {}, [[]], [None], {"en": "x"},
    {"": ""}, "", "x", "since_designation", "designation", "2018-02", "2014-02-31", "9999-12", [1, 1], "{value}", "{",
]  # fmt: skip
# nine times nine times ... of one value
BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
MARKUP = [
    "!!python/object/apply:os.system ['true']\n", "x: &a [*a]\n", "? [a]\n: b\n", "<<: 1\n", "---\nb: 1\n", "\t- x\n",
    "x: !!binary a\n", "x: !!set {a}\n", "x: !!timestamp x\n", "a: &a [x, x]\nb: &b [*a, *a]\n", "x: " + "[" * 3000 + "\n",
    "x: " + "9" * 5000 + "\n", BOMB, "? {a: [b]}\n: 1\n", "? &x [*x]\n: 1\n", "? " * 999 + "\n", "%YAML 9.9\n", "x: *nowhere\n", "- x\n", "{\n", "1: 2\n", "x: 2014-02-31\n", "~: 1\n",
]  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """What is put in place of one file: `content` as bytes, or `gone`, or a `folder` there.

    `row`: the place of the only row whose cells differ. `takes`: something that was said is gone.
    """

    file: str
    what: str
    content: bytes = b""
    instead: str = "file"
    row: int | None = None
    takes: bool = False


def mutation(files: dict[str, bytes], draw: Random) -> Mutation:
    """Return one mutation of one of these files."""
    name = draw.choice(sorted(files))
    own: list[Callable[[str, bytes, Random], Mutation]] = [in_bytes]
    if name.endswith(".csv"):
        own += [in_cell] * 4 + [in_table] * 3
    if name.endswith(".yaml"):
        own += [in_yaml] * 6 + [in_markup]
    if name.endswith("SHA256SUMS"):
        own += [in_lines] * 3
    return draw.choice(own)(name, files[name], draw)


def in_bytes(name: str, old: bytes, draw: Random) -> Mutation:
    """Break a file as bytes: cut, overwritten, in another encoding, gone, a folder."""
    at = draw.randrange(len(old) or 1)
    text = old.decode("utf-8", "replace")
    ways: dict[str, Callable[[], bytes]] = {
        "cut": lambda: old[:at],
        "random bytes": lambda: old[:at] + draw.randbytes(draw.randint(1, 9)) + old[at + 4 :],
        "a control character": lambda: old[:at] + bytes([draw.randrange(32)]) + old[at:],
        "a byte less": lambda: old[:at] + old[at + 1 :],
        "a byte order mark": lambda: b"\xef\xbb\xbf" + old,
        "utf-16": lambda: text.encode("utf-16"),
        "gb18030": lambda: text.encode("gb18030", "replace"),
        "CRLF": lambda: old.replace(b"\n", b"\r\n"),
        "CR": lambda: old.replace(b"\n", b"\r"),
        "empty": lambda: b"",
        "twice": lambda: old + old,
        "zeros": lambda: bytes(len(old)),
        "no last line feed": lambda: old.rstrip(b"\n"),
    }  # fmt: skip
    what = draw.choice([*ways, "gone", "folder", "link to nowhere"])
    if what not in ways:
        return Mutation(name, what, instead=what)
    return Mutation(name, what, ways[what]())


def in_markup(name: str, old: bytes, draw: Random) -> Mutation:
    """Add what only some readers of YAML can read, or put it in place of the file."""
    markup = draw.choice(MARKUP)
    return Mutation(name, f"markup {markup[:40]!r}", draw.choice([old, b""]) + markup.encode())


def in_cell(name: str, old: bytes, draw: Random) -> Mutation:
    """Put another value into one cell: a nasty one, or one of its column or of its row."""
    rows = list(csv.reader(io.StringIO(old.decode(), newline="")))
    if len(rows) < 2:
        return in_bytes(name, old, draw)
    at, column = draw.randrange(1, len(rows)), draw.randrange(len(rows[0]))
    before = rows[at][column]
    like = [row[column] for row in rows[1:]], rows[at], NASTY, NASTY, [typo(before, draw)]
    rows[at][column] = draw.choice(draw.choice(like))
    what = f"row {at + 1}, {rows[0][column]}: {before!r} -> {rows[at][column][:60]!r}"
    return Mutation(name, what, written(rows), row=at - 1)


def in_table(name: str, old: bytes, draw: Random) -> Mutation:
    """Drop, repeat, swap or rename rows or columns."""
    rows = list(csv.reader(io.StringIO(old.decode(), newline="")))
    turned = draw.random() < 0.4
    lines = [list(column) for column in zip(*rows, strict=True)] if turned else rows
    first = 0 if turned else 1
    if len(lines) <= first:
        return in_bytes(name, old, draw)
    at, other = draw.randrange(first, len(lines)), draw.randrange(first, len(lines))
    what = draw.choice(["drop", "repeat", "swap", "rename" if turned else "header only"])
    if what == "drop":
        del lines[at]
    elif what == "repeat":
        lines.insert(other, list(lines[at]))
    elif what == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif what == "rename":
        lines[at][0] = typo(lines[at][0], draw)
    else:
        del lines[1:]
    told = f"{'column' if turned else 'row'} {at + 1}: {what}"
    rows = [list(row) for row in zip(*lines, strict=True)] if turned else lines
    return Mutation(name, told, written(rows), takes=what in ("drop", "header only"))


def in_yaml(name: str, old: bytes, draw: Random) -> Mutation:
    """Drop or rename a key, or put another value in place of one."""
    # every value as text, as models read it
    content = yaml.load(old, yaml.BaseLoader)
    place = draw.choice(list(places(content)))
    parent = content
    for part in place[:-1]:
        parent = parent[part]
    key, before = place[-1], parent[place[-1]]
    what = draw.choice(
        ["drop", "rename", "nasty", "nasty", "typo", "wrap", "first", "empty", "twice"]
    )
    if what == "drop":
        del parent[key]
    elif what == "rename" and isinstance(parent, dict):
        pairs = [(typo(str(k), draw) if k == key else k, v) for k, v in parent.items()]
        parent.clear()
        parent.update(pairs)
    elif what == "wrap":
        parent[key] = draw.choice([[before], {"x": before}])
    elif what == "first" and isinstance(before, list | dict) and before:
        parent[key] = next(iter(before))
    elif what == "empty" and isinstance(before, list | dict | str):
        parent[key] = type(before)()
    elif what == "twice" and isinstance(before, list) and before:
        before.append(before[0])
    elif what == "typo" and isinstance(before, str):
        parent[key] = typo(before, draw)
    else:
        parent[key] = draw.choice([*YAML_NASTY, *NASTY])
    told = f"{'.'.join(map(str, place))}: {what} -> {str(parent)[:60] if what == 'rename' else ''}"
    if not (isinstance(parent, list) or what in ("drop", "rename")):
        told += f"{parent[key]!r}"[:60]
    dumped = yaml.dump(content, allow_unicode=True, sort_keys=False)
    return Mutation(name, told, dumped.encode("utf-8", "surrogatepass"), takes=what == "drop")


def in_lines(name: str, old: bytes, draw: Random) -> Mutation:
    """Break a list of hashes line by line."""
    lines = old.decode().splitlines()
    at = draw.randrange(len(lines))
    what = draw.choice(
        ["drop", "repeat", "upper", "short", "elsewhere", "one blank", "swap", "blank"]
    )
    if what == "drop":
        del lines[at]
    else:
        lines[at] = {
            "repeat": f"{lines[at]}\n{lines[at]}",
            "upper": lines[at].upper(),
            "short": lines[at][8:],
            "elsewhere": f"{lines[at].split()[0]}  ../{lines[at].split()[1]}",
            "one blank": lines[at].replace("  ", " "),
            "swap": " ".join(reversed(lines[at].split("  "))),
            "blank": "",
        }[what]
    return Mutation(
        name, f"line {at + 1}: {what}", "\n".join(lines).encode() + b"\n", takes=what == "drop"
    )


def typo(text: str, draw: Random) -> str:
    """Return a text with one character gone, repeated, swapped or another one."""
    at = draw.randrange(len(text) or 1)
    head, rest = text[:at], text[at + 1 :]
    return draw.choice([
        head + rest, f"{head}{text[at : at + 1] * 2}{rest}", f"{head}{draw.choice(string.ascii_lowercase)}{rest}",
        f"{head}{rest[:1]}{text[at : at + 1]}{rest[1:]}", text.upper(), f"{text} ",
    ])  # fmt: skip


def places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value inside of a YAML file."""
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield (*at, key)
            yield from places(value, (*at, key))


def written(rows: list[list[str]]) -> bytes:
    """Return rows as CSV."""
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerows(rows)
    return told.getvalue().encode("utf-8", "surrogatepass")
