"""Whether a study's files agree: names with what they name, rows with codebook and each other."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from string import Formatter

import pandas as pd
from pydantic import BaseModel

from analysis.study.codebook import Codebook, Text, Variable
from analysis.study.declaration import MONTH, Declaration, Factor, Outcome
from analysis.study.layout import KEPT_BESIDE, PROGRAMME
from analysis.study.tables import Record, bad_cell, records
from analysis.study.yaml_file import Place, YamlFile

# a place in study.yaml, the name that stands there, and the names that may stand there
Use = tuple[Place, str, Collection[str]]
# what a value that is no level looks like, by the kind of its variable
SHAPES = {
    "count": (r"\d+", "a whole number"),
    "money": (r"\d+(\.\d+)?", "a number"),
    "month": (MONTH, "YYYY-MM"),
    "text": (r"[\s\S]+", "text"),
}


def wrong_languages(
    file: YamlFile, model: BaseModel, languages: Sequence[str], *place: str | int
) -> Iterator[str]:
    """Complain of each text of a YAML file that is not in just the declared languages."""
    for part, value in _parts(model):
        here = (*place, part)
        if isinstance(value, Text):
            for language in sorted(set(languages) - set(value.languages)):
                yield f"{file.at(*here, language)}: missing; allowed: a value"
            for language in sorted(set(value.languages) - set(languages)):
                allowed = ", ".join(languages)
                yield f"{file.at(*here, language)}: value {language!r}; allowed: {allowed}"
        elif isinstance(value, BaseModel | dict | tuple):
            yield from wrong_languages(file, value, languages, *here)  # type: ignore[arg-type]


def _parts(whole: object) -> Iterable[tuple[str | int, object]]:
    """Return what a part of a declaration holds as written; what was left out has no place."""
    if isinstance(whole, BaseModel):
        fields = type(whole).model_fields
        return [(name, getattr(whole, name)) for name in fields if name in whole.model_fields_set]
    return whole.items() if isinstance(whole, dict) else enumerate(whole)  # type: ignore[arg-type]


def wrong_levels(file: YamlFile, codebook: Codebook) -> Iterator[str]:
    """Complain of each variable that has levels though it is of another kind, or has none."""
    for name, variable in codebook.variables.items():
        if (variable.kind == "levels") != bool(variable.levels):
            allowed = "levels, exactly where levels are listed"
            at = file.at("variables", name, "kind")
            yield f"{at}: value {variable.kind!r}; allowed: {allowed}"


def wrong_names(file: YamlFile, declared: Declaration, codebook: Codebook) -> list[str]:
    """Return a complaint for each name that is neither declared nor in the codebook."""
    known = codebook.variables
    batches = _levels(codebook, declared.batch_variable)
    said = [n for n, v in known.items() if v.room == "programme"]
    within, factors = declared.rivals.within, declared.factors
    uses: list[Use] = [
        (("main_outcome",), declared.main_outcome, declared.outcomes),
        (("stage_outcome",), declared.stage_outcome, declared.outcomes),
        *((("factors", n, "beside"), f.beside, factors) for n, f in factors.items() if f.beside),
        *((("constants", i), name, said) for i, name in enumerate(declared.constants)),
        *(
            (("requirements", i, "variable"), each.variable, said)
            for i, each in enumerate(declared.requirements)
        ),
        (("elapsed", "variable"), declared.elapsed.variable, said),
        *((("rivals", "family", i), n, factors) for i, n in enumerate(declared.rivals.family)),
        (("rivals", "within", "factor"), within.factor, factors),
        (("rivals", "within", "strata"), within.strata, factors),
        *_groupings(declared, codebook),
        *chain.from_iterable(_outcome(n, o, codebook) for n, o in declared.outcomes.items()),
        *chain.from_iterable(_factor(n, f, codebook) for n, f in factors.items()),
        (("batch_variable",), declared.batch_variable, known),
        (("both_lists",), declared.both_lists, known),
        *((("causes", i), name, known) for i, name in enumerate(declared.causes)),
        *((("batches", level), level, batches) for level in declared.batches),
        *_all(("elapsed", "batches"), declared.elapsed.batches, batches),
    ]
    return [*_complaints(file, uses), *_wrong_shapes(file, declared)]


def _groupings(declared: Declaration, codebook: Codebook) -> Iterator[Use]:
    for name, groupings in declared.multiverse.groupings.items():
        place = ("multiverse", "groupings", name)
        yield place, name, declared.factors
        factor = declared.factors.get(name)
        levels = _levels(codebook, factor.coded.variable) if factor else ()
        for key, split in groupings.items():
            yield from _all((*place, key, "one"), split.one, levels)
            yield from _all((*place, key, "zero"), split.zero, levels)


def _outcome(name: str, outcome: Outcome, codebook: Codebook) -> Iterator[Use]:
    place = ("outcomes", name)
    yield (*place, "variable"), outcome.variable, codebook.variables
    yield from _all((*place, "event"), outcome.event, _levels(codebook, outcome.variable))
    if opened := outcome.open_list:
        here = (*place, "open_list")
        yield (*here, "variable"), opened.variable, codebook.variables
        yield from _all((*here, "values"), opened.values, _levels(codebook, opened.variable))


def _factor(name: str, factor: Factor, codebook: Codebook) -> Iterator[Use]:
    place, coded = ("factors", name, "coded"), factor.coded
    yield (*place, "variable"), coded.variable, codebook.variables
    levels = _levels(codebook, coded.variable)
    yield from _all((*place, "one"), coded.one, levels)
    yield from _all((*place, "zero"), coded.zero, levels)


def _all(place: Place, names: Iterable[str], allowed: Collection[str]) -> Iterator[Use]:
    """Return a use for each name in a list."""
    return (((*place, i), name, allowed) for i, name in enumerate(names))


def _wrong_shapes(file: YamlFile, declared: Declaration) -> Iterator[str]:
    """Complain of windows and groupings that cannot be, and of sentences with other words."""
    for name, window in declared.windows.items():
        end = max(declared.waves) if window.end == "wave" else window.end
        if window.start != "designation" and window.start > end:
            at = file.at("windows", name, "end")
            yield f"{at}: value {window.end!r}; allowed: a month that is not before the start"
    for factor, groupings in declared.multiverse.groupings.items():
        for name, split in groupings.items():
            for level in sorted(set(split.one) & set(split.zero)):
                at = file.at("multiverse", "groupings", factor, name, "zero")
                yield f"{at}: value {level!r}; allowed: on one side only"
    for i, required in enumerate(declared.requirements):
        for language in required.text.languages:
            parsed = Formatter().parse(required.text.in_language(language))
            fields = {(field, spec) for _, field, spec, _ in parsed if field is not None}
            for field, spec in sorted(fields - {("value", ""), ("value", "month")}):
                at = file.at("requirements", i, "text", language)
                asked = f"{field}:{spec}" if spec else field
                yield f"{at}: value {asked!r}; allowed: {{value}}, {{value:month}}"


def wrong_rows(
    file: YamlFile, declared: Declaration, tables: Mapping[str, pd.DataFrame]
) -> list[str]:
    """Return a complaint for each pilot, source or fact of `study.yaml` that no table has."""
    pilots, sources, context, events = (
        list(dict.fromkeys(tables[table][column]))
        for table, column in (
            ("pilots.csv", "pilot_id"),
            ("sources.csv", "source_id"),
            ("context.csv", "variable"),
            ("rates.csv", "event"),
        )
    )
    uses: list[Use] = [(("divisions_source",), declared.divisions_source, sources)]
    uses += [(("waves", n, "source_id"), w.source_id, sources) for n, w in declared.waves.items()]
    uses += [
        (("batches", n, "source_id"), b.source_id, sources) for n, b in declared.batches.items()
    ]
    for i, example in enumerate(declared.group_examples):
        uses += _all(("group_examples", i, "pilots"), example.pilots, pilots)
    for name, factor in declared.factors.items():
        if ratio := factor.ratio:
            place = ("factors", name, "ratio")
            for field in ("numerator", "denominator", "said_with_fact"):
                if fact := getattr(ratio, field):
                    uses.append(((*place, field), fact, context))
            for i, other in enumerate(ratio.other_kind):
                uses.append(((*place, "other_kind", i, "pilot"), other.pilot, pilots))
                uses.append(((*place, "other_kind", i, "source_id"), other.source_id, sources))
        if factor.spells and events:
            uses.append((("factors", name, "spells", "event"), factor.spells.event, events))
    return list(_complaints(file, uses))


def _levels(codebook: Codebook, variable: str) -> Collection[str]:
    found = codebook.variables.get(variable)
    return found.levels if found is not None else ()


def _complaints(file: YamlFile, uses: Iterable[Use]) -> Iterator[str]:
    for place, name, allowed in uses:
        if name not in allowed:
            words = ", ".join(allowed) or "none there"
            yield f"{file.at(*place)}: value {name!r}; allowed: {words}"


def allowed_value(status: str, value: str, variable: Variable) -> str | None:
    """Return what is allowed in place of a coded value; None if the value is all right."""
    if status == "silent":
        return "empty, since the status is silent" if value else None
    if variable.kind == "levels":
        return None if value in variable.levels else ", ".join(variable.levels)
    shape, words = SHAPES[variable.kind]
    if re.fullmatch(shape, value, re.ASCII):
        return None
    return f"{words} ({variable.unit})" if variable.unit else words


def wrong_codings(
    name: str, codings: pd.DataFrame, codebook: Codebook, pilots: Sequence[str], source: str
) -> Iterator[str]:
    """Complain of the coded rows of one wave; `source` is the id of the text that was coded."""
    cells: dict[tuple[str, str], list[Record]] = {}
    for row in records(codings):
        for column, allowed in _of_row(row, codebook.variables[row["variable"]], source):
            yield bad_cell(name, row, column, allowed)
        cells.setdefault((row["pilot_id"], row["variable"]), []).append(row)
    for rows in cells.values():
        for row, column, allowed in _of_cell(rows):
            yield bad_cell(name, row, column, allowed)
    for variable, declared in codebook.variables.items():
        wanted = pilots if declared.coded == "passes" else ()
        for pilot in (PROGRAMME,) if declared.room == "programme" else wanted:
            if (pilot, variable) not in cells:
                yield (
                    f"{name}: no row of column pilot_id {pilot!r} with column variable "
                    f"{variable!r}; allowed: one row, with status silent if need be"
                )


def _of_row(row: Record, variable: Variable, source: str) -> Iterable[tuple[str, str]]:
    allowed = allowed_value(row["status"], row["value"], variable)
    about_all = variable.room == "programme"
    if allowed is not None:
        yield "value", allowed
    if (row["pilot_id"] == PROGRAMME) != about_all:
        yield "pilot_id", PROGRAMME if about_all else "a pilot: this is said of single pilots"
    if row["settled_by"].startswith(KEPT_BESIDE) and row["status"] != "contradictory":
        yield "status", f"contradictory, since settled_by begins with {KEPT_BESIDE!r}"
    if row["status"] == "silent":
        for column in ("source_id", "paragraph", "span", "span_sha256", "term"):
            if row[column]:
                yield column, "empty, since the status is silent"
        return
    if not row["source_id"]:
        yield "source_id", "a source, unless the status is silent"
    # what follows from the absence of a passage has none, and is coded after the passes only
    absent = variable.coded == "additions" and row["status"] == "implied"
    if row["source_id"] == source and not row["span"] and not absent:
        yield "span", "start:end, since the value comes from the coded text"
    if bool(row["span"]) != bool(row["span_sha256"]):
        yield "span_sha256", "the hash of the span, exactly where there is a span"


def _of_cell(rows: list[Record]) -> Iterator[tuple[Record, str, str]]:
    """Complain of a cell with several rows that are not one contradiction, settled."""
    contradictory = [row for row in rows if row["status"] == "contradictory"]
    if not contradictory:
        for row in rows[1:]:
            allowed = f"one row, unless contradictory (see line {rows[0]['line']})"
            yield row, "pilot_id, variable", allowed
        return
    for row in rows:
        if row not in contradictory:
            yield row, "status", f"contradictory, as in line {contradictory[0]['line']}"
    if len({row["value"] for row in rows}) < len(rows) or len(rows) < 2:
        yield rows[-1], "value", "a row for each of two or more values, since it is contradictory"
    if sum(not row["settled_by"].startswith(KEPT_BESIDE) for row in rows) != 1:
        allowed = f"one settled row a cell; the settled_by of the others begins {KEPT_BESIDE!r}"
        yield rows[-1], "settled_by", allowed
