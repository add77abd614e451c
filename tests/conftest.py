"""What several tests need: a copy of the repository to break, and one built report."""

from pathlib import Path

import pytest
from support import STUDY, WAVE, Built, copy_repository, run_command


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the repository that a test may break."""
    return copy_repository(tmp_path / "copy")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The report as `make report` builds it, built once for all tests."""
    root = copy_repository(tmp_path_factory.mktemp("built") / "copy")
    done = run_command(root, "report")
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(root, root / "build" / STUDY / WAVE, done.stdout + done.stderr)
