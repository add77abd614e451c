"""A claim: one computed sentence with its number, its grade and its evidence (design: claims)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis.claims import flips
from analysis.claims.bundle import bundle
from analysis.claims.cell import watching
from analysis.claims.entry import entry
from analysis.claims.markup import claim_html
from analysis.claims.sentence import Sentence

T = TypeVar("T")


class Claim(Sentence):
    """A sentence that a notebook cell ends with; shown with its grade, kept with its evidence."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return Claims([self])._repr_mimebundle_()


@dataclass(frozen=True)
class Claims:
    """The same claim for each of several pilots, factors or the like, made by one cell.

    `asked`: for each claim the part of the cell's questions that is its own, as places in the log;
    the pilots' claims are told apart by pilot.
    """

    claims: Sequence[Claim]
    asked: Sequence[tuple[int, int]] = ()

    @classmethod
    def each(cls, things: Iterable[T], claim: Callable[[T], Claim]) -> "Claims":
        """Return the claim of each thing; each rests on what its own making asked the study for.

        What the cell asked for before belongs to all of them.
        """
        watched = watching()
        made, asked = [], []
        for thing in flips.wanted(things):
            before = len(watched.study.log.entries) if watched else 0
            made.append(claim(thing))
            asked.append((before, len(watched.study.log.entries) if watched else 0))
        return cls(made, asked)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched = watching()
        if watched is not None:
            watched.end()
        study = watched.study if watched else None
        languages = study.languages if study else ("en",)
        entries = [entry(c, watched, self._of_others(i)) for i, c in enumerate(self.claims)]
        shown = {lang: "".join(claim_html(e, lang, study) for e in entries) for lang in languages}
        plain = {lang: "\n".join(e["text"][lang] for e in entries) for lang in languages}
        return bundle("claim", shown, plain, claims=entries)

    def _of_others(self, own: int) -> set[int]:
        """Return the places in the log of what only the other claims asked for."""
        others = (range(*places) for i, places in enumerate(self.asked) if i != own)
        return {place for places in others for place in places}
