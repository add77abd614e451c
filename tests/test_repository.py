"""The repository as a whole: layers, sizes, what must not stand in it, what belongs together."""

import ast
import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from support import ROOT, STUDY

SOURCES = sorted((ROOT / "src").rglob("*.py"))
STUDY_FOLDER = ROOT / "data" / STUDY
# who may import whom: the packages of src, analysis by its rooms
ALLOWED = {
    "cli": {"claims", "notebook_build", "publish", "simulated_study", "study"},
    "publish": {"claims", "exhibits", "notebook_build", "smalln", "study"},
    "exhibits": {"claims", "smalln", "study"},
    "claims": {"smalln", "study"},
    "study": set(),
    "notebook_build": set(),
    "simulated_study": {"study"},
    "smalln": set(),
    # decides that a report is up to date before the commands are loaded
    "__main__": {"cli", "notebook_build", "publish", "study"},
    # opens a study, and has the parameters of a notebook checked and its cells watched
    "__init__": {"study", "claims", "publish"},
}


def committed() -> list[Path]:
    """Every file under version control, or all that would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    return [(p, p.read_text(encoding="utf-8")) for p in committed() if p.suffix != ".png"]


def room(module: str) -> str:
    """Return the package of a module; of analysis the room."""
    first, *rest = module.split(".")
    return rest[0] if first == "analysis" and rest else first


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


def imported(path: Path) -> set[str]:
    """The modules that a module imports when it runs: what only types need is no dependency."""
    found, tree = set(), ast.parse(path.read_text(encoding="utf-8"))
    typed = [n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    for_types = {id(node) for each in typed for node in ast.walk(each)}
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT / "src").as_posix())
def test_imports_run_one_way(path: Path) -> None:
    own, packages = room(dotted(path)), {p.name for p in (ROOT / "src").iterdir()}
    found = {room(name) for name in imported(path) if name.split(".")[0] in packages}
    # `from analysis import ...` names the package, and then its rooms
    assert found - {"analysis"} <= ALLOWED[own] | {own}


def test_no_circles() -> None:
    names = {p: dotted(p) for p in SOURCES}
    edges = {names[p]: imported(p) & set(names.values()) - {names[p]} for p in SOURCES}
    done: set[str] = set()
    while len(done) < len(edges):
        free = {name for name, needs in edges.items() if name not in done and needs <= done}
        assert free, f"import each other: {sorted(set(edges) - done)}"
        done |= free


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT / "src").as_posix())
def test_a_module_is_one_idea_and_a_function_fits_a_screen(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # the study is one class in one file, with every question that can be asked of it
    assert len(text.splitlines()) <= (400 if path.name == "study.py" else 310)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno <= 60, node.name


def test_the_packages_grow_no_more() -> None:
    """What is added takes something away; a larger limit needs its reason in the commit."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    own = [lines[path] for path in lines if dotted(path).startswith("analysis")]
    assert len(own) <= 55
    assert sum(own) <= 10_550
    assert sum(lines.values()) <= 17_751


def test_the_package_and_notebooks_do_not_know_this_study() -> None:
    names = {row.split(",")[0] for row in _lines(STUDY_FOLDER / "pilots.csv")[1:]}
    words = [*names, "Jilin", "jilin", "吉林"]
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert not [w for w in words if re.search(rf"\b{w}\b", text)], path


def test_importing_the_package_is_light() -> None:
    code = "import sys, analysis; sys.exit('pandas' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([_python(), "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_path_of_a_machine_no_registry_address() -> None:
    forbidden = re.compile(
        r"/(?:home|Users|root|workspace|work)/\w|https?://[^\s\"'>]*(?:pypi|pythonhosted|simple/)"
    )
    found = {
        p.relative_to(ROOT).as_posix(): forbidden.findall(text)[:2]
        for p, text in texts()
        if forbidden.search(text) and p != Path(__file__)
    }
    assert not found


def test_every_text_ends_its_lines_with_a_line_feed() -> None:
    kept = STUDY_FOLDER / "passes"
    for path in committed():
        if kept not in path.parents and path.suffix != ".png":
            assert b"\r" not in path.read_bytes(), path


def test_sums_of_the_passes_hold() -> None:
    for line in _lines(STUDY_FOLDER / "passes" / "SHA256SUMS"):
        digest, name = line.split("  ", 1)
        content = (STUDY_FOLDER / "passes" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name


def test_terms_of_every_source_stand_in_the_licence_of_the_data() -> None:
    import csv

    licence = (ROOT / "data" / "LICENSE").read_text(encoding="utf-8")
    with (STUDY_FOLDER / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert re.findall(r"^(S\d+): (.+)$", licence, re.MULTILINE) == [
        (row["source_id"], row["terms"]) for row in rows
    ]


def test_leaders_have_no_name_column() -> None:
    header = _lines(STUDY_FOLDER / "leaders.csv")[0]
    assert header == "pilot_id,role,holder_id,start,end,seen_first,seen_last,source_id,status,note"


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(cited["version"]) == project["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project['version']} ({cited['date-released']})" in changes


def test_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", readme)) | set(
        re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE)
    )
    assert named
    assert named <= targets
    assert "make test-full" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_parameters_of_the_readme_are_the_declared_ones() -> None:
    from analysis.publish.parameters import NOTEBOOKS, settable

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (`[^|]+) \|", readme, re.MULTILINE))
    declared = {name: value for n in NOTEBOOKS for name, value in settable(n).items()}
    assert set(rows) & set(declared) == set(declared)
    for name, default in declared.items():
        assert rows[name].startswith(f"`{default}`"), name


def test_links_between_files_of_the_repository_lead_somewhere() -> None:
    for name in ("README.md", "CHANGELOG.md", f"data/{STUDY}/CODING.md"):
        path = ROOT / name
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (path.parent / target).exists(), (name, target)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _python() -> str:
    import sys

    return sys.executable


@pytest.mark.xdist_group("repository")
def test_a_group_of_tests_stays_in_one_process(request: pytest.FixtureRequest) -> None:
    """pytest-xdist goes by the ends of ids, which some versions of pytest give it no chance to set."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("one process, or no groups: make test")
    assert request.node.nodeid.endswith("@repository")
