"""With hundreds of pilots: nothing grows with a power of their number, and the page says so."""

import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims.words import say
from analysis.study.load import load_study
from analysis.study.study import Study
from simulated_study.simulate import WAVE as SIMULATED
from simulated_study.simulate import simulate
from smalln import NotEstimable, error_rates, stratified_range


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Study:
    root = tmp_path_factory.mktemp("many")
    (root / "data").mkdir()
    simulate(root, "made", 150, 1)
    return load_study("made", SIMULATED, root)


@pytest.fixture(scope="module")
def few() -> Study:
    return open_study(STUDY, WAVE)


def test_a_sentence_names_few_and_counts_the_rest(few: Study, many: Study) -> None:
    assert say(few.names(few.pilots), "en").count(",") == len(few.pilots) - 2
    said = many.names(many.pilots)
    assert say(said, "en").endswith("Pilot 008 and 142 more")
    assert say(said, "zh").endswith("试点008和另外142个")


def test_what_is_too_much_to_enumerate_is_named_not_left_blank() -> None:
    rates = error_rates([70, 80], [20] * 7, [40, 40, 35, 35])
    assert list(rates.index) == list(error_rates([7, 6], [3, 3, 7], [5, 3, 2, 3]).index)
    assert rates["worst"].isna().any()
    assert not rates["kind"].isna().any()


def test_unknown_strata_are_refused_in_words(few: Study, many: Study) -> None:
    def spread(study: Study) -> object:
        within = study.declared.rivals.within
        x, strata = study.factor(within.factor), study.factor(within.strata)
        return stratified_range(study.outcome(), x, strata)

    assert isinstance(spread(many), NotEstimable)
    found = spread(few)
    assert 0 < found.lower <= found.upper <= 1  # type: ignore[attr-defined]


def test_rows_of_a_pilot_are_those_of_the_table(many: Study) -> None:
    every = many.rows("codings.csv")
    for pilot in many.pilots[::40]:
        assert many.read_rows("codings.csv", pilot) == [r for r in every if r["pilot_id"] == pilot]
    assert many.read_rows("codings.csv", "nobody") == []


def test_a_fact_of_a_parent_gives_way_to_an_own_one(many: Study) -> None:
    own, either = (many.facts("gpb_revenue", 2018, use_parent_figures=p) for p in (False, True))
    assert 0 < len(own) < len(either) == len(many.pilots)
    assert set(own["level"]) == {"own"}
    assert own["value"].equals(either.loc[own.index, "value"])
