"""What says yes or no where the coded text does not: the parts of `Study.outcome` and `.factor`.

A fill changes `values` (1, 0, NaN) in place, and `known`: which of them are so by the text or by
facts. What only an assumption fills stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import Silence, StudyError, declared
from analysis.study.codings import contradicted
from analysis.study.external_facts import unverified_level
from analysis.study.factors import Kind
from analysis.study.read_log import series

if TYPE_CHECKING:
    from analysis.study.study import Chosen, Study

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Levels = tuple[str, ...]
# levels that count as 1, and as 0 (none: all others)
Sides = tuple[Levels, Levels]
# how a version of the outcome says which pilots without the event are unknown, and how it is asked
OPEN_LIST: dict[str, bool | str] = {"none": False, "open_list": True, "all": "all"}


def as_numbers(levels: Iterable[str | None], one: Levels, zero: Levels = ()) -> Floats:
    """Return 1 for levels of `one`, 0 for those of `zero` (none told: all others), else NaN."""
    numbers = dict.fromkeys(zero, 0.0) | dict.fromkeys(one, 1.0)
    rest = np.nan if zero else 0.0
    told = [np.nan if level is None else numbers.get(level, rest) for level in levels]
    return np.array(told, dtype=float)


def other_sides(study: Study, name: str, level: str | None, grouping: str | None) -> Sides:
    """Return the levels on both sides: one against the rest, or as the multiverse declares."""
    if level is not None and grouping is not None:
        raise StudyError(f"level={level!r}, grouping={grouping!r}: ask for one")
    if level is not None:
        variable = study.factor_declared(name).coded.variable
        declared(study.variable(variable).levels, level, f"codebook.yaml: {variable}: levels")
        return (level,), ()
    groupings = study.declared.multiverse.groupings.get(name, {})
    split = declared(groupings, grouping or "", f"study.yaml: multiverse: groupings: {name}")
    return split.one, split.zero


def fill_by_text(study: Study, values: Floats, known: Truths, chosen: Chosen, by: Kind) -> None:
    """Put no where another variable has a level by which the text itself settles it."""
    texts = study.cells(by.variable, chosen)
    told = np.array([text in by.values for text in texts], dtype=bool) & (values != 1)
    values[told], known[told] = 0.0, True


def fill_by_spells(
    study: Study, name: str, values: Floats, known: Truths, chosen: Chosen, window: str, roles: str
) -> None:
    """Put yes where a post is known to have changed hands and the text does not say so."""
    if study.declared.windows:
        # a misspelt one is refused also where it would change nothing
        study.declared.window(window), study.declared.posts(roles)
    if study.factor_declared(name).spells is None:
        return
    unsaid = np.flatnonzero(~known)
    answers = study.changed(window, roles, [chosen[i] for i in unsaid])
    dated = unsaid[np.asarray(answers) == 1]
    values[dated], known[dated] = 1.0, True


def fill_by_ratio(
    study: Study, values: Floats, known: Truths, chosen: Chosen, name: str, use_parent: bool
) -> None:
    """Put, where a value is not known, whether a ratio that is cut so is below the median."""
    declared = study.factor_declared(name).ratio
    if declared is None or declared.cut is None:
        return
    ratios = study.ratio(name, use_parent_figures=use_parent)
    below = (ratios["ratio"] < ratios["ratio"].median()).reindex(list(chosen)).astype(float)
    fill = np.isnan(values) & below.notna()
    values[fill], known[fill] = below[fill], ratios["own"].reindex(list(chosen))[fill]


def fill_recalled(
    study: Study, values: Floats, chosen: Chosen, variable: str, sides: Sides
) -> None:
    """Put, where a value is not known, a recalled level or one from a source that nobody read."""
    left = np.flatnonzero(np.isnan(values))
    values[left] = as_numbers([unverified_level(study, variable, chosen[i]) for i in left], *sides)


def fill_silent(study: Study, values: Floats, chosen: Chosen, silence: Silence) -> None:
    """Put no where nothing says anything; `absent_if_slow`: so of pilots with the outcome."""
    silent = np.isnan(values)
    if silence == "absent_if_slow":
        silent &= np.asarray(study.outcome(chosen)) == 1
    values[silent] = 0.0


def unsaid(study: Study, values: Floats, chosen: Chosen, open_list: bool | str) -> Truths:
    """Return which pilots have no main outcome because nothing says so: all, or an open list's."""
    if open_list == "all":
        return np.equal(values, 0)
    opened = study.main_outcome().open_list
    if opened is None:
        return np.zeros(len(chosen), dtype=bool)
    batches = study.texts(opened.variable, chosen)
    listed = np.array([batch in opened.values for batch in batches], dtype=bool)
    listed[values != 0] = False
    return listed


def by_version(study: Study, chosen: Chosen, name: str, open_list: bool | str) -> pd.Series[float]:
    """Return a declared version of the outcome: the main one, or whether a stage is at most so."""
    if open_list:
        raise StudyError(f"version={name!r}, open_list={open_list!r}: ask for one of them")
    place = "study.yaml: multiverse: outcomes"
    version = declared(study.declared.multiverse.outcomes, name, place)
    most = version.stage_at_most
    if most is None:
        return study.outcome(chosen, open_list=OPEN_LIST[version.unknown])
    variable = study.declared.outcomes[study.declared.stage_outcome].variable
    texts = study.texts(variable, chosen)
    if version.statement == "other":
        differing = contradicted(study, variable, study.every)
        # the recodings of this variable decide, where there are any
        for i, pilot in enumerate(chosen):
            cell = (pilot, variable)
            if cell in differing and cell not in study.changes:
                texts[i] = differing[cell]["value"]
    slow = [np.nan if text is None else float(text) <= most for text in texts]
    return series(study, variable, chosen, np.array(slow, dtype=float))
