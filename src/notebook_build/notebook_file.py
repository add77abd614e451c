"""Names of `notebook`, for who still looks for them here."""

from notebook_build.notebook import INJECTED, read, tags, text, tidy  # noqa: F401
