"""Validation stamps under their old names; they live in `analysis.study.guard`."""

from analysis.study.guard import CHECKED as VARIABLE
from analysis.study.guard import content_of as digest
from analysis.study.guard import declare_checked as declare
from analysis.study.guard import is_checked

__all__ = ["VARIABLE", "declare", "digest", "is_checked"]
