"""Nothing runs twice: what a change re-runs, what it does not, and what a run may read."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from study.tools import seal
from support import (
    ROOT,
    SMALL,
    SMALL_WAVE,
    STUDY,
    WAVE,
    Built,
    done_in,
    edit_cell,
    files_of,
    run_command,
    run_process,
    settle_as_coded,
)

from analysis.publish.inputs import project_with_data
from analysis.study import ANY
from analysis.study.guard import READ
from analysis.study.load import load_study
from analysis.study.read_log import Part, forget_reads
from analysis.study.study import Study
from notebook_build import reuse
from notebook_build.notebook import clean, take_over
from notebook_build.project import Project, Run
from notebook_build.reuse import Keys

BUILT = f"{SMALL_WAVE}+notebook=pilot"


def ran(said: str) -> set[str]:
    """The pages whose notebooks were run, by what was printed."""
    return set(done_in(said))


def build(repository: Path) -> str:
    done = run_command(repository, "report", NOTEBOOK="pilot")
    assert done.returncode == 0, done.stderr
    return done.stderr


def up_to_date(repository: Path) -> bool:
    """Whether a report of `pilot` is only pointed to."""
    done = run_process(repository, "report", NOTEBOOK="pilot")
    assert done.returncode == 0, done.stderr
    return done.stderr == "nothing to do: the report is up to date\n"


def recode(repository: Path, old: str, new: str) -> None:
    (path,) = (repository / "data").glob("*/codings.csv")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    settle_as_coded(path.parent)


def edit(repository: Path, notebook: str, cell: str, old: str, new: str) -> None:
    edit_cell(repository, notebook, cell, lambda own: own.replace(old, new))


def outputs(repository: Path) -> dict[str, bytes]:
    return files_of(repository / "build" / SMALL / BUILT)


STAGE = "2016-01,panshi,stage,4,stated", "2016-01,panshi,stage,5,stated"
# no other pilot's page shows it
PLATFORM = "2020-06,birch,shared_platform,yes,stated", "2020-06,birch,shared_platform,no,stated"


def rendered(repository: Path) -> dict[str, int]:
    """When each pilot's page was written by Sphinx."""
    out = repository / "build" / SMALL / f".{BUILT}.pages" / "en" / "out" / "notebooks"
    return {path.stem: path.stat().st_mtime_ns for path in out.glob("pilot-*.html")}


