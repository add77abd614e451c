"""Why a method cannot answer, in each language: its English, and what the catalogues make of it."""

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

import analysis
from smalln import NotEstimable

CATALOGUES = Path(analysis.__file__).resolve().parents[2] / "locale" / "zh" / "LC_MESSAGES"


def reason_words(answer: NotEstimable) -> dict[str, str]:
    """Return every reason, filled, in each language; English where no catalogue has one."""
    reasons = [
        _chinese().get(part.reason, part.reason).format(**part.values)
        for part in (answer, *answer.also)
    ]
    return {"en": str(answer), "zh": "；".join(reasons)}


@lru_cache(1)
def _chinese() -> dict[str, str]:
    """Return the translation of each template."""
    translated: dict[str, str] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            translated |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
    return translated
