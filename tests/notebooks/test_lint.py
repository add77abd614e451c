"""Notebooks as they are committed: clean, English, short cells of pandas that show one thing each."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeGuard

import nbformat
import pytest
from support import ROOT, STUDY, WAVE

from analysis import open_study
from analysis.publish.parameters import NOTEBOOKS
from analysis.publish.report import check_cells
from notebook_build.source import tidy


def kept() -> list[Path]:
    """The notebooks that git holds: what others have beside them is theirs; without git, all."""
    command = ["git", "ls-files", "*.ipynb"]
    try:
        listed = subprocess.run(
            command, cwd=ROOT / "notebooks", capture_output=True, text=True, check=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        listed = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    return [ROOT / "notebooks" / name for name in sorted(listed)]


PATHS = kept()
CELL_LINES = 12
# of the lines of code, those that hold words for a reader
MOST_WORDING = 0.25
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# what a frame is asked, and what makes one
PANDAS = {
    "agg", "apply", "concat", "crosstab", "DataFrame", "dropna", "eval", "fillna", "groupby", "iloc",
    "isin", "isna", "loc", "map", "merge", "notna", "nunique", "pivot", "query", "rename", "set_index",
    "stack", "unstack", "value_counts",
}  # fmt: skip
LIBRARIES = {
    "analysis",
    "smalln",
    "numpy",
    "pandas",
    "scipy",
    "seaborn",
    "matplotlib",
    "statsmodels",
}
MODELS = {"fit", "fit_regularized", "get_margeff", "logit", "ols", "glm", "Logit", "OLS", "GLM"}
DRAWN = {"plot", "contour", "contourf", "fill_between"}
# functions that take words, and where; keywords that hold some
WORDS = {"_": 0, "NotEstimable": 0, "Claim": 1}
WORDED = ("title", "subtitle", "description", "source", "columns")


@pytest.fixture(params=PATHS, ids=[p.stem for p in PATHS])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def content(path: Path) -> bytes:
    """What git holds of a notebook: an editor may have saved it since, with outputs."""
    staged = ["git", "show", f":./{path.name}"]
    try:
        done = subprocess.run(staged, cwd=path.parent, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return path.read_bytes()
    return done.stdout


@pytest.fixture
def notebook(content: bytes) -> Any:
    found = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(found)
    return found


def code(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def test_every_declared_notebook_is_there_and_no_other() -> None:
    assert {p.stem for p in PATHS} == set(NOTEBOOKS)


def test_cells_are_as_declared(path: Path, content: bytes, tmp_path: Path) -> None:
    """Parameters with their defaults on the one tagged cell, ids, tags: as a build checks them."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / path.name).write_bytes(content)
    check_cells(tmp_path, [path.stem])


def test_each_parameter_has_a_comment_with_what_is_allowed(notebook: Any) -> None:
    (cell,) = [c for c in code(notebook) if "parameters" in c.metadata.get("tags", [])]
    for line in cell.source.splitlines():
        assert re.fullmatch(r"\w+ = .+  # .+: .+", line), line


def test_nothing_that_was_run_is_committed(notebook: Any, content: bytes, tmp_path: Path) -> None:
    assert all(c.outputs == [] and c.execution_count is None for c in code(notebook))
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(content)
    assert not tidy(copy)
    assert copy.read_bytes() == content


