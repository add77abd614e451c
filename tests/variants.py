"""All cells of the notebooks run in this process, on a study some of whose coded cells were changed.

`python tests/variants.py STUDY WAVE MOST NOTEBOOKS SEED TOGETHER`, in a process of its own:
IPython's shell stays. It prints one JSON object: what was tried, what broke, which sentences stayed.
"""

import contextlib
import gc
import io
import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from analysis.claims import cell as cells
from analysis.claims import flips
from analysis.claims.calls import Calls
from analysis.claims.cell import MIME
from analysis.exhibits import canvas
from analysis.publish.parameters import NOTEBOOKS, run_of, things
from analysis.study import CODINGS, PROGRAMME
from analysis.study.load import load_study
from analysis.study.passes import READ_IN, of_study
from analysis.study.study import Study
from notebook_build.notebook import read, text
from notebook_build.project import Run

ROOT = Path(__file__).resolve().parents[1]
EMPTY = dict.fromkeys(("value", "source_id", "paragraph", "span", "span_sha256", "term"), "")
# what the cells of one notebook are, but for the parameters
Cells = list[tuple[str, str]]
Claims = dict[tuple[str, str, str], dict[str, Any]]


class Change(NamedTuple):
    """A coded cell, and the level that it has instead; None: silent."""

    pilot: str
    variable: str
    level: str | None


def changes(study: Study) -> Iterator[Change]:
    """Yield each coded variable silent, and each other level of it, for each pilot.

    But for the main outcome silent: a study in which it is not known of each pilot is refused.
    """
    for (pilot, name), row in study.settled.items():
        variable = study.codebook.variables[name]
        if row["status"] != "silent" and name != study.main_outcome().variable:
            yield Change(pilot, name, None)
        for level in variable.levels:
            if level != row["value"]:
                yield Change(pilot, name, level)


def in_groups(every: Iterable[Change], together: int) -> list[list[Change]]:
    """Return changes in groups of at most so many, each of another pilot."""
    groups: list[list[Change]] = []
    for change in every:
        fits = (
            group
            for group in groups
            if len(group) < together and change.pilot not in {each.pilot for each in group}
        )
        if (group := next(fits, None)) is None:
            groups.append(group := [])
        group.append(change)
    return groups


def changed(study: Study, group: Iterable[Change]) -> Study:
    """Return the study as it would be loaded with these codings, whatever stood beside them gone."""
    table = study.tables[CODINGS].copy()
    place = next(r for r in study.rows(CODINGS) if r["span"] and r["status"] == "stated")
    for pilot, variable, level in group:
        rows = table.index[(table["pilot_id"] == pilot) & (table["variable"] == variable)]
        cell = EMPTY | {"status": "silent"}
        if level is not None:
            cell = {name: place[name] for name in EMPTY} | {"value": level, "status": "stated"}
        table.loc[rows[0], list(cell)] = list(cell.values())
        table.loc[rows[0], "settled_by"] = "unanimous"
        table = table.drop(rows[1:])
    tables = {**study.tables, CODINGS: table}
    return Study(study.name, study.wave, study.declared, study.codebook, tables, study.folder)


def runs(study: Study, names: Iterable[str]) -> list[Run]:
    """Return the runs of notebooks that a study has, each with its defaults."""
    return [run_of(study, n, thing, {}) for n in names for thing in things(study, n)]


class Shell:
    """IPython's shell, in which cells of notebooks are run as in a kernel, without one.

    `drawn`: figures are laid out and saved; else the code that draws them runs, no more.
    """

    def __init__(self, *, drawn: bool) -> None:
        self.shell = InteractiveShell.instance(colors="NoColor")
        self.plain, self.cells = dict(self.shell.user_ns), dict[str, Cells]()
        for name in NOTEBOOKS:
            notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
            code = [each for each in notebook["cells"] if each["cell_type"] == "code"]
            self.cells[name] = [
                (c["id"], text(c["source"])) for c in code if c["id"] != "parameters"
            ]
        # functions are named in the ledger only, so methods may keep what they computed
        for watching in ("begin", "end"):
            setattr(Calls, watching, lambda _: None)
        cells.sys = SimpleNamespace(modules={})
        if not drawn:
            canvas._svg, canvas._png = lambda _: "", lambda _: b""
            canvas._lay_out, canvas.languages = lambda *_: None, lambda: ("en",)

    def run(self, study: Study, run: Run) -> Iterator[tuple[str, Any]]:
        """Run the cells of a page; yield each with its claims, or what it raised, which ends it."""
        self.shell.user_ns.clear()
        self.shell.user_ns.update(self.plain | run.parameters | {"study": study})
        for cell, source in self.cells[run.notebook]:
            with contextlib.redirect_stdout(io.StringIO()), capture_output() as captured:
                done = self.shell.run_cell(source, store_history=False)
            raised = done.error_before_exec or done.error_in_exec
            claims: list[Any] = []
            try:
                if raised is None and done.result is not None:
                    claims = shown(done.result)
            except Exception as error:  # noqa: BLE001 - what cannot be shown fails in a kernel too
                raised = error
            if not raised and "Traceback" in captured.stderr + captured.stdout:
                # of what is shown at once, as figures are
                raised = RuntimeError((captured.stderr + captured.stdout)[-300:])
            yield cell, raised or claims
            if raised:
                return


