"""With hundreds of pilots: nothing grows with a power of their number, and the page says so."""

from pathlib import Path

import numpy as np
import pytest
from support import STUDY, WAVE

from analysis.exhibits import design, exact_tests, plots, rivals
from analysis.exhibits.flips import BUDGET, budget, deepest
from analysis.exhibits.specifications import DeclaredGrid
from analysis.study.load import load
from analysis.study.reader import Study
from simulated_study.simulate import WAVE as SIMULATED
from simulated_study.simulate import simulate
from smalln import NotEstimable


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Study:
    root = tmp_path_factory.mktemp("many")
    (root / "data").mkdir()
    simulate(root, "made", 150, 1)
    return load("made", SIMULATED, root)


@pytest.fixture(scope="module")
def few() -> Study:
    return load(STUDY, WAVE)


def test_a_search_spends_less_for_more_pilots_but_always_tries_single_recodings() -> None:
    assert budget(5) == budget(13) == BUDGET
    assert BUDGET > budget(14) > budget(290) > 0
    assert [deepest(36, budget(n)) for n in (13, 50, 290)] == [3, 2, 1]
    assert deepest(100_000, 1) == 1


def test_a_sentence_names_few_and_counts_the_rest(few: Study, many: Study) -> None:
    assert few.names(few.pilots)["en"].count(",") == len(few.pilots) - 2
    said = many.names(many.pilots)
    assert said["en"].endswith("Pilot 008 and 142 more")
    assert said["zh"].endswith("试点008等150个")


def test_the_stages_of_many_are_counted_and_the_data_have_each(few: Study, many: Study) -> None:
    assert plots.stages(few).height > plots.stages(many).height
    assert len(plots.stages(many).rows) == 150


def test_what_is_too_much_to_enumerate_is_named_not_left_blank(few: Study, many: Study) -> None:
    rows = {row[0]["en"]: row for row in design.operating_rows(many)}
    assert len(rows) == len(design.operating_rows(few))
    told = [row for row in rows.values() if isinstance(row[2], dict)]
    assert told
    assert all("not computed" in row[2]["en"] for row in told)
    counted = design.kept(many)
    assert counted["of"] == len(rows) - len(told) > 0
    assert not [row for row in design.operating_rows(few) if isinstance(row[2], dict)]


def test_unknown_strata_are_refused_in_words(few: Study, many: Study) -> None:
    found = rivals.within(many, many.declared.rivals.within)
    assert isinstance(found["value"], NotEstimable)
    low, high = rivals.within(few, few.declared.rivals.within)["interval"]
    assert 0 < low <= high <= 1


def test_boschloo_is_no_choice_above_a_hundred_pilots(few: Study, many: Study) -> None:
    assert DeclaredGrid(few, "unit_type").axes["test"] == ("fisher", "boschloo")
    assert DeclaredGrid(many, "unit_type").axes["test"] == ("fisher",)
    assert {s.test for s in DeclaredGrid(many, "unit_type").specifications()} == {"fisher"}


def test_ranks_with_many_contradictions_take_two_rows(many: Study) -> None:
    assert len(many.contradictions("stage")) > exact_tests.MOST_DIFFERING
    ranks = exact_tests.rows(many, "unit_type")[3:]
    assert [row[0] for row in ranks] == [exact_tests.RANKS_PLAIN, exact_tests.RANKS_OTHERS]


def test_rows_are_found_by_pilot_and_line(many: Study, tmp_path: Path) -> None:
    table = many.tables["codings.csv"]
    for pilot in many.pilots[::40]:
        assert table.of(pilot) == tuple(r for r in table.every if r.cells["pilot_id"] == pilot)
    assert table.of("nobody") == ()
    assert all(table.at(row.line) is row for row in table.every[::97])


def test_a_fact_of_a_parent_gives_way_to_an_own_one(many: Study) -> None:
    own, with_parent = (many.facts("gpb_revenue", 2018, parent=p) for p in (False, True))
    assert 0 < len(own) < len(with_parent) == len(many.pilots)
    assert {row["level"] for row in own.values()} == {"own"}
    assert np.all([with_parent[p] is own[p] for p in own])
