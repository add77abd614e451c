"""A claim: one computed sentence with its number, its grade and its evidence (design: claims)."""

import ast
import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from analysis.exhibits import flips as flip_search
from analysis.exhibits.bundle import EVIDENCE, bundle
from analysis.exhibits.cell import Watch, current
from analysis.exhibits.grading import LEVEL, NEUTRAL, Grade, Unit, grade, sign
from analysis.exhibits.notes import VERDICTS, NotApplicable
from analysis.exhibits.wording import LANGUAGES, Language, fill, p_text, term
from analysis.methods.compare import Comparison
from analysis.methods.result import NotEstimable
from analysis.study.declaration import Text
from analysis.study.reader import Study
from analysis.study.record import CODINGS, Asked
from analysis.study.schema import PROGRAMME


T = TypeVar("T")
NO_FIGURES = NotApplicable("No such figures here.", "没有这类数字。")


@dataclass(frozen=True)
class Claim:
    """One sentence in two languages, filled from its value.

    `value`: the number itself, None where only an interval is known, `NotEstimable`, or a
    comparison, which brings value or interval, p and the smallest p by itself. `n` of
    `of`: numerator and denominator. `interval`: worst-case ends. `pilot`: set where one cell makes
    the claim for each pilot. `words`: further values that the templates name.
    """

    value: float | Comparison | NotEstimable | None
    en: str
    zh: str
    unit: Unit
    n: float | None = None
    of: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_smallest: float | None = None
    test: str | None = None
    pilot: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.value, Comparison):
            compared = self.value
            object.__setattr__(self, "value", compared.difference)
            object.__setattr__(self, "interval", self.interval or compared.ends)
            if compared.test is not None:
                object.__setattr__(self, "p_value", compared.test.p_value)
                object.__setattr__(self, "p_smallest", compared.test.p_smallest)
                object.__setattr__(self, "test", compared.test.test)

    def number(self) -> float | None:
        """Return the value, None where there is none."""
        return self.value if isinstance(self.value, int | float) else None

    def text(self, language: Language, graded: str) -> str:
        """Return the sentence; a template may name `{verdict}`, the fixed words of the grade."""
        if isinstance(self.value, NotEstimable):
            reason = self.value.reason_zh if language == "zh" else self.value.reason
            return term("phrase.not_estimable", language).format(reason=reason)
        lower, upper = self.interval or (self.value, self.value)
        values = {
            "value": self.value,
            "n": _whole(self.n),
            "of": _whole(self.of),
            "lower": lower,
            "upper": upper,
            "p": self.p_value,
            "p_smallest": self.p_smallest,
            "verdict": VERDICTS[graded],
            **self.words,
        }
        return fill(self.en if language == "en" else self.zh, values, language)

    def graded(self, all_known: bool, any_assumed: bool) -> Grade:
        """Return the grade that the cells allow."""
        return grade(
            unit=self.unit,
            all_known=all_known,
            any_assumed=any_assumed,
            estimable=not isinstance(self.value, NotEstimable),
            interval=self.interval,
            p_value=self.p_value,
        )

    def standing(self, all_known: bool, any_assumed: bool) -> flip_search.Standing:
        """Return what recodings could overturn."""
        small = None if self.p_value is None else self.p_value <= LEVEL
        value = None if self.interval is not None else self.number()
        return flip_search.Standing(
            sign(self.unit, value, self.interval), small, self.graded(all_known, any_assumed)
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return Claims((self,))._repr_mimebundle_()


@dataclass(frozen=True)
class Claims:
    """The same claim for each of several pilots, made by one cell."""

    claims: tuple[Claim, ...]

    @classmethod
    def of(cls, figures: Iterable[T], claim: Callable[[T], Claim]) -> "Claims | NotApplicable":
        """Return one claim a figure; without figures, the line that says so."""
        made = tuple(claim(figure) for figure in figures)
        return cls(made) if made else NO_FIGURES

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched = current()
        if watched is not None:
            watched.end()
        entries = [_entry(claim, watched) for claim in self.claims]
        shown = {lang: "".join(_html(e, lang, watched) for e in entries) for lang in LANGUAGES}
        plain = {lang: "\n".join(e["text"][lang] for e in entries) for lang in LANGUAGES}
        return bundle("claim", shown, plain, claims=entries)


def _whole(number: float | None) -> float | int | None:
    return int(number) if number is not None and float(number).is_integer() else number


def _entry(claim: Claim, watched: Watch | None) -> dict[str, Any]:
    rows = watched.study.record.cells() if watched else []
    own = [r for r in rows if claim.pilot is None or r.pilot in (claim.pilot, PROGRAMME)]
    all_known, any_assumed = all(r.known for r in own), any(r.assumed for r in own)
    found = _flips(claim, watched, own) if watched else None
    graded = claim.graded(all_known, any_assumed)
    return {
        "suffix": claim.pilot,
        "value": _whole(claim.number()),
        "interval": None if claim.interval is None else list(claim.interval),
        "n": _whole(claim.n),
        "of": _whole(claim.of),
        "unit": claim.unit,
        "p_value": claim.p_value,
        "p_smallest": claim.p_smallest,
        "test": claim.test,
        "grade": graded,
        "text": {lang: claim.text(lang, graded) for lang in LANGUAGES},
        "evidence": [_evidence(r, watched.study) for r in own] if watched else [],
        "functions": watched.reached() if watched else [],
        "words": {k: kept for k, v in claim.words.items() if (kept := _kept(v)) is not None},
        "flips": None if found is None else found.shown(),
        "flips_by": None if found is None or found.number is None else _flips_by(found),
        "contradictory": sorted({f"{r.pilot}.{r.variable}" for r in own if _contradictory(r, watched)}),
    }


def _kept(word: Any) -> Any:
    """Return what a template was filled from, where the pages can fill theirs from it too."""
    if isinstance(word, int | float | str):
        return word
    if isinstance(word, Mapping) and set(word) == set(LANGUAGES):
        return dict(word)
    return {"en": word.en, "zh": word.zh} if isinstance(word, Text) else None


def _evidence(asked: Asked, study: Study) -> dict[str, Any]:
    row = next(r for r in study.tables[asked.table].rows if r.line == asked.line)
    return {
        "file": asked.table,
        "line": asked.line,
        "wave": row.cells.get("wave"),
        "pilot_id": asked.pilot,
        "variable": asked.variable,
        "value": row.cells.get("value", row.cells.get("count", row.cells.get("holder_id"))) or None,
        "status": row.cells.get("status"),
        "known": asked.known,
        "assumed": asked.assumed,
        "source_id": row.cells.get("source_id") or None,
        "paragraph": int(row["paragraph"]) if row.cells.get("paragraph") else None,
        "span": row.cells.get("span") or None,
    }


def _contradictory(asked: Asked, watched: Watch | None) -> bool:
    return bool(watched and (asked.pilot, asked.variable) in watched.study.others)


def _flips_by(found: flip_search.Flips) -> dict[str, Any]:
    changes = [{"pilot_id": c[0], "variable": c[1], "to": value} for c, value in found.changes]
    return {"changes": changes, "turns": found.turns}


def _flips(claim: Claim, watched: Watch, rows: list[Asked]) -> flip_search.Flips | None:
    if claim.unit not in NEUTRAL or isinstance(claim.value, NotEstimable):
        return None
    cells = {(r.pilot, r.variable) for r in rows if r.table == CODINGS and r.pilot != PROGRAMME}
    study, changes = watched.study, []
    for cell in sorted(cells):
        variable = study.codebook.variables[cell[1]]
        now = study.value(*cell) or ""
        changes += [(cell, level) for level in variable.levels if level != now]
    run = _compiled(watched.source)
    name = next(k for k, v in watched.namespace.items() if v is study and not k.startswith("_"))

    def evaluate(recoded: Mapping[flip_search.Cell, str]) -> flip_search.Standing:
        changed = study.with_changes(recoded)
        again = run({**watched.namespace, name: changed}, claim.pilot)
        return again.standing(changed.record.all_known, changed.record.any_assumed)

    now = claim.standing(all(r.known for r in rows), any(r.assumed for r in rows))
    return flip_search.search(now, evaluate, changes)


def _compiled(source: str) -> Any:
    """Return a function that runs a cell in a namespace and gives the claim it ends with."""
    tree = ast.parse(source)
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        raise TypeError("a claim cell must end with the claim as its last expression")
    before = compile(tree, "<claim cell>", "exec")
    final = compile(ast.Expression(last.value), "<claim cell>", "eval")

    def run(namespace: dict[str, Any], pilot: str | None) -> Claim:
        exec(before, namespace)
        shown = eval(final, namespace)
        claims = shown.claims if isinstance(shown, Claims) else (shown,)
        return next(c for c in claims if isinstance(c, Claim) and c.pilot == pilot)

    return run


def _html(entry: Mapping[str, Any], language: Language, watched: Watch | None) -> str:
    grade_words = html.escape(term(f"grade.{entry['grade']}", language))
    text = html.escape(entry["text"][language])
    details = [
        f"<li>{html.escape(line)}</li>" for line in _small_print(entry, language, watched) if line
    ]
    return (
        f'<div class="claim grade-{entry["grade"]}"><p class="claim-text">{text} '
        f'<em class="grade">{grade_words}</em></p>'
        f'<ul class="claim-notes">{"".join(details)}</ul>{EVIDENCE}</div>'
    )


def _small_print(entry: Mapping[str, Any], language: Language, watched: Watch | None) -> list[str]:
    english = language == "en"
    lines = []
    if entry["p_value"] is not None:
        p, least = p_text(entry["p_value"]), entry["p_smallest"]
        smallest = "" if least is None else (
            f"; smallest attainable {p_text(least)}" if english else f"；可能达到的最小值{p_text(least)}"
        )
        lines.append(f"{entry['test']}: p = {p}{smallest}")
    if entry["flips"] is not None:
        lines.append(_flip_words(entry, language, watched))
    if entry["contradictory"]:
        cells = ", ".join(entry["contradictory"])
        lines.append(f"{term('status.contradictory', language)}: {cells}")
    rows = len(entry["evidence"])
    names = ", ".join(f["name"] for f in entry["functions"] if "methods" in f["file"])
    lines.append(f"Coded rows and facts used: {rows}." if english else f"所用编码和资料：{rows}行。")
    if names:
        lines.append(f"Methods: {names}" if english else f"方法：{names}")
    return lines


def _flip_words(entry: Mapping[str, Any], language: Language, watched: Watch | None) -> str:
    number, by = entry["flips"], entry["flips_by"]
    if by is None:
        return (
            f"Recodings that would overturn this: {number}"
            if language == "en"
            else f"推翻本条所需的改码数：{number}"
        )
    names = watched.study.pilot_name if watched else (lambda pilot, _language: pilot)
    changes = ", ".join(
        f"{names(c['pilot_id'], language)} {c['variable']} → {c['to']}" for c in by["changes"]
    )
    turns = {
        "sign": ("the sign", "方向"),
        "p": ("the side of .05", "p是否小于.05"),
        "grade": ("the grade", "把握程度"),
    }[by["turns"]]
    if language == "en":
        return f"Recodings that would overturn this: {number} ({changes}; turns {turns[0]})"
    return f"推翻本条所需的改码数：{number}（{changes}；改变{turns[1]}）"