def newer(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {page for page in before if after[page] != before[page]}


@pytest.mark.slow
def test_a_change_re_runs_and_renders_exactly_what_depends_on_it(
    small: Path, built_pilots: Built
) -> None:
    """From other words and another value to those of a report that was built from nothing."""
    every = {"pilot-alder", "pilot-birch", "pilot-cedar"}
    codings, page = small / "data" / SMALL / "codings.csv", small / "report/text/en/evidence.md"
    words, title = page.read_text(encoding="utf-8"), ("# ", "# Another title: ")
    recode(small, *PLATFORM)
    page.write_text(words + "\nOne more line.\n", encoding="utf-8")
    edit(small, "pilot", "title", *title)
    assert ran(build(small)) == every
    assert "One more line." in outputs(small)["en/evidence.html"].decode()
    assert "Another title" in outputs(small)["en/notebooks/pilot-birch.html"].decode()
    then = rendered(small)
    # nothing changed, and times alone say nothing
    for path in codings.parent.glob("*.csv"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    assert up_to_date(small)
    # one coded value, with an old time; a text of the pages: no run, and no other page
    recode(small, *reversed(PLATFORM))
    os.utime(codings, (1_000_000_000, 1_000_000_000))
    page.write_text(words, encoding="utf-8")
    assert ran(build(small)) == {"pilot-birch"}
    assert "One more line." not in outputs(small)["en/evidence.html"].decode()
    assert newer(then, rendered(small)) == {"pilot-birch"}
    # prose of a notebook: no run; a heading is new, and other pages may show it
    then = rendered(small)
    edit(small, "pilot", "title", *reversed(title))
    assert ran(build(small)) == set()
    assert newer(then, rendered(small)) == every
    # what was taken over, run anew and rendered bit by bit is what is made from nothing
    assert outputs(small) == files_of(built_pilots.folder)


@pytest.mark.slow
def test_a_copied_build_serves_another_clone_and_a_damaged_one_does_not(
    pilots: Path, built_pilots: Built
) -> None:
    assert up_to_date(pilots)
    # a notebook that is not what the manifest says is run anew, a missing page is made anew
    folder = pilots / "build" / SMALL / BUILT
    kept = folder / "notebooks" / "pilot-cedar.ipynb"
    kept.write_text(kept.read_text(encoding="utf-8") + " ", encoding="utf-8")
    (folder / "en" / "index.html").unlink()
    assert ran(build(pilots)) == {"pilot-cedar"}
    assert outputs(pilots) == files_of(built_pilots.folder)
    (folder / "manifest.json").write_text('{"runs": 5, "asked": {}}', encoding="utf-8")
    assert len(ran(sweep(pilots, "notebook: pilot\ngrid: {pilot: [birch, alder]}"))) == 2


def sweep(repository: Path, grid: str, status: int = 0, **more: str) -> str:
    """Run notebooks without any page; return what was said."""
    (repository.parent / "grid.yaml").write_text(grid, encoding="utf-8")
    done = run_command(repository, "sweep", str(repository.parent / "grid.yaml"), **more)
    assert done.returncode == status, done.stderr
    return done.stderr


@pytest.mark.slow
def test_finished_runs_of_a_build_that_failed_are_taken_over(small: Path) -> None:
    edit(small, "pilot", "stage", "study.frame(stage, pilots=[pilot])",
         '(study.frame(stage, pilots=[pilot]) if pilot != "cedar" else 1 / 0)')  # fmt: skip
    done = run_command(small, "report", NOTEBOOK="pilot")
    assert done.returncode == 1
    assert ran(done.stderr) == {"pilot-alder", "pilot-birch"}
    kept = small / "build" / SMALL / f".{BUILT}.finished"
    assert len(list((kept / "notebooks").iterdir())) == 2
    # one that is damaged is not
    executed = kept / "notebooks" / "pilot-birch" / "notebooks" / "pilot-birch.ipynb"
    executed.write_text(executed.read_text(encoding="utf-8") + " ", encoding="utf-8")
    again = run_command(small, "report", NOTEBOOK="pilot")
    assert again.returncode == 1
    assert ran(again.stderr) == {"pilot-birch"}
    assert "1 of 3 failed" in again.stderr


def test_a_run_that_reads_past_the_reader_fails(small: Path, tmp_path: Path) -> None:
    """Each in another way; what lies elsewhere may be opened, and is before."""
    note = tmp_path / "note.txt"
    note.write_text("hello", encoding="utf-8")
    opened = {
        "birch": ("data/three/codings.csv", "import pandas; pandas.read_csv({})"),
        "cedar": ("notebooks/pilot.ipynb", "open({}).read()"),
        "alder": ("data/three/study.yaml", "import pathlib; pathlib.Path({}).read_text()"),
    }
    reads = {p: f"exec({how.format(repr(str(small / f)))!r})" for p, (f, how) in opened.items()}
    lines = "\n".join(f"if pilot == {pilot!r}: {read}" for pilot, read in reads.items())
    edit_cell(small, "pilot", "stage", lambda own: f"open({str(note)!r}).read()\n{lines}\n{own}")
    said = sweep(small, "notebook: pilot\ngrid: {pilot: [birch, cedar, alder]}", status=1)
    for pilot, (file, _) in opened.items():
        told = rf"pilot-{pilot}: cell stage.*?{re.escape(file)} was opened past the study's reader"
        assert re.search(told, said, re.DOTALL), said


@pytest.mark.parametrize("kernel", ["forked", pytest.param("plain", marks=pytest.mark.slow)])
def test_a_kernel_is_guarded_before_its_first_cell(small: Path, kernel: str) -> None:
    path = small / "data" / SMALL / "pilots.csv"
    edit(small, "pilot", "parameters", "study =", f"open({str(path)!r}).read()\nstudy =")
    said = sweep(small, "notebook: pilot\ngrid: {pilot: [birch]}", status=1, KERNEL=kernel)
    assert "pilots.csv was opened past the study's reader" in said
    assert "pilot-birch: cell parameters" in said


def test_the_package_reads_no_file_that_the_guard_cannot_see() -> None:
    """pyarrow and other processes open files without Python's knowing."""
    for room in ("analysis/study", "analysis/claims", "analysis/exhibits", "smalln"):
        for path in (ROOT / "src" / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(pyarrow|subprocess|os\.system|popen|ctypes)\b", text), path


RUN = Run("pilot", "pilot-panshi", {"study": STUDY, "wave": WAVE, "pilot": "panshi"})
READ_OF_PANSHI: list[Part] = [("row", "codings.csv", WAVE, "panshi", "stage")]


def keys(repository: Path) -> Keys:
    return Keys(project_with_data(load_study(STUDY, WAVE, repository), repository))


keys_here = cache(partial(keys, ROOT))


@pytest.fixture(scope="module")
def own_code(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable[[str], str]]:
    """A copy of packages and catalogues, and what gives the key of a run of a notebook by it."""
    code, ignored = tmp_path_factory.mktemp("code"), shutil.ignore_patterns("__pycache__")
    for folder in ("src", "locale"):
        shutil.copytree(ROOT / folder, code / folder, ignore=ignored)
    project = replace(project_with_data(load_study(STUDY, WAVE), ROOT), code=code)
    return code, lambda notebook: Keys(project).of(replace(RUN, notebook=notebook), READ_OF_PANSHI)


@pytest.mark.parametrize(
    ("notebook", "file", "changes"),
    [
        ("pilot", "src/smalln/result.py", True),
        ("pilot", "src/smalln/comparison.py", False),
        # a name of a package that loads its modules when they are asked for
        ("factor", "src/smalln/comparison.py", True),
        ("factor", "src/smalln/unknown_cells.py", True),
        ("factor", "src/smalln/specification_curve.py", False),
        ("multiverse", "src/smalln/specification_curve.py", True),
        ("pilot", "src/analysis/exhibits/declared_analyses.py", False),
        ("pilot", "src/analysis/exhibits/coded.py", True),
        ("pilot", "src/analysis/publish/site.py", False),
        ("pilot", "src/analysis/study/external_facts.py", True),
        ("pilot", "src/analysis/claims/words.py", True),
        ("pilot", "locale/zh/LC_MESSAGES/pilot.po", True),
        ("pilot", "locale/zh/LC_MESSAGES/analysis.po", True),
        ("pilot", "src/notebook_build/execute.py", False),
        ("pilot", "src/notebook_build/notebook.py", True),
    ],
)
def test_the_key_of_a_run_depends_on_the_modules_that_it_reaches(
    own_code: tuple[Path, Callable[[str], str]],
    monkeypatch: pytest.MonkeyPatch,
    notebook: str,
    file: str,
    changes: bool,
) -> None:
    code, key_of = own_code
    runner = [code / "src" / "notebook_build" / path.name for path in reuse.RUNNER]
    monkeypatch.setattr(reuse, "RUNNER", runner)
    path, before = code / file, key_of(notebook)
    own = path.read_bytes()
    path.write_bytes(own + b"\n# changed\n")
    assert (key_of(notebook) != before) is changes
    # whole again for the next
    path.write_bytes(own)


@pytest.mark.parametrize(
    ("cell", "old", "new", "changes"),
    [("stage", "stage reached", "the stage reached", True), ("title", "# ", "# Another ", False)],
)
def test_the_key_of_a_run_depends_on_the_code_of_its_notebook(
    repository: Path, cell: str, old: str, new: str, changes: bool
) -> None:
    before = keys(repository).of(RUN, READ_OF_PANSHI)
    edit(repository, "pilot", cell, old, new)
    assert (keys(repository).of(RUN, READ_OF_PANSHI) != before) is changes


@pytest.mark.parametrize(
    ("program", "reached"),
    [
        ("from smalln import freeman_halton", True),
        ("from smalln import fisher", False),
        ("from smalln import *", True),
        ("import smalln", True),
        ("import smalln as s\ns.freeman_halton", True),
        ("from smalln.many_groups import freeman_halton", True),
        ("def later():\n    from smalln import freeman_halton", True),
    ],
)
def test_a_module_behind_a_name_of_its_package_is_reached(program: str, reached: bool) -> None:
    assert ("smalln.many_groups" in keys_here().reached(program)) is reached


@pytest.mark.parametrize(
    ("cell", "reached"),
    [
        # by places that are relative, in a module and in the stub of a package
        (
            "from own.a import x",
            {"own.__init__", "own.a", "own.b", "own.sub.__init__", "own.sub.c"},
        ),
        ("from own.sub import late", {"own.__init__", "own.b", "own.sub.__init__", "own.sub.d"}),
        # of all packages above what is imported the first lines run
        ("import own.sub.deep.e", {"own.__init__", "own.sub.__init__", "own.sub.deep.e"}),
        ("%matplotlib inline\n!ls\nimport own.b", {"own.__init__", "own.b"}),
        ("%%time\nimport own.b", {"own.__init__", "own.b"}),
        ("%%bash\nls | wc", set()),
        ("import own.b\nx = ", set()),
        ("import broken", {"broken"}),
    ],
)
def test_what_a_cell_reaches_however_it_says_so(
    tmp_path: Path, cell: str, reached: set[str]
) -> None:
    for name, text in (
        ("own/__init__", ""),
        ("own/a", "from . import b\nfrom .sub.c import y"),
        ("own/b", ""),
        ("own/sub/__init__", ""),
        ("own/sub/c", "from ..b import x\nfrom ... import beyond"),
        ("own/sub/d", "from .. import b"),
        ("own/sub/deep/e", ""),
        ("broken", "import own.b\nx = "),
    ):
        path = tmp_path / "src" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "src/own/sub/__init__.pyi").write_text("from .d import late", encoding="utf-8")
    assert Keys(Project(tmp_path)).reached(cell) == reached


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (*STAGE, True),
        ("2016-01,yushu,stage,3", "2016-01,yushu,stage,2", False),
        ("2016-01,panshi,batch,1", "2016-01,panshi,batch,2", False),
    ],
)
def test_the_key_depends_on_what_was_read_of_the_study(
    repository: Path, old: str, new: str, changes: bool
) -> None:
    before = keys(repository).of(RUN, READ_OF_PANSHI)
    recode(repository, old, new)
    assert (keys(repository).of(RUN, READ_OF_PANSHI) != before) is changes


