"""How long a full report takes, cold: build/ empty, .venv in place.

Run: .venv/bin/python benchmarks/report.py [REPETITIONS]. Prints the median, and what share of it
each part and each notebook takes. Ratios are of one run; seconds are of this machine.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copy(place: Path) -> Path:
    """Copy what a report is made of; nothing that was built."""
    for name in ("data", "notebooks", "report"):
        shutil.copytree(ROOT / name, place / name)
    return place


def build(place: Path) -> tuple[float, dict[str, float], dict[str, float]]:
    """Build once; return seconds in all, of the parts, and of each run."""
    shutil.rmtree(place / "build", ignore_errors=True)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        env={**os.environ, "ANALYSIS_ROOT": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    seconds = time.monotonic() - begun
    manifest = json.loads(
        (Path(done.stdout.strip()).parent / "manifest.json").read_text(encoding="utf-8")
    )
    runs = {run["page"]: run["seconds"] for run in manifest["runs"]}
    return seconds, manifest["seconds"], runs


def main() -> None:
    """Build several times and print medians."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        place = copy(Path(folder) / "copy")
        found = [build(place) for _ in range(repetitions)]
    total = statistics.median(seconds for seconds, _, _ in found)
    print(f"full report, cold: median {total:.1f} s of {repetitions} ({os.cpu_count()} cores)")
    for part in found[0][1]:
        share = statistics.median(parts[part] / seconds for seconds, parts, _ in found)
        print(f"  {part}: {share:.0%} of the whole")
    work = statistics.median(sum(runs.values()) for _, _, runs in found)
    print(f"  all notebooks one after the other: {work:.1f} s")
    longest = sorted(found[0][2], key=lambda page: -found[0][2][page])[:5]
    for page in longest:
        share = statistics.median(runs[page] / sum(runs.values()) for _, _, runs in found)
        print(f"    {page}: {share:.0%} of the notebooks' time")


if __name__ == "__main__":
    main()
