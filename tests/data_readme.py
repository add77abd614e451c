"""The parts of data/README.md that are made from the data: `python -m tests.data_readme` writes them.

A test holds that they are as the data say; nothing in them is typed.
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pandas as pd

from analysis.study.load import load_study
from analysis.study.schemas import Schemas
from analysis.study.study import Study

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "data" / "README.md"
STUDY, WAVE = "jilin-2016", "2016-01"
FACTS = ("context.csv", "leaders.csv", "rates.csv", "events.csv")
OURS = "CC BY 4.0"
PART = re.compile(r"(<!-- made from the data: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rows_of(*rows: tuple[object, ...]) -> Iterator[str]:
    head, *rest = (
        [escape(str(cell), quote=False).replace("|", "/") for cell in row] for row in rows
    )
    for row in (head, ["---"] * len(head), *rest):
        yield f"| {' | '.join(row)} |"


def files(study: Study) -> Iterator[str]:
    """Each data file: its rows, and its terms by data/LICENSE."""
    licence = (ROOT / "data" / "LICENSE").read_text(encoding="utf-8")
    _, ours, facts, *_ = re.split(r"\n\d\. ", licence)
    found: list[tuple[object, ...]] = [("file", "rows", "terms")]
    for path in sorted(study.folder.rglob("*.csv")):
        if "sources" not in path.relative_to(study.folder).parts:
            name = path.relative_to(study.folder).as_posix()
            known = ours.replace("everything in passes/", name if "passes/" in name else "")
            terms = OURS if name in known else "not stated"
            terms = f"of each source; selection {OURS}" if name in facts else terms
            found.append((f"`{name}`", len(pd.read_csv(path, dtype=str)), terms))
    yield from rows_of(*found)


def sources(study: Study) -> Iterator[str]:
    """Each source that something here was taken from: none of them is in the repository."""
    table = study.tables["sources.csv"]
    yield f"{len(table)} sources; the files of none of them are here. "
    recorded = ~table["sha256"].isin(["", "not recorded"])
    yield f"Of {recorded.sum()} the SHA-256 of the file that was used is recorded.\n"
    yield from rows_of(
        ("source", "what", "read how", "terms", "provided", "file's SHA-256"),
        *(
            (row.source_id, row.title_en, row.how, row.terms, "no", "recorded" if known else "not recorded")
            for row, known in zip(table.itertuples(), recorded, strict=True)
        ),
    )  # fmt: skip


def figures(study: Study) -> Iterator[str]:
    """Each variable of context.csv: what it is, its unit and range, how often it stands there."""
    table = study.tables["context.csv"]
    found: list[tuple[object, ...]] = [
        ("variable", "what", "unit", "least", "most", "rows", "years")
    ]
    for name, figure in study.codebook.figures.items():
        held = table[table["variable"] == name]
        years = sorted(year for year in held["year"].unique() if year)
        span = f"{years[0]} to {years[-1]}" if years else "none"
        ends = [
            "" if abs(end) == float("inf") else f"{end:g}" for end in (figure.least, figure.most)
        ]
        label = figure.label.in_language("en")
        found.append((f"`{name}`", label, figure.unit, *ends, len(held), span))
    yield from rows_of(*found)


def columns(study: Study) -> Iterator[str]:
    """Each column of the tables of facts: what may stand in it, by the checks of loading."""
    every = Schemas(study.declared, study.codebook)
    every = every.about(study.tables["pilots.csv"], study.tables["sources.csv"])
    long = {
        every.of("codings.csv").columns["source_id"].checks[0].error.removesuffix(", (empty)"): "an id of sources.csv",
        ", ".join(study.pilots): "a pilot",
        ", ".join(study.codebook.figures): "a variable of the table below",
    }  # fmt: skip
    for table in FACTS:
        schema = every.of(table)
        yield f"\n`{table}`, {len(study.tables[table])} rows\n"
        found: list[tuple[object, ...]] = [("column", "allowed")]
        for name, column in schema.columns.items():
            allowed = str(column.checks[0].error)
            for listed, words in long.items():
                allowed = allowed.replace(listed, words)
            found.append((f"`{name}`", allowed.replace(", (empty)", ", or empty")))
        yield from rows_of(*found)
        rules = dict.fromkeys(f"`{check.name}`: {check.error}" for check in schema.checks)
        yield "\nBesides: " + "; ".join(rules) + "."


PARTS: dict[str, Callable[[Study], Iterator[str]]] = {
    each.__name__: each for each in (files, sources, columns, figures)
}


def made(text: str) -> str:
    """Return the text with its parts as the data say now."""
    study = load_study(STUDY, WAVE, ROOT)
    return PART.sub(lambda m: m[1] + "\n".join(PARTS[m[2]](study)).strip() + "\n" + m[3], text)


if __name__ == "__main__":
    README.write_text(made(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
