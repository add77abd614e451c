"""Fixed words of every study's tables: how a coding, a source and a project stand."""

STATUSES = ("stated", "implied", "group", "silent", "contradictory")
SOURCE_STATUSES = ("verified", "verified_inferred", "recalled", "missing")
PROJECT_BASES = ("stated", "implied", "group")
CONFIDENCES = ("high", "medium", "low")
LEVEL_OWN = "own"
# in place of a pilot: the whole programme, the whole country, the unit above a pilot
PROGRAMME = "all"
EVERYWHERE = "national"
PARENT_PREFIX = "PARENT_"
# of the two rows of a contradiction, the one that stays beside the settled value says so
KEPT_BESIDE = "rule: kept beside"
# an alternative coding may leave a pilot out instead of giving it another value
EXCLUDED = "excluded"

CODINGS = "codings.csv"
# columns by which a row is looked up; what else a row holds is its content
KEYS: dict[str, tuple[str, ...]] = {
    "pilots.csv": ("pilot_id", "order"),
    CODINGS: ("wave", "pilot_id", "variable"),
    "projects.csv": ("wave", "pilot_id"),
    "context.csv": ("pilot_id", "variable", "year"),
    "leaders.csv": ("pilot_id", "role"),
    "rates.csv": ("event", "population"),
    "events.csv": ("pilot_id",),
    "sources.csv": ("source_id",),
}
