"""What several tests need: copies of the repository to break, and one built report."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from support import SMALL, STUDY, WAVE, Built, copy_repository, run_command


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the repository that a test may break."""
    return copy_repository(tmp_path / "copy")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy with the study of three made-up pilots alone: a build has 1 to 17 runs, not 32."""
    return copy_repository(tmp_path / "copy", SMALL)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The report as `make report` builds it, built once for all tests in all processes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    root, told = folder / "built" / "copy", folder / "built.txt"
    with (folder / "built.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.is_file():
            done = run_command(copy_repository(root), "report")
            assert done.returncode == 0, done.stdout + done.stderr
            told.write_text(done.stdout + done.stderr, encoding="utf-8")
    return Built(root, root / "build" / STUDY / WAVE, told.read_text(encoding="utf-8"))


@pytest.fixture
def seeded(built: Built, tmp_path: Path) -> Path:
    """A copy of the repository with the built report in it: only what a change touches is run."""
    return Path(shutil.copytree(built.root, tmp_path / "copy", symlinks=True))
