"""The causes that the text names, as configurations: memberships, rows, formulas in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.exhibits.study_words import both
from analysis.study.reader import Study
from smalln import Solution, TruthTable, solve, truth_table

OUTCOME = "outcome"
Words = Mapping[str, str]


def conditions(study: Study) -> list[str]:
    """Return the factors that the text names as causes, in the order declared."""
    return [name for name, factor in study.declared.factors.items() if factor.named_cause]


def memberships(study: Study) -> pd.DataFrame:
    """Return a row a pilot, a column a named cause (silence read as no), and the outcome."""
    columns = {name: np.asarray(study.factor(name, silence="absent")) for name in conditions(study)}
    return pd.DataFrame({**columns, OUTCOME: np.asarray(study.outcome())})


def solved(frame: pd.DataFrame) -> Solution | None:
    """Return all shortest formulas over everything not seen, None where there is none."""
    table = truth_table(frame, OUTCOME, [str(name) for name in frame if name != OUTCOME])
    found = solve(table, "parsimonious") if isinstance(table, TruthTable) else None
    return found if isinstance(found, Solution) else None


def rows(study: Study, frame: pd.DataFrame) -> list[list[Any]]:
    """Return a row a combination that occurs: its causes, pilots, and pilots named among them."""
    names, shown = conditions(study), []
    for given, part in frame.groupby(names, sort=False):
        present = [name for name, value in zip(names, given, strict=True) if value == 1]
        words = _term(study, present) if present else both("term.no_cause")
        shown.append([words, str(len(part)), str(int(part[OUTCOME].sum()))])
    return shown


def formula(study: Study, solution: Solution) -> Words:
    """Return the first of the shortest formulas in words."""
    terms = [_term(study, term.split("*")) for term in solution.models[0]]
    return {
        lang: joint.join(f"“{term[lang]}”" for term in terms)
        for lang, joint in (("en", " or "), ("zh", "或"))
    }


def _term(study: Study, literals: Sequence[str]) -> Words:
    """Return a combination in words; a literal with ~ is the absence of a cause."""
    factors = study.declared.factors
    return {
        lang: joint.join(
            (no if literal.startswith("~") else "") + factors[literal.lstrip("~")].label[lang]
            for literal in literals
        )
        for lang, no, joint in (("en", "not ", " and "), ("zh", "非", "且"))
    }


def leaves(study: Study, frame: pd.DataFrame) -> dict[str, int]:
    """Return for each cause how few unreported cases take it out of every shortest formula.

    A case is a pilot without the outcome that had the cause too. Causes that stay are left out.
    """
    found = {}
    for name in conditions(study):
        silent = frame.index[(frame[name] == 0) & (frame[OUTCOME] == 0)]
        for k in range(1, len(silent) + 1):
            changed = frame.copy()
            changed.loc[silent[:k], name] = 1.0
            solution = solved(changed)
            terms = [t for model in (solution.models if solution else []) for t in model]
            if not any(literal.lstrip("~") == name for t in terms for literal in t.split("*")):
                found[name] = k
                break
    return found
