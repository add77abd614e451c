"""What several tests need: copies of the repository to break, and a built report of each study."""

import fcntl
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from support import SMALL, SMALL_WAVE, STUDY, WAVE, Built, copy_repository, run_process

from analysis.study import files

# what a report of one notebook has behind the wave in the name of its folder
OF_PILOTS = "+notebook=pilot"


# as commands do: nearly all that libraries and tests make stays
gc.set_threshold(100_000)


@pytest.fixture(scope="session", autouse=True)
def _each_table_is_checked_once() -> Iterator[None]:
    """What a schema says of a table is kept, for a table and a schema that are the same.

    Tests load the same studies hundreds of times, most with one table changed, and half of that
    time went into the check of the others. Commands that tests start check what they load.
    """
    check, kept = files._problems, dict[Any, list[str]]()

    def problems(frame: pd.DataFrame, name: str, schema: pa.DataFrameSchema) -> list[str]:
        asked = [
            (column.name, each.name, each.error, repr(each.statistics))
            for column in schema.columns.values()
            for each in column.checks
        ]
        rules = [(each.name, each.error, each._check_fn) for each in schema.checks]
        cells = (*frame.index, *frame.columns, *frame.to_numpy().ravel())
        key = (name, cells, *asked, *rules, *(schema.unique or ()))
        if key not in kept:
            kept[key] = check(frame, name, schema)
        return list(kept[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_problems", problems)
        yield


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the repository that a test may break."""
    return copy_repository(tmp_path / "copy")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy with the study of three made-up pilots alone: a build has 1 to 19 runs, not 34."""
    return copy_repository(tmp_path / "copy", SMALL)


def once(
    factory: pytest.TempPathFactory, study: str, wave: str, more: str = "", **asked: str
) -> Built:
    """A report as `make report` builds it, built once for all tests in all processes.

    `more`: what follows the wave in the name of its folder where something is `asked`.
    """
    folder, name = factory.getbasetemp(), f"{study}{more}"
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    root, told = folder / name / "copy", folder / f"{name}.txt"
    with (folder / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.is_file():
            done = run_process(copy_repository(root, study), "report", **asked)
            assert done.returncode == 0, done.stdout + done.stderr
            told.write_text(done.stdout + done.stderr, encoding="utf-8")
    return Built(root, root / "build" / study / f"{wave}{more}", told.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The report of the default study; it is not to be changed."""
    return once(tmp_path_factory, STUDY, WAVE)


@pytest.fixture(scope="session")
def built_three(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The report of the three made-up pilots, 19 runs; it is not to be changed."""
    return once(tmp_path_factory, SMALL, SMALL_WAVE)


@pytest.fixture(scope="session")
def built_pilots(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Of the three made-up pilots the pages of the notebook `pilot`; not to be changed."""
    return once(tmp_path_factory, SMALL, SMALL_WAVE, OF_PILOTS, NOTEBOOK="pilot")


@pytest.fixture
def pilots(built_pilots: Built, tmp_path: Path) -> Path:
    """A copy of the repository with these pages in it: its three runs are made."""
    return Path(shutil.copytree(built_pilots.root, tmp_path / "pilots", symlinks=True))


@pytest.fixture
def three(built_three: Built, tmp_path: Path) -> Path:
    """A copy of the repository with that report in it: only what a change touches is run.

    What Sphinx kept is half of it, and counts nowhere but where it was made.
    """
    without = shutil.ignore_patterns(".*.pages")
    root = tmp_path / "three"
    shutil.copytree(built_three.root, root, symlinks=True, ignore=without)
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n- Earlier.\n", encoding="utf-8"
    )
    return root
