"""A page for each claim, in each language, and the lists by which claims are found.

Written straight from light templates after the same structure as `explain` shows (`chain`): there
are many. What many claims share stands once: a function that more than `FEW` of them use on the
page `functions`, which claims rest on a row on the page `rows`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from babel import Locale
from markupsafe import Markup

from analysis.exhibits.coded import NOT_REPORTED, STATUSES
from analysis.publish.chain import FACTS, Entry, chain, source_address
from analysis.publish.executed import anchor, bundles, evidence_page, write_csv
from analysis.publish.fact_tables import coded_words, fact_words
from analysis.publish.pages import Pages, engine
from analysis.publish.site import TAGS
from analysis.study import CODINGS, root

# claims that may use a function whose text each of their pages repeats; rows that a page shows
FEW, MOST_ROWS = 8, 60
# how a page shows a number of a claim, and of which
_SHOWN = re.compile(r'<a class="num"[^>]* href="(?:\.\./)*claims/([^"]+)\.html"')
Chains = Mapping[str, Mapping[str, Any]]


def chains_of(pages: Pages) -> Chains:
    """Return what each claim of a report rests on, by id."""
    name, texts = pages.study.name, pages.texts
    return {key: chain(root(), name, entry, texts) for key, entry in pages.claims.items()}


def shown_on(source: Path) -> dict[str, list[str]]:
    """Return the pages that show a number of a claim, by claim; `source`: a site's as written."""
    shown = defaultdict[str, list[str]](list)
    for path in sorted(source.rglob("*.md")):
        page = path.relative_to(source).with_suffix("").as_posix()
        for claim in dict.fromkeys(_SHOWN.findall(path.read_text(encoding="utf-8"))):
            shown[claim].append(page)
    return dict(shown)


def write_exhibits(
    path: Path, pages: Pages, chains: Chains, shown: Mapping[str, list[str]]
) -> None:
    """Write the list of all that is shown, each claim, table and figure, with what made it."""
    run = {name.split(".", 1)[0]: each["notebook"] for name, each in chains.items()}
    rows = [
        {
            "kind": "claim",
            "claim": name,
            "pages": "; ".join(shown.get(name, [])),
            "notebook": f"notebooks/{each['notebook']}.ipynb",
            "cell": each["cell"],
            "functions": "; ".join("{name} {file}:{line}".format(**f) for f in each["functions"]),
            "output": f"notebooks/{name.split('.', 1)[0]}.ipynb",
        }
        for name, each in chains.items()
    ] + [
        {
            "kind": "figure" if "png" in content else "table",
            "claim": f"{page}.{cell}",
            "notebook": f"notebooks/{run.get(page, page)}.ipynb",
            "cell": cell,
            "output": f"data/{page}.{cell}.csv",
        }
        for page, notebook in pages.notebooks.items()
        for cell, content in bundles(notebook)
        if "csv" in content
    ]
    write_csv(path, pd.DataFrame(rows).fillna(""))


def write_claim_pages(
    folder: Path, pages: Pages, chains: Chains, shown: Mapping[str, list[str]]
) -> None:
    """Write `claims/` of the site of one language: each claim, `rows` and `functions`.

    `folder`: of the report; `shown`: as of `shown_on`.
    """
    place = folder / pages.language / "claims"
    place.mkdir(parents=True)
    writer = _Writer(pages, chains)
    for name, found in chains.items():
        writer.write(place, name, "claim", **writer.claim(found), on=shown.get(name, []))
    writer.write(place, "rows", "claim-rows", sets=writer.sets())
    writer.write(place, "functions", "claim-functions", functions=writer.shared)