def test_the_key_depends_on_which_rows_a_table_has_if_somebody_looked(repository: Path) -> None:
    looked: list[Part] = [("table", "leaders.csv")]
    before = keys(repository)
    path = repository / "data" / STUDY / "leaders.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:-1], lines[-2], lines[-1]]) + "\n", encoding="utf-8")
    after = keys(repository)
    assert after.of(RUN, looked) != before.of(RUN, looked)
    assert after.of(RUN, READ_OF_PANSHI) == before.of(RUN, READ_OF_PANSHI)


ASKED: dict[str, Callable[[Study], Any]] = {
    "one variable": lambda study: study.alternatives({"stage"}, of_these=True),
    "every row": lambda study: study.alternatives({"stage"}),
    "cells in doubt": lambda study: study.doubtful("stage"),
    "no alternative": lambda study: study.ratings(),
}
READERS = {"one variable", "every row", "cells in doubt"}
ALTERNATIVE = "2016-01,dongfeng,stage,1,implied,{},implied,"
TITLE = "alternative_status,reason\n"


@pytest.mark.parametrize(
    ("old", "new", "readers"),
    [
        # another value; of another variable
        (ALTERNATIVE.format(2), ALTERNATIVE.format(3), READERS),
        ("shared_platform,yes,implied,no,implied", "shared_platform,yes,implied,,silent", set()),
        # a row more at the end; one more above, so that the lines of all below are others
        ("", "2016-01,panshi,stage,4,stated,3,stated,why\n", READERS),
        ("", "2016-01,panshi,key_projects,2,stated,3,stated,why\n", {"every row"}),
        (TITLE, f"{TITLE}2016-01,panshi,key_projects,2,stated,3,stated,why\n", READERS),
    ],
)  # fmt: skip
def test_a_run_depends_on_the_alternatives_that_it_asked_for(
    repository: Path, old: str, new: str, readers: set[str]
) -> None:
    path = repository / "data" / STUDY / "passes" / "alternatives.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    before, after = dict[str, str](), dict[str, str]()
    reads: dict[str, list[Part]] = {}
    for keyed in (before, after):
        study, now = load_study(STUDY, WAVE, repository), keys(repository)
        for name, ask in ASKED.items():
            forget_reads(), study.log.clear()
            answer = repr((ask(study), study.log.evidence()))
            read = reads.setdefault(name, study.log.new_reads())
            keyed[name] = now.of(RUN, read)
            keyed[f"{name}, answered"] = answer
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    moved = {name for name in before if before[name] != after[name]}
    assert moved & {*ASKED} == readers
    # whatever is answered otherwise has another key
    assert {name.partition(",")[0] for name in moved} == moved & {*ASKED}


