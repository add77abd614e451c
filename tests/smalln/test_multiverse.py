"""Specification curves: duplicates counted once, bounds apart, joint p equal to full relabeling."""

from itertools import permutations
from math import nan, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from smalln import (
    ExactTest,
    Joint,
    Multiverse,
    NotEstimable,
    Specification,
    fisher_of,
    multiverse,
)

Y = np.array([0, 0, 0, 1, 1, 1, 0], dtype=float)
WIDE = np.array([0, 0, 1, 1, 1, 1, 0], dtype=float)
X = np.array([0, 0, 1, 1, 1, 0, 0], dtype=float)
NARROW = np.array([0, 0, 0, 1, 1, 0, 0], dtype=float)


def grid(*pairs: tuple[np.ndarray, np.ndarray]) -> list[Specification]:
    return [Specification({"choice": str(i)}, y, x) for i, (y, x) in enumerate(pairs)]


def run(specifications: list[Specification]) -> Multiverse:
    found = multiverse(specifications)
    assert isinstance(found, Multiverse)
    return found


def joint_of(specifications: list[Specification], seed: int = 0) -> Joint:
    found = run(specifications).joint(seed)
    assert isinstance(found, Joint)
    return found


def statistics(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float, float]:
    estimates, signed, small = [], [], []
    for y, x in pairs:
        estimate = y[x == 1].mean() - y[x == 0].mean()
        test = fisher_of(y, x)
        assert isinstance(test, ExactTest)
        estimates.append(estimate)
        signed.append(np.sign(estimate) * norm.isf(test.p_value / 2))
        small.append(np.sign(estimate) * (test.p_value < 0.05))
    balance = np.sign(estimates).sum()
    towards = max((1, -1), key=small.count) if balance == 0 else np.sign(balance)
    share = small.count(towards) / len(pairs)
    return float(np.median(estimates)), share, sum(signed) / sqrt(len(pairs))


def test_the_joint_test_equals_dealing_the_outcome_rows_in_every_way() -> None:
    pairs = [(Y, X), (WIDE, X), (Y, NARROW)]
    found = joint_of(grid(*pairs))
    rows = np.column_stack([Y, WIDE])
    dealt = {tuple(map(tuple, rows[list(order)])) for order in permutations(range(7))}
    versions = [np.array(each) for each in dealt]
    every = np.array(
        [statistics([(v[:, 0], X), (v[:, 1], X), (v[:, 0], NARROW)]) for v in versions]
    )
    seen = np.array(statistics(pairs))
    p = (np.abs(every) >= np.abs(seen) - 1e-9).mean(axis=0)
    least = (np.abs(every) >= np.abs(every).max(axis=0) - 1e-9).mean(axis=0)
    assert found.of == len(dealt)
    three = (found.median, found.dominant, found.stouffer)
    assert [each.value for each in three] == pytest.approx(seen)
    assert [each.p_value for each in three] == pytest.approx(p)
    assert [each.p_smallest for each in three] == pytest.approx(least)
    assert found.error == 0


def test_a_unit_left_out_takes_its_absence_along_when_it_is_dealt() -> None:
    """Outcome, and whether the unit is in, go together to another unit's factor."""
    units = np.array([1, 1, 1, 1, 0, 1, 1], dtype=float)
    found = joint_of([Specification({}, Y, X, units=units)])
    pairs = list(zip(Y * units, units, strict=True))
    dealt = {tuple(pairs[i] for i in order) for order in permutations(range(7))}
    every = []
    for rows in dealt:
        y, inside = (np.array(part) for part in zip(*rows, strict=True))
        kept = inside == 1
        estimate, _, z = statistics([(y[kept], X[kept])])
        every.append((estimate, z))
    seen = statistics([(Y[units == 1], X[units == 1])])
    assert found.of == len(dealt)
    assert found.median.value == pytest.approx(seen[0])
    far = np.abs(every) >= np.abs([seen[0], seen[2]]) - 1e-9
    assert [found.median.p_value, found.stouffer.p_value] == pytest.approx(far.mean(axis=0))