class _Writer:
    """What the pages of one language are filled from; what several show is worked out once."""

    def __init__(self, pages: Pages, chains: Chains) -> None:
        self.pages, self.chains = pages, chains
        self.rows: dict[tuple[str, Any], Markup] = {}
        every = [f for found in chains.values() for f in found["functions"]]
        self.uses = Counter((f["file"], f["line"]) for f in every)
        once = {(f["file"], f["line"]): f for f in every}
        self.shared = [once[key] for key in sorted(once) if self.uses[key] > FEW]

    @cached_property
    def given(self) -> dict[str, Any]:
        """Return what every page is given."""
        pages = self.pages
        others = [lang for lang in pages.study.languages if lang != pages.language]
        return {
            "t": self.template(f"text/{pages.folder}/claim").module,
            "tag": TAGS.get(pages.language, pages.language),
            "twins": [(lang, TAGS.get(lang, lang), Locale(lang).display_name) for lang in others],
            "banner": pages.joint.join(pages.banner()),
            "line": " · ".join(pages.first_line()),
            "changed": pages.joint.join(pages.differences()),
            "site": pages.title,
            "words": pages.words,
            "lang": pages.language,
            "address": source_address(root()),
            "titles": {place: Markup(name) for name, place in pages.places.items()},
        }

    def template(self, name: str) -> jinja2.Template:
        """Return a template of HTML, or the words of one."""
        return engine(root() / "report", plain=True).get_template(f"{name}.html")

    def write(self, place: Path, name: str, template: str, **more: Any) -> None:
        """Write one page."""
        given = self.given | more | {"name": name}
        filled = self.template(f"templates/{template}").render(given)
        (place / f"{name}.html").write_text(filled + "\n", encoding="utf-8", newline="\n")

    def claim(self, found: Entry) -> dict[str, Any]:
        """Return what the page of a claim shows."""
        groups: dict[str, tuple[list[Any], list[Any]]] = {}
        for row in found["rows"][:MOST_ROWS]:
            quiet = row["end"] == "silent" and not row["others"]
            group = groups.setdefault(self.group(row), ([], []))
            group[quiet].append((self.row(row, quiet), row["assumed"]))
        return {
            "found": found,
            "page": found["id"].split(".", 1),
            "numbers": self.pages.numbers(found),
            "own": [f for f in found["functions"] if self.uses[f["file"], f["line"]] <= FEW],
            "others": [f for f in found["functions"] if self.uses[f["file"], f["line"]] > FEW],
            "lines": sum(f["lines"] for f in found["functions"]),
            "groups": groups,
            "more": max(0, len(found["rows"]) - MOST_ROWS),
        }

    def group(self, row: Entry) -> str:
        """Return under which heading a row stands: what is coded, or of which file it is."""
        if row["file"] == CODINGS and not row.get("key"):
            return self.pages.say(self.pages.study.variable(row["variable"]).label)
        return self.pages.words.get(f"file.{row['file']}") or str(row["file"])

    def link(self, row: Entry) -> str:
        """Return the address of a row on its page of evidence; none where it has none."""
        page = evidence_page(row["file"], row["pilot_id"] or "")
        anchored = not row.get("key") and row["file"] in (CODINGS, "projects.csv", *FACTS)
        if not anchored or not (page == "evidence" or self.pages.things["evidence"]):
            return ""
        return f"../{page}.html#{anchor(row['file'], row['line'])}"

    def row(self, row: Entry, quiet: bool) -> Markup:
        """Return a row of evidence; of one that is `quiet` the name of the pilot alone."""
        key = (row["file"], row.get("key") or row["line"])
        if key in self.rows:
            return self.rows[key]
        pages, held, coded = self.pages, row["held"], row["file"] == CODINGS and not row.get("key")
        said = coded_words(pages.study).get(row["line"], {}) if coded else {}
        levels = pages.study.variable(row["variable"]).levels if coded else {}
        others = [
            {
                "by": each["by"],
                "reason": each["reason"],
                "value": pages.say(levels.get(each["value"], each["value"] or NOT_REPORTED)),
                "status": pages.say(STATUSES[each["status"]]),
            }
            for each in row["others"]
        ]
        filled = self.template("templates/claim-row").render(
            self.given,
            row=row,
            quiet=quiet,
            link=self.link(row),
            said={name: pages.say(each) for name, each in said.items() if name.startswith("said_")},
            note=held.get(f"note_{pages.language}") or held.get("note", ""),
            facts=fact_words(pages, held) if row["basis"] else {},
            others=others,
        )
        self.rows[key] = Markup(filled)
        return self.rows[key]

    def sets(self) -> list[tuple[list[tuple[str, str, str]], tuple[str, ...]]]:
        """Return rows (anchor, address, name) with the claims that rest on them, by these."""
        rows, resting = dict[str, Entry](), defaultdict[str, list[str]](list)
        for name, found in self.chains.items():
            for row in filter(self.link, found["rows"]):
                key = anchor(row["file"], row["line"])
                rows[key] = row
                resting[key].append(name)
        sets = defaultdict[tuple[str, ...], list[tuple[str, str, str]]](list)
        for key, names in resting.items():
            row, pilot = rows[key], rows[key]["pilot_id"]
            known = pilot in self.pages.study.pilots
            who = self.pages.say(self.pages.study.pilot_name(pilot)) if known else pilot or ""
            about = f"{who}: {self.group(row)}" if row["file"] == CODINGS else f"{who} {key}"
            sets[tuple(names)].append((key, self.link(row), about))
        return [(each, names) for names, each in sets.items()]
