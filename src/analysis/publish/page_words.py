"""Words of the pages that stand in no text of their own: heads, labels, buttons."""

from analysis.claims.grades import PHRASES
from analysis.claims.words import Message, _
from analysis.exhibits.coded import SAID_OF_ALL

WORDS: dict[str, Message] = {
    **{f"grade.{name}": phrase for name, phrase in PHRASES.items()},
    "term.said_of_all": SAID_OF_ALL,
    "changed.stop": _("; ", context="between choices"),
    "evidence.comma": _(", ", context="between names"),
    "short_title": _("Why pilots lag"),
    "choose.open": _("Read in English"),
    "changed.title": _("Not the default report."),
    "changed.list": _(
        "Built under other choices: {changes}. Its numbers hold only under these choices."
    ),
    "choice.silence=absent": _("“not reported” is read as “no” (silence = absent)"),
    "choice.silence=absent_if_slow": _(
        "“not reported” is read as “no” for pilots named as slow only (silence = absent_if_slow)"
    ),
    "choice.window=fixed": _(
        "changes of leaders count in one fixed window for all pilots (window = fixed)"
    ),
    "choice.group=none": _("statements about a group count for no single pilot (group = none)"),
    "choice.roles=wider": _("changes of party secretaries count too (roles = wider)"),
    "choice.recalled=true": _("unverified values are used (recalled = True)"),
    "choice.parent=true": _("a parent's figure stands in for a missing own one (parent = True)"),
    "banner.label": _("About this report"),
    "print.page": _("Page {page} of {pages}"),
    "code.hide": _("Hide the code"),
    "notebooks.title": _("Notebooks"),
    "notebooks.intro": _(
        "Each page is one notebook as it was run. It answers one question. Every number on "
        "the other pages links to the cell that made it."
    ),
    "notebooks.single": _("The analysis"),
    "notebooks.factor": _("One page for each possible factor"),
    "notebooks.pilot": _("One page for each pilot"),
    "search.placeholder": _("Search this report"),
    "search.searching": _("Searching"),
    "search.results": _("Results"),
    "search.found": _("Places found: {n}"),
    "search.none": _(
        "Nothing found. A page is found if it holds every word asked for. Try fewer or shorter ones."
    ),
    "title.joined": _("{subject}: "),
    "evidence.projects": _("Projects named in the text"),
    "file.context.csv": _("Figures from other sources"),
    "file.leaders.csv": _("Time in office, by post (no names)"),
    "file.events.csv": _("Dated events (context, in no comparison)"),
    "file.rates.csv": _("How often mayors changed"),
    "fact.pilot_id": _("Pilot"),
    "fact.variable": _("Variable"),
    "fact.year": _("Year"),
    "fact.value": _("Value"),
    "fact.unit": _("Unit"),
    "fact.source_id": _("Source"),
    "fact.status": _("How we know"),
    "fact.role": _("Post"),
    "fact.holder_id": _("Holder"),
    "fact.start": _("Start"),
    "fact.end": _("End"),
    "fact.seen_first": _("First seen"),
    "fact.seen_last": _("Last seen"),
    "fact.population": _("Units counted"),
    "fact.event": _("Event"),
    "fact.date": _("Date"),
    "fact.pilot_id.national": _("the programme"),
    "fact.window_start": _("From"),
    "fact.window_end": _("To"),
    "fact.count": _("Number"),
    "fact.of": _("Of"),
    "fact.level": _("Whose"),
    "project.pilot": _("Pilot"),
    "project.project": _("Project"),
    "project.status": _("Status"),
    "project.paragraph": _("Paragraph"),
    "source.source_id": _("No."),
    "source.title": _("Title"),
    "source.issuer": _("Issuer"),
    "source.date": _("Date"),
    "source.address": _("Address"),
    "source.terms": _("Terms"),
    "theme.color_mode": _("Color mode"),
    "theme.system": _("System Settings"),
    "theme.breadcrumb": _("Breadcrumb"),
    "code.show": _("Show the code"),
    "fact.status.document": _("seen in a document"),
    "fact.status.missing": _("looked for, not found"),
    "fact.status.on_site": _("checked on site"),
    "fact.status.recalled": _("unverified"),
    "fact.status.self_reported": _("reported by the pilot"),
    "fact.status.verified": _("checked against its source"),
    "fact.status.verified_inferred": _("worked out from a checked source"),
    "fact.note": _("Note"),
    "fact.paragraph": _("Paragraph"),
    "table.source": _("Source"),
}
