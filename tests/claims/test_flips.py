"""How few recodings overturn a claim: the search, and that trying one set of each kind loses nothing."""

import random
from collections.abc import Hashable, Mapping
from typing import Any

import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims import Claim
from analysis.claims.flips import SINGLY, Cell, Kinds, deepest, recodings, search
from analysis.claims.grades import Standing
from smalln import compare

CELLS: list[Cell] = [("a", "x"), ("b", "x"), ("c", "x"), ("d", "x")]
CHANGES = [(cell, "1") for cell in CELLS]


def counting(turn_at: int, what: str) -> object:
    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        enough = len(recoded) >= turn_at
        return Standing(
            -1 if enough and what == "sign" else 1,
            not (enough and what == "p"),
            "counted" if enough and what == "grade" else "suggestive",
        )

    return evaluate


@pytest.mark.parametrize("what", ["sign", "p", "grade"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_set_is_found_and_what_it_turns(size: int, what: str) -> None:
    found = search(Standing(1, True, "suggestive"), counting(size, what), CHANGES)  # type: ignore[arg-type]
    assert (found[what].number, len(found[what].changes)) == (size, size)
    # and each thing has a number of its own
    others = {turn: each.number for turn, each in found.items() if turn != what}
    assert others == dict.fromkeys({"sign", "p", "grade"} - {what}, ">3")


def test_beyond_three_it_says_so() -> None:
    found = search(Standing(1, True, "suggestive"), counting(4, "sign"), CHANGES)  # type: ignore[arg-type]
    assert {turn: each.number for turn, each in found.items()} == dict.fromkeys(
        ("sign", "p", "grade"), ">3"
    )
    assert not any(each.changes for each in found.values())


def test_a_cell_that_falls_silent_does_not_hide_what_it_takes_to_turn_the_rest() -> None:
    """Silence always leaves a comparison not identified; sign and p have numbers of their own."""

    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        if "" in recoded.values():
            return Standing(0, None, "not_identified")
        few, many = len(recoded) > 1, len(recoded) > 2
        return Standing(-1 if many else 1, not few, "counted" if few else "suggestive")

    changes = [*CHANGES, *((cell, "") for cell in CELLS)]
    found = search(Standing(1, True, "suggestive"), evaluate, changes)
    told = {turn: (each.number, each.grade) for turn, each in found.items()}
    assert told == {"grade": (1, "not_identified"), "p": (2, "counted"), "sign": (3, "counted")}
    assert found["grade"].changes == ((CELLS[0], ""),)
    # what has no sign and no p has none to turn, nor has what can fall silent only
    assert set(search(Standing(0, None, "bounded"), evaluate, changes)) == {"grade"}
    assert set(search(Standing(1, True, "suggestive"), evaluate, changes[4:])) == {"grade"}


def test_a_cell_is_never_recoded_twice_in_one_set() -> None:
    tried: list[Mapping[Cell, str]] = []

    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        tried.append(dict(recoded))
        return Standing(1, None, "counted")

    search(
        Standing(1, None, "counted"), evaluate, [(CELLS[0], "1"), (CELLS[0], "2"), (CELLS[1], "1")]
    )
    assert sorted(len(t) for t in tried) == [1, 1, 1, 2, 2]


OPTIONS: list[dict[str, Any]] = [{}, {"silence": "absent"}, {"window": "since_designation"}]


@pytest.mark.parametrize("open_list", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("factor", ["leadership_change", "unit_type", "exposure", "funding"])
def test_sets_of_one_kind_leave_a_claim_the_same_standing(
    factor: str, options: dict[str, Any], open_list: bool
) -> None:
    study = open_study(STUDY, WAVE)

    def standing(recoded: Mapping[Cell, str]) -> Standing:
        told = {cell: level or None for cell, level in recoded.items()}
        copy = study.with_changes(told, search=True)
        found = compare(copy.outcome(open_list=open_list), copy.factor(factor, **options))
        return Claim(found, "").standing(copy.log.all_known, copy.log.any_assumed)

    kinds = Kinds(
        study, [("outcome", (), {"open_list": open_list}), ("factor", (factor,), options)]
    )
    main, coded = study.main_outcome().variable, study.factor_declared(factor).coded.variable
    # all that a cell could be recoded to, not only what can be defended
    every = [
        ((pilot, variable), level)
        for pilot in study.pilots
        for variable in dict.fromkeys([main, coded, "batch"])
        for level in [*study.codebook.variables[variable].levels, ""]
        if level != (study.value(pilot, variable) or "")
    ]
    drawn, standings = random.Random(1), dict[Hashable, set[Standing]]()
    standings[kinds({})] = {standing({})}
    tried = [[change] for change in every]
    tried += [drawn.sample(every, size) for size in (2, 3) for _ in range(300)]
    for chosen in tried:
        standings.setdefault(kinds(dict(chosen)), set()).add(standing(dict(chosen)))
    assert all(len(found) == 1 for found in standings.values())
    assert len(standings) < len(tried) / 2


def test_of_sets_of_one_kind_one_is_tried() -> None:
    tried: list[Mapping[Cell, str]] = []

    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        tried.append(recoded)
        return Standing(1, None, "counted")

    search(Standing(1, None, "counted"), evaluate, CHANGES, kind=len)
    assert list(map(len, tried)) == [1, 2, 3]


def test_a_search_goes_less_deep_over_more_cells_but_always_tries_single_recodings() -> None:
    assert [deepest(cells) for cells in (60, 200, 1000)] == [3, 2, 1]
    assert [deepest(cells, SINGLY) for cells in (30, 100, 200)] == [3, 2, 1]
    assert deepest(100_000, 1) == 1


def test_a_known_cell_is_recoded_only_to_what_can_be_defended() -> None:
    study = open_study(STUDY, WAVE)
    cells = {(p, v) for p in study.pilots for v in ("named_slow", "stage", "leadership_change")}
    found = recodings(study, cells)
    known = [(cell, level) for cell, level in found if study.value(*cell) is not None]
    # what no pass, no second statement and no declared alternative gives is left out
    assert not [level for (_, variable), level in known if variable == "named_slow" and level]
    stages = {(cell[0], level) for cell, level in known if cell[1] == "stage" and level}
    assert ("soudengzhan", "0") in stages  # passes/alternatives.csv
    assert ("jiangyuan", "3") in stages  # the second statement
    assert ("liaoyuan", "0") not in stages
    # every known cell may fall silent, and this is tried last; a silent one may be anything
    silences = [cell for cell, level in known if not level]
    assert sorted(silences) == sorted(cell for cell in cells if study.value(*cell) is not None)
    assert [level for _, level in found][-len(silences) :] == [""] * len(silences)
    silent = {level for cell, level in found if cell == ("siping", "leadership_change")}
    assert silent == set(study.variable("leadership_change").levels)


def test_a_silent_cell_whose_answer_is_known_from_elsewhere_is_not_recoded() -> None:
    """A post that is known to have changed hands is no case of "no change"."""
    study = open_study(STUDY, WAVE)
    cells = {(pilot, "leadership_change") for pilot in study.pilots}
    dated = {("liaoyuan", "leadership_change"), ("siping", "leadership_change")}
    without, with_facts = recodings(study, cells), recodings(study, cells, dated)
    assert {level for cell, level in without if cell in dated} == {"yes", "no"}
    assert set(without) - set(with_facts) == {(c, level) for c in dated for level in ("yes", "no")}
    # and one that is coded can be recoded as before
    coded = ("fusong", "leadership_change")
    assert {level for cell, level in recodings(study, {coded}, {coded})} == {""}


def test_what_is_neither_known_nor_has_levels_is_not_recoded() -> None:
    study = open_study(STUDY, WAVE)
    assert recodings(study, {("liaoyuan", "projects_completed")}) == []
    assert recodings(study, set()) == []
