"""The claims of the built report: the values the study must give, and what stands with them."""

import csv
import io
import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from support import STUDY, WAVE, Built

from analysis import open_study
from analysis.claims import difference, p_text, percent

LEADERS, CHANGES = "factor-leadership_change", "changes-leadership_change"


def table(built: Built, name: str) -> list[dict[str, str]]:
    """The rows of an exhibit's data as they are downloaded."""
    text = (built.folder / "data" / f"{name}.csv").read_text(encoding="utf-8")
    # a cell of a table may hold a line break
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("name", "n", "of"),
    [
        ("progress.slow-pilots", 5, 13),
        ("progress.started-liaoyuan", 70, 219),
        ("progress.completed-liaoyuan", 25, 219),
        ("progress.invested-liaoyuan", 24.32, 183.34),
        ("progress.both-lists", 13, 13),
        ("coding.silent-share", 236, 338),
        ("coding.silent-causes", 46, 52),
        ("coding.agreement", 334, 338),
        (f"{CHANGES}.counter-examples", 2, 8),
        (f"{CHANGES}.base-rate", 8, 9),
        (f"{LEADERS}.tipping", 1, 8),
        ("factor-unit_type.adjusted", 171, 1287),
    ],
)
def test_counts(built: Built, name: str, n: float, of: float) -> None:
    claim = built.claims[name]
    assert (claim["n"], claim["of"]) == (n, of)


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        (f"{LEADERS}.bounds", "-0.727", "+1.000"),
        (f"{CHANGES}.bounds-with-facts", "-0.727", "+0.714"),
        (f"{CHANGES}.bounds-in-fixed-window", "-0.727", "+0.625"),
        ("factor-exposure.bounds", "-0.194", "+0.405"),
        # every pilot that is not named may be slow
        ("factor-unit_type.open-list", "-0.286", "+1.000"),
    ],
)
def test_worst_case_bounds(built: Built, name: str, lower: str, upper: str) -> None:
    claim = built.claims[name]
    assert claim["value"] is None
    assert [difference(end) for end in claim["interval"]] == [lower, upper]


@pytest.mark.parametrize(
    ("name", "value", "p", "smallest"),
    [
        ("silence.silence-as-no-leadership_change", "+0.800", ".035", ".035"),
        (f"{CHANGES}.silence-as-no-with-facts", "+0.350", ".293", None),
        ("factor-unit_type.difference", "+0.714", ".021", None),
    ],
)
def test_exact_tests(built: Built, name: str, value: str, p: str, smallest: str | None) -> None:
    claim = built.claims[name]
    assert difference(claim["value"]) == value
    assert p_text(claim["p_value"]) == p
    assert claim["p_smallest"] is not None
    assert smallest is None or p_text(claim["p_smallest"]) == smallest


