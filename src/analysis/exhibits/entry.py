"""A claim as the ledger keeps it: its number, grade, text, evidence and functions."""

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.cell import Watch
from analysis.exhibits.flips import Flips
from analysis.exhibits.recoding import flips_of
from analysis.exhibits.sentence import Sentence, whole
from analysis.exhibits.wording import LANGUAGES
from analysis.study.codebook import Text
from analysis.study.reader import Study
from analysis.study.record import Asked
from analysis.study.vocabulary import PROGRAMME


def entry(claim: Sentence, watched: Watch | None) -> dict[str, Any]:
    """Return the ledger's entry of a claim, without its id.

    Evidence is what the cell asked the study for; without a watched notebook there is none.
    """
    rows = watched.study.record.cells() if watched else []
    own = [r for r in rows if claim.pilot is None or r.pilot in (claim.pilot, PROGRAMME)]
    all_known, any_assumed = all(r.known for r in own), any(r.assumed for r in own)
    found = flips_of(claim, watched, own) if watched else None
    graded = claim.graded(all_known, any_assumed)
    return {
        "suffix": claim.pilot,
        "value": whole(claim.number()),
        "interval": None if claim.interval is None else list(claim.interval),
        "n": whole(claim.n),
        "of": whole(claim.of),
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
        "varied": None if claim.varied is None else dict(claim.varied),
        "flips_by": None if found is None or found.number is None else _flips_by(found),
        "contradictory": sorted(
            {f"{r.pilot}.{r.variable}" for r in own if _contradictory(r, watched)}
        ),
    }


def _kept(word: Any) -> Any:
    """Return what a template was filled from, where the pages can fill theirs from it too."""
    if isinstance(word, int | float | str):
        return word
    if isinstance(word, Mapping) and set(word) == set(LANGUAGES):
        return dict(word)
    return {"en": word.en, "zh": word.zh} if isinstance(word, Text) else None


def _evidence(asked: Asked, study: Study) -> dict[str, Any]:
    row = study.tables[asked.table].at(asked.line)
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


def _contradictory(asked: Asked, watched: Watch | None) -> bool:
    return bool(watched and (asked.pilot, asked.variable) in watched.study.others)


def _flips_by(found: Flips) -> dict[str, Any]:
    changes = [{"pilot_id": c[0], "variable": c[1], "to": value} for c, value in found.changes]
    return {"changes": changes, "turns": found.turns}
