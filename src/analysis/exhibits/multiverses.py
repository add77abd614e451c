"""What is shown of a multiverse: its range, its counts, its joint test, its curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np

from analysis.exhibits import notes
from analysis.exhibits.curves import LEVEL, Analysis, specification_curve
from analysis.exhibits.figure import Figure
from analysis.exhibits.notes import NotApplicable
from analysis.exhibits.remembered import remembered
from analysis.exhibits.specifications import DeclaredGrid
from analysis.exhibits.study_words import both, source_line
from analysis.exhibits.wording import difference, p_text, percent
from analysis.study.reader import Study
from smalln import Multiverse, NotEstimable, multiverse

Words = Mapping[str, str]
# one analysis of a multiverse, by column
Row = Mapping[Any, Any]
VARIED = {
    "en": "every declared choice at once",
    "zh": "所有设定的选择同时变动",
}
# on a page the codings of one kind stand together; the data has each
KINDS = {"pass": "passes", "alternative": "alternatives"}
NUMBERS = {"estimate": difference, "p_value": p_text, "lower": difference, "upper": difference}


@dataclass(frozen=True)
class FactorCurve:
    """The multiverse of one factor over the study's declared grid."""

    study: Study
    factor: str

    @cached_property
    def grid(self) -> DeclaredGrid:
        """Return what varies."""
        return DeclaredGrid(self.study, self.factor)

    @cached_property
    def found(self) -> Multiverse | NotEstimable:
        """Return all analyses."""
        key = ("multiverse", self.factor)
        return remembered(self.study, key, lambda: multiverse(self.grid.specifications()))

    def spanned(self) -> dict[str, Any]:
        """Return what a claim on the range over all analyses is given."""
        curve = self.found
        if isinstance(curve, NotEstimable):
            return {"value": curve}
        single = curve.frame["estimate"].dropna()
        words = {"ranges": len(curve.frame) - len(single), "single": {"en": "", "zh": ""}}
        if len(single):
            lowest, highest = difference(single.min()), difference(single.max())
            words["single"] = {
                "en": f". Single values from {lowest} to {highest}",
                "zh": f"；单一数值在{lowest}至{highest}之间",
            }
        return {"value": None, "interval": curve.ends, "words": words, "of": curve.distinct}

    def counted(self) -> dict[str, Any]:
        """Return what a claim on the number of analyses is given."""
        curve = self.found
        if isinstance(curve, NotEstimable):
            return {"value": curve}
        declared, words = len(curve.declared), {"valid": curve.valid}
        return {"value": curve.distinct, "n": curve.distinct, "of": declared, "words": words}

    def tested(self, seed: int) -> dict[str, Any]:
        """Return what a claim on the joint test is given."""
        curve = self.found
        joint = curve if isinstance(curve, NotEstimable) else curve.joint(seed)
        if isinstance(joint, NotEstimable):
            return {"value": joint}
        share = joint.dominant
        return {
            "value": share.value,
            "n": round(share.value * joint.specifications),
            "of": joint.specifications,
            "p_value": share.p_value,
            "p_smallest": share.p_smallest,
            "test": "relabeling",
            "words": {
                "median": joint.median.value,
                "median_p": joint.median.p_value,
                "z": joint.stouffer.value,
                "z_p": joint.stouffer.p_value,
                "k": joint.of,
                "error": joint.error,
            },
        }

    def what_is_tested(self) -> NotApplicable:
        """Say what the joint test tests: the reporting, wherever silence was read as no."""
        if not self.study.fully_coded(self.factor):
            return notes.TESTS_FILLING if "parent" in self.grid.axes else notes.TESTS_REPORTING
        post_hoc = self.study.factor_declared(self.factor).post_hoc
        return notes.CHOSEN_AFTER if post_hoc else notes.ALL_KNOWN

    @cached_property
    def _lines(self) -> list[tuple[str, str, Words]]:
        """Return the choices that stand on a line of their own: axis, choice, words."""
        words, lines = self.grid.words(), dict[tuple[str, str], Words]()
        for axis, names in self.grid.axes.items():
            for name in names:
                shown = _shown(axis, name)
                one = words[axis, name] if shown == name else both(f"choice.{axis}.{shown}")
                lines[axis, shown] = one
        return [(axis, name, one) for (axis, name), one in lines.items()]

    def rows(self) -> list[list[Any]]:
        """Return a row a choice: how many analyses take it, and what these give."""
        analyses, rows = self._analyses(), []
        for axis, name, words in self._lines:
            taking = [a for a in analyses if name in a.choices[axis]]
            rows.append([both(f"axis.{axis}"), words, str(len(taking)), *_summary(taking)])
        return rows

    def figure(self) -> Figure:
        """Draw the specification curve; empty where nothing can be compared."""
        label, varied = self.study.factor_declared(self.factor).label, list(self.grid.axes)
        analyses = self._analyses()
        single = sum(a.p_value is not None for a in analyses)
        ranges = len(analyses) - single
        return specification_curve(
            analyses=analyses,
            choices=self._lines,
            axis={"en": "difference in the share", "zh": "比例之差"},
            small={"en": "p below .05", "zh": "p小于.05"},
            title={
                "en": f"Every declared analysis: {label.en}",
                "zh": f"全部设定的分析：{label.zh}",
            },
            subtitle={
                "en": f"{single} with a single value (left), {ranges} with a range (right)",
                "zh": f"左侧{single}种有单一数值，右侧{ranges}种只有范围",
            },
            description={
                "en": "Above: each analysis by its value, or an upright line for its range; "
                "diamonds have p below .05. Below: the choices that lead to it.",
                "zh": "上图：每种分析的数值，只有范围的画成竖线；菱形为p小于.05。"
                "下图：相应的选择。",
            },
            source=source_line(self.study),
            names=[*varied, "names", *NUMBERS],
            rows=[_data(row, varied) for row in self._records()],
        )

    def _records(self) -> list[Row]:
        curve = self.found
        return [] if isinstance(curve, NotEstimable) else list(curve.frame.to_dict("records"))

    def _analyses(self) -> list[Analysis]:
        found = []
        for row in self._records():
            choices = {
                axis: frozenset(_shown(axis, name) for name in _given(row, axis))
                for axis in self.grid.axes
            }
            if np.isnan(row["estimate"]):
                found.append(Analysis(row["lower"], row["upper"], None, choices))
            else:
                found.append(Analysis(row["estimate"], row["estimate"], row["p_value"], choices))
        return found


