"""A claim: one computed sentence with its number, its grade and its evidence."""

import html
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import shorten
from types import CodeType
from typing import Any, TypeVar

import pandas as pd

from analysis.claims import flips, grades
from analysis.claims.cell import bundle, languages, watching
from analysis.claims.grades import Grade, Quantity, Standing, Unit
from analysis.claims.words import Message, Names, _, say
from analysis.study import MOST_EACH, PROGRAMME, StudyError
from analysis.study.read_log import Read, ReadLog
from analysis.study.study import Study
from smalln.result import NotEstimable

T = TypeVar("T")
UNASKED = (
    "a claim rests on what its own cell asks the study for, and this cell asked for less than is "
    "said; ask in it: y, x = study.outcome(), study.factor(...). Of a recoded study there is none"
)
# where the site puts a claim's rows and functions
EVIDENCE = "<!-- evidence -->"
# how few recodings turn what; `silent`: one that empties a cell, as is always allowed
OVERTURNED = {
    "sign": _("Recodings that would turn the sign: {n}"),
    "p": _("Recodings that would take p ({p:p}) across .05: {n}"),
    "grade": _("Recodings that would change the grade: {n}"),
    "silent": _("One cell that falls silent would leave it at: {n}"),
}


class Claim:
    """A sentence that a notebook cell ends with; shown with its grade, kept with its evidence."""

    def __init__(
        self,
        result: Any,
        sentence: str | Message,
        *,
        unit: Unit | None = None,
        pilot: str | None = None,
        part: str | None = None,
        varied: Message | None = None,
        **values: Any,
    ) -> None:
        """Say `sentence` of `result`.

        `sentence`: an English template, filled from the result's `{value}`, `{n}`, `{of}`,
        `{lower}`, `{upper}`, `{p}`, `{p_smallest}`, from `{verdict}` (the words of the grade) and
        from `values`. `unit`: where the result does not bring one. `pilot`: set where one cell
        makes the claim for each pilot. `varied`: what was varied in place of single cells, for a
        sentence over many analyses or draws; no recodings are searched then.
        """
        if isinstance(result, float) and math.isnan(result):
            result = NotEstimable("the text does not tell it")
        self.refusal = result if isinstance(result, NotEstimable) else None
        quantity = Quantity(None) if self.refusal else grades.measured(result)
        n, of, unit = whole(quantity.n), whole(quantity.of), unit or quantity.unit or "count"
        if unit == "count" and n is not None and of is not None and n > of:
            raise StudyError(f"count: {n} of {of}; allowed: at most as many")
        self.quantity = replace(quantity, n=n, of=of, unit=unit)
        self.sentence = sentence if isinstance(sentence, Message) else Message(sentence)
        self.values = {**self.sentence.values, **values}
        self.pilot, self.part, self.varied = pilot, part or pilot, varied

    def __repr__(self) -> str:
        q = self.quantity
        told = f"{q.unit} {q.interval or q.value}: {self.sentence.template}"
        return shorten(f"<Claim {told}>", 160, placeholder=" …>")

    def text(self, language: str, graded: Grade) -> str:
        """Return the sentence in a language; of a refusal its reason."""
        if self.refusal is not None:
            return _("Not calculated, because {reason}.", reason=self.refusal).in_language(language)
        q = self.quantity
        lower, upper = q.interval or (q.value, q.value)
        own = {**vars(q), "p": q.p_value, "lower": lower, "upper": upper}
        own["verdict"] = grades.VERDICTS[graded]
        said = replace(self.sentence, values={**own, **self.values})
        return said.in_language(language).strip()

    def standing(self, all_known: bool, any_assumed: bool) -> Standing:
        """Return the grade that the cells allow, and what else recodings could overturn."""
        q, answer = self.quantity, None if self.refusal else self.quantity
        analyses = q.unit == "count" and self.varied is not None
        judged = grades.judged(answer, all_known, any_assumed, counts_analyses=analyses)
        return Standing(q.sign, q.small_p, *judged)

    def entry(self, asked: list[Read]) -> dict[str, Any]:
        """Return what the ledger keeps of the claim: all but its id.

        `asked`: what the cell asked the study for, but for what other claims of it rest on.
        """
        watched, q, rows = watching(), self.quantity, ReadLog(entries=asked).evidence()
        if self.pilot is not None:
            rows = [r for r in rows if r.key or r.pilot in (self.pilot, PROGRAMME)]
        all_known, any_assumed = all(r.known for r in rows), any(r.assumed for r in rows)
        compared = q.unit in grades.NEUTRAL and self.refusal is None and self.varied is None
        if watched and compared:
            lower, upper = q.interval or (0.0, 0.0)
            # a range without an unknown cell rests on cells that were asked for elsewhere
            if (lower < upper and all_known) or all(r.key for r in rows):
                raise StudyError(UNASKED)
        log = watched.study.log if watched else ReadLog()
        before = len(log.entries)
        # how a claim is graded is watched apart from how its value was computed
        with watched.apart() if watched else nullcontext(set[CodeType]()) as reached:
            now = self.standing(all_known, any_assumed)
            reason = grades.reason(now.condition, q, rows)
            turns = flips.flips_of(self, watched, rows, now) if watched and compared else None
        if watched:
            watched.graded |= reached
        rows = ReadLog(entries=[*rows, *log.entries[before:]]).evidence()
        # what was asked for the sake of showing it is the next claim's no more
        del log.entries[before:]
        cells = {(r.pilot, r.variable) for r in rows}
        differing = set(watched.study.contradictory) if watched else set()
        entry = {
            **vars(q),
            "value": whole(q.value),
            "suffix": self.part,
            "grade": now.grade,
            "grade_reason": {lang: reason.in_language(lang) for lang in languages()},
            "text": {lang: self.text(lang, now.grade) for lang in languages()},
            "evidence": [_evidence(r, watched.study) for r in rows] if watched else [],
            "functions": watched.reached() if watched else [],
            "words": {name: _kept(value) for name, value in self.values.items()},
            # `>3` comes after every digit
            "flips": turns and min((flip.number for flip in turns.values()), key=str),
            "flips_by": {turn: _flip(flip) for turn, flip in turns.items()} if turns else None,
            "varied": _kept(self.varied),
            "contradictory": sorted(".".join(cell) for cell in cells & differing),
        }
        notes = _small_print(entry, watched.study if watched else None)
        entry["notes"] = [{lang: say(note, lang) for lang in languages()} for note in notes]
        return entry

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return Claims([self])._repr_mimebundle_()


