"""The package as a library: one flat list of names, each with an example; light; in English."""

import ast
import doctest
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from support import ROOT

import smalln
from smalln import NotEstimable, solve, truth_table

PACKAGE = ROOT / "src" / "smalln"
MODULES = sorted(p.stem for p in PACKAGE.glob("*.py") if p.stem != "__init__")
CATALOGUE = ROOT / "locale" / "zh" / "LC_MESSAGES" / "smalln.po"


@pytest.mark.parametrize("module", MODULES)
def test_every_example_holds(module: str) -> None:
    assert doctest.testmod(import_module(f"smalln.{module}")).failed == 0


@pytest.mark.parametrize("name", smalln.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    value = getattr(smalln, name)
    assert ">>> " in (value.__doc__ or ""), name
    if inspect.isfunction(value) and name not in ("mentioned_for",):
        assert "Raises:" in value.__doc__, name


def test_no_public_name_is_that_of_a_module() -> None:
    """A module once imported would hide the function of its name."""
    assert not set(smalln.__all__) & set(MODULES)


def test_the_stub_and_the_page_have_every_public_name() -> None:
    stub = (PACKAGE / "__init__.pyi").read_text(encoding="utf-8")
    assert len(smalln.__all__) == stub.count("import") > 0
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"(?m)^\| `(\w+)` \| \S", page)) == sorted(smalln.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        smalln.nothing  # noqa: B018


def test_importing_the_package_is_light() -> None:
    code = "import sys, smalln; sys.exit(bool({'numpy', 'pandas', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def reasons(path: Path) -> list[str]:
    """The templates of a module: the first argument of every NotEstimable."""
    return [
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "NotEstimable"
    ]


def test_reasons_are_english_and_each_has_its_translation() -> None:
    written = {reason for module in MODULES for reason in reasons(PACKAGE / f"{module}.py")}
    with CATALOGUE.open("rb") as file:
        catalogue = {m.id: m for m in read_po(file) if m.id}
    assert set(catalogue) == written
    for message in catalogue.values():
        fields = [sorted(re.findall(r"{(\w+)", text)) for text in (message.id, message.string)]
        assert message.string
        assert fields[0] == fields[1], message.id
    for module in MODULES:
        text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
        assert not re.search(r"[\u4e00-\u9fff]", text), module


def test_a_refusal_says_all_its_reasons() -> None:
    found = NotEstimable("only {n} units", {"n": 3}, (NotEstimable("no variation"),))
    assert str(found) == "only 3 units; no variation"
    assert found == NotEstimable("only {n} units", {"n": 3}, (NotEstimable("no variation"),))
    assert hash(found) is not None


def test_an_intermediate_solution_without_expectations_says_so() -> None:
    import pandas as pd

    frame = pd.DataFrame({"A": [1, 1, 0], "B": [1, 1, 0], "Y": [1, 1, 0]})
    table = truth_table(frame, "Y", ["A", "B"])
    assert not isinstance(table, NotEstimable)
    silent, told, plain = (
        solve(table, "intermediate"),
        solve(table, "intermediate", {"A": 1}),
        solve(table, "conservative"),
    )
    assert "no directional expectation" in silent.note  # type: ignore[union-attr]
    assert silent.models == plain.models  # type: ignore[union-attr]
    assert (told.note, plain.note) == ("", "")  # type: ignore[union-attr]
