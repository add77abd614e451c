"""One output of a notebook cell in every language of its study: shown in one, kept in all."""

from collections.abc import Mapping
from typing import Any

from analysis.claims.words import shown_language

MIME = "application/vnd.analysis.bundle+json"
# an output that is no exhibit: what a run read of the study, for the build to keep
READ = "application/vnd.analysis.read+json"
# where the site puts a claim's rows and functions
EVIDENCE = "<!-- evidence -->"


def bundle(
    kind: str, shown: Mapping[str, str], plain: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """Return the mime bundle of an output; `shown` is HTML, `plain` text, by language."""
    wanted = shown_language()
    language = wanted if wanted in shown else next(iter(shown))
    return {
        "text/html": shown[language],
        "text/plain": plain[language],
        MIME: {"kind": kind, **shown, **more},
    }
