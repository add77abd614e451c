"""The declared ratio of two facts, for every pilot that has both."""

from analysis.study.declaration import Ratio
from analysis.study.errors import StudyError
from analysis.study.outside import Outside
from analysis.study.table import Row
from analysis.study.tables import bad_cell

# 10,000 CNY are worth: 100 million CNY in 10,000; revenue (10k CNY) over population (10k) is CNY
PER_UNIT = {"100m CNY": 10_000.0, "10k CNY": 1.0, "10k persons": 1.0}


def by_year(study: Outside, ratio: Ratio, year: int, parent: bool) -> dict[str, tuple[Row, float]]:
    """Return numerator row and ratio of each pilot in one year. Keys: pilots.

    Raises:
        StudyError: a unit that is not among those declared here, or nothing to divide by.
    """
    other = {o.pilot for o in ratio.other_kind}
    tops = study.facts(ratio.numerator, None if ratio.numerator_fixed else year, parent=parent)
    wanted = [p for p in tops if p not in other]
    bottoms = study.facts(ratio.denominator, year, parent=parent, pilots=wanted)
    return {p: (tops[p], _ratio(tops[p], b)) for p, b in bottoms.items()}


def _ratio(top: Row, bottom: Row) -> float:
    amounts = []
    for row in (top, bottom):
        if row["unit"] not in PER_UNIT:
            cells = {"line": row.line, **row}
            raise StudyError(bad_cell("context.csv", cells, "unit", ", ".join(PER_UNIT)))
        amounts.append(float(row["value"]) * PER_UNIT[row["unit"]])
    if amounts[1] == 0:
        cells = {"line": bottom.line, **bottom}
        raise StudyError(bad_cell("context.csv", cells, "value", "a number above 0"))
    return amounts[0] / amounts[1]