def test_reasons_are_given_for_the_named_alone_and_none_can_be_tested(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    given = {}
    for name in (name for name, each in study.declared.factors.items() if each.named_cause):
        rows = study.codings(variable=study.declared.factors[name].coded.variable)
        for pilot in rows.loc[rows["value"] == "yes", "pilot"]:
            given.setdefault(pilot, []).append(name)
    slow = study.outcome() == 1
    assert set(given) == set(slow.index[slow])
    claim = built.claims["overview.reasons"]
    assert (claim["n"], claim["of"], claim["grade"]) == (5, 5, "counted")
    reasons = Counter(map(tuple, given.values()))
    assert sorted(reasons.values()) == [1, 1, 3]
    assert "change of leaders (3)" in claim["text"]["en"]
    tested = built.claims["overview.testable"]
    assert (tested["n"], tested["of"], tested["grade"]) == (0, len(reasons), "counted")
    for reason in reasons:
        grades = {built.claims[f"factor-{name}.verdict"]["grade"] for name in reason}
        assert grades == {"not_identified"}


def test_what_is_known_of_the_others_is_counted(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    others = study.outcome().loc[lambda y: y == 0].index
    for name in (name for name, each in study.declared.factors.items() if each.named_cause):
        x = study.factor(name, others, window="since_designation")
        claim = built.claims[f"overview.others-{name}"]
        assert (claim["n"], claim["of"]) == ((x == 1).sum(), len(others))
        assert claim["words"]["unknown"] == x.isna().sum()
        assert claim["grade"] == "counted"


def test_requirements_stand_with_who_when_and_paragraph(built: Built) -> None:
    rows = table(built, "overview.requirements-table")
    assert [row["paragraph"] for row in rows] == ["17", "23", "23", "33", "29", "30", "32"]
    assert all(row["who"] and row["when"] for row in rows)
    assert "will be reported to both ministries" in rows[2]["text"]
    assert built.claims["progress.required"]["n"] == len(rows)


def test_projects_in_the_fields_asked_for_next(built: Built) -> None:
    with (built.root / "data" / STUDY / "projects.csv").open(encoding="utf-8", newline="") as file:
        domains = [row["domain"] for row in csv.DictReader(file)]
    wanted = [domains.count(name) for name in ("health", "transport", "education")]
    claim = built.claims["progress.fields-priority_fields"]
    assert (claim["n"], claim["of"]) == (sum(wanted), len(domains))
    assert "health {}, transport {} and education {}".format(*wanted) in claim["text"]["en"]
    assert "does not mean that there is none" in claim["text"]["en"]


def test_each_question_stands_once_with_its_addressee(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    every = {each for factor in study.declared.factors.values() for each in factor.ask}
    inspection, office = (table(built, f"gaps.ask-{to}") for to in ("inspection", "pilot"))
    questions = [row["question"] for row in [*inspection, *office]]
    assert len(questions) == len(set(questions)) == len(every) + len(study.contradictions())
    assert all(row["document"] for row in [*inspection, *office])
    fewest = built.claims["factor-leadership_change.settling"]
    assert office[0]["settles"] == "“change of leaders” (the direction is open)"
    rows = table(built, "gaps.factors-table")
    (said,) = (row["said"] for row in rows if row["factor"] == "change of leaders")
    assert f"missing: {fewest['of']}; needed at least to show a direction: {fewest['n']};" in said


def test_pictures_hold_what_the_tables_hold(built: Built) -> None:
    strip, pilots = (table(built, f"overview.{name}") for name in ("strip", "pilots-table"))
    assert [row["why"] for row in strip] == [row["why"] for row in pilots]
    fields = table(built, "gaps.heat-map")
    assert sum(row["leadership_change"] == "yes other" for row in fields) == 2
    grid = table(built, f"{LEADERS}.grid")
    assert sum(row["value"] == "" for row in grid) == 8
    for name in ("overview.strip", "progress.position", f"{CHANGES}.timeline"):
        assert (built.folder / "data" / f"{name}.zh.png").stat().st_size > 5_000


def test_shares_are_shown_as_percent(built: Built) -> None:
    shown = {
        n: percent(built.claims[f"progress.{n}-liaoyuan"]["value"])
        for n in ("started", "completed", "invested")
    }
    assert shown == {"started": "32.0%", "completed": "11.4%", "invested": "13.3%"}
    assert (
        "Perhaps the money of the finished projects alone"
        in built.claims["progress.invested-liaoyuan"]["text"]["en"]
    )


def test_tipping_says_both_ends(built: Built) -> None:
    claim = built.claims[f"{LEADERS}.tipping"]
    assert p_text(claim["p_value"]) == ".217"
    assert "it takes 3 (p = .075)" in claim["text"]["en"]


def test_counter_examples_say_what_does_not_follow(built: Built) -> None:
    text = built.claims[f"{CHANGES}.counter-examples"]["text"]["en"]
    assert text.startswith("Liaoyuan and Siping")
    assert "does not show that changes do no harm" in text
    assert "wider than a change of mayor" in text


def test_base_rate_names_the_nation_and_the_window(built: Built) -> None:
    text = built.claims[f"{CHANGES}.base-rate"]["text"]["en"]
    assert "224 of 323" in text
    assert "from February 2013 to December 2015" in text


def test_the_p_value_of_silence_as_no_tests_the_reporting(built: Built) -> None:
    text = built.claims["silence.reporting-leadership_change"]["text"]["en"]
    assert ".385, .128, .035 and .007" in text
    assert "tests the reporting" in text


def test_recodings_go_only_to_what_can_be_defended(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    found = [c for c in built.claims.values() if c["flips_by"]]
    assert found
    for claim in found:
        for change in (c for each in claim["flips_by"].values() for c in each["changes"]):
            cell, to = (change["pilot_id"], change["variable"]), change["to"]
            told = study.alternatives([cell[1]])
            defended = {each.changes.get(cell, "") for each in told} | {"", None}
            assert study.value(*cell) is None or to in defended, (claim["id"], change)


def test_the_lead_has_its_sensitivity_to_selective_naming_beside_it(built: Built) -> None:
    claim = built.claims["factor-unit_type.selective-naming"]
    assert claim["value"] == pytest.approx(1.71, abs=5e-3)
    assert "1.21" in claim["text"]["en"]
    assert claim["grade"] == built.claims["factor-unit_type.difference"]["grade"]
    stages = table(built, "factor-unit_type.stages-by-level")
    assert sum(int(n) for row in stages for n in [*row.values()][2:]) == 13
    within = table(built, "factor-unit_type.within-table")
    assert [(row["named"], row["others"]) for row in within] == [
        ("1", "1"), ("0", "2"), ("1", "1"), ("0", "4"), ("3", "0"),
    ]  # fmt: skip


def test_what_one_believes_of_reporting_decides(built: Built) -> None:
    claim = built.claims["silence.believed-range-leadership_change"]
    assert claim["interval"] == pytest.approx([0.18, 0.71], abs=0.006)
    assert claim["grade"] == "not_identified"
    assert claim["value"] is None


def test_the_fewest_answers_stand_beside_the_chance_of_so_few(built: Built) -> None:
    text = built.claims["factor-leadership_change.settling"]["text"]["en"]
    assert "At best the direction is fixed by 2 of 8 answers" in text
    assert "0.9%" in text
    chances = table(built, f"{LEADERS}.settling-curve")
    assert len(chances) == 9


def test_unit_type_is_post_hoc_and_one_recoding_from_falling(built: Built) -> None:
    claim = built.claims["factor-unit_type.difference"]
    assert claim["flips"] == 1
    assert "Post hoc" in claim["text"]["en"]
    assert claim["grade"] == "suggestive"
    assert [claim["words"][k] for k in ("c", "cd", "a", "ab")] == [0, 6, 5, 7]
    assert p_text(built.claims["factor-unit_type.adjusted"]["value"]) == ".133"


def test_other_exact_tests_of_unit_type(built: Built) -> None:
    named = table(built, "factor-unit_type.other-tests")
    stages = table(built, "factor-unit_type.stage-tests")
    assert [row["p"] for row in named] == [".021", ".012", ".119"]
    # ranks of the stage, as settled and with the other statement on Jiangyuan
    assert [row["p"] for row in stages] == [".016", ".050"]
    assert "Jiangyuan" in stages[1]["test"]
    assert all(float(row["smallest"]) <= float(row["p"]) for row in [*named, *stages])
    (codings,) = table(built, "factor-unit_type.stage-codings")
    assert codings == {"count": "8", "min": ".016", "max": ".061"}


def test_an_open_list_weakens_unit_type(built: Built) -> None:
    claim = built.claims["factor-unit_type.open-list"]
    assert p_text(claim["p_value"]) == ".103"
    assert "1 of 6 against 5 of 7" in claim["text"]["en"]
    # what holds for the five of the first two batches is said beside it
    assert "+0.048 to +0.857" in claim["text"]["en"]
    assert claim["grade"] == "not_identified"


def test_plan_over_revenue_is_said_with_who_paid(built: Built) -> None:
    claim = built.claims["ratios-target_ambition.plan-over-revenue-liaoyuan"]
    assert round(claim["value"], 1) == 6.8
    assert "2013: 7.2" in claim["text"]["en"]
    assert "2015: 6.5" in claim["text"]["en"]
    assert "98% of the money spent" in claim["text"]["en"]
    assert "Who pays the rest is not known" in claim["text"]["en"]


def test_the_framework_agreement_is_never_pooled(built: Built) -> None:
    assert "ratios-target_ambition.plan-over-revenue-dongfeng" not in built.claims
    assert (
        "never pooled" in built.claims["ratios-target_ambition.other-kind-dongfeng"]["text"]["en"]
    )


def test_the_account_of_the_coding_gives_the_agreement_that_is_computed(built: Built) -> None:
    account = (built.root / "data" / STUDY / "CODING.md").read_text(encoding="utf-8")
    agreed, alpha = built.claims["coding.agreement"], built.claims["coding.alpha"]
    assert f"{agreed['n']} of {agreed['of']} cells" in account
    assert "102 of the 106" in account
    assert f"{alpha['value']:.3f}" in account


def test_agreement_is_also_given_without_the_silent_cells(built: Built) -> None:
    assert "on 102 of the 106" in built.claims["coding.agreement"]["text"]["en"]


@pytest.mark.parametrize(
    "factor", ["target_ambition", "leadership_change", "fiscal_capacity", "superior_takeover"]
)
def test_no_named_cause_is_more_than_bounded(built: Built, factor: str) -> None:
    assert built.claims[f"factor-{factor}.verdict"]["grade"] in ("not_identified", "bounded")


def test_a_silence_regime_never_lifts_a_grade(built: Built) -> None:
    filled = [c for c in built.claims.values() if c["cell"].startswith("silence-as-no")]
    assert len(filled) >= 5
    assert {c["grade"] for c in filled} == {"not_identified"}


def test_the_contradiction_is_counted_once_and_shown(built: Built) -> None:
    for name in ("progress.two-statements-jiangyuan", "pilot-jiangyuan.two-statements"):
        assert "No substantive progress" in built.claims[name]["text"]["en"]
        assert "Partly built" in built.claims[name]["text"]["en"]


def test_the_batch_conflict_is_left_open(built: Built) -> None:
    claim = built.claims["exposure-exposure.batch-conflict"]
    assert "left open" in claim["text"]["en"]
    assert claim["grade"] == "not_identified"


def test_every_claim_has_its_evidence_and_its_functions(built: Built) -> None:
    for name, claim in built.claims.items():
        assert claim["evidence"], name
        assert claim["functions"], name
        assert set(claim["text"]) == {"en", "zh"}, name
        for function in claim["functions"]:
            source = (built.root / function["file"]).read_text(encoding="utf-8").splitlines()
            assert any(
                "def " in line for line in source[function["line"] - 1 : function["line"] + 3]
            ), name


def test_every_p_value_has_its_smallest_attainable(built: Built) -> None:
    tested = [c for c in built.claims.values() if c["p_value"] is not None]
    assert len(tested) > 8
    assert all(c["test"] for c in tested)
    # of relabelings that are drawn there is none: 1 / (m + 1) is the floor of drawing
    without = {c["id"] for c in tested if c["p_smallest"] is None}
    assert without == {
        n for n in built.claims if n.startswith("multiverse-") and n.endswith(".joint")
    }


def test_counts_of_a_whole_carry_no_interval(built: Built) -> None:
    counted = [
        c for c in built.claims.values() if c["of"] is not None and c["unit"] != "difference"
    ]
    assert len(counted) > 20
    assert all(c["interval"] is None for c in counted)


def test_every_comparison_says_how_few_recodings_overturn_it(built: Built) -> None:
    compared = [
        c for c in built.claims.values() if c["unit"] == "difference" and c["varied"] is None
    ]
    assert compared
    assert all(c["flips"] in (1, 2, 3, ">3", ">2") for c in compared)
    silence_alone = "No cell used has another value that can be defended."
    told = {c["id"]: [note["en"] for note in c["notes"]] for c in compared}
    assert {silence_alone in notes for notes in told.values()} == {True, False}
    for claim in compared:
        things = {"grade"} | ({"p"} if claim["p_value"] is not None else set())
        things |= {"sign"} if claim["value"] else set()
        things = {"grade"} if silence_alone in told[claim["id"]] else things
        assert set(claim["flips_by"]) == things, claim["id"]
        assert claim["flips"] == min((f["flips"] for f in claim["flips_by"].values()), key=str)


def test_no_recoding_denies_a_change_that_is_known_from_elsewhere(built: Built) -> None:
    study = open_study(STUDY, WAVE)
    for window in study.declared.windows:
        known = study.changed(window)
        for name, claim in built.claims.items():
            if not any(row["file"] == "leaders.csv" for row in claim["evidence"]):
                continue
            made = [c for f in (claim["flips_by"] or {}).values() for c in f["changes"]]
            for change in (c for c in made if c["variable"] == "leadership_change"):
                assert change["to"] != "no" or known[change["pilot_id"]] != 1, (name, change)


def test_figures_of_2020_and_general_passages_are_in_no_comparison(built: Built) -> None:
    path = built.root / "data" / STUDY / "context.csv"
    years = [row["year"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    assert "2020" in years
    for name, claim in built.claims.items():
        if claim["unit"] in ("difference", "ratio"):
            assert not [e for e in claim["evidence"] if e["paragraph"] == 4 and e["known"]], name
            figures = [e["line"] for e in claim["evidence"] if e["file"] == "context.csv"]
            assert "2020" not in {years[line - 2] for line in figures}, name


MULTIVERSE = {
    # versions of the outcome x codings, and what can vary for the factor
    "leadership_change": 11 * 28 * (2 * 2 * 3),
    "unit_type": 11 * 28 * 5,
}


@pytest.mark.parametrize(("factor", "declared"), MULTIVERSE.items())
def test_a_multiverse_says_how_many_analyses_are_declared(
    built: Built, factor: str, declared: int
) -> None:
    claim = built.claims[f"multiverse-{factor}.specifications"]
    rows = table(built, f"multiverse-{factor}.curve")
    assert claim["of"] == declared
    assert claim["n"] == len(rows)
    assert sum(int(row["names"]) for row in rows) == claim["words"]["valid"] <= declared


def test_a_curve_holds_the_analyses_of_the_other_pages(built: Built) -> None:
    """Fisher on who is named, settled coding: the same numbers as on the pages of the factor."""
    for factor, name, choices in (
        ("unit_type", "factor-unit_type.difference", {"grouping": "city"}),
        ("leadership_change", "silence.silence-as-no-leadership_change", {
            "source": "notice", "silence": "absent"}),
        ("leadership_change", f"{CHANGES}.silence-as-no-with-facts", {
            "source": "facts", "silence": "absent", "window": "since_designation"}),
        ("leadership_change", f"{LEADERS}.bounds", {"source": "notice", "silence": "unknown"}),
        ("unit_type", "factor-unit_type.open-list", {
            "grouping": "city", "outcome": "open_all"}),
    ):  # fmt: skip
        wanted = {"outcome": "named", "coding": "settled", **choices}
        (row,) = [
            row
            for row in table(built, f"multiverse-{factor}.curve")
            if all(value in row[axis].split("; ") for axis, value in wanted.items())
        ]
        claim = built.claims[name]
        if claim["value"] is None:
            assert [float(row["lower"]), float(row["upper"])] == pytest.approx(claim["interval"])
            assert row["estimate"] == ""
        else:
            assert float(row["estimate"]) == pytest.approx(claim["value"])
            assert float(row["p_value"]) == pytest.approx(claim["p_value"])


def test_the_whole_list_open_leaves_unit_type_open(built: Built) -> None:
    ends = {
        (difference(float(row["lower"])), difference(float(row["upper"])))
        for row in table(built, "multiverse-unit_type.curve")
        if "open_all" in row["outcome"].split("; ")
        and row["grouping"] == "city"
        and "settled" in row["coding"]
    }
    assert ends == {("-0.286", "+1.000")}


def test_factors_without_a_curve_are_said_in_one_line_each(built: Built) -> None:
    lines = [n for n in built.claims if n.startswith("rivals.all-analyses-")]
    factors = ("target_ambition", "fiscal_capacity", "superior_takeover", "exposure", "funding")
    assert {n.removeprefix("rivals.all-analyses-") for n in lines} == set(factors)
    for name in lines:
        lower, upper = built.claims[name]["interval"]
        assert lower < 0 < upper, name


def test_a_joint_test_says_what_it_tests(built: Built) -> None:
    reporting, chosen = (
        built.claims[f"multiverse-{factor}.joint"]["text"]["en"]
        for factor in ("leadership_change", "unit_type")
    )
    assert "tests the reporting, not the cause" in reporting
    assert "chosen after seeing who is named" not in reporting
    assert "tests the reporting" not in chosen
    assert "chosen after seeing who is named" in chosen
    for factor, (share, p) in {
        "leadership_change": (0.125, ".052"),
        "unit_type": (0.125, ".035"),
    }.items():
        claim = built.claims[f"multiverse-{factor}.joint"]
        assert (claim["value"], p_text(claim["p_value"])) == (share, p)
        # a floor of drawing is no smallest attainable p
        assert claim["p_smallest"] is None
        assert claim["words"]["all"] > claim["of"]
        assert {".042", ".065"} & {p_text(claim["words"]["all_p"])}


def test_codings_of_one_cell_do_not_outweigh_the_settled_one(built: Built) -> None:
    for factor in MULTIVERSE:
        claim, rows = (
            built.claims[f"multiverse-{factor}.joint"],
            table(built, f"multiverse-{factor}.curve"),
        )
        own = [r for r in rows if "settled" in r["coding"].split("; ") and r["estimate"]]
        small = [r for r in own if float(r["p_value"]) < 0.05]
        assert claim["of"] == len(own)
        assert claim["n"] <= len(small)


def test_a_count_of_what_the_text_tells_is_counted(built: Built) -> None:
    claim = built.claims["progress.expected"]
    assert (claim["n"], claim["of"], claim["grade"]) == (1, 13, "counted")
    assert "basically" in claim["text"]["en"]


def test_the_lead_rests_on_names_in_the_text_and_one_row_of_a_list(built: Built) -> None:
    rows = [
        e
        for e in built.claims["factor-unit_type.difference"]["evidence"]
        if e["variable"] not in (None, "named_slow")
    ]
    by = Counter((e["variable"], e["source_id"]) for e in rows)
    assert by == {("level", "S00"): 7, ("called_city", "S00"): 5, ("level", "S43"): 6}
    assert all(e["paragraph"] for e in rows if e["source_id"] == "S00")
    said = built.claims["factor-unit_type.observed"]
    assert (said["n"], said["of"], said["words"]["others"]["en"]) == (12, 13, "Liaoyuan")


def test_the_phrase_of_the_lead_holds_both_chances_and_what_neither_corrects(built: Built) -> None:
    for lang, both, picked in (
        ("en", r"2 of 100.{1,60}13 of 100", "Neither corrects for picking this one of 7"),
        ("zh", r"100次约有2次.{1,30}100次约有13次", "从7个因素中选这一个"),
    ):
        for page in ("index", "factors", "factors/unit_type"):
            html = (built.folder / lang / f"{page}.html").read_text(encoding="utf-8")
            text = " ".join(BeautifulSoup(html, "html.parser").get_text("").split())
            assert re.search(both, text), (lang, page)
            assert picked in text, (lang, page)
        text = built.claims["factor-unit_type.adjusted"]["text"][lang]
        assert re.search(r"\.021.*13\.3%", text)


NEVER = {
    "a standard error is no bound": r"error[^.]{0,20} at most|误差不超过",
    "the outcome was known": r"before anything is (computed|run)|在计算之前已",
    "a pattern is not rare where it was searched for": r"chance alone would seldom give such a pattern\.\s*<|很少出现这样的差异。\s*<",
}


@pytest.mark.parametrize("why", NEVER)
def test_no_page_says_more_than_holds(built: Built, why: str) -> None:
    for page in [*built.folder.rglob("*.html")]:
        assert not re.search(NEVER[why], page.read_text(encoding="utf-8")), page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_range_by_the_notice_alone_stands_with_the_one_that_facts_leave(
    built: Built, lang: str
) -> None:
    page = (built.folder / lang / "factors" / "leadership_change.html").read_text(encoding="utf-8")
    text = " ".join(BeautifulSoup(page, "html.parser").get_text("").split())
    alone = {"en": "From the notice alone", "zh": "仅凭通报"}[lang]
    assert (
        text.index(alone)
        < text.index("73", text.index(alone))
        < text.index("71", text.index(alone))
    )


def test_claims_over_many_analyses_search_no_recodings_and_say_what_was_varied(
    built: Built,
) -> None:
    for name, claim in built.claims.items():
        if claim["varied"] is not None:
            assert claim["flips"] is None, name
            assert set(claim["varied"]) == {"en", "zh"}, name
    assert built.claims["multiverse-unit_type.all-analyses"]["varied"]


def test_what_so_few_pilots_can_show(built: Built) -> None:
    assert built.claims["design.fewest-with-factor"]["value"] == 3
    rows = table(built, "design.smallest")
    assert [row["p"] for row in rows[:4]] == [".385", ".128", ".035", ".007"]
    regression = built.claims["design.regression"]
    assert regression["grade"] == "not_identified"
    for said in ("only 5 of 13 units", "separate", "and there are 6;", "share 6 figures"):
        assert said in regression["text"]["en"]


def test_the_operating_table_says_which_methods_fall_below_their_level(built: Built) -> None:
    rows = {row.pop("method"): [*row.values()] for row in table(built, "design.operating-table")}
    assert rows["Wilson, a share"] == ["interval", "0.836", "0.954", "does not keep it"]
    # infima, which no grid reaches
    assert rows["Newcombe, a difference"][1] == rows["Koopman, a ratio"][1] == "0.833"
    assert "83.6%" in built.claims["design.operating"]["text"]["en"]
    keeping = {name.split(",")[0] for name, row in rows.items() if row[-1] == "keeps its level"}
    falling = {name.split(",")[0] for name, row in rows.items() if row[-1] == "does not keep it"}
    assert {"Fisher", "Boschloo", "Clopper-Pearson", "Freeman-Halton"} <= keeping
    assert falling == {"Wilson", "Newcombe", "Miettinen-Nurminen", "Koopman"}


def test_a_mark_without_meaning_is_shown_beside_the_real_cause(built: Built) -> None:
    text = built.claims["silence.placebo"]["text"]["en"]
    assert "16.3% and 50.0%" in text
    assert "with everybody asked in 1.9% and 2.2%" in text
    # a base rate of other units is an assumption, and there is one for this cause alone
    borrowed = built.claims["silence.placebo-borrowed-leadership_change"]
    assert "69.3% to 88.9%" in borrowed["text"]["en"]
    assert borrowed["grade"] == "not_identified"
    # both rows of its window; those of other windows were looked at, and decide nothing
    rates = [row for row in borrowed["evidence"] if row["file"] == "rates.csv" and row["assumed"]]
    assert [row["known"] for row in rates] == [False, False]
    assert not [c for c in built.claims if c.startswith("silence.placebo-borrowed-")][1:]
    chance = built.claims["silence.chance-leadership_change"]
    assert "16.3%, 50.0% and 82.8%" in chance["text"]["en"]
    assert (chance["n"], chance["of"]) == (3, 5)


def test_both_tipping_curves_are_read_off_every_way_to_fill_the_blanks(built: Built) -> None:
    rows = table(built, f"{LEADERS}.completions")
    # two of the named and eight of the others are silent; once one side is empty nothing is compared
    assert len(rows) == 3 * 9 - 1
    low, high = ([row for row in rows if row["named_yes"] == k] for k in "02")
    assert [row["others_yes"] for row in low] == [str(k) for k in range(9)]
    assert [row["difference"] for row in low[:6]] == [
        "+0.800", "+0.528", "+0.350", "+0.214", "+0.095", "-0.025",
    ]  # fmt: skip
    # at seven it is 657 of 1,287 relabelings
    assert [row["p_value"] for row in low] == [
        ".035", ".217", ".293", ".592", "1", "1", "1", ".510", ".128",
    ]  # fmt: skip
    assert [row["p_value"] for row in high[:4]] == [".0008", ".005", ".021", ".075"]
    assert all(row["difference"].startswith("+") for row in high[:8])
    drawn = table(built, f"{LEADERS}.tipping-curves")
    for side, curve in (("0", low), ("2", high)):
        values = [difference(float(row[side])) for row in drawn if row[side]]
        assert values == [row["difference"] for row in curve]


def test_bounds_under_named_assumptions(built: Built) -> None:
    def ranges(page: str, column: str) -> list[str]:
        return [row[column] for row in table(built, page)]

    assert ranges(f"{LEADERS}.assumptions", "range") == [
        "-0.727 … +1.000", "-0.727 … +0.800", "-0.025 … +1.000", "-0.727 … +0.625",
    ]  # fmt: skip
    assert ranges("factor-target_ambition.assumptions", "range")[1] == "-0.889 … +0.667"
    lower, upper = built.claims[f"{LEADERS}.p-range"]["interval"]
    assert (p_text(lower), upper) == (".0008", 1)


def test_a_factor_is_drawn_under_each_reading(built: Built) -> None:
    rows = table(built, f"{LEADERS}.readings-figure")
    ends = [[difference(float(row[end])) for end in ("lower", "upper")] for row in rows]
    assert ends == [
        ["-0.727", "+1.000"], ["-0.727", "+0.714"], ["-0.727", "+0.625"], ["+0.800", "+0.800"],
    ]  # fmt: skip


def test_rivals_stand_side_by_side(built: Built) -> None:
    known, family = built.claims["rivals.known-for-all"], built.claims["rivals.family"]
    assert (known["n"], known["of"]) == (1, 7)
    assert (family["n"], family["of"]) == (171, 1287)
    assert "after seeing who is named" in family["text"]["en"]


def test_unit_type_within_batches_over_every_way_to_fill_them(built: Built) -> None:
    claim = built.claims["rivals.within-strata"]
    assert [p_text(end) for end in claim["interval"]] == [".024", ".048"]
    assert "8 ways to fill 3 unknown" in claim["text"]["en"]
    assert "Post hoc" in claim["text"]["en"]


def test_one_unreported_case_drops_a_named_cause_from_the_formulas(built: Built) -> None:
    one = built.claims["configurations.one-cell"]
    assert (one["n"], one["of"]) == (1, 8)
    assert "each of 4 causes" in one["text"]["en"]
    assert one["grade"] == "not_identified"


def test_pilots_under_the_same_city_are_shown_beside_the_one_taken_over(built: Built) -> None:
    claim = built.claims["progress.same-parent-panshi"]
    assert (claim["n"], claim["of"]) == (7, 7)
    assert (claim["n"], claim["of"]) == (7, 7)
    assert "under the same city" in claim["text"]["en"]
