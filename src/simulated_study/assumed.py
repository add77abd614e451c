"""What is true of a simulated programme, and how its notice reports it."""

from dataclasses import dataclass, fields

from analysis.study.errors import StudyError

# the causes that a notice can name: the coded variable of each
CAUSES = ("targets_too_high", "leadership_change", "superior_takeover")


@dataclass(frozen=True)
class Assumptions:
    """Probabilities from 0 to 1.

    A unit is slow with probability `base`, and so much more if it is no city, its goals are too
    high, its leaders changed, the city above took its projects over. `carried`: probability of each
    cause. A cause that is there is mentioned with `if_slow` or `if_not_slow`. `ask_all`: the notice
    says of every unit whether it has each cause, so that nothing is silent.
    """

    base: float = 0.1
    not_a_city: float = 0.2
    targets_too_high: float = 0.2
    leadership_change: float = 0.3
    superior_takeover: float = 0.2
    carried: float = 0.35
    if_slow: float = 0.9
    if_not_slow: float = 0.0
    ask_all: bool = False

    def __post_init__(self) -> None:
        effects = (self.not_a_city, *(float(getattr(self, cause)) for cause in CAUSES))
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "ask_all"}
        for name, value in given.items():
            least = 0 if name in ("base", "carried", "if_slow", "if_not_slow") else -1
            if not least <= value <= 1:
                raise StudyError(f"simulate: {name} {value!r}; allowed: {least} to 1")
        ends = [sum(e for e in effects if sign * e > 0) + self.base for sign in (-1, 1)]
        if min(ends) < 0 or max(ends) > 1 + 1e-9:
            raise StudyError(
                f"simulate: base with all effects runs from {min(ends):.2f} to {max(ends):.2f}; "
                "allowed: within 0 to 1; make the effects smaller"
            )

    def chance(self, *, city: bool, carried: dict[str, bool]) -> float:
        """Return the probability that a unit is slow."""
        effects = sum(getattr(self, cause) for cause in CAUSES if carried[cause])
        return min(1.0, max(0.0, self.base + (0 if city else self.not_a_city) + float(effects)))

    def rows(self) -> list[tuple[str, str]]:
        """Return each assumption and its value as text."""
        return [(f.name, str(getattr(self, f.name))) for f in fields(self)]
