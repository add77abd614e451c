"""The coding passes side by side: what each coder gave each cell."""

from dataclasses import dataclass

from analysis.study.errors import StudyError
from analysis.study.passes import value_of
from analysis.study.reader import Study
from analysis.study.versions import passes_of


@dataclass(frozen=True)
class Ratings:
    """Values of every coder for every cell, silence as the level `silent`.

    `values`: coders x cells; `cells`: (pilot, variable).
    """

    coders: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, ...], ...]

    def only(self, keep: set[tuple[str, str]]) -> "Ratings":
        """Return the ratings of some cells."""
        chosen = [i for i, cell in enumerate(self.cells) if cell in keep]
        values = tuple(tuple(coder[i] for i in chosen) for coder in self.values)
        return Ratings(self.coders, tuple(self.cells[i] for i in chosen), values)

    def spoken(self) -> "Ratings":
        """Return the cells that at least one coder did not leave silent."""
        columns = zip(self.cells, zip(*self.values, strict=True), strict=True)
        return self.only({cell for cell, given in columns if set(given) != {"silent"}})


def ratings(study: Study) -> Ratings:
    """Return the ratings of all passes, spellings mapped; asks for the settled cells.

    Raises:
        StudyError: a pass is missing, was changed, or leaves a cell without a row.
    """
    passes = passes_of(study).all()
    cells = tuple((p, v) for v in study.coded_variables() for p in study.pilots)
    study.statuses()
    left = [
        f"passes/{each.name}/codings.csv: {p}, {v}: no row; write one, silent if need be"
        for each in passes
        for p, v in cells
        if (study.wave, p, v) not in each.codings
    ]
    if left:
        raise StudyError("\n".join(left))
    values = tuple(
        tuple(value_of(each.codings[study.wave, p, v]) for p, v in cells) for each in passes
    )
    return Ratings(tuple(p.name for p in passes), cells, values)
