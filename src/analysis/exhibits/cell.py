"""What the machinery knows of the notebook cell being run: its source, and the methods it reached.

Hooks of IPython clear the study's record before each cell, so a claim's evidence is what its own
cell asked for. Outside IPython nothing is watched and a claim has no functions and no flips.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from cProfile import Profile
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType
from typing import Any

import analysis
from analysis.exhibits.bundle import READ
from analysis.study import checked, guard, noted, record, searched
from analysis.study.guard import in_a_run, is_guarded
from analysis.study.reader import Study
from analysis.study.record import Asked

SOURCE = Path(analysis.__file__).resolve().parents[1]
ROOMS = tuple(str(SOURCE / room) for room in ("smalln", "analysis/study"))
# what notes, keeps or checks computes nothing
BOOKKEEPING = tuple(m.__file__ for m in (checked, guard, noted, record, searched))


@dataclass
class Watch:
    """The study watched, IPython's shell, the source of the cell being run, what it reached."""

    study: Study
    shell: Any
    source: str = ""
    # the standard library's own: a function in Python called for every call doubles a cell's time
    calls: Profile = field(default_factory=Profile)
    # reached while something was computed that other cells use too; all of this, by key
    more: set[CodeType] = field(default_factory=set)
    kept: dict[Hashable, tuple[Any, list[Asked], set[CodeType]]] = field(default_factory=dict)

    @property
    def namespace(self) -> dict[str, Any]:
        """Return the notebook's variables."""
        found: dict[str, Any] = self.shell.user_ns
        return found

    def begin(self, info: Any) -> None:
        """Start a cell: forget what the last one asked for."""
        self.end()
        self.study.record.clear()
        self.source, self.more = info.raw_cell, set()
        self.calls = Profile(builtins=False, subcalls=False)
        self.calls.enable()

    def end(self) -> None:
        """Stop watching: what the cell computes is done."""
        self.calls.disable()

    def finish(self, _result: Any = None) -> None:
        """End a cell; in a build's run, tell what of the study it was the first to read."""
        self.end()
        if in_a_run() and (read := noted.new()):
            self.shell.display_pub.publish({READ: [list(each) for each in read]})

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Leave out a part of a cell that takes long and that no claim rests on."""
        self.calls.disable()
        try:
            yield
        finally:
            self.calls.enable()

    @contextmanager
    def apart(self) -> Iterator[set[CodeType]]:
        """Watch a part of a cell by itself; gives a set that holds its functions at the end."""
        calls, more, found = self.calls, self.more, set[CodeType]()
        calls.disable()
        self.calls, self.more = Profile(builtins=False, subcalls=False), set()
        self.calls.enable()
        try:
            yield found
        finally:
            self.calls.disable()
            found |= _called(self.calls) | self.more
            self.calls, self.more = calls, more
            calls.enable()

    def reached(self) -> list[dict[str, str | int]]:
        """Return the public functions of the package that the cell reached, by file and line."""
        reached = {code for code in (*_called(self.calls), *self.more) if _told(code)}
        return [
            {
                "name": code.co_qualname,
                "file": f"src/{Path(code.co_filename).relative_to(SOURCE).as_posix()}",
                "line": code.co_firstlineno,
            }
            for code in sorted(reached, key=lambda c: (c.co_filename, c.co_firstlineno))
        ]


def _called(calls: Profile) -> set[CodeType]:
    found = (each.code for each in calls.getstats())
    return {code for code in found if isinstance(code, CodeType)}


def _told(code: CodeType) -> bool:
    """Whether a function is one that readers are told of."""
    # the body of a class runs when its module is imported, wherever that happens first
    public = code.co_flags & CO_OPTIMIZED and not code.co_name.startswith(("_", "<"))
    return (
        bool(public) and code.co_filename.startswith(ROOMS) and code.co_filename not in BOOKKEEPING
    )


_current: Watch | None = None


def current() -> Watch | None:
    """Return the watch in force, if a notebook set one."""
    return _current


def watch(study: Study) -> Study:
    """Watch the cells of the running notebook; returns the study, to be bound to a name."""
    global _current
    try:
        shell = get_ipython()  # type: ignore[name-defined]
    except NameError:
        return study
    if _current is not None:
        shell.events.unregister("pre_run_cell", _current.begin)
        shell.events.unregister("post_run_cell", _current.finish)
    _current = Watch(study, shell)
    shell.events.register("pre_run_cell", _current.begin)
    shell.events.register("post_run_cell", _current.finish)
    noted.start()
    if in_a_run() and not is_guarded():
        raise RuntimeError(
            f"{guard.__name__} was not loaded at the start of this kernel, so it "
            "could read past the study's reader; its log says why"
        )
    return study
