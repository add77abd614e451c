"""The program that renders pages: imports Sphinx while notebooks run, then builds each language.

Each line of JSON tells it what to build, in a process that it forks. When there are no more lines
it answers with a line for each as it ends: whether Sphinx built it and what it said.
"""

import importlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
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


def results(begun: list[tuple[int, Path]]) -> Iterator[dict[str, Any]]:
    """Wait for each process, as they end; yield its number in order, exit status, what it said."""
    places = {pid: (number, spoken) for number, (pid, spoken) in enumerate(begun)}
    while places:
        pid, status = os.wait()
        number, spoken = places.pop(pid)
        said = spoken.read_text(encoding="utf-8", errors="replace")
        spoken.unlink()
        yield {"job": number, "status": os.waitstatus_to_exitcode(status), "said": said}


def main() -> None:
    """Run the program."""
    prepare()
    begun = [begin(json.loads(line)) for line in sys.stdin]
    for result in results(begun):
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
