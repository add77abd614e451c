"""What a method returns when it cannot answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NotEstimable:
    """No answer, and why: a sentence in English, and the same in Chinese."""

    reason: str
    reason_zh: str = ""


ONE_GROUP = NotEstimable(
    "every unit falls into one group, so there is nothing to compare",
    "所有单位都属于同一组，无从比较",
)
NO_VARIATION = NotEstimable(
    "every unit has the same outcome, so there is nothing to explain",
    "所有单位结果相同，没有需要解释的差别",
)