def shown(output: Any) -> list[Any]:
    """Return the claims of an output, shown as a kernel would show it."""
    if not hasattr(output, "_repr_mimebundle_"):
        repr(output)
        return []
    claims: list[Any] = output._repr_mimebundle_().get(MIME, {}).get("claims") or []
    return claims


def words(study: Study, variable: str, level: str | None) -> set[str]:
    """Return by which words, in English, sentences tell that a variable has a level."""
    levels, found = study.codebook.variables[variable].levels, []
    if level is None or level not in levels:
        return set()
    if level not in ("yes", "no"):
        found.append(levels[level])
    for outcome in study.declared.outcomes.values():
        if outcome.variable == variable and outcome.event:
            found.append(outcome.label if level in outcome.event else outcome.other)
    for factor in study.declared.factors.values():
        coded = factor.coded
        if coded.variable == variable and level in coded.one:
            found.append(coded.yes_label)
        elif coded.variable == variable and (level in coded.zero or not coded.zero):
            found.append(coded.no_label)
    if level == "yes" and not found:
        found = [study.codebook.variables[variable].label]
    return {each.in_language("en").casefold() for each in found}


def stale(study: Study, change: Change, before: Claims, after: Claims) -> Iterator[str]:
    """Yield the sentences about a pilot that a change leaves as they were, though they tell it.

    Those that name the pilot and use words of the value that it had and has no more, while
    sentence, value and grade stayed: whether they asked for the row or should have.
    """
    had = study.settled[change.pilot, change.variable]["value"]
    lost = words(study, change.variable, had) - words(study, change.variable, change.level)
    # another variable has these words too: projects in trial are no stage
    labels = [v.label for n, v in study.codebook.variables.items() if n != change.variable]
    lost = {w for w in lost if not any(w in each.in_language("en").casefold() for each in labels)}
    everywhere = change.pilot == PROGRAMME
    name = "" if everywhere else study.pilot_name(change.pilot).in_language("en")
    for key, claim in before.items():
        text, now = claim["text"]["en"], after.get(key)
        if now and (claim["suffix"] == change.pilot or name in text):
            same = all(now[part] == claim[part] for part in ("text", "value", "grade"))
            # a name of a pilot may hold that of the city above
            for each in study.every:
                text = text.replace(study.pilot_name(each).in_language("en"), "")
            if same and (told := [each for each in lost if each in text.casefold()]):
                yield f"{change}: {'.'.join(key)}: {text!r} says {told}"


def tried(
    study: Study, groups: Iterable[list[Change]], names: Iterable[str], *, drawn: bool
) -> dict[str, list[str]]:
    """Run, for each group, the pages that read a changed cell; return what broke, what stayed."""
    shell, read = Shell(drawn=drawn), dict[str, set[Any]]()
    first, found = dict[str, Claims](), {"broken": list[str](), "stale": list[str]()}
    for run in runs(study, names):
        first[run.page] = of_page(shell, study, run, "as coded", found["broken"])
        read[run.page] = set(study.log.new_reads())
    searching = flips.flips_of
    for number, group in enumerate(groups):
        # recodings are searched under every third set of changes: it takes half of the time
        flips.flips_of = (lambda *_: None) if number % 3 else searching
        other = changed(study, group)
        # the passes are as they were
        other.cache[READ_IN] = of_study(study)
        rows = {("row", CODINGS, study.wave, each.pilot, each.variable) for each in group}
        # a page may exist for this study alone
        for run in runs(other, names):
            now = before = first.get(run.page, {})
            if run.page not in read or rows & read[run.page]:
                now = of_page(shell, other, run, str(group), found["broken"])
            for change in group:
                found["stale"] += stale(study, change, before, now)
    return found


def of_page(shell: Shell, study: Study, run: Run, what: str, broken: list[str]) -> Claims:
    """Return the claims of a page by page, cell and suffix; note what broke."""
    claims: Claims = {}
    for cell, output in shell.run(study, run):
        if isinstance(output, BaseException):
            broken.append(f"{what}: {run.page}.{cell}: {output!r}")
        else:
            claims |= {(run.page, cell, str(each["suffix"])): each for each in output}
    return claims


def main(name: str, wave: str, most: str, notebooks: str, seed: str, together: str) -> None:
    """Try so many changes of a study; for "each" one pilot a variable and level."""
    # as commands do
    gc.set_threshold(100_000)
    study = load_study(name, wave)
    chosen = list(changes(study))
    random.Random(int(seed)).shuffle(chosen)
    if most == "each":
        chosen = list({(each.variable, each.level): each for each in chosen}.values())
    else:
        # recodings are searched in the small study: that takes half of the time here
        flips.flips_of = lambda *_: None
        chosen = chosen[: int(most)]
    found = tried(study, in_groups(chosen, int(together)), notebooks.split(","), drawn=False)
    sys.stdout.write(json.dumps({"tried": [str(each) for each in chosen], **found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
