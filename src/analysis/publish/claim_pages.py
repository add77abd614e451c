"""A page for each claim, in each language, and the lists by which claims are found.

Written straight from light templates after the same structure as `explain` shows (`chain`): there
are many. What many share stands once: functions on `functions`, the claims of a row on `rows`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel import Locale
from markupsafe import Markup

from analysis.exhibits.coded import STATUSES
from analysis.publish.chain import FACTS, Entry, chain, table
from analysis.publish.executed import anchor, evidence_page
from analysis.publish.exports import write_rows
from analysis.publish.fact_tables import coded_words, fact_words
from analysis.publish.pages import Pages
from analysis.publish.rendering import without_unseen
from analysis.publish.site import TAGS
from analysis.study import CODINGS, root

# rows that a page shows, and characters of functions; whose text it shows, where fewer claims than
# so many use them
MOST_ROWS, MOST_TEXT, MANY = 60, 12_000, 25
METHODS = "src/smalln/"
# how a page shows a number of a claim, and of which
_SHOWN = re.compile(r'<a class="num"[^>]* href="(?:\.\./)*claims/([^"]+)\.html"')
Chains = Mapping[str, Mapping[str, Any]]
Shown = Mapping[str, list[str]]


def chains_of(pages: Pages) -> Chains:
    """Return what each claim of a report rests on, by id."""
    name, texts = pages.study.name, pages.texts
    return {key: chain(root(), name, entry, texts) for key, entry in pages.claims.items()}


def shown_on(source: Path) -> Shown:
    """Return the pages that show a number of a claim, by claim; `source`: a site's as written."""
    shown = defaultdict[str, list[str]](list)
    for path in sorted(source.rglob("*.md")):
        page = path.relative_to(source).with_suffix("").as_posix()
        for claim in dict.fromkeys(_SHOWN.findall(path.read_text(encoding="utf-8"))):
            shown[claim].append(page)
    return shown


def write_exhibits(path: Path, chains: Chains, shown: Shown) -> None:
    """Write the list of claims that data editors ask for: where each is shown, what made it."""
    heads = ("claim", "pages", "notebook", "cell", "functions", "output")
    rows = [
        (
            name,
            "; ".join(shown.get(name, ())),
            f"notebooks/{each['notebook']}.ipynb",
            each["cell"],
            "; ".join("{name} {file}:{line}".format(**f) for f in each["functions"]),
            f"notebooks/{name.split('.', 1)[0]}.ipynb",
        )
        for name, each in chains.items()
    ]
    write_rows(path, heads, rows)


def write_claim_pages(folder: Path, pages: Pages, chains: Chains, shown: Shown) -> None:
    """Write `claims/` of the site of one language: each claim, `rows` and `functions`.

    `folder`: of the report; `shown`: as of `shown_on`.
    """
    place, writer = folder / pages.language / "claims", _Writer(pages, chains)
    place.mkdir(parents=True)
    written: list[tuple[str, str, Any]] = [("rows", "claim-rows", {"groups": writer.resting()})]
    written += [("functions", "claim-functions", {"functions": writer.functions.values()})]
    written += [(n, "claim", writer.claim(c) | {"on": shown.get(n)}) for n, c in chains.items()]
    for name, template, more in written:
        filled = without_unseen(writer.fill(template, name=name, **more))
        (place / f"{name}.html").write_text(filled + "\n", encoding="utf-8", newline="\n")


def _place(each: Entry) -> tuple[str, int]:
    """Return file and line of a function or a row."""
    return each["file"], each["line"]


