"""What every kernel of a build finds in its environment, and the early start of what forks them.

Only light modules are imported here: a report that must run begins with this, so that the warm
parent imports its libraries while the driver imports its own.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from analysis.pipeline.current import hashes
from analysis.pipeline.forked import registry
from analysis.study.checked import declare
from analysis.study.guard import VARIABLE

# variables of the person who builds that outputs depend on
SHOWN = ("ANALYSIS_LANGUAGE", "MPLBACKEND")
# the package's code as it is: forked kernels start with it imported, and anew where it changed
CODE = "ANALYSIS_CODE"
ROOMS = ("analysis.exhibits", "smalln")
# pandera sets these when it is imported, in the driver too: a kernel starts as if it had not been
OF_PANDERA = {"SPARK_LOCAL_IP": "127.0.0.1", "PYARROW_IGNORE_TIMEZONE": "1"}
SPEC = Path(registry.__file__).with_name("kernel.json")


def shown() -> dict[str, str]:
    """Return the variables of `SHOWN` that are set; figures are drawn off screen by default."""
    return {"MPLBACKEND": "agg"} | {name: os.environ[name] for name in SHOWN if name in os.environ}


def set_up(place: Path, given: Mapping[str, str]) -> None:
    """Set what kernels that this process starts will find; `given` are variables of `SHOWN`.

    `place`: the repository.
    """
    # a worker's own setting is not that of who asks
    for name in SHOWN:
        if name not in given:
            os.environ.pop(name, None)
    for name, value in OF_PANDERA.items():
        if os.environ.get(name) == value:
            del os.environ[name]
    source = Path(__file__).parents[2]
    folders = {room: source.joinpath(*room.split(".")) for room in ROOMS}
    modules = [f"{room}.{p.stem}" for room, place in folders.items() for p in place.glob("*.py")]
    os.environ.update(
        {
            **given,
            "ANALYSIS_ROOT": str(place),
            VARIABLE: "1",
            # forked kernels need it; with it plain ones add up in the same order, on any number of
            # cores
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "FORKED_PRELOAD": " ".join(sorted(m for m in modules if not m.endswith("__"))),
            CODE: _code(source, _states(source)),
        }
    )


@lru_cache(1)
def _code(source: Path, _: tuple[object, ...]) -> str:
    """Return one hash of the package's files; worked out again when one has another state."""
    return hashlib.sha256(json.dumps(hashes(source, ["**/*"])).encode()).hexdigest()


def _states(source: Path) -> tuple[object, ...]:
    """Return what changes whenever a file does: nobody can set the time of its last change."""
    states = [(path, path.stat()) for path in sorted(source.rglob("*")) if path.is_file()]
    return tuple((p, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for p, s in states)


def begin(place: Path, study: Path) -> None:
    """Start the warm parent of this process's forked kernels before the first one is asked for.

    `study`: the folder of the study that will be checked before that.
    """
    declare(study)
    set_up(place, shown())
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    preload = spec["metadata"]["kernel_provisioner"]["config"]["preload"]
    registry.begin(sys.executable, preload, {**os.environ, **spec["env"]}, os.getcwd())
