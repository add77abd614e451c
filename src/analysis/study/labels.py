"""Words of a study: labels of what is asked, names of pilots, in which language. Nothing computes.

The functions are methods of `Study`: `study.label("unit_type", 1)`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.study import declared
from analysis.study.codebook import Names, Text

if TYPE_CHECKING:
    from analysis.study.study import Study

# pilots up to which a sentence names them all, and how many it names of more
MOST_NAMED, FIRST_NAMED = 15, 8


class Labels(dict[Any, str]):
    """Words of values in one language; a number and its text mean the same level."""

    def __missing__(self, value: Any) -> Any:
        return {_as_text(each): words for each, words in self.items()}.get(_as_text(value), np.nan)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def names(study: Study, pilots: Iterable[str]) -> Names:
    """Return the short names of pilots as one list for a sentence; of many, the first few."""
    chosen = list(pilots)
    first = chosen if len(chosen) <= MOST_NAMED else chosen[:FIRST_NAMED]
    return Names(tuple(pilot_name(study, pilot) for pilot in first), len(chosen))


def pilot_name(study: Study, pilot: str, *, long: bool = False) -> Text:
    """Return a pilot's name in every language."""
    (row,) = study.rows_of("pilots.csv", pilot)
    study.log.read_row("pilots.csv", row)
    length = "long" if long else "short"
    return Text({each: row[f"{length}_{each}"] for each in study.languages})


def pilot_names(study: Study, *, long: bool = False) -> pd.Series[str]:
    """Return every pilot's name in the language shown, by pilot: for axes and `.map`."""
    shown = language(study)
    words = [pilot_name(study, p, long=long).in_language(shown) for p in study.pilots]
    return pd.Series(words, index=study.pilots, name="name", dtype=object)


def label(study: Study, name: str, value: Any = None) -> Text:
    """Return the words of an outcome, a factor or a variable; with `value`, of that value.

    Raises:
        StudyError: no such thing, or no such value; the message lists those that exist.
    """
    words, values = _words(study, name)
    if value is None:
        return words
    by_text = {_as_text(each): text for each, text in values.items()}
    return declared(by_text, _as_text(value), f"values of {name}")


def labels(study: Study, name: str) -> Labels:
    """Return the words of each value in the language shown, keyed as `frame` gives the values.

    For `.map`, axes and legends: `study.labels("stage")[2.0]`.
    """
    shown, (_, values) = language(study), _words(study, name)
    return Labels({value: words.in_language(shown) for value, words in values.items()})


def _words(study: Study, name: str) -> tuple[Text, dict[Any, Text]]:
    """Return the label of an outcome, else a factor or variable, and those of its values."""
    outcome, factor = study.declared.outcomes.get(name), study.declared.factors.get(name)
    if outcome and outcome.event:
        return outcome.label, {1.0: outcome.label, 0.0: outcome.other}
    if factor and not outcome:
        return factor.label, {1.0: factor.coded.yes_label, 0.0: factor.coded.no_label}
    variable = study.variable(outcome.variable if outcome else name)
    levels = variable.levels.items()
    if outcome and variable.numeric:
        return outcome.label, {float(level): words for level, words in levels}
    return variable.label, dict(levels)


def language(study: Study) -> str:
    """Return the language shown: `ANALYSIS_LANGUAGE`, else the first that is declared."""
    wanted = os.environ.get("ANALYSIS_LANGUAGE", "")
    return wanted if wanted in study.languages else study.languages[0]
