"""A run reads data through the study alone, and what a build has checked is not checked again.

Whoever reads a file of a study, which others may have sent, does so by what is here. An audit hook
sees every file that Python opens; opening another file of the repository fails. It does not see
what a library opens by itself in machine code, nor what another process opens: the lint keeps such
libraries out of the package. A study that a build has checked is known by content.
"""

import hashlib
import os
import re
import stat
import sys
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.study import StudyError, complain, root

# set for every kernel of a build; a person's own session is not guarded
VARIABLE = "ANALYSIS_RUN"
# an output of a cell that is no exhibit: what a run read of the study, for the build to keep
READ = "application/vnd.analysis.read+json"
# set by who checks a study, for the processes that it starts: the content checked
CHECKED = "ANALYSIS_CHECKED"
# the sums of what came with a pass
SUMS = "SHA256SUMS"
# bytes of a file (a table about 10,000 pilots has 55 MB), and what no text holds
LARGEST = 64 * 2**20
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# how files begin that are no UTF-8
KINDS = {b"PK": "a spreadsheet or zip archive", b"\xd0\xcf\x11\xe0": "a spreadsheet of old Excel"}
KINDS |= {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_root: str | None = None
_reading = 0
_checked_here = False


def in_a_run() -> bool:
    """Return whether this process runs a notebook for a build."""
    return os.environ.get(VARIABLE) == "1"


def guard(repository: Path) -> None:
    """From now on refuse to open data, notebooks or pages of the repository past the study."""
    global _root
    if _root is None:
        sys.addaudithook(_hook)
    _root = f"{repository.resolve()}{os.sep}"


def is_guarded() -> bool:
    """Return whether this process is guarded."""
    return _root is not None


def load_ipython_extension(_shell: Any) -> None:
    """Guard a kernel from its start, before any cell: builds start each kernel with this."""
    if in_a_run():
        guard(root())


@contextmanager
def reading() -> Iterator[None]:
    """Mark that the study itself opens files: the guard lets these pass."""
    global _reading
    _reading += 1
    try:
        yield
    finally:
        _reading -= 1


def read_bytes(path: Path, shown: str, most: int = LARGEST) -> bytes:
    """Return a regular file of at most `most` bytes; a StudyError calls it `shown`.

    A pipe is not waited for.
    """
    try:
        with reading(), open(path, "rb", opener=lambda p, f: os.open(p, f | os.O_NONBLOCK)) as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and found.st_size <= most:
                return file.read()
    except FileNotFoundError:
        what = "a link to nothing" if path.is_symlink() else "missing"
        least = ", with its header at least" if path.suffix == ".csv" else ""
        raise StudyError(f"{shown}: {what}; put the file back{least}") from None
    except PermissionError:
        # the machine's refusal, not the study's: whoever runs commands says so
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise StudyError(f"{shown}: cannot be read ({why}); put a readable file there") from error
    if stat.S_ISREG(found.st_mode):
        raise StudyError(f"{shown}: larger than {most / 2**20:g} MB; allowed: no more than that")
    raise StudyError(f"{shown}: a pipe or device; put a regular file in its place")


def read_text(path: Path, shown: str, most: int = LARGEST) -> str:
    """Return a file's text, read by `read_bytes`; a StudyError says what in it is no UTF-8."""
    content = read_bytes(path, shown, most)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        kinds = [f", now {kind}" for start, kind in KINDS.items() if content.startswith(start)]
        where = f"line {content[: error.start].count(10) + 1}{''.join(kinds)}"
        said = f"{shown}: byte {error.start} is not UTF-8; save as UTF-8 ({where})"
        raise StudyError(said) from error
    if text.startswith("\ufeff"):
        said = "a byte order mark; save as UTF-8 without it (LibreOffice can, Excel cannot)"
        raise StudyError(f"{shown}: line 1: starts with {said}")
    if found := CONTROL.search(text):
        line, mark = text.count("\n", 0, found.start()) + 1, f"U+{ord(found[0]):04X}"
        raise StudyError(f"{shown}: line {line}: control character {mark}; save as plain UTF-8")
    return text


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or _root is None or _reading:
        return
    name = arguments[0]
    if not isinstance(name, str | bytes):
        return
    path = os.path.abspath(os.fsdecode(name))
    if not path.startswith(_root):
        return
    inside = path[len(_root) :]
    # code, catalogues of words and the libraries of the environment are no data
    if inside.startswith(("src" + os.sep, "locale" + os.sep, ".venv")):
        return
    raise PermissionError(
        f"{inside} was opened past the study's reader; ask analysis.study for what it holds, so "
        "that a build knows what this run depends on"
    )


def declare_checked(folder: Path) -> None:
    """Tell processes that are started from here on that the study in `folder` is being checked.

    Called before the check, by who starts none of them unless it found nothing: what is read after
    the content was looked at can only make a process check for itself.
    """
    global _checked_here
    os.environ[CHECKED], _checked_here = content_of(folder), True


def is_checked(folder: Path) -> bool:
    """Return whether somebody who started this process checked the study as it is now."""
    if _checked_here or CHECKED not in os.environ:
        return False
    return os.environ[CHECKED] == content_of(folder)


def content_of(folder: Path) -> str:
    """Return one hash of all tables and YAML files of a study."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder.parent)
        if path.suffix in (".csv", ".yaml") and os.path.isfile(path):
            content = hashlib.sha256(read_bytes(path, f"data/{name}")).hexdigest()
            whole.update(os.fsencode(f"{name}\0{content}\n"))
    return whole.hexdigest()


def unread(folder: Path, pattern: str, known: Container[str], ends: str = "csv|ya?ml") -> list[str]:
    """Return the tables and YAML files of other names than `known`: nobody would read them.

    Copies, which editors and sync clients name with blanks and signs, are left aside.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern))
    tables = re.compile(rf"(?:[^/.][^/]*/)*\w+\.(?:{ends})", re.IGNORECASE | re.ASCII)
    return [name for name in names if tables.fullmatch(name) and name not in known]


def check_sums(folder: Path, after: Iterable[str]) -> list[str]:
    """Return the passes in a folder by what `SHA256SUMS` lists of them; `after`: what else is read.

    A StudyError says which file is missing, was changed or is not listed.
    """
    sums, listed, problems = f"passes/{SUMS}", set[str](), []
    for number, line in enumerate(read_text(folder / SUMS, sums).splitlines(), start=1):
        digest, _, name = line.partition("  ")
        inside = PurePosixPath(name)
        if name != str(inside) or {"..", ".", "/"} & {name, *inside.parts} or name in listed:
            allowed = "a SHA-256, two blanks, a file in passes/, each once"
            problems.append(f"{sums}: line {number}: value {line!r}; allowed: {allowed}")
        elif hashlib.sha256(read_bytes(folder / name, f"passes/{name}")).hexdigest() != digest:
            problems.append(f"passes/{name}: changed since it came; restore it from git")
        listed.add(name)
    passes = sorted({name.partition("/")[0] for name in listed if "/" in name})
    known = {*listed, *after, *(f"{name}/pass.yaml" for name in passes)}
    problems += [
        f"passes/{name}: not in {sums}; add it there (sha256sum {name} >> {SUMS}), or rename it"
        for name in unread(folder, "**/*", known, "csv|ya?ml|md")
    ]
    complain(problems)
    return passes
