"""Specification curves: duplicates counted once, bounds apart, joint p equal to full relabeling."""

from itertools import permutations
from math import nan, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from analysis.methods import exact
from analysis.methods.curve import Joint
from analysis.methods.multiverse import Multiverse, Specification, multiverse
from analysis.methods.result import NotEstimable
from analysis.methods.tables import ExactTest

Y = np.array([0, 0, 0, 1, 1, 1, 0], dtype=float)
WIDE = np.array([0, 0, 1, 1, 1, 1, 0], dtype=float)
X = np.array([0, 0, 1, 1, 1, 0, 0], dtype=float)
NARROW = np.array([0, 0, 0, 1, 1, 0, 0], dtype=float)


def grid(*pairs: tuple[np.ndarray, np.ndarray]) -> list[Specification]:
    return [Specification({"choice": str(i)}, y, x) for i, (y, x) in enumerate(pairs)]


def run(specifications: list[Specification], seed: int = 0) -> Multiverse:
    found = multiverse(specifications, seed)
    assert isinstance(found, Multiverse)
    return found


def statistics(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float, float]:
    estimates, signed, small = [], [], []
    for y, x in pairs:
        estimate = y[x == 1].mean() - y[x == 0].mean()
        test = exact.fisher_of(y, x)
        assert isinstance(test, ExactTest)
        estimates.append(estimate)
        signed.append(np.sign(estimate) * norm.isf(test.p_value / 2))
        small.append(np.sign(estimate) * (test.p_value < 0.05))
    share = max(small.count(1), small.count(-1)) / len(pairs)
    return float(np.median(estimates)), share, sum(signed) / sqrt(len(pairs))


def test_the_joint_test_equals_dealing_the_outcome_rows_in_every_way() -> None:
    pairs = [(Y, X), (WIDE, X), (Y, NARROW)]
    found = run(grid(*pairs)).joint
    assert isinstance(found, Joint)
    rows = np.column_stack([Y, WIDE])
    dealt = {tuple(map(tuple, rows[list(order)])) for order in permutations(range(7))}
    versions = [np.array(each) for each in dealt]
    every = np.array(
        [statistics([(v[:, 0], X), (v[:, 1], X), (v[:, 0], NARROW)]) for v in versions]
    )
    seen = np.array(statistics(pairs))
    p = (np.abs(every) >= np.abs(seen) - 1e-9).mean(axis=0)
    assert found.of == len(dealt)
    assert (found.median, found.dominant, found.stouffer) == pytest.approx(tuple(seen))
    assert (found.median_p, found.dominant_p, found.stouffer_p) == pytest.approx(tuple(p))
    assert found.error == 0


def test_one_specification_gives_its_own_p() -> None:
    y, x = np.array([0.0] * 8 + [1] * 5), np.array([1.0] * 6 + [0] * 7)
    found = run(grid((y, x)))
    own = exact.fisher_of(y, x)
    assert isinstance(own, ExactTest)
    assert found.frame["p_value"].iloc[0] == pytest.approx(own.p_value)
    assert isinstance(found.joint, Joint)
    assert found.joint.of == 1287
    assert found.joint.stouffer_p == pytest.approx(own.p_value)


def test_the_same_vectors_count_once_with_the_names_they_have() -> None:
    constant = np.zeros(7)
    found = run(grid((Y, X), (Y, X), (WIDE, X), (Y, constant), (constant, X)))
    assert (found.declared, found.valid, found.distinct) == (5, 3, 2)
    assert sorted(found.frame["names"]) == [1, 2]
    both = [Specification({}, Y, X, test) for test in ("fisher", "boschloo")]  # type: ignore[arg-type]
    assert run(both).distinct == 2


def test_unknown_cells_give_bounds_without_p_and_stay_outside_the_joint_test() -> None:
    open_x = np.where(np.arange(7) < 2, nan, X)
    found = run(grid((Y, X), (Y, open_x)))
    row = found.frame[found.frame["choice"] == "1"].iloc[0]
    assert np.isnan(row["estimate"])
    assert np.isnan(row["p_value"])
    assert row["lower"] < row["upper"]
    alone = run(grid((Y, X))).joint
    assert found.joint == alone
    only = run(grid((Y, open_x)))
    assert isinstance(only.joint, NotEstimable)


def test_boschloo_is_read_from_its_own_table() -> None:
    found = run([Specification({}, Y, X, "boschloo")])
    own = exact.boschloo([[2, 1], [1, 3]])
    assert isinstance(own, ExactTest)
    assert found.frame["p_value"].iloc[0] == pytest.approx(own.p_value)


def test_large_curves_are_sampled_with_a_seed_and_their_error() -> None:
    random = np.random.default_rng(1)
    y, x = ((random.random(60) < 0.5).astype(float) for _ in range(2))
    first, second = (run(grid((y, x)), seed=2).joint for _ in range(2))
    assert isinstance(first, Joint)
    assert first == second
    assert first.of == 10_000
    assert first.error > 0


def test_ten_thousand_specifications() -> None:
    random = np.random.default_rng(3)
    y = np.array([0.0] * 8 + [1] * 5)
    factors = (random.random((10_000, 13)) < 0.5).astype(float)
    found = run([Specification({"i": str(i)}, y, x) for i, x in enumerate(factors)])
    assert found.declared == 10_000
    assert isinstance(found.joint, Joint)
    assert found.joint.of == 1287


def test_nothing_to_compare_is_said() -> None:
    assert isinstance(multiverse(grid((Y, np.ones(7)))), NotEstimable)
    assert isinstance(multiverse([]), NotEstimable)


@pytest.mark.parametrize(
    ("specifications", "said"),
    [
        ([Specification({}, [0, 2], [0, 1])], r"specifications\[0\].outcome"),
        ([Specification({}, [0, 1], [0, 1, 1])], "lengths"),
        ([Specification({}, [0, 1], [0, 1], "t")], "fisher, boschloo"),  # type: ignore[arg-type]
        ([Specification({}, [0, 1], [0, 1]), Specification({}, [0, 1, 1], [0, 1, 1])], "as before"),
    ],
)
def test_bad_input_is_named(specifications: list[Specification], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        multiverse(specifications)


def test_choices_stand_in_the_frame() -> None:
    choices: dict[str, Any] = {"outcome": "named", "source": "notice"}
    found = run([Specification(choices, Y, X)])
    assert found.frame[["outcome", "source", "test"]].iloc[0].tolist() == [
        "named", "notice", "fisher",
    ]  # fmt: skip
