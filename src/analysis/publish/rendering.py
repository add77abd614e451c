"""Rendering: a process that imports Sphinx while notebooks run, and what is kept of its last work.

Sphinx decides by itself which pages to read and write again, but does not see that a page refers to
another whose heading or anchor has changed. So all are rendered anew unless the frame is the same:
every file that is no page, and the names, headings and anchors of the pages.
"""

import ctypes
import gc
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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
# style sheets, programs and fonts of the pages, and which of them each language has for itself
STATIC = "_static"
OWN = ("doctools.js", "documentation_options.js", "paper.css", "translations.js")
# what stays to the byte, code and programs; what no reader sees: blanks before a tag in a line of
# its own, and notes
_CODE = re.compile(r"(<pre\b.*?</pre>|<script\b.*?</script>)", re.DOTALL)
_UNSEEN = re.compile(r"(?<=\n)\s+(?=<)|<!--.*?-->\s*", re.DOTALL)
PAGES = (".md", ".ipynb")
# what renders them
THIS = ("src/analysis/publish/rendering.py", "src/analysis/publish/sphinx_hooks.py")
# what nobody opens
UNUSED = (
    *("*.map", ".buildinfo*", "objects.inv", "_sources", "webpack-macros.html"),
    *("fa-brands-400.woff2", "fa-regular-400.woff2"),
)
# seconds that all pages may take
WITHIN = 600
# what other pages show of one, or refer to: headings, anchors, lists of pages; none of a picture
PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
REFERRED = re.compile(
    r"^#.*$|\bid=\"[^\"]+\"|\{#[^}]+\}|^\([^)\n]*\)=|^```\{toctree\}[^`]*", re.MULTILINE
)


def take(kept: Path, pages: Path) -> None:
    """Take in the pages of one language, so that Sphinx sees what changed; `pages` is used up.

    `kept`: the folder of pages as given to Sphinx, of what it read and of what it wrote. Until
    `done` it counts as unfinished, and the next build begins from nothing; so it does if a file
    there was touched or the folder copied: Sphinx trusts what it finds, and runs what is pickled.
    """
    mark, source = kept / "frame", kept / "source"
    frame = f"{frame_of(pages)} {_state(kept)}"
    if not (mark.is_file() and mark.read_text(encoding="utf-8") == frame):
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
    frame = f"{frame_of(kept / 'source')} {_state(kept)}"
    (kept / "frame").write_text(frame, encoding="utf-8")


def kept_as(kept: Path, name: str, made_of: Iterable[str], make: Callable[[Path], object]) -> Path:
    """Return a file as it is kept in a folder, made where none is kept of the same things.

    `name`: of what it is, and its ending: the last one alone is kept. `made_of`: what it holds, and
    versions of what writes it. One that was touched is made again.
    """
    stem, _, end = name.rpartition(".")
    made = kept / f"{stem}.{digest(*made_of)}"
    for last in filter(Path.is_file, kept.glob(f"{made.name}.*.{end}")):
        if last.name == f"{made.name}.{sha256(last)}.{end}":
            return last
    for last in kept.glob(f"{stem}.*"):
        remove(last)
    make(made)
    return made.rename(f"{made}.{sha256(made)}.{end}")


def without_unseen(page: str) -> str:
    """Return a page without what no reader sees of its HTML."""
    apart = enumerate(_CODE.split(page))
    return "".join(part if number % 2 else _UNSEEN.sub("", part) for number, part in apart)


def _state(kept: Path) -> str:
    return digest(*(state(kept / name) for name in ("source", "doctrees", "out")))


def frame_of(pages: Path) -> str:
    """Return one hash of all that a page can show of others, and of what renders them."""
    parts = [python_version(), *hashes(CHECKOUT, (LOCK, *THIS)).values()]
    for name, content in hashes(pages, ("**/*",)).items():
        page = name.endswith(PAGES)
        parts.append(f"{name}\0{_referred(pages / name) if page else content}")
    return digest(*parts)


def _referred(page: Path) -> str:
    """Return what other pages can show of a page, or refer to."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return "\0".join(REFERRED.findall(PICTURE.sub("", text)))
    cells = json.loads(text)["cells"]
    anchors = [[cell["id"], cell["metadata"].get("anchors")] for cell in cells]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return json.dumps([anchors, [REFERRED.findall(each) for each in prose]])


class Renderer:
    """A process that imports Sphinx; used as a context it ends with the block, whatever happens.

    It is its own group of processes: a ^C at the terminal is the driver's to handle. Each line that
    it is told is a folder of pages; it answers with a line for each as that ends.
    """

    def __init__(self, within: float = WITHIN) -> None:
        """Start it; it imports while the caller goes on. `within`: seconds that pages may take."""
        self._within, self._begun = within, list[Path]()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "analysis.publish.rendering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"},
            start_new_session=True,
        )

    def begin(self, kept: Path) -> None:
        """Begin to build the pages that a folder took in, in a process; the caller goes on."""
        assert self._process.stdin is not None
        # where it has ended `ended` says so
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), f"{json.dumps(str(kept.resolve()))}\n".encode())
        self._begun.append(kept)

    def ended(self) -> list[tuple[Path, int, str]]:
        """Return each folder begun, once all have ended, with Sphinx's exit status and its words.

        The status is not 0 if it failed or warned, or if the process gave no answer in time.
        """
        try:
            told, log = self._process.communicate(timeout=self._within)
            why = f"the process that runs Sphinx ended (exit status {self._process.returncode})"
        except subprocess.TimeoutExpired:
            told, log = b"", b""
            why = f"not done within {self._within:.0f} s; a longer TIMEOUT allows more"
        answers = dict(line.split() for line in told.decode().splitlines())
        ended = []
        for number, kept in enumerate(self._begun):
            said = f"{why}\n{log.decode(errors='replace')}".rstrip()
            if (status := answers.get(str(number))) and (kept / "said").is_file():
                said = (kept / "said").read_text(encoding="utf-8", errors="replace")
            ended.append((kept, int(status or 1), said or f"exit status {status}"))
        return ended

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        """End it, with what it builds."""
        # it may have ended by itself
        with suppress(ProcessLookupError, PermissionError), self._process:
            os.killpg(self._process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Write nothing more once the driver is gone: the next build works in the same folders."""
    if sys.platform == "linux":
        # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main() -> None:
    """Run the program: import for every build, fork a process for each line, say how each ends."""
    from sphinx.application import builtin_extensions
    from sphinx.cmd.build import main as build

    _end_with_parent()
    gc.set_threshold(100_000)
    # what myst-nb would import besides, a database too, to execute notebooks: it executes none
    for name in ("Cache", "Direct", "Inline"):
        client: Any = SimpleNamespace(**{f"NotebookClient{name}": None})
        sys.modules[f"myst_nb.core.execute.{name.lower()}"] = client
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
