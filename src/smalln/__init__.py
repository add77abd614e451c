"""Statistics for few units and missing evidence.

Bounds over unknown cells, exact tests with the smallest p attainable, intervals, agreement,
specification curves, qualitative comparative analysis, regressions that refuse, and how often all
of this is wrong. Lists, arrays, Series or columns of frames in; frozen results out, or
`NotEstimable` with its reason.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

# the stub says where each public name is found when it is asked for: this alone loads no library
_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_HOME = {name: home for home, name in re.findall(r"from ([\w.]+) import (\w+) as \2\n", _STUB)}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(_HOME)
