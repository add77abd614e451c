"""The same notebooks by nbclient and by jupyter-cache, each in an environment of its own.

An environment is made once, in build/benchmarks/envs, with the versions of requirements.lock.
"""

import json
import shutil
import sys
import venv
from pathlib import Path

from place import OUT, ROOT, STUDY, WAVE, call

ENVIRONMENTS = OUT / "envs"
DRIVERS = Path(__file__).resolve().parent / "drivers"
# what the notebooks import, and what starts their kernels
NEEDED = (
    "ipykernel", "ipython", "krippendorff", "matplotlib", "numpy", "pandas", "pandera", "pydantic",
    "pyyaml", "scipy", "seaborn", "statsmodels", "zhplot", "nbconvert", "nbformat",
)  # fmt: skip


def environment(tool: str) -> Path:
    """Return the Python of a tool's environment; made if it is not there whole."""
    place = ENVIRONMENTS / tool
    python, whole = place / "bin" / "python", place / "whole"
    if not whole.is_file():
        shutil.rmtree(place, ignore_errors=True)
        sys.stderr.write(f"making an environment for {tool} (once) ...\n")
        venv.create(place, with_pip=True)
        lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        pins = [line.removesuffix(" \\") for line in lines if line[:1].isalnum()]
        (place / "pins.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
        install = [str(python), "-m", "pip", "install", "-qq", "-c", "pins.txt"]
        call([*install, tool, *NEEDED], place)
        whole.touch()
    return python


def written(place: Path, folder: str) -> Path:
    """Write a notebook for each run, its parameters injected; return their folder."""
    from analysis.publish.parameters import select
    from analysis.publish.report import plan
    from analysis.study.load import load_study

    out = place / folder
    out.mkdir(exist_ok=True)
    for run in plan(load_study(STUDY, WAVE, place), select(None), {}):
        source = place / "notebooks" / f"{run.notebook}.ipynb"
        notebook = json.loads(source.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        at = next(i for i, c in enumerate(cells) if "parameters" in c["metadata"].get("tags", []))
        given = "\n".join(f"{name} = {value!r}" for name, value in run.parameters.items())
        injected = {**cells[at], "id": "injected-parameters", "source": given, "metadata": {}}
        cells.insert(at + 1, injected)
        text = json.dumps(notebook, ensure_ascii=False)
        (out / f"{run.page}.ipynb").write_text(text, encoding="utf-8")
    return out


def _drive(tool: str, place: Path, folder: str) -> None:
    python, driver = environment(tool), DRIVERS / f"{tool.replace('-', '_')}_run.py"
    call(
        [str(python), str(driver), str(written(place, folder))],
        place,
        ANALYSIS_ROOT=str(place),
        PYTHONPATH=str(ROOT / "src"),
        MPLBACKEND="agg",
    )


def nbclient(place: Path) -> None:
    """Execute and convert all runs by nbclient and nbconvert."""
    shutil.rmtree(place / "nbclient", ignore_errors=True)
    _drive("nbclient", place, "nbclient")


def cache(place: Path) -> None:
    """Execute and convert all runs by jupyter-cache and nbconvert, with an empty cache."""
    shutil.rmtree(place / "jupyter-cache", ignore_errors=True)
    _drive("jupyter-cache", place, "jupyter-cache")


def cache_again(place: Path) -> None:
    """Do so once more, with the cache as it is."""
    _drive("jupyter-cache", place, "jupyter-cache")
