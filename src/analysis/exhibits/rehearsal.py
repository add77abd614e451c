"""A figure drawn when this is imported, and thrown away.

The first figure of a process finds and loads its fonts. Kernels that are forked from a process that
has imported this find them loaded.
"""

from analysis.exhibits.curves import Line, lines
from analysis.exhibits.figure import Words

_NOTHING: Words = {"en": "a", "zh": "一"}

lines(
    drawn=[Line(_NOTHING, (0.0, 1.0), (0.0, 1.0))],
    x_axis=_NOTHING,
    y_axis=_NOTHING,
    limits=(0, 1),
    title=_NOTHING,
    subtitle=_NOTHING,
    description=_NOTHING,
    source=_NOTHING,
    names=("line", "x", "y"),
)._repr_mimebundle_()
