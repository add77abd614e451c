"""The probability of a positive difference given beliefs, as quadrature over the beliefs says."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import beta

from smalln import NotEstimable, chance_positive

# the notice tells of the factor at the first unit; of the third it is known from elsewhere
Y = np.array([1.0, 1, 0, 0, 0])
X = np.array([1.0, np.nan, 1, np.nan, np.nan])
TOLD = np.array([1.0, 0, 0, 0, 0])
EVEN = (0.5, 2.0)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2


def over(belief: tuple[float, float], chance: np.ndarray) -> float:
    """The mean of a function of a probability, given at the nodes, over a belief."""
    density = beta.pdf(NODES, belief[0] * belief[1], (1 - belief[0]) * belief[1])
    return float(WEIGHTS @ (density * chance))


def by_quadrature(
    carried: tuple[float, float],
    named: tuple[float, float],
    other: tuple[float, float],
    common: bool,
) -> float:
    """Each completion with its probability, integrated over what is believed."""
    unknown, total, positive = np.flatnonzero(np.isnan(X)), 0.0, 0.0
    for answers in product((0.0, 1.0), repeat=len(unknown)):
        x = X.copy()
        x[unknown] = answers
        weight = 1.0
        for event, belief in ((1, named), (0, other)):
            there = (x == 1) & (event == Y)
            told = TOLD[there].sum()
            weight *= over(belief, NODES**told * (1 - NODES) ** (there.sum() - told))
        for group in [np.ones(5, dtype=bool)] if common else [Y == 1, Y == 0]:
            yes = x[group].sum()
            weight *= over(carried, NODES**yes * (1 - NODES) ** (group.sum() - yes))
        if 0 < x.sum() < 5:
            total += weight
            positive += weight * (Y[x == 1].mean() > Y[x == 0].mean())
    return positive / total


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("other", [(0.5, 2.0), (0.1, 20.0), (0.9, 20.0)])
@pytest.mark.parametrize("carried", [(0.5, 2.0), (0.7, 10.0)])
def test_the_sum_over_completions_is_the_integral_over_beliefs(
    carried: tuple[float, float], other: tuple[float, float], common: bool
) -> None:
    found = chance_positive(Y, X, TOLD, carried, EVEN, other, common)
    assert found == pytest.approx(by_quadrature(carried, EVEN, other, common), rel=1e-9)


def test_silence_that_means_no_leaves_one_completion() -> None:
    x = np.where(X == 1, X * TOLD, X)
    certain = (1.0, 1.0)
    # every case is mentioned: one of two named has it, none of three others
    assert chance_positive(Y, np.where(TOLD == 1, 1.0, np.nan), TOLD, EVEN, certain, certain) == 1.0
    assert isinstance(chance_positive(Y, X, TOLD, EVEN, certain, certain), NotEstimable)
    assert np.nansum(x) == 1


def test_a_notice_that_never_tells_of_others_says_less_than_one_that_always_does() -> None:
    never, seldom, often = (
        chance_positive(Y, X, TOLD, EVEN, EVEN, believed)
        for believed in ((0.0, 1.0), (0.2, 20.0), (0.8, 20.0))
    )
    assert not isinstance(never, NotEstimable)
    assert never < seldom < often


def test_a_mention_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="mentioned: a unit whose factor is not 1"):
        chance_positive(Y, X, [1, 1, 0, 0, 0], EVEN, EVEN, EVEN)
    with pytest.raises(ValueError, match="a mean and a weight"):
        chance_positive(Y, X, TOLD, (0.5,), EVEN, EVEN)  # type: ignore[arg-type]


def test_a_chance_is_no_more_than_1() -> None:
    found = [
        chance_positive([1] * 9 + [0], [1] + [None] * 8 + [0], [0] * 10, (m, 5), (m, 2), (m, 3))
        for m in np.linspace(0.05, 0.95, 40).tolist()
    ]
    assert all(0 <= p <= 1 for p in found if isinstance(p, float))
