"""Catalogues: what is extracted from code and notebooks, and that every message is translated."""

import json
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from support import ROOT

from analysis.claims import catalogue
from analysis.claims.catalogue import languages, messages, translate
from analysis.study import StudyError


def english(source: str) -> list[tuple[str, str | None]]:
    catalogue.add_code(template := Catalog(), source, "here")
    return [(str(message.id), message.context) for message in template if message.id]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('_("a {n}", n=1)', [("a {n}", None)]),
        ('_("no", context="answer")', [("no", "answer")]),
        ('translate("no", language, "answer")', [("no", "answer")]),
        ('Claim(count(1), "b")', [("b", None)]),
        ('Claim(found, "b" if known else "c")', [("b", None), ("c", None)]),
        ('NotEstimable("too few: {n}", {"n": 3})', [("too few: {n}", None)]),
        (
            'Table(frame, title="t", columns={"x": "head", "y": _("other")})',
            [("t", None), ("head", None), ("other", None)],
        ),
        ('@figure(title="t", data=d)\ndef draw(ax, _):\n    ax.set(xlabel=_("axis"))',
         [("t", None), ("axis", None)]),
        ('sorted(title="t")', []),
    ],
)  # fmt: skip
def test_messages_of_a_program(source: str, expected: list[tuple[str, str | None]]) -> None:
    assert sorted(english(source), key=str) == sorted(expected, key=str)


def test_prose_is_taken_by_paragraph_and_a_heading_without_its_mark(tmp_path: Path) -> None:
    cells = [
        {"id": "a", "cell_type": "markdown", "metadata": {}, "source": ["## Why?\n", "\n", "So."]},
        {"id": "b", "cell_type": "code", "metadata": {}, "source": ['Claim(x, "it is")']},
    ]
    path = tmp_path / "one.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    catalogue.add_notebook(template := Catalog(), path)
    assert [(m.id, m.locations[0][0]) for m in template if m.id] == [
        ("Why?", "one.a"),
        ("So.", "one.a"),
        ("it is", "one.b"),
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    code = tmp_path / "src" / "smalln"
    code.mkdir(parents=True)
    (code / "one.py").write_text('_("between {a} and {b}")\n', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("damage", [b"\xce\xc4", b"<<<<<<< HEAD\n", b'msgid "'])
def test_a_damaged_catalogue_is_named(project: Path, damage: bytes) -> None:
    catalogue.update(project, "zh")
    path = project / "locale" / "zh" / "LC_MESSAGES" / "smalln.po"
    path.write_bytes(path.read_bytes() + damage)
    with pytest.raises(StudyError, match=r"^locale/zh/LC_MESSAGES/smalln\.po: not a catalogue"):
        catalogue.problems(project, "zh")


def fill_in(project: Path, text: str, fuzzy: bool = False) -> None:
    path = project / "locale" / "zh" / "LC_MESSAGES" / "smalln.po"
    content = path.read_text(encoding="utf-8").replace('msgstr ""\n', "@", 1)
    content = content.replace('msgstr ""\n', f'msgstr "{text}"\n').replace("@", 'msgstr ""\n')
    if fuzzy:
        content = content.replace("#: src", "#, fuzzy\n#: src")
    path.write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "fuzzy", "fault"),
    [
        ("", False, "not translated"),
        ("{a}至{b}", False, None),
        ("{a}至{c}", False, "names a, c"),
        ("{a}至{b", False, "names (expected '}' before end of string)"),
        ("{a}至{b}", True, "fuzzy"),
    ],
)
def test_what_is_wrong_with_a_translation(
    project: Path, text: str, fuzzy: bool, fault: str | None
) -> None:
    catalogue.update(project, "zh")
    fill_in(project, text, fuzzy)
    wrong = catalogue.problems(project, "zh")
    assert (fault in wrong[0]) if fault else wrong == []


def test_a_changed_message_takes_its_old_translation_over_as_a_guess(project: Path) -> None:
    catalogue.update(project, "zh")
    fill_in(project, "{a}至{b}")
    code = project / "src" / "smalln" / "one.py"
    code.write_text('_("from between {a} and {b}")\n', encoding="utf-8")
    catalogue.update(project, "zh")
    (wrong,) = catalogue.problems(project, "zh")
    assert "fuzzy" in wrong


def test_an_update_without_changes_changes_no_byte(project: Path) -> None:
    catalogue.update(project, "zh")
    fill_in(project, "{a}至{b}")
    path = project / "locale" / "zh" / "LC_MESSAGES" / "smalln.po"
    catalogue.update(project, "zh")
    before = path.read_bytes()
    catalogue.update(project, "zh")
    assert path.read_bytes() == before


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_every_message_of_the_project_is_translated(language: str) -> None:
    assert catalogue.problems(ROOT, language) == []


def test_english_needs_no_catalogue_and_what_is_missing_stays_english() -> None:
    assert translate("none", "en") == "none"
    assert translate("none", "zh") == "无"
    assert translate("nobody translated this", "zh") == "nobody translated this"
    assert all(text for text in messages("zh").values())
