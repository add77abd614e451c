"""A report of three made-up pilots, built once for the tests of what is said about reports."""

import shutil
from pathlib import Path

import pytest
from support import SMALL, copy_repository, run_command


@pytest.fixture(scope="session")
def _three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_repository(tmp_path_factory.mktemp("three") / "copy", SMALL)
    done = run_command(root, "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "since the last report" not in done.stderr
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n- Earlier.\n", encoding="utf-8"
    )
    return root


@pytest.fixture
def three(_three: Path, tmp_path: Path) -> Path:
    """A copy of the repository with that report in it."""
    return Path(shutil.copytree(_three, tmp_path / "three", symlinks=True))
