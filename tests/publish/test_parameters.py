"""Parameters: checked before anything runs, with the name meant and what is allowed."""

from pathlib import Path

import pytest
from support import PAGES, STUDY, WAVE, refused_command, run_process

from analysis import open_study
from analysis.publish.parameters import (
    NOTEBOOKS,
    check,
    parse,
    select,
    settable,
    things,
)
from analysis.publish.report import folder_name, plan
from analysis.study import StudyError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("silense=absent", "no parameter 'silense'.*did you mean silence"),
        (
            "silence=absend",
            "silence='absend'; allowed: unknown, absent, absent_if_slow; did you mean absent",
        ),
        ("recalled=perhaps", "recalled='perhaps'; allowed: True, False"),
        ("share=1.5", "share='1.5'; allowed: less than or equal to 1"),
        ("seed=-1", "seed='-1'; allowed: greater than or equal to 0"),
        ("seed=soon", "seed='soon'; allowed: a valid integer"),
        (f"seed={'1' * 5000}", r"seed='1{50,60}; allowed: .*exceeded maximum size$"),
        ("share=nan", "share='nan'; allowed: a finite number"),
        ("effect=-inf", "effect='-inf'; allowed: "),
        (f"{'x' * 300}=1", "no parameter 'x{60}' in"),
        ("base=0.8", r"PARAMS: base=0\.8; in design base \+ effect must be within 0 to 1"),
        ("silence", "write name=value"),
        ("silence=absent silence=unknown", "given twice"),
        ("silence='absent", "close the quotation"),
        ("factor=unit_type", "no parameter 'factor'"),
    ],
)
def test_what_is_wrong_is_named_with_the_mend(text: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        check(parse(text), NOTEBOOKS)


def test_values_get_their_types_and_defaults_are_no_change() -> None:
    assert check(parse("recalled=yes window=fixed silence=unknown"), NOTEBOOKS) == {
        "recalled": True,
        "window": "fixed",
    }
    # together they are allowed, though the first is not beside the default of the other
    assert check(parse("base=0.8 effect=0.1"), NOTEBOOKS) == {"base": 0.8, "effect": 0.1}
    assert parse("a='x y' b=z") == {"a": "x y", "b": "z"}


def test_a_parameter_of_another_notebook_is_refused() -> None:
    with pytest.raises(StudyError, match="in pilot"):
        check({"silence": "absent"}, ["pilot"])


def test_the_plan_runs_every_factor_and_pilot_once() -> None:
    study = open_study(STUDY, WAVE)
    runs = plan(study, select(None), {"silence": "absent"})
    assert len(runs) == len({r.page for r in runs}) == PAGES
    factors = [r for r in runs if r.notebook in ("factor", "known")]
    assert sorted(r.page for r in factors) == sorted(f"factor-{f}" for f in study.declared.factors)
    assert all(r.parameters["silence"] == "absent" for r in factors if r.notebook == "factor")
    assert "silence" not in next(r for r in runs if r.page == "coding").parameters
    assert set(settable("factor")) == {"silence", "window", "group", "roles", "recalled"}


def test_a_notebook_runs_for_what_has_what_it_takes() -> None:
    study = open_study(STUDY, WAVE)
    assert {name: things(study, name) for name in NOTEBOOKS if NOTEBOOKS[name].each == "factor"} == {
        "factor": (
            "target_ambition", "leadership_change", "fiscal_capacity", "superior_takeover",
            "exposure", "funding",
        ),
        "known": ("unit_type",),
        "changes": ("leadership_change",),
        "ratios": ("target_ambition", "fiscal_capacity"),
        "exposure": ("exposure",),
        "multiverse": ("leadership_change", "unit_type"),
    }  # fmt: skip


def test_other_parameters_go_into_a_folder_of_their_own() -> None:
    assert folder_name(WAVE, None, {}) == WAVE
    changed = {"window": "fixed", "silence": "absent"}
    assert folder_name(WAVE, None, changed) == f"{WAVE}+silence=absent,window=fixed"
    assert folder_name(WAVE, "factor", {}) == f"{WAVE}+notebook=factor"
    assert "/" not in folder_name(WAVE, None, {"x": "../../etc"})
    # file systems allow 255 bytes, and a build takes some for what it makes aside
    long = [folder_name(WAVE, "design", {"seed": int(f"{'1' * 4298}{n}")}) for n in range(2)]
    assert len({*long}) == 2
    assert all(len(name) < 200 for name in long)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PARAMS": "silense=absent"}, "did you mean silence"),
        ({"NOTEBOOK": "faktor"}, "no notebook 'faktor'"),
        ({"STUDY": "nowhere"}, "studies: jilin-2016"),
        ({"WAVE": "2017-01"}, "declared: 2016-01"),
        ({"SOURCES": "/nowhere"}, "SOURCES: /nowhere: no text of a source there"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(
    repository: Path, environment: dict[str, str], said: str
) -> None:
    assert said in refused_command(repository, "report", **environment)
    assert not (repository / "build").exists()


def test_a_process_of_its_own_ends_with_2_and_one_message(repository: Path) -> None:
    done = run_process(repository, "report", NOTEBOOK="faktor")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("NOTEBOOK: no notebook 'faktor'")
    assert done.stderr.count("\n") == 1
