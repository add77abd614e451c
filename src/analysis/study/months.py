"""Months as text, `YYYY-MM`, and as whole numbers."""


def number(month: str) -> int:
    """Return the months from year 0 to `month` (`YYYY-MM`, or a day `YYYY-MM-DD`)."""
    year, rest = month.split("-", 1)
    return int(year) * 12 + int(rest[:2]) - 1


def between(first: str, last: str) -> int:
    """Return the whole months from `first` to `last`; negative if `last` is earlier."""
    return number(last) - number(first)