def _shown(axis: str, choice: str) -> str:
    return KINDS.get(choice.split()[0], choice) if axis == "coding" else choice


def _summary(analyses: Sequence[Analysis]) -> list[str]:
    """Return lowest and highest value, median of the single values, their share of small p."""
    if not analyses:
        return ["", "", ""]
    lower, upper = min(a.lower for a in analyses), max(a.upper for a in analyses)
    span = f"{difference(lower)} … {difference(upper)}"
    single = [a for a in analyses if a.p_value is not None]
    if not single:
        return [span, "", ""]
    small = sum((a.p_value or 0.0) < LEVEL for a in single) / len(single)
    return [span, difference(median(a.lower for a in single)), percent(small, 0)]


def _given(row: Row, axis: str) -> tuple[str, ...]:
    """Return every choice of an axis that leads to an analysis."""
    given: tuple[str, ...] = (row[axis],) if axis == "test" else row[axis]
    return given


def _data(row: Row, varied: Sequence[str]) -> list[str]:
    """Return a row of the data: each choice with all values that lead here, then the numbers."""
    numbers = ["" if np.isnan(row[name]) else shown(row[name]) for name, shown in NUMBERS.items()]
    return [*("; ".join(_given(row, axis)) for axis in varied), str(row["names"]), *numbers]