@dataclass(frozen=True)
class Claims:
    """The same claim for each of several pilots, factors or the like, made by one cell.

    `marks`: where in the log the questions begin that are a claim's own, and where those of the
    last one end; the pilots' claims are told apart by pilot.
    """

    claims: Sequence[Claim]
    marks: Sequence[int] = ()

    @classmethod
    def each(cls, things: Iterable[T], claim: Callable[[T], Claim]) -> "Claims | pd.DataFrame":
        """Return the claim of each thing; each rests on what its own making asked the study for.

        What the cell asked for before belongs to all of them. Of more than `MOST_EACH` things that
        many sentences would say nothing: they are shown as a frame.
        """
        watched = watching()
        log = watched.study.log if watched else ReadLog()
        wanted = [thing for thing in things if not watched or watched.wants(thing)]
        if len(wanted) > MOST_EACH:
            return pd.DataFrame(wanted)
        made, marks = [], [len(log.entries)]
        for thing in wanted:
            made.append(claim(thing))
            marks.append(len(log.entries))
        return cls(made, marks)

    def __repr__(self) -> str:
        return f"<{len(self.claims)} claims: {', '.join(map(repr, self.claims[:1]))}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched, marks = watching(), self.marks or [0] * (len(self.claims) + 1)
        asked, entries = watched.study.log.entries if watched else [], []
        for claim, (begin, end) in zip(self.claims, pairwise(marks), strict=True):
            rows = asked[: marks[0]] + asked[begin:end] + asked[marks[-1] :]
            entries.append(claim.entry(rows))
        if watched is not None:
            watched.end()
        shown = {lang: "".join(_html(e, lang) for e in entries) for lang in languages()}
        plain = {lang: "\n".join(e["text"][lang] for e in entries) for lang in languages()}
        return bundle(shown, plain, claims=entries)


