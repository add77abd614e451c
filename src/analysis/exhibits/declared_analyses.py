"""Every analysis of a factor that a study declares: its choices, and what each combination gives.

The choices stand in `study.yaml` under `multiverse`, each with its reason. Silence, facts from
elsewhere, the window of a change, a parent's figures and the coding vary too, where they can change
anything. The test is Fisher's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import pandas as pd

from analysis.claims.cell import computed_once
from analysis.claims.grades import Quantity
from analysis.claims.words import Message, _
from analysis.study.codings import AlternativeCoding
from analysis.study.study import Study
from smalln import Multiverse, NotEstimable, Specification, multiverse

EVERY_CHOICE = _("every declared choice at once")
# between choices that lead to the same analysis
BETWEEN = "; "
NUMBERS = ("names", "estimate", "p_value", "lower", "upper")
AXES = {
    "outcome": _("Outcome compared"),
    "grouping": _("How types are grouped"),
    "source": _("What is known of the factor"),
    "window": _("Months in which a change counts"),
    "parent": _("Figures of the parent"),
    "silence": _("How silence is read"),
    "coding": _("Coding"),
}
# what is a choice of every study; those of the outcome, the grouping and the window are declared
CHOICES: Mapping[str, Mapping[str, Message]] = {
    "source": {"notice": _("the text alone"), "facts": _("facts from elsewhere filled in first")},
    "parent": {"out": _("left out"), "in": _("stand in, marked")},
    "silence": {
        "unknown": _("unknown", context="silence"),
        "absent": _("read as “no”"),
        "absent_if_slow": _("read as “no” for those named only"),
    },
    "coding": {
        "settled": _("the settled coding"),
        "pass": _("one pass alone"),
        "alternative": _("one cell with its other value"),
    },
}


@dataclass(frozen=True)
class DeclaredAnalyses:
    """All declared analyses of one factor; cells that ask for the same compute it once."""

    study: Study
    factor: str

    @cached_property
    def codings(self) -> dict[str, AlternativeCoding]:
        """Return the codings by name: settled, each pass alone, each alternative value."""
        key = ("alternative codings", self.factor)
        found = computed_once(self.study, key, lambda: self.study.alternatives(self._variables))
        return {c.name if c.kind == "settled" else f"{c.kind} {c.name}": c for c in found}

    @cached_property
    def axes(self) -> dict[str, Mapping[str, Any]]:
        """Return what varies, in the order shown: axis -> its choices, each with its words.

        An axis that changes nothing is left out: silence where all is coded, facts without any.
        """
        study, factor = self.study, self.study.factor_declared(self.factor)
        grid, figures = study.declared.multiverse, factor.ratio is not None and factor.ratio.cut
        varied: dict[str, Mapping[str, Any]] = {
            "outcome": grid.outcomes,
            "grouping": grid.groupings.get(self.factor, {}),
            "source": CHOICES["source"] if factor.spells or figures else {},
            "window": study.declared.windows if factor.spells else {},
            "parent": CHOICES["parent"] if figures else {},
            "silence": {} if study.fully_coded(self.factor) else CHOICES["silence"],
            "coding": {name: CHOICES["coding"][_on_pages("coding", name)] for name in self.codings},
        }
        return {axis: choices for axis, choices in varied.items() if choices}

    @cached_property
    def choices(self) -> pd.DataFrame:
        """Return a row a choice, by (axis, choice): `about`, `label`, and `reason` if declared."""
        rows = {}
        for axis, choices in self.axes.items():
            for name, choice in choices.items():
                words, reason = getattr(choice, "label", choice), getattr(choice, "reason", None)
                rows[axis, _on_pages(axis, name)] = AXES[axis], words, reason
        index = pd.MultiIndex.from_tuples(rows, names=["axis", "choice"])
        return pd.DataFrame(rows.values(), index=index, columns=["about", "label", "reason"])

    @property
    def declared(self) -> int:
        """Return how many analyses the choices combine to."""
        return prod(map(len, self.axes.values()))

    def specifications(self) -> Iterator[Specification]:
        """Yield the analysis of each combination of the choices of `axes`."""
        study, axes = self.study, self.axes
        free = [axis for axis in axes if axis not in ("outcome", "coding")]
        readings = [dict(zip(free, c, strict=True)) for c in product(*(axes[a] for a in free))]
        asked: list[dict[str, Any]] = [
            {
                "silence": reading.get("silence", "unknown"),
                "window": reading.get("window") if reading.get("source") == "facts" else None,
                "grouping": reading.get("grouping"),
                "use_ratio": reading.get("source") == "facts",
                "use_parent_figures": reading.get("parent") == "in",
            }
            for reading in readings
        ]
        # codings that differ only in what is not used here are read once
        answers: dict[object, tuple[list[Any], list[Any]]] = {}
        for name, coding in self.codings.items():
            used = {c: value for c, value in coding.changes.items() if c[1] in self._variables}
            if (key := tuple(used.items())) not in answers:
                recoded = study.with_changes(used, log=study.log)
                answers[key] = (
                    [recoded.outcome(version=version) for version in axes["outcome"]],
                    [recoded.factor(self.factor, **options) for options in asked],
                )
            outcomes, factors = answers[key]
            units = (~study.pilots.isin(coding.left_out)).astype(float)
            for reading, x in zip(readings, factors, strict=True):
                for outcome, y in zip(axes["outcome"], outcomes, strict=True):
                    choices = {"outcome": outcome, **reading, "coding": name}
                    yield Specification(choices, y, x, units=units)

    @cached_property
    def curve(self) -> Multiverse | NotEstimable:
        """Return every analysis with its result, or that nothing can be compared."""
        key = ("declared analyses", self.factor)
        return computed_once(self.study, key, lambda: multiverse(self.specifications()))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return a row an analysis that differs in outcome or factor: values in order, then ranges.

        A column an axis, with the choices that lead to it; `names`: how many declared analyses it
        is; `estimate`, `p_value` (NaN where cells stay unknown), `lower`, `upper` (of a single
        value twice that). No rows if nothing can be compared.
        """
        columns = [*self.axes, *NUMBERS]
        if isinstance(self.curve, NotEstimable):
            kinds = {**dict.fromkeys(NUMBERS, float), "names": int}
            return pd.DataFrame(columns=columns).astype(kinds)
        frame = self.curve.frame[columns].copy()
        frame[[*self.axes]] = frame[[*self.axes]].map(BETWEEN.join)
        ends = ["lower", "upper"]
        frame[ends] = frame[ends].apply(lambda end: end.fillna(frame["estimate"]))
        return frame

    def by_choice(self) -> pd.DataFrame:
        """Return a row for each choice that leads to an analysis.

        Columns: `analysis` (its row in `frame`), `axis` and `choice` as in `choices`, the numbers.
        """
        rows = self.frame.melt(NUMBERS, var_name="axis", value_name="choice", ignore_index=False)
        rows = rows.assign(choice=rows["choice"].str.split(BETWEEN)).explode("choice")
        rows["choice"] = [*map(_on_pages, rows["axis"], rows["choice"])]
        return rows.reset_index(names="analysis").drop_duplicates(["analysis", "axis", "choice"])

    def span(self) -> Quantity | NotEstimable:
        """Return the lowest and the highest value that any analysis allows, of how many."""
        if isinstance(self.curve, NotEstimable):
            return self.curve
        ends = float(self.frame["lower"].min()), float(self.frame["upper"].max())
        return Quantity(None, "difference", of=len(self.frame), interval=ends)

    def single_values(self) -> Message | str:
        """Return how a sentence on the span goes on: the ends of the single values, if any."""
        single = self.frame["estimate"].dropna()
        more = _(". Single values from {lowest:difference} to {highest:difference}")
        ends = {"lowest": single.min(), "highest": single.max()}
        return replace(more, values=ends) if len(single) else ""

    @cached_property
    def _variables(self) -> set[str]:
        """Return the coded variables that outcome and factor are read from."""
        declared, main = self.study.declared, self.study.main_outcome()
        coded = self.study.factor_declared(self.factor).coded
        read = coded, main, main.open_list, declared.outcomes.get(declared.stage_outcome)
        return {declared.batch_variable, *(each.variable for each in read if each)}


def _on_pages(axis: str, choice: str) -> str:
    """Return a choice as pages show it: codings of one kind together, where the data has each."""
    return choice.split()[0] if axis == "coding" else choice