def own_code(notebook: Any) -> list[Any]:
    """The code cells that compute or show something: all but `parameters` and `setup`."""
    return [c for c in code(notebook) if c.id not in ("parameters", "setup")]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of the name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def is_figure(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    """Whether a statement is a function that its decorator draws."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return [ast.unparse(d.func) for d in decorators if isinstance(d, ast.Call)] == ["figure"]


def named(tree: ast.AST) -> set[str]:
    return {
        str(getattr(node, "id", getattr(node, "attr", "")))
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def test_prose_is_english_alone(notebook: Any) -> None:
    prose = [c for c in notebook.cells if c.cell_type == "markdown"]
    assert prose[0].id == "title"
    assert prose[0].source.startswith("# ")
    assert all(not c.metadata for c in prose)
    assert not [c.id for c in prose if c.id.endswith(("-en", "-zh"))]


@pytest.mark.parametrize(
    "source", [*PATHS, *sorted((ROOT / "src").rglob("*.py"))], ids=lambda p: p.name
)
def test_no_chinese_stands_outside_the_catalogues(source: Path) -> None:
    assert CHINESE.findall(source.read_text(encoding="utf-8")) == []


def test_cells_are_short(notebook: Any) -> None:
    lines = {c.id: len(c.source.splitlines()) for c in own_code(notebook)}
    (setup,) = [ast.parse(c.source).body for c in code(notebook) if c.id == "setup"]
    named = [node for node in setup if not isinstance(node, ast.Import | ast.ImportFrom)]
    # what several cells use stands in the section that uses it
    assert not [node for node in named if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    lines["setup"] = sum(len(ast.unparse(node).splitlines()) for node in named)
    assert not {name: n for name, n in lines.items() if n > CELL_LINES}


def wording(source: str) -> set[int]:
    """The lines that hold words for a reader: sentences, titles, heads."""
    words: list[ast.AST] = []
    for name, call in calls(ast.parse(source)):
        words += call.args[WORDS[name] :][:1] if name in WORDS else []
        if name in ("Table", "figure"):
            words += [k.value for k in call.keywords if k.arg in WORDED]
    texts = (node for each in words for node in ast.walk(each) if isinstance(node, ast.Constant))
    return {
        line
        for node in texts
        if isinstance(node.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def test_a_notebook_computes_more_than_it_words(notebook: Any) -> None:
    cells = [c.source for c in code(notebook) if c.id != "parameters"]
    lines = sum(bool(line.strip()) for source in cells for line in source.splitlines())
    assert sum(len(wording(source)) for source in cells) <= MOST_WORDING * lines


def test_nothing_says_that_it_does_not_apply(notebook: Any) -> None:
    """A claim, or another kind of output in its place: such a cell belongs to another notebook."""
    for cell in code(notebook):
        tree = ast.parse(cell.source)
        assert "NotApplicable" not in named(tree), cell.id
        for node in ast.walk(tree):
            if isinstance(node, ast.If | ast.IfExp):
                assert not {"Claim", "Claims", "Table", "figure"} & named(node), cell.id


def test_every_notebook_works_on_frames(notebook: Any) -> None:
    asked = {name for cell in own_code(notebook) for name in named(ast.parse(cell.source))}
    assert len(asked & PANDAS) >= 2


def test_figures_are_drawn_and_models_fitted_in_the_open(notebook: Any) -> None:
    (setup,) = [c.source for c in code(notebook) if c.id == "setup"]
    for cell in own_code(notebook):
        tree = ast.parse(cell.source)
        for function in ast.walk(tree):
            if is_figure(function):
                drawn = [ast.unparse(c.func) for _, c in calls(function)]
                assert any(
                    call.startswith(("sns.", "plt.")) or call.split(".")[-1] in DRAWN
                    for call in drawn
                ), cell.id
        if {name for name, _ in calls(tree)} & MODELS:
            assert "import statsmodels" in setup, cell.id


def test_no_try_no_silenced_warning_no_magic_no_file(notebook: Any) -> None:
    for cell in code(notebook):
        assert not re.search(r"(?m)^\s*[%!]|get_ipython", cell.source), cell.id
        tree = ast.parse(cell.source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"open", "read_csv", "read_text", "filterwarnings", "simplefilter"}, (
            cell.id
        )
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), cell.id


def test_data_comes_through_the_study_alone(path: Path, notebook: Any) -> None:
    rooms = {"claims", "exhibits"}
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                first, *rest = name.split(".")
                assert cell.id == "setup", name
                assert first in LIBRARIES | sys.stdlib_module_names, name
                if first == "analysis":
                    assert rest == ["open_study"] or rest[0] in rooms, name
    (setup,) = [c for c in code(notebook) if c.id == "setup"]
    assert f'study = open_study(study, wave, notebook="{path.stem}")' in setup.source


def test_what_is_imported_is_used(notebook: Any) -> None:
    trees = [ast.parse(cell.source) for cell in code(notebook)]
    imports = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.Import | ast.ImportFrom)]
    brought = {alias.asname or alias.name for node in imports for alias in node.names}
    assert brought <= {n.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Name)}


def test_no_notebook_names_a_pilot_or_branches_on_a_factor(path: Path, notebook: Any) -> None:
    study = open_study(STUDY, WAVE)
    own = {*study.pilots, *study.declared.factors}
    for cell in code(notebook):
        if "parameters" not in cell.metadata.get("tags", []):
            source = cell.source.replace(f'notebook="{path.stem}"', "")
            literals = {
                node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)
            }
            assert not literals & own, (path.stem, cell.id)


def test_each_cell_ends_with_what_it_shows(notebook: Any) -> None:
    """An expression, or a function: one that its decorator draws, or one that its section uses."""
    cells = [c for c in notebook.cells if c.id not in ("parameters", "setup")]
    for i, cell in enumerate(cells):
        if cell.cell_type == "code":
            last = ast.parse(cell.source).body[-1]
            section = takewhile(lambda c: c.cell_type == "code", cells[i + 1 :])
            asked = any(getattr(last, "name", None) in named(ast.parse(c.source)) for c in section)
            assert is_figure(last) or asked or isinstance(last, ast.Expr), cell.id


# numbers that no data give: whole ones up to a dozen, the level of tests, hundreds in a hundred
SMALL, LEVEL, HUNDRED = 12, 0.05, 100
# ... and others, by notebook and cell, or by module: each with its reason
TYPED: dict[tuple[str, str], tuple[set[float], str]] = {
    ("changes", "setup"): ({1.6}, "width of a line"),
    ("changes", "lines-of-posts"): ({36}, "months shown where nothing is dated"),
    ("design", "setup"): ({30, 90}, "sizes of made-up programmes, shown as such"),
    ("design", "next-question"): ({1e-9}, "rounding of floats"),
    ("design", "equal-fits"): ({101, 20}, "steps of a grid of probabilities, and lines shown of it"),
    ("design", "reporting-shares"): ({0.2}, "where a grid of probabilities begins"),
    ("design", "bounds-held"): ({0.1}, "a made-up share of inventions, said in the head of its column"),
    ("factor", "assumptions"): ({0.5}, "one half, as its lines of the table say"),
    ("factor", "base-rates"): ({0.1, 0.3, 0.5, 0.7, 0.9}, "a grid of probabilities, shown"),
    ("factor", "base-rate-curve"): ({41}, "steps of a grid of probabilities"),
    ("factor", "settling"): ({0.5}, "answers at random, said in the sentence"),
    ("factor", "settling-chances"): ({0.3, 0.5, 0.7}, "probabilities of a yes, heads of the table"),
    ("design", "equal-shares"): ({1001}, "steps of a grid of probabilities"),
    ("design", "settling"): ({0.5}, "answers at random, said in the head of the table"),
    ("gaps", "said-of-factors"): ({0.5}, "answers at random, said in words"),
    ("known", "favour-curve"): ({81}, "steps of a grid of odds"),
    ("known", "selective-naming"): ({0.025}, "half the level: for twice the p, as the sentence says"),
    ("known", "stage-codings"): ({1000}, "the most codings tried, said above the cell"),
    ("silence", "setup"): ({0.1, 0.3, 0.5, 0.9}, "round probabilities, shown as tried, and beliefs"),
    ("silence", "placebo-curve"): ({41}, "steps of a grid of shares"),
    ("silence", "believed"): ({0.5}, "what a belief in the middle is, shown"),
    ("silence", "belief-curve"): ({0.5, 21}, "steps of a grid of beliefs"),
    ("charts.py", ""): (
        {40, 15, 0.12, 0.16, 0.2, 0.34, 70, 0.5, 1.35, 8.5, 7.5, 1.4, 0.7, 16, 1000},
        "how many names a picture holds, sizes of letters and lines, parts of a pixel",
    ),
}  # fmt: skip
# draws and measures alone
CANVAS = "canvas.py"


def typed(source: str) -> set[float]:
    """The numbers in code that are typed, but for those that draw: on an axis, heights of pictures."""
    tree, drawn = ast.parse(source), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "ax" in [each.arg for each in node.args.args]:
            drawn |= {id(each) for each in ast.walk(node)}
        if isinstance(node, ast.keyword) and node.arg in ("height", "narrow"):
            drawn |= {id(each) for each in ast.walk(node)}
    numbers = (
        float(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in drawn
        if isinstance(node.value, int | float) and not isinstance(node.value, bool)
    )
    return {n for n in numbers if (not n.is_integer() or n > SMALL) and n not in (LEVEL, HUNDRED)}


def test_what_the_data_give_is_not_typed(path: Path, notebook: Any) -> None:
    found = {c.id: typed(c.source) for c in code(notebook) if c.id != "parameters"}
    allowed = {cell: TYPED.get((path.stem, cell), (set(), ""))[0] for cell in found}
    assert not {cell: more for cell, n in found.items() if (more := n - allowed[cell])}


MODULES = sorted((ROOT / "src" / "analysis" / "exhibits").glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.name)
def test_what_the_data_give_is_not_typed_in_what_is_shown(module: Path) -> None:
    allowed = TYPED.get((module.name, ""), (set(), ""))[0]
    assert module.name == CANVAS or not typed(module.read_text(encoding="utf-8")) - allowed


def test_the_list_of_typed_numbers_holds_nothing_that_is_not_there() -> None:
    cells = {(p.stem, c.id): c.source for p in PATHS for c in nbformat.read(p, 4).cells}
    cells |= {(m.name, ""): m.read_text(encoding="utf-8") for m in MODULES}
    assert not {place for place, (numbers, _) in TYPED.items() if numbers - typed(cells[place])}


def test_a_typed_number_of_the_data_is_found() -> None:
    """A base rate, a number of pilots, a sum: each would go stale when its row changes."""
    assert typed("MARKS = (0.3, 0.69)\nlow, of = 183.34, 219") == {0.3, 0.69, 183.34, 219.0}
    assert not typed("def f(ax, _):\n    ax.plot(0.69)\nfigure(height=2.6)\nx = p <= 0.05")