def whole(number: float | None) -> float | int | None:
    """Return a whole number as one: 5, not 5.0."""
    return int(number) if number is not None and float(number).is_integer() else number


def _kept(value: Any) -> Any:
    """Return what a template was filled from, so that the pages can fill theirs from it too."""
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "item"):
        return value.item()
    return {language: say(value, language) for language in languages()}


def _evidence(asked: Read, study: Study) -> dict[str, Any]:
    row = {} if asked.key else study.tables[asked.file].loc[asked.line].to_dict()
    return {
        **{name: row.get(name) or None for name in ("wave", "status", "source_id", "span")},
        "file": asked.file,
        "key": asked.key or None,
        "line": asked.line,
        "pilot_id": asked.pilot or None,
        "variable": asked.variable or None,
        "value": row.get("value", row.get("count", row.get("holder_id", asked.value))) or None,
        "paragraph": int(row["paragraph"]) if row.get("paragraph") else None,
        "known": asked.known,
        "assumed": asked.assumed,
    }


def _flip(flip: flips.Flips) -> dict[str, Any]:
    """Return the recodings that turn one thing as the ledger keeps them."""
    changes = [{"pilot_id": p, "variable": v, "to": level} for (p, v), level in flip.changes]
    return {"flips": flip.number, "changes": changes, "grade": flip.grade}


def _html(entry: Mapping[str, Any], language: str) -> str:
    """Return a claim as HTML: its sentence, its grade, and the small print for a reviewer."""
    text, phrase, *lines = (
        html.escape(say(words, language))
        for words in (entry["text"], grades.PHRASES[entry["grade"]], *entry["notes"])
    )
    notes = "".join(f"<li>{line}</li>" for line in lines)
    return (
        f'<div class="claim grade-{entry["grade"]}"><p class="claim-text">{text} '
        f'<em class="grade">{phrase}</em></p>'
        f'<ul class="claim-notes">{notes}</ul>{EVIDENCE}</div>'
    )


def _small_print(entry: Mapping[str, Any], study: Study | None) -> list[Message]:
    """Return the lines under a claim: its test, what would overturn it, what differs, its rows."""
    lines, least = [], entry["p_smallest"]
    if entry["p_value"] is not None:
        test = {"test": entry["test"], "p": entry["p_value"]}
        lines.append(
            _("{test}: p = {p:p}", **test)
            if least is None
            else _("{test}: p = {p:p}; smallest attainable {least:p}", **test, least=least)
        )
    if study and (by := entry["flips_by"]):
        lines += [_overturned(study, t, found, entry["p_value"]) for t, found in by.items()]
        if entry["p_value"] is not None and "p" not in by:
            lines.append(_("No cell used has another value that can be defended."))
    if entry["varied"] is not None:
        lines.append(_("Varied instead of single cells: {what}", what=entry["varied"]))
    if study and entry["contradictory"]:
        cells = [_cell(study, *each.split(".", 1)) for each in entry["contradictory"]]
        lines.append(_("two statements differ: {cells}", cells=Names(cells)))
    rows = [row for row in entry["evidence"] if not row["key"]]
    lines.append(_("Coded rows and facts used: {n}.", n=len(rows)))
    return lines


def _overturned(study: Study, turn: str, flip: Mapping[str, Any], p: float | None) -> Message:
    """Return in words how few recodings turn one thing of a claim, as of `_flip`."""
    changes, number = [], flip["flips"]
    for each in flip["changes"]:
        cell = _cell(study, each["pilot_id"], each["variable"])
        level = study.variable(each["variable"]).levels.get(each["to"], _("not told"))
        changes.append(_("{cell} → {level}", cell=cell, level=level))
    if turn == "grade" and [each["to"] for each in flip["changes"]] == [flips.SILENT]:
        turn, number = "silent", grades.PHRASES[flip["grade"]]
    n = _("{n} ({changes})", n=number, changes=Names(changes))
    n = n if changes else _("more than {n}", n=int(number[1:]))
    return replace(OVERTURNED[turn], values={"n": n, "p": p})


def _cell(study: Study, pilot: str, variable: str) -> Message:
    label = study.variable(variable).label
    return _("{pilot}, {label}", pilot=study.names([pilot]), label=label)
