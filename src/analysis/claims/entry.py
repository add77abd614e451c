"""A claim as the ledger keeps it: its number, grade, text, evidence and functions."""

from collections.abc import Collection
from typing import Any

from analysis.claims.cell import Watch
from analysis.claims.flips import Flips, flips_of
from analysis.claims.sentence import Sentence, whole
from analysis.claims.words import every_language
from analysis.study.read_log import Evidence, ReadLog
from analysis.study.study import Study

PROGRAMME = "all"


def entry(
    claim: Sentence, watched: Watch | None, of_others: Collection[int] = ()
) -> dict[str, Any]:
    """Return the ledger's entry of a claim, without its id.

    Evidence is what the cell asked the study for, but for `of_others`, places in the log that
    another claim of the cell rests on; without a watched notebook there is none.
    """
    asked = watched.study.log.entries if watched else []
    rows = ReadLog(entries=[e for i, e in enumerate(asked) if i not in of_others]).evidence()
    own = [r for r in rows if claim.pilot is None or r.pilot in (claim.pilot, PROGRAMME)]
    all_known, any_assumed = all(r.known for r in own), any(r.assumed for r in own)
    flips = flips_of(claim, watched, own) if watched else None
    graded, q = claim.graded(all_known, any_assumed), claim.quantity
    languages = watched.study.languages if watched else ("en",)
    said = {**claim.sentence.values, **claim.values}
    return {
        "suffix": claim.part,
        "value": whole(q.value),
        "interval": None if q.interval is None else list(q.interval),
        "n": whole(q.n),
        "of": whole(q.of),
        "unit": claim.unit,
        "p_value": q.p_value,
        "p_smallest": q.p_smallest,
        "test": q.test,
        "grade": graded,
        "text": {lang: claim.text(lang, graded) for lang in languages},
        "evidence": [_evidence(r, watched.study) for r in own] if watched else [],
        "functions": watched.reached() if watched else [],
        "words": {k: _kept(v, languages) for k, v in said.items()},
        "flips": None if flips is None else flips.shown(),
        "varied": None if claim.varied is None else every_language(claim.varied, languages),
        "flips_by": None if flips is None or flips.number is None else _flips_by(flips),
        "contradictory": sorted(
            {f"{r.pilot}.{r.variable}" for r in own if _contradictory(r, watched)}
        ),
    }


def _kept(value: Any, languages: tuple[str, ...]) -> Any:
    """Return what a template was filled from, so that the pages can fill theirs from it too."""
    if value is None or isinstance(value, str | int | float):
        return value
    return value.item() if hasattr(value, "item") else every_language(value, languages)


def _evidence(asked: Evidence, study: Study) -> dict[str, Any]:
    row = study.tables[asked.table].loc[asked.line].to_dict()
    return {
        "file": asked.table,
        "line": asked.line,
        "wave": row.get("wave"),
        "pilot_id": asked.pilot,
        "variable": asked.variable,
        "value": row.get("value", row.get("count", row.get("holder_id"))) or None,
        "status": row.get("status"),
        "known": asked.known,
        "assumed": asked.assumed,
        "source_id": row.get("source_id") or None,
        "paragraph": int(row["paragraph"]) if row.get("paragraph") else None,
        "span": row.get("span") or None,
    }


def _contradictory(asked: Evidence, watched: Watch | None) -> bool:
    return bool(watched and (asked.pilot, asked.variable) in watched.study.contradictory)


def _flips_by(flips: Flips) -> dict[str, Any]:
    changes = [{"pilot_id": c[0], "variable": c[1], "to": value} for c, value in flips.changes]
    return {"changes": changes, "turns": flips.turns}
