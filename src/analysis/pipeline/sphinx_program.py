"""The program that renders pages: imports Sphinx while notebooks run, then builds each language.

It is told by one line of JSON what to build, forks a process for each, and answers with one line:
what Sphinx said of each and whether it built it. Without a line it ends with the driver.
"""

import importlib
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# what a build of the pages would import, in each of its processes
BEFOREHAND = (
    "sphinx.cmd.build",
    "sphinx.search.en",
    "sphinx.search.zh",
    "myst_nb.sphinx_ext",
    "pydata_sphinx_theme",
    "pygments.formatters.html",
    "pygments.lexers.python",
)


def prepare() -> None:
    """Import what every build of pages needs, and read the dictionary that splits Chinese."""
    from sphinx.application import builtin_extensions

    for name in (*BEFOREHAND, *builtin_extensions):
        importlib.import_module(name)
    import jieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()


def build(job: dict[str, str]) -> int:
    """Build one language and return Sphinx's exit status."""
    from sphinx.cmd.build import main

    os.chdir(job["source"])
    given = ["-q", "-W", "--keep-going", "-b", "html", "-d", job["doctrees"], ".", job["out"]]
    return main(given)


def begin(job: dict[str, str]) -> tuple[int, Path]:
    """Fork a process for a job; return its pid and the file that it speaks into."""
    number, name = tempfile.mkstemp()
    pid = os.fork()
    if pid == 0:
        os.dup2(number, 1)
        os.dup2(number, 2)
        status = 1
        try:
            status = build(job)
            sys.stdout.flush()
        finally:
            os._exit(status)
    os.close(number)
    return pid, Path(name)


def result(pid: int, spoken: Path) -> dict[str, Any]:
    """Wait for a process; return what it said, and its exit status."""
    _, status = os.waitpid(pid, 0)
    said = spoken.read_text(encoding="utf-8", errors="replace")
    spoken.unlink()
    return {"status": os.waitstatus_to_exitcode(status), "said": said}


def main() -> None:
    """Run the program."""
    prepare()
    line = sys.stdin.readline()
    if line:
        begun = [begin(job) for job in json.loads(line)]
        sys.stdout.write(json.dumps([result(*each) for each in begun]) + "\n")


if __name__ == "__main__":
    main()
