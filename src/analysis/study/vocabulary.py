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

# a project's status and how it is known, with the words of its note
PROJECT_STATUS = {
    "built": ("built", "已建成"),
    "operating": ("in operation", "已运行"),
    "partly_built": ("partly built", "部分建成"),
    "planned": ("planned", "计划中"),
    "started": ("started", "已启动"),
    "trial": ("in trial", "试运行"),
    "unclear": ("status not clear", "状态不明确"),
}
BASIS = {
    "stated": ("as the text states", "文中明确写明"),
    "implied": ("as follows from the text", "据文意推定"),
    "group": ("as said of a group of projects", "据对一组项目的表述"),
}
