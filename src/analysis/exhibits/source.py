"""The line under every exhibit: what the text is, as of when, not official."""

from analysis.claims.words import Joined, Message, Month, _
from analysis.study.study import Study

SIMULATED = _("Simulated data: every pilot, every value and the notice are made up.")
SOURCE = _(
    "Source: public repost of a press report of the notice; the notice itself was not available."
)
NOT_REVIEWED = _("A language model coded the text; no person has reviewed it yet.")
NOT_OFFICIAL = _(
    "A research report, not an official document. Not a basis for assessment or accountability."
)


def as_of(study: Study) -> Message:
    """Return as of when everything here holds."""
    month = Month(study.declared.waves[study.wave].month)
    return _("Position as of {month}. Later rectification is not included.", month=month)


def source_line(study: Study) -> Joined:
    """Return the source line of a study's tables and figures."""
    text = SIMULATED if study.declared.simulated else SOURCE
    return Joined([text, as_of(study), NOT_OFFICIAL])
