"""The study that answers in pandas gives what the chain of classes gave, question by question.

These comparisons go with the chain.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import STUDY, WAVE

from analysis.study import load as loading
from analysis.study import noted, read_log, versions
from analysis.study.declaration import read_declaration
from analysis.study.ratings import ratings
from analysis.study.ratio import by_year
from analysis.study.reader import Study as Old
from analysis.study.record import Record
from analysis.study.study import Study
from simulated_study.simulate import simulate

Pair = tuple[Old, Study]
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"silence": "absent"},
    {"silence": "absent_if_slow"},
    {"group": "none"},
    {"window": "fixed"},
    {"window": "since_designation"},
    {"window": "fixed", "roles": "wider", "silence": "absent"},
    {"use_unverified": True},
    {"use_unverified": True, "silence": "absent_if_slow", "group": "none"},
    {"use_ratio": True},
    {"use_ratio": True, "use_parent_figures": True, "silence": "absent"},
)
RENAMED = {"use_unverified": "recalled", "use_ratio": "figures", "use_parent_figures": "parent"}


def old_options(options: dict[str, Any]) -> dict[str, Any]:
    return {RENAMED.get(name, name): value for name, value in options.items()}


@pytest.fixture(scope="module", params=["jilin", "simulated"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    if request.param == "jilin":
        return loading.load(STUDY, WAVE), loading.load_study(STUDY, WAVE)
    root = tmp_path_factory.mktemp("simulated")
    (root / "data").mkdir()
    folder: Path = simulate(root, "simulated", 20, 7)
    (wave,) = read_declaration(folder / "study.yaml", "study.yaml").waves
    return loading.load(folder.name, wave, root), loading.load_study(folder.name, wave, root)


def compared(
    pair: Pair, ask_old: Callable[[Old], Any], ask_new: Callable[[Study], Any]
) -> tuple[Any, Any]:
    """Ask both the same; the evidence must be equal, and no more may be read than was."""
    old, new = pair
    old.record.clear()
    noted.start()
    before = ask_old(old)
    reads_before = set(noted.new())
    new.log.clear()
    read_log.forget_reads()
    after = ask_new(new)
    reads = set(new.log.new_reads())
    assert [tuple(r) for r in new.log.evidence()] == [tuple(r) for r in old.record.cells()]
    assert (new.log.all_known, new.log.any_assumed) == (
        old.record.all_known,
        old.record.any_assumed,
    )
    # a row of another variable or another post is no longer read for its status alone
    assert reads <= reads_before
    alike = [r for r in reads_before - reads if r[1] not in ("context.csv", "leaders.csv", "rates.csv")]
    assert not alike
    for entry in new.log.evidence():
        row = new.tables[entry.table].loc[entry.line]
        assert ("row", entry.table, *(row[key] for key in read_log.KEYS[entry.table])) in reads or (
            # rows that are there, of which nothing is told
            entry.table == "codings.csv"
        )
    return before, after


def same(cells: Any, series: "pd.Series[float]", name: str | None = None) -> None:
    assert series.dtype == np.float64
    assert tuple(series.index) == cells.pilots
    assert series.index.name == "pilot"
    assert series.name == (name or cells.variable)
    np.testing.assert_array_equal(series.to_numpy(), cells.values)


def some(study: Old) -> list[tuple[str, ...] | None]:
    # of no pilots the chain gave no open list and no dated changes
    return [None, study.pilots[2:9:2]]


def test_outcomes(pair: Pair) -> None:
    for pilots in some(pair[0]):
        for version in (None, *pair[0].declared.multiverse.outcomes):
            before, after = compared(
                pair,
                lambda s, p=pilots, v=version: s.outcome(p, version=v),
                lambda s, p=pilots, v=version: s.outcome(p, version=v),
            )
            same(before, after)
        before, after = compared(
            pair,
            lambda s, p=pilots: s.outcome(p, open_list=True),
            lambda s, p=pilots: s.outcome(p, open_list=True),
        )
        same(before, after)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())) or "plain")
def test_factors(pair: Pair, options: dict[str, Any]) -> None:
    if options.get("window") not in (None, *pair[0].declared.windows):
        pytest.skip("no such window")
    for pilots in some(pair[0]):
        for name in pair[0].declared.factors:
            before, after = compared(
                pair,
                lambda s, n=name, p=pilots: s.factor(n, p, **old_options(options)),
                lambda s, n=name, p=pilots: s.factor(n, p, **options),
            )
            same(before, after, name)


def test_factors_by_level_and_grouping(pair: Pair) -> None:
    for name in pair[0].declared.factors:
        variable = pair[0].codebook.variables[pair[0].contrast(name).variable]
        for level in variable.levels:
            same(*compared(pair, lambda s, n=name, v=level: s.factor(n, level=v), lambda s, n=name, v=level: s.factor(n, level=v)), name)  # fmt: skip
        for grouping in pair[0].declared.multiverse.groupings.get(name, {}):
            same(*compared(pair, lambda s, n=name, g=grouping: s.factor(n, grouping=g), lambda s, n=name, g=grouping: s.factor(n, grouping=g)), name)  # fmt: skip


def test_numbers_and_levels_of_every_variable(pair: Pair) -> None:
    for name, variable in pair[0].codebook.variables.items():
        if variable.numeric:
            same(*compared(pair, lambda s, n=name: s.numbers(n), lambda s, n=name: s.numbers(n)))
        before, after = compared(pair, lambda s, n=name: s.levels(n), lambda s, n=name: s.levels(n))
        assert {p: None if pd.isna(v) else v for p, v in after.items()} == before
        if variable.levels:
            assert after.dtype == pd.CategoricalDtype(list(variable.levels), ordered=True)


def test_having(pair: Pair) -> None:
    for names in (("key_projects", "projects_in_trial"), ("batch",), ("leadership_change",)):
        before, after = compared(pair, lambda s, n=names: s.having(*n), lambda s, n=names: s.having(*n))
        assert tuple(after) == before


def test_statuses_contradictions_and_what_is_known_for_all(pair: Pair) -> None:
    before, after = compared(pair, lambda s: s.statuses(), lambda s: s.statuses())
    assert {(p, v): after.at[p, v] for v in after for p in after.index} == before
    for variable in (None, "stage", "batch"):
        before, after = compared(
            pair,
            # the new one gives both values at once
            lambda s, v=variable: {
                k: (s.value(*k), r["value"]) for k, r in s.contradictions(v).items()
            },
            lambda s, v=variable: s.contradictions(v),
        )
        told = {(r.pilot, r.variable): (r.settled, r.other) for r in after.itertuples()}
        assert told == before
    before, after = compared(pair, lambda s: s.known_for_all(), lambda s: s.known_for_all())
    assert after == before
    assert pair[0].coded_variables() == pair[1].coded_variables()
    for name in pair[0].declared.factors:
        before, after = compared(
            pair, lambda s, n=name: s.fully_coded(n), lambda s, n=name: s.fully_coded(n)
        )
        assert after == before


def test_what_is_said_of_the_whole_programme(pair: Pair) -> None:
    for name in pair[0].declared.constants:
        before, after = compared(
            pair, lambda s, n=name: dict(s.programme(n)), lambda s, n=name: s.programme(n)
        )
        assert dict(after) == before


@pytest.mark.parametrize("parent", [False, True])
def test_facts_and_ratios(pair: Pair, parent: bool) -> None:
    old, _new = pair
    for variable in dict.fromkeys(r["variable"] for r in old.tables["context.csv"].rows):
        for year in (None, 2013, 2014):
            for pilots in some(old):
                before, after = compared(
                    pair,
                    lambda s, v=variable, y=year, p=pilots: s.facts(v, y, parent=parent, pilots=p),
                    lambda s, v=variable, y=year, p=pilots: s.facts(
                        v, y, use_parent_figures=parent, pilots=p
                    ),
                )
                assert list(after.index) == list(before)
                for pilot, row in before.items():
                    assert after.at[pilot, "value"] == float(row["value"])
                    for column in ("unit", "level", "status", "source_id"):
                        assert after.at[pilot, column] == row[column]
    for name, factor in old.declared.factors.items():
        for year in factor.ratio.years if factor.ratio else ():
            before, after = compared(
                pair,
                lambda s, r=factor.ratio, y=year: by_year(s, r, y, parent),
                lambda s, n=name, y=year: s.ratio(n, y, use_parent_figures=parent),
            )
            assert dict(after["ratio"]) == {p: value for p, (_, value) in before.items()}
            tops = {p: float(row["value"]) for p, (row, _) in before.items()}
            assert dict(after["numerator"]) == tops


def test_dated_changes(pair: Pair) -> None:
    for window in pair[0].declared.windows:
        for roles in pair[0].declared.roles:
            for pilots in some(pair[0]):
                before, after = compared(
                    pair,
                    lambda s, w=window, r=roles, p=pilots: s.changed(w, r, p),
                    lambda s, w=window, r=roles, p=pilots: s.changed(w, r, p),
                )
                told = {p: None if pd.isna(v) else bool(v) for p, v in after.items()}
                assert told == before
            before, after = compared(
                pair,
                lambda s, w=window, r=roles: s.changed_not_named(w, r),
                lambda s, w=window, r=roles: s.changed_not_named(w, r),
            )
            assert tuple(after) == before


def test_rates_and_exposure(pair: Pair) -> None:
    old, _new = pair
    for event in dict.fromkeys(r["event"] for r in old.tables["rates.csv"].rows):
        for window in old.declared.windows:
            before, after = compared(
                pair,
                lambda s, e=event, w=window: {p: dict(r) for p, r in s.rates(e, w).items()},
                lambda s, e=event, w=window: s.rates(e, w),
            )
            assert dict(after["count"]) == {p: int(r["count"]) for p, r in before.items()}
            assert dict(after["of"]) == {p: int(r["of"]) for p, r in before.items()}
    for use in (False, True):
        before, after = compared(
            pair,
            lambda s, u=use: s.months_exposed(recalled=u),
            lambda s, u=use: s.months_exposed(use_unverified=u),
        )
        same(before, after, "months_exposed")


def test_passes_and_other_codings(pair: Pair) -> None:
    before, after = compared(pair, ratings, lambda s: s.ratings())
    assert list(after.columns) == list(before.coders)
    for coder, values in zip(before.coders, before.values, strict=True):
        told = {cell: after.at[(cell[1], cell[0]), coder] for cell in before.cells}
        assert told == dict(zip(before.cells, values, strict=True))
    for variables in (None, ["stage"]):
        before, after = compared(
            pair,
            lambda s, v=variables: versions.versions(s, v),
            lambda s, v=variables: s.alternatives(v),
        )
        assert [vars(a) for a in after] == [vars(b) for b in before]
    for variable in ("stage", "level", "batch"):
        before, after = compared(
            pair,
            lambda s, v=variable: versions.doubtful(s, v),
            lambda s, v=variable: s.doubtful(v),
        )
        assert after == before


def test_names(pair: Pair) -> None:
    old, new = pair
    for pilots in ((), old.pilots[:1], old.pilots[:2], old.pilots[:5], old.pilots):
        before, after = compared(
            pair, lambda s, p=pilots: s.names(p), lambda s, p=pilots: s.names(p)
        )
        assert after.in_language("en") == before["en"]
    for pilot in old.pilots:
        for long in (False, True):
            name = new.pilot_name(pilot, long=long)
            told = [old.pilot_name(pilot, each, long) for each in new.languages]
            assert [name.in_language(each) for each in new.languages] == told


def everything(study: Any, factor: str, new: bool) -> list[Any]:
    """Everything that a search could be answered, and what the log of the search tells."""
    answers = [study.outcome(version=v) for v in (None, *study.declared.multiverse.outcomes)]
    answers.append(study.outcome(open_list=True))
    for options in OPTIONS:
        if options.get("window") in (None, *study.declared.windows):
            answers.append(study.factor(factor, **(options if new else old_options(options))))
    answers += [study.numbers("stage"), study.numbers("key_projects")]
    log = study.log if new else study.record
    values = [np.asarray(answer, dtype=float).tolist() for answer in answers]
    return [repr(values), log.all_known, log.any_assumed]


def test_a_search_is_answered_as_it_was(pair: Pair) -> None:
    """Under random recodings, by both, with and without what was kept of earlier answers."""
    old, new = pair
    chance, differing = random.Random(20160101), set()
    for factor in old.declared.factors:
        variables = {"named_slow", "stage", "batch", old.contrast(factor).variable}
        changes = [
            ((pilot, variable), level)
            for pilot in old.pilots
            for variable in sorted(variables)
            for level in old.codebook.variables[variable].levels
        ]
        for _ in range(25):
            recoded = dict(chance.sample(changes, chance.randint(0, 3)))
            before = everything(old.with_changes(recoded, Record(detailed=False)), factor, False)
            after = everything(new.with_changes(recoded, search=True), factor, True)
            assert after == before
            series = new.with_changes(recoded, search=True, arrays=False)
            assert everything(series, factor, True) == before
            assert everything(new.with_changes(recoded), factor, True) == before
            differing.add(before[0])
    assert len(differing) > 50
