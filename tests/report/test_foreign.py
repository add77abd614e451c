"""Studies from elsewhere are not told in the words of the default one; odd ones have a report too."""

import html
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from foreign_studies import CLINICS, HARBOURS, NAMES, WAVE, clinics, harbours
from support import ROOT, SMALL, STUDY, copy_repository, run_command

from analysis.claims import Claim, Claims, count
from analysis.publish.parameters import NOTEBOOKS, things
from analysis.study import MOST_EACH
from analysis.study.load import load_study

# words that only the default study may use, beside its names and labels
OWN_WORDS = [
    "Jilin", "provincial", "province", "departments of housing", "change of leaders", "leaders changed",
    "mayor", "counties", "zones and town", "language model", "CNY", "press report", "repost", "prefecture",
    "party secretar", "city above", "such as”", "head of government", "heads of government", "lead department",
    "吉林", "省住", "人事变更", "建制市", "语言模型", "市长", "地级", "上级市", "转载", "亿元",
]  # fmt: skip
# labels that any study may have
COMMON = {
    "yes",
    "no",
    "county",
    "district",
    "town",
    "zone",
    "batch",
    "stage",
    "other",
    "是",
    "否",
    "有",
    "无",
}
CODE = re.compile(r"<(script|style)\b.*?</\1>|<pre\b.*?</pre>|<[^>]+>", re.DOTALL)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key in ("en", "zh") and isinstance(value, str) else texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from texts(each)


def words_of_the_default_study() -> list[str]:
    folder = ROOT / "data" / STUDY
    declared = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    labels = {
        *texts(declared["factors"]), *texts(declared["windows"]), *texts(declared["pages"]), *texts(declared["title"])
    }  # fmt: skip
    names = {
        cell
        for line in (folder / "pilots.csv").read_text(encoding="utf-8").splitlines()[1:]
        for cell in line.split(",")[2:]
    }
    long = {each for each in labels if len(each) > (4 if each.isascii() else 3)}
    return sorted({*OWN_WORDS, *long, *names} - COMMON - {"notice", "通报"})


def shown(folder: Path) -> dict[str, str]:
    """What a reader sees of every page, table, claim and brief; code aside."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".html", ".csv", ".txt", ".json") or "_static" in path.parts:
            continue
        text, name = path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix()
        if path.suffix == ".html":
            text = html.unescape(CODE.sub(" ", text))
        elif name == "claims.json":
            text = json.dumps([each["text"] for each in json.loads(text)], ensure_ascii=False)
        elif path.suffix == ".json":
            continue
        found[name] = " ".join(text.split())
    return found


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the foreign studies in place of the default one."""
    root = copy_repository(tmp_path_factory.mktemp("elsewhere") / "copy", SMALL)
    shutil.rmtree(root / "data" / SMALL)
    clinics(root)
    harbours(root)
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", [CLINICS, HARBOURS])
def test_nothing_said_of_the_default_study_is_said_of_another(elsewhere: Path, name: str) -> None:
    done = run_command(elsewhere, "report", STUDY=name)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = elsewhere / "build" / name / WAVE
    pages, own = shown(folder), words_of_the_default_study()
    assert len(pages) > 20
    # `find` in one case: a pattern that ignores it looks at each character of each page
    said = {
        f"{page}: {word!r} in {low[max(0, at - 40) : at + len(word) + 40]!r}"
        for page, low in ((page, text.lower()) for page, text in pages.items())
        for word in own
        if (at := low.find(word.lower())) >= 0
    }
    assert not said
    reading = {n: t for n, t in pages.items() if n.endswith(".html") and "/notebooks/" not in n}
    assert not [n for n, t in reading.items() if re.search(r"\b(nan|NaN|None(?! of)|0 of 0)\b", t)]
    # what cannot be answered takes its sentence with it, and what has nothing to list its heading
    assert not [
        n for n, t in reading.items() if "not calculated" in t.lower() and "/claims" not in n
    ]
    assert not [n for n, t in reading.items() if "What would settle it" in t]
    every = " ".join(pages.values())
    if name == CLINICS:
        assert "Coded by one person." in every
        assert "income of BRL 6000 a head (2020; 2019: 6000)" in every
        assert (folder / "en" / "pilots" / "arcos.html").is_file()
        # without stages and batches the strip has its other columns
        heads = (folder / "data" / "overview.strip.csv").read_text(encoding="utf-8").split()[0]
        assert {"named", "pilot", "unit", "reason"} <= {*heads.split(",")}
        assert not {"batch", "months", "stage", "other", "reached"} & {*heads.split(",")}
        strip = (folder / "en" / "index.html").read_text(encoding="utf-8").split("<figure")[1]
        assert all(f">{name}<" in strip for name in NAMES)
        assert not re.search("Batch|months|Preparing", strip)
    else:
        assert "Values from a register; no text was coded." in every
        # a parameter's value of that name is no word about the study
        told = "(?<!roles=)notice|(?<!被)通报"
        assert not [n for n, t in reading.items() if re.search(told, t, re.IGNORECASE)]
        assert not (folder / "en" / "pilots").exists()
        assert not list((folder / "notebooks").glob("pilot-*"))
        assert len(list((folder / "notebooks").glob("*.ipynb"))) < 10


