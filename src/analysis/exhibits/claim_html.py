"""How a claim is shown: its sentence, its grade, and the small print a reviewer reads."""

import html
from collections.abc import Mapping
from typing import Any

from analysis.exhibits.bundle import EVIDENCE
from analysis.exhibits.wording import Language, p_text, term
from analysis.study.reader import Study

TURNS = {
    "sign": {"en": "the sign", "zh": "方向"},
    "p": {"en": "the side of .05", "zh": "p是否小于.05"},
    "grade": {"en": "the grade", "zh": "把握程度"},
}


def claim_html(entry: Mapping[str, Any], language: Language, study: Study | None) -> str:
    """Return a claim as HTML; `study` gives the words for pilots and variables."""
    grade_words = html.escape(term(f"grade.{entry['grade']}", language))
    text = html.escape(entry["text"][language])
    lines = "".join(
        f"<li>{html.escape(line)}</li>" for line in _small_print(entry, language, study)
    )
    return (
        f'<div class="claim grade-{entry["grade"]}"><p class="claim-text">{text} '
        f'<em class="grade">{grade_words}</em></p>'
        f'<ul class="claim-notes">{lines}</ul>{EVIDENCE}</div>'
    )


def _small_print(entry: Mapping[str, Any], language: Language, study: Study | None) -> list[str]:
    english, lines = language == "en", []
    if entry["p_value"] is not None:
        p, least = p_text(entry["p_value"]), entry["p_smallest"]
        attainable = "; smallest attainable {}" if english else "；可能达到的最小值{}"
        smallest = "" if least is None else attainable.format(p_text(least))
        lines.append(f"{entry['test']}: p = {p}{smallest}")
    if entry["flips"] is not None:
        lines.append(_flip_words(entry, language, study))
    if entry["varied"] is not None:
        instead = "Varied instead of single cells: {}" if english else "以整体变动代替逐格改码：{}"
        lines.append(instead.format(entry["varied"][language]))
    if entry["contradictory"]:
        named = (cell.split(".", 1) for cell in entry["contradictory"])
        cells = [_cell_words(p, v, language=language, study=study) for p, v in named]
        stop = ": " if english else "："
        lines.append(term("status.contradictory", language) + stop + ", ".join(cells))
    rows = len(entry["evidence"])
    lines.append(
        f"Coded rows and facts used: {rows}." if english else f"所用编码和资料：{rows}行。"
    )
    return lines


def _flip_words(entry: Mapping[str, Any], language: Language, study: Study | None) -> str:
    number, by, english = entry["flips"], entry["flips_by"], language == "en"
    said = "Recodings that would overturn this: {}" if english else "推翻本条所需的改码数：{}"
    if by is None:
        return said.format(number)
    changes = [
        f"{_cell_words(c['pilot_id'], c['variable'], language=language, study=study)} → "
        f"{_level_words(c['variable'], c['to'], language, study)}"
        for c in by["changes"]
    ]
    turns = TURNS[by["turns"]][language]
    if english:
        return f"{said.format(number)} ({'; '.join(changes)}; turns {turns})"
    return f"{said.format(number)}（{'；'.join(changes)}；改变{turns}）"


def _cell_words(pilot: str, variable: str, *, language: Language, study: Study | None) -> str:
    if study is None:
        return f"{pilot} {variable}"
    joint = ", " if language == "en" else "，"
    label = study.codebook.variables[variable].label[language]
    return f"{study.pilot_name(pilot, language)}{joint}{label}"


def _level_words(variable: str, level: str, language: Language, study: Study | None) -> str:
    return level if study is None else study.codebook.variables[variable].levels[level][language]
