"""What becomes of a small study when one of its files is broken: refused, unchanged, or changed.

Each mutation has to end in one of three ways: refused in words that name a file and a mend;
unchanged (all that is read of the study is as it was); or changed where the mutation was made and
nowhere else. An exception of another kind, a hang, and anything lost without a word are failures.
"""

import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.publish.parameters import NOTEBOOKS, select, things
from analysis.publish.report import plan
from analysis.publish.sweep import read_grid, runs_of
from analysis.study import StudyError
from analysis.study.load import load_study
from analysis.study.passes import of_study
from analysis.study.settle import settle
from analysis.study.study import Study

from .mutations import Mutation, mutation

SMALL = Path(__file__).resolve().parents[1] / "fixtures" / "three"
# the grid lies beside the study, which holds nothing that it does not read
STUDY, GRID = "three", "../grid.yaml"
A_GRID = b"""study: three
notebook: factor
grid:
  factor: [leadership_change]
  silence: [unknown, absent]
  recalled: ['False', 'True']
"""
# seconds that one mutation may take
PATIENCE = 20
# settled from, and read at no other time
SETTLED_FROM = re.compile(r"passes/(rulings|additions|notes|spans)")
# of a message that shows the first problems alone
MORE = re.compile(r"and \d+ more problems")
REFUSED = re.compile(r"[\w-]+\.(?:csv|yaml)\b|SHA256SUMS|passes/")
MEND = re.compile(
    r"allowed: .|parameters: .|; \w+:? |missing; |restore |declared: |studies: |notebooks: |not readable as YAML: ."
)


@dataclass(frozen=True)
class Outcome:
    """How a mutation ended, as `refused`, `unchanged`, `changed`, or a kind of failure."""

    number: int
    mutation: Mutation
    kind: str
    said: str = ""

    @property
    def failed(self) -> bool:
        return self.kind not in ("refused", "unchanged", "changed")

    def __str__(self) -> str:
        told = f"{self.mutation.file}: {self.mutation.what}"
        return f"#{self.number} {self.kind}: {told!r}: {self.said[:400]}"


class Hangs(BaseException):
    """A mutation takes longer than it may."""


