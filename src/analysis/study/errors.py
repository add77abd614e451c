"""What goes wrong with a study's data, in one message."""


class StudyError(Exception):
    """Data of a study break a rule; the message names the thing, the place and the mend."""
