"""What the tests of the methods share: every way to fill unknown cells."""

from itertools import product

import numpy as np


def completions(values: np.ndarray) -> list[np.ndarray]:
    """Every completion of a vector of 1, 0 and NaN."""
    open_cells = np.flatnonzero(np.isnan(values))
    found = []
    for filling in product((0.0, 1.0), repeat=len(open_cells)):
        filled = values.copy()
        filled[open_cells] = filling
        found.append(filled)
    return found
