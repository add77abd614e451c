"""What several tests use: a copy of the repository, the command, a finished report."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STUDY, WAVE = "jilin-2016", "2016-01"


def copy_repository(place: Path) -> Path:
    """Copy what a report is made of, without anything that was built."""
    for name in ("data", "notebooks", "report"):
        shutil.copytree(
            ROOT / name,
            place / name,
            ignore=shutil.ignore_patterns("sources", ".ipynb_checkpoints"),
        )
    (place / "src").symlink_to(ROOT / "src")
    return place


def run_command(
    root: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m analysis` on a copy; make variables come through the environment."""
    clean = {
        k: v for k, v in os.environ.items() if k not in ("STUDY", "WAVE", "PARAMS", "NOTEBOOK")
    }
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments],
        env={**clean, "ANALYSIS_ROOT": str(root), **environment},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@dataclass(frozen=True)
class Built:
    """A finished report: the copy it was made from, its folder, and what was printed."""

    root: Path
    folder: Path
    said: str

    @cached_property
    def claims(self) -> dict[str, dict[str, Any]]:
        """Return the ledger by id."""
        entries = json.loads((self.folder / "claims.json").read_text(encoding="utf-8"))
        return {entry["id"]: entry for entry in entries}

    @cached_property
    def pages(self) -> dict[str, list[Path]]:
        """Return the HTML pages of each language."""
        return {lang: sorted((self.folder / lang).rglob("*.html")) for lang in ("en", "zh")}
