"""The notebook cell being run: its source, the functions that it reached, how it shows an output.

Hooks of IPython clear the study's log before each cell, so a claim's evidence is what its own
cell asked for. Outside IPython nothing is watched and a claim has no functions and no flips.
"""

import os
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

import pandas as pd
from IPython.core.getipython import get_ipython

import analysis
from analysis.claims.calls import Calls
from analysis.claims.catalogue import SOURCE
from analysis.study import forms, guard
from analysis.study.read_log import Read, forget_reads
from analysis.study.study import Study

T = TypeVar("T")
MIME = "application/vnd.analysis.bundle+json"
PACKAGES = Path(analysis.__file__).resolve().parents[1]
# where computing is done, and what there decides no number and no grade: it gives words, draws,
# lays tables out, keeps claims and what was asked, finds files and reads them in, takes lists and
# Series alike
ROOMS = {
    "smalln": "inputs",
    "analysis/study": "__init__ codebook files forms guard passes read_log schemas",
    "analysis/claims": "calls catalogue cell claim words",
    "analysis/exhibits": "canvas charts table",
}
COMPUTING = tuple(str(PACKAGES / room) for room in ROOMS)
APART = {str(PACKAGES / room / f"{each}.py") for room in ROOMS for each in ROOMS[room].split()}


@dataclass
class Watch:
    """The study watched, IPython's shell, the source of the cell being run, what it reached."""

    study: Study
    shell: Any
    source: str = ""
    running: bool = False
    calls: Calls = field(default_factory=lambda: Calls(COMPUTING))
    # reached while the cell's claims were graded, and what would overturn them was searched
    graded: set[CodeType] = field(default_factory=set)
    # what other cells use too, with what was asked and reached for it, by key
    kept: dict[Hashable, tuple[Any, list[Read], set[CodeType]]] = field(default_factory=dict)
    # the one of several things that a cell is run again for
    rerun_for: str | None = None
    # what the cell that opened the study asked of YAML files: its names are used in all others
    shared: list[Read] | None = None

    def begin(self, info: Any) -> None:
        """Start a cell: forget what the last one asked for, and what its methods kept."""
        self.end()
        # methods compute anew, so that what a cell reaches depends on no cell before it
        for name, module in list(sys.modules.items()):
            for value in vars(module).values() if name.startswith("smalln.") else ():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
        log, cache = self.study.log, self.study.cache
        for key in [key for key in cache if not key[0].startswith("rows")]:
            del cache[key]
        if self.shared is None:
            self.shared = [read for read in log.evidence() if read.file.endswith(".yaml")]
        log.clear()
        log.note(self.shared)
        self.source, self.graded = info.raw_cell, set()
        self.start(Calls(COMPUTING))

    def end(self) -> None:
        """Stop watching: what the cell computes is done."""
        if self.running:
            self.calls.end()
            forms.noted = None
        self.running = False

    def finish(self, _result: Any = None) -> None:
        """End a cell; in a build's run, tell what of the study it was the first to read."""
        self.end()
        if guard.in_a_run() and (read := self.study.log.new_reads()):
            self.shell.display_pub.publish({guard.READ: [list(each) for each in read]})

    @contextmanager
    def apart(self, *, noted: bool = True) -> Iterator[set[CodeType]]:
        """Watch a part of a cell by itself; gives a set that holds its functions at the end.

        `noted`: False for what takes long and no claim rests on: it is not watched at all.
        """
        running, calls, reached = self.running, self.calls, set[CodeType]()
        self.end()
        self.start(Calls(COMPUTING), noted)
        try:
            yield reached
        finally:
            self.end()
            reached |= self.calls.codes
            self.start(calls, running)

    def start(self, calls: Calls, noted: bool = True) -> None:
        """Begin, or go on, to note what is called and asked for."""
        self.calls, self.running = calls, noted
        if noted:
            calls.begin()
            forms.noted = self.study.log.entries

    def wants(self, thing: Any) -> bool:
        """Return whether the claim of a thing is made: when a cell is run again, of the one meant.

        `thing`: a name, or a row of values of which the first is one.
        """
        name = self.rerun_for
        return name is None or name == (thing if isinstance(thing, str) else str(thing[0]))

    def reached(self) -> list[dict[str, str | int]]:
        """Return the functions of the project that the cell computed with, by file and line.

        `for`: the `value` of its claims, or their `grade` (and what would overturn them) alone.
        """
        if self.running:
            self.calls.end()
            self.calls.begin()
        value = self.calls.codes
        return [
            {
                "name": code.co_qualname,
                "file": f"src/{Path(code.co_filename).relative_to(PACKAGES).as_posix()}",
                "line": code.co_firstlineno,
                "for": "value" if code in value else "grade",
            }
            for code in sorted(value | self.graded, key=lambda c: (c.co_filename, c.co_firstlineno))
            if code.co_filename not in APART
            # what stands inside a function is a part of it, and the body of a class runs when its
            # module is imported, wherever that happens first
            if code.co_flags & CO_OPTIMIZED and "<" not in code.co_qualname
        ]


_current: Watch | None = None


def watching() -> Watch | None:
    """Return the watch in force, if a notebook set one."""
    return _current


def watch(study: Study) -> None:
    """Watch the cells of the running notebook, if there is one.

    Raises:
        RuntimeError: a build's kernel was started without its guard.
    """
    global _current
    shell = get_ipython()
    if shell is None:
        return
    if _current is not None:
        # else a cell that opens a study a second time would be watched twice
        _current.end()
        shell.events.unregister("pre_run_cell", _current.begin)
        shell.events.unregister("post_run_cell", _current.finish)
    _current = Watch(study, shell)
    study.log.clear()
    _current.start(_current.calls)
    shell.events.register("pre_run_cell", _current.begin)
    shell.events.register("post_run_cell", _current.finish)
    forget_reads()
    # else pandas goes by whether it was imported inside IPython, which a forked kernel does not
    pd.set_option("display.max_columns", 20)
    if guard.in_a_run() and not guard.is_guarded():
        raise RuntimeError(
            f"{guard.__name__} was not loaded at the start of this kernel, so it "
            "could read past the study's reader; its log says why"
        )


def computed_once(study: Study, key: Hashable, compute: Callable[[], T]) -> T:
    """Return what `compute` gives for the study, from an earlier cell if one asked for `key`.

    The rows that it asked for and the functions that it reached are noted for each cell that uses
    it, as if the cell had computed it. Only for the watched study as it is: a recoded one, and a
    study outside a notebook, are computed anew. What is returned must not be changed.
    """
    watched = _current
    if watched is None or watched.study is not study:
        return compute()
    if key in watched.kept:
        value, asked, reached = watched.kept[key]
        study.log.note(asked)
    else:
        before = len(study.log.entries)
        with watched.apart() as reached:
            value = compute()
        watched.kept[key] = value, study.log.entries[before:], reached
    watched.calls.codes |= reached
    result: T = value
    return result


def languages() -> tuple[str, ...]:
    """Return the languages of the watched study; outside a notebook English alone."""
    return _current.study.languages if _current else (SOURCE,)


def bundle(shown: Mapping[str, str], plain: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Return an output in every language of its study, shown in one, as a mime bundle.

    `shown` is HTML, `plain` text, by language; `more`: what is kept beside them.
    """
    wanted = os.environ.get("ANALYSIS_LANGUAGE") or SOURCE
    language = wanted if wanted in shown else next(iter(shown))
    return {
        "text/html": shown[language],
        "text/plain": plain[language],
        MIME: {**shown, **more},
    }
