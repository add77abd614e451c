"""Notebooks are looked at before any runs: what a run is given is used, or the notebook refused."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, SMALL, SMALL_WAVE, copy_repository, refused_command, run_command

from analysis.claims.catalogue import templates
from analysis.publish.executed import in_language
from analysis.publish.inputs import inputs, say_left_aside
from analysis.publish.parameters import check_given
from analysis.publish.report import check_cells
from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.study import Study
from notebook_build.notebook import text
from notebook_build.project import InputError, Project, Run
from notebook_build.reuse import Keys
from notebook_build.source import tidy

Cells = list[dict[str, Any]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "factor.ipynb", tmp_path / "notebooks")
    return tmp_path


def changed(place: Path, change: Callable[[Cells], None]) -> Path:
    path = place / "notebooks" / "factor.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["cells"])
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def cell(cells: Cells, name: str) -> dict[str, Any]:
    (found,) = [each for each in cells if each["id"] == name]
    return found


def add(name: str, source: str, **more: Any) -> Callable[[Cells], None]:
    def change(cells: Cells) -> None:
        found = cell(cells, name)
        found["source"] = text(found["source"]) + source
        found.update(more)

    return change


def with_tags(name: str, *tags: str) -> Callable[[Cells], None]:
    return add(name, "", metadata={"tags": list(tags)})


def replaced(old: str, new: str) -> Callable[[Cells], None]:
    def change(cells: Cells) -> None:
        found = cell(cells, "parameters")
        assert old in text(found["source"])
        found["source"] = text(found["source"]).replace(old, new)

    return change


WRONG: list[tuple[Callable[[Cells], None], str]] = [
    (with_tags("parameters"), "cells tagged `parameters`: none; tag the one with the defaults"),
    (with_tags("setup", "parameters"), "tagged `parameters`: parameters, setup; tag the one"),
    (add("parameters", "", metadata={"tags": "parameters"}), "not a notebook .*is not of type"),
    (with_tags("verdict", "skip-execution"), "cell verdict: tag 'skip-execution'; allowed"),
    (with_tags("verdict", "raises-exception"), "cell verdict: tag 'raises-exception'"),
    (with_tags("verdict", "injected-parameters"), "cell verdict: tag 'injected-parameters'"),
    (add("parameters", "\nother = 1"), "cell parameters: assigns .*other; allowed: each once of"),
    (add("parameters", "\nsilence = 'unknown'"), "silence; allowed: each once of factor, group"),
    (replaced("silence =", "quiet ="), "assigns study, wave, factor, quiet, "),
    (replaced('"unknown"', '"absent"'), "silence = 'absent'; allowed: the default, 'unknown'"),
    (replaced("False", "0"), "cell parameters: recalled = 0; allowed: the default, False"),
    (add("setup", "\nsilence = 'unknown'"), "cell setup: assigns silence, so that what a run"),
    (add("verdict", "\nfor window in (): pass"), "cell verdict: assigns window"),
    (add("verdict", "\nimport numpy as group"), "cell verdict: assigns group"),
    (add("verdict", "\n%matplotlib inline"), "cell verdict: not Python"),
    (add("verdict", "", id="setup"), "cell setup: two cells have this id"),
    (add("verdict", "", id="a1b2c3d4"), "cell 'a1b2c3d4': an editor made up this id"),
    (add("verdict", "", id="Verdict_1"), "cell 'Verdict_1': an editor made up this id"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said[:30] for _, said in WRONG])
def test_a_notebook_that_would_not_use_what_it_is_given_is_refused(
    place: Path, change: Callable[[Cells], None], said: str
) -> None:
    check_cells(place, ["factor"])
    changed(place, change)
    with pytest.raises((StudyError, InputError), match=f"notebooks/factor.ipynb: .*{said}"):
        check_cells(place, ["factor"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda text: b"", "missing or empty"),
        (lambda text: b"\xef\xbb\xbf" + text, "BOM"),
        (lambda text: text.decode().encode("utf-16"), "can't decode byte 0xff"),
        (lambda text: text.replace(b"{\n", b"{\n<<<<<<< HEAD\n", 1), "line 2"),
        (lambda text: text.replace(b"null", b"NaN", 1), "not JSON compliant"),
        (lambda text: text.replace(b'"# ', b'"\\ud800# ', 1), "surrogates not allowed"),
        (lambda text: text[: len(text) // 2], "line"),
        (lambda text: b"[" * 100_000, "recursion"),
        (lambda text: b"[]", "list indices"),
        (lambda text: b"{}", "nbformat_minor"),
        (lambda text: b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
         "'worksheets' was unexpected"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_by_name(
    place: Path, content: Callable[[bytes], bytes], said: str
) -> None:
    path = place / "notebooks" / "factor.ipynb"
    path.write_bytes(content(path.read_bytes()))
    before = path.read_bytes()
    for use in (lambda: check_cells(place, ["factor"]), lambda: tidy(path)):
        with pytest.raises(InputError, match=rf"notebooks/factor.ipynb: not a notebook \(.*{said}"):
            use()
    assert path.read_bytes() == before


def older(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content["nbformat_minor"] = 4
    for each in content["cells"]:
        del each["id"]
    path.write_text(json.dumps(content), encoding="utf-8")


def test_ids_of_cells_come_back_from_git(place: Path) -> None:
    path = place / "notebooks" / "factor.ipynb"
    last = path.read_bytes()
    older(path)
    with pytest.raises(StudyError, match="cell '': an editor made up this id, or left it out"):
        check_cells(place, ["factor"])
    assert tidy(path, last)
    assert path.read_bytes() == last
    # all new, one source changed a little, one cell taken out, another put in
    content = json.loads(last)
    for number, each in enumerate(content["cells"]):
        each["id"] = f"a1b2c3{number:02}"
    first = next(each for each in content["cells"] if "verdict" in text(each["source"]))
    first["source"] = text(first["source"]) + "# more\n"
    del content["cells"][-1]
    content["cells"].append({**first, "id": "new", "source": "print(1)\n"})
    path.write_text(json.dumps(content), encoding="utf-8")
    assert tidy(path, last)
    ids = [each["id"] for each in json.loads(path.read_bytes())["cells"]]
    assert ids == [*(each["id"] for each in json.loads(last)["cells"][:-1]), "new"]
    # a name that somebody wrote stays
    path.write_bytes(last)
    changed(place, add("verdict", "", id="what-follows"))
    tidy(path, last)
    ids = [each["id"] for each in json.loads(path.read_bytes())["cells"]]
    assert "what-follows" in ids
    assert "verdict" not in ids
    # one that was committed broken tells nothing
    assert not tidy(path, b"<<<<<<< HEAD")


def test_tidy_leaves_the_notebooks_of_others(small: Path) -> None:
    theirs = small / "notebooks" / "mine.ipynb"
    shutil.copy(small / "notebooks" / "pilot.ipynb", theirs)
    content = json.loads(theirs.read_bytes())
    content["cells"][-1]["metadata"] = {"mine": 1}
    theirs.write_text(json.dumps(content), encoding="utf-8")
    before = theirs.read_bytes()
    said = run_command(small, "tidy").stdout
    assert "mine.ipynb: left as it is, not declared" in said
    assert "pilot.ipynb: nothing to do; not in git: ids of cells stay" in said
    assert theirs.read_bytes() == before
    for command in (["init", "-q"], ["add", "notebooks"],
                    ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):  # fmt: skip
        subprocess.run(["git", "-C", str(small), *command], check=True)
    path = small / "notebooks" / "pilot.ipynb"
    last = path.read_bytes()
    older(path)
    assert "pilot.ipynb: tidied\n" in run_command(small, "tidy").stdout
    assert path.read_bytes() == last


def test_a_report_and_a_sweep_refuse_it_before_anything_runs(small: Path) -> None:
    changed(small, with_tags("parameters"))
    said = "notebooks/factor.ipynb: cells tagged `parameters`: none"
    assert said in refused_command(small, "report", NOTEBOOK="factor", PARAMS="silence=absent")
    (small / "grid.yaml").write_text("notebook: factor\ngrid: {silence: [absent]}")
    assert said in refused_command(small, "sweep", str(small / "grid.yaml"))
    assert not (small / "build").exists()


def test_a_tag_belongs_to_the_key_of_a_run(place: Path) -> None:
    run = Run("factor", "factor", {"silence": "absent"})
    keys = []
    for tag in ("parameters", "parameter"):
        changed(place, with_tags("parameters", tag))
        keys.append(Keys(Project(place)).of(run, ()))
    assert keys[0] != keys[1]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    root = copy_repository(tmp_path_factory.mktemp("copy") / "copy", SMALL)
    return load_study(SMALL, SMALL_WAVE, root)


FACTOR = {
    "factor": "leadership_change", "silence": "unknown", "window": "since_designation",
    "group": "example", "roles": "notice", "recalled": False,
}  # fmt: skip
DESIGN = {
    "window": "fixed", "share": 0.5, "carried": 0.5, "base": 0.25, "effect": 0.3,
    "if_named": 1, "if_not_named": 0.1, "seed": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("notebook", "used", "given", "said"),
    [
        ("factor", {"silence": "Absent"}, "", "silence='Absent'; allowed: .*did you mean absent"),
        ("factor", {"recalled": "false"}, "", "recalled='false'; allowed: True, False"),
        ("factor", {"recalled": 0}, "", "recalled=0; allowed: True, False"),
        ("factor", {"group": "Example"}, "", "group='Example'; allowed: example, none"),
        ("factor", {"roles": None}, "", "roles=None; allowed: notice, wider"),
        ("factor", {"factor": "fiscal_capacit"}, "", "no factor .*did you mean fiscal_capacity"),
        ("factor", {"factor": ["exposure"]}, "", r"no factor \['exposure'\]"),
        ("pilot", {"pilot": "nobody"}, "", "no pilot 'nobody' .*allowed: birch, cedar, alder"),
        ("design", {"seed": 1.0}, "", "seed=1.0; allowed: a valid integer"),
        ("design", {"share": "0.5"}, "", "share='0.5'; allowed: a valid number"),
        ("design", {"share": float("nan")}, "", "share=nan; allowed: a finite number"),
        ("design", {"base": 0.9}, "", r"base=0.9 effect=0.3; in design base \+ effect"),
        ("factor", {}, "slience = 'absent'", "no parameter 'slience' in factor; did you mean sil"),
        ("factor", {}, "silence = 'absent'", "silence='absent' was given, 'unknown' would be used"),
        ("factor", {}, "wave = '2016-01'", "wave='2016-01' was given, '2020-06' would be used"),
        ("factor", {}, "factor = 'exposure'", "factor='exposure' was given, 'leadership_change'"),
        ("faktor", {}, "", "no notebook 'faktor'"),
    ],
)  # fmt: skip
def test_whoever_starts_a_notebook_its_values_are_checked(
    study: Study, notebook: str, used: dict[str, Any], given: str, said: str
) -> None:
    own = DESIGN if notebook == "design" else FACTOR
    right = ["", "# Parameters\nwave = '2020-06'\n"]
    check_given({**own, "In": right}, "design" if own is DESIGN else "factor", study)
    cells = ["", "x = 1", f"# Parameters\n{given}\n"] if given else []
    with pytest.raises(StudyError, match=said):
        check_given({**own, **used, "In": cells}, notebook, study)


@pytest.mark.slow
def test_the_command_of_papermill_is_refused_too(tmp_path: Path) -> None:
    """What it gives is looked at as in the test above."""
    given = ["slience", "absent"]
    notebook, out = ROOT / "notebooks" / "factor.ipynb", tmp_path / "out.ipynb"
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(notebook), str(out), "-p", *given],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "StudyError: notebook factor: " in done.stderr
    assert given[0] in done.stderr.splitlines()[-1] + done.stderr.splitlines()[-2]


@pytest.mark.parametrize(
    "options",
    [{"silence": "Absent"}, {"group": "Example"}, {"use_unverified": "false"}],
)
def test_a_study_takes_no_reading_for_another(study: Study, options: dict[str, Any]) -> None:
    (name, value), = options.items()  # fmt: skip
    with pytest.raises(StudyError, match=f"{name}='{value}'; allowed: "):
        study.factor("leadership_change", **options)
    with pytest.raises(StudyError, match=f"{name}='{value}'; allowed: "):
        study.frame("leadership_change", **options)


def test_copies_of_sync_clients_are_named_and_change_nothing(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = small / "texts"
    texts.mkdir()
    (texts / "S00.txt").write_text("x", encoding="utf-8")
    before, with_texts = inputs(small, SMALL, ""), inputs(small, SMALL, str(texts))
    assert with_texts.keys() - before.keys() == {"texts/S00.txt"}
    data, notebooks = small / "data" / SMALL, small / "notebooks"
    assert {f"data/{SMALL}/{p.relative_to(data).as_posix()}" for p in data.rglob("*.*")} <= {
        *before
    }
    copies = [
        notebooks / "factor - Copy.ipynb", notebooks / "factor-DESKTOP-AB12.ipynb",
        notebooks / "factor (1).ipynb", data / "codings - Copy.csv", data / "codings.csv.orig",
        data / "passes" / "codings.sync-conflict-20260101-X.csv", data / "副本.csv",
        small / "locale" / "zh" / "LC_MESSAGES" / "factor (1).po",
    ]  # fmt: skip
    for copy in copies:
        copy.write_text("x", encoding="utf-8")
    (data / ".codings.csv.swp").write_text("x", encoding="utf-8")
    (texts / "S00 (1).txt").write_text("x", encoding="utf-8")
    assert inputs(small, SMALL, "") == before
    assert inputs(small, SMALL, str(texts)) == with_texts
    assert "factor" in templates(small)
    assert not [name for name in templates(small) if not name.isidentifier()]
    say_left_aside(small, SMALL)
    said = capsys.readouterr().err
    assert all(said.count(copy.relative_to(small).as_posix()) == 1 for copy in copies)
    assert ".swp" not in said


def test_a_heading_leads_to_something() -> None:
    def prose(name: str, source: str) -> dict[str, Any]:
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}

    def code(name: str, *said: str) -> dict[str, Any]:
        outputs = [{"output_type": "stream", "name": "stdout", "text": each} for each in said]
        about = {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None}
        return about | {"source": "x", "outputs": outputs}

    cells = [
        prose("title", "# A title"), code("setup"),
        prose("first", "## One"), code("shown", "x"),
        prose("below", "### Below"), code("none"), prose("more", "As much of it."), code("nothing"),
        prose("empty", "## Empty"), prose("inside", "### Inside"), code("silent"),
        prose("partly", "## Partly"), prose("quiet", "### Quiet"), code("hush"), prose("loud", "### Loud"), code("seen", "y"),
        prose("limits", "## Limits"), prose("words", "Of what is said."),
    ]  # fmt: skip
    made = in_language({"cells": cells}, "page", "en", "", {})["cells"]
    hidden = ["setup", "none", "nothing", "silent", "hush"]
    assert [cell["id"] for cell in made if cell["id"] not in hidden] == [
        "title", "first", "shown", "partly", "loud", "seen", "limits", "words", "last",
    ]  # fmt: skip
    assert [cell["id"] for cell in made][-5:] == hidden