class _Writer:
    """What the pages of one language are filled from; what several show is worked out once."""

    def __init__(self, pages: Pages, chains: Chains) -> None:
        self.pages, self.chains, lang = pages, chains, pages.language
        self.rows, first = dict[tuple[str, int], Markup](), pages.study.languages[0]
        called = [(_place(f), f) for each in chains.values() for f in each["functions"]]
        uses = Counter(place for place, _ in called)
        every = enumerate(sorted(dict(called).items()))
        self.functions = {at: {**each, "at": n, "uses": uses[at]} for n, (at, each) in every}
        notes = table(pages.study.folder / "passes" / f"notes_{lang}.csv").values()
        self.given = {
            "t": pages.template(f"text/{pages.folder}/claim.html").module,
            "pages": pages,
            "tags": {other: TAGS.get(other, other) for other in pages.study.languages},
            "twins": {o: Locale(o).display_name for o in pages.study.languages if o != lang},
            "banner": pages.joint.join(pages.banner()),
            "titles": {place: Markup(name) for name, place in pages.places.items()},
            "words": pages.words,
            "statuses": {name: pages.say(words) for name, words in STATUSES.items()},
            # what coders wrote in the first language -> in this one
            "translated": {row[f"note_{first}"]: row[f"note_{lang}"] for row in notes},
        }

    def fill(self, template: str, **more: Any) -> str:
        """Fill a template that all languages share."""
        return self.pages.template(f"templates/{template}.html").render(self.given, **more)

    def claim(self, entry: Entry) -> dict[str, Any]:
        """Return what the page of a claim shows beside its chain.

        `groups`: rows by what is coded, those told and those not reported; `functions`: which have
        their text on the page (`here`), methods that few claims share, up to so many characters.
        """
        told = [row for row in entry["rows"] if not row["key"]]
        groups: dict[str, tuple[list[Any], list[Any]]] = {}
        for row in told[:MOST_ROWS]:
            quiet = row["end"] == "silent" and not row["others"]
            group = groups.setdefault(self.group(row), ([], []))
            group[quiet].append((self.row(row, quiet), row["assumed"]))
        functions, left = list[dict[str, Any]](), MOST_TEXT
        for each in entry["functions"]:
            known = self.functions[_place(each)]
            method = METHODS in each["file"] and known["uses"] < MANY
            left -= len(each["text"]) if method else 0
            functions.append({**known, "for": each["for"], "here": method and left >= 0})
        more = max(0, len(told) - MOST_ROWS)
        return {"found": entry, "groups": groups, "functions": functions, "more": more}

    def group(self, row: Entry) -> str:
        """Return under which heading a row stands: what is coded, or of which file it is."""
        if row["file"] == CODINGS:
            return self.pages.say(self.pages.study.variable(row["variable"]).label)
        return self.pages.words.get(f"file.{row['file']}") or str(row["file"])

    def link(self, row: Entry) -> str:
        """Return the address of a row on its page of evidence; none where it has none."""
        page = evidence_page(row["file"], row["pilot_id"] or "")
        anchored = not row["key"] and row["file"] in (CODINGS, "projects.csv", *FACTS)
        if not anchored or not (page == "evidence" or self.pages.things["evidence"]):
            return ""
        return f"../{page}.html#{anchor(row['file'], row['line'])}"

    def row(self, row: Entry, quiet: bool) -> Markup:
        """Return a row of evidence; of one that is `quiet` the name of the pilot alone."""
        place = _place(row)
        if place not in self.rows:
            study = self.pages.study
            filled = self.fill(
                "claim-row",
                row=row,
                quiet=quiet,
                link=self.link(row),
                said=coded_words(study).get(row["line"], {}) if row["file"] == CODINGS else {},
                facts=fact_words(self.pages, row["held"]) if row["basis"] else {},
            )
            self.rows[place] = Markup(filled)
        return self.rows[place]

    def resting(self) -> Iterator[tuple[str, list[str], list[tuple[str, Entry, list[str]]]]]:
        """Yield by what is coded, or by file: claims that rest on every row, then each row.

        Of a row: its address, itself, and the claims that rest on it besides.
        """
        claims = defaultdict[str, dict[str, tuple[Entry, list[str]]]](dict)
        for name, entry in self.chains.items():
            for row in filter(self.link, entry["rows"]):
                claims[self.group(row)].setdefault(self.link(row), (row, []))[1].append(name)
        for group, rows in claims.items():
            common = set.intersection(*(set(names) for _, names in rows.values()))
            own = [
                (link, row, [name for name in names if name not in common])
                for link, (row, names) in rows.items()
            ]
            yield group, sorted(common), own
