"""Whether another process would give the outputs that this one gives: files, Python, libraries."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from notebook_build.project import Project
from notebook_build.up_to_date import digest, hashes, python_version

# what turns a notebook into an executed one, and what carries runs to workers
LIBRARIES = (
    "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill", "nbformat",
    "nbclient", "ipykernel", "ipython", "jupyter-client", "pandera", "pydantic", "pyyaml",
    "dask", "distributed", "cloudpickle", "msgpack",
)  # fmt: skip
PACKAGE = Path(__file__).resolve().parent
# the process keeps the code that it began with; kernels, started for each run, do not
RUNNER = ("**/*.py",)
_began_with = hashes(PACKAGE, RUNNER)


@dataclass(frozen=True)
class Fingerprint:
    """What the outputs of a process depend on: equal fingerprints give equal outputs.

    `files`: hashes of data, notebooks, code and lock. `versions`: of Python and libraries.
    `renewed`: whether the code that runs notebooks is another on the disk than in the process.
    """

    files: Mapping[str, str]
    versions: Mapping[str, str]
    kernel: str
    renewed: bool

    @property
    def digest(self) -> str:
        """Return all of it as one hash."""
        return digest(repr(self))


def fingerprint(project: Project, kernel: str) -> Fingerprint:
    """Return the fingerprint of this process for the runs of a project."""
    runner = hashes(PACKAGE, RUNNER)
    code = hashes(project.checkout, (f"{project.source}/**/*", *project.always))
    files = project.input_hashes() | code
    files |= {f"notebook_build/{name}": content for name, content in runner.items()}
    versions = {"Python": python_version(), **{name: _version(name) for name in LIBRARIES}}
    installed = kernel if kernel in KernelSpecManager().find_kernel_specs() else "none"
    return Fingerprint(dict(sorted(files.items())), versions, installed, runner != _began_with)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def difference(here: Fingerprint, there: Fingerprint) -> str | None:
    """Return how another process differs from this one and what mends it there, or None."""
    if other := _differing(here.versions, there.versions):
        name = other[0]
        return (
            f"its {name} is {there.versions[name]}, not {here.versions[name]}{_more(other)}; "
            "make its environment from the same requirements.lock: make environment"
        )
    if other := _differing(here.files, there.files):
        return (
            f"its {other[0]} differs from the one here{_more(other)}; "
            "bring its checkout to the same state and restart it"
        )
    if there.kernel != here.kernel:
        return f"its kernelspec is {there.kernel}, here it is {here.kernel}; run make environment"
    if there.renewed:
        return "it began with other code than its checkout has now; restart it"
    return None


def _differing(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*here, *there} if here.get(name) != there.get(name))


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
