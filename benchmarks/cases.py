"""The cases that are compared on one study: what each does, as a function of a place."""

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import others
from place import STUDY, WAVE, call

# a coded value that its own page, the coding and whoever compares it ask for, where it is written
CELL = "2016-01,siping,shared_platform"
VALUE = {
    "codings.csv": (f"{CELL},yes,implied", f"{CELL},no,implied"),
    "passes/rulings.csv": (f"{CELL},yes,implied", f"{CELL},no,implied"),
    "passes/alternatives.csv": (f"{CELL},yes,implied,no,implied", f"{CELL},no,implied,yes,implied"),
}


@dataclass(frozen=True)
class Case:
    """A case: what it does in words, the function that does it, whether that is our report."""

    words: str
    run: Callable[[Path], None]
    reports: bool = False


def ours(place: Path, kernel: str = "forked", study: str = STUDY) -> None:
    """Build the report."""
    command = [sys.executable, "-m", "analysis", "report"]
    call(command, place, ANALYSIS_ROOT=str(place), KERNEL=kernel, STUDY=study)


def cold(place: Path, kernel: str = "forked", study: str = STUDY) -> None:
    """Build the report with an empty build/."""
    shutil.rmtree(place / "build", ignore_errors=True)
    ours(place, kernel, study)


def one_value(place: Path) -> None:
    """Change one coded value to its other level, and build again."""
    for name, pair in VALUE.items():
        path = place / "data" / STUDY / name
        text = path.read_text(encoding="utf-8")
        old, new = pair if pair[0] in text else pair[::-1]
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    ours(place)


def plain(place: Path) -> None:
    """Run a Makefile with papermill and nbconvert, two jobs at once."""
    out = place / "plain"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    (out / "Makefile").write_text(makefile(place), encoding="utf-8")
    call(["make", "-s", "-j2", "all"], out, ANALYSIS_ROOT=str(place), MPLBACKEND="agg")


def makefile(place: Path) -> str:
    """Return a Makefile with one rule a run: execute, then convert for each language."""
    from analysis.publish.parameters import select
    from analysis.publish.report import plan
    from analysis.study.load import load_study

    python, rules, pages = shlex.quote(sys.executable), [], []
    for run in plan(load_study(STUDY, WAVE, place), select(None), {}):
        given = " ".join(f"-p {name} {value}" for name, value in run.parameters.items())
        notebook = shlex.quote(str(place / "notebooks" / f"{run.notebook}.ipynb"))
        convert = f"{python} -m jupyter nbconvert --log-level ERROR --to html {run.page}.ipynb"
        pages.append(run.page)
        rules.append(
            f"{run.page}:\n"
            f"\t@{python} -m papermill -k python3 --no-progress-bar --log-level ERROR "
            f"{notebook} {run.page}.ipynb {given}\n"
            f"\t@{convert} --output {run.page}-en\n\t@{convert} --output {run.page}-zh\n"
        )
    return f".PHONY: all {' '.join(pages)}\nall: {' '.join(pages)}\n\n" + "\n".join(rules)


CASES = {
    "plain": Case("make -j2: papermill, then nbconvert for each language, for each run", plain),
    "nbclient": Case(
        "nbclient in two processes, then nbconvert's exporter for each language", others.nbclient
    ),
    "jupyter-cache": Case(
        "jupyter-cache's parallel executor, its cache empty, then nbconvert as above", others.cache
    ),
    "jupyter-cache again": Case(
        "the same with nothing changed; its key is the code alone, so changed data go unnoticed",
        others.cache_again,
    ),
    "cold": Case("python -m analysis report with an empty build/: the whole site", cold, True),
    "plain kernels": Case("the same with KERNEL=plain", lambda place: cold(place, "plain"), True),
    "one value": Case("one coded value of one pilot changed", one_value, True),
    "nothing": Case("nothing changed", ours),
}
# a case that needs what another left, in the same repetition
NEEDS = {"jupyter-cache again": "jupyter-cache", "one value": "cold", "nothing": "one value"}