def test_a_run_depends_on_what_a_pass_says_of_what_it_asked_for(repository: Path) -> None:
    study, asked = load_study(STUDY, WAVE, repository), list[list[Part]]()
    for variable in ("stage", "named_slow"):
        forget_reads()
        study.log.read(("passes", ANY))
        study.doubtful(variable)
        asked.append(study.log.new_reads())

    def of_each() -> list[str]:
        now = keys(repository)
        return [now.of(RUN, each) for each in asked]

    passes = repository / "data" / STUDY / "passes"
    path, first = passes / "a" / "codings.csv", of_each()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(*(f"panshi,stage,{n},stated" for n in "45")), encoding="utf-8")
    seal(passes)
    then = of_each()
    assert [a != b for a, b in zip(first, then, strict=True)] == [True, False]
    # a coder more
    shutil.copytree(passes / "a", passes / "d")
    seal(passes)
    assert not {*then} & {*of_each()}


def test_the_key_depends_on_where_a_row_stands_that_evidence_lists(repository: Path) -> None:
    read: list[Part] = [("row", "sources.csv", "S00")]
    before = keys(repository).of(RUN, read)
    path = repository / "data" / STUDY / "sources.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:], lines[1]]), encoding="utf-8")
    assert keys(repository).of(RUN, read) != before


