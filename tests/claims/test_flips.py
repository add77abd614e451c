"""How few recodings overturn a claim: the search, and that leaving out what is equivalent loses nothing."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from support import STUDY, WAVE

from analysis import open_study
from analysis.claims import Claim
from analysis.claims.flips import TURNS, AnswerRecorder, Cell, distinct, recodings, search
from analysis.claims.grades import Standing
from analysis.study.study import Study
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
    assert {turn: each.number for turn, each in found.items()} == dict.fromkeys(TURNS, ">3")
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
    # what has no sign and no p has none to turn
    assert set(search(Standing(0, None, "bounded"), evaluate, changes)) == {"grade"}


def test_a_cell_is_never_recoded_twice_in_one_set() -> None:
    tried: list[Mapping[Cell, str]] = []

    def evaluate(recoded: Mapping[Cell, str]) -> Standing:
        tried.append(dict(recoded))
        return Standing(1, None, "counted")

    search(
        Standing(1, None, "counted"), evaluate, [(CELLS[0], "1"), (CELLS[0], "2"), (CELLS[1], "1")]
    )
    assert sorted(len(t) for t in tried) == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("open_list", [False, True])
@pytest.mark.parametrize("factor", ["leadership_change", "unit_type", "exposure", "funding"])
def test_leaving_out_what_is_equivalent_loses_no_standing(factor: str, open_list: bool) -> None:
    study = open_study(STUDY, WAVE)

    def ask(asked: Study) -> Claim:
        found = compare(asked.outcome(open_list=open_list), asked.factor(factor))
        return Claim(found, "")

    def standing(recoded: Mapping[Cell, str]) -> Standing:
        changed = study.with_changes(recoded, search=True)
        return ask(changed).standing(changed.log.all_known, changed.log.any_assumed)

    def answers(recoded: Mapping[Cell, str]) -> object:
        listening = AnswerRecorder(study.with_changes(recoded, search=True))
        ask(listening)  # type: ignore[arg-type]
        return listening.answered()

    used = [
        study.declared.outcomes["named_slow"].variable,
        study.factor_declared(factor).coded.variable,
        "batch",
    ]
    every = [
        ((pilot, variable), level)
        for pilot in [*study.pilots[:2], *study.pilots[-3:]]
        for variable in dict.fromkeys(used)
        for level in study.codebook.variables[variable].levels
        if level != study.value(pilot, variable)
    ]
    kept = distinct(every, answers)  # type: ignore[arg-type]
    assert len(kept) < len(every)
    for size in (1, 2):
        full = {standing(dict(s)) for s in combinations(every, size) if len(dict(s)) == size}
        few = {standing(dict(s)) for s in combinations(kept, size) if len(dict(s)) == size}
        few |= {standing(dict(s)) for s in combinations(kept, size - 1)} | {standing({})}
        assert full <= few


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