def odd(make: Callable[..., Path], **how: Any) -> Any:
    return pytest.param(make, how, id="-".join(map(str, [make.__name__, *how.values()])))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "how"),
    [
        odd(harbours, units=1, every=1),
        odd(harbours, units=8, every=99),
        odd(harbours, units=8, every=1),
        odd(clinics, silent=True),
    ],
)
def test_an_odd_study_has_a_sensible_report(
    tmp_path: Path, make: Callable[..., Path], how: Any
) -> None:
    """One unit; none late; all late; a text that is silent on everything but who is late."""
    root = copy_repository(tmp_path / "copy", SMALL)
    shutil.rmtree(root / "data" / SMALL)
    make(root, "odd", **how)
    done = run_command(root, "report", STUDY="odd")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = root / "build" / "odd" / WAVE
    reading = {
        n: t for n, t in shown(folder).items() if n.endswith(".html") and "notebooks/" not in n
    }
    assert not [n for n, t in reading.items() if re.search(r"\b(nan|NaN|None(?! of)|0 of 0)\b", t)]
    # no sentence is filled with a refusal, and none has a place for what is not there
    broken = re.compile(
        r"[a-z:,：，] ?([Nn]ot calculated|未计算)|[a-z]: \.|[^\W\d]：。|\b1 pilots|Limits (?=Range,)|itself requires"
    )
    assert not [n for n, t in reading.items() if "claims" not in n and broken.search(t)]
    assert ("Facts from other sources" in reading["en/evidence.html"]) == (make is clinics)
    claims = {
        each["id"]: each["text"]["en"]
        for each in json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    }
    assert not [
        n for n, text in claims.items() if not text.strip() or "{" in text or "0 of 0" in text
    ]
    if how.get("every") == 99:
        assert claims["progress.slow-pilots"] == "None of the 8 pilots is registered as late."


@pytest.mark.parametrize(("units", "each"), [(MOST_EACH, True), (MOST_EACH + 1, False)])
def test_of_many_units_none_has_pages_or_sentences_of_its_own(
    tmp_path: Path, units: int, each: bool
) -> None:
    harbours(tmp_path, "many", units)
    study = load_study("many", WAVE, tmp_path)
    assert len(things(study, "pilot")) == (units if each else 0)
    assert {name: len(things(study, name)) for name in NOTEBOOKS if name != "pilot"}["known"] == 1
    made = Claims.each(study.pilots, lambda pilot: Claim(count(1), "{n}", pilot=pilot))
    assert isinstance(made, Claims) == each
    assert len(getattr(made, "claims", made)) == units


def test_what_a_study_lacks_has_no_notebook(tmp_path: Path) -> None:
    clinics(tmp_path)
    harbours(tmp_path, units=3, every=99)
    some, none = (load_study(name, WAVE, tmp_path) for name in (CLINICS, HARBOURS))
    lacking = {name for name in NOTEBOOKS if not things(some, name)}
    assert lacking == {"changes", "exposure"}
    assert {"silence", "configurations", "design"} <= {n for n in NOTEBOOKS if not things(none, n)}
    assert [some.pilot_name(pilot).root for pilot in some.pilots] == [
        {"en": name} for name in NAMES
    ]
