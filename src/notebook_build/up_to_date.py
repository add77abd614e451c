"""Names of `project`, for who still looks for them here."""

from notebook_build.project import (  # noqa: F401
    MANIFEST,
    digest,
    hashes,
    holds,
    manifests,
    python_version,
    sha256,
)
