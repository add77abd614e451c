"""Tables of one factor that each notebook on one shows: its pilots, what to collect, its limits."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.claims.words import Message
from analysis.exhibits.coded import coded_rows
from analysis.exhibits.table import Table
from analysis.study.study import Study


def pilots_table(study: Study, factor: str) -> Table:
    """Return a row for each coding of a factor: pilot, value, how it is known, outcome."""
    variable, main = study.factor_declared(factor).coded.variable, study.declared.main_outcome
    outcome = study.outcome().map(lambda value: study.label(main, value))
    rows = coded_rows(study, variable=variable, silent=True)
    rows["outcome"] = study.codings(variable=variable)["pilot"].map(outcome)
    return Table(
        rows,
        title="The pilots, in the order of the notice",
        columns={
            "pilot": "Pilot",
            "value": "Value",
            "status": "How we know",
            "paragraph": "Paragraph",
            "outcome": "Outcome",
        },
    )


def tests_table(tests: Sequence[tuple[Any, Any]], title: Message) -> Table:
    """Return a row a test with its words: p and the smallest p possible, or why there is none."""
    rows = [
        (words, getattr(test, "p_value", test), getattr(test, "p_smallest", None))
        for words, test in tests
    ]
    return Table(
        pd.DataFrame(rows, columns=["test", "p", "smallest"]),
        title=title,
        columns={"test": "Test", "p": "p", "smallest": "Smallest p possible"},
        kinds={"p": "p", "smallest": "p"},
    )


def collect_table(study: Study, factor: str) -> Table:
    """Return what the study's declaration says should be asked about a factor, a row each."""
    return Table(
        pd.DataFrame({"ask": study.factor_declared(factor).ask}),
        title="What to collect",
        columns={"ask": "To ask"},
        source="Suggested by this report.",
    )


def limits_table(study: Study, factor: str) -> Table:
    """Return the declared limits of what can be said of a factor, a row each."""
    return Table(
        pd.DataFrame({"limit": study.factor_declared(factor).limits}),
        title="What limits this page",
        columns={"limit": "Limit"},
    )
