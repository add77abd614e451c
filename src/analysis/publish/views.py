"""What the templates of the pages are given: a study in the words of one language, passages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.claims.words import Month
from analysis.study import StudyError
from analysis.study.evidence import check_locators, passage
from analysis.study.files import Record
from analysis.study.study import Study


@dataclass(frozen=True)
class PilotView:
    """A pilot: its id, names, and the page of its notebook."""

    id: str
    name: str
    long: str
    page: str


@dataclass(frozen=True)
class FactorView:
    """A possible factor: its name in `study.yaml`, words, and the page of its notebook."""

    id: str
    label: str
    question: str
    yes: str
    no: str
    limits: tuple[str, ...]
    ask: tuple[str, ...]
    same_parent: bool
    page: str


@dataclass(frozen=True)
class StudyView:
    """The study at its wave, in one language."""

    study: Study
    language: str

    @property
    def title(self) -> str:
        """Return the declared title."""
        return self.study.declared.title[self.language]

    @property
    def simulated(self) -> bool:
        """Return whether the study is made up."""
        return self.study.declared.simulated

    @property
    def province(self) -> str:
        """Return the declared province."""
        return self.study.declared.province[self.language]

    @property
    def month(self) -> str:
        """Return the month of the wave, as `January 2016`."""
        return Month(self.study.declared.waves[self.study.wave].month).in_language(self.language)

    @property
    def source(self) -> Record:
        """Return the source that reports the wave."""
        return {str(name): cell for name, cell in self.study.source().items()}

    @property
    def sources(self) -> list[Record]:
        """Return the rows of `sources.csv`."""
        return self.study.rows("sources.csv")

    @property
    def within(self) -> str:
        """Return the factor that is also compared within strata."""
        return self.study.declared.rivals.within.factor

    @cached_property
    def pilots(self) -> list[PilotView]:
        """Return the pilots in the order of the notice."""
        short = self.study.pilot_name
        return [
            PilotView(p, short(p)[self.language], short(p, long=True)[self.language], f"pilot-{p}")
            for p in self.study.pilots
        ]

    @cached_property
    def factors(self) -> list[FactorView]:
        """Return the factors in the order of `study.yaml`."""
        lang = self.language
        return [
            FactorView(
                name,
                f.label[lang],
                f.question[lang],
                f.coded.yes_label[lang],
                f.coded.no_label[lang],
                tuple(text[lang] for text in f.limits),
                tuple(text[lang] for text in f.ask),
                f.same_parent,
                f"factor-{name}",
            )
            for name, f in self.study.declared.factors.items()
        ]


@dataclass(frozen=True)
class Passages:
    """The texts of sources, where somebody has them: checked against every locator, then quoted.

    `texts`: by source id.
    """

    texts: Mapping[str, str]

    @classmethod
    def read(cls, study: Study, named: Path | None, usual: Path) -> "Passages":
        """Read `<source_id>.txt` from the folder named, else from the usual one if it is there.

        Raises:
            StudyError: the folder named does not exist or holds no source of the study, or a
                locator does not hold in the text given.
        """
        folder = named or usual
        known = {row["source_id"] for row in study.rows("sources.csv")}
        files = [path for path in sorted(folder.glob("*.txt")) if path.stem in known]
        if named is not None and not files:
            raise StudyError(
                f"SOURCES: {named}: no text of a source there; name a folder with <source_id>.txt "
                "(the ids are in sources.csv)"
            )
        texts = {path.stem: _text(path) for path in files}
        for source, text in texts.items():
            _check(study, source, text)
        return cls(texts)

    def of(self, row: Mapping[str, str]) -> str:
        """Return the passage of a row; empty where its text was not given."""
        text = self.texts.get(row["source_id"])
        if text is None or not row["span"]:
            return ""
        return passage(text, int(row["paragraph"]), row["span"])


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: byte {error.start} is not UTF-8; save as UTF-8") from error


def _check(study: Study, source: str, text: str) -> None:
    for name in ("codings.csv", "projects.csv"):
        rows = [row for row in study.rows(name) if row["source_id"] == source]
        if problems := check_locators(rows, text):
            listed = "\n".join(problems)
            raise StudyError(
                f"{source}.txt: not the text that {name} was coded from; use the file whose "
                f"SHA-256 is in sources.csv, or correct the rows:\n{listed}"
            )
