"""What auditors read: tables are as the data say, links lead somewhere, each place of a draw is named."""

import re

from data_readme import PARTS, README, ROOT, made

from analysis.study.evidence import normal_form

AUDIT = ROOT / "AUDIT.md"


def test_the_tables_are_as_the_data_say() -> None:
    text = README.read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- made from the data: ([a-z]+) -->", text)) == set(PARTS)
    assert made(text) == text, "run: python -m tests.data_readme"
    # a table that is changed by hand is made anew
    assert made(text.replace("| `rates.csv` |", "| `rate.csv` |")) == text


def test_every_data_file_has_terms() -> None:
    rows = re.findall(r"^\| `[\w./]+` \| \d+ \| (.*) \|$", README.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 10
    assert "not stated" not in rows


def test_the_normal_form_is_as_its_example_says() -> None:
    found = re.search(
        r"^\| `(“.*)` \| `(.*)` \|$", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found
    assert normal_form(found[1]) == found[2]


def test_links_of_the_texts_for_auditors_lead_somewhere() -> None:
    for path in (README, AUDIT):
        targets = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
        assert targets
        assert [t for t in targets if not (path.parent / t).exists()] == []


def test_every_place_where_something_is_drawn_is_named() -> None:
    text = AUDIT.read_text(encoding="utf-8")
    for path in sorted((ROOT / "src").rglob("*.py")):
        if "default_rng(" in path.read_text(encoding="utf-8"):
            place = path.relative_to(ROOT).as_posix()
            folder = place.rpartition("/")[0]
            assert f"`{place}`" in text or f"`{folder}/`" in text, place


def test_commands_for_auditors_exist() -> None:
    from analysis.cli import main

    text = AUDIT.read_text(encoding="utf-8")
    assert set(re.findall(r"-m analysis ([a-z]+)", text)) <= set(main.commands)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
