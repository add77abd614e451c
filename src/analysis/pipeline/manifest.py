"""The manifest of a build: what went in and came out, and the only place where time stands."""

import json
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.pipeline.current import hashes, inputs, python_version, texts
from analysis.pipeline.keys import Keys
from analysis.pipeline.one_run import Outcome

VERSIONS = (
    "analysis",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "papermill",
    "sphinx",
)


def runs_of(keys: Keys, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return what the manifest keeps of each run.

    `key` stands for all that it depends on, `read` for what it read of the study, `seconds` for how
    long it took when it was made.
    """
    return [
        {
            "page": o.run.page,
            "parameters": dict(o.run.parameters),
            "key": keys.of(o.run, o.read),
            "read": ["\t".join(each) for each in o.read],
            "seconds": round(o.seconds, 2),
        }
        for o in outcomes
    ]


def keep_finished(target: Path, making: Path, keys: Keys, outcomes: Iterable[Outcome]) -> None:
    """Keep the runs that ended well of a build that does not, for the next one to take over."""
    folder = finished(target)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "notebooks").mkdir(parents=True)
    kept = [o for o in outcomes if not o.failed]
    for outcome in kept:
        name = f"notebooks/{outcome.run.page}.ipynb"
        shutil.copyfile(making / name, folder / name)
    content = {"runs": runs_of(keys, kept), "outputs": hashes(folder, ("notebooks/*",))}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def finished(target: Path) -> Path:
    """Return where the finished runs of an unfinished build are kept."""
    return target.with_name(f".{target.name}.finished")


def write(
    build: Path,
    keys: Keys,
    asked: Mapping[str, str],
    runs: list[dict[str, Any]],
    seconds: Mapping[str, float],
) -> None:
    """Write `manifest.json` into a finished build; `runs` is what `runs_of` gives."""
    study = keys.study.name
    content: dict[str, Any] = {
        "asked": dict(asked),
        "inputs": inputs(keys.root, study),
        "texts": texts(keys.root, study, asked["SOURCES"]),
        "outputs": hashes(build, ("**/*",)),
        "versions": {"python": python_version(), **{n: version(n) for n in VERSIONS}},
        "runs": runs,
        "seconds": {k: round(v, 2) for k, v in seconds.items()},
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (build / "manifest.json").write_text(text + "\n", encoding="utf-8")
