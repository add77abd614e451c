"""Which runs of earlier builds need not be made again: those whose key has not changed.

The key of a run stands for what its outputs depend on. Content alone counts, never a time: the
notebook's code and parameters, the modules that its imports reach, what it read when it ran last,
the locked libraries, Python, and the runner.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from notebook_build import MANIFEST, digest, hashes, manifests, python_version, remove, sha256
from notebook_build.notebook import RunResult, tags
from notebook_build.project import BuildError, Project, Read, Run

# what turns a notebook and parameters into an executed notebook
RUNNER = tuple(Path(__file__).with_name(name) for name in ("notebook.py", "project.py"))


class Keys:
    """The keys of a project's runs, as the files are now."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._code_of = cache(self._code)
        self._imports = cache(lambda name: self._named(self._modules[name].read_bytes(), name))

    def of(self, run: Run, read: Iterable[Read]) -> str:
        """Return the key of a run that reads this."""
        parameters = json.dumps(dict(run.parameters), sort_keys=True)
        data_key = self.project.data_key
        data = data_key(run, read) if data_key else self._all_inputs
        return digest(self._code_of(run.notebook), parameters, data, self._of_every_run)

    def _code(self, notebook: str) -> str:
        content = json.loads(self.project.notebook(notebook).read_text(encoding="utf-8"))
        cells = [c for c in content["cells"] if c["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        modules = sorted(set[str]().union(*map(self.reached, sources)))
        files = [f"{name}\0{sha256(self._modules[name])}" for name in modules]
        # tags say where parameters go, and whether a cell is run and may fail
        about = (f"{cell['id']}\0{sorted(tags(cell))}" for cell in cells)
        return digest(*about, *sources, *files)

    @cached_property
    def _all_inputs(self) -> str:
        return json.dumps(hashes(self.project.root, self.project.inputs))

    @cached_property
    def _of_every_run(self) -> str:
        always = hashes(self.project.checkout, self.project.always)
        return digest(python_version(), json.dumps(always), *map(sha256, RUNNER))

    @cached_property
    def _modules(self) -> dict[str, Path]:
        """Return the file of every module of the packages. Keys: dotted names."""
        packages = self.project.packages
        return {
            ".".join(path.relative_to(packages).with_suffix("").parts): path
            for path in sorted(packages.rglob("*.py"))
        }

    @cached_property
    def _homes(self) -> dict[str, str]:
        """Return the modules of names that a package loads when asked for, as its stub says."""
        homes: dict[str, str] = {}
        for stub in self.project.packages.rglob("__init__.pyi"):
            package = ".".join(stub.parent.relative_to(self.project.packages).parts)
            for node in _parsed(stub.read_bytes()).body:
                if isinstance(node, ast.ImportFrom):
                    home, names = _whole(node, f"{package}.__init__"), node.names
                    homes |= {f"{package}.{a.asname or a.name}": f"{home}.{a.name}" for a in names}
        return homes

    def _named(self, program: str | bytes, module: str = "") -> set[str]:
        """Return the modules of packages that a program imports, with those that hold them."""
        names: set[str] = set()
        for node in ast.walk(_parsed(program)):
            if isinstance(node, ast.ImportFrom):
                names |= {f"{_whole(node, module)}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Import):
                # of a package that is imported whole any name may be asked for
                names |= {a.name for a in node.names} | {f"{a.name}.*" for a in node.names}
        names |= {
            home
            for name, home in self._homes.items()
            if name in names or f"{name.rpartition('.')[0]}.*" in names
        }
        # a module's own packages are imported before it
        names |= {of for name in names for of in accumulate(name.split("."), "{}.{}".format)}
        return (names | {f"{name}.__init__" for name in names}) & set(self._modules)

    def reached(self, program: str) -> set[str]:
        """Return the modules of packages that a program imports, and those that they import."""
        left, reached = self._named(program), set[str]()
        while left:
            reached |= left
            left = set[str]().union(*(self._imports(name) for name in left)) - reached
        return reached


def _whole(node: ast.ImportFrom, module: str) -> str:
    """Return the whole name of what a module imports from: `from ..b` in `a.sub.c` means `a.b`."""
    above = module.split(".")[: -node.level] if node.level else []
    return ".".join([*above, *filter(None, [node.module])])


def _parsed(program: str | bytes) -> ast.Module:
    """Return a program, a cell with magics too; nothing of one that cannot run either."""
    with suppress(SyntaxError, ValueError):
        return ast.parse(program)
    with suppress(SyntaxError, ValueError):
        from IPython.core.inputtransformer2 import TransformerManager

        plain = re.sub(r"\A\s*%%.*", "", program) if isinstance(program, str) else ""
        manager: Any = TransformerManager
        return ast.parse(str(manager().transform_cell(plain)))
    return ast.Module([], [])


@dataclass(frozen=True)
class EarlierRun:
    """An executed notebook of an earlier build: its hash and key, what it read, seconds it took."""

    path: Path
    content: str
    key: str
    read: tuple[Read, ...]
    seconds: float


class Earlier:
    """What earlier builds beside one another hold, the one to be replaced first."""

    def __init__(self, builds: Iterable[Path]) -> None:
        self._runs: dict[str, list[EarlierRun]] = {}
        # how many seconds each part of a build took the last time
        self.parts: dict[str, float] = {}
        for build, manifest in manifests(builds):
            # one of another version gives nothing
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                for entry in manifest["runs"]:
                    name = f"notebooks/{entry['page']}.ipynb"
                    read = tuple(tuple(each.split("\t")) for each in entry["read"])
                    content, seconds = manifest["outputs"][name], float(entry["seconds"])
                    run = EarlierRun(build / name, content, entry["key"], read, seconds)
                    self._runs.setdefault(entry["page"], []).append(run)
                parts = {part: float(took) for part, took in manifest["seconds"].items()}
                self.parts = parts | self.parts

    @classmethod
    def of(cls, target: Path) -> "Earlier":
        """Return the build at `target` and those beside it."""
        others = sorted(p.parent for p in target.parent.glob(f"[!.]*/{MANIFEST}"))
        kept = target.parent.glob(f".*.finished/notebooks/*/{MANIFEST}")
        unfinished = sorted(p.parent for p in kept)
        return cls([target, *unfinished, *(place for place in others if place != target)])

    @property
    def seconds(self) -> dict[str, float]:
        """Return how long each run took when it was made last. Keys: pages."""
        return {page: runs[0].seconds for page, runs in self._runs.items()}

    def find(self, run: Run, keys: Keys) -> EarlierRun | None:
        """Return the executed notebook of a run whose key has not changed, whole as it was."""
        for earlier in self._runs.get(run.page, []):
            # one that cannot be read is not whole
            with suppress(OSError):
                whole = earlier.path.is_file() and sha256(earlier.path) == earlier.content
                if whole and earlier.key == keys.of(run, earlier.read):
                    return earlier
        return None


def entries(keys: Keys, results: Iterable[RunResult]) -> list[dict[str, Any]]:
    """Return what the manifest says of each run; `seconds`: how long it took when it was made."""
    return [
        {
            "page": r.run.page,
            "parameters": dict(r.run.parameters),
            "key": keys.of(r.run, r.read),
            "read": ["\t".join(each) for each in r.read],
            "seconds": round(r.seconds, 2),
        }
        for r in results
    ]


@contextmanager
def unchanged(
    target: Path, before: Mapping[str, str], inputs: Callable[[], Mapping[str, str]]
) -> Iterator[None]:
    """Keep no run of a build whose files changed meanwhile: nobody knows which of them it read.

    Raises:
        BuildError: files changed though all ended well.
    """
    try:
        yield
    finally:
        if changed := sorted(before.items() - inputs().items()):
            remove(finished(target))
    if changed:
        raise BuildError(f"{changed[0][0]}: changed while it was being read; build again")


def finished(target: Path) -> Path:
    """Return where the finished runs of a build are kept until it is in place."""
    return target.with_name(f".{target.name}.finished")
