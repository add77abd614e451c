"""A claim: one computed sentence with its number, its grade and its evidence (design: claims)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis.exhibits.bundle import bundle
from analysis.exhibits.cell import current
from analysis.exhibits.claim_html import claim_html
from analysis.exhibits.entry import entry
from analysis.exhibits.notes import NO_FIGURES, NotApplicable
from analysis.exhibits.sentence import Sentence
from analysis.exhibits.wording import LANGUAGES

T = TypeVar("T")


@dataclass(frozen=True)
class Claim(Sentence):
    """A sentence that a notebook cell ends with; shown with its grade, kept with its evidence."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return Claims((self,))._repr_mimebundle_()


@dataclass(frozen=True)
class Claims:
    """The same claim for each of several pilots, made by one cell."""

    claims: tuple[Claim, ...]

    @classmethod
    def of(cls, figures: Iterable[T], claim: Callable[[T], Claim]) -> "Claims | NotApplicable":
        """Return one claim a figure; without figures, the line that says so."""
        made = tuple(claim(figure) for figure in figures)
        return cls(made) if made else NO_FIGURES

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        watched = current()
        if watched is not None:
            watched.end()
        study = watched.study if watched else None
        entries = [entry(claim, watched) for claim in self.claims]
        shown: dict[str, str] = {
            lang: "".join(claim_html(e, lang, study) for e in entries) for lang in LANGUAGES
        }
        plain: dict[str, str] = {
            lang: "\n".join(e["text"][lang] for e in entries) for lang in LANGUAGES
        }
        return bundle("claim", shown, plain, claims=entries)
