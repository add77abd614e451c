"""What the coded tables and the sources of a study may hold."""

from collections.abc import Iterable

import pandera.pandas as pa

from analysis.study.codebook import Codebook
from analysis.study.columns import (
    evidence,
    forward_span,
    identifier,
    matches,
    one_of,
    rule,
    text,
    whole,
)
from analysis.study.declaration import Declaration
from analysis.study.vocabulary import BASIS, CONFIDENCES, PROGRAMME, PROJECT_STATUS, STATUSES


def pilots() -> pa.DataFrameSchema:
    """Return the schema of `pilots.csv`: one row a pilot, names in both languages."""
    names = ("short_en", "short_zh", "long_en", "long_zh")
    return pa.DataFrameSchema(
        {
            "pilot_id": identifier(),
            "order": whole(),
            **{name: text() for name in names},
        },
        unique=["pilot_id"],
        checks=[
            rule(
                "order",
                lambda f: ~f["order"].str.lstrip("0").duplicated(keep=False),
                "each number once",
            ),
            rule("pilot_id", lambda f: f["pilot_id"] != PROGRAMME, f"any name but {PROGRAMME}"),
        ],
    )


def codings(
    declared: Declaration, codebook: Codebook, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `codings.csv`: one row a coding (design: data)."""
    return pa.DataFrameSchema(
        {
            "wave": one_of(declared.waves),
            "pilot_id": one_of([*pilot_ids, PROGRAMME]),
            "variable": one_of(codebook.variables),
            "value": text(empty=True),
            "status": one_of(STATUSES),
            **evidence(sources),
            "term": text(longest=8, empty=True),
            "note_en": text(),
            "note_zh": text(),
            "confidence": one_of(CONFIDENCES),
            "settled_by": text(),
        },
        checks=[forward_span()],
    )


def projects(
    declared: Declaration, codebook: Codebook, pilot_ids: Iterable[str], sources: Iterable[str]
) -> pa.DataFrameSchema:
    """Return the schema of `projects.csv`: one row a project that the text names."""
    return pa.DataFrameSchema(
        {
            "wave": one_of(declared.waves),
            "pilot_id": one_of(pilot_ids),
            "project_zh": text(),
            "project_en": text(),
            "domain": domain(codebook),
            "status": one_of(PROJECT_STATUS),
            "status_basis": one_of(BASIS),
            **evidence(sources),
            "term": text(empty=True),
            "note_en": text(),
            "note_zh": text(),
            "confidence": one_of(CONFIDENCES),
            "settled_by": text(),
        },
        unique=["wave", "pilot_id", "project_zh"],
        checks=[
            forward_span(),
            rule("span", lambda f: f["span"] != "", "start:end of the project's name"),
        ],
    )


def domain(codebook: Codebook) -> pa.Column:
    """Return the column of a project's domain: the codebook's, where it lists any."""
    return one_of(codebook.project_domains) if codebook.project_domains else identifier()


def sources() -> pa.DataFrameSchema:
    """Return the schema of `sources.csv`: what each source is, and its terms of use."""
    before = ("title", "issuer", "date", "address", "what")
    columns = (*before, "how", "retrieved", "terms", "citation")
    return pa.DataFrameSchema(
        {
            "source_id": matches(r"S\d{2,}", "S and a number of two digits or more"),
            **{column: text() for column in columns},
            "sha256": matches(r"[0-9a-f]{64}|not recorded", "64 hex digits or 'not recorded'"),
        },
        unique=["source_id"],
    )
