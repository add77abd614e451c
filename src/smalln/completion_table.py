"""Every way to fill a factor's unknown cells, as a table that can be read line by line."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from smalln.tipping import _counted


def completions(outcome: ArrayLike, factor: ArrayLike) -> pd.DataFrame:
    """Return what each completion of the factor's unknown cells gives, one row a kind.

    `outcome`: shape (units,), 1 or 0; `factor`: the same, NaN where unknown. Columns: `named_yes`,
    `others_yes`: how many unknown cells of units with the event, and of the others, are read as
    yes; `difference` of shares; `p_value`, Fisher's two-sided. Both are NaN where a group is empty.

    Raises:
        ValueError: an unknown outcome, another value.
    """
    counts = _counted(outcome, factor)
    e, o = (k.ravel() for k in np.indices((counts.events[2] + 1, counts.others[2] + 1)))
    difference = counts.difference(e.astype(float), o.astype(float))
    p = [
        counts.p_value(i, j) if d == d else np.nan
        for i, j, d in zip(e.tolist(), o.tolist(), difference.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {"named_yes": e, "others_yes": o, "difference": difference, "p_value": p}
    )
