"""Whether every name that `study.yaml` uses is one of the codebook or of the tables."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from string import Formatter

from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration, Factor, Outcome
from analysis.study.months import number
from analysis.study.table import Table
from analysis.study.yaml_file import Place, YamlFile

# a place in study.yaml, the name that stands there, and the names that may stand there
Use = tuple[Place, str, Collection[str]]


def in_codebook(file: YamlFile, declared: Declaration, codebook: Codebook) -> list[str]:
    """Return a complaint for each name that is neither declared nor in the codebook."""
    known = codebook.variables
    uses: list[Iterator[Use]] = [
        _own(declared),
        _programme(declared, codebook),
        _rivals(declared),
        _multiverse(declared, codebook),
    ]
    uses += [_outcome(name, o, codebook) for name, o in declared.outcomes.items()]
    uses += [_factor(name, f, codebook) for name, f in declared.factors.items()]
    single = {"batch_variable": declared.batch_variable, "both_lists": declared.both_lists}
    uses.append(((place,), name, known) for place, name in single.items())
    uses.append((("causes", i), name, known) for i, name in enumerate(declared.causes))
    batches = _levels(codebook, declared.batch_variable)
    uses.append((("batches", level), level, batches) for level in declared.batches)
    uses.append(
        (("elapsed", "batches", i), b, batches) for i, b in enumerate(declared.elapsed.batches)
    )
    return [*_complaints(file, chain.from_iterable(uses)), *_shapes(file, declared)]


def in_tables(file: YamlFile, declared: Declaration, tables: Mapping[str, Table]) -> list[str]:
    """Return a complaint for each pilot, source or fact that no table has."""
    pilots = _values(tables["pilots.csv"], "pilot_id")
    sources = _values(tables["sources.csv"], "source_id")
    context = _values(tables["context.csv"], "variable")
    events = _values(tables["rates.csv"], "event")
    uses: list[Use] = [(("divisions_source",), declared.divisions_source, sources)]
    uses += [(("waves", n, "source_id"), w.source_id, sources) for n, w in declared.waves.items()]
    uses += [
        (("batches", n, "source_id"), b.source_id, sources) for n, b in declared.batches.items()
    ]
    for i, example in enumerate(declared.group_examples):
        uses += [
            (("group_examples", i, "pilots", k), p, pilots) for k, p in enumerate(example.pilots)
        ]
    for name, factor in declared.factors.items():
        place = ("factors", name)
        if ratio := factor.ratio:
            facts = {"numerator": ratio.numerator, "denominator": ratio.denominator}
            if ratio.said_with_fact:
                facts["said_with_fact"] = ratio.said_with_fact
            uses += [((*place, "ratio", n), v, context) for n, v in facts.items()]
            for i, other in enumerate(ratio.other_kind):
                here = (*place, "ratio", "other_kind", i)
                uses.append(((*here, "pilot"), other.pilot, pilots))
                uses.append(((*here, "source_id"), other.source_id, sources))
        if factor.spells and events:
            uses.append(((*place, "spells", "event"), factor.spells.event, events))
    return list(_complaints(file, uses))


def _own(declared: Declaration) -> Iterator[Use]:
    yield ("main_outcome",), declared.main_outcome, declared.outcomes
    yield ("stage_outcome",), declared.stage_outcome, declared.outcomes
    for name, factor in declared.factors.items():
        if factor.beside:
            yield ("factors", name, "beside"), factor.beside, declared.factors


def _programme(declared: Declaration, codebook: Codebook) -> Iterator[Use]:
    said = [n for n, v in codebook.variables.items() if v.room == "programme"]
    for i, name in enumerate(declared.constants):
        yield ("constants", i), name, said
    for i, required in enumerate(declared.requirements):
        yield ("requirements", i, "variable"), required.variable, said
    yield ("elapsed", "variable"), declared.elapsed.variable, said


def _rivals(declared: Declaration) -> Iterator[Use]:
    for i, name in enumerate(declared.rivals.family):
        yield ("rivals", "family", i), name, declared.factors
    within = declared.rivals.within
    yield ("rivals", "within", "factor"), within.factor, declared.factors
    yield ("rivals", "within", "strata"), within.strata, declared.factors


def _multiverse(declared: Declaration, codebook: Codebook) -> Iterator[Use]:
    for name, groupings in declared.multiverse.groupings.items():
        yield ("multiverse", "groupings", name), name, declared.factors
        factor = declared.factors.get(name)
        levels = _levels(codebook, factor.coded.variable) if factor else ()
        for key, split in groupings.items():
            for side, given in (("one", split.one), ("zero", split.zero)):
                place = ("multiverse", "groupings", name, key, side)
                for i, level in enumerate(given):
                    yield (*place, i), level, levels


def _outcome(name: str, outcome: Outcome, codebook: Codebook) -> Iterator[Use]:
    place = ("outcomes", name)
    yield (*place, "variable"), outcome.variable, codebook.variables
    levels = _levels(codebook, outcome.variable)
    for i, level in enumerate(outcome.event):
        yield (*place, "event", i), level, levels
    if opened := outcome.open_list:
        yield (*place, "open_list", "variable"), opened.variable, codebook.variables
        for i, level in enumerate(opened.values):
            yield (*place, "open_list", "values", i), level, _levels(codebook, opened.variable)


def _factor(name: str, factor: Factor, codebook: Codebook) -> Iterator[Use]:
    place, coded = ("factors", name, "coded"), factor.coded
    yield (*place, "variable"), coded.variable, codebook.variables
    levels = _levels(codebook, coded.variable)
    for side, given in (("one", coded.one), ("zero", coded.zero)):
        for i, level in enumerate(given):
            yield (*place, side, i), level, levels


def _shapes(file: YamlFile, declared: Declaration) -> Iterator[str]:
    """Complain of windows and groupings that cannot be, and of sentences with other words."""
    for name, window in declared.windows.items():
        end = max(declared.waves) if window.end == "wave" else window.end
        if window.start != "designation" and number(window.start) > number(end):
            at = file.at("windows", name, "end")
            yield f"{at}: value {window.end!r}; allowed: a month that is not before the start"
    for factor, groupings in declared.multiverse.groupings.items():
        for name, split in groupings.items():
            for level in sorted(set(split.one) & set(split.zero)):
                at = file.at("multiverse", "groupings", factor, name, "zero")
                yield f"{at}: value {level!r}; allowed: on one side only"
    for i, required in enumerate(declared.requirements):
        for language, sentence in (("en", required.text.en), ("zh", required.text.zh)):
            fields = {(f, s) for _, f, s, _ in Formatter().parse(sentence) if f is not None}
            for field, spec in sorted(fields - {("value", ""), ("value", "month")}):
                at = file.at("requirements", i, "text", language)
                asked = f"{field}:{spec}" if spec else field
                yield f"{at}: value {asked!r}; allowed: {{value}}, {{value:month}}"


def _levels(codebook: Codebook, variable: str) -> Collection[str]:
    found = codebook.variables.get(variable)
    return found.levels if found is not None else ()


def _values(table: Table, column: str) -> Collection[str]:
    return dict.fromkeys(row[column] for row in table.rows)


def _complaints(file: YamlFile, uses: Iterator[Use] | list[Use]) -> Iterator[str]:
    for place, name, allowed in uses:
        if name not in allowed:
            shown = ", ".join(allowed) or "none there"
            yield f"{file.at(*place)}: value {name!r}; allowed: {shown}"
