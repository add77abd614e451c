"""Single arguments: a number, a level, a name, a sequence.

Each is returned if it is allowed; else ValueError names it in one line, with what is allowed.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

# beyond these the ends of an interval are its middle or its limits to within rounding
LOWEST, HIGHEST = 1e-6, 1 - 1e-9
LONGEST = 200


def number(value: Any, name: str, low: float, high: float, ends: bool = True) -> float:
    """Return a number between `low` and `high`; `ends`: these are allowed too."""
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    inside = real and (low <= value <= high if ends else low < value < high)
    if not inside:
        words = f"{low:g} to {high:g}" if ends else f"between {low:g} and {high:g}"
        hint = "; 95 % is 0.95" if name == "level" else ""
        raise ValueError(f"{name}: {one_line(value)}; allowed: {words}{hint}")
    return float(value)


def confidence(level: float) -> float:
    """Return a level of confidence, from 0.000001 to 0.999999999."""
    if not isinstance(level, float | np.floating) or not LOWEST <= level <= HIGHEST:
        allowed = f"a number from {LOWEST:.6f} to {HIGHEST:.9f}"
        raise ValueError(f"level: {one_line(level)}; allowed: {allowed}; 95 % is 0.95")
    return float(level)


def whole(value: Any, name: str, least: int = 0) -> int:
    """Return a whole number from `least` on."""
    integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not integer or value < least:
        raise ValueError(f"{name}: {one_line(value)}; allowed: a whole number from {least}")
    return int(value)


def one_of(value: Any, name: str, allowed: Iterable[str]) -> str:
    """Return a text that is one of those allowed."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{name}: {one_line(value)}; allowed: {', '.join(names)}")
    return value


def listed(values: Any, name: str, of: str) -> list[Any]:
    """Return what an iterable that is no text holds, a frame its columns; `of`: what it holds."""
    no_sequence = isinstance(values, str | bytes) or not isinstance(values, Iterable)
    if no_sequence or getattr(values, "ndim", 1) == 0:
        raise ValueError(f"{name}: {one_line(values)}; allowed: a sequence of {of}")
    if isinstance(values, pd.DataFrame):
        return [column for _, column in values.items()]
    return list(values)


def one_line(value: Any) -> str:
    """Return how a value prints, in one line that is not too long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:
        return type(value).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
