"""Loading a study: every table checked, then the tables against each other."""

from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study import coded_rows, declared_names, schema, schema_facts, study
from analysis.study.base import Coding, scope_of
from analysis.study.checked import is_checked
from analysis.study.codebook import Codebook, read_codebook
from analysis.study.declaration import Declaration
from analysis.study.errors import StudyError
from analysis.study.reader import Study
from analysis.study.record import CODINGS
from analysis.study.root import study_folder
from analysis.study.table import Row, Table, read
from analysis.study.vocabulary import KEPT_BESIDE
from analysis.study.yaml_file import read_yaml


def load(name: str, wave: str, root: Path | None = None) -> Study:
    """Load and check the study in `data/<name>` at one wave.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    folder = study_folder(name, root)
    shown = f"data/{name}"
    file = read_yaml(folder / "study.yaml", f"{shown}/study.yaml")
    declared = file.model(Declaration)
    codebook = read_codebook(folder / "codebook.yaml", f"{shown}/codebook.yaml")
    if declared.study != name:
        _refuse([f"{file.at('study')}: value {declared.study!r}; allowed: {name} (the folder)"])
    if wave not in declared.waves:
        raise StudyError(f"{file.at('waves')}: no {wave!r}; declared: {', '.join(declared.waves)}")
    _refuse(declared_names.in_codebook(file, declared, codebook))
    tables = _tables(folder, shown, declared, codebook)
    _refuse(declared_names.in_tables(file, declared, tables))
    pilots = tuple(row["pilot_id"] for row in _in_order(tables["pilots.csv"]))
    text = declared.waves[wave].source_id
    _refuse(list(coded_rows.problems(tables[CODINGS], wave, codebook, pilots, text)))
    settled, others = _settled(tables[CODINGS], declared, wave)
    return Study(name, wave, declared, codebook, tables, settled, others, pilots, folder)


def load_study(name: str, wave: str, root: Path | None = None) -> study.Study:
    """Load and check the study in `data/<name>` at one wave.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    old = load(name, wave, root)
    tables = {file: _frame(table) for file, table in old.tables.items()}
    return study.Study(name, wave, old.declared, old.codebook, tables, old.folder)


def _frame(table: Table) -> pd.DataFrame:
    lines = pd.Index([row.line for row in table.every], name="line")
    rows = [list(row.cells.values()) for row in table.every]
    return pd.DataFrame(rows, index=lines, columns=list(table.columns), dtype=object)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise StudyError("\n".join(problems))


def _in_order(table: Table) -> list[Row]:
    return sorted(table.rows, key=lambda row: int(row["order"]))


def _tables(
    folder: Path, shown: str, declared: Declaration, codebook: Codebook
) -> dict[str, Table]:
    def get(name: str, checked: pa.DataFrameSchema) -> Table:
        return read(folder / name, f"{shown}/{name}", checked, known)

    known = is_checked(folder)
    sources = get("sources.csv", schema.sources())
    ids = [row["source_id"] for row in sources.rows]
    pilots = get("pilots.csv", schema.pilots())
    named = [row["pilot_id"] for row in pilots.rows]
    return {
        "sources.csv": sources,
        "pilots.csv": pilots,
        CODINGS: get(CODINGS, schema.codings(declared, codebook, named, ids)),
        "projects.csv": get("projects.csv", schema.projects(declared, codebook, named, ids)),
        "context.csv": get("context.csv", schema_facts.context(named, ids)),
        "leaders.csv": get("leaders.csv", schema_facts.leaders(declared, named, ids)),
        "rates.csv": get("rates.csv", schema_facts.rates(ids)),
        "events.csv": get("events.csv", schema_facts.events(named, ids)),
    }


def _settled(
    table: Table, declared: Declaration, wave: str
) -> tuple[dict[tuple[str, str], Coding], dict[tuple[str, str], Row]]:
    settled: dict[tuple[str, str], Coding] = {}
    others: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        if row["wave"] != wave:
            continue
        key = (row["pilot_id"], row["variable"])
        if row["settled_by"].startswith(KEPT_BESIDE):
            others[key] = row
        else:
            settled[key] = Coding(row, scope_of(row, declared))
    return settled, others