@contextmanager
def patience() -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Fuzzer:
    """A copy of the small study in a folder of its own, whole again before each mutation."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.seed, self.folder = root, seed, root / "data" / STUDY
        found = (path for path in sorted(SMALL.rglob("*")) if path.suffix in (".csv", ".yaml", ""))
        self.files = {p.relative_to(SMALL).as_posix(): p.read_bytes() for p in found if p.is_file()}
        self.files[GRID] = A_GRID
        self.write()
        self.whole = self.read(everything=True)

    def write(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        for name, content in self.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)

    def read(self, everything: bool = False, file: str = "") -> dict[str, Any]:
        """Return all that is read of the study before anything runs, by the file it is read from."""
        study = load_study(STUDY, "", self.root)
        study.alternatives()
        runs = plan(study, select(None), {})
        passes = of_study(study)
        told = {
            "study.yaml": study.declared.model_dump(),
            "codebook.yaml": study.codebook.model_dump(),
            **{name: plain(table.to_dict("records")) for name, table in study.tables.items()},
            "passes/alternatives.csv": plain(passes.alternatives),
            "answers": {*answers(study), *(("run", run.page) for run in runs)},
        }
        for each in passes.every:
            rows = [row for rows in each.codings.values() for row in rows]
            told[f"passes/{each.name}/codings.csv"] = plain(rows)
            told[f"passes/{each.name}/projects.csv"] = plain(each.projects)
        if everything or file == GRID:
            grid, yaml = read_grid(self.folder / GRID)
            told[GRID] = [(run.page, run.parameters) for run in runs_of(grid, yaml, study)]
        if everything or SETTLED_FROM.match(file):
            settle(self.folder)
            told["settled"] = [
                (self.folder / f"{n}.csv").read_bytes() for n in ("codings", "projects")
            ]
        return told

    def run(self, number: int) -> Outcome:
        """Make one mutation, by its number alone, and see how it ends."""
        draw = random.Random(f"{self.seed}.{number}")
        made = self.passes_folder(draw) or mutation(self.files, draw)
        self.write()
        self.put(made, reseal=draw.random() < 0.7)
        try:
            with patience():
                now = self.read(file=made.file)
        except StudyError as error:
            said = str(error)
            lines = [
                line
                for line in said.splitlines()
                if not (REFUSED.search(line) and MEND.search(line)) and not MORE.fullmatch(line)
            ]
            return Outcome(
                number, made, "refused in poor words" if lines else "refused", (lines or [said])[0]
            )
        except Hangs:
            return Outcome(number, made, "hangs")
        except BaseException as error:  # noqa: BLE001 whatever it is, it is no refusal
            where = error.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            at = (
                f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
            )
            return Outcome(number, made, "traceback", f"{type(error).__name__} ({at}): {error}")
        return Outcome(number, made, *self.compared(made, now))

    def put(self, made: Mutation, reseal: bool) -> None:
        place = self.folder / made.file
        if made.instead == "no folder":
            shutil.rmtree(place)
            return
        place.unlink()
        if made.instead == "file":
            place.write_bytes(made.content)
        elif made.instead == "folder":
            place.mkdir()
        elif made.instead == "link to nowhere":
            place.symlink_to("nowhere")
        if reseal and re.match("passes/./", made.file) and made.instead == "file":
            import hashlib

            name = made.file.removeprefix("passes/")
            sums = self.folder / "passes" / "SHA256SUMS"
            new = hashlib.sha256(made.content).hexdigest()
            text = re.sub(
                rf"(?m)^\w+(?=  {re.escape(name)}$)", new, sums.read_text(encoding="utf-8")
            )
            sums.write_text(text, encoding="utf-8")

    def passes_folder(self, draw: random.Random) -> Mutation | None:
        if draw.random() > 0.01:
            return None
        return Mutation(
            draw.choice(["passes", "passes/a", "passes/c"]),
            "no folder",
            instead="no folder",
            takes=True,
        )

    def compared(self, made: Mutation, now: dict[str, Any]) -> tuple[str, str]:
        """Return whether what is read differs just where the mutation was made."""
        base = {k: v for k, v in self.whole.items() if k in now or k not in (GRID, "settled")}
        differ = {name for name in base.keys() | now.keys() if base.get(name) != now.get(name)}
        own = {made.file, "answers"} | ({"settled"} if SETTLED_FROM.match(made.file) else set())
        if differ - own:
            return "changed elsewhere", ", ".join(sorted(differ - own))
        if not differ:
            # a note or the hash of a span may be there for no row
            lost = made.takes and not re.match("passes/(notes|spans)", made.file)
            return ("lost without a word", "") if lost else ("unchanged", "")
        told = base["answers"] - now["answers"], now["answers"] - base["answers"]
        if made.row is not None and made.file in differ:
            before, after = base[made.file], now[made.file]
            rows = [
                i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]
            ]
            if len(before) == len(after) and set(rows) - {made.row} and "/" not in made.file:
                return "other rows changed", str(rows)
            about = set(before[made.row].values()) | set(after[made.row].values()) | {"factor"}
            lost = [each for each in told[0] if not about & set(each)]
            if lost:
                return "something else is lost", str(sorted(map(str, lost))[:4])
        return "changed", f"{len(told[0])} answers gone, {len(told[1])} new"


def plain(rows: Any) -> list[dict[str, Any]]:
    """Return rows without their lines."""
    return [{k: v for k, v in row.items() if k != "line"} for row in rows]


def answers(study: Study) -> Iterator[tuple[str, ...]]:
    """Yield what the study can tell, each by its names: what claims are made of."""
    declared = study.declared
    for notebook in NOTEBOOKS:
        yield from ((notebook, thing) for thing in things(study, notebook))
    for name, factor in declared.factors.items():
        known = study.factor(name).dropna()
        yield from (("factor", name, pilot, str(value)) for pilot, value in known.items())
        if factor.ratio:
            for year in factor.ratio.years:
                ratios = study.ratio(name, year, use_parent_figures=True)
                yield from (("ratio", name, str(year), pilot) for pilot in ratios.index)
        for window in declared.windows if factor.spells else ():
            rates = study.rates(factor.spells.event, window) if factor.spells else ()
            yield from (("rate", window, population) for population in rates.index)
            for roles in declared.roles:
                changed = study.changed(window, roles).dropna()
                yield from (("changed", window, roles, pilot) for pilot in changed.index)
    for version in declared.multiverse.outcomes:
        yield from (("outcome", version, p) for p in study.outcome(version=version).dropna().index)
    yield from (("exposed", pilot) for pilot in study.months_exposed().dropna().index)


def told(outcomes: list[Outcome]) -> str:
    """Return how many mutations ended in each way, and each failure."""
    counts = ", ".join(f"{kind} {n}" for kind, n in Counter(o.kind for o in outcomes).most_common())
    return "\n".join(
        [f"{len(outcomes)} mutations: {counts}", *(str(o) for o in outcomes if o.failed)]
    )
