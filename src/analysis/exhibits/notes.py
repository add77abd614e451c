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
        shown: dict[str, str] = {
            lang: f'<p class="note">{html.escape(plain[lang])}</p>' for lang in LANGUAGES
        }
        return bundle("note", shown, plain)


ALL_GIVEN = NotApplicable("Every value is given: see the difference.", "取值均已给出，见上文差异。")
ALL_KNOWN = NotApplicable("Nothing is unknown here.", "没有不明的取值。")
CHOSEN_AFTER = NotApplicable(
    "The factor was chosen after seeing who is named. No test over many analyses corrects that.",
    "这个因素是看到名单之后才选的，合并检验也不能校正这一点。",
)
NO_CAUSE = NotApplicable("The text reports this as no cause.", "文中没有把它作为原因提出。")
NO_DATES = NotApplicable("This factor has no dates.", "本因素不涉及日期。")
NO_FIGURES = NotApplicable("No such figures here.", "没有这类数字。")
NO_PLOT = NotApplicable("This factor has no figures to draw.", "本因素没有可以画图的数字。")
NO_RATE = NotApplicable("No base rate is known.", "没有可比的基准比率。")
NO_SILENCE = NotApplicable("The notice is silent for no pilot.", "没有未提及的试点。")
NO_SPELLS = NotApplicable("No dated spells bear on this.", "本因素没有任职时间方面的资料。")
NOT_SEARCHED = NotApplicable("No grouping was searched for.", "没有搜索分组方式。")
SOME_UNKNOWN = NotApplicable("Some values are unknown: see the range.", "部分取值不明，见范围。")
TESTS_REPORTING = NotApplicable(
    "A single value needs “no” where the text is silent. "
    "So this joint test tests the reporting, not the cause.",
    "要得到单一数值，就得把未提及当作“没有”。因此这个合并检验检验的是报道方式，不是原因。",
)
TESTS_FILLING = NotApplicable(
    "A single value needs every gap filled: silence read as “no”, or figures of the city above. "
    "So this joint test tests how gaps were filled, not the cause.",
    "要得到单一数值，须先补足不明之处：或把未提及当作“没有”，或用上级市的数字代替。"
    "因此这个合并检验检验的是补足的办法，不是原因。",
)
TWO_LEVELS = NotApplicable("The factor has two levels only.", "本因素只有两个取值。")

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
