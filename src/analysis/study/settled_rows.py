"""Settled rows as they are written: source, hash of the span, and a note in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.study.codebook import Codebook
from analysis.study.spans import Key, hash_of
from analysis.study.vocabulary import BASIS, PROJECT_STATUS


@dataclass(frozen=True)
class Finish:
    """What rows are completed from.

    `notice`: wave -> source id of its text; `divisions`: the source of structure outside the text;
    `chinese`: English note -> Chinese note.
    """

    codebook: Codebook
    notice: Mapping[str, str]
    divisions: str
    hashes: Mapping[Key, str]
    chinese: Mapping[str, str]

    def coding(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a row of `codings.csv`.

        Raises:
            StudyError: the span has no hash.
        """
        variable = self.codebook.variables[row["variable"]]
        silent, text = row["status"] == "silent", self.notice[row["wave"]]
        outside = variable.room == "structure" and not row["span"] and not silent
        english, chinese = self._notes(row)
        return {
            **row,
            "source_id": "" if silent else (self.divisions if outside else text),
            "span_sha256": hash_of(row, text, self.hashes),
            "note_en": english,
            "note_zh": chinese,
        }

    def _notes(self, row: Mapping[str, str]) -> tuple[str, str]:
        variable = self.codebook.variables[row["variable"]]
        label = variable.label
        if row["status"] == "silent":
            english = f"The text says nothing of this pilot on: {label.en}."
            return english, f"文中未提及该试点的“{label.zh}”。"
        if row["note"] in self.chinese:
            return row["note"], self.chinese[row["note"]]
        # a new note that nobody has put into Chinese yet: say where the value comes from
        where = f"第{row['paragraph']}段" if row["span"] else "原文未直接载明"
        level = variable.levels.get(row["value"])
        shown = level.zh if level else row["value"]
        return row["note"], f"{label.zh}：{shown}。依据：{where}，按编码规则认定。"

    def project(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a row of `projects.csv`.

        Raises:
            StudyError: the span has no hash.
        """
        text = self.notice[row["wave"]]
        english, chinese = self._project_notes(row)
        more = {"source_id": text, "span_sha256": hash_of(row, text, self.hashes)}
        note_zh = self.chinese.get(row["note"], chinese)
        return {**row, **more, "note_en": row["note"] or english, "note_zh": note_zh}

    def _project_notes(self, row: Mapping[str, str]) -> tuple[str, str]:
        """Return the note that a project's own columns make, in both languages."""
        status, status_zh = PROJECT_STATUS[row["status"]]
        basis, basis_zh = BASIS[row["status_basis"]]
        field = self.codebook.project_domains.get(row["domain"])
        in_field, in_field_zh = (f" ({field.en})", f"（{field.zh}）") if field else ("", "")
        english = f"Named in paragraph {row['paragraph']}{in_field}; {status}, {basis}."
        chinese = f"第{row['paragraph']}段点名{in_field_zh}；{status_zh}（{basis_zh}）。"
        return english, chinese
