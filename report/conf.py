"""Sphinx settings of the report in one language; the build passes what differs in `site.json`."""

import json
import re
from pathlib import Path

from docutils.parsers.rst import directives
from markupsafe import escape

here = Path(__file__).resolve().parent
settings = json.loads((here / "site.json").read_text(encoding="utf-8"))

project = settings["title"]
language = settings["language"]
copyright = ""
extensions = ["myst_nb", "analysis.publish.sphinx_hooks"]
nb_execution_mode = "off"
nb_execution_show_tb = False
nb_code_prompt_show = settings["words"]["code.show"]
nb_code_prompt_hide = settings["words"]["code.hide"]
# prose, headings, lists, links and HTML: no text can be a role, a picture, a target or the like
myst_enable_extensions = []
myst_disable_syntax = [
    *("myst_role", "myst_target", "myst_block_break", "myst_line_comment", "table"),
    *("footnote_def", "footnote_ref", "image", "reference", "autolink", "code", "lheading"),
]
# a page with mathematics would ask another host for a program: there is none
mathjax_path = "none.js"
suppress_warnings = ["mystnb.mime_priority", "myst.header"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["report.css", "paper.css"]
html_theme = "pydata_sphinx_theme"
html_title = settings["title"]
html_show_sphinx = False
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False
html_last_updated_fmt = None
html_permalinks = False
html_use_index = False
# the one search language of `sphinx_hooks`, which splits Chinese too
html_search_language = "en"
# only the notebooks have pages of their own under a heading
listed = [name for group in settings["groups"] for name, _ in group["pages"]]
html_sidebars = {name: [] for page in listed for name in (page, f"{page}/*")}
html_sidebars |= {name: ["sidebar-nav-bs"] for name in ("notebooks", "notebooks/*")}
# the title and the banner as a style sheet quotes them
quoted = {
    name: re.sub(r'["\\<\n]', lambda sign: f"\\{ord(sign[0]):x} ", words)
    for name, words in (
        ("title", settings["title"]),
        ("banner", settings["joint"].join(settings["banner"])),
    )
}
html_context = {"default_mode": "auto", "site": settings, "quoted": quoted}
# not all templates of the theme escape it
html_context |= dict.fromkeys(["docstitle", "shorttitle"], escape(settings["title"]))
html_theme_options = {
    "logo": {"text": settings["words"]["short_title"]},
    "header_links_before_dropdown": 8,
    "navbar_align": "left",
    "navbar_center": ["menu.html"],
    "navbar_end": ["theme-switcher.html"],
    "navbar_persistent": ["language-link.html", "search-button.html"],
    "search_bar_text": settings["words"]["search.placeholder"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["report-footer.html"],
    "footer_end": [],
    "show_prev_next": False,
    "back_to_top_button": False,
}


def setup(app):
    """Register what is done when the pages are written; no directive but one does anything."""
    app.connect("build-finished", write_plurals)
    known = directives.directive
    directives.directive = lambda name, *more: (
        known(name, *more) if name == "toctree" else (None, [])
    )


def write_plurals(app, error):
    """Write a language's rule of plurals into Sphinx's program, where it is made of a text.

    The policy of the pages lets no program be made of a text.
    """
    static = Path(app.outdir, "_static")
    program, words = static / "doctools.js", static / "translations.js"
    if error is None and words.is_file():
        rule = re.search(r'"plural_expr": "([^"]*)"', words.read_text(encoding="utf-8"))[1]
        text = program.read_text(encoding="utf-8")
        text = re.sub(r"new Function\([^;]*\);", f"(n) => Number({rule});", text)
        program.write_text(text, encoding="utf-8")
