"""The declared grid of a study for one factor: every specification with its choices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, get_args

import numpy as np

from analysis.exhibits.remembered import remembered
from analysis.exhibits.study_words import both, level_words
from analysis.exhibits.wording import LANGUAGES, fill, term
from analysis.study.cells import Cells
from analysis.study.reader import Study
from analysis.study.versions import Version, versions
from smalln import Specification
from smalln.specification_test import Test

Words = Mapping[str, str]
IN, OUT = "in", "out"
# of the source of a factor: what the text says alone, or facts from elsewhere filled in
NOTICE, FACTS = "notice", "facts"
# pilots up to which Boschloo's test is computed for every table
MOST_BOSCHLOO = 100
SILENCES = ("unknown", "absent", "absent_if_slow")


@dataclass(frozen=True)
class DeclaredGrid:
    """The choices that a study declares for one factor, and the analyses that they combine to."""

    study: Study
    factor: str

    @cached_property
    def versions(self) -> list[Version]:
        """Return the codings: settled, each pass, each alternative."""
        key, used = ("versions", self.factor), self._variables
        return remembered(self.study, key, lambda: versions(self.study, used))

    @cached_property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """Return what varies, in the order shown: axis -> its choices.

        An axis that cannot change anything is left out: silence where every pilot is coded, facts
        where there are none.
        """
        declared, study = self.study.factor_declared(self.factor), self.study
        figures = declared.ratio is not None and declared.ratio.cut is not None
        found: dict[str, tuple[str, ...]] = {"outcome": tuple(study.declared.multiverse.outcomes)}
        if groupings := study.declared.multiverse.groupings.get(self.factor):
            found["grouping"] = tuple(groupings)
        if declared.spells or figures:
            found["source"] = (NOTICE, FACTS)
        if declared.spells:
            found["window"] = tuple(study.declared.windows)
        if figures:
            found["parent"] = (OUT, IN)
        if not study.fully_coded(self.factor):
            found["silence"] = SILENCES
        found["coding"] = tuple(_name(version) for version in self.versions)
        found["test"] = self._tests
        return found

    @property
    def _tests(self) -> tuple[Test, ...]:
        """Return the tests; of many pilots Fisher's alone, to which Boschloo's comes close there.

        A curve needs the p of every table with the same margins.
        """
        every: tuple[Test, ...] = get_args(Test)
        return every if len(self.study.pilots) <= MOST_BOSCHLOO else every[:1]

    def specifications(self) -> Iterator[Specification]:
        """Return one specification for each combination of the choices of `axes`."""
        study, varied = self.study, self.axes
        free = [name for name in varied if name not in ("outcome", "coding", "test")]
        readings = [dict(zip(free, c, strict=True)) for c in product(*(varied[n] for n in free))]
        # codings that differ only in what is not used here are read once
        read: dict[object, tuple[dict[str, Cells], list[Cells]]] = {}
        for version in self.versions:
            used = {c: v for c, v in version.changes.items() if c[1] in self._variables}
            coded, key = study.with_changes(used, record=study.record), tuple(used.items())
            if key not in read:
                outcomes = {name: coded.outcome(version=name) for name in varied["outcome"]}
                read[key] = outcomes, [_factor(coded, self.factor, given) for given in readings]
            outcomes, factors = read[key]
            units = np.array([p not in version.left_out for p in study.pilots], dtype=float)
            for choices, x in zip(readings, factors, strict=True):
                for (name, y), test in product(outcomes.items(), self._tests):
                    given = {"outcome": name, **choices, "coding": _name(version)}
                    yield Specification(given, y, x, test, units)

    @cached_property
    def _variables(self) -> set[str]:
        """Return the coded variables that outcome and factor are read from."""
        declared, main = self.study.declared, self.study.main_outcome()
        stage = declared.outcomes[declared.stage_outcome].variable
        opened = {main.open_list.variable} if main.open_list else set()
        coded = self.study.contrast(self.factor).variable
        return {coded, main.variable, stage, declared.batch_variable, *opened}

    def words(self) -> dict[tuple[str, str], Words]:
        """Return the words of every choice: (axis, choice) -> words."""
        declared, found = self.study.declared, dict[tuple[str, str], Words]()
        groupings = declared.multiverse.groupings.get(self.factor, {})
        for axis, labelled in (
            ("outcome", declared.multiverse.outcomes),
            ("grouping", groupings),
            ("window", declared.windows),
        ):
            found |= {(axis, name): each.label.model_dump() for name, each in labelled.items()}
        for version in self.versions:
            found["coding", _name(version)] = _version_words(self.study, version)
        for axis, names in self.axes.items():
            for name in names:
                if (axis, name) not in found:
                    found[axis, name] = both(f"choice.{axis}.{name}")
        return found

    def reasons(self) -> list[list[Words]]:
        """Return a row for each version of the outcome and each grouping: words, reason."""
        grid = self.study.declared.multiverse
        declared = [(each.label, each.reason) for each in grid.outcomes.values()]
        groupings = grid.groupings.get(self.factor, {}).values()
        declared += [(each.label, each.reason) for each in groupings]
        return [[label.model_dump(), reason.model_dump()] for label, reason in declared]


def _factor(study: Study, factor: str, choices: Mapping[str, str]) -> Cells:
    facts = choices.get("source") == FACTS
    return study.factor(
        factor,
        silence=choices.get("silence", "unknown"),  # type: ignore[arg-type]
        window=choices.get("window") if facts else None,
        grouping=choices.get("grouping"),
        figures=facts,
        parent=choices.get("parent") == IN,
    )


def _name(version: Version) -> str:
    return version.name if version.kind == "settled" else f"{version.kind} {version.name}"


def _version_words(study: Study, version: Version) -> Words:
    """Return what a coding is: the settled one, a pass, or a cell with its other value."""
    if version.kind == "settled":
        return both("choice.coding.settled")
    if version.kind == "pass":
        return _filled("choice.coding.pass", {"name": version.name})
    if version.left_out:
        return _filled("choice.coding.out", {"name": study.names(version.left_out)})
    (pilot, variable), value = next(iter(version.changes.items()))
    label = study.codebook.variables[variable].label
    shown = level_words(study, variable, value)
    given = {"name": study.names([pilot]), "label": label, "value": shown}
    return _filled("choice.coding.other", given)


def _filled(key: str, values: Mapping[str, Any]) -> Words:
    return {language: fill(term(key, language), values, language) for language in LANGUAGES}
