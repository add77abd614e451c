"""A study speaks the languages that it declares, and just these."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from study.tools import replace, seal
from support import STUDY, WAVE

from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.settle import settle


def without(content: Any, language: str) -> Any:
    """Take a language out of every text of a YAML file."""
    if isinstance(content, dict):
        left = {k: without(v, language) for k, v in content.items() if k != language}
        return left
    return [without(each, language) for each in content] if isinstance(content, list) else content


def rewrite(path: Path, language: str) -> None:
    content = without(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader), language)
    for name in ("version", "study"):
        if name in content:
            content[name] = str(content[name])
    if "languages" in content:
        content["languages"] = [each for each in content["languages"] if each != language]
    path.write_text(yaml.dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def cut(path: Path, language: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = [name for name in rows[0] if not name.endswith(f"_{language}")]
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(repository: Path) -> Path:
    return repository / "data" / STUDY


def test_a_study_in_english_alone_loads_and_settles(repository: Path, folder: Path) -> None:
    for name in ("study.yaml", "codebook.yaml"):
        rewrite(folder / name, "zh")
    for name in (
        "pilots.csv",
        "codings.csv",
        "projects.csv",
        "rates.csv",
        "sources.csv",
        "events.csv",
    ):
        cut(folder / name, "zh")
    for path in [*folder.glob("passes/*/projects.csv"), folder / "passes" / "rulings_projects.csv"]:
        cut(path, "zh")
    (folder / "passes" / "notes_zh.csv").unlink()
    seal(folder / "passes")
    before = (folder / "codings.csv").read_bytes()
    settle(folder)
    assert (folder / "codings.csv").read_bytes() == before
    study = load_study(STUDY, WAVE, repository)
    assert study.languages == ("en",)
    assert list(study.label("stage").root) == ["en"]
    assert study.pilot_names()["panshi"] == "Panshi"
    assert study.factor("leadership_change").sum() == 3
    assert list(study.ratings().columns) == ["a", "b", "c"]


def test_a_text_that_lacks_a_language_or_has_one_too_many_is_named(
    repository: Path, folder: Path
) -> None:
    line = replace(
        folder / "study.yaml", "{en: Jilin Province, zh: 吉林省}", "{en: Jilin, fr: Jilin}"
    )
    with pytest.raises(StudyError) as caught:
        load_study(STUDY, WAVE, repository)
    at = f"data/{STUDY}/study.yaml: line {line}: province"
    assert str(caught.value).splitlines() == [
        f"{at}.zh: missing; allowed: a value",
        f"{at}.fr: value 'fr'; allowed: en, zh",
    ]


def test_a_level_without_a_word_in_a_language_is_named(repository: Path, folder: Path) -> None:
    replace(folder / "codebook.yaml", "        zh: 没有实质性进展或停滞\n", "")
    with pytest.raises(
        StudyError, match=r"codebook.yaml: line \d+: variables.stage.levels.0.zh: miss"
    ):
        load_study(STUDY, WAVE, repository)


def test_names_and_notes_are_wanted_in_every_language(repository: Path, folder: Path) -> None:
    cut(folder / "pilots.csv", "zh")
    with pytest.raises(StudyError, match=r"pilots\.csv: line 1: column 'short_zh' is missing"):
        load_study(STUDY, WAVE, repository)


def test_languages_that_are_not_declared_are_those_of_the_title(
    repository: Path, folder: Path
) -> None:
    replace(folder / "study.yaml", "languages: [en, zh]\n", "")
    assert load_study(STUDY, WAVE, repository).languages == ("en", "zh")
    replace(
        folder / "study.yaml", "study: jilin-2016\n", "study: jilin-2016\nlanguages: [English]\n"
    )
    with pytest.raises(
        StudyError, match=r"languages.0: value 'English'; allowed: a language as en"
    ):
        load_study(STUDY, WAVE, repository)
