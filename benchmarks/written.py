"""Tables and plots of what was measured."""

import csv
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from cases import CASES
from pilots import slope
from place import OUT, Cost

Rows = list[dict[str, str]]


def spread(name: str, values: Sequence[float], places: int = 2) -> dict[str, str]:
    """Return median, least and most of some values as columns."""
    shown = {
        name: statistics.median(values),
        f"{name} from": min(values),
        f"{name} to": max(values),
    }
    return {key: f"{value:.{places}f}" for key, value in shown.items()}


def case_rows(found: Mapping[str, Sequence[Cost]]) -> Rows:
    """Return a row a case: seconds, memory, how many times faster it is than the first case."""
    (first, *_), rows = list(found), []
    for name, costs in found.items():
        pairs = zip(found[first], costs, strict=True)
        ratio = statistics.median(a.wall / b.wall for a, b in pairs)
        rows.append(
            {
                "case": name,
                **spread("wall", [c.wall for c in costs]),
                **spread("cpu", [c.cpu for c in costs]),
                "memory MB": f"{statistics.median(c.memory for c in costs):.0f}",
                f"{first} over this": f"{ratio:.1f}",
                "what": CASES[name].words,
            }
        )
    return rows


def part_rows(found: Mapping[str, Sequence[Mapping[str, float]]]) -> Rows:
    """Return a row a report: wall seconds of its start, its notebooks, its pages."""
    rows: Rows = []
    for name, each in found.items():
        rows.append({"case": name})
        for part in each[0]:
            rows[-1] |= spread(part, [parts[part] for parts in each])
    return rows


def pilot_rows(found: Mapping[int, Sequence[Cost]]) -> Rows:
    """Return a row a number of pilots, and last the slopes: seconds and MB a pilot."""
    rows: Rows = []
    for pilots, costs in found.items():
        rows.append(
            {
                "pilots": str(pilots),
                **spread("wall", [c.wall for c in costs], 1),
                **spread("cpu", [c.cpu for c in costs], 1),
                **spread("memory MB", [c.memory for c in costs], 0),
            }
        )
    if len(found) > 1:
        fitted = {"pilots": "slope a pilot"}
        for name in ("wall", "cpu", "memory MB"):
            _, per_pilot, explained = slope(list(found), [float(row[name]) for row in rows])
            fitted |= {name: f"{per_pilot:.3f}", f"{name} from": "R2", f"{name} to": ""}
            fitted[f"{name} to"] = f"{explained:.3f}"
        rows.append(fitted)
    return rows


def write(name: str, rows: Rows) -> str:
    """Write rows as `build/benchmarks/<name>.csv`; return the text."""
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path.read_text(encoding="utf-8")


def draw_cases(rows: Rows, path: Path) -> None:
    """Draw the median wall seconds of all cases, with their spread."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(7, 0.4 * len(rows) + 1), layout="constrained").subplots()
    back = rows[::-1]
    middle = [float(row["wall"]) for row in back]
    ends = [
        [abs(float(r[f"wall {end}"]) - float(r["wall"])) for r in back] for end in ("from", "to")
    ]
    axes.barh([row["case"] for row in back], middle, xerr=ends)
    axes.set_xlabel("seconds, median, least and most")
    axes.figure.savefig(path)


def draw_pilots(rows: Rows, path: Path) -> None:
    """Draw seconds and memory against the number of pilots, with the fitted lines."""
    from matplotlib.figure import Figure

    measured = [row for row in rows if row["pilots"].isdigit()]
    pilots = [int(row["pilots"]) for row in measured]
    figure = Figure(figsize=(9, 3), layout="constrained")
    names = ("wall", "cpu", "memory MB")
    for axes, name in zip(figure.subplots(1, 3), names, strict=True):
        values = [float(row[name]) for row in measured]
        axes.plot(pilots, values, "o")
        if len(pilots) > 1:
            start, per_pilot, _ = slope(pilots, values)
            axes.plot(pilots, [start + per_pilot * n for n in pilots])
            axes.set_title(f"{per_pilot:.2f} a pilot", fontsize="medium")
        axes.set_xlabel("pilots")
        axes.set_ylabel(name if "MB" in name else f"{name}, seconds")
        axes.set_ylim(bottom=0)
    figure.savefig(path)
