"""What a build is told of a project: its notebooks, what their outputs depend on, their kernels.

Only the standard library is imported here: a build that must run something begins by starting the
warm parent of its kernels, which imports its libraries while the driver imports its own.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_build import digest, forked, hashes

# values of parameters, of which lists and dicts may be made
PLAIN = str | int | float | None
# what a cell told of its reading; what it means is known to the project alone
Read = tuple[str, ...]
# the project's code as it is: forked kernels start with it imported, and anew where it changed
CODE = "NOTEBOOK_BUILD_CODE"
# open files of a driver with all its kernels at work: without one a kernel waits
FILES = 256
# as it is installed: what `jupyter_client` will ask for is begun
SPEC = Path(sys.prefix, "share", "jupyter", "kernels", "forked", "kernel.json")


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

    def __post_init__(self) -> None:
        """Refuse what has no file, and what papermill would hand on as a text or not at all."""
        if Path(self.page).name != self.page or not self.page.isprintable() or not self.page:
            raise InputError(f"page {self.page!r}; allowed: a name of a file, without folders")
        for name, value in self.parameters.items():
            if not (name.isidentifier() and _plain(value)):
                allowed = "None, bool, int, float, str, and of these lists and dicts by str"
                raise InputError(f"{self.page}: parameter {name!r}: {value!r}; allowed: {allowed}")


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and _plain([*value.values()])
    return all(map(_plain, value)) if type(value) is list else isinstance(value, PLAIN)


@dataclass(frozen=True)
class Project:
    """Notebooks, and all that their outputs depend on.

    Attributes:
        root: the folder that holds `notebooks/` and data. Patterns are those of `Path.glob`; one
            that begins with `!` takes files out again.
        inputs: patterns of the files inside `root` that runs may read.
        code: the checkout whose code runs, with its packages in `src/`: a module counts for a
            notebook that its imports reach. None if it is `root`.
        always: patterns of the files inside `code` that count for every run.
        preload: packages in `src/` that forked kernels start with.
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
    inputs: tuple[str, ...] = ()
    code: Path | None = None
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
        return self.checkout / "src"

    def notebook(self, name: str) -> Path:
        """Return the file of a notebook."""
        return self.root / "notebooks" / f"{name}.ipynb"

    def input_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file that runs may read, code apart. Keys: paths."""
        return hashes(self.root, (*self.inputs, "notebooks/*.ipynb"))

    def personal_variables(self) -> dict[str, str]:
        """Return those of `personal` that are set; figures are drawn off screen by default."""
        own = {name: os.environ[name] for name in self.personal if name in os.environ}
        return {"MPLBACKEND": "agg"} | own


def set_up(project: Project, personal: Mapping[str, str]) -> None:
    """Set what kernels that this process starts will find.

    `personal`: the variables of `Project.personal` that are set where the build was asked for.
    """
    # before the warm parent begins, so that all kernels have the same
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < FILES and (hard < 0 or hard >= FILES):
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    # a worker's own setting is not that of who asks
    for name in project.personal:
        if name not in personal:
            os.environ.pop(name, None)
    for name, value in project.set_by_imports.items():
        if os.environ.get(name) == value:
            del os.environ[name]
    folders = {name: project.packages.joinpath(*name.split(".")) for name in project.preload}
    modules = [f"{name}.{p.stem}" for name, place in folders.items() for p in place.glob("*.py")]
    # forked kernels need it; with it plain ones add up in the same order, on any number of cores
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    os.environ.update({**personal, **project.environment, **one_thread})
    os.environ[forked.PRELOAD] = " ".join(sorted(m for m in modules if not m.endswith("__")))
    os.environ[CODE] = state(project.packages)


def state(source: Path) -> str:
    """Return what differs once a file of the packages was changed, be it back to what it was."""
    files = sorted(p for p in source.rglob("*") if "__pycache__" not in p.parts and p.is_file())
    # nobody can set the time of the last change of a file's state
    states = [(p, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
              for p in files for s in (p.stat(),)]  # fmt: skip
    return digest(repr(states))


def begin(project: Project) -> None:
    """Start the warm parent of this process's forked kernels before the first one is asked for."""
    set_up(project, project.personal_variables())
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    preload = spec["metadata"]["kernel_provisioner"]["config"]["preload"]
    forked.begin(sys.executable, preload, {**os.environ, **spec["env"]}, os.getcwd())
