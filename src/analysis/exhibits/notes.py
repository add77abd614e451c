"""Lines that are no claims: a section that does not apply, and the words of a verdict."""

import html
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.bundle import bundle
from analysis.exhibits.grading import Grade
from analysis.exhibits.wording import LANGUAGES


@dataclass(frozen=True)
class NotApplicable:
    """A section that does not apply says so in one line."""

    en: str
    zh: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        plain = {"en": self.en, "zh": self.zh}
        shown = {lang: f'<p class="note">{html.escape(plain[lang])}</p>' for lang in LANGUAGES}
        return bundle("note", shown, plain)


VERDICTS: dict[Grade, dict[str, str]] = {
    "counted": {"en": "can be counted", "zh": "可直接计数"},
    "bounded": {"en": "is known only within a range", "zh": "只能给出范围"},
    "suggestive": {"en": "is a lead to be checked, not a finding", "zh": "仅为待验证的线索"},
    "not_identified": {
        "en": "cannot be told from the material at hand",
        "zh": "现有材料不足以判定",
    },
}


def verdict_words(grade: Grade) -> dict[str, str]:
    """Return the fixed words of a verdict of this grade, by language."""
    return VERDICTS[grade]
