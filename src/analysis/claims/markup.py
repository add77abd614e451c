"""How a claim is shown: its sentence, its grade, and the small print a reviewer reads."""

import html
from collections.abc import Mapping
from typing import Any

from analysis.claims.bundle import EVIDENCE
from analysis.claims.grades import PHRASES
from analysis.claims.words import Message, Names, _, p_text
from analysis.study.study import Study

TURNS = {"sign": _("the sign"), "p": _("the side of .05"), "grade": _("the grade")}


def claim_html(entry: Mapping[str, Any], language: str, study: Study | None) -> str:
    """Return a claim as HTML; `study` gives the words for pilots and variables."""
    grade = html.escape(PHRASES[entry["grade"]].in_language(language))
    text = html.escape(entry["text"][language])
    lines = "".join(
        f"<li>{html.escape(line.in_language(language))}</li>" for line in small_print(entry, study)
    )
    return (
        f'<div class="claim grade-{entry["grade"]}"><p class="claim-text">{text} '
        f'<em class="grade">{grade}</em></p>'
        f'<ul class="claim-notes">{lines}</ul>{EVIDENCE}</div>'
    )


def small_print(entry: Mapping[str, Any], study: Study | None) -> list[Message]:
    """Return the lines under a claim: its test, what would overturn it, what differs, its rows."""
    lines = []
    if entry["p_value"] is not None:
        p, least = p_text(entry["p_value"]), entry["p_smallest"]
        test = {"test": entry["test"], "p": p}
        if least is None:
            lines.append(_("{test}: p = {p}", **test))
        else:
            least = p_text(least)
            lines.append(_("{test}: p = {p}; smallest attainable {least}", **test, least=least))
    if entry["flips"] is not None:
        lines.append(flip_words(entry, study))
    if entry["varied"] is not None:
        lines.append(_("Varied instead of single cells: {what}", what=entry["varied"]))
    if entry["contradictory"]:
        named = (cell.split(".", 1) for cell in entry["contradictory"])
        cells = [_cell(pilot, variable, study) for pilot, variable in named]
        lines.append(_("two statements differ: {cells}", cells=Names(cells)))
    lines.append(_("Coded rows and facts used: {n}.", n=len(entry["evidence"])))
    return lines


def flip_words(entry: Mapping[str, Any], study: Study | None) -> Message:
    """Return how few recodings would overturn a claim, with one such set."""
    number, by = entry["flips"], entry["flips_by"]
    if by is None:
        return _("Recodings that would overturn this: {n}", n=number)
    changes = [
        _("{cell} → {level}", cell=_cell(c["pilot_id"], c["variable"], study),
          level=c["to"] if study is None else study.variable(c["variable"]).levels[c["to"]])
        for c in by["changes"]
    ]  # fmt: skip
    return _(
        "Recodings that would overturn this: {n} ({changes}; turns {turns})",
        n=number,
        changes=Names(changes),
        turns=TURNS[by["turns"]],
    )


def _cell(pilot: str, variable: str, study: Study | None) -> Message:
    if study is None:
        return _("{pilot}, {label}", pilot=pilot, label=variable)
    return _("{pilot}, {label}", pilot=study.names([pilot]), label=study.variable(variable).label)
