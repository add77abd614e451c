"""What a multiverse may vary, as `study.yaml` declares it: each choice with its reason."""

from typing import Literal

from pydantic import Field

from analysis.study.codebook import Declared, Level, Text


class OutcomeVersion(Declared):
    """One way to say which pilots have the outcome.

    Without `stage_at_most`: the main outcome; `unknown` says which pilots without the event are
    read as unknown (those that its open list may hold, or all). With it: the stage reached is at
    most that; `statement` says which of two differing statements counts.
    """

    label: Text
    reason: Text
    unknown: Literal["none", "open_list", "all"] = "none"
    stage_at_most: int | None = None
    statement: Literal["settled", "other"] = "settled"


class Grouping(Declared):
    """One way to split a factor's levels into two groups: `one` counts as 1, `zero` as 0."""

    one: tuple[Level, ...]
    zero: tuple[Level, ...]
    label: Text
    reason: Text


class Grid(Declared):
    """The choices of a multiverse: versions of the outcome, and groupings of a factor's levels.

    `groupings`: factor -> name -> grouping; a factor without any keeps its declared contrast.
    """

    outcomes: dict[str, OutcomeVersion]
    groupings: dict[str, dict[str, Grouping]] = Field(default={})
