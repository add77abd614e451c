"""What a build is told of a project: its notebooks, what their outputs depend on, their kernels.

Only the standard library is imported here: a build that must run something begins by starting the
warm parent of its kernels, which imports its libraries while the driver imports its own.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from notebook_build.up_to_date import hashes

# what a cell told of its reading; what it means is known to the project alone
Read = tuple[str, ...]
# the project's code as it is: forked kernels start with it imported, and anew where it changed
CODE = "NOTEBOOK_BUILD_CODE"
PRELOAD = "FORKED_PRELOAD"
SPEC = Path(__file__).with_name("forked") / "kernel.json"


class BuildError(Exception):
    """A build could not be made; the last good one stays."""


class InputError(BuildError):
    """Something was asked for that cannot be done; the message names it and what mends it."""


class WorkersError(InputError):
    """Nobody can run notebooks where they were meant to; the message says why and what mends it."""


@dataclass(frozen=True)
class Run:
    """One notebook with one set of parameters, giving one page."""

    notebook: str
    page: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Project:
    """Notebooks, and all that their outputs depend on.

    Attributes:
        root: the folder that holds notebooks and data. Patterns are those of `Path.glob`; one that
            begins with `!` takes files out again.
        notebooks: the folder of notebooks inside it.
        inputs: patterns of the files inside `root` that runs may read.
        code: the checkout whose code runs; None if it is `root`.
        source: the folder inside `code` of packages: a module counts for a notebook that its
            imports reach.
        always: patterns of the files inside `code` that count for every run.
        preload: packages inside `source` that forked kernels start with.
        extension: an IPython extension that each kernel loads before its first cell; "" for none.
        environment: variables that each kernel finds.
        personal: variables of the person who builds that outputs depend on.
        set_by_imports: what libraries of the driver put into the environment when they are
            imported: a kernel starts as if they had not been.
        reads: mime type of the outputs in which a cell tells what was read, as a list of lists of
            text without tabs; they are taken out of the notebook. "" if cells tell nothing.
        data_key: gives for a run and what it read a hash of its content now; None counts every
            file of `inputs` for every run.
        elsewhere: gives the project as a worker in another process or on another machine finds it;
            None if it lies at the same place there.
    """

    root: Path
    notebooks: str = "notebooks"
    inputs: tuple[str, ...] = ()
    code: Path | None = None
    source: str = "src"
    always: tuple[str, ...] = ("requirements.lock",)
    preload: tuple[str, ...] = ()
    extension: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    personal: tuple[str, ...] = ("MPLBACKEND",)
    set_by_imports: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    data_key: Callable[[Run, Iterable[Read]], str] | None = None
    elsewhere: "Callable[[], Project] | None" = None

    @property
    def checkout(self) -> Path:
        """Return the folder of the code that runs."""
        return self.code or self.root

    @property
    def packages(self) -> Path:
        """Return the folder of the packages."""
        return self.checkout / self.source

    def notebook(self, name: str) -> Path:
        """Return the file of a notebook."""
        return self.root / self.notebooks / f"{name}.ipynb"

    def input_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file that runs may read, code apart. Keys: paths."""
        return hashes(self.root, (*self.inputs, f"{self.notebooks}/*.ipynb"))

    def personal_variables(self) -> dict[str, str]:
        """Return those of `personal` that are set; figures are drawn off screen by default."""
        own = {name: os.environ[name] for name in self.personal if name in os.environ}
        return {"MPLBACKEND": "agg"} | own


def set_up(project: Project, personal: Mapping[str, str]) -> None:
    """Set what kernels that this process starts will find.

    `personal`: the variables of `Project.personal` that are set where the build was asked for.
    """
    # a worker's own setting is not that of who asks
    for name in project.personal:
        if name not in personal:
            os.environ.pop(name, None)
    for name, value in project.set_by_imports.items():
        if os.environ.get(name) == value:
            del os.environ[name]
    os.environ.update(
        {
            **personal,
            **project.environment,
            # forked kernels need it; with it plain ones add up in the same order, on any number of
            # cores
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            PRELOAD: " ".join(_modules(project)),
            CODE: _code(project.packages, _states(project.packages)),
        }
    )


def _modules(project: Project) -> list[str]:
    """Return the names of the modules that forked kernels start with."""
    folders = {name: project.packages.joinpath(*name.split(".")) for name in project.preload}
    modules = [f"{name}.{p.stem}" for name, place in folders.items() for p in place.glob("*.py")]
    return sorted(module for module in modules if not module.endswith("__"))


@lru_cache(1)
def _code(source: Path, _: tuple[object, ...]) -> str:
    """Return one hash of the packages' files; worked out again when one has another state."""
    return hashlib.sha256(json.dumps(hashes(source, ["**/*"])).encode()).hexdigest()


def _states(source: Path) -> tuple[object, ...]:
    """Return what changes whenever a file does: nobody can set the time of its last change."""
    states = [(path, path.stat()) for path in sorted(source.rglob("*")) if path.is_file()]
    return tuple((p, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for p, s in states)


def begin(project: Project) -> None:
    """Start the warm parent of this process's forked kernels before the first one is asked for."""
    from notebook_build import forked

    set_up(project, project.personal_variables())
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    preload = spec["metadata"]["kernel_provisioner"]["config"]["preload"]
    forked.begin(sys.executable, preload, {**os.environ, **spec["env"]}, os.getcwd())
