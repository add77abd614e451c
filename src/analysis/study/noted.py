"""What a run reads of a study, noted while it runs: rows by their place, tables, whole files.

A place is a table and the cells that say which row is meant; reading only these cells is looking,
not reading. Nothing is noted before `start`, so loading and checking a study leave no trace.
"""

from collections.abc import Mapping

# columns by which a row is looked up; what else a row holds is its content
KEYS: dict[str, tuple[str, ...]] = {
    "pilots.csv": ("pilot_id", "order"),
    "codings.csv": ("wave", "pilot_id", "variable"),
    "projects.csv": ("wave", "pilot_id"),
    "context.csv": ("pilot_id", "variable", "year"),
    "leaders.csv": ("pilot_id", "role"),
    "rates.csv": ("event", "population"),
    "events.csv": ("pilot_id",),
    "sources.csv": ("source_id",),
}
PASSES = "passes/"
# ("row", table, key ...), ("table", name) for which rows there are, ("file", path in the study)
Read = tuple[str, ...]

_read: set[Read] = set()
_new: list[Read] = []
_on = False


def start() -> None:
    """Begin to note, with nothing noted yet."""
    global _on
    _read.clear()
    _new.clear()
    _on = True


def note(read: Read) -> None:
    """Note one read, once."""
    if _on and read not in _read:
        _read.add(read)
        _new.append(read)


def place(table: str, cells: Mapping[str, str]) -> Read | None:
    """Return the place of a row; None for a file of the passes, which is noted whole.

    `table`: the file as messages call it.
    """
    name = table.rpartition("/")[2]
    if table.startswith(PASSES) or name not in KEYS:
        return None
    return ("row", name, *(cells[column] for column in KEYS[name]))


def note_table(table: str) -> None:
    """Note that somebody looked at which rows a table of the study has."""
    name = table.rpartition("/")[2]
    if not table.startswith(PASSES) and name in KEYS:
        note(("table", name))


def new() -> list[Read]:
    """Return what was noted since the last call."""
    found = list(_new)
    _new.clear()
    return found
