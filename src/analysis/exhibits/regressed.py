"""A regression on a study, tried: it answers, or gives every reason why it cannot."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.study.ratio import by_year
from analysis.study.reader import Study
from smalln import NotEstimable, Regression, logit

VARIED = {"en": "no choice; a model was tried", "zh": "未变动任何选择，只尝试一个模型"}


def tried(study: Study) -> Regression | NotEstimable:
    """Return a logit of the outcome on what is known of every pilot.

    Predictors: the factors known for all, and each declared ratio with a cut, a parent's figure
    standing in. Pilots that share a figure are one cluster and, for that figure, one observation.
    """
    predictors = {name: np.asarray(study.factor(name)) for name in study.known_for_all()}
    shared = None
    for name, factor in study.declared.factors.items():
        if factor.ratio is None or factor.ratio.cut is None:
            continue
        found = by_year(study, factor.ratio, factor.ratio.year, True)
        if len(found) == len(study.pilots):
            predictors[name] = np.array([found[p][1] for p in study.pilots])
            shared = [f"{found[p][1]!r}" for p in study.pilots]
    if not predictors:
        return NotEstimable("no factor is known for every pilot")
    outcome = np.asarray(study.outcome())
    return logit(outcome, pd.DataFrame(predictors), shared, shared)


def stated(study: Study) -> dict[str, Any]:
    """Return what a claim on the first predictor's average marginal effect is given."""
    found = tried(study)
    if isinstance(found, NotEstimable):
        return {"value": found}
    first = found.effects.iloc[0]
    label = study.declared.factors[str(found.effects.index[0])].label
    words = {"label": label, "low": float(first["lower"]), "high": float(first["upper"])}
    return {"value": float(first["estimate"]), "n": found.n, "words": words}
