"""A table in every language: caption, column heads with scope, a scrollable region, and its CSV.

And the line in every picture: what the text is, as of when, not official.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

import jinja2
import pandas as pd
from markupsafe import Markup

from analysis.claims.cell import bundle, languages, watching
from analysis.claims.words import Joined, Message, Month, _, one_line, say, translated
from analysis.exhibits import LINKS
from analysis.exhibits.coded import coded_rows, document, in_each
from analysis.study.study import Study

SIMULATED = _("Simulated data: every pilot, every value and the notice are made up.")
REGISTER = _("Values from a register; no text was coded.")
# who coded, by how many models and persons there are, of several 2
CODERS = {
    (1, 0): _("one language model"),
    (2, 0): _("several language models"),
    (0, 1): _("one person"),
    (0, 2): _("several persons"),
}
NOT_OFFICIAL = _(
    "A research report, not an official document. Not a basis for assessment or accountability."
)
UNOFFICIAL = _("A research report, not an official document.")
# names of tests and intervals, by the index of `smalln.error_rates`
METHODS = {
    "fisher": _("Fisher, two groups"),
    "boschloo": _("Boschloo, two groups"),
    "rank_sum": _("permutation of ranks, two groups"),
    "mean_difference": _("permutation of means, two groups"),
    "freeman_halton": _("Freeman-Halton, all types"),
    "stratified": _("exact within strata, two groups"),
    "min_p": _("smallest p over all two-way groupings"),
    "clopper-pearson": _("Clopper-Pearson, a share"),
    "wilson": _("Wilson, a share"),
    "newcombe": _("Newcombe, a difference"),
    "miettinen-nurminen": _("Miettinen-Nurminen, a difference"),
    "koopman": _("Koopman, a ratio"),
}
# the one way a table is written, here and on the pages; a cell is text, or Markup of its own
HTML = jinja2.Environment(
    autoescape=True, finalize=one_line, trim_blocks=True, lstrip_blocks=True
).from_string(
    """\
<div class="table-region" role="region" aria-label="{{ title }}" tabindex="0">
<table class="analysis"><caption>{{ title }}</caption>
<thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}
<tr{% if ids %} id="{{ ids[loop.index0] }}"{% endif %}><th scope="row">{{ row[0] }}</th>
{%- for cell in row[1:] %}<td{% if heads[4:] %} data-head="{{ heads[loop.index] }}"{% endif %}>
{{- cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% if source %}<p class="source">{{ source }}</p>{% endif %}
"""
)


def as_of(study: Study) -> Message:
    """Return as of when everything here holds."""
    month = Month(study.declared.waves[study.wave].month)
    return _("Position as of {month}. Later rectification is not included.", month=month)


def coded_by(study: Study) -> Message:
    """Return who coded the text how often, and whether a person has reviewed that."""
    n, *coders = study.coders()
    if not n:
        return REGISTER
    models, persons = (min(2, each) for each in coders)
    who = CODERS.get((models, persons), _("language models and persons"))
    if n > sum(coders):
        who = _("{who} ({n} passes)", who=who, n=n)
    if persons or study.declared.reviewed_by_person:
        return _("Coded by {who}.", who=who)
    return _("Coded by {who}; no person has reviewed it yet.", who=who)


def text_source(study: Study) -> Message:
    """Return what the study's text is: made up, at hand only as it is declared, or its title."""
    pages = study.declared.pages
    if study.declared.simulated:
        return SIMULATED
    if pages.seen_as:
        return _("Source: {seen_as}; the original was not available.", seen_as=pages.seen_as)
    title = pages.document_title or in_each(study, study.source().to_dict(), "title")
    return _("Source: {title}.", title=title)


def source_line(besides: Iterable[Message] = ()) -> Joined:
    """Return the source line of the watched study's figures, what is `besides` the text first."""
    if (watched := watching()) is None:
        return Joined([])
    return Joined([*besides, text_source(watched.study), as_of(watched.study), UNOFFICIAL])


class Written(NamedTuple):
    """A table in one language; its cells are text, or Markup. `ids`: of its rows, for links."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    source: str = ""
    ids: Sequence[str] = ()

    def __html__(self) -> str:
        return HTML.render(self._asdict()) if self.rows else ""

    def texts(self) -> list[list[str]]:
        """Return its rows as text alone, each cell one line."""
        return [
            [each.striptags() if isinstance(each, Markup) else one_line(each) for each in row]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Table:
    """Some columns of a frame under heads, a row of the frame a line.

    `columns`: column (or level of the index) -> its head, in the order shown. `kinds`: column ->
    how its numbers are written, as of `words.say`. A cell may hold words that know their languages.
    `source`: what stands under it, where that is not the study's text, which each page names. A
    frame without rows shows nothing, nor does a column without values.
    """

    frame: pd.DataFrame = field(repr=False)
    title: str | Message
    columns: Mapping[str, str | Message]
    kinds: Mapping[str, str] = field(default_factory=dict)
    source: str | Message = ""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self.frame.empty:
            return {"text/plain": ""}
        left = self.columns.keys() - set(self.frame)
        frame = self.frame.reset_index([name for name in self.frame.index.names if name in left])
        columns = {name: head for name, head in self.columns.items() if frame[name].notna().any()}
        cells = list(frame[list(columns)].itertuples(index=False, name=None))
        kinds = [self.kinds.get(name, "") for name in columns]
        titles = {lang: translated(lang, self.title) for lang in languages()}
        tables = {
            lang: Written(
                title,
                [translated(lang, head) for head in columns.values()],
                [list(map(say, row, repeat(lang), kinds)) for row in cells],
                translated(lang, self.source),
            )
            for lang, title in titles.items()
        }
        shown = {lang: f"{table.__html__()}{LINKS}" for lang, table in tables.items()}
        csv = {"names": [*columns], "rows": tables[languages()[0]].rows}
        kept = {lang: table._asdict() for lang, table in tables.items()}
        return bundle(shown, titles, csv=csv, titles=titles, tables=kept)


# --- tables of one factor that each notebook on one shows


def pilots_table(study: Study, factor: str) -> Table:
    """Return a row for each coding of a factor: pilot, value, how it is known, outcome."""
    variable, main = study.factor_declared(factor).coded.variable, study.declared.main_outcome
    outcome = study.outcome().map(lambda value: study.label(main, value))
    rows = coded_rows(study, variable=variable, silent=True)
    rows["outcome"] = study.codings(variable=variable)["pilot"].map(outcome)
    return Table(
        rows,
        title=_("The pilots, in the order of the {document}", document=document(study)),
        columns={
            "pilot": "Pilot",
            "value": "Value",
            "status": "How we know",
            "paragraph": "Paragraph",
            "outcome": "Outcome",
        },
    )


def collect_table(study: Study, factor: str) -> Table:
    """Return what the study's declaration says should be asked about a factor, a row each."""
    return Table(
        pd.DataFrame({"ask": study.factor_declared(factor).ask}),
        title="What to collect",
        columns={"ask": "To ask"},
        source="Suggested by this report.",
    )


def limits_table(study: Study, factor: str) -> Table:
    """Return the declared limits of what can be said of a factor, a row each."""
    return Table(
        pd.DataFrame({"limit": study.factor_declared(factor).limits}),
        title="What limits this page",
        columns={"limit": "Limit"},
    )
