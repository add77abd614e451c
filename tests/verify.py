"""Whether a report comes out the same: two builds of copies, then its claims as they are expected.

`make verify`, or `python -m tests.verify`. Exit status 1 says that something differs.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.publish.compare import EXPECTED, LEDGER, compact, counted, expected, moves, table
from analysis.publish.inputs import ASKED, LOCK
from analysis.study import StudyError, chosen_study, root, study_folder
from notebook_build import MANIFEST, OUTPUTS, hashes
from notebook_build.execute import DEFAULT_KERNEL

# what a report is made of; texts of sources stay where they are
PARTS, NEVER = ("data", "locale", "notebooks", "report", "src"), ("__pycache__", ".*", "sources")
# the folder of each copy, and what differs in the environment of its build and must not show
BUILDS: dict[str, dict[str, str]] = {
    "a": {"KERNEL": DEFAULT_KERNEL, "PYTHONHASHSEED": "1", "TZ": "AAA-14", "LC_ALL": "C"},
    "a longer path, with blanks and 字": {
        "KERNEL": "plain", "PYTHONHASHSEED": "4242", "TZ": "BBB+11:30", "LC_ALL": "C.UTF-8",
    },
}  # fmt: skip
# seconds that one of them may take
WITHIN = 1200
# what of a manifest tells of the machine and the hour
OF_THE_HOUR = ("seconds", "machine", "sha256")
SHOWS = (
    "This shows that path, time zone, locale, hash seed and kind of kernel change nothing on this "
    "machine; it does not show that another processor gives the same, nor that codings and methods "
    "are right."
)
MEND = 'If this is meant: make report, then .venv/bin/python -m analysis accept --because "..."'


def verify(place: Path, study: str, wave: str) -> int:
    """Build twice, compare to the byte, then claims; say what is found; return the exit status."""
    study_folder(study, place)
    with TemporaryDirectory(prefix="verify-") as temporary:
        # both of the files as they are now, whatever is edited meanwhile
        copies = [copied(place, Path(temporary) / name) for name in BUILDS]
        folders = [built(copy, study, wave) for copy in copies]
        one, other = map(contents, folders)
        ledger, wave = json.loads((folders[0] / LEDGER).read_bytes()), folders[0].name
    differ = sorted({name for name, _ in one.items() ^ other.items()})
    for name in differ:
        print(f"differs between the two builds: {name}")
    if not differ:
        print(f"Two builds: all {len(one)} files are the same to the byte. {SHOWS}")
    known = expected(place).get(f"{study}/{wave}")
    if known is None:
        print(f"{EXPECTED} has no claims of {study}/{wave} to compare with. {MEND}")
        return int(bool(differ))
    if not (found := moves(known, compact(ledger))):
        print(f"Claims: all {len(ledger)} are as in {EXPECTED}.")
        return int(bool(differ))
    print(f"Not as in {EXPECTED}: {counted(found)}", *table(found), MEND, sep="\n")
    return 1


def copied(place: Path, copy: Path) -> Path:
    """Copy what a report is made of; return the copy."""
    for part in PARTS:
        shutil.copytree(place / part, copy / part, ignore=shutil.ignore_patterns(*NEVER))
    if (place / LOCK).is_file():
        shutil.copyfile(place / LOCK, copy / LOCK)
    return copy


def built(copy: Path, study: str, wave: str) -> Path:
    """Return the folder of a report that is built in a copy of the tree."""
    differing = BUILDS[copy.name]
    kept = {name: value for name, value in os.environ.items() if name not in ASKED}
    asked = {"STUDY": study, "WAVE": wave, "EXECUTOR": "", "SCHEDULER": "", "VERBOSE": ""}
    own = {"ANALYSIS_ROOT": str(copy), "PYTHONPATH": str(copy / "src")}
    told, begun = " ".join(f"{k}={v}" for k, v in differing.items()), time.monotonic()
    print(f"Building with {told} ...", end="", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        cwd=copy,
        env={**kept, **asked, **own, **differing},
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN,
        check=False,
    )
    print(f" {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if done.returncode:
        raise StudyError(f"the build with {told} failed:\n{done.stderr[-3000:]}")
    return Path(done.stdout.strip()).parent


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of each file of a build, and what its manifest says beside timings."""

    def lasting(told: Any) -> Any:
        if isinstance(told, Mapping):
            return {k: lasting(each) for k, each in told.items() if k not in OF_THE_HOUR}
        return [lasting(each) for each in told] if isinstance(told, list) else told

    told = lasting(json.loads((folder / MANIFEST).read_bytes()))
    return hashes(folder, OUTPUTS) | {MANIFEST: json.dumps(told, sort_keys=True)}


if __name__ == "__main__":
    try:
        asked = chosen_study(os.environ.get("STUDY", "")), os.environ.get("WAVE", "")
        sys.exit(verify(root(), *asked))
    except StudyError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except subprocess.TimeoutExpired as error:
        print(f"a build took longer than {error.timeout / 60:.0f} minutes", file=sys.stderr)
        sys.exit(1)
