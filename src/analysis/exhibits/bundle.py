"""One output of a notebook cell in both languages: shown in one, kept in both for the site."""

import os
from collections.abc import Mapping
from typing import Any

MIME = "application/vnd.analysis.bundle+json"
# an output that is no exhibit: what a run read of the study, for the build to keep
READ = "application/vnd.analysis.read+json"
# where the site puts a claim's rows and functions
EVIDENCE = "<!-- evidence -->"


def shown_language() -> str:
    """Return the language in which a notebook shows itself: `ANALYSIS_LANGUAGE`, else English."""
    return "zh" if os.environ.get("ANALYSIS_LANGUAGE") == "zh" else "en"


def bundle(
    kind: str, shown: Mapping[str, str], plain: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """Return the mime bundle of an output; `shown` is HTML, `plain` text, by language."""
    language = shown_language()
    return {
        "text/html": shown[language],
        "text/plain": plain[language],
        MIME: {"kind": kind, **shown, **more},
    }
