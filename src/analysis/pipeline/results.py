"""The table of a sweep: one row for each claim of each run, with the run's parameters."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.pipeline import ledger
from analysis.pipeline.plan import Run

TABLE = "results.csv"
NUMBERS = ("value", "low", "high", "n", "of", "unit", "p_value", "p_smallest", "test", "grade")
COLUMNS = (*NUMBERS, "flips", "text_en", "text_zh")


def write_results(path: Path, runs: list[Run], notebooks: Path) -> int:
    """Write the table of the runs' claims and return its number of rows.

    Columns: the run's page, its parameters, the claim's id within its page, and `COLUMNS`; `low`
    and `high` are the ends of its interval. Rows in the order of the runs, claims by id. A run
    without a claim has one row in which the claim is empty.
    """
    out = io.StringIO()
    names = list(runs[0].parameters) if runs else []
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", *names, "claim", *COLUMNS])
    rows = [row for run in runs for row in _rows(run, notebooks)]
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return len(rows)


def _rows(run: Run, notebooks: Path) -> Iterator[list[Any]]:
    about = [run.page, *run.parameters.values()]
    claims = ledger.claims([run], notebooks)
    for claim in claims:
        low, high = claim["interval"] or (None, None)
        texts = {f"text_{language}": text for language, text in claim["text"].items()}
        cells = {**claim, "low": low, "high": high, **texts}
        yield [*about, claim["id"].removeprefix(f"{run.page}."), *(cells[c] for c in COLUMNS)]
    if not claims:
        yield [*about, "", *("" for _ in COLUMNS)]
