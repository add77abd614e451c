"""The manifest of a build: what went in and came out, and the only place where time stands."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.pipeline.execute import Outcome

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


def hashes(folder: Path, patterns: tuple[str, ...]) -> dict[str, str]:
    """Return the SHA-256 of every file that a pattern finds. Keys: paths inside `folder`."""
    files = {p for pattern in patterns for p in folder.glob(pattern) if p.is_file()}
    kept = [p for p in sorted(files) if "__pycache__" not in p.parts]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in kept
    }


def write(
    build: Path, root: Path, study: str, outcomes: list[Outcome], seconds: dict[str, float]
) -> None:
    """Write `manifest.json` into a finished build."""
    inputs = hashes(
        root, (f"data/{study}/**/*", "notebooks/*.ipynb", "report/**/*", "src/analysis/**/*.py")
    )
    content: dict[str, Any] = {
        "inputs": {k: v for k, v in inputs.items() if "/sources/" not in k},
        "outputs": hashes(build, ("**/*",)),
        "versions": {"python": platform.python_version(), **{n: version(n) for n in VERSIONS}},
        "runs": [
            {
                "page": o.run.page,
                "parameters": dict(o.run.parameters),
                "seconds": round(o.seconds, 2),
            }
            for o in outcomes
        ],
        "seconds": {k: round(v, 2) for k, v in seconds.items()},
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (build / "manifest.json").write_text(text + "\n", encoding="utf-8")
