"""A full report against the plain way, side by side in one run: wall and CPU seconds, and ratios.

Run: .venv/bin/python benchmarks/report.py [REPETITIONS]. Writes a table (CSV) and a plot (SVG) into
build/benchmarks/ and prints the table. Seconds are of this machine: read the ratios.

The cases, each timed once in every repetition, in turn:

- plain: make -j2 over one `papermill` and two `jupyter nbconvert` for each run, one a language
- cold: `python -m analysis report` with an empty build/
- plain kernels: the same with KERNEL=plain
- one value: one coded value of one pilot changed
- nothing: nothing changed
"""

import csv
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUDY, WAVE = "jilin-2016", "2016-01"
# a coded value that its own page, the coding and whoever compares it ask for
VALUE = ("2016-01,siping,shared_platform,yes,implied", "2016-01,siping,shared_platform,no,implied")


def copy(place: Path) -> Path:
    """Copy what a report is made of; nothing that was built."""
    for name in ("data", "notebooks", "report"):
        shutil.copytree(ROOT / name, place / name)
    (place / "src").symlink_to(ROOT / "src")
    return place


def ours(place: Path, kernel: str = "forked") -> None:
    """Build the report."""
    command = [sys.executable, "-m", "analysis", "report"]
    call(command, place, ANALYSIS_ROOT=str(place), KERNEL=kernel)


def cold(place: Path, kernel: str = "forked") -> None:
    """Build the report with an empty build/."""
    shutil.rmtree(place / "build", ignore_errors=True)
    ours(place, kernel)


def one_value(place: Path) -> None:
    """Change one coded value to its other level, and build again."""
    path = place / "data" / STUDY / "codings.csv"
    text = path.read_text(encoding="utf-8")
    old, new = VALUE if VALUE[0] in text else VALUE[::-1]
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    ours(place)


def plain(place: Path) -> None:
    """Run a Makefile with papermill and nbconvert, two jobs at once."""
    out = place / "plain"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    (out / "Makefile").write_text(makefile(place), encoding="utf-8")
    call(["make", "-s", "-j2", "all"], out, ANALYSIS_ROOT=str(place), MPLBACKEND="agg")


def makefile(place: Path) -> str:
    """Return a Makefile with one rule a run: execute, then convert for each language."""
    from analysis.pipeline.plan import plan, select
    from analysis.study.load import load

    python, rules, pages = shlex.quote(sys.executable), [], []
    for run in plan(load(STUDY, WAVE, place), select(None), {}):
        given = " ".join(f"-p {name} {value}" for name, value in run.parameters.items())
        notebook = shlex.quote(str(place / "notebooks" / f"{run.notebook}.ipynb"))
        convert = f"{python} -m jupyter nbconvert --log-level ERROR --to html {run.page}.ipynb"
        pages.append(run.page)
        rules.append(
            f"{run.page}:\n"
            f"\t@{python} -m papermill -k python3 --no-progress-bar --log-level ERROR "
            f"{notebook} {run.page}.ipynb {given}\n"
            f"\t@{convert} --output {run.page}-en\n\t@{convert} --output {run.page}-zh\n"
        )
    return f".PHONY: all {' '.join(pages)}\nall: {' '.join(pages)}\n\n" + "\n".join(rules)


def call(command: list[str], folder: Path, **environment: str) -> None:
    """Run a command to its end; stop with what it said if it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-3000:])


CASES: dict[str, Callable[[Path], None]] = {
    "plain": plain,
    "cold": cold,
    "plain kernels": lambda place: cold(place, "plain"),
    "one value": one_value,
    "nothing": ours,
}


def timed(case: Callable[[Path], None], place: Path) -> tuple[float, float]:
    """Return wall and CPU seconds of a case, its processes included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    case(place)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.monotonic() - begun,
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    )


def draw(rows: list[dict[str, str]], path: Path) -> None:
    """Draw the medians of all cases."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(7, 3), layout="constrained").subplots()
    axes.barh([row["case"] for row in rows][::-1], [float(row["wall"]) for row in rows][::-1])
    axes.set_xlabel("seconds, median")
    axes.figure.savefig(path)


def main() -> None:
    """Time every case in turn, several times; write and print medians, spread and ratios."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        place = copy(Path(folder) / "copy")
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
        for _ in range(repetitions):
            for name, case in CASES.items():
                found[name].append(timed(case, place))
    rows = []
    for name, times in found.items():
        wall, cpu = ([each[i] for each in times] for i in (0, 1))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(found["plain"], times, strict=True))
        rows.append(
            {
                "case": name,
                "wall": f"{statistics.median(wall):.2f}",
                "from": f"{min(wall):.2f}",
                "to": f"{max(wall):.2f}",
                "cpu": f"{statistics.median(cpu):.2f}",
                "plain over this": f"{ratio:.1f}",
            }
        )
    out = ROOT / "build" / "benchmarks"
    out.mkdir(parents=True, exist_ok=True)
    with (out / "report.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, out / "report.svg")
    print((out / "report.csv").read_text(encoding="utf-8"))
    print(f"{repetitions} repetitions, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
