"""A full report against other ways, and against the number of pilots, side by side in one run.

Run: .venv/bin/python benchmarks/report.py [-r REPETITIONS] [--only CASE,CASE] [--pilots 13,50].

Every case is timed once in every repetition, in turn: wall and CPU seconds, and the most memory of
all its processes at once; of our reports also the seconds of their parts. Tables (CSV) and plots
(SVG) go into build/benchmarks/, and the tables are printed. Seconds are of this machine: read the
ratios. `--help` lists the cases.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import others
import pilots
import written
from cases import CASES, NEEDS
from place import OUT, Cost, copy, measured, parts

SIZES = "13,50,100,290"


def asked() -> argparse.Namespace:
    """Return what was asked for on the command line, checked."""
    listed = "\n".join(f"  {name}: {case.words}" for name, case in CASES.items())
    reading = argparse.ArgumentParser(
        description=__doc__,
        epilog=f"cases:\n{listed}\n  pilots: cold, on simulated studies of each size",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_argument("-r", "--repetitions", type=int, default=3, help="default: 3")
    reading.add_argument("--only", default="", help="cases, joined by commas; default: all")
    reading.add_argument("--pilots", default=SIZES, help=f"numbers of pilots; default: {SIZES}")
    given = reading.parse_args()
    given.only = given.only.split(",") if given.only else [*CASES, "pilots"]
    given.sizes = given.pilots.split(",")
    if unknown := set(given.only) - {*CASES, "pilots"}:
        reading.error(f"--only: no case {', '.join(sorted(unknown))}; see --help")
    for name in given.only:
        if NEEDS.get(name, name) not in given.only:
            reading.error(f"--only: {name!r} needs {NEEDS[name]!r} before it; name both")
    if given.repetitions < 1 or not all(size.isdecimal() for size in given.sizes):
        reading.error("-r: 1 or more; --pilots: whole numbers joined by commas")
    return given


def time_cases(place: Path, names: list[str], repetitions: int) -> None:
    """Time some cases in turn; write and print their table and plot."""
    found: dict[str, list[Cost]] = {name: [] for name in CASES if name in names}
    inside: dict[str, list[dict[str, float]]] = {n: [] for n in found if CASES[n].reports}
    for tool in ("nbclient", "jupyter-cache"):
        if tool in found:
            others.environment(tool)
    for turn in range(repetitions):
        for name, costs in found.items():
            costs.append(measured(CASES[name].run, place))
            if name in inside:
                inside[name].append(parts(place, costs[-1]))
            sys.stderr.write(f"{turn + 1}: {name}: {costs[-1].wall:.1f} s\n")
    rows = written.case_rows(found)
    print(written.write("report", rows))
    if inside:
        print(written.write("parts", written.part_rows(inside)))
    written.draw_cases(rows, OUT / "report.svg")


def time_pilots(place: Path, sizes: list[int], repetitions: int) -> None:
    """Time reports of simulated studies; write and print their table and plot."""
    found: dict[int, list[Cost]] = {size: [] for size in sorted(sizes)}
    for turn in range(repetitions):
        for size, costs in found.items():
            costs.append(pilots.cost(place, size))
            cost = costs[-1]
            sys.stderr.write(f"{turn + 1}: {size}: {cost.wall:.0f} s, {cost.memory:.0f} MB\n")
    rows = written.pilot_rows(found)
    print(written.write("pilots", rows))
    written.draw_pilots(rows, OUT / "pilots.svg")


def main() -> None:
    """Time what was asked for."""
    given = asked()
    with tempfile.TemporaryDirectory() as folder:
        place = copy(Path(folder) / "copy")
        if names := [name for name in given.only if name != "pilots"]:
            time_cases(place, names, given.repetitions)
        if "pilots" in given.only:
            time_pilots(place, [int(size) for size in given.sizes], given.repetitions)
    print(f"{given.repetitions} repetitions, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
