"""The texts of sources, where somebody has them: checked against every locator, then quoted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.study.errors import StudyError
from analysis.study.evidence import check_locators, passage
from analysis.study.reader import Study


@dataclass(frozen=True)
class Passages:
    """Source id -> text; empty where nobody gave one."""

    texts: Mapping[str, str]

    @classmethod
    def read(cls, study: Study, named: Path | None, usual: Path) -> "Passages":
        """Read `<source_id>.txt` from the folder named, else from the usual one if it is there.

        Raises:
            StudyError: the folder named does not exist or holds no source of the study, or a
                locator does not hold in the text given.
        """
        folder = named or usual
        known = {row["source_id"] for row in study.tables["sources.csv"].rows}
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
        rows = [row for row in study.tables[name].rows if row["source_id"] == source]
        if problems := check_locators(rows, text):
            listed = "\n".join(problems)
            raise StudyError(
                f"{source}.txt: not the text that {name} was coded from; use the file whose "
                f"SHA-256 is in sources.csv, or correct the rows:\n{listed}"
            )
