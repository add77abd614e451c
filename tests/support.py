"""What several tests use: a copy of the repository, the commands, a finished report."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag
from click.testing import CliRunner

from analysis.cli import main as commands
from analysis.study.settle import settle
from notebook_build import MANIFEST, forked

ROOT = Path(__file__).resolve().parents[1]
STUDY, WAVE = "jilin-2016", "2016-01"
# eight single notebooks, one page a factor, what only some factors have, one page a pilot
PAGES = 8 + 7 + (1 + 2 + 1 + 2) + 13
# three made-up pilots in the notice's order, see fixtures/three/README.md
SMALL, SMALL_WAVE = "three", "2020-06"
PILOTS = ("birch", "cedar", "alder")
# what commands answer in their own way
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


def copy_repository(place: Path, study: str = STUDY) -> Path:
    """Copy what a report is made of, without anything that was built; `study` is the only one."""
    folder = ROOT / "tests" / "fixtures" / SMALL if study == SMALL else ROOT / "data" / study
    for source, target in (
        (folder, f"data/{study}"),
        (ROOT / "notebooks", "notebooks"),
        (ROOT / "report", "report"),
        (ROOT / "locale", "locale"),
    ):
        shutil.copytree(
            source,
            place / target,
            ignore=shutil.ignore_patterns("sources", ".ipynb_checkpoints"),
        )
    (place / "src").symlink_to(ROOT / "src")
    return place


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a build but the manifest, which alone holds times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def done_in(said: str) -> list[str]:
    """The pages that were done, as often as it was said."""
    return re.findall(r"^(\S+): done in", said, re.MULTILINE)


def edit_cell(root: Path, notebook: str, cell: str, edit: Callable[[str], str]) -> None:
    """Change the source of a cell of a copy's notebook."""
    path = root / "notebooks" / f"{notebook}.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    (found,) = [each for each in content["cells"] if each["id"] == cell]
    before = "".join(found["source"])
    after = edit(before)
    assert after != before, cell
    found["source"] = after.splitlines(keepends=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def settle_as_coded(folder: Path) -> None:
    """Rule every cell as the settled tables of a study have it, and settle anew.

    A test's way to have other codings: a build refuses tables to which the passes do not settle.
    """
    tables: dict[str, list[dict[str, str]]] = {}
    for name in ("codings.csv", "projects.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            tables[name] = [{**row, "note": row["note_en"]} for row in csv.DictReader(file)]
    variables = yaml.safe_load((folder / "codebook.yaml").read_text(encoding="utf-8"))["variables"]
    codings, every = tables["codings.csv"], [*tables["codings.csv"], *tables["projects.csv"]]
    in_passes = {name for name, declared in variables.items() if declared["coded"] == "passes"}
    for name, rows in (
        ("rulings", [row for row in codings if row["variable"] in in_passes]),
        ("additions", [row for row in codings if row["variable"] not in in_passes]),
        ("rulings_projects", tables["projects.csv"]),
        ("notes_zh", list({r["note_en"]: r for r in every if r["status"] != "silent"}.values())),
        ("spans", list({
            (r["source_id"], r["paragraph"], r["span"]): {**r, "sha256": r["span_sha256"]}
            for r in every if r["span"]
        }.values())),
    ):  # fmt: skip
        path = folder / "passes" / f"{name}.csv"
        columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    settle(folder)


def _variables(root: Path, environment: dict[str, str]) -> dict[str, str]:
    """The environment of a command on a copy: make variables come from a test alone."""
    own = ("STUDY", "WAVE", "PARAMS", "NOTEBOOK")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return {**kept, "ANALYSIS_ROOT": str(root), **environment}


def forget() -> None:
    """Let go of what commands keep of files: each reads them once, and a test changes them."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("analysis.publish."):
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()


def run_command(
    root: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command on a copy in this process, which has imported its libraries already.

    For all that a process of its own does likewise: see `run_process`.
    """
    before, handlers = dict(os.environ), [(s, signal.getsignal(s)) for s in HANDLED]
    try:
        os.environ.clear()
        os.environ.update(_variables(root, environment))
        forget()
        done = CliRunner().invoke(commands, arguments)
    finally:
        forked.close_all()
        forget()
        os.environ.clear()
        os.environ.update(before)
        for signum, handler in handlers:
            signal.signal(signum, handler)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def refused_command(root: Path, *arguments: str, status: int = 2, **environment: str) -> str:
    """Return the one message with which a command, run in this process, refuses its input.

    That a process of its own ends so is tested by `run_process` where each of `report`, `sweep`
    and `simulate` refuses something. `status` is 1 where the machine is at fault.
    """
    done = run_command(root, *arguments, **environment)
    assert (done.returncode, done.stdout) == (status, ""), done.stdout + done.stderr
    return done.stderr


def run_process(
    root: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m analysis` on a copy in a process of its own.

    For what it alone does: it looks first whether a report is up to date, begins the warm parent
    before it imports, and has streams and signals of its own.
    """
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments],
        env=_variables(root, environment),
        cwd=root,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@cache
def soup(page: Path) -> BeautifulSoup:
    """A page, parsed once in a process; it is not to be changed."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def article_of(page: Path) -> Tag:
    """The own part of a page, parsed: of its size, menus and lists of contents are a quarter."""
    text = page.read_text(encoding="utf-8")
    own = text[text.index("<article") : text.rindex("</article>") + len("</article>")]
    found = BeautifulSoup(own, "html.parser").find("article")
    assert isinstance(found, Tag), page
    return found


# of the pages of claims, which come from one template: every grade, facts, a range, no row
CLAIM_PAGES = (
    "rows", "functions", "progress.slow-pilots", "changes-leadership_change.base-rate",
    "changes-leadership_change.bounds-with-facts", "factor-unit_type.difference",
    "factor-exposure.bounds", "design.fewest-with-factor", "pilot-jiangyuan.two-statements",
)  # fmt: skip


def _looked_at(page: Path) -> bool:
    return page.parent.name != "claims" or page.stem in CLAIM_PAGES


@dataclass(frozen=True)
class Built:
    """A finished report: the copy it was made from, its folder, and what was printed."""

    root: Path
    folder: Path
    said: str

    @cached_property
    def claims(self) -> dict[str, dict[str, Any]]:
        """Return the ledger by id."""
        entries = json.loads((self.folder / "claims.json").read_text(encoding="utf-8"))
        return {entry["id"]: entry for entry in entries}

    @cached_property
    def pages(self) -> dict[str, list[Path]]:
        """Return the HTML pages of each language; of the pages of claims some of each kind."""
        return {
            lang: [p for p in sorted((self.folder / lang).rglob("*.html")) if _looked_at(p)]
            for lang in ("en", "zh")
        }
