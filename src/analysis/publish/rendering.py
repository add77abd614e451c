"""Rendering: a process that imports Sphinx while notebooks run, and what is kept of its last work.

Sphinx decides by itself which pages to read and write again, but does not see that a page refers to
another whose heading or anchor has changed. So all are rendered anew unless the frame is the same:
every file that is no page, and the names, headings and anchors of the pages.
"""

import ctypes
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO

from analysis.publish.inputs import CHECKOUT, LOCK
from notebook_build import digest, hashes, python_version, remove, sha256
from notebook_build.project import state

# what a build of the pages would import, in each of its processes
BEFOREHAND = (
    "sphinx.search.en",
    "myst_nb.sphinx_ext",
    "pydata_sphinx_theme",
    "pygments.formatters.html",
    "pygments.lexers.python",
)
# where a prose cell of a notebook begins, for `sphinx_hooks`
MARK = '<div data-cell="{}"></div>'
PAGES = (".md", ".ipynb")
# pages that say which pages there are
LISTS = ("index.md", "notebooks.md")
# what nobody opens
UNUSED = ("*.map", ".buildinfo*", "objects.inv", "_sources", "webpack-macros.html")
# seconds that all pages may take
WITHIN = 600
HEADING = re.compile(r"^#.*$|\bid=\"[^\"]+\"|\{#[^}]+\}|^\([^)\n]*\)=", re.MULTILINE)


def take(kept: Path, pages: Path) -> None:
    """Take in the pages of one language, so that Sphinx sees what changed; `pages` is used up.

    `kept`: the folder of pages as given to Sphinx, of what it read and of what it wrote. Until
    `done` it counts as unfinished, and the next build begins from nothing; so it does if a file
    there was touched or the folder copied: Sphinx trusts what it finds, and runs what is pickled.
    """
    frame, mark, source = frame_of(pages), kept / "frame", kept / "source"
    if not (mark.is_file() and mark.read_bytes() == f"{frame} {_state(kept)}".encode()):
        remove(kept)
        kept.mkdir(parents=True)
        pages.rename(source)
    else:
        mark.unlink()
        # Sphinx marks a style sheet that it finds there already with a hash of its content
        shutil.rmtree(kept / "out" / "_static", ignore_errors=True)
        # pages that are the same keep the times by which Sphinx knows them
        for path in sorted(p for p in pages.rglob("*") if p.suffix in PAGES):
            target = source / path.relative_to(pages)
            if target.read_bytes() != path.read_bytes():
                path.replace(target)
        shutil.rmtree(pages)
    (kept / "frame.next").write_text(frame, encoding="ascii")


def done(kept: Path, site: Path) -> None:
    """Copy what Sphinx wrote to `site`, and count the folder as finished."""
    # pages that Sphinx does not make are there already
    unused = shutil.ignore_patterns(*UNUSED)
    shutil.copytree(kept / "out", site, ignore=unused, dirs_exist_ok=True)
    # words that no page holds any more, which Sphinx keeps with an empty list
    index = site / "searchindex.js"
    before, opened, rest = index.read_text(encoding="utf-8").partition("(")
    entries = json.loads(rest.removesuffix(")"))
    for kind in ("terms", "titleterms"):
        entries[kind] = {word: on for word, on in entries[kind].items() if on != []}
    text = json.dumps(entries, separators=(",", ":"), sort_keys=True)
    index.write_text(f"{before}{opened}{text})", encoding="utf-8")
    frame = (kept / "frame.next").read_text(encoding="ascii")
    (kept / "frame").write_text(f"{frame} {_state(kept)}", encoding="ascii")


def _state(kept: Path) -> str:
    return digest(*(state(kept / name) for name in ("source", "doctrees", "out")))


def frame_of(pages: Path) -> str:
    """Return one hash of all that a page can show of others, and of what renders them."""
    parts = [python_version(), sha256(Path(__file__).with_name("sphinx_hooks.py"))]
    if (lock := CHECKOUT / LOCK).is_file():
        parts.append(sha256(lock))
    for name, content in hashes(pages, ("**/*",)).items():
        whole = not name.endswith(PAGES) or name in LISTS
        parts.append(f"{name}\0{content if whole else _referred(pages / name)}")
    return digest(*parts)


def _referred(page: Path) -> str:
    """Return what other pages can refer to: headings and anchors."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return "\0".join(HEADING.findall(text))
    cells = json.loads(text)["cells"]
    anchors = [[cell["id"], cell["metadata"].get("anchors")] for cell in cells]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return json.dumps([anchors, [HEADING.findall(each) for each in prose]])


class Renderer:
    """A process that imports Sphinx; used as a context it ends with the block, whatever happens.

    It is its own group of processes: a ^C at the terminal is the driver's to handle. Each line that
    it is told is a folder of pages; when there are no more it answers with a line for each.
    """

    def __init__(self, within: float = WITHIN) -> None:
        """Start it; it imports while the caller goes on. `within`: seconds that pages may take."""
        late = f"not done within {within:.0f} s; a longer TIMEOUT allows more"
        self._late, self._why = Timer(within, self._end, [late]), ""
        self._log: IO[bytes] = TemporaryFile()  # noqa: SIM115 - read when the process has ended
        self._process = subprocess.Popen(
            [sys.executable, "-m", "analysis.publish.rendering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._begun: list[Path] = []

    def begin(self, kept: Path) -> None:
        """Begin to build the pages that a folder took in, in a process; the caller goes on."""
        # where it has ended `ended` says so
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps(str(kept.resolve())) + "\n")
            self._stdin.flush()
        self._begun.append(kept)

    def ended(self) -> Iterator[tuple[Path, int, str]]:
        """Yield each folder begun, as it ends, with Sphinx's exit status and what it said.

        The status is not 0 if it failed or warned, or if the process gave no answer in time.
        """
        self._late.start()
        with suppress(BrokenPipeError):
            self._stdin.close()
        left = dict(enumerate(self._begun))
        for line in self._stdout:
            number, status = map(int, line.split())
            kept = left.pop(number)
            told = kept / "said"
            said = told.read_text(encoding="utf-8", errors="replace") if told.is_file() else ""
            yield kept, status, said or f"exit status {status}"
        status = self._process.wait() if left else 0
        why = self._why or f"the process that runs Sphinx ended (exit status {status})"
        self._log.seek(0)
        for kept in left.values():
            yield kept, 1, f"{why}\n{self._log.read().decode(errors='replace')}".rstrip()

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        """End it, with what it builds."""
        self._late.cancel()
        self._end("")
        for pipe in (self._stdin, self._stdout, self._log):
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()

    def _end(self, why: str) -> None:
        self._why = why
        # it may have ended by itself
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Write nothing more once the driver is gone: the next build works in the same folders."""
    if sys.platform == "linux":
        # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main() -> None:
    """Run the program: import for every build, fork a process for each line, say how each ended."""
    from sphinx.application import builtin_extensions
    from sphinx.cmd.build import main as build

    _end_with_parent()
    for name in (*BEFOREHAND, *builtin_extensions):
        importlib.import_module(name)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-d", "../doctrees", ".", "../out"]
    begun: dict[int, int] = {}
    for number, line in enumerate(sys.stdin):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _end_with_parent()
                os.chdir(f"{json.loads(line)}/source")
                said = os.open("../said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                for stream in (1, 2):
                    os.dup2(said, stream)
                status = build(options)
                sys.stdout.flush()
            finally:
                os._exit(status)
        begun[pid] = number
    while begun:
        pid, status = os.wait()
        print(begun.pop(pid), os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
