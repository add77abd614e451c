"""Sphinx settings of the report in one language; the build passes what differs in `site.json`."""

import json
import logging
from pathlib import Path

here = Path(__file__).resolve().parent
site = json.loads((here / "site.json").read_text(encoding="utf-8"))

project = site["title"]
language = site["language"]
copyright = ""
extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_execution_show_tb = False
myst_enable_extensions = ["attrs_inline", "colon_fence"]
suppress_warnings = ["mystnb.mime_priority", "myst.header", "toc.not_included"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["report.css"]
html_theme = "pydata_sphinx_theme"
html_title = site["title"]
html_show_sphinx = False
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False
html_last_updated_fmt = None
html_context = {"default_mode": "auto", **site["context"]}
html_theme_options = {
    "logo": {"text": site["short_title"]},
    "announcement": site["banner"],
    "navbar_end": ["language.html", "theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "show_prev_next": False,
}
if language == "zh_CN":
    html_search_language = "zh"
    html_search_options = {"dict": str(here / "words.txt")}
    logging.getLogger("jieba").setLevel(logging.ERROR)
    import jieba

    jieba.setLogLevel(logging.ERROR)
