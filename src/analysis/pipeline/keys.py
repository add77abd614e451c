"""What a run depends on, as a key: equal keys give equal outputs, so nothing need run twice.

Content alone counts, never a time: the notebook's code and parameters, the modules that its imports
reach, what it read of the study when it ran last, the locked libraries, Python, and the runner.
"""

import ast
import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import analysis
from analysis.pipeline.plan import Run
from analysis.study.noted import KEYS, Read
from analysis.study.reader import Study
from analysis.study.vocabulary import KEPT_BESIDE

# what turns a notebook and parameters into an executed notebook
RUNNER = tuple(
    f"analysis/pipeline/{name}.py" for name in ("environment", "notebook_file", "one_run", "tidy")
)
LOCK = "requirements.lock"
CATALOGUES = "locale"
# of a package: module -> names that are found there when they are asked for
TABLE = "_HOMES"
ALWAYS = ("study.yaml", "codebook.yaml")


def digest(*parts: bytes | str) -> str:
    """Return one hash of several parts, their limits included."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        found.update(b"%d:" % len(content))
        found.update(content)
    return found.hexdigest()


class Keys:
    """The keys of the runs of one study in one repository, as the files are now."""

    def __init__(self, root: Path, study: Study) -> None:
        self.root, self.study = root, study
        # the code that runs is that of this folder, wherever the study is
        self.source = Path(analysis.__file__).resolve().parents[1]
        self._code: dict[str, str] = {}

    def of(self, run: Run, read: Iterable[Read]) -> str:
        """Return the key of a run that reads this much of the study."""
        parameters = json.dumps(dict(run.parameters), sort_keys=True)
        return digest(self._code_of(run.notebook), parameters, self.data(read), self._around)

    def _code_of(self, notebook: str) -> str:
        if notebook not in self._code:
            cells = code_cells(self.root / "notebooks" / f"{notebook}.ipynb")
            modules = sorted(self._reached("\n".join(source for _, source in cells)))
            files = [f"{path}\0{self._files[path]}" for path in modules]
            self._code[notebook] = digest(*(f"{i}\0{s}" for i, s in cells), *files)
        return self._code[notebook]

    @cached_property
    def _around(self) -> str:
        """Return what every run depends on: lock, Python, runner, data of the package."""
        lock = self.source.parent / LOCK
        files = [lock, *(self.source / name for name in RUNNER)]
        files += sorted(self.source.rglob("*.csv"))
        files += sorted((self.source.parent / CATALOGUES).rglob("*.po"))
        kept = [p.read_bytes() if p.is_file() else b"" for p in files]
        return digest(platform.python_version(), *kept)

    @cached_property
    def _files(self) -> dict[str, str]:
        """Return the hash of every module of the packages. Keys: dotted names."""
        return {
            ".".join(path.relative_to(self.source).with_suffix("").parts): digest(path.read_bytes())
            for path in sorted(self.source.rglob("*.py"))
        }

    @cached_property
    def _imports(self) -> dict[str, set[str]]:
        return {
            ".".join(path.relative_to(self.source).with_suffix("").parts): self._named(
                ast.parse(path.read_bytes())
            )
            for path in sorted(self.source.rglob("*.py"))
        }

    def _named(self, tree: ast.AST) -> set[str]:
        """Return the modules of the package that a program imports, with those that hold them."""
        found: set[str] = set()
        for node in _statements(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(self._home(node.module, a.name) for a in node.names)}
            elif isinstance(node, ast.Import):
                found |= {a.name for a in node.names}
                # of a package whose names are found when asked for, any may be
                found |= {home for a in node.names for home in self._lazy.get(a.name, {}).values()}
        packages = {f"{name.rpartition('.')[0]}.__init__" for name in found}
        packages |= {f"{name}.__init__" for name in found}
        return (found | packages) & set(self._files)

    def _home(self, package: str, name: str) -> str:
        """Return the module in which a package's name is found, or would be as a module."""
        return self._lazy.get(package, {}).get(name, f"{package}.{name}")

    @cached_property
    def _lazy(self) -> dict[str, dict[str, str]]:
        """Return the module of each name that a package finds when asked for, from its table."""
        lazy = {}
        for path in sorted(self.source.glob("*/__init__.py")):
            for node in ast.parse(path.read_bytes()).body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == TABLE:
                    package, table = path.parent.name, ast.literal_eval(node.value)
                    homes = ((f"{package}.{m}", n) for m, names in table.items() for n in names)
                    lazy[package] = {name: home for home, name in homes}
        return lazy

    def _reached(self, source: str) -> set[str]:
        open_, reached = list(self._named(ast.parse(source))), set[str]()
        while open_:
            name = open_.pop()
            if name not in reached:
                reached.add(name)
                open_ += self._imports[name]
        return reached

    def data(self, read: Iterable[Read]) -> str:
        """Return the content of what was read, and of what every run reads, as one hash."""
        folder = self.study.folder
        parts = [(folder / name).read_bytes() for name in ALWAYS]
        parts += [self._which("pilots.csv").encode(), self._which("codings.csv").encode()]
        for kind, name, *key in sorted(set(read)):
            parts.append(f"{kind} {name} {key}".encode())
            if kind == "file":
                path = folder / name
                parts.append(path.read_bytes() if path.is_file() else b"missing")
            elif kind == "table":
                parts.append(self._which(name).encode())
            else:
                held = self._rows(name).get(tuple(key), [])
                parts.append(json.dumps(held, sort_keys=True).encode())
        return digest(*parts)

    def _which(self, name: str) -> str:
        """Return which rows a table has: lines, keys, and which stand beside a settled one."""
        rows = [
            [r.line, *(r.cells[c] for c in KEYS[name]), _beside(r.cells)]
            for r in self.study.tables[name].every
        ]
        return json.dumps(rows)

    def _rows(self, name: str) -> dict[tuple[str, ...], list[dict[str, str]]]:
        if name not in self._tables:
            found: dict[tuple[str, ...], list[dict[str, str]]] = {}
            for row in self.study.tables[name].every:
                found.setdefault(tuple(row.cells[c] for c in KEYS[name]), []).append(row.cells)
            self._tables[name] = found
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, dict[tuple[str, ...], list[dict[str, str]]]]:
        return {}


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a program's statements, those inside others too: a tenth of its nodes."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        for inside in ("body", "orelse", "finalbody", "handlers", "cases"):
            left += getattr(node, inside, [])


def _beside(cells: Mapping[str, str]) -> bool:
    return cells.get("settled_by", "").startswith(KEPT_BESIDE)


def code_cells(path: Path) -> list[tuple[str, str]]:
    """Return id and source of each code cell of a notebook."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(c["id"], "".join(c["source"])) for c in cells if c["cell_type"] == "code"]
