"""Loading a study: every table checked, then the tables against each other."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from analysis.study import schema
from analysis.study.base import Coding, Scope
from analysis.study.codebook import Codebook, read_codebook
from analysis.study.declaration import Declaration, read_declaration
from analysis.study.errors import StudyError
from analysis.study.reader import Study
from analysis.study.record import CODINGS
from analysis.study.root import study_folder
from analysis.study.table import Row, Table, read

# of the two rows of a contradiction, the one that stays beside the settled value says so
KEPT_BESIDE = "rule: kept beside"


def load(study: str, wave: str, root: Path | None = None) -> Study:
    """Load and check the study in `data/<study>` at one wave.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed.
    """
    folder = study_folder(study, root)
    shown = f"data/{study}"
    declared = read_declaration(folder / "study.yaml", f"{shown}/study.yaml")
    codebook = read_codebook(folder / "codebook.yaml", f"{shown}/codebook.yaml")
    if wave not in declared.waves:
        raise StudyError(
            f"{shown}/study.yaml: waves: no {wave!r}; declared: {', '.join(declared.waves)}"
        )
    _check_declared(declared, codebook, shown)
    tables = _tables(folder, shown, declared, codebook)
    pilots = [row["pilot_id"] for row in _in_order(tables["pilots.csv"])]
    text = declared.waves[wave].source_id
    rows = [row for row in tables[CODINGS].rows if row["wave"] == wave]
    problems = list(_coding_problems(rows, f"{shown}/{CODINGS}", codebook, pilots, text))
    if problems:
        raise StudyError("\n".join(problems))
    settled, others = _settled(tables[CODINGS], declared, wave)
    return Study(study, wave, declared, codebook, tables, settled, others, tuple(pilots))


def _in_order(table: Table) -> list[Row]:
    return sorted(table.rows, key=lambda row: int(row["order"]))


def _tables(
    folder: Path, shown: str, declared: Declaration, codebook: Codebook
) -> dict[str, Table]:
    def get(name: str, checked: object) -> Table:
        return read(folder / name, f"{shown}/{name}", checked)  # type: ignore[arg-type]

    sources = get("sources.csv", schema.sources())
    ids = [row["source_id"] for row in sources.rows]
    pilots = get("pilots.csv", schema.pilots())
    known = [row["pilot_id"] for row in pilots.rows]
    return {
        "sources.csv": sources,
        "pilots.csv": pilots,
        CODINGS: get(CODINGS, schema.codings(declared, codebook, known, ids)),
        "projects.csv": get("projects.csv", schema.projects(declared, known, ids)),
        "context.csv": get("context.csv", schema.context(known, ids)),
        "leaders.csv": get("leaders.csv", schema.leaders(declared, known, ids)),
        "rates.csv": get("rates.csv", schema.rates(ids)),
        "events.csv": get("events.csv", schema.events(known, ids)),
    }


def _check_declared(declared: Declaration, codebook: Codebook, shown: str) -> None:
    used = {f"factors.{n}.coded": f.coded.variable for n, f in declared.factors.items()}
    used |= {f"outcomes.{n}": o.variable for n, o in declared.outcomes.items()}
    used |= {f"constants[{i}]": v for i, v in enumerate(declared.constants)}
    used |= {f"causes[{i}]": v for i, v in enumerate(declared.causes)}
    used |= {"batch_variable": declared.batch_variable, "both_lists": declared.both_lists}
    problems = [
        f"{shown}/study.yaml: {place}: variable {name!r} is not in codebook.yaml"
        for place, name in used.items()
        if name not in codebook.variables
    ]
    for name, factor in declared.factors.items():
        variable = codebook.variables.get(factor.coded.variable)
        for level in (*factor.coded.one, *factor.coded.zero):
            if variable is not None and level not in variable.levels:
                problems.append(
                    f"{shown}/study.yaml: factors.{name}.coded: level {level!r}; "
                    f"allowed: {', '.join(variable.levels)}"
                )
    if problems:
        raise StudyError("\n".join(problems))


def _coding_problems(
    rows: list[Row], shown: str, codebook: Codebook, pilots: list[str], text: str
) -> Iterable[str]:
    for row in rows:
        for column, allowed in _row_problems(row, codebook, text):
            place = f"{shown}: line {row.line}: column {column}"
            yield f"{place}: value {row[column]!r}; allowed: {allowed}"
    counted = Counter(
        (r["pilot_id"], r["variable"]) for r in rows if r["status"] != "contradictory"
    )
    for (pilot, variable), times in counted.items():
        if times > 1:
            yield f"{shown}: {pilot}, {variable}: {times} rows; allowed: one, unless contradictory"
    held = {(r["pilot_id"], r["variable"]) for r in rows}
    for variable, declared in codebook.variables.items():
        if declared.coded == "passes":
            for pilot in pilots:
                if (pilot, variable) not in held:
                    yield f"{shown}: {pilot}, {variable}: no row; write one, silent if need be"
    kept = Counter(
        (r["pilot_id"], r["variable"])
        for r in rows
        if r["status"] == "contradictory" and not r["settled_by"].startswith(KEPT_BESIDE)
    )
    both = {(r["pilot_id"], r["variable"]) for r in rows if r["status"] == "contradictory"}
    for pilot, variable in sorted(both):
        if kept[pilot, variable] != 1:
            yield (
                f"{shown}: {pilot}, {variable}: contradictory with {kept[pilot, variable]} settled "
                f"values; allowed: one (the other rows begin settled_by with {KEPT_BESIDE!r})"
            )


def _row_problems(row: Row, codebook: Codebook, text: str) -> Iterable[tuple[str, str]]:
    variable, value = codebook.variables[row["variable"]], row["value"]
    if row["status"] == "silent":
        if value:
            yield "value", "empty, since the status is silent"
        return
    if variable.kind == "levels" and value not in variable.levels:
        yield "value", ", ".join(variable.levels)
    elif variable.kind in ("count", "money") and not value.replace(".", "", 1).isdigit():
        yield "value", f"a number ({variable.unit})"
    elif not value:
        yield "value", "a value, unless the status is silent"
    if not row["source_id"]:
        yield "source_id", "a source, unless the status is silent"
    # what follows from the absence of a passage has none, and is coded after the passes only
    absent = variable.coded == "additions" and row["status"] == "implied"
    if row["source_id"] == text and not row["span"] and not absent:
        yield "span", "start:end, since the value comes from the coded text"
    if bool(row["span"]) != bool(row["span_sha256"]):
        yield "span_sha256", "the hash of the span, exactly where there is a span"


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
            settled[key] = Coding(row["value"], _scope(row, declared), row)
    return settled, others


def _scope(row: Row, declared: Declaration) -> Scope:
    paragraph = int(row["paragraph"]) if row["paragraph"] else None
    if row["status"] == "silent":
        return "silent"
    if paragraph in declared.general_passages:
        return "general"
    if row["status"] != "group":
        return "own"
    example = any(
        e.paragraph == paragraph and row["pilot_id"] in e.pilots for e in declared.group_examples
    )
    return "example" if example else "group"
