"""One set of versions: pyproject names the direct dependencies, the lock their hashes."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
import yaml
from support import ROOT

from analysis.publish.parameters import NOTEBOOKS

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# imported by nothing here: commands, back ends, stubs, plug-ins, a font
NOT_IMPORTED = {
    "jupyterlab", "ipykernel", "myst-nb", "pydata-sphinx-theme", "ruff", "mypy", "uv", "hatchling",
    "editables", "pandas-stubs", "scipy-stubs", "types-pyyaml", "types-tqdm",
    "types-docutils", "zhplot", "pytest-xdist",
}  # fmt: skip


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return plain(found.group())


def locked() -> dict[str, set[str]]:
    """Versions of each package; more than one where Pythons differ."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE):
        found.setdefault(plain(name), set()).add(version)
    return found


EXTRAS = PROJECT["optional-dependencies"]
DIRECT = {named(d) for d in PROJECT["dependencies"] + EXTRAS["dev"] + EXTRAS["dask"]}


def test_every_locked_package_has_a_hash() -> None:
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK)
    packages = [b for b in blocks if "==" in b.split("\n", 1)[0]]
    assert len(packages) > 100
    assert [b.split("\n", 1)[0] for b in packages if "--hash=sha256:" not in b] == []


def test_every_direct_dependency_is_locked() -> None:
    assert set(locked()) >= DIRECT


def test_pyarrow_is_not_locked() -> None:
    # pandas imports it where it is installed; it starts a thread, and a kernel could not be forked
    assert "pyarrow" not in locked()


def test_the_conda_file_names_the_same_dependencies_and_versions() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = yaml.safe_load(text)["dependencies"]
    pinned: dict[str, str] = {}
    for entry in listed:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, _, version = str(line).replace("==", "=").partition("=")
            if version and not name.startswith("python "):
                pinned[plain(name)] = version
    assert set(pinned) == DIRECT
    versions = locked()
    assert {n: v for n, v in pinned.items() if v not in versions[n]} == {}
    assert "Not solved here" in text


def test_everything_imported_is_a_direct_dependency() -> None:
    distributions = packages_distributions()
    modules: set[str] = set()
    for folder in ("src", "tests", "report", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.parent.name == "drivers":
                # programs of other tools, each in an environment of its own
                continue
            modules |= _imports(path.read_text(encoding="utf-8"))
    for name in NOTEBOOKS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                modules |= _imports(cell.source)
    own = {p.stem for folder in ("tests", "benchmarks") for p in (ROOT / folder).rglob("*")}
    outside = modules - set(sys.stdlib_module_names) - own - {"analysis"}
    needed = {plain(d) for m in outside for d in distributions.get(m, [m])}
    assert {n for n in needed if n not in DIRECT} == set()
    assert DIRECT - needed - NOT_IMPORTED == set()


def _imports(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(("user", "more"), [("0", ["--allow-root"]), ("1000", [])])
def test_make_lab_runs_as_root_too_and_passes_arguments_on(
    tmp_path: Path, user: str, more: list[str]
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name, program in (
        (".ci/environment.sh", ""),
        (".venv/bin/python", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"),
        ("bin/id", f"#!/bin/sh\necho {user}\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(program, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["make", "lab", "ARGS=--port=8890 ;x $(id) `id`"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    given = ["--port=8890", ";x", "$(id)", "`id`"]
    assert done.stdout.split() == ["-m", "jupyterlab", "--ip=127.0.0.1", *more, *given, "notebooks"]
