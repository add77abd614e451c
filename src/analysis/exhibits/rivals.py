"""All factors of a study side by side: rows, labels, and the family that is searched."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.exhibits.study_words import range_words
from analysis.exhibits.wording import LANGUAGES, listed
from analysis.study.declaration import Within
from analysis.study.reader import Study
from smalln import NotEstimable, compare, stratified_range, two_way_groupings


def rows(study: Study) -> list[list[Any]]:
    """Return a row a factor: label, for how many pilots it is known, what its difference can be."""
    outcome, found = study.outcome(), []
    for name, factor in study.declared.factors.items():
        values = study.factor(name)
        known = f"{len(values.pilots) - values.count(None)}/{len(values.pilots)}"
        found.append([factor.label, known, range_words(compare(outcome, values))])
    return found


def labels(study: Study, factors: Sequence[str]) -> Mapping[str, str]:
    """Return the labels of factors, listed."""
    return {
        lang: listed([study.declared.factors[name].label[lang] for name in factors], lang)
        for lang in LANGUAGES
    }


def family(study: Study) -> list[NDArray[np.float64]]:
    """Return every two-way grouping of the declared family's levels, as vectors of 1 and 0."""
    found: list[NDArray[np.float64]] = []
    for name in study.declared.rivals.family:
        levels = study.levels(study.contrast(name).variable)
        groupings = two_way_groupings([level or "silent" for level in levels.values()])
        found += [vector for _, vector in groupings]
    return found


def within(study: Study, declared: Within) -> dict[str, Any]:
    """Return what a claim on a factor within strata is given: the range of p, or why there is none.

    The words: both labels, ways to fill unknown strata, how many are unknown, the smallest p.
    """
    factors = study.declared.factors
    strata = study.factor(declared.strata)
    found = stratified_range(study.outcome(), study.factor(declared.factor), strata)
    if isinstance(found, NotEstimable):
        return {"value": found}
    words = {
        "a": factors[declared.factor].label,
        "b": factors[declared.strata].label,
        "k": found.ways,
        "u": strata.count(None),
        "least": found.p_smallest,
    }
    return {"value": None, "interval": (found.lower, found.upper), "words": words}
