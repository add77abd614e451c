"""Statistics for few units and missing evidence.

Bounds over unknown cells, exact tests with the smallest p attainable, intervals, agreement,
specification curves, qualitative comparative analysis, regressions that refuse, and how often all
of this is wrong. Lists, arrays, Series or columns of frames in; frozen results out, or
`NotEstimable` with its reason.
"""

from importlib import import_module
from typing import Any

# where each public name is found when it is asked for: `import smalln` alone loads no library
_HOMES = {
    # a refusal
    "result": ("NotEstimable",),
    # unknown cells
    "bounds": ("Bounds", "risk_difference"),
    "unknown_cells": (
        "PRange",
        "completions",
        "p_range",
        "TippingPoint",
        "base_rate_curve",
        "tipping",
        "tipping_point",
    ),
    "value_of_information": ("Settling", "cell_values", "settling"),
    # a comparison
    "comparison": (
        "Comparison",
        "Mentioned",
        "OneMore",
        "compare",
        "counts",
        "mentioned_for",
        "one_more",
    ),
    "cross_counts": ("cross_table",),
    # exact tests
    "exact_tables": (
        "ExactTest",
        "StratifiedRange",
        "fisher",
        "fisher_of",
        "stratified",
        "stratified_range",
    ),
    "unconditional": ("boschloo",),
    "many_groups": ("freeman_halton",),
    "permutation_tests": ("Permutation", "permutation", "rank_sum"),
    "min_p": ("Adjusted", "adjusted", "two_way_groupings"),
    # intervals: for samples only
    "intervals": ("Interval", "risk_difference_interval", "risk_ratio_interval", "share_interval"),
    # many defensible analyses
    "specification_curve": ("Specification", "Multiverse", "multiverse"),
    "specification_test": ("Joint", "Statistic"),
    # agreement of coders
    "agreement": ("Alpha", "alpha", "equal", "nominal_alpha"),
    # configurations
    "truth_tables": ("TruthTable", "calibrate", "crisp", "truth_table"),
    "configurations": ("Solution", "cases_until_dropped", "solve"),
    # regressions
    "regression": ("Regression", "logit", "unsuitable", "ordered_logit"),
    # how often all this is wrong
    "programmes": (
        "Coverage",
        "Programme",
        "coverage",
        "Reading",
        "asking_all",
        "silence_as_no",
    ),
    "reporting_bias": ("Mentions", "chance_of_reports", "placebo", "reporting_map"),
    "operating_characteristics": (
        "TESTS",
        "error_rates",
        "pair_coverage",
        "share_coverage",
        "smallest_p",
        "type_one_error",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(_HOME)
