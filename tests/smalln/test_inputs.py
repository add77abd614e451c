"""What is handed over is read alike in every form, and unit by unit where it carries labels."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smalln import (
    ExactTest,
    NotEstimable,
    Permutation,
    Regression,
    Specification,
    adjusted,
    compare,
    fisher_of,
    multiverse,
    nominal_alpha,
    ordered_logit,
    permutation,
    rank_sum,
    risk_difference,
    share_interval,
    stratified,
    tipping,
    truth_table,
)

Y = [1, 1, 1, 0, 0, 0, 0]
X = [1, 1, None, 0, 0, 1, None]
PLAIN = [1.0, 1.0, np.nan, 0.0, 0.0, 1.0, np.nan]
FORMS: dict[str, Any] = {
    "a list with None": X,
    "a list with pandas.NA": [pd.NA if v is None else v for v in X],
    "a list of booleans": [v if v is None else bool(v) for v in X],
    "an array of floats": np.array(PLAIN),
    "an array of objects": np.array(X, dtype=object),
    "a masked array": np.ma.masked_invalid(PLAIN),
    "a Series": pd.Series(PLAIN),
    "a Series of objects": pd.Series(X, dtype=object),
    "a nullable boolean": pd.Series(X, dtype="boolean"),
    "a nullable integer": pd.Series(X, dtype="Int64"),
    "a nullable float": pd.array(X, dtype="Float64"),
    "a column of a frame": pd.DataFrame({"x": PLAIN})["x"],
    "an index": pd.Index(PLAIN),
    "categories that are numbers": pd.Categorical(PLAIN),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_values_gives_the_same(form: str) -> None:
    given = FORMS[form]
    assert compare(Y, given) == compare(Y, np.array(PLAIN))
    assert risk_difference(given, Y) == risk_difference(PLAIN, Y)
    assert tipping(Y, given).equals(tipping(Y, PLAIN))


@pytest.mark.parametrize(
    "odd",
    [
        ["1", "0"], pd.Series(["a", "b"]), pd.Categorical(["a", "b"]), pd.to_datetime(["2016"]),
        [pd.NaT, 1],
    ],
)  # fmt: skip
def test_texts_and_dates_are_no_numbers(odd: Any) -> None:
    with pytest.raises(ValueError, match=r"^outcome: not numbers: [^\n]*$"):
        risk_difference(odd, [1, 0])


def simulated(n: int = 300) -> tuple[pd.Series, pd.DataFrame]:
    random = np.random.default_rng(3)
    index = pd.Index([f"unit {i}" for i in range(n)])
    x = pd.DataFrame({"size": random.normal(size=n)}, index=index)
    chance = 1 / (1 + np.exp(-1.3 * x["size"]))
    return pd.Series((random.random(n) < chance).astype(float), index=index), x


def test_a_regression_is_of_the_same_units_in_any_order() -> None:
    """By place the slope of a shuffled frame fell to nothing; by label it is the same."""
    y, x = simulated()
    plain, shuffled, clustered = (
        ordered_logit(y, rows, clusters)
        for rows, clusters in (
            (x, None),
            (x.sample(frac=1, random_state=1), None),
            (x, pd.Series(y.index, index=y.index).sample(frac=1, random_state=2)),
        )
    )
    for fit in (plain, shuffled, clustered):
        assert isinstance(fit, Regression)
        assert fit.coefficients.loc["size", "estimate"] == pytest.approx(
            plain.coefficients.loc["size", "estimate"]  # type: ignore[union-attr]
        )
    assert plain.coefficients.loc["size", "estimate"] > 1  # type: ignore[union-attr]


def test_vectors_with_labels_are_put_in_one_order() -> None:
    y = pd.Series([1.0, 1, 0, 0, 0], index=list("abcde"))
    x = pd.Series([1.0, 1, 0, 1, 0], index=list("abcde"))
    z = pd.Series([1.0, 0, 1, 0, 1], index=list("abcde"))
    back = x[::-1]
    assert compare(y, back) == compare(y, x)
    assert fisher_of(y, back) == fisher_of(y, x)
    assert rank_sum(y, back) == rank_sum(y, x)
    assert permutation(y, back) == permutation(y, x)
    assert stratified(y, back, z[::-1]) == stratified(y, x, z)
    frame = pd.DataFrame({"x": x, "z": z})
    assert adjusted(y, frame[::-1]) == adjusted(y, [x, z])
    # an array has no labels: its places are the units
    assert compare(y, x.to_numpy()) == compare(y, x)
    curves = [
        multiverse([Specification({"factor": "x"}, y, x), Specification({"factor": "z"}, y, other)])
        for other in (z, z[::-1])
    ]
    assert curves[0].frame.equals(curves[1].frame)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (list("abd"), "outcome, factor: 'c' is in one alone"),
        (list("aab"), "outcome, factor: a label stands twice"),
        (list("ab"), "outcome, factor: lengths 3 and 2"),
    ],
)
def test_other_labels_are_refused_in_a_line(labels: list[str], said: str) -> None:
    y = pd.Series([1.0, 0, 0], index=list("abc"))
    x = pd.Series([1.0, 0, 1][: len(labels)], index=labels)
    for function in (compare, risk_difference, fisher_of, tipping):
        with pytest.raises(ValueError, match=said) as refused:
            function(y, x)
        assert "\n" not in str(refused.value)


def test_a_grouping_of_another_length_is_named_by_its_place() -> None:
    with pytest.raises(
        ValueError, match=r"^outcome, groupings\[1\]: lengths 3 and 2; allowed: equal"
    ):
        adjusted([1, 0, 0], [[1, 0, 0], [1, 0]])


@pytest.mark.parametrize("unordered", [[1, 2], [2, 1], [1, 5, 2]])
def test_effects_on_numbers_as_categories_are_named_by_the_numbers(unordered: list[int]) -> None:
    random = np.random.default_rng(1)
    x = pd.DataFrame({"x": random.normal(size=300)})
    y = pd.Series(pd.Categorical(random.integers(1, 3, 300), categories=unordered))
    found = ordered_logit(y, x)
    assert isinstance(found, Regression)
    assert list(found.effects.index) == ["x on 1", "x on 2"]


def test_ordered_categories_are_ranks() -> None:
    words = ["begun", "half", "half", "done", "done", "begun"]
    stages = pd.Categorical(words, ["begun", "half", "done"], ordered=True)
    groups = [0, 0, 1, 1, 1, 0]
    found = rank_sum(stages, groups)
    assert isinstance(found, Permutation)
    assert found == rank_sum([0, 1, 1, 2, 2, 0], groups)
    assert found == rank_sum(pd.Series(stages), groups)
    # numbers as categories keep their labels, too
    stage = pd.Series(pd.Categorical([2, 7, 7, 9, 9, 2]))
    assert rank_sum(stage[::-1], pd.Series(groups)) == found
    with pytest.raises(ValueError, match="without an order"):
        rank_sum(pd.Categorical(words), groups)
    with pytest.raises(ValueError, match="rank_sum takes categories"):
        permutation(stages, groups)
    many = pd.Series(stages).sample(300, replace=True, random_state=1, ignore_index=True)
    x = pd.DataFrame({"x": np.random.default_rng(1).normal(size=300)})
    fit = ordered_logit(many, x)
    assert isinstance(fit, Regression)
    assert list(fit.effects.index) == ["x on begun", "x on half", "x on done"]


def test_frames_of_coders_and_groupings_have_a_column_each() -> None:
    words = pd.DataFrame({"a": ["low", "high", "low"], "b": ["low", "high", "high"]})
    assert nominal_alpha(words) == nominal_alpha([words["a"], words["b"][::-1]])


def test_a_frame_of_memberships_may_be_nullable() -> None:
    plain = pd.DataFrame({"A": [1, 1, 0], "Y": [1, 0, 0]})
    tables = [truth_table(f, "Y", ["A"]) for f in (plain, plain.astype("Int64"), plain == 1)]
    for table in tables[1:]:
        assert table.frame.equals(tables[0].frame)  # type: ignore[union-attr]


@pytest.mark.parametrize("level", [1, 95, 1.0])
def test_a_level_that_is_no_share_gets_a_hint(level: Any) -> None:
    with pytest.raises(ValueError, match=r"95 % is 0\.95"):
        share_interval(3, 5, level=level)


def test_refusals_of_long_input_take_one_line() -> None:
    for odd in (pd.Series(["a"] * 100), pd.DataFrame({"a": [1.0] * 90}), np.ones((90, 2))):
        with pytest.raises(ValueError, match="outcome") as refused:
            risk_difference(odd, [1, 0])
        assert len(str(refused.value).splitlines()) == 1
    assert isinstance(fisher_of([1, 1], [1, 0]), NotEstimable | ExactTest)