def test_the_key_depends_on_parameters() -> None:
    found = keys_here()
    other = Run("pilot", "pilot-panshi", {**RUN.parameters, "pilot": "yushu"})
    assert found.of(RUN, []) != found.of(other, [])


def test_looking_for_a_row_is_not_reading_it() -> None:
    forget_reads()
    study = load_study(STUDY, WAVE)
    # loading and checking is no reading either
    assert study.log.new_reads() == []
    rows = [row for row in study.rows("codings.csv") if row["pilot_id"] == "panshi"]
    assert rows
    assert study.log.new_reads() == [("table", "codings.csv")]
    assert study.levels("stage", ["panshi"]).notna().all()
    # and, of the text, whether somebody read it
    row = ("row", "codings.csv", WAVE, "panshi", "stage")
    assert study.log.new_reads() == [row, ("row", "sources.csv", "S00")]
    assert study.statuses(["stage"], ["panshi"]).notna().all(axis=None)
    assert study.log.new_reads() == []


def test_a_reader_of_one_pilot_reads_no_other() -> None:
    study = load_study(STUDY, WAVE)
    forget_reads()
    study.statuses(pilots=["panshi"])
    study.contradictions(pilots=["panshi"])
    study.outcome(["panshi"])
    assert {read[3] for read in study.log.new_reads() if read[1] == "codings.csv"} == {"panshi"}


def cell(kind: str, name: str, source: str, **more: Any) -> dict[str, Any]:
    found = {"cell_type": kind, "id": name, "metadata": more.pop("metadata", {}), "source": source}
    return found if kind == "markdown" else {
        **found, "outputs": more.get("outputs", []), "execution_count": more.get("count")
    }  # fmt: skip


def test_taking_over_keeps_outputs_and_renews_prose(tmp_path: Path) -> None:
    shown = [{"output_type": "stream", "name": "stdout", "text": "5"}]
    old = [
        cell("markdown", "title", "old words"),
        cell("code", "parameters", "a = 1", metadata={"tags": ["parameters"]}, count=1),
        cell("code", "injected-parameters", "a = 2", count=2),
        cell("code", "answer", "a + 3", outputs=shown, count=3),
    ]
    new = [
        cell("markdown", "title", "new words"),
        cell("code", "parameters", "a = 1", metadata={"tags": ["parameters"]}),
        cell("markdown", "more", "more words"),
        cell("code", "answer", "a + 3"),
    ]
    for name, cells in (("old", old), ("new", new)):
        content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    take_over(tmp_path / "old", tmp_path / "new", tmp_path / "made")
    made = nbformat.read(tmp_path / "made", as_version=4).cells
    assert [c.id for c in made] == ["title", "parameters", "injected-parameters", "more", "answer"]
    assert [made[0].source, made[3].source] == ["new words", "more words"]
    assert made[4].outputs[0].text == "5"


def test_what_a_cell_prints_is_one_text_however_it_was_sent() -> None:
    sent = [("stdout", "1\n"), ("stderr", "w"), ("stdout", "2"), ("stdout", ["\n", "3"])]
    outputs = [{"output_type": "stream", "name": name, "text": text} for name, text in sent]
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x"}}
    content: dict[str, Any] = {
        "cells": [cell("code", "answer", "5", outputs=[*outputs, shown, {**outputs[0]}])]
    }
    assert clean(content, "") == (("w",), ())
    first, second, third = content["cells"][0]["outputs"]
    assert (first["text"], second, third["text"]) == ("1\n2\n3", shown, "1\n")


def test_what_a_run_tells_of_its_reading_stays_out_of_the_notebook() -> None:
    told = {
        "output_type": "display_data",
        "metadata": {},
        "data": {READ: [["table", "leaders.csv"]]},
    }
    shown = {"output_type": "stream", "name": "stdout", "text": "5"}
    content = nbformat.from_dict(
        {"cells": [cell("code", "answer", "5", outputs=[shown, told])], "metadata": {},
         "nbformat": 4, "nbformat_minor": 5}
    )  # fmt: skip
    assert clean(content, READ) == ((), (("table", "leaders.csv"),))
    assert [o["output_type"] for o in content.cells[0].outputs] == ["stream"]
