"""Operating characteristics equal what is known of them; made-up programmes equal a plain loop."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from smalln import (
    Bounds,
    Mentions,
    NotEstimable,
    Programme,
    asking_all,
    coverage,
    error_rates,
    fisher,
    fisher_of,
    placebo,
    reporting_map,
    risk_difference,
    share_interval,
    silence_as_no,
    smallest_p,
)
from smalln.operating_characteristics import (
    TESTS,
    UNORDERED,
    ends_of,
    interval_coverage,
    least_coverage,
    type_one_error,
)
from smalln.programmes import _imbens_manski, drawn_from

GRID = np.linspace(0.005, 0.995, 199)


def held(method: str, sizes: tuple[int, ...], shares: Any) -> Any:
    """How often a 95 % interval holds the truth at these shares."""
    return interval_coverage(method, sizes, ends_of(method, sizes, 0.95), np.asarray(shares))


def least(method: str, sizes: tuple[int, ...]) -> float:
    return least_coverage(method, sizes, ends_of(method, sizes, 0.95))


def test_a_mark_without_meaning_looks_like_a_cause_if_only_the_slow_are_reported() -> None:
    reported = [round(placebo(13, 5, q), 3) for q in (0.3, 0.5, 0.69)]
    asked = [placebo(13, 5, q, reported=False) for q in (0.3, 0.5, 0.69)]
    assert reported == [0.163, 0.5, 0.823]
    assert all(0.01 < share < 0.03 for share in asked)


def test_the_placebo_equals_dealing_the_mark() -> None:
    random = np.random.default_rng(6)
    y = np.array([0.0] * 5 + [1.0] * 3)
    hits = 0
    for _ in range(4000):
        x = (random.random(8) < 0.6).astype(float)
        found = fisher_of(y, x)
        hits += not isinstance(found, NotEstimable) and found.p_value <= 0.1
    expected = placebo(8, 3, 0.6, reported=False, level=0.1)
    assert hits / 4000 == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("test", "sizes"),
    [
        ("fisher", (6, 7)),
        ("boschloo", (6, 7)),
        ("rank_sum", (6, 7)),
        ("mean_difference", (6, 7)),
        ("freeman_halton", (3, 3, 2, 1)),
        ("min_p", (3, 2, 2, 2)),
        ("stratified", (3, 4, 2, 3)),
    ],
)
def test_exact_tests_never_reject_too_often(test: str, sizes: tuple[int, ...]) -> None:
    found = type_one_error(test, sizes, np.linspace(0, 1, 101), 0.05)
    assert 0 < found.max() <= 0.05


@pytest.mark.parametrize("test", UNORDERED)
def test_the_error_of_many_groups_is_the_chance_of_the_tables_that_reject(test: str) -> None:
    # tables that differ in the order of groups alone are computed once there, each by itself here
    sizes, share = (2, 3, 2), 0.3
    expected = 0.0
    for events in product(*(range(n + 1) for n in sizes)):
        table = [[e, n - e] for e, n in zip(events, sizes, strict=True)]
        answer = TESTS[test](table)
        if not isinstance(answer, NotEstimable) and answer.p_value <= 0.2:
            expected += np.prod(
                [binom.pmf(e, n, share) for e, n in zip(events, sizes, strict=True)]
            )
    given = type_one_error(test, sizes, np.array([share]), 0.2)
    assert given[0] == pytest.approx(expected)


def test_boschloo_is_less_cautious_than_fisher() -> None:
    shares = np.linspace(0.1, 0.9, 17)
    cautious, better = (
        type_one_error(test, (6, 7), shares, 0.05) for test in ("fisher", "boschloo")
    )
    assert (better >= cautious - 1e-12).all()
    assert better.mean() > cautious.mean()


def test_clopper_pearson_holds_its_level_and_wilson_falls_below_it_near_the_ends() -> None:
    exactly = held("clopper-pearson", (13,), GRID)
    assert exactly.min() >= 0.95
    # just inside the lower end of one event of 13, where its interval stops holding the truth
    end = share_interval(1, 13).lower
    wilson = held("wilson", (13,), [end * (1 - 1e-6)])[0]
    fine = held("wilson", (13,), np.linspace(0, 1, 2001))
    # the worst that there is, which a grid of .0005 just misses
    assert round(wilson, 4) == 0.8357
    assert round(fine.min(), 3) == 0.838
    assert round(fine.mean(), 3) == 0.954


@pytest.mark.parametrize("method", ["miettinen-nurminen", "newcombe", "koopman"])
def test_approximate_intervals_of_pairs_fall_below_their_level_somewhere(method: str) -> None:
    found = held(method, (6, 7), np.linspace(0.02, 0.98, 13))
    assert found.min() < 0.95 < found.mean() + 0.02


PROGRAMME = Programme(n=13, carried=0.5, base=0.3, effect=0.2, if_event=0.9, if_none=0.1)


def test_a_programme_equals_a_plain_loop() -> None:
    """The same draws, one after the other, by the methods for vectors."""
    draws, seed = 60, 3
    random = np.random.default_rng(seed)
    factor = random.random((draws, 13)) < PROGRAMME.carried
    event = random.random((draws, 13)) < PROGRAMME.base + PROGRAMME.effect * factor
    told = np.where(event, PROGRAMME.if_event, PROGRAMME.if_none)
    mentioned = random.random((draws, 13)) < np.where(factor, told, 0.0)
    small, filled, widths, held = 0, 0, [], []
    for f, e, m in zip(factor, event, mentioned, strict=True):
        if 0 < m.sum() < 13:
            filled += 1
            table = [[(m & e).sum(), (m & ~e).sum()], [(~m & e).sum(), (~m & ~e).sum()]]
            small += fisher(table).p_value <= 0.05
        known = risk_difference(e.astype(float), np.where(m, 1.0, np.nan))
        if isinstance(known, Bounds) and 0 < f.sum() < 13:
            truth = e[f == 1].mean() - e[f == 0].mean()
            widths.append(known.upper - known.lower)
            held.append(known.lower - 1e-9 <= truth <= known.upper + 1e-9)
    reading = silence_as_no(PROGRAMME, draws, seed)
    covered = coverage(PROGRAMME, draws, seed)
    assert reading.filled == filled / draws
    assert reading.power == pytest.approx(small / filled)
    assert covered.width == pytest.approx(np.mean(widths))
    assert covered.at_hand == np.mean(held) == 1


def test_bounds_hold_while_mentions_are_true_and_fail_when_some_are_invented() -> None:
    true, false = (
        Programme(13, 0.5, 0.3, 0.2, if_event=1.0, if_none=1.0, invented=share)
        for share in (0.0, 0.6)
    )
    assert coverage(true).at_hand == 1
    assert coverage(false).at_hand < 1


def test_asking_everybody_equals_reading_a_complete_notice() -> None:
    complete = Programme(30, 0.4, 0.3, 0.3, if_event=1.0, if_none=1.0)
    assert silence_as_no(complete) == asking_all(complete)


def test_small_studies_exaggerate_and_large_ones_do_not() -> None:
    small, large = (asking_all(Programme(n, 0.5, 0.3, 0.2), seed=1) for n in (13, 290))
    assert small.exaggeration > 2
    assert 1 <= large.exaggeration < 1.2
    assert large.power > small.power
    assert small.sign_error >= large.sign_error


def test_reading_silence_as_no_finds_an_effect_where_there_is_none() -> None:
    none = Programme(90, 0.5, 0.4, 0.0, if_event=0.9, if_none=0.1)
    assert silence_as_no(none).power > 0.9
    assert asking_all(none).power < 0.06
    assert np.isnan(asking_all(none).sign_error)


def test_imbens_and_manski_go_from_two_sides_to_one() -> None:
    found = _imbens_manski(np.array([0.0, 5.0, 1.0]), np.array([0.1, 0.1, 0.0]), 0.95)
    assert found == pytest.approx([1.95996, 1.64485, 0.0], abs=1e-4)


def test_full_reporting_holds_where_it_is_true_and_fails_where_it_is_not() -> None:
    """Its bounds are narrower, and hold the truth only while every cause of an event is told."""
    told, partly = (Programme(13, 0.5, 0.3, 0.2, if_event=r, if_none=0.2) for r in (1.0, 0.6))
    assert coverage(told, full_reporting=True).at_hand == 1
    assumed, open_ = (coverage(partly, full_reporting=f) for f in (True, False))
    assert assumed.at_hand < 1 == open_.at_hand
    assert assumed.width < open_.width


MENTIONS = Mentions(3, 5, 0, 8)


def test_the_reporting_map_equals_adding_up_every_notice() -> None:
    found = reporting_map(MENTIONS, [0.5, 1.0], [0.0, 0.3, 1.0])
    for row in found.itertuples():
        worst = 0.0
        for q in np.linspace(0, 1, 401):
            chance = sum(
                binom.pmf(e, 5, q * row.if_event) * binom.pmf(o, 8, q * row.if_none)
                for e in range(6)
                for o in range(9)
                if e / 5 - o / 8 >= 3 / 5 - 1e-9
            )
            worst = max(worst, chance)
        assert row.equal_p == pytest.approx(worst)
    # with everybody reported alike, equal shares would seldom give this notice; with the others
    # never mentioned they always could
    equal = found.set_index(["if_event", "if_none"])["equal_p"]
    assert equal[1.0, 1.0] < 0.05
    assert equal[1.0, 0.0] == pytest.approx(1.0)


def test_shares_that_fit_are_wider_the_less_is_reported() -> None:
    found = reporting_map(MENTIONS, [0.0, 0.1, 0.5, 1.0], [0.0, 0.5, 1.0])
    told = found[found["if_none"] == 1.0].set_index("if_event")
    own = share_interval(3, 5, "clopper-pearson")
    assert told.loc[1.0, "events_lower"] == pytest.approx(own.lower)
    assert told.loc[0.5, "events_lower"] == pytest.approx(2 * own.lower)
    # three of five mentioned cannot be, if nothing or next to nothing is mentioned
    assert np.isnan(told.loc[[0.0, 0.1], "events_lower"]).all()
    silent = found[found["if_event"] == 1.0].set_index("if_none")
    assert silent.loc[0.0, "others_upper"] == 1
    assert silent.loc[1.0, "others_upper"] == pytest.approx(
        share_interval(0, 8, "clopper-pearson").upper
    )


def test_the_same_seed_gives_the_same_draws() -> None:
    first, second = (drawn_from(PROGRAMME, 20, 4) for _ in range(2))
    assert (first.events == second.events).all()
    other = drawn_from(PROGRAMME, 20, 5)
    assert (first.mentioned != other.mentioned).any()


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        (placebo, (13, 0, 0.5), "events"),
        (placebo, (13, 5, 1.5), "carried"),
        (error_rates, ((3, 4, 2), (3, 4), (1, 2, 3, 4)), "sizes"),
        (error_rates, ((3, 4), (3,), (1, 2, 3, 4)), "sizes"),
        (error_rates, ((3, 4), (3, 4), (1, 2, 3)), "sizes"),
        (error_rates, ((3, -4), (3, 4), (1, 2, 3, 4)), "pair"),
        (error_rates, ((3, 4), (3, 4), (1, 2, 3, 4), 5), "level"),
        (reporting_map, (Mentions(1, 2, 0, 3), [1.5], [0.5]), "if_event"),
        (reporting_map, (Mentions(1, 2, 0, 3), [0.5], [np.nan]), "if_none"),
        (reporting_map, (Mentions(1, 2, 0, 3), [0.5], [0.5], 1.0), "level"),
        (Mentions, (3, 2, 0, 3), "mentioned_events"),
        (Mentions, (1, 2, 0.5, 3), "mentioned_others"),
        (Mentions, (0, 0, 0, 3), "events"),
        (coverage, (PROGRAMME, 0), "draws"),
        (coverage, (PROGRAMME, 10, 0, 2), "level"),
        (Programme, (1, 0.5, 0.3, 0.2), "n:"),
        (Programme, (13, 0.5, 0.9, 0.2), "effect"),
        (Programme, (13, 5, 0.9, 0.0), "carried"),
    ],
)
def test_bad_input_is_named(function: Any, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        function(*arguments)


def test_error_rates_are_the_worst_and_mean_over_true_shares() -> None:
    rates = error_rates((3, 4), (3, 4), (2, 2, 2, 1))
    shares = np.linspace(0, 1, 101)
    error = type_one_error("fisher", (3, 4), shares, 0.05)
    assert rates.loc["fisher", "worst"] == pytest.approx(error.max())
    assert rates.loc["fisher", "mean"] == pytest.approx(error.mean())
    # the exact ones keep their promise, Wilson's interval only on average
    assert rates.loc[["fisher", "clopper-pearson"], "keeps"].all()
    assert not rates.loc["wilson", "keeps"]


@pytest.mark.parametrize("sizes", [(2, 3), (7, 6)])
@pytest.mark.parametrize("method", ["newcombe", "miettinen-nurminen", "koopman"])
def test_no_pair_of_true_shares_is_held_less_often_than_the_infimum(
    method: str, sizes: tuple[int, int]
) -> None:
    lowest = held(method, sizes, np.linspace(0, 1, 401)).min()
    assert lowest - 0.01 < least(method, sizes) <= lowest + 1e-9


@pytest.mark.parametrize("n", [4, 13, 30])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson"])
def test_no_true_share_is_held_less_often_than_the_infimum(method: str, n: int) -> None:
    # and it is reached as closely as one likes beside one of the ends
    ends = [end for k in range(n + 1) for end in vars(share_interval(k, n, method)).values()][:]  # type: ignore[arg-type]
    beside = [
        e * (1 + d) for e in ends if isinstance(e, float) and 0 < e < 0.95 for d in (-1e-6, 1e-6)
    ]
    found = held(method, (n,), [*np.linspace(0, 1, 2001), *beside]).min()
    assert found == pytest.approx(least(method, (n,)), abs=1e-5)
    assert found >= least(method, (n,)) - 1e-12


def test_intervals_at_worst_are_told_by_their_infimum_and_not_by_a_grid() -> None:
    worst = error_rates((7, 6), (7, 6), (4, 3, 3, 3))["worst"]
    assert round(worst["wilson"], 4) == 0.8357
    assert round(worst["newcombe"], 3) == round(worst["koopman"], 3) == 0.833
    assert round(worst["miettinen-nurminen"], 3) == 0.841
    assert worst["clopper-pearson"] >= 0.95


def test_error_rates_leave_out_empty_groups_and_say_what_is_too_many() -> None:
    rates = error_rates((60, 70), (60, 70), (3, 0, 4, 5))
    assert "stratified" not in rates.index
    assert rates.loc["fisher", "keeps"] is None
    assert np.isnan(rates.loc["fisher", "worst"])
    assert rates.loc["wilson", "kind"] == "interval"


def test_the_smallest_p_is_that_of_the_most_lopsided_table() -> None:
    smallest = smallest_p(13, 5)
    assert smallest.index.tolist() == [1, 2, 3, 4, 5, 6]
    # all three with the factor among the five with the outcome: 10 of 286 ways
    assert smallest[3] == pytest.approx(10 / 286)


@pytest.mark.parametrize("n", [100, 1000, 5000])
def test_equal_shares_are_looked_for_near_the_ends_too(n: int) -> None:
    # one of one and none of n, or all of n and none of one: q (1 - q)^n is largest at 1 / (n + 1)
    most = (1 - 1 / (n + 1)) ** n / (n + 1)
    for mentions in (Mentions(1, 1, 0, n), Mentions(n, n, 0, 1)):
        found = reporting_map(mentions, [1.0], [1.0])["equal_p"]
        assert found.tolist() == pytest.approx([most], rel=0.002)


def test_no_probability_is_above_1_by_rounding() -> None:
    for n in (3, 4, 5, 30):
        assert reporting_map(Mentions(0, n, n, n), [1.0], [1.0])["equal_p"].max() == 1


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16])
def test_numbers_of_a_narrow_type_do_not_overflow(kind: Any) -> None:
    narrow = Mentions(kind(100), kind(120), kind(5), kind(120))
    assert {type(n) for n in vars(narrow).values()} == {int}
    given = [0.9]
    assert reporting_map(narrow, given, given).equals(
        reporting_map(Mentions(100, 120, 5, 120), given, given)
    )
    few, same = Programme(kind(120), 0.3, 0.2, 0.4), Programme(120, 0.3, 0.2, 0.4)
    assert asking_all(few, draws=50) == asking_all(same, draws=50)
    assert coverage(few, draws=50) == coverage(same, draws=50)


def test_a_test_that_is_wrong_just_as_often_as_its_level_keeps_it() -> None:
    # Boschloo's size at these sizes is 7 of 32, and 29 of 64
    for sizes, level in (((3, 3), 7 / 32), ((3, 4), 29 / 64)):
        rates = error_rates(sizes, (), (), level).loc["boschloo"]
        assert rates["worst"] == pytest.approx(level)
        assert rates["keeps"]
