"""What a whole report costs against the number of pilots, on simulated studies; fitted slopes."""

import shutil
from pathlib import Path

from cases import cold
from place import Cost, measured

SEED = 1


def study(place: Path, pilots: int) -> str:
    """Write a simulated study into a place; return its name."""
    from simulated_study.simulate import simulate

    name = f"simulated-{pilots}"
    if not (place / "data" / name).exists():
        simulate(place, name, pilots, SEED)
    return name


def cost(place: Path, pilots: int) -> Cost:
    """Return what a cold report of so many pilots costs."""
    name = study(place, pilots)
    found = measured(lambda where: cold(where, study=name), place)
    shutil.rmtree(place / "build", ignore_errors=True)
    return found


def slope(pilots: list[int], values: list[float]) -> tuple[float, float, float]:
    """Return intercept and slope by least squares, and the share of variance that they explain."""
    import numpy as np

    per_pilot, start = np.polyfit(pilots, values, 1)
    rest = np.array(values) - (start + per_pilot * np.array(pilots))
    total = float(((np.array(values) - np.mean(values)) ** 2).sum())
    explained = 1 - float((rest**2).sum()) / total if total else 1.0
    return float(start), float(per_pilot), explained
