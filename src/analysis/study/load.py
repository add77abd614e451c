"""Loading a study: every table checked, then the tables against each other."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study import cross_references
from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.guard import is_checked
from analysis.study.layout import CODINGS, StudyError, study_folder
from analysis.study.schemas import Schemas
from analysis.study.study import Study
from analysis.study.tables import read_table
from analysis.study.yaml_file import read_yaml


def load_study(name: str, wave: str, root: Path | None = None) -> Study:
    """Load and check the study in `data/<name>` at one wave.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    folder, shown = study_folder(name, root), f"data/{name}"
    file = read_yaml(folder / "study.yaml", f"{shown}/study.yaml")
    declared = file.model(Declaration)
    words = read_yaml(folder / "codebook.yaml", f"{shown}/codebook.yaml")
    codebook = words.model(Codebook)
    if declared.study != name:
        _refuse([f"{file.at('study')}: value {declared.study!r}; allowed: {name} (the folder)"])
    if wave not in declared.waves:
        raise StudyError(f"{file.at('waves')}: no {wave!r}; declared: {', '.join(declared.waves)}")
    _refuse(cross_references.wrong_levels(words, codebook))
    _refuse(cross_references.wrong_languages(file, declared, declared.languages))
    _refuse(cross_references.wrong_languages(words, codebook, declared.languages))
    _refuse(cross_references.wrong_names(file, declared, codebook))
    tables = _tables(folder, shown, declared, codebook)
    _refuse(cross_references.wrong_rows(file, declared, tables))
    study = Study(name, wave, declared, codebook, tables, folder)
    of_wave = tables[CODINGS][tables[CODINGS]["wave"] == wave]
    source = declared.waves[wave].source_id
    _refuse(
        cross_references.wrong_codings(
            f"{shown}/{CODINGS}", of_wave, codebook, tuple(study.pilots), source
        )
    )
    return study


def _refuse(problems: Iterable[str]) -> None:
    if said := list(problems):
        raise StudyError("\n".join(said))


def _tables(
    folder: Path, shown: str, declared: Declaration, codebook: Codebook
) -> dict[str, pd.DataFrame]:
    known = is_checked(folder)

    def get(name: str, schema: Callable[[], pa.DataFrameSchema]) -> pd.DataFrame:
        return read_table(folder / name, f"{shown}/{name}", schema(), known)

    columns = Schemas(declared, codebook)
    sources = get("sources.csv", columns.sources_csv)
    pilots = get("pilots.csv", columns.pilots_csv)
    full = Schemas(declared, codebook, tuple(pilots["pilot_id"]), tuple(sources["source_id"]))
    return {
        "sources.csv": sources,
        "pilots.csv": pilots,
        CODINGS: get(CODINGS, full.codings_csv),
        "projects.csv": get("projects.csv", full.projects_csv),
        "context.csv": get("context.csv", full.context_csv),
        "leaders.csv": get("leaders.csv", full.leaders_csv),
        "rates.csv": get("rates.csv", full.rates_csv),
        "events.csv": get("events.csv", full.events_csv),
    }
