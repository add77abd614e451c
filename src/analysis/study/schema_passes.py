"""What the files of coding passes, and those that settle them, may hold."""

from collections.abc import Iterable, Sequence

import pandera.pandas as pa

from analysis.study.codebook import Codebook
from analysis.study.columns import evidence, forward_span, matches, one_of, text
from analysis.study.declaration import Declaration
from analysis.study.schema import domain
from analysis.study.vocabulary import BASIS, CONFIDENCES, PROGRAMME, PROJECT_STATUS, STATUSES

SETTLED_BY = "settled_by"


def _in_order(columns: dict[str, pa.Column], order: str) -> dict[str, pa.Column]:
    return {name: columns[name] for name in order.split(",")}


def codings(
    declared: Declaration, codebook: Codebook, pilots: Iterable[str], *, ruled: bool
) -> pa.DataFrameSchema:
    """Return the schema of a pass's `codings.csv`; `ruled`: of rulings and additions."""
    columns = {
        "wave": one_of(declared.waves),
        "pilot_id": one_of([*pilots, PROGRAMME]),
        "variable": one_of(codebook.variables),
        "value": text(empty=True),
        "status": one_of(STATUSES),
        **evidence(None),
        "term": text(longest=8, empty=True),
        "confidence": one_of(CONFIDENCES),
        SETTLED_BY: text(),
        "note": text(),
    }
    cells = "wave,pilot_id,variable,value,status,paragraph,span,term"
    order = f"{cells},confidence,{SETTLED_BY},note" if ruled else f"{cells},note,confidence"
    return pa.DataFrameSchema(
        _in_order(columns, order),
        unique=["wave", "pilot_id", "variable", "value", "status"],
        checks=[forward_span()],
    )


def projects(
    declared: Declaration, codebook: Codebook, pilots: Iterable[str], *, ruled: bool
) -> pa.DataFrameSchema:
    """Return the schema of a pass's `projects.csv`; `ruled`: of `rulings_projects.csv`."""
    columns = {
        "wave": one_of(declared.waves),
        "pilot_id": one_of(pilots),
        "project_zh": text(),
        "project_en": text(),
        "domain": domain(codebook),
        "status": one_of(PROJECT_STATUS),
        "status_basis": one_of(BASIS),
        **evidence(None),
        "term": text(empty=True),
        "confidence": one_of(CONFIDENCES),
        SETTLED_BY: text(),
        "note": text(empty=True),
    }
    cells = "wave,pilot_id,project_zh,project_en,domain,status,status_basis,paragraph,span"
    order = f"{cells},term,confidence,{SETTLED_BY},note" if ruled else f"{cells},confidence,note"
    return pa.DataFrameSchema(_in_order(columns, order), checks=[forward_span()])


def alternatives(
    declared: Declaration, codebook: Codebook, pilots: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `alternatives.csv`: other values that a cell could defensibly have."""
    return pa.DataFrameSchema(
        {
            "wave": one_of(declared.waves),
            "pilot_id": one_of(pilots),
            "variable": one_of(codebook.variables),
            "settled_value": text(empty=True),
            "settled_status": one_of(STATUSES),
            "alternative_value": text(empty=True),
            "alternative_status": one_of(STATUSES),
            "reason": text(),
        },
        unique=["wave", "pilot_id", "variable", "alternative_value", "alternative_status"],
    )


def spans(sources: Sequence[str]) -> pa.DataFrameSchema:
    """Return the schema of `spans.csv`: the hash of each span that a coder named."""
    return pa.DataFrameSchema(
        {
            "source_id": one_of(sources),
            "paragraph": matches(r"[1-9]\d*", "a paragraph number"),
            "span": matches(r"\d+:\d+", "start:end"),
            "sha256": matches(r"[0-9a-f]{64}", "64 hexadecimal digits"),
        },
        unique=["source_id", "paragraph", "span"],
    )


def notes_zh() -> pa.DataFrameSchema:
    """Return the schema of `notes_zh.csv`: the Chinese of notes that coders wrote in English."""
    return pa.DataFrameSchema({"note_en": text(), "note_zh": text()}, unique=["note_en"])