def test_leaving_a_unit_out_is_another_specification() -> None:
    units = np.array([1, 1, 1, 1, 1, 0, 1], dtype=float)
    found = run([Specification({}, Y, X), Specification({}, Y, X, units=units)])
    assert len(found.frame) == 2
    assert sorted(found.frame["estimate"]) == pytest.approx([2 / 3 - 1 / 4, 2 / 3])
    # an unknown factor of a unit left out keeps a specification out of the joint test
    unknown = np.where(units == 1, X, nan)
    assert np.isnan(run([Specification({}, Y, unknown, units=units)]).frame["estimate"].iloc[0])
    only = [Specification({}, Y, X, units=np.zeros(7))]
    assert isinstance(multiverse(only), NotEstimable)


def test_one_specification_gives_its_own_p() -> None:
    y, x = np.array([0.0] * 8 + [1] * 5), np.array([1.0] * 6 + [0] * 7)
    found = run(grid((y, x)))
    own = fisher_of(y, x)
    assert isinstance(own, ExactTest)
    assert found.frame["p_value"].iloc[0] == pytest.approx(own.p_value)
    joint = found.joint()
    assert isinstance(joint, Joint)
    assert joint.of == 1287
    assert joint.stouffer.p_value == pytest.approx(own.p_value)


def test_the_same_vectors_count_once_with_the_names_they_have() -> None:
    constant = np.zeros(7)
    found = run(grid((Y, X), (Y, X), (WIDE, X), (Y, constant), (constant, X)))
    assert sorted(found.frame["names"]) == [1, 2]
    twice = int(found.frame["names"].argmax())
    assert found.frame["choice"][twice] == ("0", "1")
    assert found.frame["choice"][1 - twice] == ("2",)


def test_unknown_cells_give_bounds_without_p_and_stay_outside_the_joint_test() -> None:
    open_x = np.where(np.arange(7) < 2, nan, X)
    found = run(grid((Y, X), (Y, open_x)))
    row = found.frame[found.frame["choice"] == ("1",)].iloc[0]
    assert np.isnan(row["estimate"])
    assert np.isnan(row["p_value"])
    assert row["lower"] < row["upper"]
    assert found.joint() == joint_of(grid((Y, X)))
    only = run(grid((Y, open_x)))
    assert isinstance(only.joint(), NotEstimable)


def test_large_curves_are_sampled_with_a_seed_and_their_error() -> None:
    random = np.random.default_rng(1)
    y, x = ((random.random(60) < 0.5).astype(float) for _ in range(2))
    first, second = (joint_of(grid((y, x)), seed=2) for _ in range(2))
    assert first == second
    assert first.of == 10_000
    assert first.error > 0
    # 1 / 10,001 is the floor of drawing, and no smallest p of these units
    assert first.median.p_smallest is first.stouffer.p_smallest is None


def test_ten_thousand_specifications() -> None:
    random = np.random.default_rng(3)
    y = np.array([0.0] * 8 + [1] * 5)
    factors = (random.random((10_000, 13)) < 0.5).astype(float)
    found = run([Specification({"i": str(i)}, y, x) for i, x in enumerate(factors)])
    joint = found.joint()
    assert isinstance(joint, Joint)
    assert (found.frame["names"].sum() > 9_000, joint.of) == (True, 1287)


def test_nothing_to_compare_is_said() -> None:
    assert isinstance(multiverse(grid((Y, np.ones(7)))), NotEstimable)
    assert isinstance(multiverse([]), NotEstimable)


@pytest.mark.parametrize(
    ("specifications", "said"),
    [
        ([Specification({}, [0, 2], [0, 1])], r"specifications\[0\].outcome"),
        ([Specification({}, [0, 1], [0, 1, 1])], "lengths"),
        ([Specification({}, [0, 1], [0, 1], units=[1, nan])], r"specifications\[0\].units"),
        ([Specification({}, [0, 1], [0, 1], units=[1])], "outcome, units"),
        ([Specification({}, [0, 1], [0, 1]), Specification({}, [0, 1, 1], [0, 1, 1])], "as before"),
    ],
)
def test_bad_input_is_named(specifications: list[Specification], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        multiverse(specifications)


def test_choices_stand_in_the_frame() -> None:
    choices: dict[str, Any] = {"outcome": "named", "source": "notice"}
    found = run([Specification(choices, Y, X)])
    assert found.frame[["outcome", "source"]].iloc[0].tolist() == [("named",), ("notice",)]
